// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/state.h"

#include "core/models/nn/weights.h"
#include "core/tensor/safetensors.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

namespace diptych {

namespace {

constexpr const char* kRecordKey = "diptych_training";

OrderedJson pointJson(const TrainingPoint& point) {
    OrderedJson json = {{"step", point.step},
                        {"loss", point.loss},
                        {"learning_rate", point.learningRate},
                        {"gradient_norm", point.gradientNorm},
                        {"logit_scale", point.logitScale}};
    if (!point.accuracy.empty())
        json["accuracy"] = point.accuracy;
    return json;
}

TrainingPoint pointFrom(const Json& json, const std::string& where) {
    TrainingPoint point;
    point.step = jsonInt(json, "step", where);
    point.loss = jsonNumber(json, "loss", 0, where);
    point.learningRate = jsonNumber(json, "learning_rate", 0, where);
    point.gradientNorm = jsonNumber(json, "gradient_norm", 0, where);
    point.logitScale = jsonNumber(json, "logit_scale", 0, where);
    if (json.contains("accuracy")) {
        for (const auto& [id, value] : json.at("accuracy").items())
            point.accuracy[id] = value.get<double>();
    }
    return point;
}

OrderedJson recordJson(const TrainingRecord& record) {
    OrderedJson history = OrderedJson::array();
    for (const TrainingPoint& point : record.history)
        history.push_back(pointJson(point));
    return {{"recipe", record.recipe.toJson()},
            {"steps", record.steps},
            {"finished", record.finished},
            {"parameters", record.parameters},
            {"history", std::move(history)}};
}

TrainingRecord recordFrom(const Json& json, const std::string& where) {
    try {
        TrainingRecord record;
        record.recipe = TrainingRecipe::fromJson(json.at("recipe"), where);
        record.steps = jsonInt(json, "steps", where);
        record.finished = jsonBool(json, "finished", false, where);
        record.parameters = jsonInt(json, "parameters", 0, where);
        for (const Json& point : json.at("history"))
            record.history.push_back(pointFrom(point, where));
        return record;
    } catch (const Json::exception& error) {
        throw Error(ErrorCode::Corrupt, fmt::format("{}: not a training log: {}", where, error.what()));
    }
}

TensorView viewOf(const std::string& name, const at::Tensor& tensor) {
    DIPTYCH_ASSERT(tensor.scalar_type() == at::kFloat && tensor.is_contiguous());
    const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
    return {name, DType::F32, tensor.sizes().vec(), {data, static_cast<size_t>(tensor.nbytes())}};
}

} // namespace

void writeRecord(const std::filesystem::path& directory, const TrainingRecord& record) {
    writeFileAtomically(directory / kLogFile, recordJson(record).dump(1) + "\n");
}

std::optional<TrainingRecord> readRecord(const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / kLogFile;
    if (!std::filesystem::exists(path))
        return std::nullopt;
    return recordFrom(readJsonFile(path), displayPath(path));
}

void saveState(const std::filesystem::path& directory, const ParameterMap& parameters, const AdamW& optimizer,
               const TrainingRecord& record) {
    std::vector<TensorView> views;
    std::vector<at::Tensor> kept; // the views look into these
    for (const auto& [name, tensor] : parameters) {
        kept.push_back(tensor.detach().contiguous());
        views.push_back(viewOf("parameter/" + name, kept.back()));
    }
    for (const auto& [name, tensor] : optimizer.state())
        views.push_back(viewOf(name, tensor));
    writeSafetensors(directory / kStateFile, views, {{kRecordKey, recordJson(record).dump()}});
}

TrainingRecord restoreState(const std::filesystem::path& directory, const ParameterMap& parameters,
                            AdamW& optimizer) {
    const std::filesystem::path path = directory / kStateFile;
    const SafetensorsFile file(path);
    const auto found = file.metadata().find(kRecordKey);
    if (found == file.metadata().end())
        throw Error(ErrorCode::Corrupt, displayPath(path) + ": not a training state");
    TrainingRecord record = recordFrom(parseJson(found->second, displayPath(path)), displayPath(path));
    ParameterMap stored;
    for (const std::string& name : file.names())
        stored[name] = readWeight(*file.find(name), path);
    const at::NoGradGuard noGradients;
    for (const auto& [name, tensor] : parameters) {
        const auto value = stored.find("parameter/" + name);
        if (value == stored.end() || value->second.sizes() != tensor.sizes())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: lacks '{}' in the shape the recipe gives it",
                                                        displayPath(path), name));
        at::Tensor target = tensor.detach();
        target.copy_(value->second);
    }
    optimizer.restore(stored, record.steps);
    return record;
}

} // namespace diptych

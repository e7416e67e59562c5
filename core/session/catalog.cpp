// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/catalog.h"

#include "core/base/file.h"
#include "core/session/weight_hash_keeper.h"
#include "core/tasks/task.h"

#include <fmt/format.h>

namespace diptych {

SampleFilter inSplit(const std::string& split) {
    SampleFilter filter;
    if (!split.empty())
        filter.splits = {split};
    return filter;
}

DatasetInfo Catalog::dataset(const std::string& name) const {
    if (const auto found = m_workspace.findDataset(name))
        return *found;
    std::string known;
    for (const DatasetInfo& dataset : m_workspace.datasets())
        known += (known.empty() ? "" : ", ") + dataset.name;
    throw Error(ErrorCode::NotFound,
                fmt::format("There is no dataset '{}' in {}; {}", name, displayPath(m_workspace.path()),
                            known.empty() ? "import one first (diptych import)" : "it has: " + known));
}

ModelRecord Catalog::model(const std::string& name) const {
    if (const auto found = m_workspace.findModel(name))
        return *found;
    std::string known;
    for (const ModelRecord& model : m_workspace.models())
        known += (known.empty() ? "" : ", ") + model.name;
    throw Error(ErrorCode::NotFound, fmt::format("There is no model '{}' in {}, nor a checkpoint folder of "
                                                 "that name{}",
                                                 name, displayPath(m_workspace.path()),
                                                 known.empty() ? "" : "; it has: " + known));
}

ModelRecord Catalog::modelOrAdd(const std::string& nameOrDirectory, const RunContext& context) {
    std::error_code ignored;
    if (m_workspace.findModel(nameOrDirectory) || !std::filesystem::is_directory(nameOrDirectory, ignored))
        return model(nameOrDirectory);
    if (m_workspace.readOnly()) {
        const auto folder = std::filesystem::weakly_canonical(nameOrDirectory, ignored);
        for (ModelRecord& model : m_workspace.models())
            if (std::filesystem::weakly_canonical(model.directory, ignored) == folder)
                return std::move(model);
    }
    return m_workspace.model(addModel(nameOrDirectory, context));
}

ModelId Catalog::addModel(const std::filesystem::path& directory, const RunContext& context) {
    context.begin("Checking the checkpoint", 0);
    const auto checkpoint = Checkpoint::open(directory);
    const WeightHashKeeper keeper(m_workspace, *checkpoint);
    // Opened, not inspected alone: a checkpoint whose tokenizer or preprocessing is missing is found out here
    // rather than in the first run.
    const ModelInfo info = openModel(checkpoint, {})->info();
    return m_workspace.addModel(std::filesystem::absolute(checkpoint->directory()), checkpoint->name(),
                                info.toJson(), info.fingerprint);
}

void Catalog::requireFaces(const ModelRecord& model, const Faces& needed, const std::string& work,
                           bool clips) const {
    const auto lacks = [&](const ModelRecord& record) {
        return lacking(needed, ModelInfo::fromJson(record.info, "model " + record.name), clips);
    };
    const std::string why = lacks(model);
    if (why.empty())
        return;
    std::string fit;
    for (const ModelRecord& other : m_workspace.models())
        if (lacks(other).empty())
            fit += (fit.empty() ? "" : ", ") + other.name;
    throw Error(ErrorCode::Unsupported, fmt::format("{} cannot use model '{}': {}; {}", work, model.name, why,
                                                    fit.empty() ? "no model of this workspace fits"
                                                                : "models here that fit: " + fit));
}

} // namespace diptych

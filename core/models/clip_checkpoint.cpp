// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/clip_checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace diptych {
namespace {

/// "'a', 'b', 'c' and 12 more"
std::string firstFew(const std::vector<std::string>& names) {
    constexpr size_t kShown = 3;
    std::string text;
    for (size_t i = 0; i < std::min(kShown, names.size()); ++i)
        text += (i > 0 ? ", '" : "'") + toValidUtf8(names[i].substr(0, 120)) + "'";
    if (names.size() > kShown)
        text += fmt::format(" and {} more", names.size() - kShown);
    return text;
}

bool isFloatingPoint(DType dtype) {
    return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

bool holdsAny(const std::vector<std::string>& names, std::string_view prefix) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return name.starts_with(prefix); });
}

void refuseSingleTower(const Checkpoint& checkpoint, const std::vector<std::string>& present) {
    const bool vision = holdsAny(present, "vision_model."), text = holdsAny(present, "text_model.");
    if (vision == text)
        return;
    throw Error(
        ErrorCode::Unsupported,
        fmt::format("{}: holds only the {} tower; a CLIPModel with both towers and their projections is "
                    "needed to compare images with texts",
                    displayPath(checkpoint.fileOf("")), vision ? "image" : "text"));
}

[[noreturn]] void missingTensors(const Checkpoint& checkpoint, const std::vector<std::string>& missing,
                                 const std::vector<std::string>& extra) {
    std::string message =
        fmt::format("{}: {} missing: {}", displayPath(checkpoint.fileOf(missing.front())),
                    missing.size() == 1 ? "a tensor is" : fmt::format("{} tensors are", missing.size()),
                    firstFew(missing));
    if (!extra.empty())
        message +=
            fmt::format(". It has {} instead, which {} not known; is this another kind of model, or were "
                        "tensors renamed?",
                        firstFew(extra), extra.size() == 1 ? "is" : "are");
    else
        message += ". Does config.json belong to these weights?";
    throw Error(ErrorCode::NotFound, message);
}

void checkShapes(const Checkpoint& checkpoint, const std::vector<ParameterShape>& wanted) {
    std::vector<std::string> problems;
    std::filesystem::path file;
    for (const ParameterShape& parameter : wanted) {
        const TensorView& found = *checkpoint.find(parameter.name);
        std::string problem;
        if (found.shape != parameter.shape)
            problem = fmt::format("tensor '{}' has shape [{}], config.json needs [{}]", parameter.name,
                                  fmt::join(found.shape, ", "), fmt::join(parameter.shape, ", "));
        else if (!isFloatingPoint(found.dtype))
            problem =
                fmt::format("tensor '{}' is stored as {}; weights should be F32, F16 or BF16 (quantised "
                            "checkpoints are not read)",
                            parameter.name, dtypeName(found.dtype));
        if (problem.empty())
            continue;
        if (problems.empty())
            file = checkpoint.fileOf(parameter.name);
        problems.push_back(std::move(problem));
    }
    if (problems.empty())
        return;
    std::string message = fmt::format("{}: {}", displayPath(file), problems.front());
    if (problems.size() > 1)
        message += fmt::format(" ({} more tensors do not fit either)", problems.size() - 1);
    throw Error(ErrorCode::Corrupt, message);
}

} // namespace

void checkClipTensors(const Checkpoint& checkpoint, const ClipConfig& config) {
    const auto wanted = config.parameterShapes();
    const auto present = checkpoint.tensorNames();
    std::set<std::string> known;
    std::vector<std::string> missing, extra;
    for (const ParameterShape& parameter : wanted) {
        known.insert(parameter.name);
        if (!checkpoint.find(parameter.name))
            missing.push_back(parameter.name);
    }
    for (const std::string& name : present)
        // Older exporters kept these index tables; they are counted up from 0 and need not be read.
        if (!known.contains(name) && !name.ends_with("embeddings.position_ids"))
            extra.push_back(name);
    if (!missing.empty()) {
        refuseSingleTower(checkpoint, present);
        missingTensors(checkpoint, missing, extra);
    }
    checkShapes(checkpoint, wanted);
    // Other tensors beside a complete CLIP do no harm, but a layer more than config.json tells of would.
    std::erase_if(extra, [](const std::string& name) {
        return !name.starts_with("vision_model.") && !name.starts_with("text_model.");
    });
    if (!extra.empty())
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{}: has {}, for which config.json leaves no place; it describes a smaller model",
                        displayPath(checkpoint.fileOf(extra.front())), firstFew(extra)));
}

} // namespace diptych

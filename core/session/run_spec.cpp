// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/prompt_variants.h"
#include "core/session/session.h"

#include <fmt/format.h>

namespace diptych {
namespace {

/// Quoted for a POSIX shell where it needs to be.
std::string shellQuoted(const std::string& text) {
    const bool plain =
        !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789_-./:=,+@%") == std::string::npos;
    if (plain)
        return text;
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string optionName(std::string id) {
    for (char& c : id)
        if (c == '_')
            c = '-';
    return id;
}

std::string optionValue(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

} // namespace

std::string_view labelsName(Labels labels) {
    return labels == Labels::Corrected ? "corrected" : "imported";
}

Labels parseLabels(std::string_view name) {
    for (const Labels labels : {Labels::Imported, Labels::Corrected})
        if (name == labelsName(labels))
            return labels;
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("Labels are 'imported' or 'corrected', not '{}'", name));
}

Json RunSpec::toJson() const {
    Json json{{"task", task},
              {"dataset", dataset},
              {"model", model},
              {"device", deviceName(device)},
              {"precision", precisionName(precision)},
              {"alpha", alphaName(alpha)},
              {"split", split},
              {"params", params},
              {"seed", seed}};
    if (labels != Labels::Imported) // runs of earlier versions have no such member
        json["labels"] = labelsName(labels);
    if (!samples.all())
        json["samples"] = samples.toJson();
    return json;
}

RunSpec RunSpec::fromJson(const Json& json, std::string_view where) {
    RunSpec spec;
    spec.task = jsonString(json, "task", where);
    spec.dataset = jsonString(json, "dataset", where);
    spec.model = jsonString(json, "model", where);
    spec.device = parseDevice(jsonString(json, "device", "auto", where));
    spec.precision = parsePrecision(jsonString(json, "precision", "auto", where));
    spec.alpha = parseAlpha(jsonString(json, "alpha", "drop", where));
    spec.split = jsonString(json, "split", "", where);
    spec.labels = parseLabels(jsonString(json, "labels", "imported", where));
    if (const auto found = json.find("samples"); found != json.end())
        spec.samples = RunSamples::fromJson(*found, where);
    if (const auto found = json.find("params"); found != json.end() && found->is_object())
        spec.params = *found;
    // The whole range of 64 bits, which a signed number does not have.
    if (const auto found = json.find("seed"); found != json.end() && found->is_number_unsigned())
        spec.seed = found->get<uint64_t>();
    else
        spec.seed = static_cast<uint64_t>(jsonInt(json, "seed", 0, where));
    return spec;
}

std::string RunSpec::command(const std::filesystem::path& workspace) const {
    std::string out =
        fmt::format("diptych eval {} --workspace {} --dataset {} --model {}", task,
                    shellQuoted(displayPath(workspace)), shellQuoted(dataset), shellQuoted(model));
    if (device != Device::Auto)
        out += fmt::format(" --device {}", deviceName(device));
    if (precision != Precision::Auto)
        out += fmt::format(" --precision {}", precisionName(precision));
    if (alpha != Alpha::Drop)
        out += fmt::format(" --alpha {}", alphaName(alpha));
    if (!split.empty())
        out += " --split " + shellQuoted(split);
    if (labels != Labels::Imported)
        out += fmt::format(" --labels {}", labelsName(labels));
    if (const auto options = sampleOptions(samples)) {
        for (const auto& [option, value] : *options)
            out += " " + option + (value.empty() ? "" : " " + shellQuoted(value));
    } else {
        out += " --samples " + shellQuoted(displayPath(sampleListFile(samples, workspace)));
    }
    if (seed != 0)
        out += fmt::format(" --seed {}", seed);
    for (const auto& [key, value] : params.items())
        out += fmt::format(
            " --{} {}", optionName(key),
            shellQuoted(value.is_object() ? displayPath(promptFile(value, workspace)) : optionValue(value)));
    return out;
}

} // namespace diptych

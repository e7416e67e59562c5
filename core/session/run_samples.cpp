// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_samples.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/text_source.h"
#include "core/results/json_read.h"
#include "core/store/sample_filter_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace diptych {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

/// "2 to 5", "2 and more", "up to 5"
std::string rangeText(const Json& range) {
    const Json &least = itemOf(range, 0), &most = itemOf(range, 1);
    if (least.is_number() && most.is_number())
        return fmt::format("{} to {}", least.get<double>(), most.get<double>());
    return least.is_number() ? fmt::format("{} and more", least.get<double>())
                             : fmt::format("up to {}", numberOf(most));
}

/// Names with "or" between them; @p none stands for what is null or empty.
std::string anyOf(const Json& list, const std::string& none) {
    std::vector<std::string> names;
    for (const Json& item : list)
        names.push_back(textOf(item).empty() ? none : textOf(item));
    return fmt::format("{}", fmt::join(names, " or "));
}

std::string outcomeText(const Json& run) {
    std::string text = fmt::format("run {} has a result for", wholeOf(memberOf(run, "id")));
    const Json& correct = memberOf(run, "correct");
    if (correct.is_boolean())
        text = fmt::format("run {} got {}", wholeOf(memberOf(run, "id")),
                           correct.get<bool>() ? "right" : "wrong");
    if (const Json& predicted = memberOf(run, "predicted"); !predicted.is_null())
        text += ", with certain predictions";
    if (const Json& confidence = memberOf(run, "confidence"); !confidence.is_null())
        text += ", with a score of " + rangeText(confidence);
    return "that " + text;
}

void describeInto(std::vector<std::string>& words, const Json& filter) {
    if (const Json& classes = listOf(filter, "classes"); !classes.empty())
        words.push_back("class " + anyOf(classes, "none"));
    for (const auto& [column, values] : memberOf(filter, "columns").items())
        words.push_back(fmt::format("{} = {}", column, anyOf(values, "nothing")));
    for (const auto& [column, range] : memberOf(filter, "ranges").items())
        words.push_back(fmt::format("{} {}", column, rangeText(range)));
    if (const Json& tags = listOf(filter, "tags"); !tags.empty())
        words.push_back("tagged " + anyOf(tags, "nothing"));
    if (const Json& splits = listOf(filter, "splits"); !splits.empty())
        words.push_back("split " + anyOf(splits, "none"));
    if (memberOf(filter, "noted") == Json(true))
        words.push_back("with a note");
    if (const std::string text = textOf(memberOf(filter, "text")); !text.empty())
        words.push_back(fmt::format("with “{}”", text));
    if (const Json& run = memberOf(filter, "run"); run.is_object())
        words.push_back(outcomeText(run));
}

bool outcomeOptions(Options& options, const Json& run) {
    if (!run.is_object())
        return true;
    if (!memberOf(run, "predicted").is_null()) // classes of that run, which only it can name
        return false;
    options.emplace_back("--run", std::to_string(wholeOf(memberOf(run, "id"))));
    if (const Json& correct = memberOf(run, "correct"); correct.is_boolean())
        options.emplace_back(correct.get<bool>() ? "--right" : "--wrong", "");
    const Json& confidence = memberOf(run, "confidence");
    if (const Json& least = itemOf(confidence, 0); least.is_number())
        options.emplace_back("--least-confidence", fmt::format("{}", least.get<double>()));
    if (const Json& most = itemOf(confidence, 1); most.is_number())
        options.emplace_back("--most-confidence", fmt::format("{}", most.get<double>()));
    return true;
}

bool filterOptions(Options& options, const Json& filter) {
    for (const Json& name : listOf(filter, "classes")) {
        if (!name.is_string()) // without a class: there is no option for that
            return false;
        options.emplace_back("--class", textOf(name));
    }
    for (const auto& [column, values] : memberOf(filter, "columns").items())
        for (const Json& value : values)
            options.emplace_back("--where", column + "=" + textOf(value));
    for (const auto& [column, range] : memberOf(filter, "ranges").items()) {
        if (const Json& least = itemOf(range, 0); least.is_number())
            options.emplace_back("--where", fmt::format("{}>={}", column, least.get<double>()));
        if (const Json& most = itemOf(range, 1); most.is_number())
            options.emplace_back("--where", fmt::format("{}<={}", column, most.get<double>()));
    }
    for (const Json& tag : listOf(filter, "tags"))
        textOf(tag).empty() ? options.emplace_back("--untagged", "")
                            : options.emplace_back("--tagged", textOf(tag));
    for (const Json& split : listOf(filter, "splits"))
        options.emplace_back("--split", textOf(split));
    if (memberOf(filter, "noted") == Json(true))
        options.emplace_back("--noted", "");
    if (const std::string text = textOf(memberOf(filter, "text")); !text.empty())
        options.emplace_back("--text", text);
    return outcomeOptions(options, memberOf(filter, "run"));
}

std::vector<std::string> keysOf(std::span<const SampleId> ids, const Workspace& workspace) {
    std::vector<std::string> keys;
    keys.reserve(ids.size());
    for (Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        keys.push_back(std::move(sample.key));
    return keys;
}

void keepMembers(std::vector<SampleId>& ids, const std::vector<SampleId>& members) {
    const std::unordered_set<SampleId> set(members.begin(), members.end());
    std::erase_if(ids, [&](SampleId id) { return !set.contains(id); });
}

void keepNamed(std::vector<SampleId>& ids, const std::vector<std::string>& keys, const Workspace& workspace,
               DatasetId dataset) {
    std::unordered_map<std::string, SampleId> byKey;
    for (const Sample& sample : workspace.samples(workspace.sampleIds(dataset), SampleDetail::Basic))
        byKey.emplace(sample.key, sample.id);
    std::vector<SampleId> named;
    for (const std::string& key : keys) {
        const auto found = byKey.find(key);
        if (found == byKey.end())
            throw Error(ErrorCode::NotFound,
                        fmt::format("Dataset '{}' has no sample '{}' any more, which is among the {} named",
                                    workspace.dataset(dataset).name, key, keys.size()));
        named.push_back(found->second);
    }
    keepMembers(ids, named);
}

} // namespace

Json RunSamples::toJson() const {
    Json json = Json::object();
    if (!filters.empty())
        json["filters"] = filters;
    if (!keys.empty())
        json["keys"] = keys;
    if (!title.empty())
        json["title"] = title;
    return json;
}

RunSamples RunSamples::fromJson(const Json& json, std::string_view where) {
    RunSamples samples;
    try {
        if (json.contains("filters"))
            samples.filters = json.at("filters").get<std::vector<Json>>();
        if (json.contains("keys"))
            samples.keys = json.at("keys").get<std::vector<std::string>>();
        samples.title = json.value("title", "");
    } catch (const Json::exception& error) {
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: 'samples' says nothing clear: {}", where, error.what()));
    }
    return samples;
}

RunSamples resolved(RunSamples samples, const Workspace& workspace, DatasetId dataset) {
    SampleFilter filter = std::exchange(samples.filter, {});
    std::vector<SampleId> ids = std::exchange(samples.ids, {});
    if (filter.selection) {
        std::vector<SampleId> found = workspace.sampleIds(dataset, filter);
        if (found.empty())
            throw Error(ErrorCode::NotFound, "The saved selection holds no sample of the dataset");
        const std::string name = fmt::format("saved selection “{}”", workspace.view(filter.selection).name);
        std::vector<std::string> words = {name};
        if (!samples.title.empty())
            words.insert(words.begin(), samples.title);
        if (ids.empty())
            ids = std::move(found);
        else
            keepMembers(ids, found);
        if (ids.empty())
            throw Error(ErrorCode::NotFound,
                        fmt::format("Dataset '{}' has no samples that are both in the list and in the {}",
                                    workspace.dataset(dataset).name, name));
        filter.selection = {};
        describeInto(words, sampleFilterJson(filter, workspace.classNames(dataset)));
        samples.title = fmt::format("{}", fmt::join(words, ", "));
        filter = {};
    }
    if (Json json = sampleFilterJson(filter, workspace.classNames(dataset)); !json.empty())
        samples.filters.push_back(std::move(json));
    if (!ids.empty())
        samples.keys = keysOf(ids, workspace);
    return samples;
}

std::vector<SampleId> runSampleIds(const Workspace& workspace, DatasetId dataset, const std::string& split,
                                   const RunSamples& samples) {
    SampleFilter inSplit;
    if (!split.empty())
        inSplit.splits = {split};
    std::vector<SampleId> ids = workspace.sampleIds(dataset, inSplit);
    const std::string name = workspace.dataset(dataset).name;
    if (ids.empty() && !split.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no samples in split '{}'", name, split));
    if (samples.all())
        return ids;
    const std::vector<std::string> classNames = workspace.classNames(dataset);
    for (const Json& filter : samples.filters)
        keepMembers(ids, workspace.sampleIds(
                             dataset, sampleFilterFromJson(filter, classNames, "The choice of samples")));
    if (!samples.keys.empty())
        keepNamed(ids, samples.keys, workspace, dataset);
    if (ids.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("Dataset '{}' has no samples {}{}", name, describe(samples),
                                split.empty() ? "" : fmt::format(" in split '{}'", split)));
    return ids;
}

std::string describe(const RunSamples& samples) {
    std::vector<std::string> words;
    for (const Json& filter : samples.filters)
        describeInto(words, filter);
    if (!samples.keys.empty() && !samples.title.empty())
        words.push_back(samples.title);
    else if (samples.keys.size() == 1)
        words.push_back(samples.keys.front());
    else if (!samples.keys.empty())
        words.push_back(fmt::format("{} named samples", samples.keys.size()));
    return fmt::format("{}", fmt::join(words, ", "));
}

std::optional<Options> sampleOptions(const RunSamples& samples) {
    Options options;
    if (!samples.keys.empty() || samples.filters.size() > 1)
        return std::nullopt;
    for (const Json& filter : samples.filters)
        if (!filterOptions(options, filter))
            return std::nullopt;
    return options;
}

std::filesystem::path sampleListFile(const RunSamples& samples, const std::filesystem::path& workspace) {
    return workspace / "lists" / (hashText(fmt::format("{}", fmt::join(samples.keys, "\n"))).hex() + ".txt");
}

RunSamples readSampleList(const std::filesystem::path& file, const Workspace& workspace, DatasetId dataset) {
    TextSource source(file);
    std::string text;
    while (source.read(text)) {
    }
    std::unordered_map<std::string, const std::string*> known;
    const auto samples = workspace.samples(workspace.sampleIds(dataset), SampleDetail::Basic);
    for (const Sample& sample : samples) {
        known.emplace(sample.path.native(), &sample.key);
        known[sample.key] = &sample.key;
    }
    RunSamples out;
    std::unordered_set<std::string> seen;
    size_t line = 0, start = 0;
    while (start < text.size()) {
        const size_t end = std::min(text.find('\n', start), text.size());
        std::string entry = text.substr(start, end - start);
        start = end + 1;
        ++line;
        if (entry.ends_with('\r'))
            entry.pop_back();
        if (entry.empty())
            continue;
        const auto found = known.find(entry);
        if (found == known.end())
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{}, line {}: dataset '{}' has no sample of the name or path '{}'",
                                    displayPath(file), line, workspace.dataset(dataset).name, entry));
        if (seen.insert(*found->second).second)
            out.keys.push_back(*found->second);
    }
    if (out.keys.empty())
        throw Error(ErrorCode::InvalidArgument, displayPath(file) + " names no sample");
    return out;
}

} // namespace diptych

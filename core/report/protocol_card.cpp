// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/protocol_card.h"

#include "core/report/clip_benchmark_rules.h"
#include "core/results/json_read.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr const char* kNotRecorded = "not recorded";

std::string orNotRecorded(std::string text) {
    return text.empty() ? kNotRecorded : text;
}

std::string textAt(const Json& object, const char* key) {
    return orNotRecorded(textOf(memberOf(object, key)));
}

/// What an object does not name is not done; without the object it is not known.
std::string stepAt(const Json& steps, const char* key) {
    if (!steps.contains("resize") && !steps.contains("mean") && !steps.contains("crop"))
        return kNotRecorded;
    const std::string text = textOf(memberOf(steps, key));
    return text.empty() ? "none" : text;
}

std::string numbersText(const Json& list) {
    std::vector<std::string> parts;
    if (list.is_array())
        for (const Json& value : list)
            if (value.is_number())
                parts.push_back(value.dump());
    return fmt::format("{}", fmt::join(parts, ", "));
}

ProtocolGroup modelGroup(const RunRecord& run, const Json& model) {
    ProtocolGroup group{"Model", {}};
    group.rows = {{"Model", run.modelName},
                  {"Family", textAt(model, "family")},
                  {"Hash of weights and configuration", orNotRecorded(run.modelFingerprint)},
                  {"Activation", textAt(model, "activation")},
                  {"Similarity", textAt(memberOf(model, "similarity"), "text")}};
    if (const Json& text = memberOf(model, "text"); text.is_object()) {
        const std::string kind = textOf(memberOf(text, "kind"));
        group.rows.push_back(
            {"Tokenizer",
             fmt::format("{}{} entries, texts of {} tokens", kind.empty() ? "" : kind + ", ",
                         wholeOf(memberOf(text, "vocabulary")), wholeOf(memberOf(text, "context")))});
        group.rows.push_back({"Hash of the tokenizer", textAt(text, "hash")});
    }
    return group;
}

ProtocolGroup pictureGroup(const Json& image, const Json& spec) {
    ProtocolGroup group{"Pictures", {}};
    std::string resize = stepAt(image, "resize");
    if (const std::string filter = textOf(memberOf(image, "filter")); !filter.empty())
        resize += fmt::format(", {}, antialiased as Pillow does", filter);
    const std::string mean = numbersText(memberOf(image, "mean")), std = numbersText(memberOf(image, "std"));
    std::string alpha = textOf(memberOf(image, "alpha"));
    if (alpha.empty())
        alpha = textOf(memberOf(spec, "alpha"));
    group.rows = {{"Resize", resize},
                  {"Crop", stepAt(image, "crop")},
                  {"Transparency", alpha == "white"  ? "over white"
                                   : alpha == "drop" ? "dropped"
                                                     : orNotRecorded(alpha)},
                  {"Mean", mean.empty() ? stepAt(image, "mean") : mean},
                  {"Standard deviation", std.empty() ? stepAt(image, "std") : std}};
    for (const auto& [key, name] : {std::pair{"pad", "Padding"}, {"patches", "Patches"}})
        if (const std::string text = textOf(memberOf(image, key)); !text.empty())
            group.rows.push_back({name, text});
    group.rows.push_back({"Hash of the preprocessing", textAt(image, "key")});
    return group;
}

std::string labelsText(const Json& samples) {
    const std::string labels = textOf(memberOf(samples, "labels"));
    return labels == "corrected"
               ? fmt::format("as corrected by hand, {} of them", wholeOf(memberOf(samples, "corrected")))
           : labels == "imported" ? "as imported"
                                  : kNotRecorded;
}

ProtocolGroup dataGroup(const RunRecord& run, const Json& samples) {
    ProtocolGroup group{"Data", {}};
    const std::string split = textOf(memberOf(run.spec, "split"));
    std::string contents = textOf(memberOf(samples, "contents"));
    if (const int64_t known = wholeOf(memberOf(samples, "hashed")), all = wholeOf(memberOf(samples, "count"));
        !contents.empty() && known < all)
        contents += fmt::format(" of {} of {}: the others were not read", known, all);
    group.rows = {{"Dataset", run.datasetName},
                  {"Split", split.empty() ? "all" : split},
                  {"Examples", run.failureCount > 0 ? fmt::format("{}, of which {} could not be used",
                                                                  run.exampleCount, run.failureCount)
                                                    : fmt::format("{}", run.exampleCount)},
                  {"Digest of the pictures", orNotRecorded(contents)},
                  {"Hash of names, labels and captions", orNotRecorded(run.datasetFingerprint)},
                  {"Labels", labelsText(samples)}};
    if (const int64_t classes = wholeOf(memberOf(samples, "classes")); classes > 0)
        group.rows.push_back({"Classes", fmt::format("{}, digest of their names {}", classes,
                                                     textAt(samples, "class_names"))});
    return group;
}

std::string promptsText(const Json& prompts, size_t count, const RunRecord& run) {
    if (count == 0)
        return run.details.contains("protocol") ? "none" : kNotRecorded;
    std::string set = textOf(memberOf(prompts, "set"));
    if (!set.empty())
        set = fmt::format(" of the set '{}'", set);
    const std::string digest = textOf(memberOf(prompts, "digest"));
    return fmt::format("{} template{}{}{}", count, count == 1 ? "" : "s", set,
                       digest.empty() ? "" : ", digest " + digest);
}

ProtocolGroup countingGroup(const RunRecord& run, const Json& facts, size_t prompts) {
    const Json& rules = memberOf(facts, "rules");
    const Json& interval = memberOf(facts, "interval");
    ProtocolGroup group{"Counting", {}};
    group.rows = {
        {"Task", run.task},
        {"Prompts", promptsText(memberOf(facts, "prompts"), prompts, run)},
        {"Scores", textAt(rules, "features")},
        {"Equal scores", textAt(rules, "ties")},
        {"What counts", textAt(rules, "counting")},
        {"Intervals",
         interval.is_object()
             ? fmt::format("{:.0f} %, {} with {} resamples; examples that belong together are drawn together",
                           100 * numberOf(memberOf(interval, "level")), textAt(interval, "kind"),
                           wholeOf(memberOf(interval, "resamples")))
             : kNotRecorded},
        {"Seed", fmt::format("{}", run.seed)}};
    return group;
}

ProtocolGroup machineGroup(const RunRecord& run, const Json& facts) {
    const Json& compute = memberOf(facts, "compute");
    ProtocolGroup group{"Machine", {}};
    std::string device = run.device;
    if (const int64_t threads = wholeOf(memberOf(compute, "threads")); device == "cpu" && threads > 0)
        device += fmt::format(", {} threads", threads);
    std::vector<std::string> versions;
    if (const Json& known = memberOf(facts, "versions"); known.is_object())
        for (const auto& [library, version] : known.items())
            if (library != "Diptych")
                versions.push_back(library + " " + textOf(version));
    group.rows = {{"Precision", orNotRecorded(run.precision)},
                  {"Device", orNotRecorded(device)},
                  {"Program", run.programVersion.empty() ? kNotRecorded : "Diptych " + run.programVersion},
                  {"Libraries", orNotRecorded(fmt::format("{}", fmt::join(versions, ", ")))},
                  {"Started", orNotRecorded(run.startedAt)}};
    return group;
}

std::vector<std::string> textsIn(const Json& list) {
    std::vector<std::string> texts;
    if (list.is_array())
        for (const Json& text : list)
            if (text.is_string())
                texts.push_back(text.get<std::string>());
    return texts;
}

std::string namesOf(const std::vector<Deviation>& list) {
    std::vector<std::string> names;
    for (const Deviation& each : list) {
        std::string name = each.what;
        if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z')
            name[0] = static_cast<char>(name[0] - 'A' + 'a');
        names.push_back(std::move(name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

ProtocolCard protocolCard(const RunRecord& run) {
    const Json& facts = memberOf(run.details, "protocol");
    ProtocolCard card;
    card.recorded = facts.is_object();
    card.prompts = textsIn(memberOf(memberOf(facts, "prompts"), "templates"));
    if (card.prompts.empty())
        card.prompts = textsIn(memberOf(run.details, "templates"));
    card.groups = {modelGroup(run, memberOf(facts, "model")),
                   pictureGroup(memberOf(facts, "image"), run.spec),
                   dataGroup(run, memberOf(facts, "samples")), countingGroup(run, facts, card.prompts.size()),
                   machineGroup(run, facts)};
    clip_benchmark::compare(run, card);
    return card;
}

std::string clipBenchmarkSentence(const ProtocolCard& card) {
    if (!card.recorded)
        return "How it differs from CLIP_benchmark is not recorded: the run is older than the card, or "
               "imported";
    if (card.clipBenchmark.empty())
        return "CLIP_benchmark has no such evaluation";
    std::string text = "Differs from CLIP_benchmark in: " + namesOf(card.differs);
    if (!card.check.empty())
        text += "; to be checked: " + namesOf(card.check);
    return text;
}

std::string compactText(const ProtocolCard& card) {
    const auto value = [&](const char* title, const char* name) {
        for (const ProtocolGroup& group : card.groups)
            for (const ProtocolRow& row : group.rows)
                if (group.title == title && row.name == name)
                    return row.value;
        return std::string();
    };
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!part.empty() && part != kNotRecorded && part != "none")
            text += (text.empty() ? "" : "; ") + part;
    };
    add(value("Model", "Family"));
    add(value("Model", "Activation"));
    add(value("Pictures", "Resize"));
    add(value("Counting", "Prompts"));
    add(value("Model", "Similarity"));
    add(value("Machine", "Precision") + " on " + value("Machine", "Device"));
    add("weights " + value("Model", "Hash of weights and configuration").substr(0, 12));
    add(value("Machine", "Program"));
    return text;
}

OrderedJson protocolJson(const ProtocolCard& card) {
    OrderedJson object;
    object["recorded"] = card.recorded;
    object["groups"] = OrderedJson::array();
    for (const ProtocolGroup& group : card.groups) {
        OrderedJson rows = OrderedJson::object();
        for (const ProtocolRow& row : group.rows)
            rows[row.name] = row.value;
        object["groups"].push_back({{"title", group.title}, {"rows", std::move(rows)}});
    }
    object["prompts"] = card.prompts;
    const auto listed = [](const std::vector<Deviation>& list) {
        OrderedJson out = OrderedJson::array();
        for (const Deviation& each : list)
            out.push_back({{"what", each.what}, {"here", each.here}, {"there", each.there}});
        return out;
    };
    object["clip_benchmark"] = {
        {"task", card.clipBenchmark}, {"differs", listed(card.differs)}, {"check", listed(card.check)}};
    return object;
}

} // namespace diptych

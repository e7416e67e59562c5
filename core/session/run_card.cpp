// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_card.h"

#include "core/base/hash.h"
#include "core/image/image_libraries.h"
#include "core/models/checkpoint_facts.h"
#include "core/run/sample_files.h"
#include "core/session/program_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace diptych {
namespace {

std::string digestOf(const std::vector<std::string>& texts) {
    Hasher hasher;
    for (const std::string& text : texts)
        hasher.addField(text);
    return hasher.finish().hex();
}

/// Of a name of the model's own facts; empty where it says nothing of it.
std::string factOf(const ModelInfo& info, std::string_view what) {
    for (const auto& [name, value] : info.facts)
        if (name == what)
            return value;
    return "";
}

Json modelFacts(const Model& model) {
    const ModelInfo& info = model.info();
    Json facts = {{"family", info.familyTitle},
                  {"hash", info.fingerprint},
                  {"activation", factOf(info, "Activation")},
                  {"stored_as", info.weightPrecision},
                  {"similarity",
                   {{"kind", similarityName(info.similarity.kind)},
                    {"scale", info.similarity.scale},
                    {"bias", info.similarity.bias},
                    {"text", similarityText(info.similarity)}}}};
    if (info.faces.textEmbeddings || info.faces.matching)
        facts["text"] = {{"vocabulary", info.vocabularySize}, {"context", info.contextLength}};
    return facts;
}

/// Adds what only the checkpoint's files tell. What a family reads from elsewhere stays absent.
void addCheckpointFacts(Json& facts, const CardInput& input) {
    try {
        const auto checkpoint = Checkpoint::open(input.checkpoint);
        facts["image"] = imageFacts(*checkpoint);
        if (facts["model"].contains("text"))
            facts["model"]["text"].update(tokenizerFacts(*checkpoint));
    } catch (const Error&) {
        facts["image"] = Json::object();
    }
    facts["image"]["alpha"] = alphaName(input.model.compute().alpha);
    facts["image"]["key"] = input.model.imageKey();
}

Json promptFacts(const CardInput& input, const TaskRules& rules) {
    Json facts = {{"templates", rules.prompts}, {"digest", digestOf(rules.prompts)}};
    if (rules.promptParam.empty())
        return facts;
    const Json& value = input.spec.params[rules.promptParam];
    if (value.is_string() && value.get<std::string>().find("{}") == std::string::npos)
        facts["set"] = value;
    if (value.is_object() && value.contains("classes")) { // what classes are called is part of the prompts
        std::vector<std::string> all = rules.prompts;
        all.push_back(value["classes"].dump(-1, ' ', false, Json::error_handler_t::replace));
        facts["digest"] = digestOf(all);
        facts["classes_with_words"] = value["classes"].size();
    }
    return facts;
}

/// Which pictures they were, whatever they are called and wherever they lie: a hash of the sorted hashes of
/// their bytes.
Json sampleFacts(const CardInput& input) {
    const auto ids = [&] {
        std::vector<SampleId> all;
        for (const TaskSample& sample : input.samples.samples)
            all.push_back(sample.id);
        return all;
    }();
    std::vector<SampleFiles> files;
    for (const Sample& sample : input.workspace.samples(ids, SampleDetail::Basic))
        files.push_back(filesOf(sample));
    std::vector<std::string> contents;
    for (const auto& hash : knownContents(input.workspace, files))
        if (hash)
            contents.push_back(hash->hex());
    std::ranges::sort(contents);
    return {{"split", input.spec.split},
            {"count", ids.size()},
            {"hashed", contents.size()},
            {"contents", digestOf(contents)},
            {"all", input.spec.samples.all()},
            {"classes", input.samples.classNames.size()},
            {"class_names", digestOf(input.samples.classNames)},
            {"labels", labelsName(input.spec.labels)},
            {"corrected", input.corrected}};
}

Json versionFacts() {
    Json versions = {{"Diptych", programVersion()}, {"LibTorch", torchVersion()}};
    for (const auto& [library, version] : imageLibraries())
        versions[library] = version;
    return versions;
}

} // namespace

Json protocolFacts(const CardInput& input) {
    const TaskRules rules = input.task.rules(input.spec.params);
    const Compute& compute = input.model.compute();
    Json facts = {{"rules", rulesJson(rules)}, {"model", modelFacts(input.model)}};
    addCheckpointFacts(facts, input);
    if (!rules.prompts.empty())
        facts["prompts"] = promptFacts(input, rules);
    facts["samples"] = sampleFacts(input);
    facts["compute"] = {
        {"device", deviceName(compute.device)},
        {"precision", precisionName(compute.precision)},
        {"threads", compute.threads > 0 ? compute.threads : std::thread::hardware_concurrency()}};
    if (const auto found = input.spec.params.find("resamples"); found != input.spec.params.end())
        facts["interval"] = {{"kind", "percentile bootstrap"}, {"level", 0.95}, {"resamples", *found}};
    facts["versions"] = versionFacts();
    return facts;
}

} // namespace diptych

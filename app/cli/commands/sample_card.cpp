// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/sample_card.h"

#include "app/cli/commands/sample_choice.h"
#include "core/base/file.h"
#include "core/metrics/number_text.h"
#include "core/report/sample_table.h"
#include "core/session/searcher.h"
#include "core/session/text_neighbours.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace diptych::cli {
namespace {

std::string nameIn(const std::vector<std::string>& names, int index) {
    return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)]
                                                                   : std::string();
}

OrderedJson answerObject(const SampleRun& answer) {
    OrderedJson object = {{"run", answer.run.id.value},
                          {"task", answer.run.task},
                          {"model", answer.run.modelName},
                          {"status", exampleStatusName(answer.result.status)}};
    if (!answer.result.predictions.empty()) {
        object["prediction"] = nameIn(answer.classNames, answer.result.predictions.front().index);
        object["score"] = answer.result.predictions.front().score;
    }
    if (answer.result.correct)
        object["correct"] = *answer.result.correct;
    return object;
}

/// What needs a model.
struct Seen {
    SearchResult images;
    std::vector<std::pair<std::string, TextScore>> texts;
    std::optional<TextNeighbours> captions; ///< none where the image has neither caption nor class
};

SearchResult searched(Session& session, SearchQuery query, const RunContext& context) {
    SearchResult result = session.search(query, context);
    if (result.answer != Answer::Ready)
        throw Error(ErrorCode::Locked,
                    fmt::format("Not all images of '{}' have been encoded with this model yet, and another "
                                "program has the workspace open for writing; close it and try again",
                                query.dataset));
    return result;
}

Seen lookWith(Session& session, const SampleCardOptions& options, const Sample& sample,
              const RunContext& context) {
    const Compute compute = options.compute.compute();
    SearchQuery query;
    query.dataset = options.dataset;
    query.model = options.model;
    query.device = compute.device;
    query.precision = compute.precision;
    query.threads = compute.threads;
    query.alpha = compute.alpha;
    query.terms = {{.sample = sample.id}};
    query.limit = options.neighbours + 1; // it is its own nearest
    Seen seen;
    seen.images = searched(session, query, context);
    std::erase_if(seen.images.hits, [&](const SearchHit& hit) { return hit.sample == sample.id; });
    seen.images.hits.resize(std::min(seen.images.hits.size(), options.neighbours));
    query.limit = std::numeric_limits<size_t>::max();
    for (const std::string& text : options.texts) {
        query.terms = {{.text = text}};
        seen.texts.emplace_back(text, scoreAmong(searched(session, query, context).hits, sample.id));
    }
    if (!sample.captions.empty() || sample.label >= 0) {
        TextNeighbourQuery texts;
        texts.sample = sample.id;
        texts.model = options.model;
        texts.limit = options.neighbours;
        texts.compute = compute;
        seen.captions = session.textNeighbours(texts, context);
    }
    return seen;
}

OrderedJson seenObject(const Seen& seen, const Workspace& workspace) {
    OrderedJson images = OrderedJson::array(), captions = OrderedJson::array(), texts = OrderedJson::array();
    for (const SearchHit& hit : seen.images.hits)
        images.push_back({{"key", toValidUtf8(workspace.sample(hit.sample).key)}, {"cosine", hit.cosine}});
    if (seen.captions)
        for (const TextNeighbour& near : seen.captions->nearest) {
            OrderedJson entry = {{"text", toValidUtf8(near.text)}, {"cosine", near.cosine}};
            if (near.sample)
                entry["key"] = toValidUtf8(workspace.sample(near.sample).key);
            captions.push_back(std::move(entry));
        }
    for (const auto& [text, score] : seen.texts)
        texts.push_back(
            {{"text", text},
             {"cosine", score.cosine},
             {"percentile", std::isnan(score.percentile) ? OrderedJson() : OrderedJson(score.percentile)},
             {"rank", score.rank},
             {"of", score.count}});
    return {{"texts", texts}, {"near_images", images}, {"near_texts", captions}};
}

void printSeen(const Seen& seen, const Workspace& workspace, Console& console) {
    using enum Table::Align;
    if (!seen.texts.empty()) {
        Table table({{"Cosine", Right}, {"Above", Right}, {"Rank", Right}, {"Text"}});
        for (const auto& [text, score] : seen.texts)
            table.addRow({cosineText(score.cosine), shareText(score.percentile / 100),
                          fmt::format("{} of {}", score.rank, score.count), oneLine(text)});
        console.printRaw("\n" + table.text());
    }
    Table images({{"Cosine", Right}, {"Image near it"}});
    for (const SearchHit& hit : seen.images.hits)
        images.addRow({cosineText(static_cast<double>(hit.cosine)), workspace.sample(hit.sample).key});
    console.printRaw("\n" + images.text());
    if (!seen.captions)
        return;
    Table captions({{"Cosine", Right}, {"Text near its own"}, {"Image"}});
    for (const TextNeighbour& near : seen.captions->nearest)
        captions.addRow({cosineText(static_cast<double>(near.cosine)), oneLine(near.text),
                         near.sample ? workspace.sample(near.sample).key : std::string("(class)")});
    console.printRaw("\n" + captions.text());
}

void printFacts(const OrderedJson& facts, const std::vector<SampleRun>& answers, Console& console) {
    for (const auto& [name, value] : facts.items())
        if (!value.is_null())
            console.printRaw(
                fmt::format("{}: {}\n", name, value.is_string() ? value.get<std::string>() : value.dump()));
    if (answers.empty())
        return;
    using enum Table::Align;
    Table table({{"Run", Right}, {"Task"}, {"Model"}, {"Prediction"}, {"Score", Right}, {"Verdict"}});
    for (const SampleRun& answer : answers) {
        const auto& predictions = answer.result.predictions;
        table.addRow({std::to_string(answer.run.id.value), answer.run.task, answer.run.modelName,
                      predictions.empty() ? "" : nameIn(answer.classNames, predictions.front().index),
                      predictions.empty() ? "" : shareText(static_cast<double>(predictions.front().score)),
                      !answer.result.correct   ? std::string(exampleStatusName(answer.result.status))
                      : *answer.result.correct ? "right"
                                               : "wrong"});
    }
    console.printRaw("\n" + table.text());
}

} // namespace

void addSampleCardOptions(CLI::App* command, SampleCardOptions& options) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
    command->add_option("KEY", options.key, "Name of the image in the dataset")->required()->type_name("");
    command->add_option("-m,--model", options.model, "Model that looks for neighbours and scores texts")
        ->type_name("NAME");
    command
        ->add_option("--text", options.texts,
                     "Score this text with the image, and say where it stands among all images")
        ->type_name("TEXT")
        ->take_all();
    command->add_option("-n,--neighbours", options.neighbours, "So many neighbours of each kind")
        ->capture_default_str()
        ->type_name("N");
    addComputeOptions(command, options.compute);
}

int showSample(const SampleCardOptions& options, CommandContext& context) {
    if (options.model.empty() && !options.texts.empty())
        throw UsageError("--text needs a --model that scores it");
    const auto session = options.model.empty() ? Session::open(options.workspace, WorkspaceMode::ReadOnly)
                                               : openForCaching(options.workspace);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    const Sample sample = sampleByKey(workspace, dataset, options.dataset, options.key);
    OrderedJson facts = sampleObjects(workspace, std::vector{sample.id}).front();
    const std::vector<SampleRun> answers = workspace.runsContaining(sample.id);
    std::optional<Seen> seen;
    if (!options.model.empty())
        seen = lookWith(*session, options, sample, context.run);
    if (!context.console.json()) {
        printFacts(facts, answers, context.console);
        if (seen)
            printSeen(*seen, workspace, context.console);
        return 0;
    }
    OrderedJson list = OrderedJson::array();
    for (const SampleRun& answer : answers)
        list.push_back(answerObject(answer));
    facts["runs"] = std::move(list);
    if (seen)
        facts.update(seenObject(*seen, workspace));
    context.console.printJson(facts);
    return 0;
}

} // namespace diptych::cli

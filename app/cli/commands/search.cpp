// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/sample_choice.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/metrics/number_text.h"
#include "core/session/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace diptych::cli {
namespace {

constexpr size_t kHistogramParts = 20, kBarWidth = 40;

struct Options {
    std::string workspace, dataset, model, split, method = "auto";
    SampleChoice within;
    std::vector<std::string> texts, images, minusTexts, minusImages;
    std::vector<int64_t> samples, minusSamples;
    double imageWeight = 1;
    size_t limit = 10;
    bool limited = false, scores = false, verify = false;
    std::optional<float> cut;
    ComputeOptions compute;
};

std::vector<SearchTerm> termsOf(const Options& options) {
    std::vector<SearchTerm> terms;
    const double pictures = options.imageWeight;
    for (const std::string& text : options.texts)
        terms.push_back({.text = text});
    for (const std::string& image : options.images)
        terms.push_back({.image = image, .weight = pictures});
    for (const int64_t sample : options.samples)
        terms.push_back({.sample = SampleId{sample}, .weight = pictures});
    for (const std::string& text : options.minusTexts)
        terms.push_back({.text = text, .weight = -1});
    for (const std::string& image : options.minusImages)
        terms.push_back({.image = image, .weight = -pictures});
    for (const int64_t sample : options.minusSamples)
        terms.push_back({.sample = SampleId{sample}, .weight = -pictures});
    if (terms.empty())
        throw UsageError("give what to look for: --text, --image or --sample");
    if (std::ranges::any_of(terms, [](const SearchTerm& term) {
            return term.text.empty() && term.image.empty() && !term.sample;
        }))
        throw UsageError("a text, picture or sample to look for is empty");
    return terms;
}

SearchQuery queryOf(const Options& options, Session& session) {
    const Compute compute = options.compute.compute();
    SearchQuery query;
    query.dataset = options.dataset;
    query.model = options.model;
    query.terms = termsOf(options);
    query.split = options.split;
    if (!options.within.view.empty() || options.within.hasConditions())
        query.within = chosenSamples(options.within, session.workspace(),
                                     datasetByName(session.workspace(), query.dataset).id);
    query.cut = options.cut;
    query.limit = options.cut && !options.limited ? std::numeric_limits<size_t>::max() : options.limit;
    if (options.method != "auto")
        query.method = options.method == "hnsw" ? SearchMethod::Hnsw : SearchMethod::Exact;
    query.device = compute.device;
    query.precision = compute.precision;
    query.threads = compute.threads;
    query.alpha = compute.alpha;
    return query;
}

std::unordered_map<SampleId, Sample> samplesOf(Session& session, const SearchResult& result) {
    std::vector<SampleId> ids;
    for (const SearchHit& hit : result.hits)
        ids.push_back(hit.sample);
    std::unordered_map<SampleId, Sample> samples;
    for (Sample& sample : session.workspace().samples(ids, SampleDetail::Basic))
        samples.emplace(sample.id, std::move(sample));
    return samples;
}

OrderedJson hitsList(Session& session, const SearchResult& result) {
    const auto samples = samplesOf(session, result);
    OrderedJson list = OrderedJson::array();
    for (const SearchHit& hit : result.hits)
        list.push_back({{"sample", hit.sample.value},
                        {"key", toValidUtf8(samples.at(hit.sample).key)},
                        {"path", displayPath(samples.at(hit.sample).path)},
                        {"cosine", hit.cosine},
                        {"percentile", 100 * result.scores.shareBelow(hit.cosine)}});
    return list;
}

OrderedJson scoresObject(const SearchResult& result, const std::optional<float>& cut) {
    const ScoreDistribution& scores = result.scores;
    OrderedJson object{{"images", scores.total()}, {"sampled", scores.sampled()}};
    if (scores.total() == 0)
        return object;
    for (const auto& [name, share] :
         {std::pair("lowest", 0.0), std::pair("quarter", 0.25), std::pair("median", 0.5),
          std::pair("three_quarters", 0.75), std::pair("highest", 1.0)})
        object[name] = scores.quantile(share);
    object["histogram"] = scores.histogram(kHistogramParts);
    if (cut)
        object["from_cut"] = scores.countFrom(*cut);
    const auto suggested = scores.suggestedCut();
    object["suggested_cut"] = suggested ? OrderedJson{{"cosine", suggested->score},
                                                      {"images", suggested->count},
                                                      {"by_chance", suggested->byChance}}
                                        : OrderedJson();
    return object;
}

/// A line for each part of the range of scores, the highest first.
std::string histogramText(const ScoreDistribution& scores) {
    const std::vector<size_t> counts = scores.histogram(kHistogramParts);
    const size_t most = std::max<size_t>(1, *std::ranges::max_element(counts));
    const double low = scores.lowest(), step = (scores.highest() - low) / kHistogramParts;
    using enum Table::Align;
    Table table({{"Cosine from", Right}, {"Images", Right}, {""}});
    for (size_t i = kHistogramParts; i-- > 0;)
        table.addRow({cosineText(low + step * static_cast<double>(i)),
                      formatCount(static_cast<int64_t>(counts[i])),
                      std::string((counts[i] * kBarWidth + most - 1) / most, '#')});
    return table.text();
}

void printResult(const Options& options, Session& session, const SearchResult& result, Console& console) {
    const auto samples = samplesOf(session, result);
    using enum Table::Align;
    Table table({{"Cosine", Right}, {"Percentile", Right}, {"Image"}});
    for (const SearchHit& hit : result.hits)
        table.addRow({cosineText(static_cast<double>(hit.cosine)),
                      fmt::format("{:.1f}", 100 * result.scores.shareBelow(hit.cosine)),
                      samples.at(hit.sample).key});
    console.printRaw(table.text());
    if (options.scores && result.scores.total() > 0)
        console.printRaw("\n" + histogramText(result.scores));
    if (options.scores) {
        const auto suggested = result.scores.suggestedCut();
        console.note(suggested
                         ? fmt::format("Suggested cut: {:.4f}; {} score that or more, about {:.1f} of them "
                                       "by chance",
                                       suggested->score, formatCount(static_cast<int64_t>(suggested->count)),
                                       suggested->byChance)
                         : std::string("No cut suggests itself: no images stand out from the rest"));
    }
    if (options.cut)
        console.note(fmt::format("{} of {} score {} or more",
                                 formatCount(static_cast<int64_t>(result.scores.countFrom(*options.cut))),
                                 countedImages(result.scores.total()), *options.cut));
    if (result.method == SearchMethod::Hnsw)
        console.note(fmt::format("Found by a graph (HNSW), which finds {:.1f} % of the 10 nearest; scores "
                                 "are those of {} images drawn from {}",
                                 100 * result.recallAt10,
                                 formatCount(static_cast<int64_t>(result.scores.scores().size())),
                                 formatCount(static_cast<int64_t>(result.scores.total()))));
}

int runSearch(const Options& options, CommandContext& context) {
    termsOf(options); // before the workspace is opened
    context.run.threads = options.compute.threads;
    const auto session = openForCaching(options.workspace);
    if (options.verify)
        readImagesAgain(session->workspace(), options.dataset);
    const SearchQuery query = queryOf(options, *session);
    const SearchResult result = session->search(query, context.run);
    if (result.answer == Answer::NotEncoded)
        throw Error(ErrorCode::Locked,
                    fmt::format("Not all images of '{}' have been encoded with this model yet, and another "
                                "program has the workspace open for writing; close it and search again",
                                query.dataset));
    if (!context.console.json())
        printResult(options, *session, result, context.console);
    else if (!options.scores)
        context.console.printJson(hitsList(*session, result));
    else
        context.console.printJson({{"hits", hitsList(*session, result)},
                                   {"method", searchMethodName(result.method)},
                                   {"recall_at_10", result.recallAt10},
                                   {"scores", scoresObject(result, query.cut)}});
    return 0;
}

void addTermOptions(CLI::App* command, Options& options) {
    const auto several = [&](const std::string& names, auto& values, const std::string& help,
                             const std::string& type) {
        command->add_option(names, values, help)->type_name(type)->allow_extra_args(false);
    };
    several("-t,--text", options.texts, "What the image should show, in words; may be given again", "TEXT");
    several("-i,--image", options.images, "A picture file to find the like of; may be given again", "FILE");
    several("--sample", options.samples, "A sample of the workspace to find the like of, by its number",
            "ID");
    several("--minus", options.minusTexts, "Words for what the image should not be like", "TEXT");
    several("--minus-image", options.minusImages, "A picture that the image should not be like", "FILE");
    several("--minus-sample", options.minusSamples, "A sample that the image should not be like", "ID");
    command
        ->add_option("--image-weight", options.imageWeight,
                     "How much a picture counts beside a text, whose weight is 1")
        ->capture_default_str()
        ->type_name("X")
        ->check(CLI::PositiveNumber);
}

/// Those conditions of `samples list` whose names mean nothing else here.
void addWithinOptions(CLI::App* command, SampleChoice& within) {
    addViewOption(command, within.view);
    const auto several = [&](const char* name, std::vector<std::string>& values, const char* help,
                             const char* type) {
        command->add_option(name, values, help)->type_name(type)->allow_extra_args(false);
    };
    several("--class", within.classes, "Only of this class; several are alternatives, as below", "NAME");
    several("--tagged", within.tags, "Only with this tag", "TAG");
    several("--where", within.where, "Only where a column of the source has this value", "COLUMN=VALUE");
}

} // namespace

void defineSearch(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "search",
        "Find the images of a dataset nearest to texts and pictures: to the sum of their embeddings, less "
        "those given with --minus.",
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --text \"a sleeping cat\"\n"
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --image my.jpg --json\n"
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --image my.jpg --text snow "
        "--minus grass\n"
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --text cat --cut 0.25 --scores",
        [options](CommandContext& context) { return runSearch(*options, context); });
    addWorkspaceOption(command, options->workspace);
    command->add_option("-d,--dataset", options->dataset, "Dataset to search")->required()->type_name("NAME");
    command->add_option("-m,--model", options->model, "Model of the workspace, or a checkpoint folder")
        ->required()
        ->type_name("NAME");
    addTermOptions(command, *options);
    command->add_option("--split", options->split, "Only in this split")->type_name("NAME");
    addWithinOptions(command, options->within);
    command->add_option("--cut", options->cut, "Only images whose cosine is at least this; all of them")
        ->type_name("X");
    command
        ->add_option_function<size_t>(
            "-n,--limit",
            [options](size_t limit) {
                options->limit = limit;
                options->limited = true;
            },
            "At most so many (10; with --cut all)")
        ->type_name("N")
        ->check(wholeNumber(1));
    command->add_flag("--scores", options->scores,
                      "Also how the scores of all images are distributed; with --json an object with hits, "
                      "method, recall_at_10 and scores");
    command
        ->add_option(
            "--method", options->method,
            fmt::format("Compare all images, or walk a graph over them (HNSW), which is built first; "
                        "auto compares all. The window walks a graph from {} images on",
                        formatCount(kMostExactRows)))
        ->capture_default_str()
        ->type_name("auto|exact|hnsw")
        ->check(CLI::IsMember({"auto", "exact", "hnsw"}));
    addVerifyFlag(command, options->verify);
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

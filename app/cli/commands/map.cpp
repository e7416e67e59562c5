// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/session/embedding_map.h"
#include "core/session/map_export.h"
#include "core/tasks/class_prompts.h"
#include "core/text/word_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace diptych::cli {
namespace {

const std::map<std::string, MapContent> kContents{
    {"images", MapContent::Images}, {"texts", MapContent::Texts}, {"both", MapContent::Both}};
const std::map<std::string, MapTexts> kTexts{{"classes", MapTexts::Classes},
                                             {"captions", MapTexts::Captions}};

constexpr size_t kNamesShown = 10;
constexpr const char* kClassNames = "classes";

struct Options {
    std::string workspace, method = "umap", content = "images", texts = "classes", output;
    std::vector<std::string> axes, placeImages;
    std::string nameTagged, vocabulary = kCommonWords;
    bool verify = false;
    MapSpec spec;
    ComputeOptions compute;
};

/// "TEXT", or "TEXT | TEXT": the first less the second.
TextAxis axisOf(const std::string& given) {
    const std::vector<std::string> texts = promptsIn(given);
    if (texts.empty() || texts.size() > 2)
        throw UsageError(fmt::format("--axis: '{}' is neither a text nor two with a | between", given));
    return {texts[0], texts.size() == 2 ? texts[1] : ""};
}

MapSpec specOf(const Options& options) {
    const Compute compute = options.compute.compute();
    MapSpec spec = options.spec;
    spec.projection.method = parseProjectionMethod(options.method);
    for (const std::string& axis : options.axes)
        spec.axes.push_back(axisOf(axis));
    spec.placeImages.assign(options.placeImages.begin(), options.placeImages.end());
    spec.content = kContents.at(options.content);
    spec.texts = kTexts.at(options.texts);
    spec.device = compute.device;
    spec.precision = compute.precision;
    spec.alpha = compute.alpha;
    spec.threads = compute.threads;
    return spec;
}

Table summaryTable(const EmbeddingMap& map, const MapSpec& spec) {
    Table table({{"Map"}, {"", Table::Align::Right}});
    const OrderedJson summary = mapSummary(map, spec);
    table.addRow({"Points", formatCount(static_cast<int64_t>(map.points.size()))});
    for (size_t c = 0; c < map.explainedVarianceRatio.size(); ++c)
        table.addRow({fmt::format("Variance on axis {}", c + 1),
                      fmt::format("{:.1f} %", 100 * map.explainedVarianceRatio[c])});
    if (const size_t compared = neighboursCompared(map); compared > 0)
        table.addRow({counted(compared, "nearest neighbour", "nearest neighbours") + " kept",
                      fmt::format("{:.1f} %", 100 * summary["mean_preservation"].get<double>())});
    if (map.neighbourRecall < 1)
        table.addRow({"Of the true neighbours those looked at are",
                      fmt::format("{:.1f} %", 100 * map.neighbourRecall)});
    if (map.gap) {
        table.addRow(
            {"Distance of the means of images and texts", fmt::format("{:.3f}", map.gap->centroidDistance)});
        table.addRow(
            {fmt::format("Mean distance of {} pairs", formatCount(static_cast<int64_t>(map.gap->pairs))),
             fmt::format("{:.3f}", map.gap->meanPairDistance)});
    }
    for (const auto& [title, recall] :
         {std::pair("Recall at 1", map.recall), std::pair("Recall at 1, centred", map.centredRecall)})
        if (recall)
            table.addRow(
                {fmt::format("{}: image to text, text to image", title),
                 fmt::format("{:.1f} %, {:.1f} %", 100 * recall->imageToText, 100 * recall->textToImage)});
    for (const PlacedPoint& placed : map.placed)
        table.addRow({oneLine(placed.name), fmt::format("{:.3f}", fmt::join(placed.position, ", "))});
    return table;
}

void requireReady(Answer answer, const MapSpec& spec) {
    if (answer != Answer::Ready)
        throw Error(ErrorCode::Locked,
                    fmt::format("Not all images of '{}' have been encoded with this model yet, and another "
                                "program has the workspace open for writing; close it and try again",
                                spec.dataset));
}

/// The dataset's class names, or a list of words.
std::vector<std::string> vocabularyOf(const std::string& given, const Workspace& workspace,
                                      const DatasetInfo& dataset) {
    if (given != kClassNames)
        return readWordList(given);
    std::vector<std::string> names = workspace.classNames(dataset.id);
    if (names.empty())
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has no class names to name the images by", dataset.name));
    return names;
}

int nameTagged(const Options& options, const MapSpec& spec, CommandContext& context) {
    context.run.threads = spec.threads;
    const auto session = openForCaching(options.workspace);
    const DatasetInfo dataset = datasetByName(session->workspace(), spec.dataset);
    const std::vector<std::string> words = vocabularyOf(options.vocabulary, session->workspace(), dataset);
    SampleFilter filter;
    filter.tags = {options.nameTagged};
    const auto samples = session->workspace().sampleIds(dataset.id, filter);
    const SelectionNames found = session->nameSelection(spec, samples, words, kNamesShown, context.run);
    requireReady(found.answer, spec);
    Table table({{"Word"}, {"Cosine", Table::Align::Right}});
    OrderedJson list = OrderedJson::array();
    for (const SelectionName& name : found.names) {
        table.addRow({oneLine(name.word), fmt::format("{:.3f}", name.cosine)});
        list.push_back({{"word", toValidUtf8(name.word)}, {"cosine", name.cosine}});
    }
    if (context.console.json())
        context.console.printJson({{"images", found.samples}, {"names", list}});
    else
        context.console.printRaw(table.text());
    return 0;
}

int runMap(const Options& options, CommandContext& context) {
    const MapSpec spec = specOf(options);
    checkProjectionOptions(spec.projection);
    if (!options.nameTagged.empty())
        return nameTagged(options, spec, context);
    const bool toFile = !options.output.empty() && options.output != "-";
    const MapFormat format = toFile ? mapFormat(options.output) : MapFormat::Csv; // before the work
    context.run.threads = spec.threads;
    const auto session = openForCaching(options.workspace);
    if (options.verify)
        readImagesAgain(session->workspace(), spec.dataset);
    const EmbeddingMap map = session->embeddingMap(spec, context.run);
    requireReady(map.answer, spec);
    const bool toOutput =
        !options.output.empty() &&
        writeOutput(context.console, options.output, mapText(session->workspace(), map, spec, format));
    if (!toOutput) {
        if (context.console.json())
            context.console.printJson(
                options.output.empty()
                    ? OrderedJson::parse(mapText(session->workspace(), map, spec, MapFormat::Json))
                    : mapSummary(map, spec));
        else
            context.console.printRaw(summaryTable(map, spec).text());
    }
    for (const std::string& note : map.notes)
        context.console.warn(oneLine(note));
    if (!map.failures.empty())
        context.console.warn(oneLine(fmt::format(
            "{} could not be read and {} not on the map, such as {}", countedImages(map.failures.size()),
            map.failures.size() == 1 ? "is" : "are", map.failures.front().reason)));
    return 0;
}

template<class Value>
std::vector<std::string> namesIn(const std::map<std::string, Value>& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values)
        names.push_back(name);
    return names;
}

void addTextOptions(CLI::App* command, Options& options) {
    command
        ->add_option(
            "--axis", options.axes,
            "Instead of a projection, an axis by text: TEXT, or 'TEXT | TEXT' for the first less the second. "
            "Give it two or three times")
        ->type_name("TEXT")
        ->allow_extra_args(false);
    command->add_option("--place", options.spec.placeTexts, "Place a text into the map, which stays as it is")
        ->type_name("TEXT")
        ->allow_extra_args(false);
    command->add_option("--place-image", options.placeImages, "Place a picture file into the map")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_flag(
        "--recall", options.spec.recall,
        "With --content both: how often images and texts find each other first, as they are and centred");
    command
        ->add_option("--name-tagged", options.nameTagged,
                     "Make no map: name the images with this tag by the nearest words of the vocabulary")
        ->type_name("TAG");
    command
        ->add_option("--vocabulary", options.vocabulary,
                     "What the tagged images may be called: the built-in words, the dataset's classes, or a "
                     "file with a word or phrase a line")
        ->type_name("common|classes|FILE")
        ->capture_default_str();
}

void addProjectionOptions(CLI::App* command, Options& options) {
    std::vector<std::string> methods;
    for (const ProjectionMethod method : projectionMethods())
        methods.push_back(projectionMethodName(method));
    command->add_option("--method", options.method, "How points are laid out")
        ->type_name(fmt::format("{}", fmt::join(methods, "|")))
        ->check(CLI::IsMember(methods))
        ->capture_default_str();
    command->add_option("--dimensions", options.spec.projection.dimensions, "2 or 3")
        ->capture_default_str()
        ->type_name("N");
    ProjectionOptions& projection = options.spec.projection;
    command
        ->add_option("--perplexity", projection.perplexity,
                     "t-SNE: about how many neighbours count (2 to 500)")
        ->capture_default_str()
        ->type_name("X");
    command
        ->add_option("--neighbours,--neighbors", projection.neighbours,
                     "UMAP: neighbours of each point (2 to 500)")
        ->capture_default_str()
        ->type_name("N");
    command
        ->add_option("--min-distance", projection.minDistance,
                     "UMAP: how close points may lie in the map (0 to 0.99)")
        ->capture_default_str()
        ->type_name("X");
    command
        ->add_option(
            "--iterations", projection.iterations,
            "t-SNE, UMAP: steps; 0 for the method's own number (500 after the early ones; 500, or 200 for "
            "more than 10,000 points)")
        ->capture_default_str()
        ->type_name("N");
    addSeedOption(command, options.spec.seed, "Seed of everything random");
}

} // namespace

void defineMap(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "map", "Lay out a dataset's embeddings in two or three dimensions, images and texts.",
        "map pets --workspace work --model clip/ -o map.csv\n"
        "map pets --workspace work --model clip/ --method tsne --perplexity 50 -o map.json\n"
        "map pets --workspace work --model clip/ --content both --method pca --json\n"
        "map pets --workspace work --model clip/ --axis 'a cat | a dog' --axis 'a photo at night' -o map.csv",
        [options](CommandContext& context) { return runMap(*options, context); });
    addWorkspaceOption(command, options->workspace);
    command->add_option("dataset,-d,--dataset", options->spec.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
    command->add_option("-m,--model", options->spec.model, "Model of the workspace, or a checkpoint folder")
        ->required()
        ->type_name("NAME|DIR");
    command->add_option("--split", options->spec.split, "Only this split of the dataset")->type_name("NAME");
    command->add_option("--content", options->content, "What is shown")
        ->type_name("images|texts|both")
        ->check(CLI::IsMember(namesIn(kContents)))
        ->capture_default_str();
    command->add_option("--texts", options->texts, "Which texts: a prompt for each class, or the captions")
        ->type_name("classes|captions")
        ->check(CLI::IsMember(namesIn(kTexts)))
        ->capture_default_str();
    command
        ->add_option("--templates", options->spec.templates,
                     "Prompts of the classes: a set, a file, or a template such as 'a photo of a {}.'")
        ->type_name("NAME|FILE|TEMPLATE")
        ->capture_default_str();
    command->add_flag(
        "--center", options->spec.center,
        "Subtract from images and from texts the mean of each, which closes the gap between them");
    addProjectionOptions(command, *options);
    addTextOptions(command, *options);
    command->add_flag(
        "--with-neighbours,--with-neighbors", options->spec.neighbours,
        "Write each point's nearest points as column 'neighbors', as Embedding Atlas reads them");
    command
        ->add_option("-o,--output", options->output,
                     "Write the points to a file (.csv, .json, .jsonl); - for standard output, as CSV")
        ->type_name("FILE");
    addVerifyFlag(command, options->verify);
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

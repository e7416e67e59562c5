// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/metrics/number_text.h"

#include <fmt/format.h>

#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, dataset, model, text, image, split;
    size_t limit = 10;
    bool verify = false;
    ComputeOptions compute;
};

int runSearch(const Options& options, CommandContext& context) {
    if (options.text.empty() == options.image.empty())
        throw UsageError("give either --text or --image");
    const auto session = openForCaching(options.workspace);
    if (options.verify)
        readImagesAgain(session->workspace(), options.dataset);
    const Compute compute = options.compute.compute();
    SearchQuery query;
    query.dataset = options.dataset;
    query.model = options.model;
    query.text = options.text;
    query.image = options.image;
    query.split = options.split;
    query.limit = options.limit;
    query.device = compute.device;
    query.precision = compute.precision;
    query.threads = compute.threads;
    query.alpha = compute.alpha;
    const SearchResult result = session->search(query, context.run);
    if (result.answer == Answer::NotEncoded)
        throw Error(ErrorCode::Locked,
                    fmt::format("Not all images of '{}' have been encoded with this model yet, and another "
                                "program has the workspace open for writing; close it and search again",
                                query.dataset));
    const std::vector<SearchHit>& hits = result.hits;
    std::vector<SampleId> ids;
    for (const SearchHit& hit : hits)
        ids.push_back(hit.sample);
    std::unordered_map<SampleId, Sample> samples;
    for (Sample& sample : session->workspace().samples(ids, SampleDetail::Basic))
        samples.emplace(sample.id, std::move(sample));
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const SearchHit& hit : hits)
            list.push_back({{"sample", hit.sample.value},
                            {"key", toValidUtf8(samples[hit.sample].key)},
                            {"path", displayPath(samples[hit.sample].path)},
                            {"cosine", hit.cosine}});
        context.console.printJson(list);
        return 0;
    }
    using enum Table::Align;
    Table table({{"Cosine", Right}, {"Image"}});
    for (const SearchHit& hit : hits)
        table.addRow({cosineText(static_cast<double>(hit.cosine)), samples[hit.sample].key});
    context.console.printRaw(table.text());
    return 0;
}

} // namespace

void defineSearch(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "search", "Find the images of a dataset nearest to a text or a picture.",
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --text \"a sleeping cat\"\n"
        "search --workspace work --dataset pets --model clip-vit-base-patch32 --image my.jpg --json",
        [options](CommandContext& context) { return runSearch(*options, context); });
    addWorkspaceOption(command, options->workspace);
    command->add_option("-d,--dataset", options->dataset, "Dataset to search")->required()->type_name("NAME");
    command->add_option("-m,--model", options->model, "Model of the workspace, or a checkpoint folder")
        ->required()
        ->type_name("NAME");
    command->add_option("-t,--text", options->text, "What the image should show, in words")
        ->type_name("TEXT");
    command->add_option("-i,--image", options->image, "A picture file to find the like of")
        ->type_name("FILE");
    command->add_option("--split", options->split, "Only in this split")->type_name("NAME");
    command->add_option("-n,--limit", options->limit, "At most so many")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1));
    addVerifyFlag(command, options->verify);
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/blocks/dataset.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string kind, split = "test", output;
    size_t count = 200;
    uint64_t seed = 1;
    unsigned threads = 0;
    blocks::DatasetOptions dataset;
};

int runBlocks(const Options& options, CommandContext& context) {
    context.run.threads = options.threads;
    const auto summary =
        blocks::writeBlocksDataset(options.kind, blocks::parseSplit(options.split), options.count,
                                   options.seed, options.output, context.run, options.dataset);
    if (context.console.json())
        context.console.printJson({{"kind", options.kind},
                                   {"split", options.split},
                                   {"seed", options.seed},
                                   {"images", summary.images},
                                   {"classes", summary.classes},
                                   {"bytes", summary.bytes},
                                   {"directory", displayPath(summary.directory)}});
    else
        context.console.print(fmt::format("Wrote {}: {} scenes of {} ({}), {}",
                                          displayPath(summary.directory), summary.images, options.kind,
                                          options.split, formatBytes(summary.bytes)));
    return 0;
}

} // namespace

void defineBlocks(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    std::vector<std::string> kinds;
    for (const auto& kind : blocks::datasetKinds())
        kinds.push_back(kind.id);
    CLI::App* command = line.add(line.root(), "blocks",
                                 "Write a dataset of Blocks, the built-in world of scenes, with captions. "
                                 "The same arguments give the same "
                                 "scenes; no scene of one split can turn up in another.",
                                 "blocks blocks-shape --output shapes/ --count 600\n"
                                 "blocks blocks-captions --split train --seed 7 --output scenes/",
                                 [options](CommandContext& context) { return runBlocks(*options, context); });
    command->add_option("KIND", options->kind, fmt::format("One of {}", fmt::join(kinds, ", ")))
        ->required()
        ->type_name("")
        ->check(CLI::IsMember(kinds));
    command->add_option("-o,--output", options->output, "Folder to write, empty or not there yet")
        ->type_name("DIR")
        ->required();
    command->add_option("--split", options->split, "Part of the world")
        ->capture_default_str()
        ->type_name("train|validation|test")
        ->check(CLI::IsMember({"train", "validation", "test"}));
    command->add_option("--count", options->count, "Number of scenes")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 10'000'000));
    addSeedOption(command, options->seed, "Other scenes for another number")->capture_default_str();
    command->add_option("--size", options->dataset.imageSize, "Width and height in pixels")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(16, 1024));
    command->add_flag("--jpeg", options->dataset.jpeg,
                      "JPEG of quality 92 instead of PNG: a third of the size");
    addThreadsOption(command, options->threads);
}

} // namespace diptych::cli

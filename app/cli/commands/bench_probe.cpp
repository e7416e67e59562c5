// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/session/curator.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options {
    size_t images = 10'000, labelled = 200, classes = 2, repetitions = 5;
    EmbeddingOptions made{.clusters = 10};
};

/// The first images, in turn in each class by the direction they are nearest to among as many of the others.
std::vector<ProbeClass> labelledOf(const Matrix& rows, const Options& options) {
    std::vector<ProbeClass> classes(options.classes);
    for (size_t k = 0; k < classes.size(); ++k)
        classes[k].name = fmt::format("class {}", k);
    for (size_t i = 0; i < options.labelled; ++i) {
        size_t nearest = 0;
        double best = -2;
        for (size_t k = 0; k < classes.size(); ++k) {
            const auto anchor = rows.row(rows.rows() - 1 - k);
            double cosine = 0;
            for (size_t d = 0; d < anchor.size(); ++d)
                cosine += static_cast<double>(anchor[d]) * static_cast<double>(rows(i, d));
            if (cosine > best) {
                best = cosine;
                nearest = k;
            }
        }
        // One of each at least, whatever lies near.
        classes[i < classes.size() ? i : nearest].samples.push_back({static_cast<int64_t>(i) + 1});
    }
    return classes;
}

int runBench(const Options& options, CommandContext& context) {
    if (options.labelled < options.classes || options.labelled + options.classes > options.images)
        throw UsageError("--labelled must be at least --classes and leave as many images over");
    context.run.threads = options.made.threads;
    ImageEmbeddings images;
    images.rows = madeEmbeddings(options.images, 0, options.made, context.run);
    for (size_t i = 0; i < options.images; ++i)
        images.ids.push_back({static_cast<int64_t>(i) + 1});
    const std::vector<ProbeClass> classes = labelledOf(images.rows, options);
    std::vector<double> times;
    for (size_t i = 0; i < options.repetitions; ++i)
        times.push_back(learnAndRank(images, classes, kLiveProbeC, "made", context.run).milliseconds);
    const double milliseconds = median(times);
    if (context.console.json()) {
        context.console.printJson({{"images", options.images},
                                   {"dimension", options.made.dimension},
                                   {"labelled", options.labelled},
                                   {"classes", options.classes},
                                   {"threads", context.run.threadCount()},
                                   {"milliseconds", milliseconds},
                                   {"slowest_milliseconds", std::ranges::max(times)}});
        return 0;
    }
    context.console.print(fmt::format(
        "Learned {} from {} of {} dimensions and ranked {} in {:.0f} ms (median of {}; slowest {:.0f} ms)",
        counted(options.classes, "class", "classes"), countedImages(options.labelled), options.made.dimension,
        counted(options.images - options.labelled, "other", "others"), milliseconds, options.repetitions,
        std::ranges::max(times)));
    return 0;
}

} // namespace

void defineBenchProbe(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add(group, "probe",
                 "Measure how long the live probe takes among made embeddings: to learn from a few labelled "
                 "images and "
                 "to rank all others, as 'diptych curate probe' does once it has the embeddings.",
                 "bench probe\nbench probe --images 100000 --labelled 500 --classes 20 --json",
                 [options](CommandContext& context) { return runBench(*options, context); });
    const auto add = [&](const char* name, size_t& value, const char* help, int64_t least, int64_t most) {
        command->add_option(name, value, help)
            ->capture_default_str()
            ->type_name("N")
            ->check(wholeNumber(least, most));
    };
    add("--images", options->images, "Images in all", 4, 100'000'000);
    add("--labelled", options->labelled, "Images that it learns from", 2, 1'000'000);
    add("--classes", options->classes, "Classes to tell apart", 2, 1000);
    add("--repetitions", options->repetitions, "Times to measure", 1, 1000);
    addEmbeddingOptions(command, options->made);
}

} // namespace diptych::cli

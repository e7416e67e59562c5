// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"
#include "app/cli/commands/shared.h"
#include "core/projection/approximate_neighbours.h"
#include "core/projection/projection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

namespace diptych::cli {
namespace {

constexpr size_t kKept = 10; ///< neighbours that a map is judged by

struct Options {
    size_t points = 20'000;
    std::vector<std::string> methods;
    EmbeddingOptions made;
};

/// Finds neighbours where the map was made without.
double preservation(const Matrix& rows, Projection& map, const RunContext& context) {
    if (map.neighbours.k < kKept) {
        FoundNeighbours found = findNeighbours(rows, kKept, context);
        map.neighbours = std::move(found.table);
        map.neighbourRecall = found.recall;
    }
    const std::vector<float> shares =
        neighbourhoodPreservation(map.neighbours, map.positions, kKept, context);
    return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

OrderedJson measure(const Options& options, const RunContext& context) {
    const Matrix rows = madeEmbeddings(options.points, 0, options.made, context);
    OrderedJson out{{"points", options.points},
                    {"dimension", options.made.dimension},
                    {"threads", context.threadCount()},
                    {"methods", OrderedJson::array()}};
    for (const std::string& name : options.methods) {
        ProjectionOptions projection;
        projection.method = parseProjectionMethod(name);
        Projection map;
        const double seconds = secondsOf([&] { map = project(rows, projection, context); });
        double kept = 0;
        const double judging = secondsOf([&] { kept = preservation(rows, map, context); });
        out["methods"].push_back({{"name", name},
                                  {"title", projectionMethodTitle(projection.method)},
                                  {"seconds", seconds},
                                  {"judging_seconds", judging},
                                  {"neighbour_recall", map.neighbourRecall},
                                  {"mean_preservation", kept}});
    }
    return out;
}

int runBench(const Options& given, CommandContext& context) {
    Options options = given;
    if (options.methods.empty())
        for (const ProjectionMethod method : projectionMethods())
            options.methods.push_back(projectionMethodName(method));
    context.run.threads = options.made.threads;
    const OrderedJson result = measure(options, context.run);
    if (context.console.json()) {
        context.console.printJson(result);
        return 0;
    }
    context.console.print(fmt::format("{} points of {} dimensions, {} threads",
                                      formatCount(static_cast<int64_t>(options.points)),
                                      options.made.dimension, context.run.threadCount()));
    using enum Table::Align;
    Table table(
        {{"Map"}, {"Laid out", Right}, {"Judged", Right}, {"Neighbours found", Right}, {"Kept", Right}});
    for (const OrderedJson& method : result["methods"])
        table.addRow({method["title"].get<std::string>(), formatSeconds(method["seconds"].get<double>()),
                      formatSeconds(method["judging_seconds"].get<double>()),
                      fmt::format("{:.1f} %", 100 * method["neighbour_recall"].get<double>()),
                      fmt::format("{:.1f} %", 100 * method["mean_preservation"].get<double>())});
    context.console.printRaw(table.text());
    return 0;
}

} // namespace

void defineBenchMap(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    std::vector<std::string> methods;
    for (const ProjectionMethod method : projectionMethods())
        methods.push_back(projectionMethodName(method));
    CLI::App* command = line.add(
        group, "map",
        "Measure how long made embeddings take to be laid out, and how many of each point's 10 nearest "
        "neighbours the map keeps. How long a map of so many points takes to draw is measured by "
        "diptych_frame_times, which is built with the tests since it needs Qt.",
        "bench map\nbench map --points 100000 --method umap --json",
        [options](CommandContext& context) { return runBench(*options, context); });
    command->add_option("--points", options->points, "How many embeddings are laid out")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 100'000'000));
    command->add_option("--method", options->methods, "Only this one; may be given again")
        ->type_name(fmt::format("{}", fmt::join(methods, "|")))
        ->check(CLI::IsMember(methods))
        ->allow_extra_args(false);
    addEmbeddingOptions(command, options->made);
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"
#include "app/cli/commands/shared.h"
#include "core/search/vector_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace diptych::cli {
namespace {

constexpr size_t kNearest = 10;

struct Options {
    size_t vectors = 200'000, queries = 20;
    EmbeddingOptions made;
    bool withoutGraph = false;
};

/// Every product by itself, one after the other, as one writes it first.
std::vector<Neighbour> plainSearch(const Matrix& rows, std::span<const float> query) {
    std::vector<float> scores(rows.rows());
    for (size_t i = 0; i < rows.rows(); ++i)
        scores[i] = std::inner_product(query.begin(), query.end(), rows.row(i).begin(), 0.0F);
    return largest(scores, kNearest);
}

struct Way {
    std::string name, title;
    std::function<std::vector<Neighbour>(std::span<const float>)> search;
};

struct Measured {
    double milliseconds = 0, recall = 0;
};

class SearchBench {
public:
    SearchBench(const Options& options, const RunContext& context)
        : m_options(options),
          m_context(context),
          m_rows(madeEmbeddings(options.vectors, 0, options.made, context)),
          m_queries(madeEmbeddings(options.queries, options.vectors, options.made, context)) {
        for (size_t i = 0; i < m_queries.rows(); ++i)
            m_truth.push_back(largest(cosinesOf(m_rows, m_queries.row(i)), kNearest));
    }

    OrderedJson run() {
        const auto exact = exactIndex(m_rows, m_context.threadCount());
        std::vector<Way> ways{
            {"plain", "Plain loop", [&](std::span<const float> query) { return plainSearch(m_rows, query); }},
            {"product", "Matrix product",
             [&](std::span<const float> query) {
                 return nearestNeighbours(Matrix(1, query.size(), {query.begin(), query.end()}), m_rows,
                                          kNearest, quiet())
                     .front();
             }},
            {"exact", "Exact", [&](std::span<const float> query) { return exact->nearest(query, kNearest); }},
        };
        std::unique_ptr<VectorIndex> graph;
        double build = 0;
        if (!m_options.withoutGraph) {
            build = secondsOf([&] { graph = buildHnswIndex(m_rows, {}, m_context); });
            ways.push_back({"hnsw", "HNSW",
                            [&](std::span<const float> query) { return graph->nearest(query, kNearest); }});
        }
        OrderedJson out{{"vectors", m_options.vectors},
                        {"dimension", m_options.made.dimension},
                        {"queries", m_options.queries},
                        {"threads", m_context.threadCount()},
                        {"ways", OrderedJson::array()}};
        m_context.begin("Searching", static_cast<int64_t>(ways.size()));
        for (const Way& way : ways) {
            const Measured measured = measure(way);
            out["ways"].push_back({{"name", way.name},
                                   {"title", way.title},
                                   {"milliseconds", measured.milliseconds},
                                   {"recall_at_10", measured.recall}});
            m_context.advance();
        }
        m_context.end();
        if (graph)
            out["hnsw_build_seconds"] = build;
        return out;
    }

private:
    RunContext quiet() const { return {m_context.stop, nullptr, 0, m_context.threads}; }

    Measured measure(const Way& way) const {
        std::vector<double> times;
        size_t found = 0, wanted = 0;
        for (size_t i = 0; i < m_queries.rows(); ++i) {
            m_context.throwIfCancelled();
            std::vector<Neighbour> nearest;
            times.push_back(1000 * secondsOf([&] { nearest = way.search(m_queries.row(i)); }));
            for (const Neighbour& one : m_truth[i])
                found += std::ranges::count(nearest, one.index, &Neighbour::index) > 0;
            wanted += m_truth[i].size();
        }
        return {median(times), static_cast<double>(found) / static_cast<double>(wanted)};
    }

    const Options& m_options;
    const RunContext& m_context;
    const Matrix m_rows, m_queries;
    std::vector<std::vector<Neighbour>> m_truth;
};

int runBench(const Options& options, CommandContext& context) {
    context.run.threads = options.made.threads;
    const OrderedJson result = SearchBench(options, context.run).run();
    if (context.console.json()) {
        context.console.printJson(result);
        return 0;
    }
    context.console.print(fmt::format("{} vectors of {} dimensions, {} queries, {} threads",
                                      formatCount(static_cast<int64_t>(options.vectors)),
                                      options.made.dimension, options.queries, context.run.threadCount()));
    using enum Table::Align;
    Table table({{"Search"}, {"ms a query", Right}, {"Times as fast", Right}, {"Recall at 10", Right}});
    const double plain = result["ways"][0]["milliseconds"].get<double>();
    for (const OrderedJson& way : result["ways"])
        table.addRow({way["title"].get<std::string>(),
                      fmt::format("{:.2f}", way["milliseconds"].get<double>()),
                      fmt::format("{:.1f}", plain / way["milliseconds"].get<double>()),
                      fmt::format("{:.3f}", way["recall_at_10"].get<double>())});
    context.console.printRaw(table.text());
    if (result.contains("hnsw_build_seconds"))
        context.console.print("The graph was built in " +
                              formatSeconds(result["hnsw_build_seconds"].get<double>()));
    return 0;
}

} // namespace

void defineBenchSearch(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "search",
        "Measure how long a search takes among made embeddings: by a plain loop, by a matrix product, by "
        "comparing all as 'diptych search' does, and by a graph (HNSW); medians of the queries, and the "
        "share "
        "of the 10 nearest that each finds.",
        "bench search\nbench search --vectors 1000000 --json",
        [options](CommandContext& context) { return runBench(*options, context); });
    command->add_option("--vectors", options->vectors, "How many embeddings are searched")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 100'000'000));
    command->add_option("--queries", options->queries, "Queries to search")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 100'000));
    command->add_flag("--without-graph", options->withoutGraph, "Build no graph, which takes longest");
    addEmbeddingOptions(command, options->made);
}

} // namespace diptych::cli

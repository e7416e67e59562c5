// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"

#include "app/cli/commands/shared.h"
#include "core/base/parallel.h"
#include "core/base/random.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace diptych::cli {
namespace {

constexpr size_t kLatent = 32;
constexpr float kSpread = 0.6F; ///< of a cluster, beside the distance of two

float normal(Random& random) {
    return static_cast<float>(std::sqrt(-2 * std::log(1 - random.uniform())) *
                              std::cos(2 * std::numbers::pi * random.uniform()));
}

Matrix normals(size_t rows, size_t columns, uint64_t seed) {
    Random random(seed);
    Matrix out(rows, columns);
    for (float& value : out.values())
        value = normal(random);
    return out;
}

} // namespace

void addEmbeddingOptions(CLI::App* command, EmbeddingOptions& options) {
    command->add_option("--dimension", options.dimension, "Numbers of each")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 65536));
    command->add_option("--clusters", options.clusters, "Directions that they lie around")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 1'000'000));
    addSeedOption(command, options.seed, "Seed of the embeddings");
    addThreadsOption(command, options.threads);
}

double secondsOf(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Matrix madeEmbeddings(size_t rows, size_t first, const EmbeddingOptions& options, const RunContext& context) {
    const size_t columns = options.dimension, clusters = options.clusters;
    const uint64_t seed = options.seed;
    const Matrix centres = normals(clusters, kLatent, seed);
    const Matrix basis = normals(columns, kLatent, seed + 1);
    Matrix out(rows, columns);
    context.begin("Making embeddings", static_cast<int64_t>(rows));
    constexpr size_t kRows = 4096;
    for (size_t done = 0; done < rows; done += kRows) {
        context.throwIfCancelled();
        const size_t count = std::min(kRows, rows - done);
        Matrix latent(count, kLatent);
        parallelFor(count, context.threadCount(), [&](size_t i) {
            Random random(seed + 2 + first + done + i);
            const size_t cluster = random.below(clusters);
            for (size_t j = 0; j < kLatent; ++j)
                latent(i, j) = centres(cluster, j) + kSpread * normal(random);
        });
        Matrix part = multiplyTransposed(latent, basis, context.threadCount());
        normalizeRows(part);
        std::ranges::copy(part.values(), out.row(done).begin());
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    return out;
}

} // namespace diptych::cli

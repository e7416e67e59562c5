// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace diptych::cli {

class CommandLine;

/// `bench search`, `bench map`, `bench probe` and `bench prompts`, below the group `bench`.
void defineBenchSearch(CommandLine& line, CLI::App& group);
void defineBenchMap(CommandLine& line, CLI::App& group);
void defineBenchProbe(CommandLine& line, CLI::App& group);
void defineBenchPrompts(CommandLine& line, CLI::App& group);

/// What made embeddings are like.
struct EmbeddingOptions {
    size_t dimension = 512, clusters = 1000;
    uint64_t seed = 1;
    unsigned threads = 0;
};
/// --dimension, --clusters, --seed, --threads
void addEmbeddingOptions(CLI::App* command, EmbeddingOptions& options);

double secondsOf(const std::function<void()>& work);
/// @pre there are some
double median(std::vector<double> values);

/// Made embeddings: rows of length 1 around so many directions, themselves of 32 coordinates at random,
/// as embeddings of pictures lie near few of the directions there are. The same seed gives the same rows, of
/// which those from @p first on are made.
Matrix madeEmbeddings(size_t rows, size_t first, const EmbeddingOptions& options, const RunContext& context);

} // namespace diptych::cli

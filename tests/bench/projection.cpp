// SPDX-License-Identifier: GPL-3.0-or-later
// bench_projection METHOD FEATURES.npy POSITIONS.npy [SEED [THREADS]]: lays out the rows of an array and
// prints how long it took.
#include "core/projection/projection.h"

#include "core/tensor/npy.h"

#include <chrono>
#include <cstdio>
#include <string>

using namespace diptych;

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("bench_projection METHOD FEATURES.npy POSITIONS.npy [SEED [THREADS]]\n", stderr);
        return 2;
    }
    try {
        ProjectionOptions options;
        options.method = parseProjectionMethod(argv[1]);
        const Matrix features = readNpyMatrix(argv[2]);
        RunContext context;
        context.seed = argc > 4 ? std::stoull(argv[4]) : 0;
        context.threads = argc > 5 ? static_cast<unsigned>(std::stoul(argv[5])) : 0;
        auto last = std::chrono::steady_clock::now();
        const auto start = last;
        Progress progress([&](const ProgressUpdate& update) {
            if (update.done != update.total || update.total == 0)
                return;
            const auto now = std::chrono::steady_clock::now();
            std::fprintf(stderr, "%s: %.2f s\n", update.stage.c_str(),
                         std::chrono::duration<double>(now - last).count());
            last = now;
        });
        context.progress = &progress;
        const Projection projection = project(features, options, context);
        std::printf("%.3f\n",
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        writeNpy(argv[3], projection.positions);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_projection: %s\n", error.what());
        return 1;
    }
}

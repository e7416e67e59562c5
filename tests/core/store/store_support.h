// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"
#include "core/store/workspace.h"

#include <QtTest>

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace diptych::test {

/// Code of the Error that @p call throws; a test failure and nullopt if it throws none.
inline std::optional<ErrorCode> errorOf(const std::function<void()>& call, std::string* message = nullptr) {
    try {
        call();
    } catch (const Error& error) {
        if (message)
            *message = error.what();
        return error.code();
    }
    return std::nullopt;
}

/// @p count samples "class<i % classes>/<i>.png" below @p root, none of which exists.
inline DatasetIndex makeIndex(size_t count, int classes = 3, size_t captions = 2,
                              const std::filesystem::path& root = "/nowhere/pictures") {
    DatasetIndex index;
    index.format = "imagefolder";
    index.source = root;
    index.root = root;
    for (int i = 0; i < classes; ++i)
        index.classNames.push_back(fmt::format("class{}", i));
    for (size_t i = 0; i < count; ++i) {
        DatasetSample sample;
        sample.label = classes > 0 ? static_cast<int>(i) % classes : -1;
        sample.key = fmt::format("class{}/{:06}.png", sample.label, i);
        sample.image = root / sample.key;
        for (size_t j = 0; j < captions; ++j)
            sample.captions.push_back(fmt::format("caption {} of picture {}", j, i));
        sample.split = i % 10 == 0 ? "test" : "train";
        index.samples.push_back(std::move(sample));
    }
    return index;
}

inline ExampleResult makeExample(SampleId sample, int target, int predicted, float score) {
    ExampleResult example;
    example.sample = sample;
    example.target = target;
    example.predictions = {{predicted, score}, {(predicted + 1) % 3, score / 2}};
    example.correct = target == predicted;
    return example;
}

inline RunRecord makeRun(DatasetId dataset, const std::string& name = "pictures") {
    RunRecord run;
    run.task = "zero-shot";
    run.datasetId = dataset;
    run.datasetName = name;
    run.datasetFingerprint = "dddd";
    run.modelName = "tiny";
    run.modelFingerprint = "mmmm";
    run.spec = {{"task", "zero-shot"}, {"seed", 7}};
    run.startedAt = "2024-05-31T12:00:00Z";
    run.wallSeconds = 1.5;
    run.programVersion = "0.1.0";
    run.device = "cpu";
    run.precision = "fp32";
    run.seed = UINT64_MAX;
    run.command = "diptych eval zero-shot";
    run.metrics = {{"top1", 0.75, Interval{0.5, 0.9}, 12, true, 0.25},
                   {"ece", std::nan(""), {}, 12, false, {}, Unit::Number}};
    run.classNames = {"a", "b", "c"};
    run.details = {{"confusion", {{1, 0}, {0, 1}}}};
    return run;
}

} // namespace diptych::test

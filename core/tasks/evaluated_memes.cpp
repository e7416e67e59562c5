// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/evaluated_memes.h"

#include "core/datasets/split_names.h"
#include "core/tasks/task_support.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

/// Where evaluation happens unless told otherwise: the first of these that is there, else the first by name
/// of any validation split, else of any test split.
constexpr std::array<const char*, 8> kEvalSplits = {"dev_seen", "dev_unseen", "dev",         "validation",
                                                    "val",      "test_seen",  "test_unseen", "test"};

bool hasSplit(const TaskDataset& dataset, const std::string& split) {
    return std::ranges::any_of(dataset.samples,
                               [&](const TaskSample& sample) { return sample.split == split; });
}

/// The first by name of the splits that are for @p part; empty if there is none.
std::string firstSplit(const TaskDataset& dataset, SplitPart part) {
    std::string first;
    for (const TaskSample& sample : dataset.samples)
        if ((first.empty() || sample.split < first) && splitPart(sample.split) == part)
            first = sample.split;
    return first;
}

/// Empty if there is none.
std::string defaultEvalSplit(const TaskDataset& dataset) {
    for (const char* split : kEvalSplits)
        if (hasSplit(dataset, split))
            return split;
    const std::string validation = firstSplit(dataset, SplitPart::Validation);
    return validation.empty() ? firstSplit(dataset, SplitPart::Test) : validation;
}

std::string evalSplit(const TaskInput& input) {
    auto given = input.params["eval_split"].get<std::string>();
    if (given.empty())
        return defaultEvalSplit(input.dataset);
    if (!hasSplit(input.dataset, given))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Dataset '{}' has no split '{}' to evaluate on", input.dataset.name, given));
    return given;
}

std::string textOf(const TaskSample& sample) {
    return sample.captions.empty() ? std::string() : sample.captions.front();
}

/// What the file says the picture was before a text was drawn on it, else the hash of the image file.
std::string imageKey(const TaskSample& sample, const ReadSamples& images, size_t row) {
    if (sample.attributes.is_object())
        if (const auto base = sample.attributes.find("base_image");
            base != sample.attributes.end() && !base->is_null())
            return "base " + (base->is_string() ? base->get<std::string>() : base->dump());
    return row < images.contents.size() ? images.contents[row].hex() : std::string();
}

Matrix rowsAt(const Matrix& matrix, const std::vector<size_t>& positions) {
    Matrix out(positions.size(), matrix.cols());
    for (size_t i = 0; i < positions.size(); ++i)
        std::ranges::copy(matrix.row(positions[i]), out.row(i).begin());
    return out;
}

/// What the model made of the memes asked for: embeddings, matches or both.
struct Encoded {
    ReadSamples read;
    Matrix images, texts;        ///< by row of read; empty where no method needs them
    std::vector<double> matches; ///< likewise
};

MemePart partOf(const std::vector<const TaskSample*>& asked, const Encoded& encoded,
                const std::string& split) {
    const ReadSamples& images = encoded.read;
    MemePart part;
    std::vector<size_t> rows;
    for (size_t row = 0; row < images.ids.size(); ++row) {
        const TaskSample& sample = *asked[images.positions[row]];
        if (sample.split != split)
            continue;
        rows.push_back(row);
        part.samples.push_back(&sample);
        part.memes.labels.push_back(sample.label);
        part.contents.push_back({textOf(sample), imageKey(sample, images, row), sample.label});
    }
    if (!encoded.images.empty()) {
        part.memes.images = rowsAt(encoded.images, rows);
        part.memes.texts = rowsAt(encoded.texts, rows);
    }
    if (!encoded.matches.empty())
        for (const size_t row : rows)
            part.memes.matches.push_back(encoded.matches[row]);
    return part;
}

std::array<std::string, 2> promptsOf(const Json& params) {
    return {params["negative_prompt"].get<std::string>(), params["positive_prompt"].get<std::string>()};
}

Encoded encode(const TaskInput& input, const std::vector<const TaskSample*>& asked,
               const RunContext& context) {
    std::vector<SampleId> ids;
    for (const TaskSample* sample : asked)
        ids.push_back(sample->id);
    const Faces needed = memeFaces(input.params);
    Encoded out;
    if (needed.matching) {
        std::vector<std::vector<std::string>> texts;
        for (const TaskSample* sample : asked) {
            auto& both = texts.emplace_back();
            for (const std::string& prompt : promptsOf(input.params))
                both.push_back(fmt::format("{}: {}", prompt, textOf(*sample)));
        }
        PairMatches matches = input.outputs.match(ids, texts, context);
        for (const std::vector<double>& scores : matches.scores)
            out.matches.push_back(scores[1] - scores[0]);
        out.read = std::move(matches);
    }
    if (needed.imageEmbeddings) {
        ImageEmbeddings images = input.outputs.images(ids, ImageFeature::Projected, context);
        if (needed.matching && images.ids != out.read.ids)
            throw Error(ErrorCode::Unreadable,
                        "Images of '" + input.dataset.name + "' changed while they were read; run again");
        std::vector<std::string> texts;
        for (const size_t position : images.positions)
            texts.push_back(textOf(*asked[position]));
        out.texts = input.outputs.texts(texts, context);
        out.images = std::move(images.rows);
        out.read = std::move(images);
    }
    return out;
}

} // namespace

std::string memesUnsuitable(const TaskDataset& dataset) {
    if (dataset.classNames.size() != 2)
        return "it needs two classes, the second of which is what is looked for";
    if (std::ranges::none_of(dataset.samples,
                             [](const TaskSample& sample) { return !sample.captions.empty(); }))
        return "none of its images has a text";
    return defaultEvalSplit(dataset).empty()
               ? fmt::format("it has no split to evaluate on (one of {})", fmt::join(kEvalSplits, ", "))
               : "";
}

const MemeMethod& methodOf(const Json& params) {
    const auto id = params["method"].get<std::string>();
    return *std::ranges::find(memeMethods(), id, &MemeMethod::id);
}

Faces memeFaces(const Json& params) {
    const bool matching = methodOf(params).kind == MemeMethod::Kind::Matching;
    const bool embeddings = !matching || params["compare"].get<bool>();
    return {embeddings, embeddings, matching};
}

EvaluatedMemes readMemes(const TaskInput& input, const RunContext& context) {
    EvaluatedMemes memes;
    memes.split = evalSplit(input);
    memes.trainSplit = firstSplit(input.dataset, SplitPart::Train);
    std::vector<const TaskSample*> asked;
    for (const TaskSample& sample : input.dataset.samples)
        if (sample.split == memes.split || (sample.split == memes.trainSplit && sample.label >= 0))
            asked.push_back(&sample);
    const Encoded encoded = encode(input, asked, context);
    if (!memes.trainSplit.empty() && memes.split != memes.trainSplit)
        memes.train = partOf(asked, encoded, memes.trainSplit);
    memes.eval = partOf(asked, encoded, memes.split);
    for (const ItemFailure& failed : encoded.read.failures) {
        const auto sample = std::ranges::find(asked, failed.sample, &TaskSample::id);
        if ((*sample)->split == memes.split)
            memes.failures.push_back(failed);
    }
    if (memes.eval.samples.empty())
        throw Error(ErrorCode::Unreadable,
                    fmt::format("None of the images of split '{}' of '{}' could be read{}", memes.split,
                                input.dataset.name, firstReason(encoded.read.failures)));
    memes.scoring.c = input.params["c"].get<double>();
    if (!encoded.images.empty()) {
        memes.scoring.prompts = input.outputs.texts(promptsOf(input.params), context);
        memes.scoring.scale = input.outputs.similarity().scale;
    }
    memes.groups = confounderGroups(memes.eval.contents);
    memes.clusters = groupClusters(memes.eval.samples.size(), memes.groups);
    return memes;
}

} // namespace diptych

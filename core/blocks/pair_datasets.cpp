// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/pair_datasets.h"

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/blocks/dataset_parts.h"
#include "core/blocks/lettering.h"
#include "core/blocks/pairs.h"
#include "core/blocks/render.h"

#include <fmt/format.h>

#include <atomic>

namespace diptych::blocks {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMemesAPair = 4;

size_t pairsFor(size_t pictures, size_t picturesAPair) {
    return (pictures + picturesAPair - 1) / picturesAPair;
}

OrderedJson sceneJson(const std::string& file, const Scene& scene) {
    return {{"file", file}, {"description", describeScene(scene)}, {"scene", toJson(scene)}};
}

void writeLines(const fs::path& file, const std::vector<OrderedJson>& lines) {
    std::string text;
    for (const OrderedJson& line : lines)
        text += line.dump() + "\n";
    writeFileAtomically(file, std::string_view(text));
}

void writeMetadata(const fs::path& directory, std::string_view kind, Split split, uint64_t seed,
                   OrderedJson images) {
    const OrderedJson json = {
        {"kind", kind}, {"split", name(split)}, {"seed", seed}, {"images", std::move(images)}};
    writeFileAtomically(directory / "metadata.json", std::string_view(json.dump(1) + "\n"));
}

std::string_view publishedName(Split split) {
    return split == Split::Train ? "train" : split == Split::Validation ? "dev_seen" : "test_seen";
}

/// One of the four of a pair: scene i % 2 under caption i / 2.
struct Meme {
    const ScenePair* pair;
    size_t scene, caption;
    std::string file;
    bool untrue() const { return scene != caption; }
};

std::vector<ScenePair> makePairs(std::string_view kind, int contrasts, size_t count, uint64_t seed,
                                 Split split, const RunContext& context) {
    std::vector<ScenePair> pairs(count);
    parallelFor(
        count, context.threadCount(),
        [&](size_t i) {
            const auto contrast = static_cast<Contrast>(i % static_cast<size_t>(contrasts));
            pairs[i] = makePair(contrast, seedOf(kind, seed, i), split);
        },
        context.stop);
    context.throwIfCancelled();
    return pairs;
}

/// The memes of one split; adds what was written to @p summary and @p images.
void writeMemesOf(Split split, size_t count, uint64_t seed, const fs::path& directory,
                  const RunContext& context, const DatasetOptions& options, DatasetSummary& summary,
                  OrderedJson& images) {
    const std::string kind = fmt::format("{}/{}", kMemesKind, name(split));
    const auto pairs = makePairs(kind, kContrastCount, pairsFor(count, kMemesAPair), seed, split, context);
    std::vector<Meme> memes;
    for (const ScenePair& pair : pairs)
        for (size_t i = 0; i < kMemesAPair; ++i)
            memes.push_back(
                {&pair, i % 2, i / 2,
                 fmt::format("img/{:05}.{}", summary.images + memes.size(), pictureExtension(options))});
    context.begin(fmt::format("Rendering {}", kind), static_cast<int64_t>(memes.size()));
    std::atomic<uint64_t> bytes = 0;
    parallelFor(
        memes.size(), context.threadCount(),
        [&](size_t i) {
            const Meme& meme = memes[i];
            Image image = renderScene(meme.pair->scenes[meme.scene], options.imageSize);
            drawCaption(image, meme.pair->captions[meme.caption]);
            bytes += writePicture(image, directory / meme.file, options);
            context.advance();
        },
        context.stop);
    context.throwIfCancelled();
    context.end();
    std::vector<OrderedJson> lines;
    for (const Meme& meme : memes) {
        // The caption that is drawn on it makes a file of its own of every meme; this says which scene it is.
        const std::string base = fmt::format("{} {}.{}", name(split), meme.pair - pairs.data(), meme.scene);
        lines.push_back({{"id", summary.images + lines.size()},
                         {"img", meme.file},
                         {"label", meme.untrue() ? 1 : 0},
                         {"text", meme.pair->captions[meme.caption]},
                         {"base_image", base}});
        images.push_back(sceneJson(meme.file, meme.pair->scenes[meme.scene]));
        images.back()["contrast"] = name(meme.pair->contrast);
    }
    writeLines(directory / fmt::format("{}.jsonl", publishedName(split)), lines);
    summary.images += memes.size();
    summary.bytes += bytes;
}

} // namespace

DatasetSummary writeWinogroundDataset(Split split, size_t count, uint64_t seed, const fs::path& directory,
                                      const RunContext& context, const DatasetOptions& options) {
    prepareFolder(directory);
    fs::create_directory(directory / "images");
    const auto pairs = makePairs(kWinogroundKind, kSameWordsCount, pairsFor(count, 2), seed, split, context);
    const auto fileOf = [&](size_t picture) {
        return fmt::format("images/ex_{}_img_{}.{}", picture / 2, picture % 2, pictureExtension(options));
    };
    context.begin(fmt::format("Rendering {}", kWinogroundKind), static_cast<int64_t>(2 * pairs.size()));
    std::atomic<uint64_t> bytes = 0;
    parallelFor(
        2 * pairs.size(), context.threadCount(),
        [&](size_t i) {
            const Image image = renderScene(pairs[i / 2].scenes[i % 2], options.imageSize);
            bytes += writePicture(image, directory / fileOf(i), options);
            context.advance();
        },
        context.stop);
    context.throwIfCancelled();
    context.end();
    std::vector<OrderedJson> lines;
    OrderedJson images = OrderedJson::array();
    for (size_t i = 0; i < pairs.size(); ++i) {
        const std::string_view tag = name(pairs[i].contrast);
        lines.push_back({{"id", i},
                         {"image_0", fmt::format("ex_{}_img_0", i)},
                         {"image_1", fmt::format("ex_{}_img_1", i)},
                         {"caption_0", pairs[i].captions[0]},
                         {"caption_1", pairs[i].captions[1]},
                         {"tag", tag},
                         {"secondary_tag", ""},
                         {"num_main_preds", 1},
                         {"collapsed_tag", tag}});
        for (size_t k = 0; k < 2; ++k)
            images.push_back(sceneJson(fileOf(2 * i + k), pairs[i].scenes[k]));
    }
    writeLines(directory / "examples.jsonl", lines);
    writeMetadata(directory, kWinogroundKind, split, seed, std::move(images));
    DatasetSummary summary;
    summary.directory = directory;
    summary.images = 2 * pairs.size();
    summary.bytes = bytes;
    return summary;
}

DatasetSummary writeMemesDataset(Split split, size_t count, uint64_t seed, const fs::path& directory,
                                 const RunContext& context, const DatasetOptions& options) {
    prepareFolder(directory);
    fs::create_directory(directory / "img");
    DatasetSummary summary;
    summary.directory = directory;
    OrderedJson images = OrderedJson::array();
    if (split != Split::Train)
        writeMemesOf(Split::Train, count, seed, directory, context, options, summary, images);
    writeMemesOf(split, count, seed, directory, context, options, summary, images);
    writeFileAtomically(directory / "classes.txt", std::string_view("true\nuntrue\n"));
    writeMetadata(directory, kMemesKind, split, seed, std::move(images));
    summary.classes = 2;
    return summary;
}

} // namespace diptych::blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/dataset.h"

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/base/random.h"
#include "core/blocks/dataset_parts.h"
#include "core/blocks/language.h"
#include "core/blocks/pair_datasets.h"
#include "core/blocks/render.h"
#include "core/blocks/sets.h"

#include <fmt/format.h>

#include <atomic>

namespace diptych::blocks {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kCaptionsKind = "blocks-captions";

/// A scene with the place its picture takes.
struct Item {
    Scene scene;
    int label = -1;
    std::string file; ///< relative to the dataset's folder
};

/// Any kind of scene, pairs and more the most: what retrieval is about.
Scene captionedScene(uint64_t seed, Split split) {
    Random random(seed);
    const uint64_t draw = random.below(10);
    const SceneKind kind = draw < 2   ? SceneKind::Single
                           : draw < 6 ? SceneKind::Pair
                           : draw < 7 ? SceneKind::Count
                                      : SceneKind::Several;
    return makeScene(seed, kind, split);
}

Item makeItem(std::string_view kind, const ClassSet* set, size_t index, Split split, uint64_t seed,
              std::string_view extension) {
    Item item;
    const uint64_t own = seedOf(kind, seed, index);
    if (set) {
        const size_t classes = set->classNames.size();
        item.label = static_cast<int>(index % classes);
        item.scene = set->scene(item.label, own, split);
        item.file = fmt::format("{}/{:05}.{}", set->classNames[index % classes], index / classes, extension);
    } else {
        item.scene = captionedScene(own, split);
        item.file = fmt::format("images/{:05}.{}", index, extension);
    }
    return item;
}

OrderedJson captionsJson(const std::vector<Item>& items, int imageSize) {
    OrderedJson images = OrderedJson::array(), annotations = OrderedJson::array();
    for (size_t i = 0; i < items.size(); ++i) {
        images.push_back(
            {{"id", i}, {"file_name", items[i].file}, {"width", imageSize}, {"height", imageSize}});
        for (const std::string& caption : captions(items[i].scene))
            annotations.push_back({{"id", annotations.size()}, {"image_id", i}, {"caption", caption}});
    }
    return {{"images", std::move(images)}, {"annotations", std::move(annotations)}};
}

/// COCO's form for what is in each image: one annotation an object, its shape the category.
OrderedJson instancesJson(const std::vector<Item>& items, int imageSize) {
    OrderedJson images = OrderedJson::array(), annotations = OrderedJson::array(),
                categories = OrderedJson::array();
    for (int i = 0; i < kShapeCount; ++i)
        categories.push_back({{"id", i + 1}, {"name", name(static_cast<Shape>(i))}});
    for (size_t i = 0; i < items.size(); ++i) {
        images.push_back(
            {{"id", i}, {"file_name", items[i].file}, {"width", imageSize}, {"height", imageSize}});
        for (const Object& object : items[i].scene.objects)
            annotations.push_back({{"id", annotations.size()},
                                   {"image_id", i},
                                   {"category_id", static_cast<int>(object.shape) + 1}});
    }
    return {{"images", std::move(images)},
            {"annotations", std::move(annotations)},
            {"categories", std::move(categories)}};
}

/// A line an image: the last of its captions as the candidate, the others as references.
std::string candidateLines(const std::vector<Item>& items) {
    std::string lines;
    for (const Item& item : items) {
        const auto all = captions(item.scene);
        const OrderedJson line = {{"image", item.file},
                                  {"candidate", all.back()},
                                  {"references", std::vector<std::string>(all.begin(), all.end() - 1)}};
        lines += line.dump() + "\n";
    }
    return lines;
}

OrderedJson metadataJson(std::string_view kind, const ClassSet* set, Split split, uint64_t seed,
                         const std::vector<Item>& items) {
    OrderedJson json = {{"kind", kind}, {"split", name(split)}, {"seed", seed}};
    if (set) {
        json["classes"] = set->classNames;
        json["templates"] = set->templates;
        json["chance"] = set->chance();
    }
    OrderedJson scenes = OrderedJson::array();
    for (const Item& item : items) {
        OrderedJson entry = {{"file", item.file}};
        if (set)
            entry["class"] = set->classNames[static_cast<size_t>(item.label)];
        entry["description"] = describeScene(item.scene);
        entry["scene"] = toJson(item.scene);
        scenes.push_back(std::move(entry));
    }
    json["images"] = std::move(scenes);
    return json;
}

} // namespace

const std::vector<DatasetKind>& datasetKinds() {
    static const std::vector<DatasetKind> kKinds = [] {
        std::vector<DatasetKind> kinds;
        for (const ClassSet& set : classSets())
            kinds.push_back(
                {set.id, set.title, fmt::format("{} classes, one folder each", set.classNames.size())});
        kinds.push_back({std::string(kCaptionsKind), "Blocks: captions",
                         "five captions an image and what is in it, COCO format; candidate captions"});
        kinds.push_back({std::string(kWinogroundKind), "Blocks: Winoground",
                         "pairs of scenes with the same words in another order, Winoground format"});
        kinds.push_back({std::string(kMemesKind), "Blocks: memes",
                         "captions drawn on scenes, true or not, Hateful Memes format"});
        return kinds;
    }();
    return kKinds;
}

Split parseSplit(std::string_view text) {
    for (const Split split : {Split::Train, Split::Validation, Split::Test}) {
        if (name(split) == text)
            return split;
    }
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("There is no split '{}'; there are train, validation and test", text));
}

DatasetSummary writeBlocksDataset(std::string_view kind, Split split, size_t count, uint64_t seed,
                                  const fs::path& directory, const RunContext& context,
                                  const DatasetOptions& options) {
    if (kind == kWinogroundKind)
        return writeWinogroundDataset(split, count, seed, directory, context, options);
    if (kind == kMemesKind)
        return writeMemesDataset(split, count, seed, directory, context, options);
    const ClassSet* set = kind == kCaptionsKind ? nullptr : &classSet(kind);
    prepareFolder(directory);
    std::vector<Item> items(count);
    std::atomic<uint64_t> bytes = 0;
    const std::string_view extension = pictureExtension(options);
    if (set) {
        for (const std::string& className : set->classNames)
            fs::create_directory(directory / className);
    } else {
        fs::create_directory(directory / "images");
    }
    context.begin(fmt::format("Rendering {}", kind), static_cast<int64_t>(count));
    parallelFor(
        count, context.threadCount(),
        [&](size_t i) {
            items[i] = makeItem(kind, set, i, split, seed, extension);
            const Image image = renderScene(items[i].scene, options.imageSize);
            bytes += writePicture(image, directory / items[i].file, options);
            context.advance();
        },
        context.stop);
    context.throwIfCancelled();
    context.end();
    writeFileAtomically(directory / "captions.json", captionsJson(items, options.imageSize).dump(1) + "\n");
    if (kind == kCaptionsKind) {
        writeFileAtomically(directory / "instances.json",
                            instancesJson(items, options.imageSize).dump(1) + "\n");
        writeFileAtomically(directory / "candidates.jsonl", candidateLines(items));
    }
    writeFileAtomically(directory / "metadata.json",
                        metadataJson(kind, set, split, seed, items).dump(1) + "\n");
    DatasetSummary summary;
    summary.directory = directory;
    summary.images = count;
    summary.classes = set ? set->classNames.size() : 0;
    summary.bytes = bytes;
    return summary;
}

} // namespace diptych::blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/formats.h"
#include "core/datasets/line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>

// Datasets whose folders alone do not say what they are, in the form in which they are published: labels or
// splits are in lists of their own.
namespace diptych {
namespace fs = std::filesystem;
namespace {

using Names = std::vector<std::string>;

bool isFile(const fs::path& path) {
    std::error_code failed;
    return fs::is_regular_file(path, failed);
}
bool isFolder(const fs::path& path) {
    std::error_code failed;
    return fs::is_directory(path, failed);
}

/// The words of every line that has some and is no comment.
std::vector<Names> wordsOfLines(const fs::path& path, const char* blanks, const RunContext& context) {
    LineReader lines(path);
    std::vector<Names> all;
    std::string line;
    while (lines.next(line)) {
        context.throwIfCancelled();
        const std::string text = trimmed(toValidUtf8(line));
        Names words;
        for (size_t at = text.find_first_not_of(blanks); at < text.size() && text.front() != '#';) {
            const size_t end = std::min(text.find_first_of(blanks, at), text.size());
            words.push_back(text.substr(at, end - at));
            at = text.find_first_not_of(blanks, end);
        }
        if (!words.empty())
            all.push_back(std::move(words));
    }
    return all;
}

std::string spaced(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// Food-101: images/CLASS/ID.jpg; meta/train.txt and meta/test.txt with lines "CLASS/ID"

bool isFood101(const fs::path& source) {
    return isFolder(source / "images") && isFile(source / "meta" / "classes.txt") &&
           isFile(source / "meta" / "train.txt") && isFile(source / "meta" / "test.txt");
}

DatasetIndex readFood101(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    ImportOptions folders = options;
    folders.folders = "-/class";
    DatasetIndex index = imageFolderFormat().read(source, folders, context);
    std::unordered_map<std::string, std::string> splits;
    for (const char* split : {"train", "test"})
        for (const auto& words :
             wordsOfLines(source / "meta" / (std::string(split) + ".txt"), "\r\n", context))
            splits[words.front()] = split;
    int64_t unlisted = 0;
    for (auto& sample : index.samples) {
        const fs::path name = sample.image.lexically_relative(source / "images").replace_extension();
        const auto split = splits.find(name.native());
        if (split == splits.end())
            ++unlisted;
        else
            sample.split = split->second;
    }
    if (unlisted > 0)
        index.problems.push_back(
            {displayPath(source / "meta"),
             fmt::format("{} images are in neither train.txt nor test.txt; kept without a split", unlisted)});
    for (auto& name : index.classNames)
        name = spaced(name);
    return index;
}

// Oxford-IIIT Pet: images/NAME_7.jpg; annotations/trainval.txt and test.txt with lines "NAME_7 CLASS SPECIES
// BREED"

constexpr int64_t kMostClasses = 1000;

bool isOxfordPets(const fs::path& source) {
    return isFolder(source / "images") && isFile(source / "annotations" / "trainval.txt") &&
           isFile(source / "annotations" / "test.txt");
}

DatasetIndex readOxfordPets(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    std::vector<CaptionedImage> images;
    std::map<int, std::string> names;
    ProblemList problems;
    for (const char* split : {"trainval", "test"}) {
        const fs::path list = source / "annotations" / (std::string(split) + ".txt");
        for (const auto& words : wordsOfLines(list, " \t\r\n", context)) {
            const int64_t label = words.size() < 2 ? -1 : digitsOf(words[1]).value_or(-1);
            const auto underscore = words.front().rfind('_');
            if (label < 0 || label > kMostClasses || underscore == std::string::npos) {
                problems.add(
                    "broken lines", displayPath(list),
                    fmt::format("'{}' is not followed by the number of a class; left out", words.front()));
                continue;
            }
            names.emplace(static_cast<int>(label), spaced(words.front().substr(0, underscore)));
            CaptionedImage image;
            image.name = words.front() + ".jpg";
            image.split = split;
            image.where = displayPath(list);
            image.label = static_cast<int>(label);
            image.captionsExpected = false;
            images.push_back(std::move(image));
        }
    }
    ImportOptions inImages = options;
    inImages.imageRoot = options.imageRoot.empty() ? source / "images" : options.imageRoot;
    DatasetIndex index = indexCaptionedImages(source, inImages, std::move(images), {}, problems, context);
    std::map<int, int> positions;
    for (const auto& [number, name] : names) {
        positions[number] = static_cast<int>(index.classNames.size());
        index.classNames.push_back(name);
    }
    for (auto& sample : index.samples)
        sample.label = positions.at(sample.label);
    return index;
}

// Tiny ImageNet: train/WNID/images/, val/images/ with val_annotations.txt "FILE WNID ...", words.txt "WNID
// words"

bool isTinyImageNet(const fs::path& source) {
    return isFile(source / "wnids.txt") && isFile(source / "words.txt") &&
           isFile(source / "val" / "val_annotations.txt") && isFolder(source / "train");
}

DatasetIndex readTinyImageNet(const fs::path& source, const ImportOptions& options,
                              const RunContext& context) {
    DatasetIndex index = imageFolderFormat().read(source, options, context);
    std::unordered_map<std::string, int> labels;
    for (size_t i = 0; i < index.classNames.size(); ++i)
        labels[index.classNames[i]] = static_cast<int>(i);
    std::unordered_map<std::string, int> labelOfFile;
    for (const auto& words : wordsOfLines(source / "val" / "val_annotations.txt", " \t\r\n", context))
        if (const auto label = words.size() > 1 ? labels.find(words[1]) : labels.end(); label != labels.end())
            labelOfFile[words.front()] = label->second;
    bool all = true;
    for (auto& sample : index.samples) {
        const auto label = sample.label < 0 && sample.split == "val"
                               ? labelOfFile.find(sample.image.filename().native())
                               : labelOfFile.end();
        if (label != labelOfFile.end())
            sample.label = label->second;
        all = all && (sample.label >= 0 || sample.split != "val");
    }
    if (all) // its list stands in for class folders
        std::erase_if(index.problems, [](const ImportProblem& problem) {
            return problem.reason.find("of the split 'val' lie in no class folder") != std::string::npos;
        });
    std::unordered_map<std::string, std::string> names;
    for (const auto& words : wordsOfLines(source / "words.txt", "\t\r\n", context))
        if (words.size() > 1) // the first of several names, as prompts are written
            names[words[0]] = words[1].substr(0, words[1].find(','));
    for (auto& name : index.classNames)
        if (const auto words = names.find(name); words != names.end())
            name = words->second;
    return index;
}

// Flickr8k and Flickr30k as Kaggle has them: Images/ and captions.txt with a header "image,caption"

bool isFlickr(const fs::path& source) {
    return isFile(source / "captions.txt") && (isFolder(source / "Images") || isFolder(source / "images"));
}

DatasetIndex readFlickr(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    ImportOptions inImages = options;
    if (options.imageRoot.empty())
        inImages.imageRoot = source / (isFolder(source / "Images") ? "Images" : "images");
    return csvFormat().read(source / "captions.txt", inImages, context);
}

struct Published {
    bool (*isIt)(const fs::path& source);
    DatasetIndex (*read)(const fs::path& source, const ImportOptions& options, const RunContext& context);
};

constexpr std::array<Published, 4> kPublished = {{{isFood101, readFood101},
                                                  {isOxfordPets, readOxfordPets},
                                                  {isTinyImageNet, readTinyImageNet},
                                                  {isFlickr, readFlickr}}};

/// The folder itself, or the only one in it: archives are unpacked either way.
std::optional<std::pair<const Published*, fs::path>> find(const fs::path& source) {
    if (!isFolder(source))
        return std::nullopt;
    std::vector<fs::path> places{source};
    std::error_code failed;
    std::vector<fs::path> inside;
    for (fs::directory_iterator at(source, failed), end; !failed && at != end && inside.size() < 2;
         at.increment(failed))
        if (isFolder(at->path()) && !at->path().filename().native().starts_with('.'))
            inside.push_back(at->path());
    if (inside.size() == 1)
        places.push_back(inside.front());
    for (const auto& place : places)
        for (const auto& published : kPublished)
            if (published.isIt(place))
                return std::pair(&published, place);
    return std::nullopt;
}

int detect(const fs::path& source) {
    return find(source) ? 85 : 0;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const auto found = find(source);
    if (!found)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} is none of the datasets known by their published form: Food-101 (with meta/), "
                        "Oxford-IIIT Pet (with annotations/), Tiny ImageNet (with words.txt), Flickr8k (with "
                        "captions.txt)",
                        displayPath(source)));
    return found->first->read(found->second, options, context);
}

} // namespace

DatasetFormat publishedFormat() {
    return {
        "published", "Food-101, Oxford Pets, Tiny ImageNet, Flickr8k",
        "The folder as it is published: labels, names, splits and captions are taken from its lists (meta/, "
        "annotations/, words.txt and val_annotations.txt, captions.txt)",
        detect, read};
}

} // namespace diptych

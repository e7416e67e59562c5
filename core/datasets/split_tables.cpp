// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/datasets/folder_layout.h"
#include "core/datasets/formats.h"
#include "core/datasets/problem_list.h"
#include "core/datasets/split_names.h"
#include "core/datasets/table_import.h"
#include "core/datasets/table_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>
#include <system_error>
#include <utility>

namespace diptych {
namespace fs = std::filesystem;
namespace {

using Names = std::vector<std::string>;

constexpr const char* kId = "split-tables";
constexpr int kEntriesLooked = 2000; ///< of a folder, for its tables

struct SplitFile {
    std::string split;
    fs::path folder, file; ///< no file: the folder has no table, or several
};

Names subfoldersOf(const fs::path& folder) {
    Names names;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code unknown;
        if (at->is_directory(unknown) && !at->path().filename().native().starts_with('.'))
            names.push_back(at->path().filename().native());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool isTableFormat(const DatasetFormat* format) {
    constexpr std::array<const char*, 4> kReadable = {"csv", "jsonl", "coco-captions", "coco-instances"};
    return format && std::find(kReadable.begin(), kReadable.end(), format->id) != kReadable.end();
}

bool namesImages(const fs::path& file) {
    try {
        if (const auto table = previewTable(file, {}, 0))
            mapColumns(table->columns, {}, displayPath(file));
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// metadata.jsonl or metadata.csv; else the only table or COCO file there is. Empty if there is none.
fs::path tableIn(const fs::path& folder) {
    std::error_code failed;
    for (const char* name : {"metadata.jsonl", "metadata.csv"})
        if (fs::is_regular_file(folder / name, failed))
            return folder / name;
    std::vector<fs::path> tables;
    int looked = 0;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end && ++looked < kEntriesLooked;
         at.increment(failed)) {
        const std::string extension = lowerAscii(at->path().extension().native());
        std::error_code unknown;
        const bool maybe =
            extension == ".csv" || extension == ".tsv" || extension == ".jsonl" || extension == ".json";
        if (maybe && at->is_regular_file(unknown) && isTableFormat(detectedFormat(at->path())) &&
            namesImages(at->path()))
            tables.push_back(at->path());
    }
    return tables.size() == 1 ? tables.front() : fs::path();
}

/// The splits in @p folder, or in the only folder in it; empty where none of them has a table.
std::vector<SplitFile> filesOf(const fs::path& folder, int wrappers = 2) {
    std::error_code failed;
    if (!fs::is_directory(folder, failed))
        return {};
    const Names subfolders = subfoldersOf(folder);
    std::vector<SplitFile> files;
    for (const auto& split : splitsAmong(subfolders))
        files.push_back({split, folder / split, tableIn(folder / split)});
    const bool any =
        std::any_of(files.begin(), files.end(), [](const auto& file) { return !file.file.empty(); });
    if (any)
        return files;
    return subfolders.size() == 1 && wrappers > 0 ? filesOf(folder / subfolders.front(), wrappers - 1)
                                                  : std::vector<SplitFile>();
}

int detect(const fs::path& source) {
    const auto files = filesOf(source);
    const bool plain = std::any_of(files.begin(), files.end(),
                                   [](const auto& file) { return file.file.stem() == "metadata"; });
    if (files.empty() || (!plain && FolderLayout(glanceAt(source)).hasClasses()))
        return 0; // folders of classes say more than some table beside them
    return 79;    // less than one table for all
}

/// As readers of tables order classes: all numbers by value, else by bytes.
std::function<bool(const std::string&, const std::string&)> orderOf(const Names& names) {
    if (std::all_of(names.begin(), names.end(), [](const auto& name) { return digitsOf(name).has_value(); }))
        return [](const std::string& a, const std::string& b) { return *digitsOf(a) < *digitsOf(b); };
    return std::less<>();
}

/// Which class of the whole each class of a part is: by name, those of one name in the order given.
class ClassUnion {
public:
    std::vector<int> take(const Names& names) {
        std::map<std::string, int> seen;
        std::vector<int> positions;
        for (const auto& name : names) {
            const auto [at, fresh] =
                m_positions.try_emplace({name, seen[name]++}, static_cast<int>(m_names.size()));
            if (fresh)
                m_names.push_back(name);
            positions.push_back(at->second);
        }
        return positions;
    }
    const Names& names() const { return m_names; }

    /// Where each class goes in the order of names.
    std::vector<int> inOrder() const {
        std::vector<int> order(m_names.size());
        std::iota(order.begin(), order.end(), 0);
        const auto before = orderOf(m_names);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return before(m_names[static_cast<size_t>(a)], m_names[static_cast<size_t>(b)]);
        });
        std::vector<int> places(order.size());
        for (size_t i = 0; i < order.size(); ++i)
            places[static_cast<size_t>(order[i])] = static_cast<int>(i);
        return places;
    }

private:
    std::map<std::pair<std::string, int>, int> m_positions;
    Names m_names;
};

/// Labels of a sample, the one and the several of COCO's objects, as @p places says.
void relabel(DatasetSample& sample, const std::vector<int>& places) {
    if (sample.label >= 0)
        sample.label = places[static_cast<size_t>(sample.label)];
    if (!sample.attributes.is_object() || !sample.attributes.contains("labels"))
        return;
    Json& labels = sample.attributes["labels"];
    if (!labels.is_array() || !std::all_of(labels.begin(), labels.end(), [&](const Json& label) {
            return label.is_number_integer() && label.get<int64_t>() >= 0 &&
                   label.get<size_t>() < places.size();
        }))
        return; // a column of that name, not classes
    std::vector<int> moved;
    for (const Json& label : labels)
        moved.push_back(places[label.get<size_t>()]);
    std::sort(moved.begin(), moved.end());
    labels = moved;
}

/// Puts the classes of several tables in order where each table's own were in order.
void orderClasses(DatasetIndex& index, const ClassUnion& classes) {
    const auto places = classes.inOrder();
    index.classNames.resize(places.size());
    for (size_t i = 0; i < places.size(); ++i)
        index.classNames[static_cast<size_t>(places[i])] = classes.names()[i];
    for (auto& sample : index.samples)
        relabel(sample, places);
}

DatasetIndex readPart(const SplitFile& part, const ImportOptions& options, const RunContext& context) {
    const DatasetFormat* format = detectedFormat(part.file);
    if (!isTableFormat(format))
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} is neither a table nor a COCO file", displayPath(part.file)));
    DatasetIndex index = format->read(part.file, options, context);
    for (auto& sample : index.samples) {
        sample.key = toValidUtf8(part.split) + "/" + sample.key;
        if (sample.split.empty())
            sample.split = toValidUtf8(part.split);
    }
    return index;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const auto parts = filesOf(source);
    if (parts.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format(
                "{} has no train, val or test folders with a metadata.jsonl, metadata.csv or COCO file "
                "in each",
                displayPath(source)));
    ProblemList problems;
    DatasetIndex index;
    index.root = source;
    ClassUnion classes;
    bool sorted = true;
    KeySet keys;
    std::vector<ImportProblem> found;
    for (const auto& part : parts) {
        if (part.file.empty()) {
            problems.add("splits without a table", displayPath(part.folder),
                         "has no table that names its images, or several; left out");
            continue;
        }
        DatasetIndex read = readPart(part, options, context);
        const auto places = classes.take(read.classNames);
        sorted = sorted &&
                 std::is_sorted(read.classNames.begin(), read.classNames.end(), orderOf(read.classNames));
        for (auto& sample : read.samples) {
            relabel(sample, places);
            sample.key = keys.unique(sample.key);
            index.samples.push_back(std::move(sample));
        }
        found.insert(found.end(), read.problems.begin(), read.problems.end());
        if (index.columns.empty())
            index.columns = std::move(read.columns);
    }
    index.classNames = classes.names();
    if (sorted)
        orderClasses(index, classes);
    index.problems = problems.take(displayPath(source));
    index.problems.insert(index.problems.end(), found.begin(), found.end());
    return index;
}

} // namespace

fs::path firstSplitTable(const fs::path& source) {
    for (const auto& part : filesOf(source))
        if (!part.file.empty())
            return part.file;
    return {};
}

DatasetFormat splitTablesFormat() {
    return {kId, "A table in each split's folder",
            "train, val and test folders, each with its images and a metadata.jsonl, metadata.csv or COCO "
            "file, as "
            "Hugging Face's datasets and Roboflow have them",
            detect, read};
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/table_import.h"

#include "core/base/file.h"
#include "core/datasets/frame_files.h"
#include "core/datasets/image_finder.h"
#include "core/datasets/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr size_t kColumnsShown = 20;

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (size_t i = 0; i < std::min(names.size(), kColumnsShown); ++i)
        all += (all.empty() ? "" : ", ") + names[i];
    if (names.size() > kColumnsShown)
        all += fmt::format(" and {} more", names.size() - kColumnsShown);
    return all;
}

/// Finds columns by their usual names, in any case.
class Columns {
public:
    explicit Columns(const std::vector<std::string>& columns) {
        for (const auto& column : columns)
            m_byName.emplace(lowerCase(column), column);
    }
    void remove(const std::string& column) {
        if (const auto found = m_byName.find(lowerCase(column)); found != m_byName.end())
            m_byName.erase(found);
    }
    /// The first of the usual names that is a column.
    std::string guess(std::initializer_list<const char*> usual) const {
        for (const char* name : usual) {
            if (const auto found = m_byName.find(name); found != m_byName.end())
                return found->second;
        }
        return {};
    }

private:
    std::unordered_map<std::string, std::string> m_byName; ///< the first of columns of one name
};

bool isWebAddress(const std::string& image) {
    return image.starts_with("http://") || image.starts_with("https://");
}

/// What rows of one picture, or of one clip, have in common.
std::string identityOf(const TableRow& row) {
    return row.frames.empty() ? row.image : fmt::format("{}", fmt::join(row.frames, "\n"));
}

} // namespace

TableColumns mapColumns(const std::vector<std::string>& columns,
                        const std::map<std::string, std::string>& chosen, const std::string& source) {
    Columns usual(columns);
    TableColumns map;
    map.image = usual.guess({"image", "image_path", "img_path", "imagepath", "path", "file", "filename",
                             "file_name", "filepath", "file_path", "img", "image_name", "image_file"});
    if (map.image.empty()) // beside images, "frames" may be how many there are
        map.frames = usual.guess({"frames"});
    map.label =
        usual.guess({"label", "labels", "class", "target", "class_id", "label_id", "category_id",
                     "class_name", "classname", "category", "label_name", "category_name", "label_text"});
    map.caption = usual.guess({"caption", "captions", "text", "texts", "title", "sentence", "sentences",
                               "description", "raw", "comment"});
    map.split = usual.guess({"split", "subset", "partition", "fold"});
    map.id = usual.guess({"id", "image_id", "img_id", "imgid", "sample_id", "key", "uid"});
    const std::map<std::string, std::string*> roles{{"image", &map.image}, {"frames", &map.frames},
                                                    {"label", &map.label}, {"caption", &map.caption},
                                                    {"split", &map.split}, {"id", &map.id}};
    for (const auto& [role, column] : chosen) {
        const auto known = roles.find(role);
        if (known == roles.end())
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format("'{}' is not what a column can be: image, frames, label, caption, split or id",
                            role));
        if (!column.empty() && std::find(columns.begin(), columns.end(), column) == columns.end())
            throw Error(ErrorCode::InvalidArgument, fmt::format("{} has no column '{}'. Its columns are: {}",
                                                                source, column, joined(columns)));
        *known->second = column;
    }
    if (map.image.empty() && map.frames.empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} has no column that names images ('image', 'path', 'filename', ...). Its columns "
                        "are: {}. Say which one holds the image, or the frames of a clip",
                        source, joined(columns)));
    // Whatever is the label is not its own name.
    usual.remove(map.label);
    map.labelName = usual.guess({"class_name", "classname", "label_name", "category_name", "label_text"});
    map.labelNameCertain = !map.labelName.empty();
    if (!map.labelNameCertain)
        map.labelName = usual.guess({"class", "category"});
    return map;
}

TableImport::TableImport(fs::path source, const ImportOptions& options, TableColumns columns)
    : m_source(std::move(source)), m_options(options), m_columns(std::move(columns)) {}

void TableImport::add(TableRow row) {
    row.image.resize(withoutCaptionNumber(row.image).size());
    if (row.image.empty() && !row.frames.empty())
        row.image = row.frames[row.frames.size() / 2];
    if (row.image.empty()) {
        m_problems.add("rows without an image", row.where, "names no image; left out");
        return;
    }
    if (isWebAddress(row.image)) {
        m_problems.add(
            "images on the web", row.where,
            fmt::format("{} is on the web; only files are read. Download it first", toValidUtf8(row.image)));
        return;
    }
    if (!row.id.empty()) {
        const auto [known, fresh] = m_whereOfId.emplace(row.id, row.where);
        const auto image = m_rowOfImage.find(identityOf(row));
        const bool sameImage = image != m_rowOfImage.end() && m_rows[image->second].id == row.id;
        if (!fresh && !sameImage) {
            m_problems.add("ids given twice", row.where,
                           fmt::format("id '{}' was given to another image before ({}); left out", row.id,
                                       known->second));
            return;
        }
    }
    const auto [position, fresh] = m_rowOfImage.emplace(identityOf(row), m_rows.size());
    if (fresh)
        m_rows.push_back(std::move(row));
    else
        merge(m_rows[position->second], std::move(row));
}

void TableImport::merge(TableRow& into, TableRow&& row) {
    if (!into.label.said)
        std::swap(into.label, row.label);
    else if (row.label.said && row.label.values != into.label.values)
        m_problems.add("contradicting labels", row.where,
                       fmt::format("gives {} the label '{}'; it has '{}' from {}, which is kept",
                                   toValidUtf8(row.image), fmt::join(row.label.values, "|"),
                                   fmt::join(into.label.values, "|"), into.where));
    if (into.split.empty())
        std::swap(into.split, row.split);
    auto& seen = m_captionsOf[identityOf(into)];
    if (seen.empty())
        seen.insert(into.captions.begin(), into.captions.end());
    bool news = false;
    for (auto& caption : row.captions) {
        if (seen.insert(caption).second) {
            into.captions.push_back(std::move(caption));
            news = true;
        }
    }
    if (!news)
        m_problems.note("repeated rows", row.where,
                        fmt::format("repeats {} of {}", toValidUtf8(row.image), into.where));
}

void TableImport::requireSamples(size_t kept) const {
    const std::string source = displayPath(m_source);
    const std::string reason =
        m_problems.empty() ? std::string()
                           : fmt::format(" ({}: {})", m_problems.first().where, m_problems.first().reason);
    if (m_rows.empty())
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} has no usable rows{}", source, reason));
    if (kept == 0)
        throw Error(ErrorCode::NotFound,
                    fmt::format("None of the {} images that {} names exists{}. Say in which folder they are",
                                m_rows.size(), source, reason));
}

void TableImport::setLabels(DatasetIndex& index, std::vector<RawLabel> labels) {
    auto resolved =
        resolveLabels({std::move(labels), m_columns.labelNameCertain}, m_source.parent_path(), m_problems);
    index.classNames = std::move(resolved.classNames);
    for (size_t i = 0; i < index.samples.size(); ++i) {
        DatasetSample& sample = index.samples[i];
        const auto& classes = resolved.classes[i];
        if (resolved.several && classes)
            sample.attributes["labels"] = *classes;
        else if (!resolved.several && classes && !classes->empty())
            sample.label = classes->front();
        if (resolved.namesUsed)
            sample.attributes.erase(m_columns.labelName);
        if (sample.attributes.empty())
            sample.attributes = nullptr;
    }
}

DatasetIndex TableImport::finish(const RunContext& context) {
    std::vector<std::string> names;
    for (const auto& row : m_rows)
        names.push_back(row.image);
    DatasetIndex index;
    index.root = chooseImageRoot(m_source, m_options.imageRoot, names);
    ImageFinder finder(index.root);
    std::vector<RawLabel> labels;
    KeySet keys;
    context.begin("Finding the images", static_cast<int64_t>(m_rows.size()));
    for (size_t i = 0; i < m_rows.size(); ++i) {
        if (i % 1000 == 0)
            context.throwIfCancelled();
        context.advance();
        TableRow& row = m_rows[i];
        DatasetSample sample;
        sample.image = finder.find(row.image);
        if (!row.frames.empty()) {
            auto frames = findFrames(row.frames, finder);
            if (!frames) {
                m_problems.add("clips without their frames", row.where, frames.error().what());
                continue;
            }
            sample.frames = std::move(*frames);
            if (sample.image.empty())
                sample.image = sample.frames[sample.frames.size() / 2];
        }
        if (sample.image.empty()) {
            m_problems.add(
                "images that do not exist", row.where,
                fmt::format("{} does not exist", displayPath((index.root / row.image).lexically_normal())));
            continue;
        }
        sample.key = keys.unique(row.id.empty() ? row.image : row.id);
        sample.captions = std::move(row.captions);
        sample.split = std::move(row.split);
        sample.attributes = std::move(row.attributes);
        index.samples.push_back(std::move(sample));
        row.label.where = std::move(row.where);
        labels.push_back(std::move(row.label));
    }
    context.end();
    requireSamples(index.samples.size());
    setLabels(index, std::move(labels));
    index.problems = m_problems.take(displayPath(m_source));
    return index;
}

} // namespace diptych

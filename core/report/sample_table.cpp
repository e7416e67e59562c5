// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/sample_table.h"

#include "core/base/file.h"
#include "core/report/report_writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace diptych {
namespace {

/// Names of classes, one dataset after the other.
class ClassNames {
public:
    explicit ClassNames(const Workspace& workspace) : m_workspace(workspace) {}
    std::string of(const Sample& sample) {
        auto found = m_names.find(sample.dataset);
        if (found == m_names.end())
            found = m_names.emplace(sample.dataset, m_workspace.classNames(sample.dataset)).first;
        const auto label = static_cast<size_t>(sample.label);
        return sample.label >= 0 && label < found->second.size() ? found->second[label] : std::string();
    }

private:
    const Workspace& m_workspace;
    std::map<DatasetId, std::vector<std::string>> m_names;
};

OrderedJson rowOf(const Sample& sample, const std::string& className) {
    OrderedJson row;
    row["image"] = displayPath(sample.path);
    if (!sample.frames.empty())
        for (const std::filesystem::path& frame : sample.frames)
            row["frames"].push_back(displayPath(frame));
    row["key"] = sample.key;
    if (!className.empty())
        row["class"] = className;
    if (!sample.split.empty())
        row["split"] = sample.split;
    if (!sample.tags.empty())
        row["tags"] = sample.tags;
    if (!sample.note.empty())
        row["note"] = sample.note;
    if (!sample.captions.empty())
        row["captions"] = sample.captions;
    if (sample.attributes.is_object())
        for (const auto& [name, value] : sample.attributes.items())
            if (!value.is_null() && !row.contains(name))
                row[name] = value;
    return row;
}

std::string cellText(const OrderedJson& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_array())
        return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    std::string text;
    for (const OrderedJson& part : value)
        text += (text.empty() ? "" : ";") + cellText(part);
    return text;
}

std::string csvTable(const std::vector<OrderedJson>& rows) {
    std::vector<std::string> columns{"image", "frames", "key", "class", "split", "tags", "note", "captions"};
    std::set<std::string> used, own;
    for (const OrderedJson& row : rows)
        for (const auto& [name, value] : row.items())
            (std::find(columns.begin(), columns.end(), name) != columns.end() ? used : own).insert(name);
    std::erase_if(columns, [&](const std::string& name) { return name != "image" && !used.contains(name); });
    columns.insert(columns.end(), own.begin(), own.end());
    std::string out;
    for (size_t i = 0; i < columns.size(); ++i)
        out += (i ? "," : "") + csvField(columns[i]);
    out += '\n';
    for (const OrderedJson& row : rows) {
        for (size_t i = 0; i < columns.size(); ++i) {
            const auto found = row.find(columns[i]);
            out += (i ? "," : "") + (found == row.end() ? std::string() : csvField(cellText(*found)));
        }
        out += '\n';
    }
    return out;
}

} // namespace

SampleTableFormat sampleTableFormat(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    if (extension == ".csv")
        return SampleTableFormat::Csv;
    if (extension == ".jsonl")
        return SampleTableFormat::JsonLines;
    if (extension == ".txt")
        return SampleTableFormat::Paths;
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{}: a list is written as .csv, .jsonl or .txt", displayPath(file)));
}

std::vector<OrderedJson> sampleObjects(const Workspace& workspace, std::span<const SampleId> samples) {
    ClassNames classNames(workspace);
    std::vector<OrderedJson> rows;
    for (const Sample& sample : workspace.samples(samples, SampleDetail::Full))
        rows.push_back(rowOf(sample, classNames.of(sample)));
    return rows;
}

std::string sampleTable(const Workspace& workspace, std::span<const SampleId> samples,
                        SampleTableFormat format) {
    std::string out;
    if (format == SampleTableFormat::Paths) {
        for (const Sample& sample : workspace.samples(samples, SampleDetail::Basic))
            out += sample.path.native() + '\n';
        return out;
    }
    const std::vector<OrderedJson> rows = sampleObjects(workspace, samples);
    if (format == SampleTableFormat::Csv)
        return csvTable(rows);
    for (const OrderedJson& row : rows)
        out += row.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
    return out;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"
#include "core/datasets/dataset.h"
#include "core/datasets/table_preview.h"

#include <QtTest>

#include <fstream>
#include <map>
#include <string>

namespace diptych::test {

inline void writeFile(const std::filesystem::path& path, const std::string& content = "x") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

inline DatasetIndex import(const std::filesystem::path& source, const std::string& format = "",
                           const ImportOptions& given = {}) {
    ImportOptions options = given;
    options.format = format;
    return importDataset(source, options, {});
}

/// The message of the Error that importing gives; a message that says so if it gives none.
inline std::string errorOf(const std::filesystem::path& source, const std::string& format = "",
                           const ImportOptions& options = {}, ErrorCode* code = nullptr) {
    try {
        import(source, format, options);
    } catch (const Error& error) {
        if (code)
            *code = error.code();
        return error.what();
    }
    return "(no error)";
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Of a table; nothing of what is none.
inline std::vector<std::string> columnsOf(const std::filesystem::path& source) {
    const auto table = previewTable(source, {}, 0);
    return table ? table->columns : std::vector<std::string>();
}

/// "where: reason" of all problems, a line each.
inline std::string problemsOf(const DatasetIndex& index) {
    std::string all;
    for (const auto& problem : index.problems)
        all += problem.where + ": " + problem.reason + "\n";
    return all;
}

/// "key=label/split" of all samples, blank between.
inline std::string describe(const DatasetIndex& index) {
    std::string all;
    for (const auto& sample : index.samples)
        all += (all.empty() ? "" : " ") + sample.key + "=" + std::to_string(sample.label) +
               (sample.split.empty() ? "" : "/" + sample.split);
    return all;
}

} // namespace diptych::test

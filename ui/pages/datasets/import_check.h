// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/datasets/dataset.h"
#include "core/datasets/table_preview.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <vector>

namespace diptych::ui {

/// What would be imported: enough of it to show before anything is stored.
struct ImportCheck {
    QString formatId, formatTitle;
    int64_t imageCount = 0, captionCount = 0, labelledCount = 0;
    QStringList classNames;
    QStringList splits;                ///< sorted
    std::optional<TablePreview> table; ///< where it is one, also if it cannot be imported yet
    std::filesystem::path root;        ///< where the images were found
    std::vector<DatasetSample> firstSamples;
    std::vector<ImportProblem> problems;
    std::optional<Error> error; ///< why it cannot be imported as it is; then only table says anything

    /// Whether the folders around the images say what they are.
    bool isFolder() const;
};

/// Reads @p source as an import would. Runs on a worker. @throws Cancelled
ImportCheck checkImport(const std::filesystem::path& source, const ImportOptions& options,
                        const RunContext& context);
/// The path of a dropped or chosen file, bytes as the file system has them.
std::filesystem::path toPath(const QString& path);
QString formatTitle(const std::string& formatId);

} // namespace diptych::ui

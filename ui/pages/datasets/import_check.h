// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace diptych::ui {

/// What would be imported: enough of it to show before anything is stored.
struct ImportCheck {
    QString formatId, formatTitle;
    int64_t imageCount = 0, captionCount = 0, labelledCount = 0;
    QStringList classNames;
    QStringList columns; ///< of a table; empty = the format has none
    std::vector<DatasetSample> firstSamples;
    std::vector<ImportProblem> problems;
};

/// Reads @p source as an import would. Runs on a worker. @throws Error, Cancelled
ImportCheck checkImport(const std::filesystem::path& source, const ImportOptions& options,
                        const RunContext& context);
/// The path of a dropped or chosen file, bytes as the file system has them.
std::filesystem::path toPath(const QString& path);
QString formatTitle(const std::string& formatId);

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/import_check.h"

#include <QFile>

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr size_t kPreviewSamples = 100;
}

std::filesystem::path toPath(const QString& path) {
    return QFile::encodeName(path).toStdString();
}

QString formatTitle(const std::string& formatId) {
    for (const DatasetFormat& format : datasetFormats())
        if (format.id == formatId)
            return QString::fromStdString(format.title);
    return QString::fromStdString(formatId);
}

ImportCheck checkImport(const std::filesystem::path& source, const ImportOptions& options,
                        const RunContext& context) {
    DatasetIndex index = importDataset(source, options, context);
    ImportCheck check;
    check.formatId = QString::fromStdString(index.format);
    check.formatTitle = formatTitle(index.format);
    check.imageCount = static_cast<int64_t>(index.samples.size());
    for (const DatasetSample& sample : index.samples) {
        check.captionCount += static_cast<int64_t>(sample.captions.size());
        check.labelledCount += sample.label >= 0 ? 1 : 0;
    }
    for (const std::string& name : index.classNames)
        check.classNames << QString::fromStdString(name);
    for (const std::string& column : index.columns)
        check.columns << QString::fromStdString(column);
    index.samples.resize(std::min(index.samples.size(), kPreviewSamples));
    check.firstSamples = std::move(index.samples);
    check.problems = std::move(index.problems);
    return check;
}

} // namespace diptych::ui

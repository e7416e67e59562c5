// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/import_check.h"

#include <QFile>

#include <algorithm>
#include <set>
#include <utility>

namespace diptych::ui {

namespace {

constexpr size_t kPreviewSamples = 100;
constexpr size_t kPreviewRows = 100;

void takeIndex(DatasetIndex index, ImportCheck& check) {
    check.formatId = QString::fromStdString(index.format);
    check.formatTitle = formatTitle(index.format);
    check.imageCount = static_cast<int64_t>(index.samples.size());
    std::set<std::string> splits;
    for (const DatasetSample& sample : index.samples) {
        check.captionCount += static_cast<int64_t>(sample.captions.size());
        check.labelledCount += sample.label >= 0 ? 1 : 0;
        if (!sample.split.empty())
            splits.insert(sample.split);
    }
    for (const std::string& split : splits)
        check.splits << QString::fromStdString(split);
    for (const std::string& name : index.classNames)
        check.classNames << QString::fromStdString(name);
    check.root = std::move(index.root);
    index.samples.resize(std::min(index.samples.size(), kPreviewSamples));
    check.firstSamples = std::move(index.samples);
    check.problems = std::move(index.problems);
}

} // namespace

std::filesystem::path toPath(const QString& path) {
    return QFile::encodeName(path).toStdString();
}

QString formatTitle(const std::string& formatId) {
    for (const DatasetFormat& format : datasetFormats())
        if (format.id == formatId)
            return QString::fromStdString(format.title);
    return QString::fromStdString(formatId);
}

bool ImportCheck::isFolder() const {
    return formatId == QLatin1String("imagefolder") || formatId == QLatin1String("flat");
}

ImportCheck checkImport(const std::filesystem::path& source, const ImportOptions& options,
                        const RunContext& context) {
    ImportCheck check;
    try {
        check.table = previewTable(source, options, kPreviewRows);
        takeIndex(importDataset(source, options, context), check);
    } catch (const Error& error) {
        check.error = error;
    }
    return check;
}

} // namespace diptych::ui

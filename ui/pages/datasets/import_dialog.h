// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/table_model.h"
#include "ui/pages/datasets/import_check.h"

#include <QDialog>
#include <QTimer>

#include <array>

class QComboBox;
class QGroupBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace diptych::ui {

class ErrorBanner;
class TableView;

/// What the person asked to import.
struct ImportRequest {
    std::filesystem::path source;
    QString name;
    ImportOptions options;
};

/// First samples of a source as they would be imported.
class ImportPreviewModel : public TableModel<DatasetSample> {
    Q_OBJECT
public:
    using TableModel::TableModel;
    void setClassNames(QStringList names) { m_classNames = std::move(names); }

protected:
    int columns() const override { return 4; }
    QVariant header(int column) const override;
    QVariant cell(const DatasetSample& sample, int column, int role) const override;

private:
    QStringList m_classNames;
};

/// Chooses a source and shows what would become of it: format, number of images, classes, problems and the
/// first rows; for tables which column is what. Reads on a worker, again after every change. Stores nothing:
/// accepting emits importRequested().
class ImportDialog : public QDialog {
    Q_OBJECT
public:
    /// @param takenNames names of the workspace's datasets
    ImportDialog(JobRunner& jobs, QStringList takenNames, QWidget* parent = nullptr);
    void setSource(const QString& path);
    /// Reads the source of a dataset there is already: its name and format are kept, accepting brings it up
    /// to date.
    void setUpdated(const DatasetInfo& dataset);

Q_SIGNALS:
    void importRequested(const diptych::ui::ImportRequest& request);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    static constexpr size_t kColumnRoles = 5;
    QWidget* buildSource();
    QWidget* buildResult();
    void connectControls();
    void chooseFolder();
    void chooseFile();
    ImportOptions options() const;
    void check();
    void showCheck(ImportCheck result);
    void showColumns(const QStringList& columns);
    void updateAccept();
    QString freeName(const QString& wanted) const;

    JobRunner& m_jobs;
    LatestOnly m_checking;
    QStringList m_takenNames;
    ImportCheck m_check;
    bool m_checked = false; ///< m_check describes what the controls say
    bool m_nameTyped = false;
    bool m_updating = false;
    std::filesystem::path m_imageRoot; ///< of the dataset that is updated; empty = found by the reader
    QTimer m_typing;

    ErrorBanner* m_banner;
    QLineEdit* m_source;
    QPushButton* m_folder;
    QPushButton* m_file;
    QComboBox* m_format;
    QLabel* m_formatHint;
    QLineEdit* m_name;
    QLabel* m_nameHint;
    QWidget* m_columns;
    std::array<QComboBox*, kColumnRoles> m_column{};
    QLabel* m_summary;
    QPushButton* m_problems;
    QProgressBar* m_progress;
    TableView* m_table;
    ImportPreviewModel* m_preview;
    QPushButton* m_accept;
};

} // namespace diptych::ui

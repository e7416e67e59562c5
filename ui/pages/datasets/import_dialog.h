// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/table_model.h"
#include "ui/pages/datasets/column_roles.h"
#include "ui/pages/datasets/import_check.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QGridLayout;
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

/// Chooses a source and shows what would become of it: format, number of images, splits, classes, problems
/// and the first rows. What was found out wrongly can be said: for tables which column is what and where the
/// images are, for folders what they are. Reads on a worker, again after every change. Stores nothing:
/// accepting emits importRequested().
class ImportDialog : public QDialog {
    Q_OBJECT
public:
    /// @param takenNames names of the workspace's datasets
    ImportDialog(JobRunner& jobs, QStringList takenNames, QWidget* parent = nullptr);
    void setSource(const QString& path);
    /// Reads the source of a dataset there is already: its name and what was chosen at its import are
    /// kept, accepting brings it up to date.
    void setUpdated(const DatasetInfo& dataset);

Q_SIGNALS:
    void importRequested(const diptych::ui::ImportRequest& request);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* buildSource();
    void buildPlaces(QGridLayout& form, QWidget* box);
    QWidget* buildResult();
    void connectControls();
    void chooseFolder();
    void chooseFile();
    ImportOptions options() const;
    void check();
    void forgetSource();
    void showCheck(ImportCheck result);
    void showSummary();
    void showPlaces();
    void showRows();
    void updateAccept();
    QString freeName(const QString& wanted) const;

    JobRunner& m_jobs;
    LatestOnly m_checking;
    QStringList m_takenNames;
    ImportCheck m_check;
    bool m_checked = false; ///< m_check describes what the controls say
    bool m_nameTyped = false;
    bool m_updating = false;
    QTimer m_typing;

    ErrorBanner* m_banner;
    QLineEdit* m_source;
    QPushButton* m_folder;
    QPushButton* m_file;
    QComboBox* m_format;
    QLabel* m_formatHint;
    QLineEdit* m_name;
    QLabel* m_nameHint;
    QComboBox* m_folders;
    QWidget* m_foldersLabel;
    QLineEdit* m_imageRoot;
    QWidget* m_imageRootLabel;
    QPushButton* m_imageRootFolder;
    ColumnRoles* m_columns;
    QLabel* m_summary;
    QLabel* m_found;
    QPushButton* m_problems;
    QProgressBar* m_progress;
    TableView* m_table;
    ImportPreviewModel* m_preview;
    RawRowsModel* m_rawRows;
    QPushButton* m_accept;
};

} // namespace diptych::ui

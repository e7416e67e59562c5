// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/import_dialog.h"

#include "core/base/file.h"
#include "ui/models/formatting.h"
#include "ui/pages/datasets/problems_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QUrl>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {

constexpr int kTypingMs = 350;
constexpr int kProgressWidth = 160;

struct ColumnRole {
    const char* key; ///< of ImportOptions::columns
    const char* title;
};
const ColumnRole kColumns[] = {
    {"image", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Image file")},
    {"label", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Class")},
    {"caption", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Caption")},
    {"split", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Split")},
    {"id", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Id")},
};

} // namespace

QVariant ImportPreviewModel::header(int column) const {
    const QString titles[] = {tr("Name"), tr("Class"), tr("Caption"), tr("Split")};
    return titles[column];
}

QVariant ImportPreviewModel::cell(const DatasetSample& sample, int column, int role) const {
    if (role == Qt::ToolTipRole)
        return toQString(displayPath(sample.image));
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case 0:
        return toQString(sample.key);
    case 1:
        return sample.label >= 0 && sample.label < m_classNames.size() ? m_classNames[sample.label]
                                                                       : QString();
    case 2:
        return sample.captions.empty() ? QString() : toQString(sample.captions.front());
    default:
        return toQString(sample.split);
    }
}

ImportDialog::ImportDialog(JobRunner& jobs, QStringList takenNames, QWidget* parent)
    : QDialog(parent),
      m_jobs(jobs),
      m_checking(jobs, this),
      m_takenNames(std::move(takenNames)),
      m_banner(new ErrorBanner(this)) {
    setWindowTitle(tr("Import images"));
    setAttribute(Qt::WA_DeleteOnClose);
    setAcceptDrops(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kHuge, theme::kLarge, theme::kHuge, theme::kLarge);
    column->setSpacing(theme::kMedium);
    column->addWidget(m_banner);
    column->addWidget(buildSource());
    column->addWidget(buildResult(), 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_accept = buttons->addButton(tr("Import"), QDialogButtonBox::AcceptRole);
    m_accept->setObjectName(QStringLiteral("acceptImport"));
    theme::makePrimary(m_accept);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT importRequested({toPath(m_source->text()), m_name->text().trimmed(), options()});
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connectControls();
    updateAccept();
    resize(820, 620);
}

QWidget* ImportDialog::buildSource() {
    auto* box = new QWidget(this);
    auto* form = new QGridLayout(box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(theme::kMedium);
    form->setVerticalSpacing(theme::kSmall);
    form->setColumnStretch(1, 1);

    m_source = new QLineEdit(box);
    m_source->setObjectName(QStringLiteral("importSource"));
    m_source->setPlaceholderText(tr("A folder of images, or a CSV, TSV, JSONL or COCO file. Drop it here."));
    m_folder = new QPushButton(tr("Folder…"), box);
    m_file = new QPushButton(tr("File…"), box);
    form->addWidget(theme::fieldLabel(tr("&Source"), m_source), 0, 0);
    form->addWidget(m_source, 0, 1);
    form->addWidget(m_folder, 0, 2);
    form->addWidget(m_file, 0, 3);

    m_format = new QComboBox(box);
    m_format->addItem(tr("Detect automatically"), QString());
    for (const DatasetFormat& format : datasetFormats())
        m_format->addItem(toQString(format.title), toQString(format.id));
    m_formatHint = new QLabel(box);
    m_formatHint->setWordWrap(true);
    theme::style(m_formatHint, theme::Text::Caption);
    form->addWidget(theme::fieldLabel(tr("F&ormat"), m_format), 1, 0);
    form->addWidget(m_format, 1, 1, 1, 3);
    form->addWidget(m_formatHint, 2, 1, 1, 3);

    m_name = new QLineEdit(box);
    m_name->setObjectName(QStringLiteral("importName"));
    m_nameHint = new QLabel(box);
    theme::style(m_nameHint, theme::Text::Caption);
    form->addWidget(theme::fieldLabel(tr("&Name"), m_name), 3, 0);
    form->addWidget(m_name, 3, 1, 1, 3);
    form->addWidget(m_nameHint, 4, 1, 1, 3);
    m_nameHint->hide();
    return box;
}

QWidget* ImportDialog::buildResult() {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, theme::kSmall, 0, 0);
    column->setSpacing(theme::kSmall);

    m_columns = new QWidget(box);
    auto* roles = new QHBoxLayout(m_columns);
    roles->setContentsMargins(0, 0, 0, 0);
    roles->setSpacing(theme::kMedium);
    for (size_t i = 0; i < kColumnRoles; ++i) {
        m_column[i] = new QComboBox(m_columns);
        m_column[i]->setMinimumContentsLength(8);
        m_column[i]->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        auto* label = new QLabel(tr(kColumns[i].title), m_columns);
        label->setBuddy(m_column[i]);
        theme::style(label, theme::Text::Caption);
        auto* pair = new QVBoxLayout;
        pair->setSpacing(theme::kTiny);
        pair->addWidget(label);
        pair->addWidget(m_column[i]);
        roles->addLayout(pair, 1);
    }
    m_columns->hide();

    m_summary = new QLabel(box);
    m_summary->setObjectName(QStringLiteral("importSummary"));
    theme::style(m_summary, theme::Text::Heading);
    m_problems = new QPushButton(box);
    theme::makeFlat(m_problems);
    m_problems->setIcon(theme::icon(QStringLiteral("alert")));
    m_problems->hide();
    m_progress = new QProgressBar(box);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 0);
    m_progress->setFixedWidth(kProgressWidth);
    m_progress->hide();
    auto* summaryRow = new QHBoxLayout;
    summaryRow->setSpacing(theme::kMedium);
    summaryRow->addWidget(m_summary, 1);
    summaryRow->addWidget(m_problems);
    summaryRow->addWidget(m_progress);

    m_preview = new ImportPreviewModel(this);
    m_table = new TableView(box);
    m_table->setSource(m_preview);
    m_table->setAccessibleName(tr("First rows"));
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(0, 230);
    m_table->setColumnWidth(1, 130);
    m_table->setColumnWidth(2, 280);

    column->addWidget(m_columns);
    column->addLayout(summaryRow);
    column->addWidget(m_table, 1);
    return box;
}

void ImportDialog::connectControls() {
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &ImportDialog::check);
    connect(m_source, &QLineEdit::textChanged, this, [this] {
        m_checked = false;
        m_typing.start();
        updateAccept();
    });
    connect(m_folder, &QPushButton::clicked, this, &ImportDialog::chooseFolder);
    connect(m_file, &QPushButton::clicked, this, &ImportDialog::chooseFile);
    connect(m_format, &QComboBox::currentIndexChanged, this, [this] {
        showColumns({});
        check();
    });
    connect(m_name, &QLineEdit::textEdited, this, [this] { m_nameTyped = true; });
    connect(m_name, &QLineEdit::textChanged, this, &ImportDialog::updateAccept);
    for (QComboBox* box : m_column)
        connect(box, &QComboBox::activated, this, &ImportDialog::check);
    connect(m_problems, &QPushButton::clicked, this, [this] {
        auto* dialog = new ProblemsDialog(m_name->text(), m_check.problems, this);
        dialog->open();
    });
}

void ImportDialog::setSource(const QString& path) {
    m_source->setText(path);
    showColumns({});
    m_typing.stop();
    check();
}

void ImportDialog::setUpdated(const DatasetInfo& dataset) {
    const QString name = toQString(dataset.name);
    m_updating = m_nameTyped = true;
    std::error_code error;
    if (std::filesystem::is_directory(dataset.root, error))
        m_imageRoot = dataset.root;
    setWindowTitle(tr("Read %1 again").arg(name));
    m_accept->setText(tr("Update"));
    m_name->setText(name);
    m_name->setReadOnly(true);
    {
        const QSignalBlocker quiet(m_format);
        m_format->setCurrentIndex(std::max(0, m_format->findData(toQString(dataset.format))));
    }
    setSource(QFile::decodeName(dataset.source.c_str()));
}

void ImportDialog::chooseFolder() {
    const QString path = QFileDialog::getExistingDirectory(this, tr("Folder of images"), m_source->text());
    if (!path.isEmpty())
        setSource(path);
}

void ImportDialog::chooseFile() {
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Table or COCO file"), m_source->text(),
                                     tr("Datasets (*.csv *.tsv *.jsonl *.ndjson *.json);;All files (*)"));
    if (!path.isEmpty())
        setSource(path);
}

ImportOptions ImportDialog::options() const {
    ImportOptions options;
    options.imageRoot = m_imageRoot;
    options.format = m_format->currentData().toString().toStdString();
    for (size_t i = 0; i < kColumnRoles; ++i)
        if (m_column[i]->currentIndex() > 0)
            options.columns[kColumns[i].key] = m_column[i]->currentText().toStdString();
    return options;
}

void ImportDialog::check() {
    m_checked = false;
    m_banner->dismiss();
    updateAccept();
    const QString source = m_source->text().trimmed();
    if (source.isEmpty()) {
        m_checking.cancel();
        m_progress->hide();
        return;
    }
    m_progress->show();
    m_summary->setText(tr("Looking at it…"));
    if (!m_nameTyped) {
        const QFileInfo file(source);
        m_name->setText(
            freeName(file.isDir() ? QFileInfo(file.absoluteFilePath()).fileName() : file.completeBaseName()));
    }
    m_checking.start(
        JobSpec(tr("Look at %1").arg(QFileInfo(source).fileName())).setShown(false).setFinally([this] {
            m_progress->hide();
        }),
        [path = toPath(source), options = options()](const RunContext& context) {
            return checkImport(path, options, context);
        },
        [this](ImportCheck result) { showCheck(std::move(result)); },
        [this](const Error& error) {
            m_summary->clear();
            m_preview->setRows({});
            m_problems->hide();
            m_banner->showError(tr("This cannot be imported"), error);
        });
}

void ImportDialog::showCheck(ImportCheck result) {
    m_check = std::move(result);
    m_checked = true;
    QStringList found{countOf(m_check.imageCount, tr("image"), tr("images"))};
    if (!m_check.classNames.isEmpty())
        found << countOf(m_check.classNames.size(), tr("class"), tr("classes"));
    if (m_check.captionCount > 0)
        found << countOf(m_check.captionCount, tr("caption"), tr("captions"));
    m_summary->setText(found.join(QStringLiteral(", ")));
    for (const DatasetFormat& format : datasetFormats()) {
        if (toQString(format.id) != m_check.formatId)
            continue;
        const QString detected =
            m_format->currentIndex() == 0 ? toQString(format.title) + QStringLiteral(": ") : QString();
        m_formatHint->setText(detected + toQString(format.summary));
    }
    const auto problems = static_cast<long long>(m_check.problems.size());
    m_problems->setVisible(problems > 0);
    m_problems->setText(QLatin1Char(' ') + tr("%1 left out").arg(exactCountText(problems)));
    m_preview->setClassNames(m_check.classNames);
    m_preview->setRows(m_check.firstSamples);
    showColumns(m_check.columns);
    updateAccept();
}

void ImportDialog::showColumns(const QStringList& columns) {
    m_columns->setVisible(!columns.isEmpty());
    for (QComboBox* box : m_column) {
        const QString chosen = box->currentIndex() > 0 ? box->currentText() : QString();
        box->clear();
        box->addItem(tr("Automatic"));
        box->addItems(columns);
        box->setCurrentIndex(chosen.isEmpty() ? 0 : std::max(0, box->findText(chosen)));
    }
}

void ImportDialog::updateAccept() {
    const QString name = m_name->text().trimmed();
    const bool taken = m_takenNames.contains(name);
    m_nameHint->setText(m_updating ? tr("Images that are still there keep their tags and results.")
                                   : tr("There is a dataset of this name already."));
    m_nameHint->setVisible(taken || m_updating);
    m_accept->setEnabled(m_checked && m_check.imageCount > 0 && !name.isEmpty() && !taken);
}

QString ImportDialog::freeName(const QString& wanted) const {
    QString name = wanted;
    for (int i = 2; m_takenNames.contains(name); ++i)
        name = tr("%1 (%2)").arg(wanted).arg(i);
    return name;
}

void ImportDialog::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void ImportDialog::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            setSource(url.toLocalFile());
            return;
        }
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/import_dialog.h"

#include "core/base/file.h"
#include "ui/models/dataset_list_model.h"
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

#include <algorithm>
#include <initializer_list>

namespace diptych::ui {

namespace {

constexpr int kTypingMs = 350;
constexpr int kProgressWidth = 160;

/// What the folders can be, beside what is found out: ImportOptions::folders and words for it.
struct FolderChoice {
    const char* pattern;
    const char* title;
};
const FolderChoice kFolderChoices[] = {
    {"", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Find out")},
    {"class", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Classes")},
    {"split/class", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Splits with classes in them")},
    {"class/split", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Classes with splits in them")},
    {"split", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Splits")},
    {"-/class", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Classes, one level down")},
    {"-/-/class", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Classes, two levels down")},
    {"-/split/class", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Splits with classes, one level down")},
    {"-", QT_TRANSLATE_NOOP("diptych::ui::ImportDialog", "Neither classes nor splits")},
};

constexpr qsizetype kNamesShown = 8;

/// "a, b, c and 45 more"
QString firstNames(const QStringList& names) {
    if (names.size() <= kNamesShown)
        return names.join(QStringLiteral(", "));
    return ImportDialog::tr("%1 and %2 more")
        .arg(names.first(kNamesShown).join(QStringLiteral(", ")), exactCountText(names.size() - kNamesShown));
}

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

    buildPlaces(*form, box);
    m_name = new QLineEdit(box);
    m_name->setObjectName(QStringLiteral("importName"));
    m_nameHint = new QLabel(box);
    theme::style(m_nameHint, theme::Text::Caption);
    form->addWidget(theme::fieldLabel(tr("&Name"), m_name), 5, 0);
    form->addWidget(m_name, 5, 1, 1, 3);
    form->addWidget(m_nameHint, 6, 1, 1, 3);
    m_nameHint->hide();
    return box;
}

/// What only some sources ask: where a table's images lie, or what folders are.
void ImportDialog::buildPlaces(QGridLayout& form, QWidget* box) {
    m_folders = new QComboBox(box);
    m_folders->setObjectName(QStringLiteral("importFolders"));
    for (const FolderChoice& choice : kFolderChoices)
        m_folders->addItem(tr(choice.title), QLatin1String(choice.pattern));
    m_foldersLabel = theme::fieldLabel(tr("Fol&ders are"), m_folders);
    form.addWidget(m_foldersLabel, 3, 0);
    form.addWidget(m_folders, 3, 1, 1, 3);

    m_imageRoot = new QLineEdit(box);
    m_imageRoot->setObjectName(QStringLiteral("importImageRoot"));
    m_imageRootFolder = new QPushButton(tr("Folder…"), box);
    m_imageRootLabel = theme::fieldLabel(tr("&Images are in"), m_imageRoot);
    form.addWidget(m_imageRootLabel, 4, 0);
    form.addWidget(m_imageRoot, 4, 1, 1, 2);
    form.addWidget(m_imageRootFolder, 4, 3);
    showPlaces();
}

void ImportDialog::showPlaces() {
    const bool known = m_check.error || !m_check.formatId.isEmpty();
    const bool isFolder = QFileInfo(m_source->text().trimmed()).isDir();
    const bool folders = known && isFolder && !m_check.table &&
                         (m_check.error || m_check.isFolder() || m_folders->currentIndex() > 0);
    const bool root = known && !folders && !m_check.isFolder();
    for (QWidget* widget : std::initializer_list<QWidget*>{m_folders, m_foldersLabel})
        widget->setVisible(folders);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_imageRoot, m_imageRootLabel, m_imageRootFolder})
        widget->setVisible(root);
    m_imageRoot->setPlaceholderText(m_check.root.empty()
                                        ? tr("Looked for near the file")
                                        : tr("Found in %1").arg(toQString(displayPath(m_check.root))));
}

QWidget* ImportDialog::buildResult() {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, theme::kSmall, 0, 0);
    column->setSpacing(theme::kSmall);

    m_columns = new ColumnRoles(box);

    m_summary = new QLabel(box);
    m_summary->setObjectName(QStringLiteral("importSummary"));
    theme::style(m_summary, theme::Text::Heading);
    m_problems = new QPushButton(box);
    m_problems->setObjectName(QStringLiteral("importProblems"));
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

    m_found = new QLabel(box);
    m_found->setObjectName(QStringLiteral("importFound"));
    m_found->setWordWrap(true);
    m_found->setTextFormat(Qt::PlainText);
    m_found->hide();

    m_preview = new ImportPreviewModel(this);
    m_rawRows = new RawRowsModel(this);
    m_table = new TableView(box);
    m_table->setSource(m_preview);
    m_table->setAccessibleName(tr("First rows"));
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_columns->attachTo(m_table->horizontalHeader());

    column->addWidget(m_columns);
    column->addLayout(summaryRow);
    column->addWidget(m_found);
    column->addWidget(m_table, 1);
    return box;
}

void ImportDialog::connectControls() {
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &ImportDialog::check);
    connect(m_source, &QLineEdit::textChanged, this, [this] {
        forgetSource();
        m_typing.start();
        updateAccept();
    });
    connect(m_imageRoot, &QLineEdit::textChanged, this, [this] {
        m_checked = false;
        m_typing.start();
        updateAccept();
    });
    connect(m_imageRootFolder, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getExistingDirectory(this, tr("Folder of the images"),
                                                               QFileInfo(m_source->text()).absolutePath());
        if (!path.isEmpty())
            m_imageRoot->setText(path);
    });
    connect(m_folders, &QComboBox::activated, this, &ImportDialog::check);
    connect(m_folder, &QPushButton::clicked, this, &ImportDialog::chooseFolder);
    connect(m_file, &QPushButton::clicked, this, &ImportDialog::chooseFile);
    connect(m_format, &QComboBox::currentIndexChanged, this, [this] {
        m_columns->clear();
        check();
    });
    connect(m_name, &QLineEdit::textEdited, this, [this] { m_nameTyped = true; });
    connect(m_name, &QLineEdit::textChanged, this, &ImportDialog::updateAccept);
    connect(m_columns, &ColumnRoles::changed, this, &ImportDialog::check);
    connect(m_problems, &QPushButton::clicked, this, [this] {
        auto* dialog = new ProblemsDialog(m_name->text(), m_check.problems, this);
        dialog->open();
    });
}

void ImportDialog::setSource(const QString& path) {
    m_source->setText(path);
    m_typing.stop();
    check();
}

/// Columns and choices are of one source.
void ImportDialog::forgetSource() {
    m_checked = false;
    m_check = {};
    m_columns->clear();
    m_rawRows->setTable({});
    m_preview->setRows({});
    m_found->hide();
    m_problems->hide();
    m_summary->clear();
    m_folders->setCurrentIndex(0);
    if (!m_updating) {
        const QSignalBlocker quiet(m_imageRoot);
        m_imageRoot->clear();
    }
    showPlaces();
}

void ImportDialog::setUpdated(const DatasetInfo& dataset) {
    const QString name = toQString(dataset.name);
    m_updating = m_nameTyped = true;
    std::error_code error;
    if (std::filesystem::is_directory(dataset.root, error))
        m_imageRoot->setText(QFile::decodeName(dataset.root.c_str()));
    setWindowTitle(tr("Read %1 again").arg(name));
    m_accept->setText(tr("Update"));
    m_name->setText(name);
    m_name->setReadOnly(true);
    {
        const QSignalBlocker quiet(m_format);
        m_format->setCurrentIndex(std::max(0, m_format->findData(toQString(dataset.format))));
    }
    m_source->setText(QFile::decodeName(dataset.source.c_str())); // forgets what was chosen for another
    m_columns->choose(dataset.options.columns);
    const QString folders = toQString(dataset.options.folders);
    if (m_folders->findData(folders) < 0)
        m_folders->addItem(folders, folders); // said in a way that the list does not offer
    m_folders->setCurrentIndex(m_folders->findData(folders));
    m_typing.stop();
    check();
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
    options.imageRoot = toPath(m_imageRoot->text().trimmed());
    options.format = m_format->currentData().toString().toStdString();
    options.folders = m_folders->currentData().toString().toStdString();
    options.columns = m_columns->chosen();
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
        [this](const Error& error) { m_banner->showError(tr("This cannot be imported"), error); });
}

void ImportDialog::showCheck(ImportCheck result) {
    m_check = std::move(result);
    m_checked = !m_check.error;
    if (m_check.error)
        m_banner->showError(tr("This cannot be imported"), *m_check.error);
    if (m_check.table)
        m_columns->setTable(*m_check.table);
    else
        m_columns->clear();
    showSummary();
    showPlaces();
    showRows();
    updateAccept();
}

void ImportDialog::showRows() {
    QAbstractItemModel* model = m_preview;
    if (m_check.table) {
        m_rawRows->setTable(*m_check.table);
        model = m_rawRows;
    } else {
        m_preview->setClassNames(m_check.classNames);
        m_preview->setRows(m_check.firstSamples);
    }
    m_table->setSource(model);
    m_table->setSortingEnabled(!m_check.table); // a click on a header gives the column a role
    m_table->horizontalHeader()->setSectionsClickable(true);
    m_table->horizontalHeader()->setToolTip(m_check.table ? tr("Click to say what the column is")
                                                          : QString());
    if (m_check.table)
        return;
    m_table->setColumnWidth(0, 230);
    m_table->setColumnWidth(1, 130);
    m_table->setColumnWidth(2, 280);
}

void ImportDialog::showSummary() {
    m_problems->hide();
    m_found->hide();
    m_summary->clear();
    if (m_check.error)
        return;
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
    const auto& problems = m_check.problems;
    const int64_t notes = std::count_if(problems.begin(), problems.end(),
                                        [](const ImportProblem& problem) { return problem.note; });
    const int64_t leftOut = static_cast<int64_t>(problems.size()) - notes;
    m_problems->setVisible(!problems.empty());
    m_problems->setIcon(theme::icon(leftOut > 0 ? QStringLiteral("alert") : QStringLiteral("info")));
    m_problems->setText(QLatin1Char(' ') + problemsText(leftOut, notes));
    QStringList lines;
    if (!m_check.splits.isEmpty())
        lines << tr("Splits: %1").arg(firstNames(m_check.splits));
    if (!m_check.classNames.isEmpty())
        lines << tr("Classes: %1").arg(firstNames(m_check.classNames));
    m_found->setText(lines.join(QLatin1Char('\n')));
    m_found->setVisible(!lines.isEmpty());
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/report_dialog.h"

#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "ui/models/formatting.h"
#include "ui/pages/runs/report_preview.h"
#include "ui/print/report_pages.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kRestMilliseconds = 350, kIdRole = Qt::UserRole;
constexpr size_t kMostNamed = 12;

/// The rules in the order of the choice; the first is none: what suits the task.
enum class Rule { Suits, Wrong, Unsure, Random, EachClass, Selected, Filtered };

QListWidget* tickList(const char* id, const QString& name) {
    auto* list = new QListWidget;
    list->setObjectName(QLatin1String(id));
    list->setAccessibleName(name);
    list->setTextElideMode(Qt::ElideRight);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return list;
}

QListWidgetItem* addTick(QListWidget* list, const QString& text, const QString& tip, bool on) {
    auto* item = new QListWidgetItem(text, list);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
    item->setToolTip(tip);
    return item;
}

QString suggestedName(const std::vector<RunId>& runs) {
    if (runs.size() > kMostNamed)
        return QStringLiteral("report-%1-runs.html").arg(runs.size());
    QStringList numbers;
    for (const RunId run : runs)
        numbers << QString::number(run.value);
    return QStringLiteral("report-%1.html").arg(numbers.join(QLatin1Char('-')));
}

struct Preview {
    std::shared_ptr<const ReportModel> report;
    std::shared_ptr<const print::PageFlow> pages;
};

} // namespace

ReportDialog::ReportDialog(std::shared_ptr<Session> session, JobRunner& jobs, ReportChoice choice,
                           QWidget* parent)
    : QDialog(parent),
      m_session(std::move(session)),
      m_jobs(jobs),
      m_choice(std::move(choice)),
      m_making(jobs, this),
      m_saving(jobs, this) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Report"));
    resize(1000, 680);
    auto* layout = new QVBoxLayout(this);
    m_notice = new ErrorBanner;
    layout->addWidget(m_notice);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(buildChoices());
    m_preview = new ReportPreview;
    splitter->addWidget(m_preview);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({360, 640});
    layout->addWidget(splitter, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_save = buttons->addButton(tr("Save…"), QDialogButtonBox::AcceptRole);
    m_save->setObjectName(QStringLiteral("saveReport"));
    m_print = buttons->addButton(tr("Print…"), QDialogButtonBox::ActionRole);
    m_print->setObjectName(QStringLiteral("printReport"));
    connect(m_save, &QPushButton::clicked, this, &ReportDialog::save);
    connect(m_print, &QPushButton::clicked, this, &ReportDialog::print);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMilliseconds);
    connect(&m_rest, &QTimer::timeout, this, &ReportDialog::updatePreview);
    updatePreview();
}

ReportDialog::~ReportDialog() = default;

QWidget* ReportDialog::buildChoices() {
    auto* host = new QWidget;
    auto* layout = new QVBoxLayout(host);
    layout->setContentsMargins(0, 0, theme::kMedium, 0);
    layout->setSpacing(theme::kSmall);
    auto* form = new QFormLayout;
    m_title = new QLineEdit;
    m_title->setObjectName(QStringLiteral("reportTitle"));
    m_title->setPlaceholderText(tr("Made from the runs"));
    form->addRow(tr("&Title"), m_title);
    layout->addLayout(form);
    const auto heading = [&](const QString& text, QWidget* of) {
        auto* label = new QLabel(text);
        label->setBuddy(of);
        layout->addWidget(label);
    };
    m_runs = tickList("reportRuns", tr("Runs of the report"));
    heading(tr("&Runs"), m_runs);
    layout->addWidget(m_runs, 2);
    m_sections = tickList("reportSections", tr("Sections of the report"));
    heading(tr("&Sections"), m_sections);
    layout->addWidget(m_sections, 3);
    m_comment = new QPlainTextEdit;
    m_comment->setObjectName(QStringLiteral("reportComment"));
    m_comment->setTabChangesFocus(true);
    m_comment->setAccessibleName(tr("Comment"));
    layout->addWidget(m_comment, 1);
    layout->addWidget(buildExamples());
    listRuns();
    listSections();
    connect(m_title, &QLineEdit::textChanged, this, &ReportDialog::later);
    connect(m_runs, &QListWidget::itemChanged, this, &ReportDialog::later);
    connect(m_sections, &QListWidget::itemChanged, this, &ReportDialog::later);
    connect(m_sections, &QListWidget::currentItemChanged, this, &ReportDialog::showComment);
    connect(m_comment, &QPlainTextEdit::textChanged, this, [this] {
        if (const QListWidgetItem* section = m_sections->currentItem()) {
            m_comments[section->data(kIdRole).toString().toStdString()] =
                m_comment->toPlainText().toStdString();
            later();
        }
    });
    m_sections->setCurrentRow(0);
    return host;
}

QWidget* ReportDialog::buildExamples() {
    auto* host = new QWidget;
    auto* form = new QFormLayout(host);
    form->setContentsMargins(0, 0, 0, 0);
    m_rule = new QComboBox;
    m_rule->setObjectName(QStringLiteral("sheetRule"));
    const auto add = [this](const QString& text, Rule rule) {
        m_rule->addItem(text, static_cast<int>(rule));
    };
    add(tr("As suits the task"), Rule::Suits);
    add(tr("Wrong, the surest first"), Rule::Wrong);
    add(tr("Right, the least sure first"), Rule::Unsure);
    add(tr("Drawn at random"), Rule::Random);
    add(tr("Of every class the first"), Rule::EachClass);
    if (!m_choice.selected.empty())
        add(tr("Selected images (%1)").arg(m_choice.selected.size()), Rule::Selected);
    if (!m_choice.filtered.empty())
        add(tr("What the filter leaves (%1)").arg(m_choice.filtered.size()), Rule::Filtered);
    auto* numbers = new QHBoxLayout;
    m_count = new QSpinBox;
    m_count->setObjectName(QStringLiteral("sheetCount"));
    m_count->setRange(0, 500);
    m_count->setValue(10);
    m_count->setAccessibleName(tr("Examples at most"));
    m_seed = new QSpinBox;
    m_seed->setObjectName(QStringLiteral("sheetSeed"));
    m_seed->setRange(0, 1'000'000);
    m_seed->setPrefix(tr("seed "));
    m_seed->setVisible(false);
    numbers->addWidget(m_count);
    numbers->addWidget(m_seed);
    numbers->addStretch(1);
    form->addRow(tr("&Examples"), m_rule);
    form->addRow(tr("At most"), numbers);
    m_slices = new QLineEdit;
    m_slices->setObjectName(QStringLiteral("reportSlices"));
    m_slices->setPlaceholderText(tr("class, split, tag, a column; with commas"));
    form->addRow(tr("S&lices by"), m_slices);
    connect(m_rule, &QComboBox::currentIndexChanged, this, [this] {
        m_seed->setVisible(m_rule->currentData().toInt() == static_cast<int>(Rule::Random));
        later();
    });
    connect(m_count, &QSpinBox::valueChanged, this, &ReportDialog::later);
    connect(m_seed, &QSpinBox::valueChanged, this, &ReportDialog::later);
    connect(m_slices, &QLineEdit::textChanged, this, &ReportDialog::later);
    return host;
}

void ReportDialog::listRuns() {
    const auto isChosen = [this](const RunRecord& run) {
        return std::ranges::find(m_choice.chosen, run.id) != m_choice.chosen.end();
    };
    std::ranges::stable_partition(m_choice.runs, isChosen); // what is ticked is in sight
    for (const RunRecord& run : m_choice.runs) {
        if (run.status == RunStatus::Damaged)
            continue;
        const QString text =
            tr("%1: %2, %3 on %4")
                .arg(run.id.value)
                .arg(toQString(run.task), toQString(run.modelName), toQString(run.datasetName));
        QListWidgetItem* item = addTick(m_runs, text, text.toHtmlEscaped(), isChosen(run));
        item->setData(kIdRole, QVariant::fromValue<qlonglong>(run.id.value));
    }
}

void ReportDialog::listSections() {
    for (const ReportSection& section : reportSections()) {
        QListWidgetItem* item = addTick(m_sections, toQString(std::string(section.title)),
                                        toQString(std::string(section.help)), section.id != "map");
        item->setData(kIdRole, toQString(std::string(section.id)));
    }
}

std::vector<RunId> ReportDialog::chosenRuns() const {
    std::vector<RunId> runs;
    for (int row = 0; row < m_runs->count(); ++row)
        if (m_runs->item(row)->checkState() == Qt::Checked)
            runs.push_back({m_runs->item(row)->data(kIdRole).toLongLong()});
    std::ranges::sort(runs);
    return runs;
}

std::vector<SheetRule> ReportDialog::sheets() const {
    SheetRule rule;
    rule.count = static_cast<size_t>(m_count->value());
    rule.seed = static_cast<uint64_t>(m_seed->value());
    switch (static_cast<Rule>(m_rule->currentData().toInt())) {
    case Rule::Suits:
        return {};
    case Rule::Wrong:
        rule.by = SheetRule::By::Wrong;
        break;
    case Rule::Unsure:
        rule.by = SheetRule::By::Unsure;
        break;
    case Rule::Random:
        rule.by = SheetRule::By::Random;
        break;
    case Rule::EachClass:
        rule.by = SheetRule::By::EachClass;
        break;
    case Rule::Selected:
        rule.by = SheetRule::By::Samples;
        rule.name = "the images selected";
        rule.samples = m_choice.selected;
        break;
    case Rule::Filtered:
        rule.by = SheetRule::By::Samples;
        rule.name = "what the filter left";
        rule.samples = m_choice.filtered;
        break;
    }
    return {rule};
}

FullReportOptions ReportDialog::options() const {
    FullReportOptions options;
    options.report.title = m_title->text().trimmed().toStdString();
    options.report.examples = static_cast<size_t>(m_count->value());
    options.report.sheets = sheets();
    for (int row = 0; row < m_sections->count(); ++row)
        if (m_sections->item(row)->checkState() == Qt::Checked)
            options.report.sections.push_back(m_sections->item(row)->data(kIdRole).toString().toStdString());
    if (options.report.sections.empty())
        options.report.sections = {"summary"}; // a list of none would stand for all
    options.makeMaps = std::ranges::find(options.report.sections, "map") != options.report.sections.end();
    for (const auto& [section, text] : m_comments)
        if (!text.empty())
            options.report.comments.emplace(section, text);
    for (const QString& key : m_slices->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (const QString name = key.trimmed(); !name.isEmpty())
            options.slices.push_back(name.toStdString());
    return options;
}

void ReportDialog::showComment(QListWidgetItem* section) {
    const QSignalBlocker quiet(m_comment);
    const std::string id = section ? section->data(kIdRole).toString().toStdString() : "";
    const auto found = m_comments.find(id);
    m_comment->setPlainText(found != m_comments.end() ? toQString(found->second) : QString());
    m_comment->setPlaceholderText(section ? tr("A comment on: %1").arg(section->text()) : QString());
    m_comment->setEnabled(section != nullptr);
}

void ReportDialog::later() {
    m_rest.start();
}

void ReportDialog::updatePreview() {
    const std::vector<RunId> runs = chosenRuns();
    m_report.reset();
    m_save->setEnabled(!runs.empty());
    m_print->setEnabled(false);
    if (runs.empty()) {
        m_making.cancel();
        m_preview->setMessage(tr("No run is ticked."));
        return;
    }
    m_making.start(
        JobSpec(tr("Make the report's pages")).setShown(false),
        [session = m_session, runs, options = options()](const RunContext& context) {
            auto report =
                std::make_shared<const ReportModel>(buildFullReport(*session, runs, options, context));
            auto pages = std::make_shared<const print::PageFlow>(print::reportPages(*report));
            return Preview{std::move(report), std::move(pages)};
        },
        [this](Preview made) {
            m_report = std::move(made.report);
            m_notice->dismiss();
            m_preview->setPages(std::move(made.pages));
            m_print->setEnabled(true);
        },
        [this](const Error& error) { m_preview->setMessage(toQString(error.what())); });
}

void ReportDialog::save() {
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the report"), suggestedName(chosenRuns()),
        tr("Web page (*.html);;PDF (*.pdf);;Markdown (*.md);;LaTeX (*.tex);;Table (*.csv);;JSON (*.json)"));
    if (!file.isEmpty())
        saveTo(file);
}

void ReportDialog::saveTo(const QString& file) {
    const std::filesystem::path path(QFile::encodeName(file).toStdString());
    m_saving.start(
        JobSpec(tr("Write report")),
        [session = m_session, runs = chosenRuns(), options = options(), path](const RunContext& context) {
            const std::string format = path.has_extension() ? path.extension().string().substr(1) : "html";
            const ReportModel report = buildFullReport(*session, runs, options, context);
            if (format == "pdf")
                print::writePdf(report, path, context);
            else
                writeFileAtomically(path, std::string_view(reportDocument(report, format)));
        },
        [this, file] {
            m_notice->show(tr("The report is written"), file, ErrorBanner::Level::Info);
            Q_EMIT saved(file);
        },
        [this](const Error& error) {
            m_notice->show(tr("The report could not be written"), toQString(error.what()));
        });
}

void ReportDialog::print() {
    if (!m_preview->pages())
        return;
    QPrinter printer(QPrinter::HighResolution);
    QPrintDialog dialog(&printer, this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    if (!print::printPages(*m_preview->pages(), printer, {}))
        m_notice->show(tr("The report could not be printed"), {});
}

} // namespace diptych::ui

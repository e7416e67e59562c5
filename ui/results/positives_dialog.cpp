// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/positives_dialog.h"

#include "core/metrics/metric_text.h"
#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_view.h"

#include <QDialogButtonBox>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <unordered_map>

namespace diptych::ui {

ShownPositives positivesOf(const Workspace& workspace, DatasetId dataset, RunId run) {
    ShownPositives shown;
    const std::vector<PositivePair> pairs = workspace.positives(dataset);
    if (pairs.empty())
        return shown;
    std::vector<SampleId> ids;
    for (const PositivePair& pair : pairs)
        ids.insert(ids.end(), {pair.image, pair.captionOf});
    std::unordered_map<SampleId, QString> names;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        names.emplace(sample.id, toQString(sample.key));
    for (const PositivePair& pair : pairs)
        shown.marks.push_back({pair, names[pair.image], names[pair.captionOf]});
    shown.run = runWithPositives(workspace, run);
    return shown;
}

QVariant PositivesModel::header(int column) const {
    const QString titles[] = {tr("Image"), tr("Caption that is right for it too"), tr("Caption of"),
                              tr("Marked")};
    return titles[column];
}

QVariant PositivesModel::cell(const NamedPositive& row, int column, int role) const {
    if (role == kSortRole && column == When)
        return toQString(row.pair.markedAt);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != kSortRole)
        return {};
    switch (column) {
    case Image:
        return row.image;
    case Caption:
        return toQString(row.pair.caption);
    case CaptionOf:
        return row.captionOf;
    default:
        return timeText(row.pair.markedAt);
    }
}

QVariant CorrectedMetricsModel::header(int column) const {
    const QString titles[] = {tr("Metric"), tr("Without"), tr("With"), tr("Change"), tr("Queries changed")};
    return titles[column];
}

QVariant CorrectedMetricsModel::cell(const CorrectedMetric& row, int column, int role) const {
    if (role == Qt::ToolTipRole)
        return column == Name ? metricToolTip(row.stored.name)
               : row.exact()  ? QString()
                              : tr("%1 of the %2 queries cannot be told: the run kept too few candidates")
                                   .arg(exactCountText(static_cast<long long>(row.open)),
                                        exactCountText(static_cast<long long>(row.stored.n)));
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    switch (column) {
    case Name:
        return toQString(metricTitle(row.stored.name));
    case Without:
        return toQString(metricValueText(row.stored));
    case With:
        return toQString(correctedText(row));
    case Change:
        return toQString(correctedChangeText(row));
    default:
        return role == kSortRole ? QVariant(static_cast<qlonglong>(row.changed))
                                 : QVariant(exactCountText(static_cast<long long>(row.changed)));
    }
}

PositivesDialog::PositivesDialog(QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("positivesDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Marked as right"));
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(theme::kMedium);
    const auto addText = [&](QLabel*& label) {
        label = new QLabel;
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        theme::style(label, theme::Text::Caption);
        layout->addWidget(label);
    };
    addText(m_heading);
    const auto addTable = [&](TableView*& table, QAbstractItemModel* model, const char* object,
                              const QString& name, int stretched) {
        table = new TableView;
        table->setObjectName(QString::fromLatin1(object));
        table->setAccessibleName(name);
        table->setSource(model);
        table->setStretchColumn(stretched);
        layout->addWidget(table, 1);
    };
    addTable(m_metricTable, &m_metrics, "correctedMetrics", tr("Metrics with and without the marks"),
             CorrectedMetricsModel::Name);
    addText(m_note);
    addTable(m_markTable, &m_marks, "positiveMarks", tr("Marks"), PositivesModel::Caption);
    m_markTable->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_takeBack = buttons->addButton(tr("Take back"), QDialogButtonBox::ActionRole);
    m_takeBack->setObjectName(QStringLiteral("takeMarksBack"));
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_markTable->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &PositivesDialog::updateButtons);
    connect(m_markTable, &TableView::sourceRowActivated, this, [this](int row) {
        if (row >= 0)
            Q_EMIT imageRequested(m_marks.row(row).pair.image);
    });
    connect(m_takeBack, &QPushButton::clicked, this, [this] {
        std::vector<PositivePair> pairs;
        for (const int row : m_markTable->selectedSourceRows())
            pairs.push_back(m_marks.row(row).pair);
        Q_EMIT takeBackRequested(pairs);
    });
    resize(760, 560);
}

void PositivesDialog::setContents(const ShownPositives& shown, bool writable) {
    m_writable = writable;
    const size_t used = shown.run ? shown.run->retrieval.used : 0;
    m_heading->setText(
        tr("Captions that are right for another image than their own although the dataset does not say so: "
           "false negatives of its annotation. %1 in this dataset, %2 of them took part in this run. The run "
           "and its stored numbers stay as they are.")
            .arg(exactCountText(static_cast<long long>(shown.marks.size())),
                 exactCountText(static_cast<long long>(used))));
    m_metrics.setRows(shown.run ? shown.run->retrieval.metrics : std::vector<CorrectedMetric>());
    m_note->setText(shown.run ? toQString(shown.run->note) : QString());
    m_note->setVisible(!m_note->text().isEmpty());
    m_marks.setRows(shown.marks);
    updateButtons();
}

void PositivesDialog::updateButtons() {
    m_takeBack->setEnabled(m_writable && m_markTable->selectionModel()->hasSelection());
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_side.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr int kWidth = 224;
constexpr size_t kHistogramParts = 32;
constexpr int kColumnRole = Qt::UserRole + 1;

/// What says most of a dataset that nobody has chosen for yet.
ColorChoice usualChoice(const ColorOptions& options, MapContent content) {
    if (options.classes)
        return {ColorBy::Class, {}};
    if (content == MapContent::Both)
        return {ColorBy::Kind, {}};
    if (!options.groups.isEmpty())
        return {ColorBy::Column, options.groups.front().toStdString()};
    return {ColorBy::Preservation, {}};
}

} // namespace

MapSide::MapSide(QWidget* parent) : QWidget(parent) {
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::kSmall);
    m_by = new ChoiceBox("mapColorBy", tr("Colour by"), 10);
    auto* heading = new QLabel(tr("Colour b&y"));
    heading->setBuddy(m_by);
    m_run = new ChoiceBox("mapColorRun", tr("Run whose answers colour the map"), 10);
    m_ramp = new ChoiceBox("mapRamp", tr("Colours of values"), 10);
    m_ramp->addItem(tr("Viridis"), static_cast<int>(Ramp::Viridis));
    m_ramp->addItem(tr("Cividis"), static_cast<int>(Ramp::Cividis));
    m_ramp->setToolTip(tr("Both are read without colour vision; cividis looks alike to everyone"));
    m_categories = new CategoryLegend;
    m_categories->setObjectName(QStringLiteral("mapLegend"));
    m_categories->setAccessibleName(
        tr("Colours of the map: Space hides one, Return shows it alone, Ctrl+Space selects its points"));
    m_values = new ValueLegend;
    m_values->setObjectName(QStringLiteral("mapValues"));
    m_values->setAccessibleName(tr("Colours of the values"));
    auto* valuePanel = new QWidget;
    auto* valueColumn = new QVBoxLayout(valuePanel);
    valueColumn->setContentsMargins(0, theme::kSmall, 0, 0);
    valueColumn->addWidget(m_values);
    valueColumn->addWidget(m_ramp);
    valueColumn->addStretch(1);
    m_legends = new QStackedWidget;
    m_legends->addWidget(m_categories);
    m_legends->addWidget(valuePanel);
    column->addWidget(heading);
    column->addWidget(m_by);
    column->addWidget(m_run);
    column->addWidget(m_legends, 1);
    auto* panel = new QWidget;
    buildSelection(panel);
    column->addWidget(panel);
    connect(m_by, &QComboBox::currentIndexChanged, this, [this] {
        updateRuns();
        Q_EMIT choiceChanged();
    });
    connect(m_run, &QComboBox::currentIndexChanged, this, &MapSide::choiceChanged);
    connect(m_ramp, &QComboBox::currentIndexChanged, this, &MapSide::rampChanged);
    connect(m_categories, &CategoryLegend::hiddenChanged, this, &MapSide::hiddenChanged);
    connect(m_categories, &CategoryLegend::raised, this, &MapSide::raised);
    connect(m_categories, &CategoryLegend::marked, this, &MapSide::colorMarked);
    connect(m_values, &ValueLegend::marked, this, &MapSide::valuesMarked);
    m_run->hide();
}

void MapSide::buildSelection(QWidget* panel) {
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(0, theme::kTiny, 0, 0);
    column->setSpacing(theme::kSmall);
    m_selected = new QLabel;
    m_selected->setObjectName(QStringLiteral("mapSelected"));
    m_selected->setWordWrap(true);
    m_selected->setToolTip(tr("Drag the files of the selected images from here to another program"));
    m_show = new QPushButton(tr("Show images"));
    m_show->setObjectName(QStringLiteral("mapShowSelected"));
    m_show->setToolTip(tr("The selected images in the grid of the Datasets page"));
    m_clear = new QPushButton(tr("Clear"));
    m_clear->setObjectName(QStringLiteral("mapClear"));
    m_clear->setToolTip(tr("Select nothing (Esc)"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(theme::kSmall);
    buttons->addWidget(m_show, 1);
    buttons->addWidget(m_clear);
    m_naming = new SelectionNaming;
    column->addWidget(m_selected);
    column->addLayout(buttons);
    column->addWidget(m_naming);
    connect(m_show, &QPushButton::clicked, this, &MapSide::showSelectedRequested);
    connect(m_clear, &QPushButton::clicked, this, &MapSide::clearRequested);
}

void MapSide::setOptions(const ColorOptions& options, MapContent content) {
    const ColorChoice before = choice();
    const RunId runBefore = run();
    m_options = options;
    m_naming->setHasClasses(options.classes);
    {
        const QSignalBlocker block(m_by), blockRun(m_run);
        m_by->clear();
        const auto add = [this](ColorBy by, const QString& title, const QString& column = {}) {
            m_by->addItem(title, static_cast<int>(by));
            m_by->setItemData(m_by->count() - 1, column, kColumnRole);
        };
        if (options.classes)
            add(ColorBy::Class, tr("Class"));
        if (content == MapContent::Both)
            add(ColorBy::Kind, tr("Image or text"));
        if (options.tags)
            add(ColorBy::Tag, tr("Tag"));
        if (options.splits)
            add(ColorBy::Split, tr("Split"));
        for (const QString& column : options.columns)
            add(ColorBy::Column, tr("Column: %1").arg(column), column);
        add(ColorBy::Preservation, tr("Neighbours kept"));
        const auto& runs = options.runs;
        if (std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.correct; }))
            add(ColorBy::Correct, tr("Right or wrong"));
        if (std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.predictions; })) {
            add(ColorBy::Prediction, tr("Prediction"));
            add(ColorBy::Confidence, tr("Confidence"));
            add(ColorBy::Margin, tr("Margin to the second"));
        }
        add(ColorBy::Nothing, tr("Nothing"));
        const int kept = rowOf(before);
        m_by->setCurrentIndex(
            kept >= 0 && before.by != ColorBy::Nothing ? kept : rowOf(usualChoice(options, content)));
        updateRuns();
        const int run = m_run->findData(QVariant::fromValue<qlonglong>(runBefore.value));
        m_run->setCurrentIndex(std::max(0, run));
    }
    if (!(choice() == before) || !(run() == runBefore))
        Q_EMIT choiceChanged();
}

int MapSide::rowOf(const ColorChoice& choice) const {
    for (int row = 0; row < m_by->count(); ++row)
        if (m_by->itemData(row).toInt() == static_cast<int>(choice.by) &&
            m_by->itemData(row, kColumnRole).toString().toStdString() == choice.column)
            return row;
    return -1;
}

void MapSide::updateRuns() {
    const ColorBy by = choice().by;
    const QSignalBlocker block(m_run);
    const RunId before = run();
    m_run->clear();
    for (const ColorOptions::Run& run : m_options.runs)
        if (by == ColorBy::Correct ? run.correct : run.predictions)
            m_run->addItem(run.title, QVariant::fromValue<qlonglong>(run.id.value));
    m_run->setCurrentIndex(std::max(0, m_run->findData(QVariant::fromValue<qlonglong>(before.value))));
    m_run->setVisible(ofRun(by));
}

ColorChoice MapSide::choice() const {
    if (m_by->count() == 0)
        return {};
    return {static_cast<ColorBy>(m_by->currentData().toInt()),
            m_by->currentData(kColumnRole).toString().toStdString()};
}

QString MapSide::choiceTitle() const {
    const ColorChoice chosen = choice();
    if (chosen.by == ColorBy::Column)
        return toQString(chosen.column);
    // Class, tags and neighbours are said of every point in any case.
    const bool said = chosen.by == ColorBy::Class || chosen.by == ColorBy::Tag ||
                      chosen.by == ColorBy::Preservation || chosen.by == ColorBy::Nothing;
    return said ? QString() : m_by->currentText();
}

RunId MapSide::run() const {
    return {m_run->currentData().toLongLong()};
}

Ramp MapSide::ramp() const {
    return static_cast<Ramp>(m_ramp->currentData().toInt());
}

void MapSide::setRamp(Ramp ramp) {
    m_ramp->setCurrentIndex(m_ramp->findData(static_cast<int>(ramp)));
}

void MapSide::chooseBy(ColorBy by) {
    const int row = m_by->findData(static_cast<int>(by));
    if (row >= 0)
        m_by->setCurrentIndex(row);
}

PointColors MapSide::showColoring(const Coloring& coloring) {
    PointColors colors = pointColors(coloring, ramp());
    if (coloring.values) {
        std::vector<QRgb> shown = colors.palette;
        shown.pop_back(); // of unknown values
        m_values->setScale(std::move(shown), coloring.low, coloring.high,
                           histogramOf(coloring, kHistogramParts));
    } else {
        std::vector<uint8_t> hidden = m_categories->hidden();
        const bool same =
            m_categories->entries().size() == static_cast<size_t>(coloring.names.size()) &&
            std::equal(coloring.names.begin(), coloring.names.end(), m_categories->entries().begin(),
                       [](const QString& name, const LegendEntry& entry) { return name == entry.name; });
        m_categories->setEntries(legendOf(coloring, colors));
        if (same) { // recoloured, e.g. in another theme: what was hidden stays so
            m_categories->setHiddenColors(hidden);
            colors.hidden = std::move(hidden);
        }
    }
    m_legends->setCurrentIndex(coloring.values ? 1 : 0);
    return colors;
}

void MapSide::showSelected(const Coloring& coloring, const std::vector<uint8_t>& selected, size_t samples) {
    std::vector<qint64> counts(m_categories->entries().size(), 0);
    for (size_t point = 0; point < coloring.of.size() && point < selected.size(); ++point)
        if (samples > 1 && selected[point] != 0 && coloring.of[point] < counts.size())
            ++counts[coloring.of[point]];
    m_categories->setSelectedCounts(counts);
    m_selected->setText(
        samples == 0
            ? tr("Draw round points to select them.")
            : tr("%1 selected").arg(countOf(static_cast<long long>(samples), tr("image"), tr("images"))));
    theme::style(m_selected, samples == 0 ? theme::Text::Caption : theme::Text::Body);
    if (samples > 0)
        m_selected->setCursor(Qt::OpenHandCursor);
    else
        m_selected->unsetCursor();
    m_show->setEnabled(samples > 0);
    m_clear->setEnabled(samples > 0);
    m_naming->setPossible(samples > 0);
}

QWidget* MapSide::dragHandle() const {
    return m_selected;
}

const std::vector<uint8_t>& MapSide::hidden() const {
    return m_categories->hidden();
}

} // namespace diptych::ui

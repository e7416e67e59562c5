// SPDX-License-Identifier: GPL-3.0-or-later
// The MapPage's widgets and what they are connected to.
#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/pages/map/map_page.h"
#include "ui/pages/map/map_side.h"
#include "ui/state/selection.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sample_actions.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {

QString rampSetting() {
    return QStringLiteral("map/ramp");
}
QString methodSetting() {
    return QStringLiteral("map/method");
}
QString picturesSetting() {
    return QStringLiteral("map/pictures");
}

} // namespace

void MapPage::buildPage() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kMedium);
    auto* top = new QHBoxLayout;
    top->setSpacing(theme::kLarge);
    auto* heading = new QLabel(tr("Map"));
    theme::style(heading, theme::Text::Title);
    m_setup = new MapSetup;
    top->addWidget(heading);
    top->addWidget(m_setup, 1);
    layout->addLayout(top);
    m_empty = new EmptyState(QStringLiteral("map"), tr("Map"), tr("Open a workspace first."), tr("Make map"));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildCanvas());
    layout->addWidget(m_stack, 1);
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("mapNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    theme::style(m_note, theme::Text::Caption);
    layout->addWidget(m_note);
}

QWidget* MapPage::buildCanvas() {
    auto* panel = new QWidget;
    auto* row = new QHBoxLayout(panel);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::kLarge);
    auto* column = new QVBoxLayout;
    column->setSpacing(theme::kSmall);
    m_filtered = new QWidget;
    m_filtered->setObjectName(QStringLiteral("mapFiltered"));
    m_filteredText = new QLabel;
    auto* all = new QPushButton(tr("Show all"));
    connect(all, &QPushButton::clicked, this, [this] {
        if (m_view)
            m_view->clear();
    });
    auto* filtered = new QHBoxLayout(m_filtered);
    filtered->setContentsMargins(0, 0, 0, 0);
    filtered->addWidget(m_filteredText, 1);
    filtered->addWidget(all);
    m_filtered->hide();
    column->addWidget(m_filtered);
    m_canvas = new PointCanvas;
    m_canvas->setObjectName(QStringLiteral("mapCanvas"));
    m_canvas->setAccessibleName(tr("Map of the dataset"));
    m_canvas->setAccessibleDescription(
        tr("Arrow keys go from point to point, Space selects, Return opens, F shows all"));
    m_canvas->setSource(m_source.get());
    m_canvas->setPicturesShown(settings().value(picturesSetting(), true).toBool());
    auto* frame = new QFrame;
    theme::makeCard(frame);
    auto* inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(m_canvas);
    column->addLayout(buildTools());
    column->addWidget(frame, 1);
    m_side = new MapSide;
    m_side->setRamp(static_cast<Ramp>(settings().value(rampSetting(), 0).toInt()));
    row->addLayout(column, 1);
    row->addWidget(m_side);
    return panel;
}

QToolButton* MapPage::addTool(QBoxLayout* row, const char* icon, const char* name, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(QString::fromLatin1(name));
    button->setIcon(theme::icon(QString::fromLatin1(icon)));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    row->addWidget(button);
    return button;
}

QToolButton* MapPage::addToolChoice(QBoxLayout* row, PointCanvas::Tool tool, const char* icon,
                                    const char* name, const QString& tip) {
    QToolButton* button = addTool(row, icon, name, tip);
    button->setCheckable(true);
    button->setChecked(m_canvas->tool() == tool);
    connect(button, &QToolButton::clicked, this, [this, button, tool] {
        m_canvas->setTool(tool);
        button->setChecked(true); // one of them is chosen always
    });
    connect(m_canvas, &PointCanvas::toolChanged, button,
            [button, tool](PointCanvas::Tool now) { button->setChecked(now == tool); });
    return button;
}

QBoxLayout* MapPage::buildTools() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kTiny);
    using Tool = PointCanvas::Tool;
    addToolChoice(row, Tool::Lasso, "lasso", "mapLasso",
                  tr("Lasso (L): draw round points to select them; Shift adds, Alt or Ctrl takes away"));
    addToolChoice(row, Tool::Rectangle, "marquee", "mapRectangle",
                  tr("Rectangle (R): Shift adds, Alt or Ctrl takes away"));
    addToolChoice(row, Tool::Hand, "hand", "mapHand", tr("Hand (H, or hold Space): move the map"));
    m_turn = addToolChoice(row, Tool::Turn, "refresh", "mapTurn",
                           tr("Turn (O): dragging turns a map of three dimensions"));
    m_turn->hide();
    row->addSpacing(theme::kMedium);
    const QPointF middle(0.5, 0.5);
    const auto zoom = [this, middle](double factor) {
        m_canvas->zoom(factor, {m_canvas->width() * middle.x(), m_canvas->height() * middle.y()});
    };
    connect(addTool(row, "zoom-out", "mapZoomOut", tr("Zoom out (wheel, −)")), &QToolButton::clicked, this,
            [zoom] { zoom(1 / 1.4); });
    connect(addTool(row, "zoom-in", "mapZoomIn", tr("Zoom in (wheel, +)")), &QToolButton::clicked, this,
            [zoom] { zoom(1.4); });
    connect(addTool(row, "zoom-fit", "mapFit", tr("Show all (F)")), &QToolButton::clicked, m_canvas,
            &PointCanvas::fit);
    row->addSpacing(theme::kMedium);
    m_pictures = addTool(row, "image", "mapPictures", tr("Pictures instead of points where there is room"));
    m_pictures->setCheckable(true);
    m_pictures->setChecked(m_canvas->picturesShown());
    m_pairs = addTool(row, "link", "mapPairs",
                      tr("Lines from every image to its texts; those of what is selected are always shown"));
    m_pairs->setCheckable(true);
    row->addStretch(1);
    buildFields(row);
    m_export = addTool(row, "export", "mapExport",
                       tr("Save the map as PNG, SVG, CSV, JSON, or for Embedding Atlas"));
    return row;
}

void MapPage::buildFields(QBoxLayout* row) {
    const auto field = [&](const char* objectName, const char* icon, const QString& accessibleName,
                           const QString& placeholder, const QString& tip) {
        auto* edit = new QLineEdit;
        edit->setObjectName(QString::fromLatin1(objectName));
        edit->setAccessibleName(accessibleName);
        edit->setPlaceholderText(placeholder);
        edit->setToolTip(tip);
        edit->setClearButtonEnabled(true);
        edit->addAction(theme::icon(QString::fromLatin1(icon)), QLineEdit::LeadingPosition);
        edit->setMaximumWidth(180);
        row->addWidget(edit, 1);
        return edit;
    };
    m_find = field("mapFind", "search", tr("Find a sample by name"), tr("Find"),
                   tr("Return goes to the next one, Shift+Return to the one before"));
    m_place = field("mapPlace", "plus", tr("Place a text into the map"), tr("Place a text"),
                    tr("Return marks where the text lies among the images; Return in the empty field takes "
                       "all marks away"));
}

void MapPage::connectAll() {
    connect(m_setup, &MapSetup::changed, this, &MapPage::setupChanged);
    connect(m_setup, &MapSetup::datasetChosen, this, [this](DatasetId id) { state().setCurrentDataset(id); });
    connect(m_setup, &MapSetup::makeRequested, this, [this] { make(true); });
    connect(m_setup, &MapSetup::cancelRequested, this, &MapPage::stopMaking);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { make(true); });
    connect(m_side, &MapSide::choiceChanged, this, &MapPage::recolor);
    connect(m_side, &MapSide::rampChanged, this, [this] {
        settings().setValue(rampSetting(), static_cast<int>(m_side->ramp()));
        if (m_shown)
            showColoring(m_shown);
    });
    connect(m_side, &MapSide::hiddenChanged, m_canvas, &PointCanvas::setHidden);
    connect(m_side, &MapSide::raised, m_canvas, &PointCanvas::setRaised);
    connect(m_side, &MapSide::colorMarked, this, [this](int color, bool add) {
        selectWhere([this, color](size_t point) { return m_shown->of[point] == color; }, add);
    });
    connect(m_side, &MapSide::valuesMarked, this, [this](double low, double high, bool add) {
        selectWhere(
            [this, low, high](size_t point) {
                const auto value = static_cast<double>(m_shown->value[point]);
                return value >= low && value <= high;
            },
            add);
    });
    connect(m_side, &MapSide::showSelectedRequested, this, &MapPage::showSelected);
    connect(m_side, &MapSide::clearRequested, this, [this] { giveSelection({}, SelectMode::Replace, -1); });
    connect(m_pictures, &QToolButton::toggled, this, [this](bool on) {
        settings().setValue(picturesSetting(), on);
        m_canvas->setPicturesShown(on);
    });
    connect(m_pairs, &QToolButton::toggled, m_canvas, &PointCanvas::setAllPairsShown);
    connect(m_export, &QToolButton::clicked, this, &MapPage::askExport);
    connect(m_place, &QLineEdit::returnPressed, this, &MapPage::placeText);
    connect(&m_side->naming(), &SelectionNaming::requested, this, &MapPage::nameSelected);
    connect(m_find, &QLineEdit::returnPressed, this,
            [this] { find(QApplication::keyboardModifiers().testFlag(Qt::ShiftModifier)); });
    connectState();
    connectCanvas();
    m_setup->setMethodName(settings().value(methodSetting()).toString());
    connect(m_setup, &MapSetup::changed, this,
            [this] { settings().setValue(methodSetting(), m_setup->methodName()); });
}

void MapPage::connectState() {
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        stopMaking();
        m_last.reset();
        m_data.reset();
        m_shown.reset();
        m_listed = false;
        reload();
    });
    connect(&state(), &AppState::currentDatasetChanged, this, [this](DatasetId id) {
        m_wantedDataset = id;
        if (isVisible())
            m_setup->chooseDataset(id);
    });
    connect(&state(), &AppState::datasetsChanged, this, &MapPage::refresh);
    connect(&state(), &AppState::modelsChanged, this, &MapPage::reload);
    for (const auto signal : {&AppState::runsChanged, &AppState::tagsChanged})
        connect(&state(), signal, this, &MapPage::loadColorOptions);
    connect(&jobs(), &JobRunner::event, this, [this](const JobEvent& event) {
        if (m_waitsForModel && event.lane == JobLane::Model && event.state != JobState::Queued &&
            event.state != JobState::Running)
            makeIfQuick();
    });
    connect(&thumbnails(), &ThumbnailProvider::ready, m_canvas, [this] { m_canvas->update(); });
    connect(&thumbnails(), &ThumbnailProvider::cleared, m_canvas, &PointCanvas::picturesChanged);
    connect(&actions().facts(), &SampleFacts::arrived, m_canvas, [this] { m_canvas->update(); });
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, [this] {
            if (m_shown)
                showColoring(m_shown);
        });
}

void MapPage::connectCanvas() {
    connect(m_canvas, &PointCanvas::marked, this, &MapPage::giveSelection);
    connect(m_canvas, &PointCanvas::moved, this, [this](int point) {
        if (m_selection && m_data)
            if (const SampleId sample = m_data->map.points[static_cast<size_t>(point)].sample)
                m_selection->moveTo(sample);
        m_canvas->setCurrent(point);
    });
    connect(m_canvas, &PointCanvas::activated, this, &MapPage::open);
    connect(m_canvas, &PointCanvas::turned, this, [this](const QPointF& pixels) {
        if (m_turned.empty())
            return;
        m_turned.turn(pixels);
        std::vector<float> x, y;
        m_turned.project(x, y);
        m_canvas->movePoints(std::move(x), std::move(y));
        showPlaced();
    });
    actions().attachDrag(m_side->dragHandle(),
                         [this] { return m_selection ? m_selection->samples() : std::vector<SampleId>(); });
    actions().attach(m_canvas, [this] {
        SampleTarget target;
        if (!m_data || !m_selection)
            return target;
        target.samples = m_selection->samples();
        const int point = m_canvas->current();
        if (point >= 0)
            target.current = m_data->map.points[static_cast<size_t>(point)].sample;
        if (target.samples.empty() && target.current) // where the keyboard stands counts as chosen
            target.samples = {target.current};
        if (!m_selection->contains(target.current) && !target.samples.empty())
            target.current = target.samples.front();
        target.run = m_side->run();
        target.siblings = [samples = target.samples] {
            return std::make_shared<const std::vector<SampleId>>(samples);
        };
        return target;
    });
}

} // namespace diptych::ui

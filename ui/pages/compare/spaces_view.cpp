// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/spaces_view.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/plots/point_palettes.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/sample_actions.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <unordered_map>

namespace diptych::ui {

namespace {

constexpr size_t kMostMoved = 20;
constexpr qsizetype kMostNamed = 12; ///< colours that a legend can hold
enum Colors { ByOutcome, ByClass };

std::vector<uint8_t> twice(const std::vector<uint8_t>& values) {
    std::vector<uint8_t> out = values;
    out.insert(out.end(), values.begin(), values.end());
    return out;
}

/// "■ A right, B wrong"; the name may hold anything.
QString legendText(QRgb color, const QString& name) {
    return QStringLiteral("<span style=\"color:%1\">■</span> %2")
        .arg(QColor(color).name(), name.toHtmlEscaped());
}

} // namespace

/// Pictures and words for the points of one canvas.
class SpacesView::Source : public PointSource {
public:
    Source(SpacesView& view, Side side) : m_view(view), m_side(side) {}

    QImage picture(int point, int side) override {
        const int at = m_view.sampleOfPoint(m_side, point);
        return at < 0 ? QImage() : m_view.m_context.thumbnails.thumbnail(sample(at), side, this).image;
    }
    PointCard card(int point) override {
        const int at = m_view.sampleOfPoint(m_side, point);
        if (at < 0)
            return {};
        PointCard card;
        card.title = name(at).section(QLatin1Char('/'), -1);
        const RunComparison& c = m_view.m_pair->comparison;
        for (const ComparedExample& example : c.examples)
            if (example.sample == sample(at)) {
                if (example.truth >= 0)
                    card.lines << tr("Is %1").arg(toQString(c.nameOf(example.truth)));
                for (const bool first : {true, false})
                    if (const QString said = answerText(c, example, first); !said.isEmpty())
                        card.lines << tr("%1 says %2").arg(first ? tr("A") : tr("B"), said);
                break;
            }
        card.lines << tr("%1 of its neighbours are the same")
                          .arg(shareText(static_cast<double>(m_view.m_maps->kept[static_cast<size_t>(at)])));
        return card;
    }
    void setInSight(const std::vector<int>& points) override {
        std::vector<SampleId> samples;
        for (const int point : points)
            if (const int at = m_view.sampleOfPoint(m_side, point); at >= 0)
                samples.push_back(sample(at));
        m_view.m_context.thumbnails.setVisible(this, samples);
    }
    QString name(int at) const {
        const SampleId wanted = sample(at);
        const auto& examples = m_view.m_pair->comparison.examples;
        const auto found = std::ranges::find(examples, wanted, &ComparedExample::sample);
        return found == examples.end() ? tr("sample %1").arg(wanted.value)
                                       : m_view.m_pair->keys[found - examples.begin()];
    }

private:
    SampleId sample(int at) const { return m_view.m_maps->samples[static_cast<size_t>(at)]; }
    SpacesView& m_view;
    Side m_side;
};

SpacesView::SpacesView(const PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_making(context.jobs, this) {
    for (const Side side : {First, Second, Overlaid})
        m_sources.push_back(std::make_unique<Source>(*this, side));
    build();
    connect(m_method, &QComboBox::currentIndexChanged, this, [this] { make(false); });
    connect(m_arrangement, &QComboBox::currentIndexChanged, this, &SpacesView::showArrangement);
    connect(m_colors, &QComboBox::currentIndexChanged, this, &SpacesView::recolor);
    connect(m_moved, &QPushButton::clicked, this, &SpacesView::selectMoved);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { make(true); });
    connect(&m_context.thumbnails, &ThumbnailProvider::ready, this, [this] {
        for (PointCanvas* canvas : m_canvases)
            canvas->picturesChanged();
    });
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &SpacesView::recolor);
}

SpacesView::~SpacesView() {
    for (PointCanvas* canvas : m_canvases)
        canvas->setSource(nullptr);
}

void SpacesView::build() {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, theme::kSmall, 0, 0);
    layout->setSpacing(theme::kSmall);
    auto* row = new QHBoxLayout;
    m_arrangement = new ChoiceBox("spacesArrangement", tr("How the maps stand"), 8);
    m_arrangement->addItems({tr("Side by side"), tr("Overlaid, with lines")});
    m_method = new ChoiceBox("spacesMethod", tr("How the maps are made"), 5);
    m_method->addItem(tr("PCA"), int(ProjectionMethod::Pca));
    m_method->addItem(tr("UMAP"), int(ProjectionMethod::Umap));
    m_method->addItem(tr("t-SNE"), int(ProjectionMethod::Tsne));
    m_colors = new ChoiceBox("spacesColors", tr("What colours say"), 8);
    m_colors->addItems({tr("Right and wrong"), tr("Class")}); // as Colors
    m_moved = new QPushButton(tr("Select the most moved"));
    m_moved->setObjectName(QStringLiteral("selectMoved"));
    m_moved->setToolTip(tr("The pictures whose nearest neighbours changed most; lines join their two places "
                           "in the overlaid map"));
    for (QWidget* widget : {static_cast<QWidget*>(m_arrangement), static_cast<QWidget*>(m_method),
                            static_cast<QWidget*>(m_colors), static_cast<QWidget*>(m_moved)})
        row->addWidget(widget);
    row->addStretch(1);
    layout->addLayout(row);
    m_words = new QLabel;
    m_words->setObjectName(QStringLiteral("spacesWords"));
    m_words->setTextFormat(Qt::PlainText);
    m_words->setWordWrap(true);
    m_words->setToolTip(metricToolTip("cka") + metricToolTip("neighbours_in_common"));
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_words);
    m_legend = new QLabel;
    m_legend->setObjectName(QStringLiteral("spacesLegend"));
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setWordWrap(true);
    theme::style(m_legend, theme::Text::Caption);
    layout->addWidget(m_legend);
    m_shown = new QStackedWidget;
    auto* both = new QWidget;
    auto* columns = new QHBoxLayout(both);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(theme::kSmall);
    for (const Side side : {First, Second}) {
        auto* column = new QVBoxLayout;
        column->setSpacing(theme::kTiny);
        QLabel*& name = side == First ? m_firstName : m_secondName;
        name = new QLabel;
        name->setTextFormat(Qt::PlainText);
        theme::style(name, theme::Text::Caption);
        column->addWidget(name);
        column->addWidget(addCanvas(side, side == First ? "firstMap" : "secondMap"), 1);
        columns->addLayout(column, 1);
    }
    m_shown->addWidget(both);
    m_shown->addWidget(addCanvas(Overlaid, "overlaidMap"));
    m_empty = new EmptyState(QStringLiteral("map"), tr("Spaces"), tr("Choose two runs."),
                             tr("Encode and make maps"));
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_shown);
    layout->addWidget(m_stack, 1);
}

PointCanvas* SpacesView::addCanvas(Side side, const char* name) {
    auto* canvas = new PointCanvas;
    canvas->setObjectName(QString::fromLatin1(name));
    canvas->setAccessibleName(side == First    ? tr("Map of A")
                              : side == Second ? tr("Map of B")
                                               : tr("Both maps, B's places as squares"));
    canvas->setSource(m_sources[side].get());
    connect(canvas, &PointCanvas::marked, this,
            [this, side](const std::vector<int>& points, SelectMode mode, int current) {
                giveSelection(side, points, mode, current);
            });
    connect(canvas, &PointCanvas::moved, this,
            [this, side](int point) { giveSelection(side, {point}, SelectMode::Replace, point); });
    connect(canvas, &PointCanvas::activated, this, [this, side](int point) { open(side, point); });
    connect(canvas, &PointCanvas::hoveredChanged, this, [this, side](int point) { follow(side, point); });
    m_canvases.push_back(canvas);
    return canvas;
}

void SpacesView::show(ComparedPairPtr pair) {
    m_making.cancel();
    m_pair = std::move(pair);
    m_maps.reset();
    if (m_selection)
        m_selection->disconnect(this);
    m_selection = m_pair && m_pair->comparison.first.datasetId
                      ? &m_context.state.selection(m_pair->comparison.first.datasetId)
                      : nullptr;
    if (m_selection)
        connect(m_selection, &Selection::changed, this, &SpacesView::takeSelection);
    m_wanted = m_pair != nullptr;
    showNothing(tr("Spaces"), m_pair ? tr("Comparing the two spaces…")
                                     : tr("Choose two runs on one dataset to see where their models put the "
                                          "same pictures."));
    if (m_wanted && isVisible())
        make(false);
}

void SpacesView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_wanted)
        make(false);
    else
        takeSelection();
}

void SpacesView::make(bool encodeMissing) {
    const auto session = m_context.state.session();
    if (!session || !m_pair)
        return;
    m_wanted = false;
    const auto method = static_cast<ProjectionMethod>(m_method->currentData().toInt());
    encodeMissing = encodeMissing && !m_context.state.readOnly();
    if (!m_maps)
        showNothing(tr("Spaces"), tr("Comparing the two spaces…"));
    m_making.start(
        JobSpec(tr("Compare spaces"), encodeMissing ? JobLane::Model : JobLane::Light),
        [session, pair = m_pair, method, encodeMissing](const RunContext& context) {
            return makeTwoMaps(*session, pair->comparison, method, encodeMissing, context);
        },
        [this](std::shared_ptr<const TwoMaps> maps) { showMaps(std::move(maps)); },
        [this](const Error& error) {
            showNothing(tr("These spaces cannot be compared"), QString::fromUtf8(error.what()));
        });
}

void SpacesView::showNothing(const QString& heading, const QString& sentence, bool encode) {
    m_maps.reset();
    m_words->hide();
    m_legend->hide();
    m_moved->setEnabled(false);
    for (PointCanvas* canvas : m_canvases)
        canvas->setPoints({}, {});
    m_empty->setText(heading, sentence);
    m_empty->button()->setVisible(encode);
    m_stack->setCurrentIndex(0);
}

void SpacesView::showMaps(std::shared_ptr<const TwoMaps> maps) {
    const SpaceComparison& space = maps->space;
    if (space.answer == Answer::NotEncoded) {
        showNothing(tr("Not encoded yet"),
                    tr("These images have not been encoded with %1, as its run did, yet.")
                        .arg(toQString(space.model)),
                    !m_context.state.readOnly());
        return;
    }
    if (space.answer == Answer::Busy) {
        showNothing(
            tr("The model is busy"),
            tr("A run or an encoding has %1. Come back when it is done.").arg(toQString(space.model)));
        m_wanted = true;
        return;
    }
    m_maps = std::move(maps);
    m_words->setText(toQString(spaceText(m_maps->space)) + QLatin1Char(' ') +
                     tr("B's map is turned, mirrored and scaled onto A's; %1 of the layout agrees then.")
                         .arg(shareText(1 - m_maps->disparity)));
    const RunComparison& c = m_pair->comparison;
    m_firstName->setText(tr("A · %1").arg(toQString(c.first.modelName)));
    m_secondName->setText(tr("B · %1").arg(toQString(c.second.modelName)));
    m_canvases[First]->setPoints(m_maps->firstX, m_maps->firstY);
    m_canvases[Second]->setPoints(m_maps->secondX, m_maps->secondY);
    std::vector<float> x = m_maps->firstX, y = m_maps->firstY;
    x.insert(x.end(), m_maps->secondX.begin(), m_maps->secondX.end());
    y.insert(y.end(), m_maps->secondY.begin(), m_maps->secondY.end());
    const size_t n = m_maps->samples.size();
    std::vector<uint8_t> squares(2 * n, 0);
    std::fill(squares.begin() + static_cast<std::ptrdiff_t>(n), squares.end(), uint8_t{1});
    std::vector<uint32_t> first(2 * n + 1), partners(2 * n);
    std::iota(first.begin(), first.end(), 0U);
    for (size_t i = 0; i < n; ++i) {
        partners[i] = static_cast<uint32_t>(n + i);
        partners[n + i] = static_cast<uint32_t>(i);
    }
    m_canvases[Overlaid]->setPoints(std::move(x), std::move(y), std::move(squares));
    m_canvases[Overlaid]->setPairs(std::move(first), std::move(partners));
    m_words->show();
    m_legend->show();
    m_moved->setEnabled(true);
    m_stack->setCurrentIndex(1);
    showArrangement();
    takeSelection();
}

void SpacesView::showArrangement() {
    m_shown->setCurrentIndex(m_arrangement->currentIndex());
    recolor(); // the legend says which forms stand for whom
}

void SpacesView::recolor() {
    if (!m_maps)
        return;
    const RunComparison& c = m_pair->comparison;
    const bool byClass = m_colors->currentIndex() == ByClass;
    std::unordered_map<SampleId, const ComparedExample*> examples;
    for (const ComparedExample& example : c.examples)
        examples.emplace(example.sample, &example);
    PointColors colors;
    QStringList names;
    if (byClass) {
        colors.palette = categoryColors(static_cast<int>(c.names.size()));
        for (const std::string& name : c.names)
            names << toQString(name);
    } else {
        const theme::Colors& theme = theme::colors();
        colors.palette = {theme.mutedText.rgb(), theme::chartColor(0).rgb(), theme::chartColor(1).rgb(),
                          theme.danger.rgb()}; // as PairOutcome
        for (const PairKind kind :
             {PairKind::BothRight, PairKind::FirstRight, PairKind::SecondRight, PairKind::BothWrong})
            names << toQString(pairKindTitle(kind, c, "A", "B"));
    }
    colors.palette.push_back(unknownColor());
    const auto unknown = static_cast<uint16_t>(colors.palette.size() - 1);
    for (const SampleId sample : m_maps->samples) {
        const auto found = examples.find(sample);
        const int category = found == examples.end() ? -1
                             : byClass               ? found->second->truth
                                                     : static_cast<int>(found->second->outcome);
        colors.of.push_back(category < 0 ? unknown : static_cast<uint16_t>(category));
    }
    colors.hidden.assign(colors.palette.size(), 0);
    QStringList legend;
    for (qsizetype i = 0; i < std::min(names.size(), kMostNamed); ++i)
        legend << legendText(colors.palette[static_cast<size_t>(i)], names[i]);
    if (names.size() > kMostNamed)
        legend << tr("and %1 more classes").arg(names.size() - kMostNamed);
    if (m_arrangement->currentIndex() == 1)
        legend.prepend(tr("● A's place, ■ B's"));
    m_legend->setText(legend.join(QStringLiteral(" &nbsp; ")));
    m_canvases[First]->setColors(colors);
    m_canvases[Second]->setColors(colors);
    const std::vector<uint16_t> once = colors.of;
    colors.of.insert(colors.of.end(), once.begin(), once.end());
    m_canvases[Overlaid]->setColors(std::move(colors));
}

int SpacesView::sampleOfPoint(Side side, int point) const {
    if (!m_maps || point < 0)
        return -1;
    const auto n = static_cast<int>(m_maps->samples.size());
    const int at = side == Overlaid ? point % n : point;
    return at < n ? at : -1;
}

void SpacesView::giveSelection(Side side, const std::vector<int>& points, SelectMode mode, int current) {
    if (!m_maps || !m_selection)
        return;
    std::vector<SampleId> given;
    for (const int point : points)
        given.push_back(m_maps->samples[static_cast<size_t>(sampleOfPoint(side, point))]);
    std::ranges::sort(given);
    given.erase(std::unique(given.begin(), given.end()), given.end());
    const std::vector<SampleId>& before = m_selection->samples();
    const bool takes =
        mode == SelectMode::Remove || (mode == SelectMode::Toggle && std::ranges::includes(before, given));
    std::vector<SampleId> samples;
    if (mode == SelectMode::Replace)
        samples = given;
    else if (takes)
        std::ranges::set_difference(before, given, std::back_inserter(samples));
    else
        std::ranges::set_union(before, given, std::back_inserter(samples));
    const int at = sampleOfPoint(side, current);
    m_selection->set(std::move(samples),
                     at < 0 ? m_selection->current() : m_maps->samples[static_cast<size_t>(at)]);
}

void SpacesView::takeSelection() {
    if (!m_maps || !m_selection || !isVisible())
        return;
    std::vector<uint8_t> selected(m_maps->samples.size(), 0);
    for (const SampleId sample : m_selection->samples())
        if (const auto found = m_maps->pointOf.find(sample); found != m_maps->pointOf.end())
            selected[static_cast<size_t>(found->second)] = 1;
    const bool fade = m_selection->samples().size() > 1; // one is where somebody looks
    const auto found = m_maps->pointOf.find(m_selection->current());
    const int current = found == m_maps->pointOf.end() ? -1 : found->second;
    for (const Side side : {First, Second, Overlaid}) {
        m_canvases[side]->setSelected(side == Overlaid ? twice(selected) : selected, fade);
        m_canvases[side]->setCurrent(current);
    }
}

/// The pointer rests on a picture in one map: the other says where it put it.
void SpacesView::follow(Side side, int point) {
    if (side == Overlaid)
        return;
    PointCanvas* other = m_canvases[side == First ? Second : First];
    const int at = sampleOfPoint(side, point);
    if (at < 0) {
        other->setMarks({});
        return;
    }
    const auto i = static_cast<size_t>(at);
    const QPointF place = side == First ? QPointF(double(m_maps->secondX[i]), double(m_maps->secondY[i]))
                                        : QPointF(double(m_maps->firstX[i]), double(m_maps->firstY[i]));
    other->setMarks({{place, m_sources[side]->name(at).section(QLatin1Char('/'), -1)}});
}

void SpacesView::open(Side side, int point) {
    const int at = sampleOfPoint(side, point);
    if (at < 0)
        return;
    SampleTarget target;
    target.current = m_maps->samples[static_cast<size_t>(at)];
    target.samples = {target.current};
    target.run = m_pair->comparison.first.id;
    m_context.actions.open(target);
}

void SpacesView::selectMoved() {
    if (!m_maps || !m_selection)
        return;
    std::vector<size_t> order(m_maps->samples.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto moved = [this](size_t i) { // on the maps, for those that lost as many neighbours
        return std::hypot(m_maps->firstX[i] - m_maps->secondX[i], m_maps->firstY[i] - m_maps->secondY[i]);
    };
    std::ranges::stable_sort(order, [&](size_t a, size_t b) {
        return m_maps->kept[a] != m_maps->kept[b] ? m_maps->kept[a] < m_maps->kept[b] : moved(a) > moved(b);
    });
    std::vector<SampleId> samples;
    for (size_t i = 0; i < std::min(kMostMoved, order.size()); ++i)
        samples.push_back(m_maps->samples[order[i]]);
    if (!samples.empty())
        m_selection->set(samples, samples.front());
}

} // namespace diptych::ui

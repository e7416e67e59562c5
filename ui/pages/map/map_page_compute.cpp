// SPDX-License-Identifier: GPL-3.0-or-later
// Making a map, and showing it while it is made.
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/map/map_page.h"
#include "ui/pages/map/map_side.h"
#include "ui/state/selection.h"
#include "ui/widgets/empty_state.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>
#include <numeric>

namespace diptych::ui {

namespace {

constexpr int64_t kQuickAlways = 5000;    // images laid out without being asked for, whatever the method
constexpr int64_t kQuickPca = 50000;      // likewise by PCA
constexpr int64_t kMostForRecall = 20000; // images compared with all texts for recall at 1

bool sameAxis(const TextAxis& a, const TextAxis& b) {
    return a.text == b.text && a.less == b.less;
}

/// "“a cat” − “a dog”"
QString axisTitle(const TextAxis& axis) {
    const auto quoted = [](const std::string& text) { return QStringLiteral("“%1”").arg(toQString(text)); };
    return axis.less.empty() ? quoted(axis.text)
                             : quoted(axis.text) + QStringLiteral(" − ") + quoted(axis.less);
}

bool sameMap(const MapSpec& a, const MapSpec& b) {
    const ProjectionOptions &p = a.projection, &q = b.projection;
    return a.dataset == b.dataset && a.model == b.model && a.split == b.split && a.content == b.content &&
           a.texts == b.texts && a.templates == b.templates && a.center == b.center && a.seed == b.seed &&
           p.method == q.method && p.dimensions == q.dimensions && p.perplexity == q.perplexity &&
           p.neighbours == q.neighbours && p.minDistance == q.minDistance && p.iterations == q.iterations &&
           std::equal(a.axes.begin(), a.axes.end(), b.axes.begin(), b.axes.end(), sameAxis);
}

std::vector<float> column(const Matrix& positions, size_t axis) {
    std::vector<float> values(positions.rows());
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = positions(i, axis);
    return values;
}

} // namespace

/// What is quick to make is made at once; anything else when asked for.
void MapPage::makeIfQuick() {
    if (!state().session() || !m_setup->missing().isEmpty())
        return;
    const MapSpec spec = m_setup->spec();
    const bool same = m_data && sameMap(spec, m_data->spec);
    if (same && !m_making.active())
        m_note->setText(mapNote());
    if (m_making.active() || (same && !m_mayBeOld))
        return;
    const int64_t images = m_setup->imageCount();
    const bool pca = spec.projection.method == ProjectionMethod::Pca;
    if (images <= kQuickAlways || (pca && images <= kQuickPca)) {
        make(false);
        return;
    }
    if (m_data && m_data->spec.dataset == spec.dataset) { // it stays until another one is asked for
        m_note->setText(
            tr("This is the map as it was made before. “Make map” makes the one that is chosen now."));
        return;
    }
    showNothing(tr("Map of %1").arg(toQString(spec.dataset)),
                tr("%1 take a while to lay out. The map appears while it is made.")
                    .arg(countOf(images, tr("image"), tr("images"))),
                tr("Make map"));
}

void MapPage::readClasses(Workspace& workspace, const MapSpec& spec, LiveFrames& frames) {
    const auto info = workspace.findDataset(spec.dataset);
    if (!info || spec.content != MapContent::Images)
        return;
    SampleFilter filter;
    if (!spec.split.empty())
        filter.splits = {spec.split};
    const std::vector<SampleId> ids = workspace.sampleIds(info->id, filter);
    const std::lock_guard lock(frames.mutex);
    frames.classCount = static_cast<int>(info->classCount);
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        frames.classes.push_back(static_cast<uint16_t>(sample.label >= 0 ? sample.label : info->classCount));
}

MapPage::Made MapPage::compute(Session& session, const Wanted& wanted, const RunContext& context,
                               const FrameCallback& onFrame) {
    EmbeddingMap map = session.embeddingMap(wanted.spec, context, onFrame);
    Made made;
    made.answer = map.answer;
    if (map.answer != Answer::Ready)
        return made;
    made.data = makeMapData(session.workspace(), std::move(map), wanted.spec);
    made.coloring = std::make_shared<const Coloring>(
        colorPoints(session.workspace(), *made.data, wanted.choice, wanted.run));
    return made;
}

void MapPage::make(bool encodeMissing) {
    const auto session = state().session();
    if (!session || !m_setup->missing().isEmpty())
        return;
    m_making.abandon();
    m_waitsForModel = m_mayBeOld = false;
    Wanted wanted{m_setup->spec(), m_side->choice(), m_side->run()};
    const MapSpec& spec = wanted.spec;
    wanted.spec.encodeMissing = encodeMissing && !state().readOnly();
    wanted.spec.recall = spec.content == MapContent::Both && m_setup->imageCount() <= kMostForRecall;
    if (m_data)
        m_last = m_data;
    const auto frames = std::make_shared<LiveFrames>();
    m_frames = frames;
    const bool sameDataset = m_last && m_last->spec.dataset == spec.dataset;
    const ColorBy by = wanted.choice.by;
    if (!sameDataset && (ofRun(by) || by == ColorBy::Column || by == ColorBy::Nothing)) {
        wanted.choice = {ColorBy::Class, {}};
        wanted.run = {};
    }
    const QPointer<QObject> self(this);
    JobRunner* runner = &jobs(); // outlives the page and waits for its jobs
    const auto tell = [this, self, runner, frames](const Matrix& positions, size_t iteration,
                                                   size_t iterations) {
        const std::lock_guard lock(frames->mutex);
        frames->x = column(positions, 0);
        frames->y = column(positions, 1);
        frames->iteration = iteration;
        frames->iterations = iterations;
        if (!std::exchange(frames->underWay, true))
            runner->deliver(self, [this, frames] { showFrame(*frames); });
    };
    JobSpec job(tr("Map of %1").arg(toQString(spec.dataset)),
                spec.encodeMissing ? JobLane::Model : JobLane::Light);
    job.setFinally([this] {
        m_setup->setMaking(false);
        if (std::exchange(m_frames, nullptr)) // it failed or was stopped elsewhere
            showLast(tr("It could not be made."));
        else if (m_data && isVisible())
            makeIfQuick(); // where something else was chosen meanwhile
    });
    m_setup->setMaking(true);
    m_note->setText(tr("Laying out the points…"));
    m_making = jobs().start(
        job,
        [session, wanted, tell, frames](const RunContext& context) {
            readClasses(session->workspace(), wanted.spec, *frames);
            return compute(*session, wanted, context, tell);
        },
        this, [this, spec](Made made) { finishMaking(std::move(made), spec); });
}

void MapPage::stopMaking() {
    if (!m_making.active())
        return;
    m_making.cancel();
    m_making.abandon();
    m_frames.reset();
    m_setup->setMaking(false);
    showLast(tr("It was stopped before it was laid out."));
}

void MapPage::showLast(const QString& why) {
    if (m_last)
        showMap({Answer::Ready, m_last, m_shown});
    else
        showNothing(tr("No map"), why, tr("Make map"));
}

void MapPage::showFrame(LiveFrames& frames) {
    const std::lock_guard lock(frames.mutex);
    frames.underWay = false;
    if (&frames != m_frames.get() || !m_making.active())
        return;
    if (m_data || m_canvas->pointCount() != frames.x.size() || m_stack->currentIndex() == 0) {
        m_data.reset();
        m_source->setData(nullptr);
        m_canvas->setAxes({}, {});
        m_canvas->setPoints(frames.x, frames.y);
        if (frames.classes.size() == frames.x.size()) {
            PointColors colors;
            colors.of = frames.classes;
            colors.palette = categoryColors(frames.classCount);
            colors.palette.push_back(unknownColor());
            colors.hidden.assign(colors.palette.size(), 0);
            m_canvas->setColors(std::move(colors));
        }
        m_stack->setCurrentIndex(1);
    } else {
        m_canvas->movePoints(frames.x, frames.y);
    }
    m_note->setText(tr("Laying out the points: step %1 of %2")
                        .arg(exactCountText(static_cast<long long>(frames.iteration)),
                             exactCountText(static_cast<long long>(frames.iterations))));
}

void MapPage::finishMaking(Made made, const MapSpec& spec) {
    m_frames.reset();
    if (made.answer == Answer::Ready) {
        showMap(std::move(made));
        return;
    }
    m_last.reset();
    if (made.answer == Answer::Busy) {
        m_waitsForModel = true; // asks again when it is free
        showNothing(tr("The model is busy"),
                    tr("A run or an encoding has it. The map appears here when it is free."));
        return;
    }
    showNothing(tr("Not encoded yet"),
                tr("These images have not been encoded with %1 yet. Once they are, every map of them is made "
                   "without the model.")
                    .arg(toQString(spec.model)),
                state().readOnly() ? QString() : tr("Encode and make map"));
}

void MapPage::showNothing(const QString& heading, const QString& sentence, const QString& action) {
    m_data.reset();
    m_source->setData(nullptr);
    m_canvas->setPoints({}, {});
    m_empty->setText(heading, sentence);
    m_empty->button()->setText(action);
    m_empty->button()->setVisible(!action.isEmpty());
    m_stack->setCurrentIndex(0);
    m_note->clear();
}

void MapPage::showMap(Made made) {
    const bool sameDataset = m_last && m_last->dataset == made.data->dataset;
    m_data = made.data;
    m_last.reset();
    m_source->setData(m_data);
    showPoints();
    m_canvas->setPairs(m_data->firstPartner, m_data->partners);
    m_canvas->setLabels(m_data->classLabels());
    m_pairs->setEnabled(!m_data->firstPartner.empty());
    const auto& ratio = m_data->map.explainedVarianceRatio;
    const auto axis = [&](size_t i) {
        return i < ratio.size() ? tr("component %1, %2 of the variance").arg(i + 1).arg(shareText(ratio[i]))
                                : QString();
    };
    const std::vector<TextAxis>& texts = m_data->spec.axes;
    if (texts.size() == 2)
        m_canvas->setAxes(axisTitle(texts[0]), axisTitle(texts[1]));
    else if (!m_turned.empty())
        m_canvas->setAxes({}, {}); // whichever way they point
    else
        m_canvas->setAxes(axis(0), axis(1));
    m_stack->setCurrentIndex(1);
    if (!sameDataset)
        m_options = {};
    showColoring(made.coloring);
    bindSelection();
    bindView();
    m_note->setText(mapNote());
    loadColorOptions();
}

void MapPage::showPoints() {
    std::vector<float> x = m_data->coordinate(0), y = m_data->coordinate(1);
    m_turned.clear();
    if (m_data->map.positions.cols() == 3) {
        m_turned.setPoints(m_data->map.positions);
        m_turned.project(x, y);
    }
    m_turn->setVisible(!m_turned.empty());
    m_canvas->setTurnable(!m_turned.empty());
    const bool keepView = m_canvas->pointCount() == m_data->size() && m_stack->currentIndex() == 1;
    if (keepView && m_data->firstPartner.empty())
        m_canvas->movePoints(std::move(x), std::move(y));
    else
        m_canvas->setPoints(std::move(x), std::move(y), m_data->texts);
    m_canvas->setFitArea(m_turned.empty() ? QRectF() : m_turned.area());
    clearPlaced();
    m_place->setEnabled(!m_data->spec.center);
}

QString MapPage::mapNote() const {
    if (!m_data->spec.axes.empty())
        return tr(
            "Where a point lies is its cosine with a text, or with the difference of two: what the model "
            "itself compares, in no way laid out.");
    const EmbeddingMap& map = m_data->map;
    QStringList notes;
    const double kept = std::accumulate(map.preservation.begin(), map.preservation.end(), 0.0) /
                        static_cast<double>(std::max<size_t>(1, map.preservation.size()));
    if (const size_t compared = neighboursCompared(map); compared > 0)
        notes << tr("Of each point's %1, %2 are among its nearest on the map.")
                     .arg(countOf(static_cast<long long>(compared), tr("nearest neighbour"),
                                  tr("nearest neighbours")),
                          shareText(kept));
    if (map.neighbourRecall < 1)
        notes << tr("Neighbours were searched, not compared one by one: %1 of the true ones were found.")
                     .arg(shareText(map.neighbourRecall));
    if (!m_turned.empty())
        notes << tr("Three dimensions: the tool Turn (O) turns them.");
    if (!map.explainedVarianceRatio.empty())
        notes << tr("What lies far apart here is far apart; what lies close may differ across the map.");
    else
        notes << tr(
            "Who lies beside whom is what it shows: distances between clusters, their sizes and their "
            "density say little.");
    if (map.gap)
        notes << tr("The mean of the images and that of the texts lie %1 apart, an image and its text %2.")
                     .arg(numberText(map.gap->centroidDistance), numberText(map.gap->meanPairDistance));
    if (map.recall && map.centredRecall)
        notes << tr("%1 of the images find their text first and %2 of the texts their image; with the means "
                    "taken away %3 and %4.")
                     .arg(shareText(map.recall->imageToText), shareText(map.recall->textToImage),
                          shareText(map.centredRecall->imageToText),
                          shareText(map.centredRecall->textToImage));
    if (!map.failures.empty())
        notes << tr("%1 could not be read and are not on it.")
                     .arg(countOf(static_cast<long long>(map.failures.size()), tr("image"), tr("images")));
    for (const std::string& note : map.notes)
        notes << toQString(note);
    return notes.join(QLatin1Char(' '));
}

} // namespace diptych::ui

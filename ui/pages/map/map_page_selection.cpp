// SPDX-License-Identifier: GPL-3.0-or-later
// What the map shares with the other views of a dataset, what colours it, and how it leaves the window.
#include "core/base/file.h"
#include "core/session/map_export.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/map/map_export.h"
#include "ui/pages/map/map_page.h"
#include "ui/pages/map/map_side.h"
#include "ui/state/selection.h"
#include "ui/widgets/sample_actions.h"

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>
#include <iterator>

namespace diptych::ui {

void MapPage::recolor() {
    const auto session = state().session();
    if (!session || !m_data)
        return;
    m_coloring.start(
        JobSpec(tr("Colour the map")).setShown(false),
        [session, data = m_data, choice = m_side->choice(), run = m_side->run()](const RunContext&) {
            return std::make_shared<const Coloring>(colorPoints(session->workspace(), *data, choice, run));
        },
        [this, data = m_data](std::shared_ptr<const Coloring> coloring) {
            if (data == m_data)
                showColoring(std::move(coloring));
        });
}

void MapPage::showColoring(std::shared_ptr<const Coloring> coloring) {
    if (!m_data || !coloring)
        return;
    m_shown = std::move(coloring);
    m_source->setColoring(m_shown, m_side->choiceTitle());
    m_canvas->setColors(m_side->showColoring(*m_shown));
    takeSelection();
}

void MapPage::bindSelection() {
    Selection* selection = m_data->dataset ? &state().selection(m_data->dataset) : nullptr;
    if (selection != m_selection) {
        if (m_selection)
            m_selection->disconnect(this);
        m_selection = selection;
        if (selection)
            connect(selection, &Selection::changed, this, [this] {
                m_naming.cancel();
                m_side->naming().showWords({});  // they were of another selection
                m_selectionIsOld = !isVisible(); // a map of a million points looks for them when it is shown
                if (!m_selectionIsOld)
                    takeSelection();
            });
    }
    takeSelection();
}

void MapPage::bindView() {
    DatasetView* view = m_data->dataset ? &state().view(m_data->dataset) : nullptr;
    if (view != m_view) {
        if (m_view)
            m_view->disconnect(this);
        m_view = view;
        if (view)
            connect(view, &DatasetView::samplesChanged, this, [this] {
                m_filterIsOld = !isVisible();
                if (!m_filterIsOld)
                    takeFilter();
            });
    }
    takeFilter();
}

void MapPage::takeFilter() {
    m_filterIsOld = false;
    const bool narrows = m_data && m_view && m_view->spec().narrows() && m_view->samples() &&
                         m_view->dataset() == m_data->dataset;
    m_filtered->setVisible(narrows);
    std::vector<uint8_t> leftOut;
    if (narrows) {
        leftOut = m_data->pointsOf(m_view->members());
        size_t hidden = 0;
        for (size_t point = 0; point < leftOut.size(); ++point) {
            const bool ofSample = bool(m_data->map.points[point].sample); // classes stay
            leftOut[point] = ofSample && leftOut[point] == 0 ? 1 : 0;
            hidden += leftOut[point];
        }
        m_filteredText->setText(tr("Filtered: %1 of %2 points are shown")
                                    .arg(exactCountText(static_cast<long long>(leftOut.size() - hidden)),
                                         exactCountText(static_cast<long long>(leftOut.size()))));
    }
    m_canvas->setLeftOut(std::move(leftOut));
}

void MapPage::takeSelection() {
    m_selectionIsOld = false;
    if (!m_data || !m_selection || !m_shown || m_selection->dataset() != m_data->dataset)
        return;
    std::vector<uint8_t> selected = m_data->pointsOf(m_selection->samples());
    m_side->showSelected(*m_shown, selected, m_selection->samples().size());
    // One image is where somebody looks; only several are a choice that sets them apart from the others.
    m_canvas->setSelected(std::move(selected), m_selection->samples().size() > 1);
    // Where the keyboard stands on a text of the current sample it stays there.
    const int here = m_canvas->current();
    if (here < 0 || m_data->map.points[static_cast<size_t>(here)].sample != m_selection->current())
        m_canvas->setCurrent(m_data->pointOf(m_selection->current()));
}

void MapPage::giveSelection(const std::vector<int>& points, SelectMode mode, int current) {
    if (!m_data || !m_selection)
        return;
    const std::vector<SampleId> given = m_data->samplesOf(points, points.size() == 1);
    const std::vector<SampleId>& before = m_selection->samples();
    std::vector<SampleId> samples;
    const bool takes = mode == SelectMode::Remove ||
                       (mode == SelectMode::Toggle &&
                        std::includes(before.begin(), before.end(), given.begin(), given.end()));
    if (mode == SelectMode::Replace)
        samples = given;
    else if (takes)
        std::set_difference(before.begin(), before.end(), given.begin(), given.end(),
                            std::back_inserter(samples));
    else
        std::set_union(before.begin(), before.end(), given.begin(), given.end(), std::back_inserter(samples));
    SampleId now = m_selection->current();
    if (current >= 0) {
        now = m_data->map.points[static_cast<size_t>(current)].sample;
        m_canvas->setCurrent(current);
    }
    m_selection->set(std::move(samples), now);
}

void MapPage::selectWhere(const std::function<bool(size_t point)>& wanted, bool add) {
    if (!m_data || !m_shown)
        return;
    std::vector<int> points;
    for (size_t point = 0; point < m_data->size(); ++point)
        if (wanted(point) && !m_canvas->isHidden(static_cast<int>(point)))
            points.push_back(static_cast<int>(point));
    giveSelection(points, add ? SelectMode::Add : SelectMode::Replace, -1);
}

void MapPage::showSelected() {
    if (!m_selection || m_selection->samples().empty())
        return;
    DatasetRequest request;
    request.dataset = m_selection->dataset();
    request.ids = std::make_shared<const std::vector<SampleId>>(m_selection->samples());
    request.title = tr("Selected on the map");
    state().showDatasetFiltered(request);
}

void MapPage::find(bool backwards) {
    const QString wanted = m_find->text().trimmed();
    if (!m_data || wanted.isEmpty())
        return;
    const auto count = static_cast<int>(m_data->size());
    const int from = m_canvas->current();
    for (int k = 1; k <= count; ++k) {
        const int point = ((backwards ? from - k : from + k) % count + count) % count;
        if (!m_data->names[point].contains(wanted, Qt::CaseInsensitive) || m_canvas->isHidden(point))
            continue;
        m_canvas->goTo(point);
        giveSelection({point}, SelectMode::Replace, point);
        m_note->setText(m_data->names[point]);
        return;
    }
    m_note->setText(tr("No point of this map is called “%1”.").arg(wanted));
}

void MapPage::open(int point) {
    if (!m_data)
        return;
    const SampleId sample = m_data->map.points[static_cast<size_t>(point)].sample;
    if (!sample) {
        giveSelection({point}, SelectMode::Replace, point);
        return;
    }
    SampleTarget target;
    target.samples = {sample};
    target.current = sample;
    target.run = m_side->run();
    const auto& selected = m_selection ? m_selection->samples() : target.samples;
    const bool among = selected.size() > 1 && m_selection->contains(sample);
    const std::vector<SampleId> siblings = among ? selected : target.samples;
    target.siblings = [siblings] { return std::make_shared<const std::vector<SampleId>>(siblings); };
    actions().open(target);
}

void MapPage::askExport() {
    if (!m_data)
        return;
    QString chosen;
    QString file = QFileDialog::getSaveFileName(
        this, tr("Save the map"), toQString(m_data->spec.dataset) + QStringLiteral("-map.png"),
        tr("Picture (*.png);;Scalable picture (*.svg);;Points (*.csv);;Points and what is known of the map "
           "(*.json);;Points with their neighbours, for Embedding Atlas (*.jsonl)"),
        &chosen);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += chosen.section(QLatin1Char('*'), 1).section(QLatin1Char(')'), 0, 0);
    exportMap(file);
}

void MapPage::exportMap(const QString& file) {
    const QString ending = QFileInfo(file).suffix().toLower();
    QByteArray picture; // drawn here, written by the worker
    if (ending == QLatin1String("png"))
        picture = mapPng(*m_canvas, *m_shown, m_side->hidden(), m_side->ramp());
    else if (ending == QLatin1String("svg"))
        picture = mapSvg(*m_canvas, *m_shown, m_side->hidden(), m_side->ramp());
    jobs().start(
        JobSpec(tr("Save the map")),
        [session = state().session(), data = m_data, picture,
         path = QFile::encodeName(file).toStdString()](const RunContext& context) {
            if (!picture.isEmpty()) {
                writeFileAtomically(path, picture.toStdString());
                return;
            }
            const MapFormat format = mapFormat(path);
            MapSpec spec = data->spec;
            spec.neighbours = format == MapFormat::JsonLines;
            const EmbeddingMap with =
                spec.neighbours ? session->embeddingMap(spec, context) : EmbeddingMap(); // its layout is kept
            const bool ready = with.answer == Answer::Ready && with.points.size() == data->map.points.size();
            if (spec.neighbours && !ready)
                throw Error(ErrorCode::Locked,
                            "The neighbours of the points need the embeddings, and the model is busy or the "
                            "dataset has changed; save again when it is free");
            writeFileAtomically(
                path, mapText(session->workspace(), spec.neighbours ? with : data->map, spec, format));
        },
        this, [this, file] { m_note->setText(tr("Saved as %1").arg(QFileInfo(file).fileName())); });
}

} // namespace diptych::ui

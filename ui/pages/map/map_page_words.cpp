// SPDX-License-Identifier: GPL-3.0-or-later
// Words and a map: what the selected images may be called, and where a typed text lies.
#include "core/session/session.h"
#include "core/text/word_list.h"
#include "ui/models/formatting.h"
#include "ui/pages/map/map_page.h"
#include "ui/pages/map/map_side.h"
#include "ui/state/selection.h"

#include <QLabel>
#include <QLineEdit>

namespace diptych::ui {
namespace {

constexpr size_t kNearestNamed = 3;

} // namespace

void MapPage::nameSelected() {
    const auto session = state().session();
    if (!session || !m_data || !m_selection || m_selection->samples().empty())
        return;
    MapSpec spec = m_data->spec;
    spec.encodeMissing = false;
    m_side->naming().showWords(tr("Comparing with the words…"));
    m_naming.start(
        JobSpec(tr("Name what is selected")),
        [session, spec, samples = m_selection->samples(), vocabulary = m_side->naming().vocabulary(),
         classes = m_data->classNames](const RunContext& context) {
            const auto words = vocabulary == "classes" ? classes : readWordList(vocabulary);
            return session->nameSelection(spec, samples, words, SelectionNaming::kShown, context);
        },
        [this](const SelectionNames& found) {
            if (found.answer == Answer::Ready)
                m_side->naming().showNames(found.names);
            else
                m_side->naming().showWords(
                    found.answer == Answer::Busy
                        ? tr("The model is busy with a run; ask again when it is free.")
                        : tr("Not all images have been encoded with this model yet."));
        },
        [this](const Error& error) { m_side->naming().showWords(QString::fromUtf8(error.what())); });
}

void MapPage::placeText() {
    const auto session = state().session();
    const QString text = m_place->text().trimmed();
    if (!session || !m_data)
        return;
    if (text.isEmpty()) {
        clearPlaced();
        return;
    }
    MapSpec spec = m_data->spec;
    spec.encodeMissing = false;
    spec.recall = false;
    spec.placeTexts = {text.toStdString()};
    m_place->clear();
    m_placing.start(
        JobSpec(tr("Place “%1”").arg(text)).setShown(false),
        [session, spec](const RunContext& context) { return session->embeddingMap(spec, context); },
        [this, data = m_data, text](const EmbeddingMap& map) {
            if (data != m_data)
                return;
            if (map.answer != Answer::Ready || map.placed.empty()) {
                m_note->setText(
                    tr("“%1” cannot be placed now: the model is busy, or images have changed.").arg(text));
                return;
            }
            const PlacedPoint& placed = map.placed.front();
            m_placed.push_back(placed);
            showPlaced();
            QStringList nearest;
            for (size_t i = 0; i < std::min(kNearestNamed, placed.nearest.size()); ++i)
                nearest << m_data->names[static_cast<qsizetype>(placed.nearest[i])];
            m_note->setText(tr("Nearest to “%1”: %2.").arg(text, nearest.join(QStringLiteral(", "))));
        },
        [this](const Error& error) { m_note->setText(QString::fromUtf8(error.what())); });
}

void MapPage::clearPlaced() {
    m_placing.cancel();
    m_placed.clear();
    m_canvas->setMarks({});
}

void MapPage::showPlaced() {
    std::vector<PlaneMark> marks;
    QRectF area = m_turned.empty() ? QRectF() : m_turned.area();
    for (const PlacedPoint& placed : m_placed) {
        const QPointF place = m_turned.empty() ? QPointF(placed.position[0], placed.position[1])
                                               : m_turned.project(placed.position);
        marks.push_back({place, toQString(placed.name)});
        if (m_turned.empty()) // a text may lie far from all images
            area =
                area.isNull() ? QRectF(place, QSizeF(1e-9, 1e-9)) : area.united({place, QSizeF(1e-9, 1e-9)});
    }
    m_canvas->setFitArea(area);
    m_canvas->setMarks(std::move(marks));
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/neighbour_strip.h"

#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/sample_picture.h"

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr int kSide = 64;
constexpr int kMostPictures = 25;
} // namespace

NeighbourStrip::NeighbourStrip(const PageContext& context, std::function<RunId()> run, QWidget* parent)
    : QWidget(parent), m_context(context) {
    setAccessibleName(tr("Neighbours in the list"));
    setFixedHeight(kSide);
    for (int i = 0; i < kMostPictures; ++i) {
        auto* picture = new SamplePicture(m_context.thumbnails, this);
        picture->setObjectName(QStringLiteral("neighbour"));
        picture->setFixedSize(kSide, kSide);
        picture->setFocusPolicy(
            Qt::ClickFocus); // the arrow keys go there; a tab stop each would be in the way
        m_context.actions.attach(picture, run, [this] { return m_list; });
        connect(picture, &SamplePicture::clicked, this,
                [this, picture] { Q_EMIT chosen(picture->sample()); });
        m_pictures.push_back(picture);
    }
    fill();
}

void NeighbourStrip::show(SampleList list, std::optional<size_t> position, size_t around) {
    m_list = std::move(list);
    m_position = position;
    m_around = around;
    fill();
}

void NeighbourStrip::fill() {
    const int step = kSide + theme::kTiny;
    const int room = std::clamp((width() + theme::kTiny) / step, 1, kMostPictures);
    const auto count = m_list ? static_cast<qsizetype>(m_list->size()) : qsizetype{0};
    const qsizetype shown = std::min<qsizetype>(room, count);
    // The one that is open stays in the middle until an end of the list is reached.
    const qsizetype first =
        std::clamp<qsizetype>(static_cast<qsizetype>(m_around) - shown / 2, 0, count - shown);
    for (qsizetype i = 0; i < kMostPictures; ++i) {
        SamplePicture* picture = m_pictures[static_cast<size_t>(i)];
        picture->setVisible(i < shown);
        if (i >= shown)
            continue;
        const qsizetype position = first + i;
        picture->move(static_cast<int>(i) * step, 0);
        picture->setSample((*m_list)[static_cast<size_t>(position)],
                           tr("Image %1 of %2").arg(position + 1).arg(count));
        picture->setFrameColor(m_position && position == static_cast<qsizetype>(*m_position)
                                   ? theme::colors().accent
                                   : QColor());
    }
}

void NeighbourStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fill();
}

} // namespace diptych::ui

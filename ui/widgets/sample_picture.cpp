// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/sample_picture.h"

#include "ui/models/sample_facts.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tag_badges.h"

#include <QKeyEvent>
#include <QPainter>

namespace diptych::ui {

namespace {
constexpr int kFrame = 3;
}

SamplePicture::SamplePicture(ThumbnailProvider& thumbnails, QWidget* parent)
    : QAbstractButton(parent), m_thumbnails(thumbnails) {
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setToolTip(tr("Open in the Inspector"));
    connect(&thumbnails, &ThumbnailProvider::ready, this, [this](SampleId sample) {
        if (sample == m_sample)
            update();
    });
    connect(&thumbnails, &ThumbnailProvider::cleared, this, qOverload<>(&QWidget::update));
}

void SamplePicture::setSample(SampleId sample, const QString& name) {
    m_sample = sample;
    setAccessibleName(name);
    setEnabled(static_cast<bool>(sample));
    update();
}

void SamplePicture::setFrameColor(const QColor& color) {
    m_frame = color;
    update();
}

void SamplePicture::setFacts(SampleFacts* facts) {
    m_facts = facts;
    if (facts)
        connect(facts, &SampleFacts::arrived, this, qOverload<>(&QWidget::update));
}

bool SamplePicture::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_facts)
        if (const SampleFact* fact = m_facts->find(m_sample))
            setToolTip(fact->richText());
    return QAbstractButton::event(event);
}

QRect SamplePicture::pictureArea() const {
    return rect().adjusted(kFrame + 1, kFrame + 1, -kFrame - 1, -kFrame - 1);
}

void SamplePicture::paintEvent(QPaintEvent*) {
    const theme::Colors& colors = theme::colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.sunken);
    painter.drawRoundedRect(rect(), theme::kRadius, theme::kRadius);
    const QRect area = pictureArea();
    if (m_sample) {
        const int side = static_cast<int>(std::max(area.width(), area.height()) * devicePixelRatioF());
        const ThumbnailProvider::Thumbnail thumbnail = m_thumbnails.thumbnail(m_sample, side, this);
        if (thumbnail.status == ThumbnailProvider::Status::Ready) {
            // Small pictures grow too: four of them are compared side by side.
            const QSize size = thumbnail.image.size().scaled(area.size(), Qt::KeepAspectRatio);
            QRect target(QPoint(), size);
            target.moveCenter(area.center());
            painter.drawImage(target, thumbnail.image);
        } else if (thumbnail.status == ThumbnailProvider::Status::Failed) {
            painter.setPen(colors.mutedText);
            painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, tr("not readable"));
        }
    }
    if (m_facts && m_sample)
        if (const SampleFact* fact = m_facts->find(m_sample)) {
            painter.setFont(theme::font(theme::Text::Caption));
            paintTagBadges(painter, area, *fact);
        }
    const QColor frame = hasFocus() ? colors.accent : m_frame;
    if (frame.isValid()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(frame, kFrame));
        const double inset = kFrame / 2.0;
        painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), theme::kRadius,
                                theme::kRadius);
    }
}

void SamplePicture::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

} // namespace diptych::ui

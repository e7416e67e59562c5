// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QAbstractButton>

namespace diptych::ui {

class SampleFacts;
class ThumbnailProvider;

/// One sample's picture, fitted to the widget; a button, so that click, Return and Space show more of it.
class SamplePicture : public QAbstractButton {
    Q_OBJECT
public:
    /// @param thumbnails outlives this
    explicit SamplePicture(ThumbnailProvider& thumbnails, QWidget* parent = nullptr);
    /// @param name of the picture, for people who do not see it
    void setSample(SampleId sample, const QString& name);
    SampleId sample() const { return m_sample; }
    /// A frame of this colour; an invalid one takes it away.
    void setFrameColor(const QColor& color);
    /// Badges and tool tip from these; null = none.
    void setFacts(SampleFacts* facts);
    QSize sizeHint() const override { return {220, 180}; }
    QSize minimumSizeHint() const override { return {96, 80}; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRect pictureArea() const;

    ThumbnailProvider& m_thumbnails;
    SampleFacts* m_facts = nullptr;
    SampleId m_sample;
    QColor m_frame;
};

} // namespace diptych::ui

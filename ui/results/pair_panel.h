// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/results/pair_models.h"

#include <QWidget>

#include <optional>

class QGridLayout;
class QLabel;

namespace diptych::ui {

class SamplePicture;
class ThumbnailProvider;

/// One pair as it is judged: pictures as columns, captions as rows, the scores where they meet, and between
/// them which comparison holds, in colour, by mark and, below, in words.
class PairPanel : public QWidget {
    Q_OBJECT
public:
    explicit PairPanel(ThumbnailProvider& thumbnails, QWidget* parent = nullptr);
    void setPair(std::optional<PairResult> pair);

Q_SIGNALS:
    void pictureClicked(diptych::SampleId sample);
    void pictureMade(diptych::ui::SamplePicture* picture); ///< for another pair there are other pictures

private:
    void rebuild();
    void addPictures();
    void addScores();
    void addVerdicts();
    QLabel* verdictLabel(const PairInequality& inequality, const QString& text) const;

    ThumbnailProvider& m_thumbnails;
    std::optional<PairResult> m_pair;
    QWidget* m_content = nullptr; ///< everything shown, made again for every pair
    QGridLayout* m_grid = nullptr;
};

} // namespace diptych::ui

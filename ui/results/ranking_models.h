// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/parts.h"
#include "core/store/workspace.h"
#include "ui/models/table_model.h"

#include <QString>

#include <vector>

namespace diptych::ui {

enum class RankFilter { All, ImageMissed, CaptionMissed, ImageBeyondFive, Right };

/// What a retrieval run keeps of one image.
struct RankedImage : RankingPart {
    SampleId sample;

    static RankedImage fromExample(const ExampleResult& example);
    bool passes(RankFilter filter) const;
    QString rankText() const;        ///< "✓ finds its caption first", "✗ its caption is 4th"
    QString captionRankText() const; ///< "found at 1, 1, 7"
};

/// One caption the image found.
struct FoundCaption {
    int place = 1;
    SampleId sample;
    QString caption;
    double score = 0;
    bool right = false;
    bool matching = false; ///< the score is a matcher's, not a cosine
    std::string words;     ///< as stored; empty where the caption is no longer there
    bool marked = false;   ///< as right although the dataset does not say so
};

class FoundCaptionsModel : public TableModel<FoundCaption> {
    Q_OBJECT

public:
    enum Column { Place, Caption, Score, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column != Caption; }
    QVariant cell(const FoundCaption& row, int column, int role) const override;
};

/// One caption of the image, and the place it finds the image at.
struct OwnCaption {
    QString caption;
    long long rank = 0;
    std::vector<RankingPart::Image> before; ///< what it finds before the image
    std::string words;                      ///< as stored; empty where the caption is no longer there
    bool matching = false;                  ///< scores are a matcher's, not cosines
};

class OwnCaptionsModel : public TableModel<OwnCaption> {
    Q_OBJECT

public:
    enum Column { Rank, Caption, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    bool numeric(int column) const override { return column == Rank; }
    QVariant cell(const OwnCaption& row, int column, int role) const override;
};

struct CaptionTables {
    std::vector<FoundCaption> found;
    std::vector<OwnCaption> own;
};
/// Looks up the captions' words; for a worker thread.
CaptionTables captionsOf(const Workspace& workspace, const RankedImage& image);

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/example_result.h"
#include "core/results/parts.h"
#include "ui/models/table_model.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace diptych::ui {

/// One of the comparisons a pair is judged by (Thrush et al.: Winoground, CVPR 2022): whether the score of
/// caption and picture that belong together is higher than another's.
struct PairInequality {
    enum class Kind { Text, Image };
    Kind kind = Kind::Text; ///< Text: two captions of one picture; Image: two pictures of one caption
    int right[2] = {0, 0};  ///< caption and picture that belong together
    int other[2] = {0, 0};  ///< what they are compared with
    bool holds = false;     ///< strictly higher; ties and unknown scores fail
    QString words;          ///< "Picture 1: caption 2 scores as high or higher (0.24 to 0.25)"
};

/// A pair (or one picture with a right and wrong captions) as stored with its examples: caption 0 is right
/// for picture 0, caption 1 for picture 1.
struct PairResult {
    PairPart part;
    QStringList captions; ///< the part's

    /// Nothing if the example holds no pair.
    static std::optional<PairResult> fromExample(const ExampleResult& example);
    double score(int caption, int picture) const;
    std::vector<PairInequality> inequalities() const;
    bool right() const { return part.group.value_or(part.text); } ///< every inequality holds
};
/// The pairs of a run, each once, in the order of their first example.
std::vector<PairResult> pairsOf(const std::vector<ExampleResult>& examples);

enum class PairFilter {
    All,
    Right,
    Wrong,
    TextWrong,
    ImageWrong,
    OnlyImageWrong,
    Picture1Misled,
    Picture2Misled,
    Caption1Misled,
    Caption2Misled
};
bool passes(const PairResult& pair, PairFilter filter);

class PairsModel : public TableModel<PairResult> {
    Q_OBJECT

public:
    enum Column { Caption, Tag, Text, Image, Group, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const PairResult& row, int column, int role) const override;
};

} // namespace diptych::ui

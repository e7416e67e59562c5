// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/workspace.h"
#include "ui/models/table_model.h"

#include <QString>

#include <optional>
#include <vector>

namespace diptych::ui {

/// One sample of a confounder group with what a run made of it.
struct GroupMember {
    SampleId sample;
    QString name, caption, label, predicted;
    double score = 0; ///< of the prediction; NaN where there is none
    std::optional<bool> correct;
};

/// Samples that share their text or their picture but not their label (Kiela et al.: The Hateful Memes
/// Challenge, NeurIPS 2020: benign confounders).
struct ConfounderGroup {
    enum class Kind { SameText, SameImage };
    Kind kind = Kind::SameText;
    bool allRight = false;
    std::vector<GroupMember> members;
    int rightCount() const;
    QString title() const; ///< what the members share: the text, or the first picture's name
};

/// @param run with details and class names. For a worker thread.
std::vector<ConfounderGroup> groupsOf(const Workspace& workspace, const RunRecord& run);

class GroupsModel : public TableModel<ConfounderGroup> {
    Q_OBJECT

public:
    enum Column { Shared, Kind, Right, ColumnCount };
    using TableModel::TableModel;

protected:
    int columns() const override { return ColumnCount; }
    QVariant header(int column) const override;
    QVariant cell(const ConfounderGroup& row, int column, int role) const override;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/dataset_view.h"

#include <QHash>
#include <QObject>
#include <QUndoStack>

namespace diptych::ui {

class AppState;

/// Lets a change of what is looked at be undone as a selection is. A text that is typed and a range that is
/// dragged are one change each. GUI thread only.
class FilterHistory : public QObject {
    Q_OBJECT
public:
    /// Both outlive this.
    FilterHistory(AppState& state, QUndoStack& undo, QObject* parent = nullptr);

private:
    class Command;
    void watch(DatasetView* view);
    void record(DatasetView* view);
    void restore(DatasetView* view, const ViewSpec& spec);

    QUndoStack& m_undo;
    QHash<DatasetView*, ViewSpec> m_known; ///< as last seen
    bool m_restoring = false;
};

} // namespace diptych::ui

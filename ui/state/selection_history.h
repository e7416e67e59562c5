// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QHash>
#include <QObject>
#include <QUndoStack>

#include <memory>
#include <vector>

namespace diptych::ui {

class AppState;
class Selection;

/// Lets a selection be undone as anything else is: a lasso, or one that a stray click has replaced. Going
/// from one sample to another is not recorded, so that looking around takes away nothing that can be redone.
/// GUI thread only.
class SelectionHistory : public QObject {
    Q_OBJECT
public:
    /// Both outlive this.
    SelectionHistory(AppState& state, QUndoStack& undo, QObject* parent = nullptr);

private:
    using Samples = std::shared_ptr<const std::vector<SampleId>>;
    class Command;
    void watch(Selection* selection);
    void record(Selection* selection);
    void restore(Selection* selection, const Samples& samples);

    QUndoStack& m_undo;
    QHash<Selection*, Samples> m_known; ///< as last seen
    bool m_restoring = false;
};

} // namespace diptych::ui

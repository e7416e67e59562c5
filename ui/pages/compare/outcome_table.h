// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/comparison.h"

#include <QWidget>

#include <array>
#include <optional>

class QLabel;

namespace diptych::ui {

class OutcomeCell;

/// What two runs make of the same examples: right and wrong by right and wrong, or, where scores are
/// compared, higher in one, in the other, equal. Each cell is a button; the one that is down is what is
/// looked at. GUI thread.
class OutcomeTable : public QWidget {
    Q_OBJECT

public:
    explicit OutcomeTable(QWidget* parent = nullptr);
    void show(const RunComparison& comparison);
    /// Marks the cell of that kind, or none. Says nothing to anybody.
    void setKind(PairKind kind);

Q_SIGNALS:
    /// A cell was clicked; All where it was down already.
    void chosen(diptych::PairKind kind);

private:
    std::array<OutcomeCell*, 4> m_cells; ///< by PairOutcome
    std::array<QLabel*, 4> m_headings;   ///< A right, A wrong, B right, B wrong
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/selection_history.h"

#include "ui/state/app_state.h"
#include "ui/state/selection.h"

#include <QLocale>
#include <QPointer>
#include <QScopedValueRollback>

namespace diptych::ui {

/// What was selected is selected already when it comes onto the stack: its first redo does nothing.
class SelectionHistory::Command : public QUndoCommand {
public:
    Command(SelectionHistory& history, Selection* selection, Samples before, Samples after)
        : QUndoCommand(after->empty() ? SelectionHistory::tr("Selecting nothing")
                                      : SelectionHistory::tr("Selection of %1")
                                            .arg(QLocale().toString(static_cast<qulonglong>(after->size())))),
          m_history(history),
          m_selection(selection),
          m_before(std::move(before)),
          m_after(std::move(after)) {}
    void undo() override { m_history.restore(m_selection, m_before); }
    void redo() override {
        if (m_done)
            m_history.restore(m_selection, m_after);
        m_done = true;
    }

private:
    SelectionHistory& m_history;
    QPointer<Selection> m_selection;
    Samples m_before, m_after;
    bool m_done = false;
};

SelectionHistory::SelectionHistory(AppState& state, QUndoStack& undo, QObject* parent)
    : QObject(parent), m_undo(undo) {
    connect(&state, &AppState::selectionCreated, this, &SelectionHistory::watch);
}

void SelectionHistory::watch(Selection* selection) {
    m_known.insert(selection, std::make_shared<const std::vector<SampleId>>(selection->samples()));
    connect(selection, &Selection::changed, this, [this, selection] { record(selection); });
    connect(selection, &QObject::destroyed, this, [this, selection] { m_known.remove(selection); });
}

void SelectionHistory::record(Selection* selection) {
    const Samples before = m_known.value(selection);
    if (*before == selection->samples())
        return;
    const auto now = std::make_shared<const std::vector<SampleId>>(selection->samples());
    m_known.insert(selection, now);
    const bool several = before->size() > 1 || now->size() > 1;
    if (several && !m_restoring)
        m_undo.push(new Command(*this, selection, before, now));
}

void SelectionHistory::restore(Selection* selection, const Samples& samples) {
    if (!selection)
        return;
    const QScopedValueRollback<bool> guard(m_restoring, true);
    selection->set(*samples, selection->current());
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/filter_history.h"

#include "ui/state/app_state.h"

#include <QPointer>
#include <QScopedValueRollback>

#include <algorithm>
#include <iterator>
#include <string>

namespace diptych::ui {

namespace {

constexpr int kCommandId = 1; // of the stack's commands only these are merged

/// What differs where nothing else does, as steps of one movement of the hand do: "text", or the column whose
/// range is another one, after a colon; empty for anything else.
std::string differing(const ViewSpec& a, const ViewSpec& b) {
    const auto onlyDiffersIn = [&](auto assign) {
        ViewSpec same = a;
        assign(same.filter, b.filter);
        return same == b;
    };
    const bool typed = a.filter.text.starts_with(b.filter.text) || b.filter.text.starts_with(a.filter.text);
    if (typed && onlyDiffersIn([](SampleFilter& to, const SampleFilter& from) { to.text = from.text; }))
        return "text";
    if (!onlyDiffersIn([](SampleFilter& to, const SampleFilter& from) { to.ranges = from.ranges; }))
        return {};
    for (const ColumnRange& range : b.filter.ranges) { // one that is taken away is a step of its own
        const auto isOther = [&](const ColumnRange& one) { return one.column != range.column; };
        std::vector<ColumnRange> before, after;
        std::copy_if(a.filter.ranges.begin(), a.filter.ranges.end(), std::back_inserter(before), isOther);
        std::copy_if(b.filter.ranges.begin(), b.filter.ranges.end(), std::back_inserter(after), isOther);
        if (before == after)
            return ":" + range.column;
    }
    return {};
}

} // namespace

/// What is asked for is asked for already when it comes onto the stack: its first redo does nothing.
class FilterHistory::Command : public QUndoCommand {
public:
    Command(FilterHistory& history, DatasetView* view, ViewSpec before, ViewSpec after)
        : QUndoCommand(after.narrows() ? FilterHistory::tr("Filter") : FilterHistory::tr("Showing all")),
          m_history(history),
          m_view(view),
          m_before(std::move(before)),
          m_after(std::move(after)) {}
    int id() const override { return kCommandId; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const Command*>(other);
        const std::string part = differing(m_before, m_after);
        if (m_undone || part.empty() || next->m_view != m_view ||
            differing(next->m_before, next->m_after) != part)
            return false;
        m_after = next->m_after;
        setText(next->text());
        setObsolete(m_before == m_after);
        return true;
    }
    void undo() override {
        m_undone = true;
        m_history.restore(m_view, m_before);
    }
    void redo() override {
        if (m_done)
            m_history.restore(m_view, m_after);
        m_done = true;
    }

private:
    FilterHistory& m_history;
    QPointer<DatasetView> m_view;
    ViewSpec m_before, m_after;
    bool m_done = false, m_undone = false;
};

FilterHistory::FilterHistory(AppState& state, QUndoStack& undo, QObject* parent)
    : QObject(parent), m_undo(undo) {
    connect(&state, &AppState::viewCreated, this, &FilterHistory::watch);
}

void FilterHistory::watch(DatasetView* view) {
    m_known.insert(view, view->spec());
    connect(view, &DatasetView::changed, this, [this, view] { record(view); });
    connect(view, &QObject::destroyed, this, [this, view] { m_known.remove(view); });
}

void FilterHistory::record(DatasetView* view) {
    const ViewSpec before = m_known.value(view);
    if (before == view->spec())
        return; // another order
    m_known.insert(view, view->spec());
    if (!m_restoring)
        m_undo.push(new Command(*this, view, before, view->spec()));
}

void FilterHistory::restore(DatasetView* view, const ViewSpec& spec) {
    if (!view)
        return;
    const QScopedValueRollback<bool> guard(m_restoring, true);
    view->set(spec);
}

} // namespace diptych::ui

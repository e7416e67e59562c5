// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <vector>

namespace diptych::ui {

class Selection;
class TableView;

/// Shares what is selected in a table whose rows stand for samples with the other views of the dataset. What
/// a person chooses in the table selects the samples of its rows; what is selected elsewhere chooses the rows
/// all of whose samples are selected, or else, if asked for, makes the row of the current sample current. GUI
/// thread.
class RowSelection : public QObject {
    Q_OBJECT

public:
    enum class Follow { WholeRows, CurrentSample };
    /// @param samplesOf the samples of a row of the table's source
    RowSelection(TableView& table, std::function<std::vector<SampleId>(int)> samplesOf, Follow follow);
    void bind(Selection* selection); ///< null = with no other view
    /// To be called once a reset of the table's rows is over: until then nothing of it is anybody's choice.
    void rowsChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void give();
    void take();

    TableView& m_table;
    std::function<std::vector<SampleId>(int)> m_samplesOf;
    Follow m_follow;
    QPointer<Selection> m_selection;
    bool m_busy = false; ///< one of the two follows the other just now
    bool m_stale = false;
};

} // namespace diptych::ui

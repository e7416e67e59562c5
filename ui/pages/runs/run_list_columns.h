// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QObject>

#include <vector>

class QAction;

namespace diptych::ui {

class RunsModel;
class Settings;
class TableView;

/// Which columns the list of runs shows, chosen in its header's menu and remembered, and how names, notes and
/// stars are given in it. GUI thread.
class RunListColumns : public QObject {
    Q_OBJECT

public:
    /// All outlive it.
    RunListColumns(RunsModel& model, TableView& table, Settings& settings, QObject* parent);
    /// After the runs have changed.
    void apply();

Q_SIGNALS:
    void starWanted(const std::vector<diptych::RunId>& runs, bool starred);

private:
    void showMenu(const QPoint& at);
    void choose(int column, bool shown);
    bool isShown(int column) const;
    void edit(int column);
    void toggleStars();

    RunsModel& m_model;
    TableView& m_table;
    Settings& m_settings;
};

} // namespace diptych::ui

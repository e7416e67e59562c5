// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_warnings.h"

#include <QFrame>

class QVBoxLayout;

namespace diptych::ui {

/// What a person should know before believing a run's numbers, a line each, with a way to the pictures it is
/// about. Takes no room where there is nothing to know. GUI thread.
class RunNotices : public QFrame {
    Q_OBJECT
public:
    explicit RunNotices(QWidget* parent = nullptr);
    void setRun(const RunRecord& run);

Q_SIGNALS:
    void picturesRequested(const diptych::RunWarning& warning);

private:
    void restyle();

    QVBoxLayout* m_column;
};

} // namespace diptych::ui

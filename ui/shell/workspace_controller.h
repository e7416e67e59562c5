// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"

#include <QObject>
#include <QString>

#include <functional>

namespace diptych::ui {

struct Services;

/// Opens, makes and changes workspaces without stopping the window. The one that is open stays open until
/// another has been opened; a failure leaves everything as it was.
class WorkspaceController : public QObject {
    Q_OBJECT
public:
    enum class Mode { ReadWrite, ReadOnly };
    explicit WorkspaceController(Services& services, QObject* parent = nullptr);

    void open(const QString& path, Mode mode = Mode::ReadWrite);
    void create(const QString& path);
    /// Makes the demo workspace where needed, then opens it.
    void openDemo();
    /// The one used last; the demo where there was none.
    void openLast();
    bool busy() const { return m_busy; }
    static QString demoPath();

Q_SIGNALS:
    void busyChanged(bool busy);
    void failed(const QString& path, const diptych::Error& error);

private:
    using Preparation = std::function<void(const RunContext&)>;
    void start(const QString& path, const QString& title, Mode mode, Preparation before);
    void setBusy(bool busy);

    Services& m_services;
    bool m_busy = false;
};

} // namespace diptych::ui

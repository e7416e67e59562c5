// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/workspace_controller.h"

#include "core/session/session.h"
#include "ui/shell/services.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace diptych::ui {

namespace {

std::filesystem::path nativePath(const QString& path) {
    return QFile::encodeName(path).toStdString();
}

} // namespace

WorkspaceController::WorkspaceController(Services& services, QObject* parent)
    : QObject(parent), m_services(services) {}

QString WorkspaceController::demoPath() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           QStringLiteral("/diptych/demo");
}

void WorkspaceController::open(const QString& path, Mode mode) {
    start(path, tr("Open %1").arg(QDir(path).dirName()), mode, {});
}

void WorkspaceController::create(const QString& path) {
    start(path, tr("New workspace %1").arg(QDir(path).dirName()), Mode::ReadWrite,
          [native = nativePath(path)](const RunContext&) { Workspace::create(native); });
}

void WorkspaceController::openDemo() {
    const QString path = demoPath();
    start(path, tr("Prepare the demo workspace"), Mode::ReadWrite,
          [native = nativePath(path)](const RunContext& context) { prepareDemoWorkspace(native, context); });
}

void WorkspaceController::openLast() {
    const QString last = m_services.settings.lastWorkspace();
    if (last.isEmpty() || last == demoPath() || !QFileInfo::exists(last))
        openDemo();
    else
        open(last);
}

void WorkspaceController::start(const QString& path, const QString& title, Mode mode, Preparation before) {
    const QString absolute = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
    AppState& state = m_services.state;
    const bool readOnly = mode == Mode::ReadOnly;
    if (m_busy || (state.session() && state.workspacePath() == absolute && state.readOnly() == readOnly))
        return;
    setBusy(true);
    auto work = [native = nativePath(absolute), readOnly,
                 before = std::move(before)](const RunContext& context) -> std::shared_ptr<Session> {
        if (before)
            before(context);
        return Session::open(native, readOnly ? WorkspaceMode::ReadOnly : WorkspaceMode::ReadWrite);
    };
    m_services.jobs.start(
        JobSpec(title).setFinally([this] { setBusy(false); }), std::move(work), this,
        [this, absolute](std::shared_ptr<Session> session) {
            m_services.jobs.cancelAll(); // of the workspace that is left
            std::shared_ptr<Session> old = m_services.state.session();
            m_services.state.setSession(std::move(session));
            m_services.settings.rememberWorkspace(absolute);
            // Closing a database writes; not here.
            if (old)
                m_services.jobs.post(JobLane::Light, [old = std::move(old)] {});
        },
        [this, absolute](const Error& error) { Q_EMIT failed(absolute, error); });
}

void WorkspaceController::setBusy(bool busy) {
    m_busy = busy;
    Q_EMIT busyChanged(busy);
}

} // namespace diptych::ui

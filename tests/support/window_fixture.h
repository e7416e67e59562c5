// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "ui/shell/main_window.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace diptych::test {

/// The real window on a workspace of its own in a temporary folder; nothing of the user's is read or written.
struct WindowFixture {
    QTemporaryDir folder;
    std::unique_ptr<ui::Services> services;
    std::unique_ptr<ui::MainWindow> window;

    QString path(const QString& name) const { return folder.filePath(name); }

    /// Makes a workspace @p name with, unless @p perClass is 0, the dataset "animals" of three classes.
    void makeWorkspace(const QString& name, int perClass = 6) {
        const std::string where = path(name).toStdString();
        if (perClass == 0) {
            Workspace::create(where);
            return;
        }
        writeImageFolder(path(QStringLiteral("animals")),
                         {QStringLiteral("cat"), QStringLiteral("dog"), QStringLiteral("owl")}, perClass);
        const auto session = Session::openOrCreate(where);
        session->importDataset(path(QStringLiteral("animals")).toStdString(), "animals", {}, {});
    }

    void open() {
        qputenv("XDG_DATA_HOME", path(QStringLiteral("data")).toUtf8());
        services = std::make_unique<ui::Services>(path(QStringLiteral("settings.ini")));
        ui::theme::apply(*qApp, ui::theme::Mode::Light);
        window = std::make_unique<ui::MainWindow>(*services);
        window->resize(1280, 800);
        window->show();
        QVERIFY(QTest::qWaitForWindowExposed(window.get()));
    }

    /// Opens the window and a workspace, and waits until it is there.
    void openWith(const QString& name) {
        open();
        window->workspaces().open(path(name));
        QTRY_VERIFY_WITH_TIMEOUT(services->state.session() != nullptr, 30000);
    }

    void close() {
        window.reset();
        services.reset();
    }

    template<class T>
    T* find(const char* objectName) const {
        return window->findChild<T*>(QString::fromLatin1(objectName));
    }
};

} // namespace diptych::test

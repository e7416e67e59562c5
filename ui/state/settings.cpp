// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/settings.h"

#include <QStandardPaths>

#include <algorithm>

namespace diptych::ui {

namespace {
constexpr int kRecentWorkspaces = 8;

QString userFile() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/diptych/diptych.ini");
}
} // namespace

Settings::Settings(const QString& file, QObject* parent)
    : QObject(parent), m_settings(file.isEmpty() ? userFile() : file, QSettings::IniFormat) {}

ThemeChoice Settings::theme() const {
    const QString name = m_settings.value(QStringLiteral("window/theme")).toString();
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    return name == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::System;
}

void Settings::setTheme(ThemeChoice choice) {
    QString name = QStringLiteral("system");
    if (choice != ThemeChoice::System)
        name = choice == ThemeChoice::Dark ? QStringLiteral("dark") : QStringLiteral("light");
    m_settings.setValue(QStringLiteral("window/theme"), name);
    Q_EMIT themeChanged(choice);
}

int Settings::textPercent() const {
    return std::clamp(m_settings.value(QStringLiteral("window/textPercent"), 100).toInt(), 50, 300);
}

void Settings::setTextPercent(int percent) {
    m_settings.setValue(QStringLiteral("window/textPercent"), percent);
    Q_EMIT textPercentChanged(textPercent());
}

bool Settings::opensLast() const {
    return m_settings.value(QStringLiteral("workspace/opensLast"), true).toBool();
}

void Settings::setOpensLast(bool opens) {
    m_settings.setValue(QStringLiteral("workspace/opensLast"), opens);
}

QString Settings::lastWorkspace() const {
    return m_settings.value(QStringLiteral("workspace/last")).toString();
}

QStringList Settings::recentWorkspaces() const {
    return m_settings.value(QStringLiteral("workspace/recent")).toStringList();
}

void Settings::rememberWorkspace(const QString& path) {
    QStringList recent = recentWorkspaces();
    recent.removeAll(path);
    recent.prepend(path);
    m_settings.setValue(QStringLiteral("workspace/recent"), recent.mid(0, kRecentWorkspaces));
    m_settings.setValue(QStringLiteral("workspace/last"), path);
}

void Settings::forgetWorkspace(const QString& path) {
    QStringList recent = recentWorkspaces();
    recent.removeAll(path);
    m_settings.setValue(QStringLiteral("workspace/recent"), recent);
    if (lastWorkspace() == path)
        m_settings.remove(QStringLiteral("workspace/last"));
}

QVariant Settings::value(const QString& key, const QVariant& fallback) const {
    return m_settings.value(key, fallback);
}

void Settings::setValue(const QString& key, const QVariant& value) {
    m_settings.setValue(key, value);
}

} // namespace diptych::ui

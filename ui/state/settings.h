// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QVariant>

namespace diptych::ui {

enum class ThemeChoice { System, Light, Dark };

/// What the program remembers between starts. Owned by main, passed by reference; GUI thread only.
class Settings : public QObject {
    Q_OBJECT
public:
    /// @param file an ini file of its own (tests, pictures); empty = the user's
    explicit Settings(const QString& file = {}, QObject* parent = nullptr);

    ThemeChoice theme() const;
    void setTheme(ThemeChoice choice); ///< emits themeChanged
    int textPercent() const;           ///< of the system's size; 100 where nothing else was chosen
    void setTextPercent(int percent);  ///< emits textPercentChanged
    bool opensLast() const;            ///< whether the last workspace is opened at the start
    void setOpensLast(bool opens);
    QString lastWorkspace() const;
    QStringList recentWorkspaces() const; ///< newest first, at most 8
    void rememberWorkspace(const QString& path);
    void forgetWorkspace(const QString& path);

    /// Anything else, keyed "page/what", e.g. "datasets/thumbnailSize" or "runs/splitter".
    QVariant value(const QString& key, const QVariant& fallback = {}) const;
    void setValue(const QString& key, const QVariant& value);
    void sync() { m_settings.sync(); }

Q_SIGNALS:
    void themeChanged(diptych::ui::ThemeChoice choice);
    void textPercentChanged(int percent);

private:
    QSettings m_settings;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <functional>
#include <vector>

namespace diptych::ui {

class AppState;
class JobRunner;
class SampleActions;
class Settings;
class ThumbnailProvider;

/// What every page is given; all of it outlives the page.
struct PageContext {
    AppState& state;
    JobRunner& jobs;
    ThumbnailProvider& thumbnails;
    Settings& settings;
    SampleActions& actions;
};

/// One page of the window. All are made with the window, before a workspace is open, so making one must be
/// cheap. Holds widgets and item models, no workspace data of its own; loads through PageContext::jobs.
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(const PageContext& context, QWidget* parent = nullptr)
        : QWidget(parent), m_context(context) {}

    virtual void activated() {}   ///< it has come to the front
    virtual void refresh() {}     ///< F5: load again
    virtual void focusSearch() {} ///< Ctrl+F: its search field, if it has one
    /// Esc: stop what runs, clear a filter or a selection. @return whether there was anything to do
    virtual bool cancel() { return false; }

protected:
    AppState& state() const { return m_context.state; }
    JobRunner& jobs() const { return m_context.jobs; }
    ThumbnailProvider& thumbnails() const { return m_context.thumbnails; }
    Settings& settings() const { return m_context.settings; }
    SampleActions& actions() const { return m_context.actions; }
    const PageContext& context() const { return m_context; }

private:
    PageContext m_context;
};

/// One line of the table of pages.
struct PageEntry {
    QString id;    ///< "datasets"; what AppState::showPage takes
    QString title; ///< in the navigation
    QString icon;  ///< name in resources/icons, without .svg
    std::function<Page*(const PageContext&)> create;
};

/// In the order of the navigation. Adding a page is a folder and one line in registry.cpp.
const std::vector<PageEntry>& pageEntries();

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_messages.h"

#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <utility>

namespace diptych::ui {
namespace {

/// The page that @p object is or is part of; null if none.
QWidget* pageOf(QObject* object) {
    while (object && !qobject_cast<Page*>(object))
        object = object->parent();
    return qobject_cast<Page*>(object);
}

} // namespace

PageMessages::PageMessages(ErrorBanner& banner, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_banner(banner) {
    connect(&m_banner, &ErrorBanner::dismissed, this, [this] {
        if (m_refreshing)
            return;
        m_messages.erase(m_presented);
        refresh();
    });
    connect(&jobs, &JobRunner::errorRaised, this,
            [this](const QString& title, const Error& error, QObject* receiver) {
                QWidget* page = pageOf(receiver);
                showError(page, title, error);
                if (page && page != m_page)
                    Q_EMIT failedElsewhere(page, title);
            });
    connect(&jobs, &JobRunner::event, this, [this](const JobEvent& event) {
        if (event.state == JobState::Queued && std::erase_if(m_messages, [&](const auto& entry) {
                                                   return entry.second.title == event.title;
                                               }) > 0)
            refresh();
    });
}

void PageMessages::setPage(QWidget* page) {
    m_page = page;
    refresh();
}

void PageMessages::show(QWidget* page, const QString& title, const QString& detail,
                        ErrorBanner::Level level) {
    put(page, {title, [=](ErrorBanner& banner) { banner.show(title, detail, level); }});
}

void PageMessages::showError(QWidget* page, const QString& title, const Error& error) {
    put(page, {title, [=](ErrorBanner& banner) { banner.showError(title, error); }});
}

void PageMessages::setAction(QWidget* page, const QString& text, std::function<void()> action) {
    const auto found = m_messages.find(page);
    if (found == m_messages.end())
        return;
    found->second.present = [before = found->second.present, text,
                             action = std::move(action)](ErrorBanner& banner) {
        before(banner);
        banner.setAction(text, action);
    };
    refresh();
}

void PageMessages::clear() {
    m_messages.clear();
    refresh();
}

void PageMessages::put(QWidget* page, Message message) {
    m_messages.insert_or_assign(page, std::move(message));
    refresh();
}

void PageMessages::refresh() {
    m_refreshing = true;
    auto found = m_messages.find(m_page);
    if (found == m_messages.end())
        found = m_messages.find(nullptr);
    if (found == m_messages.end()) {
        m_banner.dismiss();
    } else {
        m_presented = found->first;
        found->second.present(m_banner);
    }
    m_refreshing = false;
}

} // namespace diptych::ui

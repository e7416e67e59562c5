// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/widgets/error_banner.h"

#include <QObject>
#include <QString>

#include <functional>
#include <map>

namespace diptych::ui {

class JobRunner;

/// Messages of pages, one a page: each is shown above its own page alone, and goes when it is dismissed, when
/// what failed is tried again, or when another workspace is opened. GUI thread.
class PageMessages : public QObject {
    Q_OBJECT
public:
    /// @param banner shows the message of the page in front
    PageMessages(ErrorBanner& banner, JobRunner& jobs, QObject* parent);

    void setPage(QWidget* page); ///< it has come to the front
    /// @param page null = the window's own: above every page that has none
    void show(QWidget* page, const QString& title, const QString& detail, ErrorBanner::Level level);
    void showError(QWidget* page, const QString& title, const Error& error);
    /// A button that does something about the message shown last for @p page.
    void setAction(QWidget* page, const QString& text, std::function<void()> action);
    void clear();

Q_SIGNALS:
    /// A job of a page that is not in front has failed.
    void failedElsewhere(QWidget* page, const QString& title);

private:
    struct Message {
        QString title;
        std::function<void(ErrorBanner&)> present;
    };
    void put(QWidget* page, Message message);
    void refresh();

    ErrorBanner& m_banner;
    QWidget* m_page = nullptr;
    std::map<QWidget*, Message> m_messages;
    QWidget* m_presented = nullptr; ///< whose message the banner shows
    bool m_refreshing = false;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

#include <functional>

class QLabel;
class QPushButton;
class QToolButton;

namespace diptych {
class Error;
}

namespace diptych::ui {

/// A message above a page that blocks nothing: text can be selected and copied, Esc or its button dismisses
/// it. Hidden while it has nothing to say.
class ErrorBanner : public QFrame {
    Q_OBJECT
public:
    enum class Level { Error, Warning, Info };
    explicit ErrorBanner(QWidget* parent = nullptr);

    void show(const QString& title, const QString& detail, Level level = Level::Error);
    /// Title, message, and what to do about this kind of error.
    void showError(const QString& title, const Error& error);
    /// A button that does something about it; for the message shown now.
    void setAction(const QString& text, std::function<void()> action);
    void dismiss();
    QString text() const; ///< title and detail; empty when dismissed

Q_SIGNALS:
    void dismissed();
    void visibleChanged(bool visible);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void restyle();

    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_detail;
    QPushButton* m_action;
    QToolButton* m_copy;
    QToolButton* m_close;
    Level m_level = Level::Error;
    std::function<void()> m_callback;
};

/// What a person can do about an error of this kind; empty if the message says it all.
QString adviceFor(const Error& error);

} // namespace diptych::ui

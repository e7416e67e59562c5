// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <QStringList>

#include <vector>

class QFrame;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace diptych::ui {

/// A button that says what is chosen of many and drops a list to choose from: several at once, each with its
/// count, found by typing. Nothing chosen means all.
class MultiChoice : public QPushButton {
    Q_OBJECT
public:
    struct Choice {
        QString id;   ///< what chosen() names it by; unique
        QString text; ///< shown
        long long count = 0;
    };
    explicit MultiChoice(QWidget* parent = nullptr);

    /// Keeps what is chosen where it still exists. Emits nothing. @param all what the button says with
    /// nothing chosen, e.g. "All classes". @param many of several, with %1 for their number
    void setChoices(const QString& all, const QString& many, const std::vector<Choice>& choices);
    void setChosen(const QStringList& ids); ///< emits nothing
    QStringList chosen() const;             ///< in the order of the list
    QStringList ids() const;                ///< of all choices
    QListWidget* list() const { return m_list; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void changed();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void open();
    void narrow(const QString& text);
    void toggleFirst();
    void updateText();

    QFrame* m_popup;
    QLineEdit* m_search;
    QListWidget* m_list;
    QPushButton* m_all;
    QString m_allText, m_manyText;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QString>

namespace diptych::ui {

/// Gives the labels of a form letters that Alt reaches them by, each letter once: the first of a word where
/// it is free, else any letter, else none.
class Mnemonics {
public:
    /// @param taken letters that are used elsewhere in the window
    explicit Mnemonics(const QString& taken = {});
    /// @p title for a label or button, with '&' before its letter and every '&' of its own doubled.
    QString mark(const QString& title);

private:
    QSet<QChar> m_taken;
};

} // namespace diptych::ui

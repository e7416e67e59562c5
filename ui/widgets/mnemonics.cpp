// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/mnemonics.h"

namespace diptych::ui {

Mnemonics::Mnemonics(const QString& taken) {
    for (const QChar letter : taken)
        m_taken.insert(letter.toLower());
}

QString Mnemonics::mark(const QString& title) {
    qsizetype chosen = -1;
    for (const bool initialsOnly : {true, false})
        for (qsizetype i = 0; i < title.size() && chosen < 0; ++i) {
            const bool initial = i == 0 || !title[i - 1].isLetterOrNumber();
            const bool plain = title[i].unicode() < 0x80 && title[i].isLetter(); // on every keyboard
            if (plain && (initial || !initialsOnly) && !m_taken.contains(title[i].toLower()))
                chosen = i;
        }
    QString marked;
    for (qsizetype i = 0; i < title.size(); ++i) {
        if (i == chosen || title[i] == QLatin1Char('&'))
            marked += QLatin1Char('&');
        marked += title[i];
    }
    if (chosen >= 0)
        m_taken.insert(title[chosen].toLower());
    return marked;
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/searcher.h"

#include <QImage>
#include <QString>
#include <QWidget>

#include <vector>

class QHBoxLayout;
class QLabel;

namespace diptych::ui {

/// The parts of a search beside the words being typed: texts and pictures, each added or taken away. A click
/// on the sign turns it round. GUI thread.
class TermList : public QWidget {
    Q_OBJECT

public:
    static constexpr size_t kMost = 8;

    explicit TermList(QWidget* parent = nullptr);
    /// Weights are 1 or -1. @param title what is shown: the text, or what the picture is called
    void add(const SearchTerm& term, const QString& title);
    void clear();
    const std::vector<SearchTerm>& terms() const { return m_terms; }
    bool full() const { return m_terms.size() >= kMost; }
    bool hasPictures() const;
    bool hasTexts() const;
    /// The picture of a term, and what a sample is called; once they are known.
    void setPicture(size_t term, const QImage& picture, const QString& title);
    const QImage& picture(size_t term) const { return m_pictures[term]; }

Q_SIGNALS:
    void changed(); ///< by the person

private:
    void rebuild();
    QWidget* makeChip(size_t term);
    void turnRound(size_t term);
    void remove(size_t term);

    std::vector<SearchTerm> m_terms;
    std::vector<QString> m_titles;
    std::vector<QImage> m_pictures;
    QHBoxLayout* m_row;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/search/term_list.h"

#include "ui/theme/theme.h"
#include "ui/widgets/elided_label.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QPixmap>
#include <QToolButton>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kPictureSide = 40;
constexpr int kLeastText = 48;

bool isText(const SearchTerm& term) {
    return !term.text.empty();
}

} // namespace

TermList::TermList(QWidget* parent) : QWidget(parent) {
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(theme::kSmall);
    m_row->addStretch(1);
    hide();
}

void TermList::add(const SearchTerm& term, const QString& title) {
    if (full())
        return;
    m_terms.push_back(term);
    m_titles.push_back(title);
    m_pictures.emplace_back();
    rebuild();
}

void TermList::clear() {
    m_terms.clear();
    m_titles.clear();
    m_pictures.clear();
    rebuild();
}

bool TermList::hasPictures() const {
    return !std::all_of(m_terms.begin(), m_terms.end(), isText);
}

bool TermList::hasTexts() const {
    return std::any_of(m_terms.begin(), m_terms.end(), isText);
}

void TermList::setPicture(size_t term, const QImage& picture, const QString& title) {
    if (term >= m_terms.size())
        return;
    m_pictures[term] = picture;
    if (!title.isEmpty())
        m_titles[term] = title;
    rebuild();
}

void TermList::rebuild() {
    while (m_row->count() > 1) {
        QLayoutItem* item = m_row->takeAt(0);
        item->widget()->hide(); // it may be the one whose signal is being handled
        item->widget()->deleteLater();
        delete item;
    }
    for (size_t i = 0; i < m_terms.size(); ++i)
        m_row->insertWidget(static_cast<int>(i), makeChip(i));
    setVisible(!m_terms.empty());
}

QWidget* TermList::makeChip(size_t term) {
    const bool adds = m_terms[term].weight > 0;
    const QString& title = m_titles[term];
    auto* chip = new QFrame;
    chip->setObjectName(QStringLiteral("searchTerm%1").arg(term));
    theme::makeCard(chip);
    auto* row = new QHBoxLayout(chip);
    row->setContentsMargins(theme::kTiny, 2, theme::kTiny, 2);
    row->setSpacing(theme::kTiny);
    const auto button = [&](const QString& name, const QString& text, const QString& tip) {
        auto* made = new QToolButton;
        made->setObjectName(name + QString::number(term));
        made->setText(text);
        made->setToolTip(tip);
        made->setAccessibleName(tip);
        theme::makeFlat(made);
        return made;
    };
    QToolButton* sign =
        button(QStringLiteral("termSign"), adds ? QStringLiteral("+") : QStringLiteral("−"),
               adds ? tr("Take “%1” away instead").arg(title) : tr("Add “%1” instead").arg(title));
    row->addWidget(sign);
    if (!isText(m_terms[term])) {
        auto* picture = new QLabel;
        picture->setObjectName(QStringLiteral("termPicture%1").arg(term));
        picture->setFixedSize(kPictureSide, kPictureSide);
        picture->setAlignment(Qt::AlignCenter);
        if (!m_pictures[term].isNull()) {
            const double ratio = devicePixelRatioF();
            QPixmap shown = QPixmap::fromImage(m_pictures[term].scaled(
                picture->size() * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation));
            shown.setDevicePixelRatio(ratio);
            picture->setPixmap(shown);
        }
        row->addWidget(picture);
    }
    auto* name = new ElidedLabel(Qt::ElideMiddle);
    name->setFullText(title);
    name->setMinimumWidth(kLeastText);
    row->addWidget(name);
    QToolButton* close = button(QStringLiteral("termRemove"), {}, tr("Remove “%1”").arg(title));
    close->setIcon(theme::icon(QStringLiteral("close")));
    row->addWidget(close);
    connect(sign, &QToolButton::clicked, this, [this, term] { turnRound(term); });
    connect(close, &QToolButton::clicked, this, [this, term] { remove(term); });
    return chip;
}

void TermList::turnRound(size_t term) {
    m_terms[term].weight = -m_terms[term].weight;
    rebuild();
    Q_EMIT changed();
}

void TermList::remove(size_t term) {
    const auto place = static_cast<std::ptrdiff_t>(term);
    m_terms.erase(m_terms.begin() + place);
    m_titles.erase(m_titles.begin() + place);
    m_pictures.erase(m_pictures.begin() + place);
    rebuild();
    Q_EMIT changed();
}

} // namespace diptych::ui

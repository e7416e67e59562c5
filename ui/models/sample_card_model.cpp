// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sample_card_model.h"

namespace diptych::ui {

void SampleCardModel::setCards(std::vector<SampleCard> cards) {
    beginResetModel();
    m_cards = std::move(cards);
    endResetModel();
}

SampleList SampleCardModel::samples() const {
    auto list = std::make_shared<std::vector<SampleId>>();
    list->reserve(m_cards.size());
    for (const SampleCard& card : m_cards)
        list->push_back(card.sample);
    return list;
}

int SampleCardModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_cards.size());
}

QVariant SampleCardModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const SampleCard& shown = card(index.row());
    switch (role) {
    case IdRole:
        return QVariant::fromValue<qint64>(shown.sample.value);
    case Qt::DisplayRole:
        return shown.text;
    case SubtitleRole:
        return shown.subtitle;
    case Qt::AccessibleTextRole:
        return shown.subtitle.isEmpty() ? shown.text : tr("%1, %2").arg(shown.text, shown.subtitle);
    default:
        return {};
    }
}

} // namespace diptych::ui

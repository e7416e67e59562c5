// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/app_state.h"

#include <QAbstractListModel>

#include <vector>

namespace diptych::ui {

/// What is said below a picture.
struct SampleCard {
    SampleId sample;
    QString text, subtitle;
};

/// Samples with two lines of text each, for a ThumbnailGrid.
class SampleCardModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        IdRole = Qt::UserRole, ///< qint64, as ThumbnailGrid asks
        SubtitleRole           ///< QString
    };
    using QAbstractListModel::QAbstractListModel;

    void setCards(std::vector<SampleCard> cards);
    const SampleCard& card(int row) const { return m_cards[static_cast<size_t>(row)]; }
    /// All samples in the order shown, for stepping through them elsewhere.
    SampleList samples() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override { // pictures can be dragged out of a grid
        return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsDragEnabled : Qt::NoItemFlags);
    }
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<SampleCard> m_cards;
};

} // namespace diptych::ui

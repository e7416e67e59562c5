// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/compare/pair_list_model.h"

#include <QListView>
#include <QPointer>

#include <memory>
#include <vector>

namespace diptych::ui {

class Selection;
class ThumbnailProvider;

/// Two leaves and a hinge: each row has a picture in the middle with its truth, what A says of it on the left
/// and what B says on the right, so that one look tells them apart. What is selected is shared with the other
/// views of the dataset. GUI thread.
class PairList : public QListView {
    Q_OBJECT

public:
    static constexpr int kHingeWidth = 170; ///< of the picture and its truth, where there is room
    PairList(ThumbnailProvider& thumbnails, QWidget* parent = nullptr);
    ~PairList() override;
    PairListModel& pairs() { return m_pairs; }
    /// Shows these instead, the selection kept where they have it.
    void setPairs(ComparedPairPtr pair, std::vector<uint32_t> places);
    void bindSelection(Selection* selection); ///< null = with no other view
    std::vector<SampleId> selectedSamples() const;
    SampleId sampleOf(const QModelIndex& index) const;
    /// One past the last row that can be seen, and the first.
    std::pair<int, int> visibleRows() const;

protected:
    void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void showEvent(QShowEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    class Delegate;
    void give();
    void take(bool follow);
    void nameVisible();

    ThumbnailProvider& m_thumbnails;
    PairListModel m_pairs;
    std::unique_ptr<Delegate> m_delegate;
    QPointer<Selection> m_selection;
    SampleId m_seen; ///< the current one as last seen: only another one is followed
    bool m_busy = false, m_stale = false, m_follow = false; ///< m_follow: the current one is to be seen
};

} // namespace diptych::ui

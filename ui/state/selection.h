// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QObject>

#include <vector>

namespace diptych::ui {

/// Which samples of one dataset are selected and which of them is current: the same for every view that shows
/// the dataset, so that what is chosen in one is chosen in all. Owned by AppState. A view shows those of them
/// that it has; what a person selects in a view replaces them all. GUI thread only.
class Selection : public QObject {
    Q_OBJECT
public:
    explicit Selection(DatasetId dataset, QObject* parent = nullptr) : QObject(parent), m_dataset(dataset) {}

    DatasetId dataset() const { return m_dataset; }
    const std::vector<SampleId>& samples() const { return m_samples; } ///< ascending, each once
    bool contains(SampleId sample) const;
    SampleId current() const { return m_current; } ///< none, or any sample of the dataset

    /// @param samples in any order
    void set(std::vector<SampleId> samples, SampleId current);
    void setCurrent(SampleId current);
    /// Moves to @p sample as an arrow key does: it becomes current, and the only one selected unless several
    /// are.
    void moveTo(SampleId sample);
    void clear() { set({}, m_current); }

Q_SIGNALS:
    void changed();

private:
    DatasetId m_dataset;
    std::vector<SampleId> m_samples;
    SampleId m_current;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/records.h"

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace diptych::ui {

/// A list of samples that pages hand each other; immutable, so it may be shared.
using SampleList = std::shared_ptr<const std::vector<SampleId>>;

/// Which samples of a dataset are looked at: those that a filter finds, or those of a list that it leaves.
struct ViewSpec {
    SampleFilter filter = {};
    SampleList ids = {};  ///< not null: only these, in their order
    QString title = {};   ///< what the ids are, e.g. "Truth cube, predicted sphere"
    RunId run = {};       ///< the run the ids come from, if any
    bool narrows() const; ///< false: the whole dataset
    friend bool operator==(const ViewSpec&, const ViewSpec&) = default;
};

/// What of one dataset is looked at, the same for every page that shows the dataset, and which samples those
/// are. Owned by AppState; a ViewLoader finds the samples. GUI thread only.
class DatasetView : public QObject {
    Q_OBJECT
public:
    explicit DatasetView(DatasetId dataset, QObject* parent = nullptr)
        : QObject(parent), m_dataset(dataset) {}

    DatasetId dataset() const { return m_dataset; }
    const ViewSpec& spec() const { return m_spec; }
    const SampleFilter& filter() const { return m_spec.filter; }
    const SampleSort& sort() const { return m_sort; }
    void set(ViewSpec spec);
    void setFilter(SampleFilter filter); ///< keeps the list, if there is one
    void setSort(SampleSort sort);       ///< a list has an order of its own unless another one is asked for
    void clear() { set({}); }

    /// The samples in order, as last found: until the answer to a change is there, those of before. Null
    /// until there was an answer.
    const SampleList& samples() const { return m_samples; }
    /// Whether samples() answers what is asked for now.
    bool current() const { return m_current; }
    const std::vector<SampleId>& members() const; ///< samples(), ascending

    /// Called by who finds the samples.
    void setSamples(SampleList samples);
    void markOutdated() { m_current = false; }
    void fail(const Error& error) { Q_EMIT failed(error); }

Q_SIGNALS:
    void changed();        ///< something else is asked for
    void samplesChanged(); ///< the answer is there
    /// It cannot be answered: the run or the saved selection that the filter asks for is gone.
    void failed(const diptych::Error& error);

private:
    DatasetId m_dataset;
    ViewSpec m_spec;
    SampleSort m_sort;
    SampleList m_samples;
    bool m_current = false;
    /// samples() by id, made when it is first needed.
    mutable std::vector<SampleId> m_members;
};

} // namespace diptych::ui

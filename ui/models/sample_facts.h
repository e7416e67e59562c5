// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <QCache>
#include <QObject>
#include <QSet>
#include <QStringList>
#include <QTimer>

#include <vector>

namespace diptych::ui {

class AppState;
class JobRunner;

/// What is known of a sample, as text for people.
struct SampleFact {
    DatasetId dataset;
    QString key, path, className, split, note;
    QString corrected; ///< for people: the class a person has corrected it to; empty = as imported
    QStringList tags;
    QStringList columns; ///< the source's own, each as "name: value"

    /// All of it in lines, as plain text.
    QString text() const;
    QString richText() const; ///< the same for a tool tip: long lines wrap
};

/// What pictures say of themselves anywhere: badges, tool tips, names for a screen reader. Fetched in batches
/// when first asked for, kept while there is room, fetched again when tags or datasets have changed. GUI
/// thread only.
class SampleFacts : public QObject {
    Q_OBJECT
public:
    SampleFacts(AppState& state, JobRunner& jobs, QObject* parent = nullptr);

    /// Null until it has been fetched; arrived() follows. Valid until the next call.
    const SampleFact* find(SampleId sample);

Q_SIGNALS:
    void arrived();

private:
    struct Known {
        SampleFact fact;
        quint64 generation = 0;
    };
    void fetch();
    void expire();

    AppState& m_state;
    JobRunner& m_jobs;
    QCache<qint64, Known> m_known;
    QSet<qint64> m_wanted, m_fetching;
    quint64 m_generation = 1;
    QTimer m_collecting;
};

} // namespace diptych::ui

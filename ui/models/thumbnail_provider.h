// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace diptych::ui {

class AppState;
class JobRunner;

/// Small pictures of samples, made on worker threads, kept in memory while there is room. Views ask for what
/// they paint and name what is visible; requests for rows scrolled away are dropped before they start.
/// GUI thread only.
class ThumbnailProvider : public QObject {
    Q_OBJECT
public:
    enum class Status { Pending, Ready, Failed };
    struct Thumbnail {
        Status status = Status::Pending;
        QImage image;   ///< Ready: neither side over the size asked for, device pixels
        QString reason; ///< Failed: why, for people
    };

    /// @param cacheBytes memory for pictures, least recently used go first
    ThumbnailProvider(AppState& state, JobRunner& jobs, qint64 cacheBytes = qint64{192} << 20,
                      QObject* parent = nullptr);
    ~ThumbnailProvider() override;

    /// What is there now; a picture that is not is requested, newest requests first, and ready() follows.
    /// @param side longest side in device pixels; rounded up to one of a few sizes so that they can be shared
    /// @param requester who asks, for setVisible(); null = the request is never dropped
    Thumbnail thumbnail(SampleId sample, int side, const void* requester = nullptr);
    /// Requests of @p requester (any address of its own) for samples not in @p visible are dropped.
    void setVisible(const void* requester, const std::vector<SampleId>& visible);
    /// Forgets everything, e.g. after files have changed.
    void clear();

    qint64 cachedBytes() const;
    int pendingCount() const;

Q_SIGNALS:
    void ready(diptych::SampleId sample); ///< picture or failure is there now
    void cleared();

private:
    void enqueue(SampleId sample, int side, const void* requester);
    void startPump();
    void giveUpWaiting();

    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace diptych::ui

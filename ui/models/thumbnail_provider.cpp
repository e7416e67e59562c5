// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/thumbnail_provider.h"

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/state/app_state.h"

#include <QCache>
#include <QHash>
#include <QPointer>
#include <QSet>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <mutex>
#include <unordered_map>

namespace diptych::ui {

namespace {

constexpr std::array<int, 5> kSides{64, 128, 256, 384, 512};
constexpr size_t kMaxPending = 4096;
constexpr int kFailureCost = 256;

int sharedSide(int side) {
    const auto* found = std::find_if(kSides.begin(), kSides.end(), [side](int s) { return s >= side; });
    return found == kSides.end() ? kSides.back() : *found;
}

quint64 keyOf(SampleId sample, int side) {
    const auto step = static_cast<quint64>(std::find(kSides.begin(), kSides.end(), side) - kSides.begin());
    return static_cast<quint64>(sample.value) * kSides.size() + step;
}

QImage toImage(const Image& image) {
    QImage out(image.width, image.height, QImage::Format_RGB32);
    for (int y = 0; y < image.height; ++y) {
        const uint8_t* from =
            image.rgb.data() + size_t{3} * static_cast<size_t>(y) * static_cast<size_t>(image.width);
        auto* to = reinterpret_cast<QRgb*>(out.scanLine(y));
        for (int x = 0; x < image.width; ++x, from += 3)
            to[x] = qRgb(from[0], from[1], from[2]);
    }
    return out;
}

struct Request {
    SampleId sample;
    int side = 0;
    const void* requester = nullptr;
};

/// What workers and the GUI thread share. Newest requests are taken first: they are what is on the screen.
struct Queue {
    std::mutex mutex;
    std::deque<Request> pending;
    std::shared_ptr<Session> session;
    quint64 generation = 0; ///< results of an older one are thrown away
    int pumps = 0;
};

struct Answer {
    Request request;
    quint64 generation = 0;
    QImage image;
    QString reason;
};

Answer produce(Session& session, const Request& request, quint64 generation) {
    Answer answer{request, generation, {}, {}};
    try {
        const Result<Image> image = session.thumbnail(request.sample, request.side);
        if (image)
            answer.image = toImage(*image);
        else
            answer.reason = QString::fromUtf8(image.error().what());
    } catch (const std::exception& error) {
        answer.reason = QString::fromUtf8(error.what());
    }
    return answer;
}

} // namespace

struct ThumbnailProvider::Private {
    AppState& state;
    JobRunner& jobs;
    std::shared_ptr<Queue> queue = std::make_shared<Queue>();
    QCache<quint64, Thumbnail> cache;
    QSet<quint64> requested; ///< pending or being made
    int pumpLimit = 2;

    Private(AppState& appState, JobRunner& runner) : state(appState), jobs(runner) {}
};

ThumbnailProvider::ThumbnailProvider(AppState& state, JobRunner& jobs, qint64 cacheBytes, QObject* parent)
    : QObject(parent), m_d(std::make_unique<Private>(state, jobs)) {
    m_d->cache.setMaxCost(static_cast<qsizetype>(cacheBytes));
    m_d->pumpLimit = jobs.threadCount(JobLane::Thumbnails);
    connect(&state, &AppState::workspaceChanged, this, &ThumbnailProvider::clear);
    clear();
}

ThumbnailProvider::~ThumbnailProvider() {
    std::lock_guard lock(m_d->queue->mutex);
    m_d->queue->pending.clear();
    m_d->queue->session.reset();
    ++m_d->queue->generation;
}

void ThumbnailProvider::clear() {
    {
        std::lock_guard lock(m_d->queue->mutex);
        m_d->queue->pending.clear();
        m_d->queue->session = m_d->state.session();
        ++m_d->queue->generation;
    }
    m_d->cache.clear();
    m_d->requested.clear();
    Q_EMIT cleared();
}

ThumbnailProvider::Thumbnail ThumbnailProvider::thumbnail(SampleId sample, int side, const void* requester) {
    const int shared = sharedSide(side);
    const quint64 key = keyOf(sample, shared);
    if (const Thumbnail* found = m_d->cache.object(key))
        return *found;
    if (!m_d->requested.contains(key))
        enqueue(sample, shared, requester);
    return {};
}

void ThumbnailProvider::enqueue(SampleId sample, int side, const void* requester) {
    Queue& queue = *m_d->queue;
    bool pump = false;
    {
        std::lock_guard lock(queue.mutex);
        if (!queue.session)
            return;
        queue.pending.push_back({sample, side, requester});
        if (queue.pending.size() > kMaxPending) {
            m_d->requested.remove(keyOf(queue.pending.front().sample, queue.pending.front().side));
            queue.pending.pop_front();
        }
        if (queue.pumps < m_d->pumpLimit) {
            ++queue.pumps;
            pump = true;
        }
    }
    m_d->requested.insert(keyOf(sample, side));
    if (pump)
        startPump();
}

void ThumbnailProvider::startPump() {
    const QPointer<QObject> self(this);
    JobRunner& jobs = m_d->jobs;
    const bool started = jobs.post(JobLane::Thumbnails, [this, self, &jobs, queue = m_d->queue] {
        for (;;) {
            Request request;
            std::shared_ptr<Session> session;
            quint64 generation = 0;
            {
                std::lock_guard lock(queue->mutex);
                if (queue->pending.empty() || !queue->session || jobs.stopping()) {
                    --queue->pumps;
                    return;
                }
                request = queue->pending.back();
                queue->pending.pop_back();
                session = queue->session;
                generation = queue->generation;
            }
            auto answer = std::make_shared<Answer>(produce(*session, request, generation));
            session.reset();
            jobs.deliver(self, [this, answer] {
                {
                    std::lock_guard lock(m_d->queue->mutex);
                    if (answer->generation != m_d->queue->generation)
                        return;
                }
                const quint64 key = keyOf(answer->request.sample, answer->request.side);
                m_d->requested.remove(key);
                auto* thumbnail = new Thumbnail;
                thumbnail->status = answer->image.isNull() ? Status::Failed : Status::Ready;
                thumbnail->image = answer->image;
                thumbnail->reason = answer->reason;
                const qsizetype cost = kFailureCost + thumbnail->image.sizeInBytes();
                m_d->cache.insert(key, thumbnail, cost);
                Q_EMIT ready(answer->request.sample);
            });
        }
    });
    if (!started)
        giveUpWaiting();
}

/// No thread is to be had: the next request tries again.
void ThumbnailProvider::giveUpWaiting() {
    std::lock_guard lock(m_d->queue->mutex);
    if (--m_d->queue->pumps > 0)
        return; // another one does it
    m_d->queue->pending.clear();
    m_d->requested.clear();
}

void ThumbnailProvider::setVisible(const void* requester, const std::vector<SampleId>& visible) {
    QSet<qint64> wanted;
    wanted.reserve(static_cast<qsizetype>(visible.size()));
    for (const SampleId id : visible)
        wanted.insert(id.value);
    std::lock_guard lock(m_d->queue->mutex);
    std::erase_if(m_d->queue->pending, [&](const Request& request) {
        const bool drop = request.requester == requester && !wanted.contains(request.sample.value);
        if (drop)
            m_d->requested.remove(keyOf(request.sample, request.side));
        return drop;
    });
}

qint64 ThumbnailProvider::cachedBytes() const {
    return m_d->cache.totalCost();
}

int ThumbnailProvider::pendingCount() const {
    return static_cast<int>(m_d->requested.size());
}

} // namespace diptych::ui

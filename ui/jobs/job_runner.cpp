// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_runner.h"

#include "ui/jobs/worker_pool.h"

#include <QHash>
#include <QMetaObject>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <system_error>

namespace diptych::ui {

namespace {
// 15 a second is as much as a person can follow; the core's Progress keeps to it per job, this for all.
constexpr int kRelayIntervalMs = 66;
constexpr const char* kNoThread =
    "The system gives no more threads: too many programs run, or a limit is set (ulimit -u). Close some and "
    "try again.";
} // namespace

namespace detail {

/// Shared between the GUI thread, the worker and handles. The callbacks and state belong to the GUI thread.
struct JobRecord {
    JobId id = 0;
    JobSpec spec{QString()};
    std::stop_source stop;
    QPointer<QObject> receiver;
    JobRunner::FailedCallback failed;
    std::function<std::function<void()>(const RunContext&)> body; ///< until it has been called
    bool abandoned = false;
    JobState state = JobState::Queued;
    QPointer<JobRunner> runner;

    std::mutex mutex; ///< guards the two below
    ProgressUpdate progress;
    bool progressChanged = false;

    bool active() const { return state == JobState::Queued || state == JobState::Running; }
};

} // namespace detail

using detail::JobRecord;
using RecordPointer = std::shared_ptr<JobRecord>;

JobId JobHandle::id() const {
    return m_record ? m_record->id : 0;
}

bool JobHandle::active() const {
    return m_record && m_record->active() && m_record->runner;
}

void JobHandle::cancel() {
    if (m_record && m_record->runner)
        m_record->runner->cancel(m_record->id);
}

void JobHandle::abandon() {
    if (!m_record)
        return;
    m_record->abandoned = true;
    cancel();
}

struct JobRunner::Private {
    WorkerPool light, model, thumbnails;
    QHash<JobId, RecordPointer> records; ///< queued and running
    std::vector<JobId> order;            ///< of the same, oldest first
    std::vector<RecordPointer> waiting;  ///< model jobs, the next one first
    bool modelJobRuns = false;
    QTimer relay;
    JobId nextId = 1;
    std::atomic<bool> shuttingDown{false};

    WorkerPool& pool(JobLane lane) {
        switch (lane) {
        case JobLane::Model:
            return model;
        case JobLane::Thumbnails:
            return thumbnails;
        case JobLane::Light:
            break;
        }
        return light;
    }

    JobEvent eventOf(JobRecord& record) {
        std::lock_guard lock(record.mutex);
        record.progressChanged = false;
        return {record.id,    record.spec.title, record.spec.lane, record.spec.shown,
                record.state, record.progress,   QString()};
    }
};

JobRunner::JobRunner(QObject* parent) : QObject(parent), m_d(std::make_unique<Private>()) {
    m_d->light.setMaxThreadCount(std::clamp(QThread::idealThreadCount(), 3, 6));
    m_d->model.setMaxThreadCount(1);
    m_d->thumbnails.setMaxThreadCount(std::clamp(QThread::idealThreadCount() - 1, 1, 6));
    m_d->relay.setInterval(kRelayIntervalMs);
    connect(&m_d->relay, &QTimer::timeout, this, [this] {
        for (const JobId id : m_d->order) {
            const RecordPointer record = m_d->records.value(id);
            bool changed = false;
            if (record && record->state == JobState::Running) {
                std::lock_guard lock(record->mutex);
                changed = record->progressChanged;
            }
            if (changed)
                Q_EMIT event(m_d->eventOf(*record));
        }
    });
}

JobRunner::~JobRunner() {
    shutdown();
}

void JobRunner::shutdown() {
    m_d->shuttingDown = true;
    m_d->relay.stop();
    for (const RecordPointer& record : std::as_const(m_d->records)) {
        record->abandoned = true;
        record->stop.request_stop();
    }
    for (WorkerPool* pool : {&m_d->light, &m_d->model, &m_d->thumbnails})
        pool->clear();
    for (WorkerPool* pool : {&m_d->light, &m_d->model, &m_d->thumbnails})
        pool->stop();
    for (const RecordPointer& record : std::as_const(m_d->records)) {
        record->state = JobState::Cancelled;
        record->body = nullptr; // of those that waited; handles may keep the record
    }
    m_d->records.clear();
    m_d->order.clear();
    m_d->waiting.clear();
}

bool JobRunner::post(JobLane lane, std::function<void()> work) {
    return !m_d->shuttingDown && m_d->pool(lane).start(std::move(work));
}

void JobRunner::deliver(const QPointer<QObject>& receiver, std::function<void()> callback) {
    QMetaObject::invokeMethod(
        this,
        [this, receiver, callback = std::move(callback)] {
            if (receiver && !m_d->shuttingDown)
                callback();
        },
        Qt::QueuedConnection);
}

int JobRunner::threadCount(JobLane lane) const {
    return m_d->pool(lane).maxThreadCount();
}

bool JobRunner::stopping() const {
    return m_d->shuttingDown;
}

void JobRunner::cancel(JobId id) {
    const RecordPointer record = m_d->records.value(id);
    if (!record)
        return;
    record->stop.request_stop();
    if (std::erase(m_d->waiting, record) == 0)
        return;
    record->body = nullptr;
    Q_EMIT queueChanged();
    deliver(QPointer<QObject>(this), [this, record] { finish(record, JobState::Cancelled, {}, {}); });
}

void JobRunner::cancelAll() {
    for (const JobId id : m_d->records.keys())
        cancel(id);
}

std::vector<JobId> JobRunner::queue() const {
    std::vector<JobId> ids;
    for (const RecordPointer& record : m_d->waiting)
        ids.push_back(record->id);
    return ids;
}

void JobRunner::moveQueued(JobId id, int places) {
    auto& waiting = m_d->waiting;
    const auto found = std::find_if(waiting.begin(), waiting.end(),
                                    [&](const RecordPointer& record) { return record->id == id; });
    if (found == waiting.end())
        return;
    const auto from = found - waiting.begin();
    const auto to = std::clamp<std::ptrdiff_t>(from + places, 0, std::ssize(waiting) - 1);
    if (to == from)
        return;
    const RecordPointer record = *found;
    waiting.erase(found);
    waiting.insert(waiting.begin() + to, record);
    Q_EMIT queueChanged();
}

int JobRunner::activeCount() const {
    return static_cast<int>(std::count_if(m_d->records.cbegin(), m_d->records.cend(),
                                          [](const RecordPointer& record) { return record->spec.shown; }));
}

namespace {

/// What came of a job: what to call, or why there is nothing.
struct Outcome {
    JobState state = JobState::Finished;
    std::function<void()> done;
    std::optional<Error> error;
};

/// The one place in the window where exceptions of the core end.
Outcome runBody(const std::function<std::function<void()>(const RunContext&)>& body,
                const RunContext& context) {
    auto failed = [](ErrorCode code, const std::string& what) {
        return Outcome{JobState::Failed, {}, Error(code, what)};
    };
    try {
        context.throwIfCancelled();
        return {JobState::Finished, body(context), std::nullopt};
    } catch (const Cancelled&) {
        return {JobState::Cancelled, {}, std::nullopt};
    } catch (const Error& error) {
        return {JobState::Failed, {}, error};
    } catch (const std::bad_alloc&) {
        return failed(ErrorCode::OutOfMemory, "There is not enough memory for this.");
    } catch (const std::system_error& error) {
        return failed(ErrorCode::Internal,
                      error.code() == std::errc::resource_unavailable_try_again ? kNoThread : error.what());
    } catch (const std::exception& error) {
        return failed(ErrorCode::Internal, error.what());
    } catch (...) {
        return failed(ErrorCode::Internal, "Something unknown was thrown.");
    }
}

} // namespace

JobHandle JobRunner::startErased(JobSpec spec, std::function<std::function<void()>(const RunContext&)> body,
                                 QObject* receiver, FailedCallback failed) {
    DIPTYCH_ASSERT(receiver != nullptr);
    DIPTYCH_ASSERT(thread() == QThread::currentThread());
    if (m_d->shuttingDown)
        return {};
    auto record = std::make_shared<JobRecord>();
    record->id = m_d->nextId++;
    record->spec = std::move(spec);
    record->receiver = receiver;
    record->failed = std::move(failed);
    record->runner = this;
    m_d->records.insert(record->id, record);
    m_d->order.push_back(record->id);
    if (!m_d->relay.isActive())
        m_d->relay.start();
    Q_EMIT event(m_d->eventOf(*record));

    record->body = std::move(body);
    if (record->spec.lane == JobLane::Model) {
        m_d->waiting.push_back(record);
        startNextModelJob();
        Q_EMIT queueChanged();
    } else {
        launch(record);
    }
    return JobHandle(record);
}

void JobRunner::startNextModelJob() {
    if (m_d->modelJobRuns || m_d->waiting.empty() || m_d->shuttingDown)
        return;
    const RecordPointer next = m_d->waiting.front();
    m_d->waiting.erase(m_d->waiting.begin());
    m_d->modelJobRuns = true;
    launch(next);
}

void JobRunner::launch(const RecordPointer& record) {
    const QPointer<QObject> self(this);
    const auto over = [this, self, record](const std::shared_ptr<Outcome>& outcome) {
        deliver(self, [this, record, outcome] {
            if (record->spec.lane == JobLane::Model) {
                m_d->modelJobRuns = false;
                startNextModelJob();
                Q_EMIT queueChanged();
            }
            finish(record, outcome->state, outcome->done, outcome->error);
        });
    };
    const bool started =
        m_d->pool(record->spec.lane)
            .start([this, self, record, over, body = std::exchange(record->body, {})]() mutable {
                deliver(self, [this, record] {
                    record->state = JobState::Running;
                    Q_EMIT event(m_d->eventOf(*record));
                });
                Progress progress([record](const ProgressUpdate& update) {
                    std::lock_guard lock(record->mutex);
                    record->progress = update;
                    record->progressChanged = true;
                });
                const RunContext context{record->stop.get_token(), &progress, 0, 0};
                auto outcome = std::make_shared<Outcome>(runBody(body, context));
                progress.end(); // for work that stopped in the middle of a stage
                body = nullptr; // what the work captured (a session, say) is let go of before anyone hears of
                                // the end
                over(outcome);
            });
    if (!started)
        over(std::make_shared<Outcome>(Outcome{JobState::Failed, {}, Error(ErrorCode::Internal, kNoThread)}));
}

void JobRunner::finish(const RecordPointer& record, JobState state, const std::function<void()>& done,
                       const std::optional<Error>& error) {
    record->state = state;
    m_d->records.remove(record->id);
    std::erase(m_d->order, record->id);
    if (m_d->records.isEmpty())
        m_d->relay.stop();
    JobEvent last = m_d->eventOf(*record);
    if (error)
        last.error = QString::fromUtf8(error->what());
    Q_EMIT event(last);
    const bool wanted = record->receiver && !record->abandoned;
    if (wanted && done)
        done();
    if (wanted && error) {
        if (record->failed)
            record->failed(*error);
        else
            Q_EMIT errorRaised(record->spec.title, *error, record->receiver);
    }
    if (record->receiver && !record->abandoned && record->spec.finally)
        record->spec.finally();
    record->failed = nullptr;
    record->spec.finally = nullptr;
}

} // namespace diptych::ui

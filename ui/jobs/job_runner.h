// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace diptych::ui {

using JobId = quint64;

enum class JobState { Queued, Running, Finished, Failed, Cancelled };

/// Where a job runs. Model jobs (encode, evaluate, load weights) go one at a time, in the order started
/// unless moveQueued() changes it; Light jobs (queries, previews, imports) side by side on a few threads;
/// Thumbnails have threads of their own so that scrolling waits for nobody.
enum class JobLane { Light, Model, Thumbnails };

/// What a job is called and how it is treated.
struct JobSpec {
    JobSpec(QString jobTitle, JobLane jobLane = JobLane::Light) : title(std::move(jobTitle)), lane(jobLane) {}
    JobSpec& setShown(bool on) {
        shown = on;
        return *this;
    }
    JobSpec& setFinally(std::function<void()> callback) {
        finally = std::move(callback);
        return *this;
    }

    QString title; ///< for people, e.g. "Import birds"
    JobLane lane = JobLane::Light;
    bool shown = true; ///< listed in the job panel; false for queries that take milliseconds
    /// Called on the GUI thread after done, failed or a cancel, if the receiver still lives.
    std::function<void()> finally;
};

/// One entry of the event stream.
struct JobEvent {
    JobId id = 0;
    QString title;
    JobLane lane = JobLane::Light;
    bool shown = true;
    JobState state = JobState::Queued;
    ProgressUpdate progress; ///< the latest known
    QString error;           ///< state Failed: what the Error says
};

namespace detail {
struct JobRecord;
}

/// Refers to a job; owns nothing and may outlive it. GUI thread only.
class JobHandle {
public:
    JobHandle() = default;
    JobId id() const;
    bool active() const; ///< queued or running
    /// As JobRunner::cancel().
    void cancel();
    /// Stops the job and forgets its callbacks: nothing of it arrives any more.
    void abandon();

private:
    friend class JobRunner;
    explicit JobHandle(std::shared_ptr<detail::JobRecord> record) : m_record(std::move(record)) {}
    std::shared_ptr<detail::JobRecord> m_record;
};

/// Runs the core's blocking calls on worker threads and brings what they return to the GUI thread. Owned by
/// the shell, made and used on the GUI thread; the only thing in the window that makes threads.
///
/// The work gets a RunContext with stop token and progress sink. It must touch no QObject; whatever it needs
/// is captured by value or shared_ptr. Its result arrives on the GUI thread, queued, and only if the receiver
/// still lives. Error, Cancelled and everything else that is thrown is caught here.
class JobRunner : public QObject {
    Q_OBJECT
public:
    using FailedCallback = std::function<void(const Error&)>;

    explicit JobRunner(QObject* parent = nullptr);
    ~JobRunner() override; ///< shutdown()

    /// Runs @p work (callable as T(const RunContext&)) and then @p done (callable as void(T), or void() if T
    /// is void) on the GUI thread. Without @p failed an error goes to errorRaised(), which the shell shows in
    /// its banner. @param receiver must not be null; destroying it does not stop the job, but nothing is
    /// delivered any more.
    template<class Work, class Done>
    JobHandle start(JobSpec spec, Work work, QObject* receiver, Done done, FailedCallback failed = {});

    /// Untracked work without events, result or callbacks; runs in the order posted. For pumps that have a
    /// queue of their own (thumbnails). @p work must catch what it throws. @return false if it will not run:
    /// after shutdown(), or where the system gives no thread
    bool post(JobLane lane, std::function<void()> work);
    /// Calls @p callback on the GUI thread if @p receiver still lives then. From any thread.
    void deliver(const QPointer<QObject>& receiver, std::function<void()> callback);

    int threadCount(JobLane lane) const;
    bool stopping() const; ///< shutdown() has begun; from any thread

    /// Asks the job to stop. Work that completes before it notices still counts as finished; a model job that
    /// waits for its turn ends at once.
    void cancel(JobId id);
    void cancelAll();
    int activeCount() const; ///< shown jobs queued or running
    /// Model jobs that wait for their turn, the next one first.
    std::vector<JobId> queue() const;
    /// Moves a waiting model job by @p places in the queue, towards its end if positive.
    void moveQueued(JobId id, int places);
    /// Stops everything, drops what is queued and waits for what runs. Later start() calls do nothing.
    void shutdown();

Q_SIGNALS:
    /// All jobs' events in order, on the GUI thread; state changes at once, progress at most 15 a second.
    void event(const diptych::ui::JobEvent& event);
    void queueChanged(); ///< of queue()
    /// A job without a callback for failures has failed. @p title and @p receiver are the job's.
    void errorRaised(const QString& title, const diptych::Error& error, QObject* receiver);

private:
    struct Private;
    void launch(const std::shared_ptr<detail::JobRecord>& record);
    void startNextModelJob();
    void finish(const std::shared_ptr<detail::JobRecord>& record, JobState state,
                const std::function<void()>& done, const std::optional<Error>& error);
    /// @p body runs on a worker and returns what is to be called on the GUI thread.
    JobHandle startErased(JobSpec spec, std::function<std::function<void()>(const RunContext&)> body,
                          QObject* receiver, FailedCallback failed);
    std::unique_ptr<Private> m_d;
};

/// For requests that supersede each other (a preview while typing, a filter): only the newest one's result
/// arrives, the others are stopped. A member of the receiver; GUI thread only.
class LatestOnly {
public:
    LatestOnly(JobRunner& runner, QObject* receiver) : m_runner(runner), m_receiver(receiver) {}
    ~LatestOnly() { m_handle.abandon(); }
    LatestOnly(const LatestOnly&) = delete;
    LatestOnly& operator=(const LatestOnly&) = delete;

    template<class Work, class Done>
    JobHandle start(JobSpec spec, Work work, Done done, JobRunner::FailedCallback failed = {}) {
        m_handle.abandon();
        m_handle =
            m_runner.start(std::move(spec), std::move(work), m_receiver, std::move(done), std::move(failed));
        return m_handle;
    }
    bool active() const { return m_handle.active(); }
    void cancel() { m_handle.abandon(); }

private:
    JobRunner& m_runner;
    QObject* m_receiver;
    JobHandle m_handle;
};

template<class Work, class Done>
JobHandle JobRunner::start(JobSpec spec, Work work, QObject* receiver, Done done, FailedCallback failed) {
    using T = std::invoke_result_t<Work&, const RunContext&>;
    // Shared because std::function must be copyable; each is called once. Apart, so that what the work
    // captured goes with the work.
    auto sharedWork = std::make_shared<Work>(std::move(work));
    auto sharedDone = std::make_shared<Done>(std::move(done));
    auto body = [sharedWork, sharedDone](const RunContext& context) -> std::function<void()> {
        if constexpr (std::is_void_v<T>) {
            (*sharedWork)(context);
            return [sharedDone] { (*sharedDone)(); };
        } else {
            auto result = std::make_shared<T>((*sharedWork)(context));
            return [sharedDone, result] { (*sharedDone)(std::move(*result)); };
        }
    };
    return startErased(std::move(spec), std::move(body), receiver, std::move(failed));
}

} // namespace diptych::ui

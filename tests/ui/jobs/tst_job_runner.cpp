// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_runner.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace diptych;
using namespace diptych::ui;

namespace {

/// Holds workers until opened.
class Gate {
public:
    void open() {
        std::lock_guard lock(m_mutex);
        m_open = true;
        m_changed.notify_all();
    }
    /// @return false once a stop is requested
    bool wait(const RunContext& context) {
        std::unique_lock lock(m_mutex);
        std::stop_callback wake(context.stop, [this] { m_changed.notify_all(); });
        while (!m_open && !context.cancelled())
            m_changed.wait_for(lock, std::chrono::milliseconds(20));
        return !context.cancelled();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_open = false;
};

struct EventLog {
    std::vector<JobEvent> events;
    explicit EventLog(JobRunner& runner) {
        QObject::connect(&runner, &JobRunner::event, &runner,
                         [this](const JobEvent& event) { events.push_back(event); });
    }
    std::vector<JobState> statesOf(JobId id) const {
        std::vector<JobState> states;
        for (const JobEvent& event : events)
            if (event.id == id && (states.empty() || states.back() != event.state))
                states.push_back(event.state);
        return states;
    }
};

/// While it lives no thread can be made: the stacks are to be larger than any address space. What the system
/// says is what it says where the limit of threads is reached.
class NoMoreThreads {
public:
    NoMoreThreads() {
        pthread_attr_t huge;
        pthread_attr_init(&huge);
        pthread_attr_setstacksize(&huge, size_t{1} << 47);
        pthread_getattr_default_np(&m_before);
        pthread_setattr_default_np(&huge);
        pthread_attr_destroy(&huge);
    }
    ~NoMoreThreads() {
        pthread_setattr_default_np(&m_before);
        pthread_attr_destroy(&m_before);
    }

private:
    pthread_attr_t m_before;
};

JobSpec spec(const char* title, JobLane lane = JobLane::Light) {
    return {QString::fromLatin1(title), lane};
}

} // namespace

class JobRunnerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void deliversResultOnGuiThread() {
        JobRunner runner;
        QObject receiver;
        QThread* deliveredOn = nullptr;
        std::atomic<QThread*> workedOn{nullptr};
        int result = 0;
        EventLog log(runner);
        const JobHandle handle = runner.start(
            spec("add"),
            [&](const RunContext&) {
                workedOn = QThread::currentThread();
                return 40 + 2;
            },
            &receiver,
            [&](int value) {
                deliveredOn = QThread::currentThread();
                result = value;
            });
        QVERIFY(handle.active());
        QTRY_COMPARE(result, 42);
        QCOMPARE(deliveredOn, thread());
        QVERIFY(workedOn.load() != thread());
        QVERIFY(!handle.active());
        const std::vector<JobState> expected{JobState::Queued, JobState::Running, JobState::Finished};
        QVERIFY(log.statesOf(handle.id()) == expected);
    }

    void movesResultsThatCannotBeCopied() {
        JobRunner runner;
        std::unique_ptr<int> got;
        runner.start(
            spec("move"), [](const RunContext&) { return std::make_unique<int>(7); }, this,
            [&](std::unique_ptr<int> value) { got = std::move(value); });
        QTRY_VERIFY(got != nullptr);
        QCOMPARE(*got, 7);
    }

    void deliversNothingToTheDead() {
        JobRunner runner;
        auto receiver = std::make_unique<QObject>();
        Gate gate;
        bool called = false;
        const JobHandle handle = runner.start(
            spec("orphan").setFinally([&] { called = true; }),
            [&](const RunContext& context) { gate.wait(context); }, receiver.get(), [&] { called = true; });
        receiver.reset();
        gate.open();
        QTRY_VERIFY(!handle.active());
        QVERIFY(!called);
    }

    void reportsErrors_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("code");
        QTest::newRow("Error") << 0 << static_cast<int>(ErrorCode::DiskFull);
        QTest::newRow("std::exception") << 1 << static_cast<int>(ErrorCode::Internal);
        QTest::newRow("bad_alloc") << 2 << static_cast<int>(ErrorCode::OutOfMemory);
        QTest::newRow("anything") << 3 << static_cast<int>(ErrorCode::Internal);
    }
    void reportsErrors() {
        QFETCH(int, kind);
        QFETCH(int, code);
        JobRunner runner;
        auto work = [kind](const RunContext&) {
            switch (kind) {
            case 0:
                throw Error(ErrorCode::DiskFull, "no room left on /data");
            case 1:
                throw std::runtime_error("library trouble");
            case 2:
                throw std::bad_alloc();
            default:
                throw 7;
            }
        };
        EventLog log(runner);
        std::optional<Error> own, raised;
        bool finally = false;
        connect(&runner, &JobRunner::errorRaised, this,
                [&](const QString&, const Error& error) { raised = error; });
        runner.start(
            spec("fail").setFinally([&] { finally = true; }), work, this, [] { QFAIL("must not be called"); },
            [&](const Error& error) { own = error; });
        QTRY_VERIFY(finally);
        QVERIFY(own && !raised);
        QCOMPARE(static_cast<int>(own->code()), code);
        QCOMPARE(log.events.back().state, JobState::Failed);
        QVERIFY(!log.events.back().error.isEmpty());

        runner.start(spec("fail"), work, this, [] { QFAIL("must not be called"); });
        QTRY_VERIFY(raised);
        QCOMPARE(static_cast<int>(raised->code()), code);
    }

    void cancels() {
        JobRunner runner;
        Gate gate;
        EventLog log(runner);
        bool done = false, failed = false, finally = false;
        std::atomic<bool> begun{false};
        const JobHandle handle = runner.start(
            spec("long").setFinally([&] { finally = true; }),
            [&](const RunContext& context) {
                begun = true;
                gate.wait(context);
                context.throwIfCancelled();
            },
            this, [&] { done = true; }, [&](const Error&) { failed = true; });
        QTRY_VERIFY(begun.load());
        runner.cancel(handle.id());
        QTRY_VERIFY(finally);
        QVERIFY(!done && !failed);
        QCOMPARE(log.events.back().state, JobState::Cancelled);
        QCOMPARE(runner.activeCount(), 0);
    }

    void cancelBeforeStartRunsNothing() {
        JobRunner runner;
        Gate gate;
        std::atomic<bool> ran{false};
        runner.start(
            spec("first", JobLane::Model), [&](const RunContext& c) { gate.wait(c); }, this, [] {});
        JobHandle second = runner.start(
            spec("second", JobLane::Model), [&](const RunContext&) { ran = true; }, this, [] {});
        second.cancel();
        gate.open();
        QTRY_VERIFY(!second.active());
        QVERIFY(!ran.load());
    }

    void modelJobsRunOneAtATimeInOrder() {
        JobRunner runner;
        std::atomic<int> running{0}, most{0};
        std::mutex mutex;
        std::vector<int> order;
        int finished = 0;
        for (int i = 0; i < 6; ++i)
            runner.start(
                spec("model", JobLane::Model),
                [&, i](const RunContext&) {
                    most = std::max(most.load(), ++running);
                    {
                        std::lock_guard lock(mutex);
                        order.push_back(i);
                    }
                    QThread::yieldCurrentThread();
                    --running;
                },
                this, [&] { ++finished; });
        QTRY_COMPARE(finished, 6);
        QCOMPARE(most.load(), 1);
        QVERIFY((order == std::vector<int>{0, 1, 2, 3, 4, 5}));
    }

    void queueIsReorderedAndCancelled() {
        JobRunner runner;
        Gate gate;
        QStringList ran;
        runner.start(
            spec("first", JobLane::Model), [&](const RunContext& c) { gate.wait(c); }, this, [] {});
        std::vector<JobHandle> handles;
        for (const char* name : {"a", "b", "c", "d"})
            handles.push_back(runner.start(
                spec(name, JobLane::Model), [](const RunContext&) {}, this,
                [&ran, name] { ran << QString::fromLatin1(name); }));
        QSignalSpy changed(&runner, &JobRunner::queueChanged);
        QCOMPARE(runner.queue().size(), size_t{4});
        runner.moveQueued(handles[2].id(), -2); // c a b d
        runner.moveQueued(handles[0].id(), 99); // c b d a
        QCOMPARE(changed.count(), 2);
        runner.moveQueued(handles[2].id(), -1); // is the first already
        QCOMPARE(changed.count(), 2);
        const std::vector<JobId> wanted{handles[2].id(), handles[1].id(), handles[3].id(), handles[0].id()};
        QVERIFY(runner.queue() == wanted);
        EventLog log(runner);
        handles[1].cancel();
        QTRY_VERIFY(!handles[1].active()); // while the first still has the model
        QCOMPARE(log.events.back().state, JobState::Cancelled);
        QCOMPARE(runner.queue().size(), size_t{3});
        gate.open();
        QTRY_COMPARE(ran, (QStringList{QStringLiteral("c"), QStringLiteral("d"), QStringLiteral("a")}));
        QVERIFY(runner.queue().empty());
    }

    void lightJobsDoNotWaitForModelJobs() {
        JobRunner runner;
        Gate gate;
        bool light = false;
        runner.start(
            spec("heavy", JobLane::Model), [&](const RunContext& c) { gate.wait(c); }, this, [] {});
        runner.start(
            spec("light"), [](const RunContext&) {}, this, [&] { light = true; });
        QTRY_VERIFY(light);
        QCOMPARE(runner.activeCount(), 1);
        gate.open();
        QTRY_COMPARE(runner.activeCount(), 0);
    }

    void progressIsRateLimitedAndEndsComplete() {
        JobRunner runner;
        EventLog log(runner);
        bool done = false;
        QElapsedTimer clock;
        clock.start();
        runner.start(
            spec("count"),
            [](const RunContext& context) {
                context.begin("Counting", 200000);
                for (int i = 0; i < 200000; ++i)
                    context.advance();
                context.end();
            },
            this, [&] { done = true; });
        QTRY_VERIFY(done);
        const auto most = static_cast<size_t>(5 + 16 * (clock.elapsed() + 999) / 1000);
        QVERIFY2(log.events.size() <= most, qPrintable(QString::number(log.events.size())));
        QCOMPARE(log.events.back().progress.done, 200000);
        QCOMPARE(QString::fromStdString(log.events.back().progress.stage), QStringLiteral("Counting"));
    }

    void latestOnlyDropsStaleResults() {
        JobRunner runner;
        LatestOnly latest(runner, this);
        Gate gate;
        std::vector<int> results;
        std::atomic<int> stopped{0};
        for (int i = 0; i < 4; ++i)
            latest.start(
                spec("preview"),
                [&, i](const RunContext& context) {
                    if (i < 3 && !gate.wait(context))
                        ++stopped;
                    return i; // even work that takes no notice of the stop
                },
                [&](int value) { results.push_back(value); });
        QTRY_VERIFY(!results.empty());
        gate.open();
        QTRY_COMPARE(runner.activeCount(), 0);
        QVERIFY((results == std::vector<int>{3}));
    }

    void withoutThreadsJobsFailInWords() {
        JobRunner runner;
        int ran = 0;
        std::vector<std::string> said;
        const auto start = [&](JobLane lane, bool throws) {
            runner.start(
                spec("work", lane),
                [throws](const RunContext&) {
                    if (throws)
                        std::jthread([] {}).join();
                },
                this, [&] { ++ran; }, [&](const Error& error) { said.emplace_back(error.what()); });
        };
        {
            const NoMoreThreads none;
            QVERIFY(!runner.post(JobLane::Thumbnails, [] {}));
            for (const JobLane lane : {JobLane::Light, JobLane::Model, JobLane::Model})
                start(lane, false);
            QTRY_COMPARE(said.size(), size_t{3});
            for (const std::string& words : said)
                QVERIFY2(words.starts_with("The system gives no more threads"), words.c_str());
            QCOMPARE(runner.activeCount(), 0);
        }
        for (const JobLane lane : {JobLane::Light, JobLane::Model}) // there are some again
            start(lane, false);
        QTRY_COMPARE(ran, 2);
        // A pool that has a thread does with it; work that wants threads of its own says why it cannot go on.
        const NoMoreThreads none;
        start(JobLane::Light, false);
        start(JobLane::Model, false);
        QTRY_COMPARE(ran, 4);
        start(JobLane::Model, true);
        QTRY_COMPARE(said.size(), size_t{4});
        QVERIFY2(said.back().starts_with("The system gives no more threads"), said.back().c_str());
    }

    void shutdownStopsAndJoins() {
        std::atomic<bool> left{false};
        std::atomic<bool> begun{false};
        bool called = false;
        {
            JobRunner runner;
            runner.start(
                spec("endless"),
                [&](const RunContext& context) {
                    begun = true;
                    while (!context.cancelled())
                        QThread::yieldCurrentThread();
                    left = true;
                },
                this, [&] { called = true; });
            QTRY_VERIFY(begun.load());
        }
        QVERIFY(left.load());
        QCoreApplication::processEvents();
        QVERIFY(!called);
    }

    void startsNothingAfterShutdown() {
        JobRunner runner;
        runner.shutdown();
        const JobHandle handle = runner.start(
            spec("late"), [](const RunContext&) {}, this, [] {});
        QVERIFY(!handle.active());
    }
};

QTEST_GUILESS_MAIN(JobRunnerTest)
#include "tst_job_runner.moc"

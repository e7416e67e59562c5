// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_support.h"

#include <atomic>
#include <thread>

using namespace diptych;
using namespace diptych::test;

/// One workspace, many threads.
class TestThreads : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readersBesideAWriter();
    void writersTakeTurns();
    void readersDoNotWaitForAnImport();
    void embeddingsFromSeveralThreads();
    void spacesComeAndGo();
};

namespace {

/// Runs all at once; returns what the first that failed said, else nothing.
std::string together(const std::vector<std::function<void()>>& jobs) {
    std::mutex mutex;
    std::string failed;
    {
        std::vector<std::jthread> threads;
        for (const auto& job : jobs)
            threads.emplace_back([&, job] {
                try {
                    job();
                } catch (const std::exception& error) {
                    const std::lock_guard lock(mutex);
                    failed = failed.empty() ? error.what() : failed;
                }
            });
    }
    return failed;
}

/// Sets a flag when it goes.
struct AtEnd {
    std::atomic<bool>& flag;
    ~AtEnd() { flag = true; }
};

void require(bool condition, const char* what) {
    if (!condition)
        throw Error(ErrorCode::Internal, what);
}

} // namespace

void TestThreads::readersBesideAWriter() {
    TemporaryDirectory folder;
    auto workspace = Workspace::create(folder.path() / "w");
    const auto dataset = workspace->addDataset("d", makeIndex(100), {});
    const auto samples = workspace->sampleIds(dataset);
    std::vector<ExampleResult> examples;
    for (const auto sample : samples)
        examples.push_back(makeExample(sample, 0, 0, 1));
    std::atomic<bool> done = false;
    std::vector<std::function<void()>> jobs{[&] {
        const AtEnd tellTheReaders{done}; // also when this fails, or they would go on for ever
        for (int i = 0; i < 30; ++i) {
            workspace->addRun(makeRun(dataset), examples);
            workspace->addTag(samples, "tag" + std::to_string(i % 3));
        }
    }};
    for (int i = 0; i < 4; ++i)
        jobs.emplace_back([&] {
            while (!done) {
                for (const auto& run : workspace->runs())
                    require(workspace->exampleCount(run.id) == 100, "half a run was seen");
                for (const auto& tag : workspace->tags())
                    require(tag.count == 100, "half a tag was seen");
                require(workspace->samples(samples).size() == 100, "samples are missing");
            }
        });
    const std::string failed = together(jobs);
    QVERIFY2(failed.empty(), failed.c_str());
    QCOMPARE(workspace->runs().size(), size_t(30));
}

void TestThreads::writersTakeTurns() {
    TemporaryDirectory folder;
    auto workspace = Workspace::create(folder.path() / "w");
    std::vector<std::function<void()>> jobs;
    for (int i = 0; i < 6; ++i)
        jobs.emplace_back([&, i] {
            for (int j = 0; j < 5; ++j)
                workspace->addDataset(fmt::format("{}-{}", i, j), makeIndex(20), {});
        });
    const std::string failed = together(jobs);
    QVERIFY2(failed.empty(), failed.c_str());
    QCOMPARE(workspace->datasets().size(), size_t(30));
}

void TestThreads::readersDoNotWaitForAnImport() {
    TemporaryDirectory folder;
    auto workspace = Workspace::create(folder.path() / "w");
    bool seenInside = false;
    Progress progress([&](const ProgressUpdate& update) {
        if (update.stage == "Storing samples" && update.done > 0)
            seenInside = workspace->datasets().empty(); // in the middle of the writer's transaction
    });
    RunContext context;
    context.progress = &progress;
    workspace->addDataset("d", makeIndex(5000), context);
    QVERIFY(seenInside);
    QCOMPARE(workspace->datasets().size(), size_t(1));
}

void TestThreads::embeddingsFromSeveralThreads() {
    TemporaryDirectory folder;
    auto workspace = Workspace::create(folder.path() / "w");
    const auto space = workspace->embeddings().space("k", 16);
    const auto hashAt = [](int i) { return hashText(std::to_string(i)); };
    std::vector<std::function<void()>> jobs;
    for (int worker = 0; worker < 4; ++worker)
        jobs.emplace_back([&, worker] {
            for (int i = 0; i < 25; ++i) {
                const int item = (worker % 2) * 25 + i; // two workers bring the same items
                Matrix values(1, 16);
                values(0, 0) = static_cast<float>(item);
                const auto hash = hashAt(item);
                space->append(std::span(&hash, 1), values);
                const auto rows = space->find(std::span(&hash, 1));
                require(rows[0] >= 0 && space->read(rows)(0, 0) == static_cast<float>(item),
                        "a wrong row was read");
            }
        });
    const std::string failed = together(jobs);
    QVERIFY2(failed.empty(), failed.c_str());
    QCOMPARE(space->size(), int64_t(50));
}

void TestThreads::spacesComeAndGo() {
    TemporaryDirectory folder;
    auto workspace = Workspace::create(folder.path() / "w");
    std::vector<std::function<void()>> jobs;
    for (int worker = 0; worker < 3; ++worker)
        jobs.emplace_back([&, worker] {
            const auto hash = hashText(std::to_string(worker));
            for (int i = 0; i < 30; ++i) {
                try {
                    workspace->embeddings().space("k", 4)->append(std::span(&hash, 1), Matrix(1, 4));
                } catch (const Error& error) {
                    require(error.code() == ErrorCode::NotFound, error.what()); // removed in between
                }
            }
        });
    jobs.emplace_back([&] {
        for (int i = 0; i < 30; ++i)
            workspace->embeddings().remove("k");
    });
    const std::string failed = together(jobs);
    QVERIFY2(failed.empty(), failed.c_str());
    workspace->embeddings().remove("k");
    QCOMPARE(workspace->embeddings().totalBytes(), uint64_t(0));
}

QTEST_GUILESS_MAIN(TestThreads)
#include "tst_threads.moc"

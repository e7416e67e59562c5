// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "store_support.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

constexpr int kBatchRows = 16;
constexpr size_t kDimension = 64;

std::vector<Hash128> batchHashes(int batch) {
    std::vector<Hash128> hashes;
    for (int i = 0; i < kBatchRows; ++i)
        hashes.push_back(hashText(fmt::format("{}/{}", batch, i)));
    return hashes;
}

Matrix batchValues(int batch) {
    Matrix values(kBatchRows, kDimension);
    Random random(static_cast<uint64_t>(batch));
    for (float& value : values.values())
        value = static_cast<float>(random.uniform());
    return values;
}

/// Works as a run does, for ever: embeddings batch by batch, then a run with its examples, then a tag. Tells
/// of every finished step by a byte.
[[noreturn]] void workUntilKilled(const fs::path& path, int firstBatch, int pipe) {
    try {
        auto workspace = Workspace::open(path);
        const auto dataset = workspace->findDataset("pictures")->id;
        const auto samples = workspace->sampleIds(dataset);
        std::vector<ExampleResult> examples;
        for (const auto sample : samples)
            examples.push_back(makeExample(sample, 0, 0, 0.5f));
        const auto space = workspace->embeddings().space("k", kDimension);
        for (int batch = firstBatch;; ++batch) {
            space->append(batchHashes(batch), batchValues(batch));
            if (::write(pipe, "e", 1) != 1)
                ::_exit(1);
            if (batch % 5 != 0)
                continue;
            workspace->addRun(makeRun(dataset), examples);
            if (::write(pipe, "r", 1) != 1)
                ::_exit(1);
        }
    } catch (const std::exception& error) {
        ::fprintf(stderr, "child: %s\n", error.what());
    }
    ::_exit(1);
}

} // namespace

/// SIGKILL at any moment loses at most what was in flight.
class TestKill : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void killedWhileWorking();
    void killedWhileImporting();
};

void TestKill::killedWhileWorking() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Workspace::create(path)->addDataset("pictures", makeIndex(200), {});
    Random random(7);
    int batches = 0, runs = 0;
    for (int round = 0; round < 12; ++round) {
        int ends[2];
        QVERIFY(::pipe(ends) == 0);
        const pid_t child = ::fork();
        if (child == 0)
            workUntilKilled(path, batches, ends[1]);
        ::close(ends[1]);
        const auto stepsBefore = static_cast<int>(random.below(12)) + 1;
        char step = 0;
        int toldBatches = 0, toldRuns = 0;
        const auto listen = [&] {
            const bool more = ::read(ends[0], &step, 1) == 1;
            toldBatches += more && step == 'e';
            toldRuns += more && step == 'r';
            return more;
        };
        for (int i = 0; i < stepsBefore; ++i)
            QVERIFY(listen());
        ::usleep(static_cast<useconds_t>(random.below(4000))); // anywhere inside the next step
        ::kill(child, SIGKILL);
        while (listen()) {
        }
        ::close(ends[0]);
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));

        auto workspace = Workspace::open(path); // the lock went with the process
        const auto space = workspace->embeddings().space("k", kDimension);
        const auto kept = static_cast<int>(space->size()) / kBatchRows;
        QCOMPARE(space->size() % kBatchRows, int64_t(0)); // whole batches
        QVERIFY2(kept >= batches + toldBatches && kept <= batches + toldBatches + 1,
                 fmt::format("{} of {} + {}", kept, batches, toldBatches).c_str());
        batches = kept;
        for (int batch = 0; batch < batches; ++batch) {
            const auto values = space->read(space->find(batchHashes(batch)));
            const auto expected = batchValues(batch);
            QVERIFY(std::equal(values.values().begin(), values.values().end(), expected.values().begin()));
        }
        const auto all = workspace->runs();
        QVERIFY(static_cast<int>(all.size()) >= runs + toldRuns &&
                static_cast<int>(all.size()) <= runs + toldRuns + 1);
        runs = static_cast<int>(all.size());
        for (const auto& run : all)
            QCOMPARE(workspace->exampleCount(run.id), int64_t(200)); // never half a run
    }
    QVERIFY(batches > 20);
}

void TestKill::killedWhileImporting() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Workspace::create(path)->addDataset("first", makeIndex(10), {});
    const auto index = makeIndex(30'000);
    for (int round = 0; round < 5; ++round) {
        int ends[2];
        QVERIFY(::pipe(ends) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            auto workspace = Workspace::open(path);
            Progress progress([&](const ProgressUpdate& update) {
                if (update.done > 0 && ::write(ends[1], "p", 1) != 1)
                    ::_exit(1);
            });
            RunContext context;
            context.progress = &progress;
            workspace->addDataset("large", index, context);
            ::_exit(0);
        }
        ::close(ends[1]);
        char byte = 0;
        for (int i = 0; i <= round / 2; ++i)
            QVERIFY(::read(ends[0], &byte, 1) == 1);
        ::kill(child, SIGKILL);
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        ::close(ends[0]);
        auto workspace = Workspace::open(path);
        const auto found = workspace->findDataset("large");
        QVERIFY(workspace->findDataset("first").has_value());
        if (found) { // it was quicker than the kill
            QCOMPARE(workspace->sampleIds(found->id).size(), size_t(30'000));
            workspace->removeDataset(found->id);
        }
        QCOMPARE(workspace->sampleIds(workspace->findDataset("first")->id).size(), size_t(10));
    }
    Workspace::open(path)->addDataset("large", index, {});
}

QTEST_GUILESS_MAIN(TestKill)
#include "tst_kill.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/model_pool.h"
#include "core/session/searched_dataset.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = DIPTYCH_FIXTURES;

ModelChoice choose(const char* folder) {
    return {kFixtures / folder, {Device::Cpu, Precision::Fp32, 1}};
}

const ModelChoice kFirst = choose("clip/openai"), kSecond = choose("clip/laion"),
                  kThird = choose("families/flava");

uint64_t bytesOf(const ModelChoice& choice) {
    return inspectModel(*Checkpoint::open(choice.directory)).memoryNeededBytes;
}

struct World {
    TemporaryDirectory folder;
    std::unique_ptr<Workspace> workspace = Workspace::create(folder.path() / "w");
};

/// Something to know a model by that was kept.
std::shared_ptr<SearchedDataset> searched(std::string key) {
    return std::make_shared<SearchedDataset>(std::move(key), ImageEmbeddings());
}

} // namespace

/// Who gets a model when, and which models stay.
class TestModelPool : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void differentModelsAreUsedAtOnce() {
        World world;
        ModelPool pool(*world.workspace);
        std::atomic<int> inside = 0;
        const auto use = [&](const ModelChoice& choice) {
            const ModelLease lease = pool.lease(choice, ModelUse::Long, {});
            // Both are in here together, or this never ends.
            ++inside;
            inside.notify_all();
            for (int seen = inside; seen < 2; seen = inside)
                inside.wait(seen);
            QVERIFY(lease->model->embedder()->embedTexts(std::vector<std::string>{"a cat"}).rows() == 1);
        };
        std::jthread first([&] { use(kFirst); });
        std::jthread second([&] { use(kSecond); });
        first.join();
        second.join();
        QCOMPARE(pool.openModels(), size_t{2});
    }

    void oneModelHasOneUser() {
        World world;
        ModelPool pool(*world.workspace);
        std::optional<ModelLease> held(pool.lease(kFirst, ModelUse::Long, {}));
        QVERIFY(!pool.leaseUnlessBusy(kFirst, {}));
        QVERIFY(pool.leaseUnlessBusy(kSecond, {}));
        std::atomic<bool> given = false, early = false;
        std::jthread waiting([&] {
            const ModelLease next = pool.lease(kFirst, ModelUse::Short, {});
            early = !given;
        });
        given = true;
        held.reset();
        waiting.join();
        QVERIFY(!early);
        QVERIFY(pool.leaseUnlessBusy(kFirst, {}));
    }

    void whoWaitsCanBeStopped() {
        World world;
        ModelPool pool(*world.workspace, 1);
        const ModelLease held = pool.lease(kFirst, ModelUse::Long, {});
        for (const ModelChoice& wanted : {kFirst, kSecond}) { // in use; no memory for it
            std::stop_source stop;
            std::atomic<bool> cancelled = false;
            std::jthread waiting([&] {
                try {
                    pool.lease(wanted, ModelUse::Long, stop.get_token());
                } catch (const Cancelled&) {
                    cancelled = true;
                }
            });
            stop.request_stop();
            waiting.join();
            QVERIFY(cancelled);
        }
        QCOMPARE(pool.openModels(), size_t{1});
    }

    void whatWasUsedLeastRecentlyMakesRoom() {
        World world;
        ModelPool pool(*world.workspace, bytesOf(kFirst) + std::max(bytesOf(kSecond), bytesOf(kThird)));
        pool.lease(kFirst, ModelUse::Short, {})->searched = searched("kept");
        pool.lease(kSecond, ModelUse::Short, {})->searched = searched("gone");
        QCOMPARE(pool.openModels(), size_t{2});
        pool.lease(kFirst, ModelUse::Short, {});
        pool.lease(kThird, ModelUse::Short, {});
        QCOMPARE(pool.openModels(), size_t{2});
        const auto kept = pool.lease(kFirst, ModelUse::Short, {})->searched;
        QVERIFY(kept && kept->key() == "kept");
        QVERIFY(!pool.lease(kSecond, ModelUse::Short, {})->searched);
    }

    void memoryInUseIsWaitedFor() {
        World world;
        ModelPool pool(*world.workspace, 1); // each has to have it alone
        std::optional<ModelLease> held(pool.lease(kFirst, ModelUse::Long, {}));
        QVERIFY(!pool.leaseUnlessBusy(kSecond, {}));
        QCOMPARE(pool.openModels(), size_t{1});
        std::atomic<bool> given = false, early = false;
        std::jthread waiting([&] {
            const ModelLease next = pool.lease(kSecond, ModelUse::Long, {});
            early = !given;
        });
        given = true;
        held.reset();
        waiting.join();
        QVERIFY(!early);
        QCOMPARE(pool.openModels(), size_t{1});
    }

    void aModelThatCannotBeOpenedLeavesNothing() {
        World world;
        ModelPool pool(*world.workspace);
        QVERIFY_EXCEPTION_THROWN(pool.lease(choose("workspaces"), ModelUse::Long, {}), Error);
        QCOMPARE(pool.openModels(), size_t{0});
        QVERIFY(pool.leaseUnlessBusy(kFirst, {}));
    }

    /// For the thread sanitizer: many threads, few models, little room.
    void manyThreadsTakeTurns() {
        World world;
        ModelPool pool(*world.workspace, bytesOf(kFirst) + bytesOf(kSecond));
        const ModelChoice choices[] = {kFirst, kSecond, kThird};
        std::atomic<int> users[3] = {}, together = 0;
        std::vector<std::jthread> threads;
        for (size_t t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                for (size_t i = 0; i < 6; ++i) {
                    const size_t which = (t + i) % 3;
                    const ModelLease lease = pool.lease(choices[which], ModelUse::Long, {});
                    together += users[which]++ > 0 ? 1 : 0;
                    lease->searched =
                        searched((lease->searched ? lease->searched->key() : std::string()) + 'x');
                    --users[which];
                }
            });
        threads.clear();
        QCOMPARE(together.load(), 0);
        QVERIFY(pool.openModels() <= 2);
    }
};

QTEST_GUILESS_MAIN(TestModelPool)
#include "tst_model_pool.moc"

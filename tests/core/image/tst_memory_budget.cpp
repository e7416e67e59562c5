// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/memory_budget.h"

#include <QTest>

#include <atomic>
#include <thread>
#include <vector>

using namespace diptych;

class TestMemoryBudget : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sharesNeverExceedTheWhole() {
        MemoryBudget budget(100);
        std::atomic<uint64_t> taken = 0, most = 0;
        std::vector<std::jthread> threads;
        for (uint64_t i = 0; i < 8; ++i)
            threads.emplace_back([&, i] {
                for (uint64_t round = 0; round < 500; ++round) {
                    const uint64_t bytes = 1 + (i * 37 + round * 11) % 60;
                    const MemoryBudget::Share share = budget.take(bytes);
                    const uint64_t now = taken += bytes;
                    for (uint64_t seen = most; seen < now && !most.compare_exchange_weak(seen, now);)
                        ;
                    taken -= bytes;
                }
            });
        threads.clear();
        QVERIFY2(most <= 100, qPrintable(QString::number(most)));
    }

    void severalShareIt() {
        MemoryBudget budget(100);
        const MemoryBudget::Share first = budget.take(60);
        std::jthread([&] { const MemoryBudget::Share second = budget.take(40); }).join();
    }

    void whatExceedsTheWholeIsGrantedAlone() {
        MemoryBudget budget(100);
        std::atomic<bool> granted = false;
        std::jthread other;
        {
            const MemoryBudget::Share whole = budget.take(1000);
            other = std::jthread([&] {
                const MemoryBudget::Share second = budget.take(1);
                granted = true;
            });
            QVERIFY(!granted);
        }
        other.join();
        QVERIFY(granted);
    }
};

QTEST_GUILESS_MAIN(TestMemoryBudget)
#include "tst_memory_budget.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// Corrected labels: their history, what counts, and that what was imported stays.
#include "tests/core/store/store_support.h"

using namespace diptych;
using namespace diptych::test;

class TestCorrections : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
        m_index = makeIndex(6); // labels 0, 1, 2, 0, 1, 2
        m_dataset = m_workspace->addDataset("pictures", m_index, {});
        m_ids = m_workspace->sampleIds(m_dataset);
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void theImportedLabelStaysBesideTheCorrectedOne() {
        const auto made = m_workspace->correctLabels(std::vector{m_ids[0], m_ids[2]}, "class2", "looked at");
        QCOMPARE(made.size(), size_t(1)); // the other has that label already
        QCOMPARE(made[0].from, std::string("class0"));
        QCOMPARE(m_workspace->sample(m_ids[0]).label, 0);
        QCOMPARE(m_workspace->correctedLabels(m_dataset), (std::map<SampleId, int>{{m_ids[0], 2}}));
        const auto history = m_workspace->labelCorrections(m_dataset);
        QCOMPARE(history.size(), size_t(1));
        QCOMPARE(history[0].note, std::string("looked at"));
        QVERIFY(history[0].correctedAt.ends_with("Z"));
    }

    void theHistoryIsKept() {
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class2", "");
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class1", "better");
        m_workspace->correctLabels(std::vector{m_ids[3]}, "", "nothing of it");
        QCOMPARE(m_workspace->correctedLabels(m_dataset),
                 (std::map<SampleId, int>{{m_ids[0], 1}, {m_ids[3], -1}}));
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class0", "it was right");
        const auto history = m_workspace->labelCorrections(m_dataset);
        QCOMPARE(history.size(), size_t(4));
        QCOMPARE(history[3].from, std::string("class1"));
        QCOMPARE(m_workspace->correctedLabels(m_dataset), (std::map<SampleId, int>{{m_ids[3], -1}}));
    }

    void aCorrectionIsTakenBack() {
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class1", "");
        const auto second = m_workspace->correctLabels(std::vector{m_ids[0], m_ids[1]}, "class2", "");
        m_workspace->removeCorrections(second);
        QCOMPARE(m_workspace->correctedLabels(m_dataset), (std::map<SampleId, int>{{m_ids[0], 1}}));
    }

    void whatWasTakenBackIsRestored() {
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class1", "");
        const auto second = m_workspace->correctLabels(std::vector{m_ids[0]}, "class2", "why");
        m_workspace->removeCorrections(second);
        m_workspace->restoreCorrections(second);
        const auto history = m_workspace->labelCorrections(m_dataset);
        QCOMPARE(history.size(), size_t(2));
        QCOMPARE(history[1].correctedAt, second[0].correctedAt);
        QCOMPARE(history[1].note, std::string("why"));
        QCOMPARE(m_workspace->correctedLabels(m_dataset), (std::map<SampleId, int>{{m_ids[0], 2}}));
    }

    void aNewImportKeepsThem() {
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class2", "");
        m_workspace->correctLabels(std::vector{m_ids[1]}, "class0", "");
        m_workspace->correctLabels(std::vector{m_ids[5]}, "class1", "");
        // Classes change places, one image goes, and class0 is no more.
        DatasetIndex index = m_index;
        index.classNames = {"class2", "class1"};
        index.samples.erase(index.samples.begin() + 5);
        for (DatasetSample& sample : index.samples)
            sample.label = sample.label == 2 ? 0 : sample.label == 1 ? 1 : -1;
        m_workspace->replaceDataset(m_dataset, index, {});
        QCOMPARE(m_workspace->correctedLabels(m_dataset), (std::map<SampleId, int>{{m_ids[0], 0}}));
        QCOMPARE(m_workspace->labelCorrections(m_dataset).size(), size_t(3));
        m_workspace->replaceDataset(m_dataset, m_index, {});
        QCOMPARE(m_workspace->sampleIds(m_dataset), m_ids); // the one that went was kept for its correction
        QCOMPARE(m_workspace->correctedLabels(m_dataset),
                 (std::map<SampleId, int>{{m_ids[0], 2}, {m_ids[1], 0}, {m_ids[5], 1}}));
    }

    void whatIsNotThereIsRefused() {
        QCOMPARE(errorOf([&] { m_workspace->correctLabels(std::vector{m_ids[0]}, "none", ""); }),
                 ErrorCode::NotFound);
        QCOMPARE(errorOf([&] {
                     m_workspace->correctLabels(std::vector{m_ids[1], SampleId{999}}, "class0", "");
                 }),
                 ErrorCode::NotFound);
        QVERIFY(m_workspace->labelCorrections(m_dataset).empty()); // all or nothing
    }

    void aDatasetTakesItsCorrectionsWithIt() {
        m_workspace->correctLabels(std::vector{m_ids[0]}, "class2", "");
        m_workspace->removeDataset(m_dataset);
        const DatasetId again = m_workspace->addDataset("pictures", m_index, {});
        QVERIFY(m_workspace->labelCorrections(again).empty());
    }

private:
    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetIndex m_index;
    DatasetId m_dataset;
    std::vector<SampleId> m_ids;
};

QTEST_GUILESS_MAIN(TestCorrections)
#include "tst_corrections.moc"

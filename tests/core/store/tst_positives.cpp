// SPDX-License-Identifier: GPL-3.0-or-later
// Captions marked as right for another image: kept beside the annotation, by their words.
#include "tests/core/store/store_support.h"

using namespace diptych;
using namespace diptych::test;

class TestPositives : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
        m_index = makeIndex(4); // two captions each
        m_dataset = m_workspace->addDataset("pictures", m_index, {});
        m_ids = m_workspace->sampleIds(m_dataset);
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void aPairIsMarkedOnce() {
        const auto added = m_workspace->addPositives(std::vector{pair(0, 1, 0), pair(0, 1, 1)});
        QCOMPARE(added.size(), size_t(2));
        QVERIFY(added[0].markedAt.ends_with("Z"));
        QVERIFY(m_workspace->addPositives(std::vector{pair(0, 1, 1)}).empty());
        const auto all = m_workspace->positives(m_dataset);
        QCOMPARE(all.size(), size_t(2));
        QVERIFY(all[1].same(pair(0, 1, 1)));
        QCOMPARE(all[1].markedAt, added[1].markedAt);
    }

    void aMarkIsTakenBack() {
        m_workspace->addPositives(std::vector{pair(0, 1, 0), pair(2, 1, 0)});
        const auto removed = m_workspace->removePositives(std::vector{pair(0, 1, 0), pair(3, 1, 0)});
        QCOMPARE(removed.size(), size_t(1));
        QVERIFY(m_workspace->positives(m_dataset).front().same(pair(2, 1, 0)));
    }

    void whatCannotBeIsRefusedAsAWhole() {
        const auto codeOf = [&](PositivePair wrong) {
            return errorOf([&] { m_workspace->addPositives(std::vector{pair(0, 1, 0), wrong}); });
        };
        QCOMPARE(codeOf(pair(1, 1, 0)), ErrorCode::InvalidArgument);
        QCOMPARE(codeOf({m_ids[0], m_ids[1], "no such words", {}}), ErrorCode::NotFound);
        QCOMPARE(codeOf({{999}, m_ids[1], caption(1, 0), {}}), ErrorCode::NotFound);
        const DatasetId other = m_workspace->addDataset("others", m_index, {});
        QCOMPARE(codeOf({m_workspace->sampleIds(other)[0], m_ids[1], caption(1, 0), {}}),
                 ErrorCode::InvalidArgument);
        QVERIFY(m_workspace->positives(m_dataset).empty());
    }

    void aNewImportKeepsThem() {
        m_workspace->addPositives(std::vector{pair(0, 1, 0), pair(2, 3, 1)});
        DatasetIndex index = m_index;
        std::swap(index.samples[1].captions[0], index.samples[1].captions[1]);
        index.samples.pop_back(); // the one whose caption was marked
        m_workspace->replaceDataset(m_dataset, index, {});
        QCOMPARE(m_workspace->positives(m_dataset).size(), size_t(2));
        m_workspace->replaceDataset(m_dataset, m_index, {});
        QCOMPARE(m_workspace->sampleIds(m_dataset), m_ids);
    }

    void aDatasetTakesThemWithIt() {
        m_workspace->addPositives(std::vector{pair(0, 1, 0)});
        m_workspace->removeDataset(m_dataset);
        QVERIFY(m_workspace->positives(m_workspace->addDataset("pictures", m_index, {})).empty());
    }

private:
    std::string caption(size_t of, size_t number) const { return m_index.samples[of].captions[number]; }
    PositivePair pair(size_t image, size_t of, size_t number) const {
        return {m_ids[image], m_ids[of], caption(of, number), {}};
    }

    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetIndex m_index;
    DatasetId m_dataset;
    std::vector<SampleId> m_ids;
};

QTEST_GUILESS_MAIN(TestPositives)
#include "tst_positives.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/dataset_list_model.h"
#include "ui/models/sample_list_model.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/state/app_state.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;
using Mode = QAbstractItemModelTester::FailureReportingMode;

class SampleModelsTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    std::shared_ptr<Session> m_session;
    DatasetId m_dataset;

    SampleList allSamples() const {
        return std::make_shared<const std::vector<SampleId>>(m_session->workspace().sampleIds(m_dataset));
    }

private Q_SLOTS:
    void initTestCase() {
        test::writeImageFolder(m_folder.filePath(QStringLiteral("images")),
                               {QStringLiteral("cat"), QStringLiteral("dog")}, 100);
        test::writeText(m_folder.filePath(QStringLiteral("images/cat/cat_007.png")), "not a picture");
        m_session = Session::openOrCreate(m_folder.filePath(QStringLiteral("workspace")).toStdString());
        m_dataset = m_session->importDataset(m_folder.filePath(QStringLiteral("images")).toStdString(),
                                             "pets", {}, {});
    }

    void datasetList() {
        DatasetListModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.setDatasets(m_session->workspace().datasets());
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("pets"));
        QCOMPARE(model.index(0).data(DatasetListModel::SummaryRole).toString(),
                 QStringLiteral("200 images, 2 classes"));
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setDatasets(m_session->workspace().datasets());
        QCOMPARE(reset.count(), 0);
        QCOMPARE(model.rowOf(m_dataset), 0);
        QVERIFY(!model.find({12345}));
        model.setDatasets({});
        QCOMPARE(model.rowCount(), 0);
    }

    void samplesAreFetchedOnDemand() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        SampleListModel model(state, jobs);
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setSamples(allSamples(), {QStringLiteral("cat"), QStringLiteral("dog")});
        QCOMPARE(model.rowCount(), 200);
        const QModelIndex last = model.index(199);
        QCOMPARE(last.data(SampleListModel::IdRole).toLongLong(), allSamples()->back().value);
        QTRY_VERIFY(last.data(SampleListModel::LoadedRole).toBool());
        QVERIFY(changed.count() > 0);
        QVERIFY(last.data().toString().endsWith(QStringLiteral("dog_099.png")));
        QCOMPARE(last.data(SampleListModel::ClassNameRole).toString(), QStringLiteral("dog"));
        QVERIFY(last.data(SampleListModel::PathRole).toString().startsWith(m_folder.path()));
    }

    void tagsShowAfterInvalidation() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        SampleListModel model(state, jobs);
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.setSamples(allSamples(), {});
        const QModelIndex first = model.index(0);
        (void)first.data();
        QTRY_VERIFY(first.data(SampleListModel::LoadedRole).toBool());
        QVERIFY(first.data(SampleListModel::TagsRole).toStringList().isEmpty());
        const std::vector<SampleId> ids{model.sampleAt(0)};
        m_session->workspace().addTag(ids, "odd");
        model.invalidateDetails();
        QVERIFY(first.data(SampleListModel::LoadedRole).toBool()); // nothing flickers
        QTRY_COMPARE(first.data(SampleListModel::TagsRole).toStringList(),
                     QStringList{QStringLiteral("odd")});
        m_session->workspace().removeTag(ids, "odd");
    }

    void staleBlocksAreDropped() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        SampleListModel model(state, jobs);
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        const SampleList all = allSamples();
        for (int i = 0; i < 20; ++i) {
            auto some = std::make_shared<const std::vector<SampleId>>(1, all->at(static_cast<size_t>(i)));
            model.setSamples(some, {});
            (void)model.index(0).data();
        }
        QTRY_VERIFY(model.index(0).data(SampleListModel::LoadedRole).toBool());
        QTRY_COMPARE(jobs.activeCount(), 0);
        QVERIFY(model.index(0).data().toString().contains(QStringLiteral("019")));
    }

    void thumbnails() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        ThumbnailProvider provider(state, jobs);
        QSignalSpy ready(&provider, &ThumbnailProvider::ready);
        const SampleId good = allSamples()->front(), bad = (*allSamples())[7];
        QCOMPARE(provider.thumbnail(good, 100).status, ThumbnailProvider::Status::Pending);
        QCOMPARE(provider.thumbnail(bad, 100).status, ThumbnailProvider::Status::Pending);
        QTRY_COMPARE(ready.count(), 2);
        QCOMPARE(provider.thumbnail(good, 100).status, ThumbnailProvider::Status::Ready);
        QCOMPARE(provider.thumbnail(good, 100).image.size(), QSize(48, 32)); // never enlarged
        const auto failed = provider.thumbnail(bad, 100);
        QCOMPARE(failed.status, ThumbnailProvider::Status::Failed);
        QVERIFY(failed.reason.contains(QStringLiteral("cat_007.png")));
        QVERIFY(provider.cachedBytes() > 0);
        provider.clear();
        QCOMPARE(provider.cachedBytes(), 0);
        QCOMPARE(provider.thumbnail(good, 100).status, ThumbnailProvider::Status::Pending);
    }

    void thumbnailsOutOfSightAreNotMade() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        ThumbnailProvider provider(state, jobs);
        QSignalSpy ready(&provider, &ThumbnailProvider::ready);
        int view = 0;
        const SampleList samples = allSamples();
        for (const SampleId id : *samples)
            provider.thumbnail(id, 64, &view);
        const std::vector<SampleId> visible{samples->begin(), samples->begin() + 5};
        provider.setVisible(&view, visible);
        QTRY_COMPARE(provider.pendingCount(), 0);
        // What a worker had already begun is finished; the rest was dropped.
        QVERIFY2(ready.count() < 150, qPrintable(QString::number(ready.count())));
        for (const SampleId id : visible)
            QCOMPARE(provider.thumbnail(id, 64).status, ThumbnailProvider::Status::Ready);
    }

    void smallCacheForgetsOldest() {
        JobRunner jobs;
        AppState state;
        state.setSession(m_session);
        ThumbnailProvider provider(state, jobs, qint64{48} * 32 * 4 * 4);
        for (int i = 100; i < 120; ++i) {
            provider.thumbnail((*allSamples())[static_cast<size_t>(i)], 64);
            QTRY_COMPARE(provider.pendingCount(), 0);
        }
        QVERIFY(provider.cachedBytes() <= 48 * 32 * 4 * 4);
        QCOMPARE(provider.thumbnail((*allSamples())[119], 64).status, ThumbnailProvider::Status::Ready);
        QCOMPARE(provider.thumbnail((*allSamples())[100], 64).status, ThumbnailProvider::Status::Pending);
    }
};

QTEST_MAIN(SampleModelsTest)
#include "tst_sample_models.moc"

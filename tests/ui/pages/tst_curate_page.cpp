// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/file_drags.h"
#include "tests/support/window_fixture.h"
#include "ui/pages/curate/curate_data.h"
#include "ui/state/sample_edits.h"
#include "ui/state/selection.h"
#include "ui/widgets/multi_choice.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QInputDialog>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

class CuratePageTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    template<class T>
    T* find(const char* name) {
        return m_fixture->find<T>(name);
    }
    TableView& groups() { return *find<TableView>("curateGroups"); }
    ThumbnailGrid& grid() { return *find<ThumbnailGrid>("curateGrid"); }
    int cards() { return grid().model()->rowCount(); }
    QPushButton& findButton() { return *find<QPushButton>("curateFind"); }
    QString note() { return find<QLabel>("curateNote")->text(); }
    void choose(const char* combo, const QString& text) {
        auto* box = find<QComboBox>(combo);
        box->setCurrentIndex(box->findText(text, Qt::MatchContains));
        QVERIFY2(box->currentText().contains(text), qPrintable(text));
    }
    void click(QWidget& button) { QTest::mouseClick(&button, Qt::LeftButton); }
    bool m_tagged = false; ///< two pictures have the tag "cat", two "dog"
    int64_t tagCount() {
        int64_t count = 0;
        for (const TagInfo& tag : state().session()->workspace().tags())
            count += tag.count;
        return count;
    }
    DatasetId dataset() { return state().session()->workspace().findDataset("animals")->id; }

    /// Four pictures of each animal; a copy of one cat lies with the dogs.
    void openWorkspace(bool withModel) {
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        QVERIFY(QFile::copy(m_fixture->path(QStringLiteral("animals/cat/cat_000.png")),
                            m_fixture->path(QStringLiteral("animals/dog/again.png"))));
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->importDataset(m_fixture->path(QStringLiteral("animals")).toStdString(), "animals", {},
                                   {});
            if (m_tagged) {
                const DatasetId id = session->workspace().findDataset("animals")->id;
                const auto ids = session->workspace().sampleIds(id);
                session->workspace().addTag(std::vector{ids[0], ids[1]}, "cat");
                session->workspace().addTag(std::vector{ids[5], ids[6]}, "dog");
            }
            if (withModel)
                session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(window().showPage(QStringLiteral("curate")));
        QTRY_COMPARE(find<QComboBox>("curateDataset")->currentText(), QStringLiteral("animals"));
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() {
        m_fixture.reset();
        m_tagged = false;
    }

    void saysWhatIsMissing() {
        openWorkspace(false);
        QVERIFY(findButton().isEnabled()); // copies need no model
        choose("curateCheck", QStringLiteral("unusual"));
        QVERIFY(!findButton().isEnabled());
        choose("curateCheck", QStringLiteral("Hardest"));
        QVERIFY(!findButton().isEnabled());
        bool said = false;
        for (const QLabel* label : window().findChildren<QLabel*>())
            said = said || (label->isVisible() && label->text().contains(QStringLiteral("evaluate a model")));
        QVERIFY(said);
    }

    void copiesAreFoundAndAllButOneTagged() {
        openWorkspace(false);
        click(findButton());
        QTRY_COMPARE_WITH_TIMEOUT(groups().model()->rowCount(), 1, 30000);
        QCOMPARE(cards(), 2);
        QVERIFY2(note().startsWith(QStringLiteral("1 group with 2 images; 1 image beyond")),
                 qPrintable(note()));
        QVERIFY(note().contains(QStringLiteral("labels differ")));
        QVERIFY(!find<QSlider>("curateThreshold")->isEnabled());
        const QPoint second = grid().visualRect(grid().model()->index(1, 0)).center();
        QTest::mouseClick(grid().viewport(), Qt::LeftButton, {}, second);
        QCOMPARE(test::filesDragged(m_fixture->services->actions, grid().viewport(), second),
                 QStringList{QStringLiteral("again.png")});
        click(*find<QPushButton>("curateTag"));
        auto* dialog = window().findChild<QInputDialog*>(QStringLiteral("newTag"));
        QVERIFY(dialog);
        dialog->setTextValue(QStringLiteral("surplus"));
        dialog->accept();
        QTRY_COMPARE_WITH_TIMEOUT(state().session()->workspace().tags().size(), size_t(1), 30000);
        QCOMPARE(state().session()->workspace().tags().front().count, 1);
        QTRY_VERIFY(m_fixture->services->edits.undoStack().canUndo());
        window().activateWindow(); // the question had it
        QVERIFY(QTest::qWaitForWindowActive(&window()));
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(state().session()->workspace().tags().empty(), 30000);
        QCOMPARE(groups().model()->rowCount(), 1); // what was found stays
    }

    void theCountFollowsTheThresholdAtOnce() {
        openWorkspace(true);
        click(findButton());
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("group")), 60000);
        auto& slider = *find<QSlider>("curateThreshold");
        slider.setFocus();
        QTest::keyClick(&slider, Qt::Key_End);
        QCOMPARE(find<QLabel>("curateThresholdText")->text(), QStringLiteral("1.0000"));
        QVERIFY2(note().startsWith(QStringLiteral("1 group with 2 images")), qPrintable(note()));
        QTRY_COMPARE(cards(), 2);
        QTest::keyClick(&slider, Qt::Key_Home);
        const QString said = note(); // before the groups are there
        QTRY_VERIFY(cards() > 2);    // plain pictures are much alike to a random model
        QVERIFY2(said.contains(QStringLiteral("with %1 images").arg(cards())), qPrintable(said));
        QVERIFY(!find<QCheckBox>("curateAcross")->isEnabled()); // there are no splits
    }

    void whatIsShownIsSelectedEverywhere() {
        openWorkspace(false);
        click(findButton());
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 2, 30000);
        click(*find<QPushButton>("curateSelect"));
        QCOMPARE(state().selection(dataset()).samples().size(), size_t(2));
        QCOMPARE(grid().selectedSamples().size(), size_t(2));
        click(*find<QPushButton>("curateInGrid"));
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QTRY_COMPARE_WITH_TIMEOUT(find<ThumbnailGrid>("thumbnailGrid")->model()->rowCount(), 2, 30000);
        window().showPage(QStringLiteral("curate"));
        click(*find<QPushButton>("curateOnMap"));
        QCOMPARE(window().currentPage(), QStringLiteral("map"));
    }

    void aDoubleClickOpensTheInspector() {
        openWorkspace(false);
        click(findButton());
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 2, 30000);
        const QPoint point = grid().visualRect(grid().model()->index(1, 0)).center();
        const SampleId sample = grid().sampleOf(grid().model()->index(1, 0));
        QTest::mouseClick(grid().viewport(), Qt::LeftButton, {}, point);
        QTest::mouseDClick(grid().viewport(), Qt::LeftButton, {}, point);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QCOMPARE(state().currentSample(), sample);
    }

    void labelsAndUnusualOnesAreListed() {
        openWorkspace(true);
        choose("curateCheck", QStringLiteral("Wrong labels"));
        click(findButton());
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("of 13 labels are likely wrong")), 60000);
        choose("curateCheck", QStringLiteral("unusual"));
        QVERIFY(note().isEmpty()); // of another question
        QCOMPARE(cards(), 0);
        click(findButton());
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 13, 60000);
        QCOMPARE(groups().model()->rowCount(), 3);
        groups().selectRow(0);
        QVERIFY(cards() < 13);
        QTest::keyClick(&window(), Qt::Key_Escape);
        QCOMPARE(cards(), 13);
    }

    void aProbeIsTaughtByTagsAndAccepted() {
        m_tagged = true;
        openWorkspace(true);
        choose("curateCheck", QStringLiteral("probe"));
        QVERIFY(!findButton().isEnabled()); // no tags are chosen
        auto* tags = find<MultiChoice>("curateTags");
        tags->setChosen({QStringLiteral("cat"), QStringLiteral("dog")});
        Q_EMIT tags->changed();
        QVERIFY(findButton().isEnabled());
        click(findButton());
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 9, 60000);
        QVERIFY2(note().startsWith(QStringLiteral("Learned from 4 images")), qPrintable(note()));
        auto& slider = *find<QSlider>("curateThreshold");
        QTest::keyClick(&slider, Qt::Key_End); // a probability of 1: hardly any
        QTest::keyClick(&slider, Qt::Key_Home);
        auto& accept = *find<QPushButton>("curateAccept");
        QCOMPARE(accept.text(), QStringLiteral("Accept 9 as tags"));
        QVERIFY(find<QPushButton>("curateAcceptLabels")->isEnabled()); // both are classes as well
        click(accept);
        QTRY_VERIFY_WITH_TIMEOUT(tagCount() == 13, 30000);
        QTRY_VERIFY(m_fixture->services->edits.undoStack().canUndo());
        while (m_fixture->services->edits.undoStack().canUndo()) {
            m_fixture->services->edits.undoStack().undo();
            QTRY_VERIFY(!m_fixture->services->edits.busy());
        }
        QTRY_COMPARE_WITH_TIMEOUT(tagCount(), 4, 30000);
        click(*find<QPushButton>("curateAcceptLabels"));
        QTRY_VERIFY_WITH_TIMEOUT(!state().session()->workspace().correctedLabels(dataset()).empty(), 30000);
    }

    void aTagFillsTheTagsAlone() {
        openWorkspace(false);
        choose("curateCheck", QStringLiteral("Live probe"));
        QSignalSpy refilled(find<QComboBox>("curateDataset")->model(), &QAbstractItemModel::rowsRemoved);
        const auto ids = state().session()->workspace().sampleIds(dataset());
        m_fixture->services->edits.addTag({ids[0]}, QStringLiteral("new one"));
        QTRY_COMPARE(find<MultiChoice>("curateTags")->ids(), QStringList{QStringLiteral("new one")});
        QCOMPARE(refilled.count(), 0);
    }

    void theSummaryLeadsToItsImages() {
        openWorkspace(false);
        choose("curateCheck", QStringLiteral("Balance"));
        click(findButton());
        QTRY_VERIFY_WITH_TIMEOUT(note().startsWith(QStringLiteral("13 images")), 30000);
        QVERIFY(cards() > 0); // of the first
        for (int row = 0; row < groups().model()->rowCount(); ++row)
            if (groups().model()->index(row, 0).data().toString() == QStringLiteral("dog"))
                groups().selectRow(row);
        QCOMPARE(cards(), 5);
    }
};

QTEST_MAIN(CuratePageTest)
#include "tst_curate_page.moc"

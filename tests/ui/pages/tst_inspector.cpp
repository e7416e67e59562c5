// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searcher.h"
#include "tests/support/window_fixture.h"
#include "ui/pages/inspector/full_screen.h"
#include "ui/pages/inspector/neighbours_panel.h"
#include "ui/state/sample_edits.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// The Inspector as a light table: neighbours, the place of a text, the whole screen.
class InspectorTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_ids;

    AppState& state() { return m_fixture->services->state; }
    Workspace& workspace() { return state().session()->workspace(); }
    template<class T>
    T& find(const char* name) {
        T* found = m_fixture->find<T>(name);
        if (!found)
            qFatal("no %s", name);
        return *found;
    }
    QWidget* page() { return m_fixture->window->page(QStringLiteral("inspector")); }
    void open(bool encoded) {
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
            RunSpec spec;
            spec.dataset = "animals";
            spec.model = "openai";
            if (encoded)
                session->encode(spec, {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        m_ids = workspace().sampleIds(workspace().datasets().front().id);
        state().showSample(m_ids[1]);
        QTRY_COMPARE(find<QLabel>("inspectorTitle").text(), QStringLiteral("cat_001.png"));
    }
    /// What the whole program would answer: the images by their cosine with the text.
    std::vector<SearchHit> ranked(const std::string& text) {
        SearchQuery query;
        query.dataset = "animals";
        query.model = "openai";
        query.terms = {{.text = text}};
        query.limit = 100;
        return state().session()->search(query, {}).hits;
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void aTextIsScoredAndPlaced() {
        open(true);
        QTest::keyClicks(&find<QLineEdit>("scoreText"), QStringLiteral("a cat"));
        QLabel& score = find<QLabel>("textScore");
        QTRY_VERIFY(score.isVisible() && score.text().contains(QStringLiteral("of 12")));
        const auto hits = ranked("a cat");
        const auto rankOf = [&](SampleId sample) {
            size_t better = 0;
            const auto own = std::find_if(hits.begin(), hits.end(),
                                          [&](const SearchHit& hit) { return hit.sample == sample; });
            for (const SearchHit& hit : hits)
                better += hit.cosine > own->cosine ? 1 : 0;
            return QStringLiteral("rank %1 of 12").arg(better + 1);
        };
        QVERIFY2(score.text().contains(rankOf(m_ids[1])), qPrintable(score.text()));
        QTest::mouseClick(&find<QToolButton>("nextExample"), Qt::LeftButton); // the score follows the image
        QTRY_COMPARE(find<QLabel>("inspectorTitle").text(), QStringLiteral("cat_002.png"));
        QTRY_VERIFY(score.text().contains(rankOf(m_ids[2])));
        find<QLineEdit>("scoreText").clear();
        QTRY_VERIFY(!score.isVisible());
    }

    void neighboursByImageAndByClass() {
        open(false);
        find<QTabWidget>("inspectorTabs").setCurrentIndex(1);
        QPushButton& encode = find<QPushButton>("neighbourEncode");
        QTRY_VERIFY(encode.isVisible());
        QTest::mouseClick(&encode, Qt::LeftButton);
        ThumbnailGrid& grid = find<ThumbnailGrid>("neighbourGrid");
        QTRY_COMPARE(grid.model()->rowCount(), 11); // all but itself
        QVERIFY(!encode.isVisible());
        SearchQuery query;
        query.dataset = "animals";
        query.model = "openai";
        query.terms = {{.sample = m_ids[1]}};
        query.limit = 2;
        const SampleId nearest = state().session()->search(query, {}).hits.at(1).sample;
        QCOMPARE(grid.model()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong(), nearest.value);
        find<QComboBox>("neighbourSpace").setCurrentIndex(1);
        QLabel& note = find<QLabel>("neighbourNote");
        QTRY_VERIFY(note.text().contains(QStringLiteral("Classes near “cat”")));
        QVERIFY(note.text().contains(QStringLiteral("dog (")) &&
                note.text().contains(QStringLiteral("owl (")));
        find<QComboBox>("neighbourSpace").setCurrentIndex(0);
        QTRY_COMPARE(grid.model()->rowCount(), 11);
        grid.setFocus();
        grid.setCurrentIndex(grid.model()->index(0, 0));
        QTest::keyClick(&grid, Qt::Key_Return); // goes there
        QTRY_COMPARE(state().currentSample(), nearest);
    }

    void correctionsAreShownAndTakenBack() {
        open(false);
        QLabel& history = find<QLabel>("correctionHistory");
        QVERIFY(!history.isVisible());
        const DatasetId dataset = workspace().datasets().front().id;
        SampleEdits& edits = m_fixture->services->edits;
        edits.correctLabels({{QStringLiteral("dog"), {m_ids[1]}}}, QStringLiteral("a < b"));
        QTRY_VERIFY(history.isVisible());
        edits.correctLabels({{QStringLiteral("owl"), {m_ids[1]}}}, {});
        QTRY_VERIFY2(history.text().contains(QStringLiteral("Corrected to <b>owl</b>, imported as cat")),
                     qPrintable(history.text()));
        const qsizetype second = history.text().indexOf(QStringLiteral("dog → owl"));
        const qsizetype first = history.text().indexOf(QStringLiteral("cat → dog (a &lt; b)"));
        QVERIFY2(second > 0 && first > second, qPrintable(history.text()));
        QCOMPARE(history.text().count(QStringLiteral("Take back")), 1);
        const auto before = workspace().labelCorrections(dataset);
        Q_EMIT history.linkActivated(QStringLiteral("back"));
        QTRY_VERIFY(history.text().contains(QStringLiteral("Corrected to <b>dog</b>")));
        QTRY_VERIFY(edits.undoStack().canUndo());
        edits.undoStack().undo();
        QTRY_VERIFY(history.text().contains(QStringLiteral("Corrected to <b>owl</b>")));
        QCOMPARE(workspace().labelCorrections(dataset).back().correctedAt, before.back().correctedAt);
        find<QToolButton>("nextExample").click(); // another image has none
        QTRY_COMPARE(find<QLabel>("inspectorTitle").text(), QStringLiteral("cat_002.png"));
        QTRY_VERIFY(!history.isVisible());
    }

    void thePictureFillsTheScreen() {
        open(false);
        page()->setFocus();
        QTest::keyClick(page(), Qt::Key_F11);
        auto* screen = m_fixture->window->findChild<FullScreenPicture*>();
        QTRY_VERIFY(screen && screen->isVisible());
        QVERIFY(screen->windowState() & Qt::WindowFullScreen);
        QTRY_COMPARE(screen->view()->image().size(), QSize(48, 32));
        const auto says = [screen](const QString& text) {
            return screen->findChild<QLabel*>()->text().contains(text);
        };
        QTRY_VERIFY(says(QStringLiteral("cat_001.png")));
        QTRY_VERIFY(says(QStringLiteral("2 of 12"))); // the others are known
        QTest::keyClick(screen->view(), Qt::Key_Right);
        QTRY_VERIFY(says(QStringLiteral("cat_002.png")));
        QTRY_VERIFY(says(QStringLiteral("3 of 12")));
        QTest::keyClick(screen->view(), Qt::Key_Escape);
        QTRY_VERIFY(!m_fixture->window->findChild<FullScreenPicture*>());
        QCOMPARE(find<QLabel>("inspectorTitle").text(), QStringLiteral("cat_002.png"));
        auto* view = page()->findChild<ImageView*>();
        view->setFocus();
        QTest::keyClick(view, Qt::Key_Space);
        QTRY_VERIFY(m_fixture->window->findChild<FullScreenPicture*>());
        QTest::keyClick(m_fixture->window->findChild<FullScreenPicture*>()->view(), Qt::Key_Space);
        QTRY_VERIFY(!m_fixture->window->findChild<FullScreenPicture*>());
    }
};

QTEST_MAIN(InspectorTest)
#include "tst_inspector.moc"

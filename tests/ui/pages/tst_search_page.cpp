// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searcher.h"
#include "tests/support/file_drags.h"
#include "tests/support/window_fixture.h"
#include "ui/models/formatting.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/plots/score_histogram.h"
#include "ui/state/selection.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <QUrl>

using namespace diptych;
using namespace diptych::ui;

class SearchPageTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    Page* page() { return window().page(QStringLiteral("search")); }
    QLineEdit* text() { return m_fixture->find<QLineEdit>("searchText"); }
    QAbstractItemModel* found() { return m_fixture->find<ThumbnailGrid>("searchGrid")->model(); }
    QPushButton* encodeButton() { return m_fixture->find<QPushButton>("searchEncode"); }
    QDoubleSpinBox* weight() { return m_fixture->find<QDoubleSpinBox>("pictureWeight"); }
    double cosine(int row) { return found()->index(row, 0).data().toDouble(); }
    QString top() { return found()->index(0, 0).data().toString(); }
    /// The newest of that name: older ones go when they get to it.
    QToolButton* chipButton(const char* name) {
        return window().findChildren<QToolButton*>(QString::fromLatin1(name)).last();
    }
    QToolButton* sign(int term) { return chipButton(qPrintable(QStringLiteral("termSign%1").arg(term))); }
    QString note() { return m_fixture->find<QLabel>("searchNote")->text(); }

    void openWorkspace(bool encoded) {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
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
        QVERIFY(window().showPage(QStringLiteral("search")));
        QTRY_VERIFY(text()->isEnabled());
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() {
        m_fixture.reset();
        theme::setTextPercent(100);
    }

    void saysWhatIsMissing() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("search"));
        QTRY_VERIFY(note().contains(QStringLiteral("no model")));
        QVERIFY(!text()->isEnabled());
    }

    void typingFindsAndEscapeClears() {
        openWorkspace(true);
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        double before = 2;
        for (int row = 0; row < 6; ++row) {
            const double cosine = found()->index(row, 0).data().toDouble();
            QVERIFY(cosine <= before);
            before = cosine;
        }
        QVERIFY(note().contains(QStringLiteral("6 nearest")));
        auto& grid = *m_fixture->find<ThumbnailGrid>("searchGrid");
        const QPoint first = grid.visualRect(found()->index(0, 0)).center();
        QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, first);
        QCOMPARE(test::filesDragged(m_fixture->services->actions, grid.viewport(), first).size(),
                 qsizetype(1));
        QTest::keyClick(&window(), Qt::Key_Escape);
        QCOMPARE(found()->rowCount(), 0);
        QVERIFY(text()->text().isEmpty());
    }

    void offersToEncodeFirst() {
        openWorkspace(false);
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTRY_VERIFY_WITH_TIMEOUT(encodeButton()->isVisible(), 30000);
        QCOMPARE(found()->rowCount(), 0);
        QTest::mouseClick(encodeButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 60000);
        QVERIFY(!encodeButton()->isVisible());
        // Seen over white they are other pixels: encoded apart, and kept beside these.
        auto* alpha = m_fixture->find<QComboBox>("searchAlpha");
        alpha->setCurrentIndex(1);
        QTRY_VERIFY_WITH_TIMEOUT(encodeButton()->isVisible() && encodeButton()->isEnabled(), 30000);
        QTest::mouseClick(encodeButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 60000);
        alpha->setCurrentIndex(0);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QVERIFY(!encodeButton()->isVisible());
    }

    void aDroppedPictureFindsItself() {
        openWorkspace(true);
        const QString file = m_fixture->path(QStringLiteral("animals/owl/owl_001.png"));
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(page(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(page(), &drop);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QCOMPARE(found()->index(0, 0).data().toString(), QStringLiteral("1.0000"));
        QCOMPARE(found()->index(0, 0).data(ThumbnailGrid::kSubtitleRole).toString(),
                 QStringLiteral("owl_001.png"));
        QTRY_VERIFY(!m_fixture->find<QLabel>("termPicture0")->pixmap().isNull());
        QVERIFY(!weight()->isVisible());
        // Words are added to the picture; a picture that counts for much comes first all the same.
        QTest::keyClicks(text(), QStringLiteral("cat"));
        QTRY_VERIFY(weight()->isVisible());
        QTRY_VERIFY(cosine(0) < 0.9999);
        const double with = cosine(0);
        weight()->setValue(20);
        QTRY_VERIFY(cosine(0) > with);
        QCOMPARE(found()->index(0, 0).data(ThumbnailGrid::kSubtitleRole).toString(),
                 QStringLiteral("owl_001.png"));
        QTest::keyClick(&window(), Qt::Key_Escape);
        QCOMPARE(found()->rowCount(), 0);
        QVERIFY(!m_fixture->find<QWidget>("searchTerm0") ||
                !m_fixture->find<QWidget>("searchTerm0")->isVisible());
    }

    void termsAreAddedTakenAwayAndTurnedRound() {
        openWorkspace(true);
        const auto asked = [&](const std::vector<SearchTerm>& terms) {
            SearchQuery query;
            query.dataset = "animals";
            query.model = "openai";
            query.terms = terms;
            query.encodeMissing = false; // or the page would be told that the model is busy
            return ui::cosineText(
                static_cast<double>(state().session()->search(query, {}).hits.front().cosine));
        };
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTest::mouseClick(m_fixture->find<QToolButton>("addWords"), Qt::LeftButton);
        QVERIFY(text()->text().isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(top(), asked({{.text = "a dog"}}), 30000);
        QTest::keyClicks(text(), QStringLiteral("snow"));
        QTRY_COMPARE_WITH_TIMEOUT(top(), asked({{.text = "a dog"}, {.text = "snow"}}), 30000);
        QTest::mouseClick(m_fixture->find<QToolButton>("subtractWords"), Qt::LeftButton);
        const QString minus = asked({{.text = "a dog"}, {.text = "snow", .weight = -1}});
        QTRY_COMPARE_WITH_TIMEOUT(top(), minus, 30000);
        QTest::mouseClick(sign(1), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(top(), asked({{.text = "a dog"}, {.text = "snow"}}), 30000);
        QTest::mouseClick(chipButton("termRemove0"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(top(), asked({{.text = "snow"}}), 30000);
        // Terms that leave nothing are said to.
        QTest::keyClicks(text(), QStringLiteral("snow"));
        QTest::mouseClick(m_fixture->find<QToolButton>("subtractWords"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("cancel each other out")), 30000);
    }

    void aCutIsDraggedAndSelects() {
        openWorkspace(true);
        auto* scores = m_fixture->find<ScoreHistogram>("searchScores");
        auto* select = m_fixture->find<QPushButton>("selectAboveCut");
        auto* cut = m_fixture->find<QLabel>("searchCut");
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QVERIFY(scores->isVisible() && !select->isEnabled());
        QCOMPARE(scores->scores().total(), size_t{6});
        const auto at = [&](float score) {
            return QPoint(static_cast<int>(scores->xOf(score)), scores->height() / 2);
        };
        QTest::mousePress(scores, Qt::LeftButton, {}, at(scores->scores().lowest()));
        QMouseEvent move(QEvent::MouseMove, at(scores->scores().highest()), scores->mapToGlobal(QPointF()),
                         Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(scores, &move); // while it is dragged, the count follows
        const size_t above = scores->scores().countFrom(*scores->cut());
        QVERIFY(above < 6);
        QTRY_COMPARE(found()->rowCount(), static_cast<int>(above));
        QVERIFY2(cut->text().startsWith(QString::number(above)), qPrintable(cut->text()));
        QTest::mouseRelease(scores, Qt::LeftButton, {}, at(scores->scores().highest()));
        scores->setFocus();
        for (int i = 0; i < 60; ++i)
            QTest::keyClick(scores, Qt::Key_Left);
        const size_t wanted = scores->scores().countFrom(*scores->cut());
        QVERIFY(wanted > 0 && select->isEnabled());
        QTest::mouseClick(select, Qt::LeftButton);
        Selection& selection = state().selection(state().session()->workspace().datasets()[0].id);
        QTRY_COMPARE_WITH_TIMEOUT(selection.samples().size(), wanted, 30000);
        // The other way: what is selected elsewhere is selected in the grid, and can be searched alone.
        auto* grid = m_fixture->find<ThumbnailGrid>("searchGrid");
        QCOMPARE(grid->selectedSamples().size(), wanted);
        QTest::keyClick(scores, Qt::Key_Delete);
        QVERIFY(!scores->cut());
        const SampleId last = grid->sampleOf(found()->index(5, 0)),
                       first = grid->sampleOf(found()->index(0, 0));
        selection.set({last, first}, last);
        QCOMPARE(grid->selectedSamples().size(), size_t{2});
        auto* scope = m_fixture->find<QComboBox>("searchScope");
        scope->setCurrentIndex(1);
        Q_EMIT scope->activated(1);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 2, 30000);
        QCOMPARE(grid->sampleOf(found()->index(1, 0)), last);
        QVERIFY2(scope->currentText().contains(QStringLiteral("2")), qPrintable(scope->currentText()));
    }

    void onlyTheFilterIsSearchedAndUndone() {
        openWorkspace(true);
        auto* scope = m_fixture->find<QComboBox>("searchScope");
        const DatasetId dataset = state().session()->workspace().datasets()[0].id;
        DatasetView& view = state().view(dataset);
        const auto item = [scope](int role) { return scope->itemData(2, role).toString(); };
        QCOMPARE(scope->itemText(2), QStringLiteral("in the filter: none is set"));
        QVERIFY(!(scope->model()->flags(scope->model()->index(2, 0)) & Qt::ItemIsEnabled));
        QVERIFY(item(Qt::ToolTipRole).contains(QStringLiteral("No filter is set")));
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        view.setFilter({.labels = {0, 1}});
        QTRY_COMPARE(scope->itemText(2), QStringLiteral("in the filter: 4"));
        QVERIFY(item(Qt::ToolTipRole).isEmpty());
        QCOMPARE(found()->rowCount(), 6); // nobody asked for it yet
        scope->setFocus();
        QTest::keyClick(scope, Qt::Key_End);
        QCOMPARE(scope->currentIndex(), 2);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 4, 30000);
        view.setFilter({.labels = {1}}); // it follows
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 2, 30000);
        QVERIFY2(note().contains(QStringLiteral("of 2 images")), qPrintable(note()));
        view.setFilter({.text = "nothing is called so"});
        QTRY_VERIFY(note().contains(QStringLiteral("leaves no image")));
        QCOMPARE(found()->rowCount(), 0);
        const auto undo = [this] { QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier); };
        undo();
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 2, 30000);
        undo();
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 4, 30000);
        undo(); // no filter: all, and the next one is searched again
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QTest::keyClick(&window(), Qt::Key_Y, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 4, 30000);
        // A filter that cannot be answered is not the one before.
        view.setFilter({.outcome = OutcomeFilter{{77}, Verdict::Right}});
        QTRY_VERIFY(note().contains(QStringLiteral("77")));
        QCOMPARE(found()->rowCount(), 0);
    }

    void choicesStayWholeInASmallWindow_data() {
        QTest::addColumn<int>("percent");
        QTest::addColumn<bool>("folded");
        QTest::newRow("text as usual") << 100 << false;
        QTest::newRow("large text") << 167 << true;
    }
    void choicesStayWholeInASmallWindow() {
        QFETCH(int, percent);
        QFETCH(bool, folded);
        theme::setTextPercent(percent);
        openWorkspace(true);
        window().resize(1024, 700);
        const auto whole = [&] {
            for (const char* name : {"searchDataset", "searchScope", "searchModel", "searchAlpha"}) {
                const auto* box = m_fixture->find<QComboBox>(name);
                if (box->width() < box->sizeHint().width())
                    return false;
            }
            return window().width() <= 1024;
        };
        QTRY_VERIFY(whole());
        const auto top = [&](const char* name) {
            return m_fixture->find<QComboBox>(name)->mapTo(&window(), QPoint()).y();
        };
        QTRY_COMPARE(top("searchModel") > top("searchDataset"), folded);
    }

    void aGraphSaysHowMuchItFinds() {
        openWorkspace(true);
        SearchQuery query;
        query.dataset = "animals";
        query.model = "openai";
        QVERIFY(state().session()->buildSearchIndex(query, {}) == Answer::Ready);
        QTest::keyClicks(text(), QStringLiteral("a dog"));
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QVERIFY2(note().contains(QStringLiteral("100.0 % of the 10 nearest")), qPrintable(note()));
    }

    void foldersAreLeftToTheWindow() {
        openWorkspace(true);
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(m_fixture->path(QStringLiteral("animals")))});
        QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(page(), &enter);
        QDropEvent drop(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(page(), &drop);
        QTRY_VERIFY(window().findChild<ImportDialog*>());
    }

    void theInspectorFindsSimilarImages() {
        openWorkspace(true);
        const auto ids =
            state().session()->workspace().sampleIds(state().session()->workspace().datasets()[0].id);
        state().showSample(ids[3]);
        auto* similar = m_fixture->find<QToolButton>("findSimilar");
        QTRY_VERIFY(similar->isEnabled() && similar->isVisible());
        QTRY_VERIFY(!m_fixture->find<QLabel>("inspectorTitle")->text().isEmpty());
        QTest::mouseClick(similar, Qt::LeftButton);
        QCOMPARE(window().currentPage(), QStringLiteral("search"));
        QTRY_COMPARE_WITH_TIMEOUT(found()->rowCount(), 6, 30000);
        QCOMPARE(found()->index(0, 0).data(ThumbnailGrid::kSampleRole).toLongLong(), ids[3].value);
    }
};

QTEST_MAIN(SearchPageTest)
#include "tst_search_page.moc"

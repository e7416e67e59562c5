// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/pages/datasets/import_dialog.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
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
    void cleanup() { m_fixture.reset(); }

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
        QVERIFY(m_fixture->find<QLabel>("queryPicture")->isVisible());
        // Words replace the picture.
        QTest::keyClicks(text(), QStringLiteral("cat"));
        QVERIFY(!m_fixture->find<QLabel>("queryPicture")->isVisible());
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/shell/tour.h"

#include <QAction>
#include <QLabel>
#include <QPushButton>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

class TourTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    Tour* tour() { return window().findChild<Tour*>(); }
    QPushButton* button(const char* name) { return tour()->findChild<QPushButton*>(QLatin1String(name)); }
    bool seen() { return m_fixture->services->settings.value(QStringLiteral("tour/seen")).toBool(); }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
    }
    void cleanup() { m_fixture.reset(); }

    void theFirstStartWalksThroughFiveSteps() {
        m_fixture->open();
        window().offerTour();
        QVERIFY(!tour()); // nothing is open yet
        window().workspaces().open(m_fixture->path(QStringLiteral("w")));
        QTRY_VERIFY(tour() && tour()->running());
        QCOMPARE(tour()->steps(), 5);
        QCOMPARE(window().currentPage(), QStringLiteral("datasets"));
        QTRY_VERIFY(tour()->outlined());
        QStringList pages, titles;
        for (int step = 0; step < 5; ++step) {
            QCOMPARE(tour()->step(), step);
            pages.append(window().currentPage());
            titles.append(tour()->findChild<QLabel*>(QStringLiteral("tourTitle"))->text());
            QVERIFY(window().rect().contains(QRect(tour()->mapTo(&window(), QPoint()), tour()->size())));
            QVERIFY(!seen());
            QTest::mouseClick(button("tourNext"), Qt::LeftButton);
        }
        QCOMPARE(pages, QStringLiteral("datasets evaluate runs map compare").split(QLatin1Char(' ')));
        QCOMPARE(QSet<QString>(titles.begin(), titles.end()).size(), 5);
        QVERIFY(!tour()->running() && seen());
    }

    /// Every step's page and widget exist: a renamed one would leave the tour pointing at nothing.
    void everyStepPointsAtSomething() {
        m_fixture->openWith(QStringLiteral("w"));
        for (const TourStep& step : firstTour()) {
            Page* page = window().page(step.page);
            QVERIFY2(page, qPrintable(step.page));
            QVERIFY2(step.widget.isEmpty() || page->findChild<QWidget*>(step.widget),
                     qPrintable(step.widget));
        }
    }

    void itIsSkippedAndDoesNotComeBack() {
        m_fixture->open();
        window().offerTour();
        window().workspaces().open(m_fixture->path(QStringLiteral("w")));
        QTRY_VERIFY(tour() && tour()->running());
        QTest::keyClick(button("tourNext"), Qt::Key_Space);
        QCOMPARE(tour()->step(), 1);
        QTest::mouseClick(button("tourBack"), Qt::LeftButton);
        QCOMPARE(tour()->step(), 0);
        QVERIFY(!button("tourBack")->isEnabled());
        QTest::mouseClick(button("tourSkip"), Qt::LeftButton);
        QVERIFY(!tour()->running() && seen());
        // Keys reach the window at once.
        QVERIFY(QApplication::focusWidget() && QApplication::focusWidget()->isVisible());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_4, Qt::AltModifier);
        QCOMPARE(window().currentPage(), QStringLiteral("curate"));
        // By the menu it does.
        window().findChild<QAction*>(QStringLiteral("tourAction"))->trigger();
        QVERIFY(tour()->running());
        QTest::keyClick(button("tourNext"), Qt::Key_Escape);
        QVERIFY(!tour()->running());
    }

    void whoHasSeenItIsNotAsked() {
        m_fixture->open();
        m_fixture->services->settings.setValue(QStringLiteral("tour/seen"), true);
        window().offerTour();
        window().workspaces().open(m_fixture->path(QStringLiteral("w")));
        QTRY_VERIFY(m_fixture->services->state.session());
        QVERIFY(!tour());
    }
};

QTEST_MAIN(TourTest)
#include "tst_tour.moc"

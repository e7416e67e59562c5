// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/result_view_fixture.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

class PublishedViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void aTypedNumberIsJudgedAtOnce() {
        ResultViewFixture world(3);
        world.task = "zero-shot";
        world.metrics = {{"ece", 0.1, {}, 1000, false, {}, Unit::Number},
                         {"top1", 0.632, Interval{0.6, 0.66}, 1000, true, {}, Unit::Share}};
        world.show(QStringLiteral("published"), Json::object(), {exampleOf(world.samples[0])});
        auto* value = world.find<QLineEdit>("publishedValue");
        auto* verdict = world.find<QLabel>("publishedVerdict");
        auto* causes = world.find<TableView>("publishedCauses");
        QCOMPARE(world.find<QComboBox>("publishedMetric")->currentData().toString(), QStringLiteral("top1"));
        QVERIFY(verdict->text().startsWith(QStringLiteral("Type a published number")));
        QCOMPARE(causes->model()->rowCount(), 0);
        QTest::keyClicks(value, QStringLiteral("63.2"));
        QVERIFY(verdict->text().contains(QStringLiteral("It is the published number")));
        QVERIFY(causes->model()->rowCount() >= 6);
        value->selectAll();
        QTest::keyClicks(value, QStringLiteral("70"));
        QVERIFY(verdict->text().contains(QStringLiteral("does not explain it")));
        QVERIFY(verdict->text().contains(QStringLiteral("68 of 1,000 images")));
        QTest::keyClicks(world.find<QLineEdit>("publishedImages"), QStringLiteral("50000"));
        QVERIFY(!verdict->text().contains(QStringLiteral("68 of 1,000 images")));
        QTest::keyClicks(value, QStringLiteral("x"));
        QVERIFY(verdict->text().contains(QStringLiteral("no number")));
        QCOMPARE(causes->model()->rowCount(), 0);
    }

    /// The dataset has no such model: what went wrong is said, and one can try again.
    void whatCannotBeCountedIsSaid() {
        ResultViewFixture world(2);
        world.task = "zero-shot";
        world.metrics = {{"top1", 0.5, {}, 2, true, {}, Unit::Share}};
        world.show(QStringLiteral("published"), Json::object(), {exampleOf(world.samples[0])});
        auto* count = world.find<QPushButton>("countProtocols");
        QVERIFY(count->isVisible());
        QTest::mouseClick(count, Qt::LeftButton);
        auto* note = world.find<QLabel>("protocolNote");
        QTRY_VERIFY(count->isEnabled());
        QVERIFY(!note->text().isEmpty() && !note->text().startsWith(QStringLiteral("Counting")));
    }

    void tasksOfOneRuleHaveNoProtocols() {
        ResultViewFixture world(2);
        world.task = "clipscore";
        world.metrics = {{"clipscore", 0.5, {}, 2, true, {}, Unit::Number}};
        world.show(QStringLiteral("published"), Json::object(), {exampleOf(world.samples[0])});
        QVERIFY(!world.find<QPushButton>("countProtocols")->isVisible());
        QTest::keyClicks(world.find<QLineEdit>("publishedValue"), QStringLiteral("0.5"));
        QVERIFY(world.find<QLabel>("publishedVerdict")->text().contains(QStringLiteral("published number")));
    }
};

QTEST_MAIN(PublishedViewTest)
#include "tst_published_view.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/result_view_fixture.h"
#include "ui/plots/curve_plot.h"
#include "ui/plots/qcp.h"
#include "ui/state/selection.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

/// Six pictures of score 0, 0.2, ... 1; the last three are hateful, and the second.
struct ThresholdWorld : ResultViewFixture {
    ThresholdWorld() : ResultViewFixture(6) {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 6; ++i) {
            ExampleResult& example = examples.emplace_back(exampleOf(samples[i]));
            example.target = i >= 3 || i == 1 ? 1 : 0;
            example.parts = {{"score", 0.2 * static_cast<double>(i)}};
        }
        task = "zero-shot-binary";
        show(QStringLiteral("thresholds"), {{"threshold", {{"value", 0.7}, {"origin", "given"}}}}, examples);
    }
    QPushButton* cell(int which) const {
        return find<QPushButton>(qPrintable(QStringLiteral("thresholdCell%1").arg(which)));
    }
    int shown() const { return find<ThumbnailGrid>("thresholdGrid")->model()->rowCount(); }
};

class ThresholdsViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void movingTheSliderRecountsAndShowsWhatChanges() {
        ThresholdWorld world;
        auto* value = world.find<QDoubleSpinBox>("thresholdValue");
        QTRY_COMPARE(value->value(), 0.7); // the run's own
        QTRY_COMPARE(world.shown(), 1);    // 0.6 is positive from 0.5 on, and not from 0.7 on
        QVERIFY(world.cell(0)->text().endsWith(QStringLiteral(": 2")));
        QVERIFY(world.cell(3)->text().endsWith(QStringLiteral(": 2"))); // missed: 0.2 and 0.6
        auto* slider = world.find<QSlider>("thresholdSlider");
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QCOMPARE(value->value(), 0.0);
        QVERIFY(world.cell(0)->text().endsWith(QStringLiteral(": 4")));
        QVERIFY(world.cell(1)->text().endsWith(QStringLiteral(": 2")));
        QTRY_COMPARE(world.shown(), 3); // 0, 0.2, 0.4
        QVERIFY(
            world.find<QLabel>("thresholdHeading")->text().startsWith(QStringLiteral("3 examples change")));
        world.find<QPushButton>("pinThreshold")->click();
        QTRY_COMPARE(world.shown(), 0);
    }

    void cellsShowTheirPicturesAndShareTheSelection() {
        ThresholdWorld world;
        QTRY_COMPARE(world.shown(), 1);
        QTest::mouseClick(world.cell(3), Qt::LeftButton);
        QTRY_COMPARE(world.shown(), 2);
        auto* grid = world.find<ThumbnailGrid>("thresholdGrid");
        QCOMPARE(grid->sampleOf(grid->model()->index(0, 0)), world.samples[1]);
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {},
                          grid->visualRect(grid->model()->index(1, 0)).center());
        QCOMPARE(world.services->state.selection(world.dataset).samples(), std::vector{world.samples[3]});
        QTest::mouseClick(world.cell(3), Qt::LeftButton); // back to what changes
        QTRY_COMPARE(world.shown(), 1);
    }

    void aClickOnTheCurveSetsTheThreshold() {
        ThresholdWorld world;
        QTRY_COMPARE(world.shown(), 1);
        auto* roc = world.find<CurvePlot>("thresholdRoc");
        const auto points = roc->chart().series.front().points;
        QCOMPARE(points.size(), size_t{7});
        QTest::qWait(20); // the plot's axes are laid out when it is painted
        auto* inside = roc->findChild<QCustomPlot*>();
        QTest::mouseClick(inside, Qt::LeftButton, {}, inside->mapFrom(roc, roc->pixelOf(points[3])));
        QCOMPARE(world.find<QDoubleSpinBox>("thresholdValue")->value(), 0.6);
        QCOMPARE(*roc->marker(), points[3]);
    }

    void rulesCanBeChosen() {
        ThresholdWorld world;
        QTRY_COMPARE(world.shown(), 1);
        auto* rules = world.find<QComboBox>("thresholdRule");
        const int accuracy = rules->findText(QStringLiteral("best accuracy"));
        QVERIFY(accuracy > 0);
        rules->setCurrentIndex(accuracy);
        Q_EMIT rules->activated(accuracy);
        QCOMPARE(world.find<QDoubleSpinBox>("thresholdValue")->value(), 0.5); // between 0.4 and 0.6
        QCOMPARE(rules->currentIndex() > 0, true);
    }

    void theFilterOfTheDatasetNarrowsIt() {
        ThresholdWorld world;
        QTRY_COMPARE(world.shown(), 1);
        SampleFilter filter;
        filter.text = "p0";
        world.services->state.view(world.dataset).setFilter(filter);
        QTRY_VERIFY(world.cell(2)->text().endsWith(QStringLiteral(": 1")));
        QVERIFY(world.cell(0)->text().endsWith(QStringLiteral(": 0")));
    }

    void otherRunsAreNotOffered() {
        ThresholdWorld world;
        RunRecord other;
        QVERIFY(!world.view->suits(other));
    }
};

QTEST_MAIN(ThresholdsViewTest)
#include "tst_thresholds_view.moc"

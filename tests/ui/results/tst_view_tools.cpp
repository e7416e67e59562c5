// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/result_view_fixture.h"
#include "ui/plots/curve_plot.h"
#include "ui/plots/heat_map.h"
#include "ui/plots/plot_export.h"
#include "ui/plots/qcp.h"
#include "ui/plots/reliability_plot.h"
#include "ui/results/outcome_text.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QMimeData>
#include <QPdfWriter>
#include <QSignalSpy>
#include <QToolButton>
#include <QWheelEvent>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

namespace {

ExampleResult example(SampleId sample, Json parts) {
    ExampleResult result;
    result.sample = sample;
    result.parts = std::move(parts);
    return result;
}

} // namespace

/// What the result views offer beyond showing: copying, saving, ordering, zooming; and that words fit.
class ViewToolsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void chartsAreCopiedAndSaved() {
        ResultViewFixture world(1);
        const Json chart = {
            {"id", "roc"},
            {"title", "ROC"},
            {"x", "False, rate"},
            {"y", "True"},
            {"series",
             {{{"name", "=both \"x\""}, {"points", {{0, 0}, {0.25, 0.5}}}, {"band", {{0.25, 0.4, 0.6}}}}}}};
        world.show(QStringLiteral("curves"), {{"curves", {chart}}}, {});
        auto* plot = world.find<CurvePlot>("curve_roc");
        const QString values =
            QStringLiteral("series,\"False, rate\",True,low,high\n"
                           "\"'=both \"\"x\"\"\",0,0,,\n"
                           "\"'=both \"\"x\"\"\",0.25,0.5,0.4,0.6\n"); // nothing a spreadsheet runs
        QCOMPARE(plot->values(), values);
        QCOMPARE(world.find<QToolButton>("plotMenu")->actions().size(), 4);
        plot->findChild<QAction*>(QStringLiteral("copyPlotValues"))->trigger();
        QCOMPARE(QApplication::clipboard()->text(), values);
        plot->findChild<QAction*>(QStringLiteral("copyPlot"))->trigger();
        QVERIFY(QApplication::clipboard()->mimeData()->hasImage());
        const auto* saver = plot->findChild<PlotExport*>();
        QVERIFY(saver);
        const auto saved = [&](const char* name) {
            const QString file = world.folder.filePath(QString::fromLatin1(name));
            saver->save(file);
            QFile in(file);
            return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
        };
        QCOMPARE(QImage::fromData(saved("a.png")).width(), 2 * plot->width());
        const QByteArray svg = saved("a.svg");
        QVERIFY(svg.contains("<svg") && svg.contains("True") && svg.contains("<poly"));
        QCOMPARE(saved("a.csv"), values.toUtf8());
        const QString page = world.folder.filePath(QStringLiteral("a.pdf"));
        {
            QPdfWriter printer(page);
            saver->print(printer);
        }
        QFile printed(page);
        QVERIFY(printed.open(QIODevice::ReadOnly));
        QVERIFY(printed.readAll().startsWith("%PDF"));
        try {
            saved("a.bmp");
            QFAIL("a form that is not offered was written");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::InvalidArgument);
        }
    }

    /// A bar of the reliability diagram leads to its examples; with temperature, which examples do not keep,
    /// not.
    void binsShowTheirExamples() {
        ResultViewFixture world(3);
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 3; ++i) {
            ExampleResult& entry = examples.emplace_back(exampleOf(world.samples[i]));
            entry.target = 0;
            entry.predictions = {{i == 0 ? 1 : 0, i == 2 ? 0.95F : 0.65F}};
            setVerdict(entry, i != 0);
        }
        const Json bins = {
            {{"low", 0.6}, {"high", 0.7}, {"count", 2}, {"confidence", 0.65}, {"accuracy", 0.5}},
            {{"low", 0.9}, {"high", 1.0}, {"count", 1}, {"confidence", 0.95}, {"accuracy", 1.0}}};
        const Json temperature = {{"values", {2.0}},
                                  {"split", "val"},
                                  {"ece", {{"before", 0.2}, {"after", 0.1}}},
                                  {"bins", {bins[0]}}};
        world.show(QStringLiteral("calibration"),
                   {{"calibration", {{"ece", 0.2}, {"bins", bins}, {"temperature", temperature}}}}, examples);
        auto* plot = world.find<ReliabilityPlot>("reliability");
        QSignalSpy asked(world.view.get(), &ResultView::samplesRequested);
        const auto click = [&](double confidence) {
            QCustomPlot* inside = plot->findChild<QCustomPlot*>();
            QTest::mouseClick(inside, Qt::LeftButton, {},
                              inside->mapFrom(plot, plot->pixelOf(confidence, 0.1)));
        };
        QTest::qWait(0);
        click(0.65);
        QTRY_COMPARE(asked.size(), 1);
        const auto samples = asked[0][0].value<SampleList>();
        QCOMPARE(samples->size(), size_t{2});
        QCOMPARE(samples->front(), world.samples[0]);
        click(0.8); // an empty bin
        auto* scaled = world.find<QCheckBox>("temperatureScaled");
        QVERIFY(scaled->isVisible());
        scaled->click();
        QVERIFY(plot->values().count(QLatin1Char('\n')) == 2);
        click(0.65);
        QTest::qWait(50);
        QCOMPARE(asked.size(), 1);
    }

    void captionScoresShowCandidateAndScore() {
        ResultViewFixture world(3);
        const auto scored = [&](size_t sample, const char* words, double score) {
            return example(world.samples[sample], {{"candidate", words}, {"clipscore", score}});
        };
        world.metrics = {{"clipscore", 0.6, {}, 3, true, {}}};
        world.show(QStringLiteral("examples"), Json::object(),
                   {scored(0, "a dog", 0.7), scored(1, "a cat", 0.4), scored(2, "a cow", 0.55)});
        auto* grid = world.find<ThumbnailGrid>("exampleGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 3);
        const auto text = [&](int row, int role) {
            return grid->model()->index(row, 0).data(role).toString();
        };
        QCOMPARE(text(0, Qt::DisplayRole), QStringLiteral("CLIPScore 0.7"));
        QCOMPARE(text(0, ThumbnailGrid::kSubtitleRole), QStringLiteral("“a dog”"));
        QVERIFY(!world.find<QComboBox>("verdict")->isVisible());
        auto* order = world.find<QComboBox>("exampleOrder");
        QVERIFY(order->isVisible());
        order->setCurrentIndex(2);
        Q_EMIT order->activated(2);
        QTRY_COMPARE(text(0, ThumbnailGrid::kSubtitleRole), QStringLiteral("“a cat”"));
        QCOMPARE(text(2, ThumbnailGrid::kSubtitleRole), QStringLiteral("“a dog”"));
        QVERIFY(outcomeText(scored(0, "a dog", 0.7)).contains(QStringLiteral("CLIPScore: 0.7")));
    }

    void severalLabelsShowTheTruth() {
        ResultViewFixture world(2);
        ExampleResult both = example(world.samples[0], {{"labels", {0, 1}}});
        both.correct = true;
        both.predictions = {{1, 0.5F}};
        ExampleResult none = example(world.samples[1], {{"labels", Json::array()}});
        none.predictions = {{0, 0.5F}};
        world.show(QStringLiteral("examples"), Json::object(), {both, none});
        auto* grid = world.find<ThumbnailGrid>("exampleGrid");
        QTRY_COMPARE(grid->model()->rowCount(), 2);
        const auto truth = [&](int row) {
            return grid->model()->index(row, 0).data(ThumbnailGrid::kSubtitleRole).toString();
        };
        QCOMPARE(truth(0), QStringLiteral("is harmless, hateful"));
        QCOMPARE(truth(1), QStringLiteral("shows none of the classes"));
    }

    void metricNamesAreNeverCut() {
        ResultViewFixture world(1);
        world.metrics = {{"image_retrieval_recall@10", 0.5, Interval{0.4, 0.6}, 1000, true, 0.1},
                         {"lp_mean_per_class_recall", 0.5, Interval{0.4, 0.6}, 1000, true, 0.1}};
        world.show(QStringLiteral("summary"), Json::object(), {});
        auto* table = world.find<TableView>("metricsTable");
        for (const int points : {10, 18, 26}) { // a usual screen, and 160 dpi with large fonts
            QFont font = table->font();
            font.setPointSize(points);
            world.view->setFont(font);
            table->setFont(font);
            for (const int width : {1100, 760, 420}) {
                world.view->resize(width, 260);
                QCoreApplication::processEvents();
                for (int column = 0; column < table->model()->columnCount(); ++column)
                    QVERIFY2(table->columnWidth(column) >= table->contentWidth(column),
                             qPrintable(QStringLiteral("column %1 at %2 pt in %3 pixels")
                                            .arg(column)
                                            .arg(points)
                                            .arg(width)));
            }
        }
    }

    void confusionIsOrderedZoomedAndNormalised() {
        ResultViewFixture world(1);
        world.classNames.clear();
        for (int i = 0; i < 100; ++i)
            world.classNames.push_back("class " + std::to_string(i));
        // Class i is taken for its partner 99 - i now and then; class 7 mostly.
        Json cells = Json::array();
        for (int i = 0; i < 100; ++i) {
            cells.push_back({i, i, i == 7 ? 1 : 8});
            cells.push_back({i, 99 - i, i == 7 ? 9 : 2});
        }
        world.show(QStringLiteral("confusion"), {{"confusion", {{"cells", cells}}}}, {});
        auto* map = world.find<HeatMap>("confusionMap");
        QCOMPARE(map->size(), 100);
        QCOMPARE(map->shade(7, 92), 0.9);
        auto* scale = world.find<QComboBox>("confusionScale");
        scale->setCurrentIndex(1);
        QCOMPARE(map->shade(7, 92), 9.0 / 17);
        scale->setCurrentIndex(2);
        QCOMPARE(map->shade(7, 92), 1.0);
        world.find<QCheckBox>("mistakesOnly")->click();
        QCOMPARE(map->shade(3, 3), 0.0);
        QCOMPARE(map->shade(3, 96), 2.0 / 9);
        auto* order = world.find<QComboBox>("confusionOrder");
        order->setCurrentIndex(1); // alike together: partners are neighbours
        const QStringList lines = map->values().split(QLatin1Char('\n'));
        QCOMPARE(lines[1].section(QLatin1Char(','), 0, 0), QStringLiteral("class 0"));
        QCOMPARE(lines[2].section(QLatin1Char(','), 0, 0), QStringLiteral("class 99"));
        order->setCurrentIndex(2);
        QVERIFY(map->values().split(QLatin1Char('\n'))[1].startsWith(QStringLiteral("class 7,")));
        QCOMPARE(map->visibleCells(), 100.0);
        const QPoint middle(map->width() / 2, map->height() / 2);
        QWidget* target = map->childAt(middle);
        QWheelEvent wheel(target->mapFrom(map, QPointF(middle)), map->mapToGlobal(QPointF(middle)), {},
                          {0, 240}, {}, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(target, &wheel);
        QVERIFY(map->visibleCells() < 90);
        QTest::keyClick(map, Qt::Key_Minus);
        QTest::keyClick(map, Qt::Key_Minus);
        QCOMPARE(map->visibleCells(), 100.0); // never more than there is
        for (int i = 0; i < 20; ++i)
            QTest::keyClick(map, Qt::Key_Plus);
        QCOMPARE(map->visibleCells(), 4.0);
        QTest::keyClick(map, Qt::Key_Down); // enters at the first class shown, which comes into sight
        QCOMPARE(map->currentRow(), 7);
        QVERIFY(map->rect().contains(map->cellCenter(map->currentRow(), map->currentColumn())));
        QTest::keyClick(map, Qt::Key_0);
        QCOMPARE(map->visibleCells(), 100.0);
    }
};

QTEST_MAIN(ViewToolsTest)
#include "tst_view_tools.moc"

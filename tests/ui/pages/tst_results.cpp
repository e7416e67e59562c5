// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"
#include "ui/models/example_list_model.h"
#include "ui/models/formatting.h"
#include "ui/models/run_models.h"
#include "ui/plots/heat_map.h"
#include "ui/theme/theme.h"
#include "ui/widgets/param_form.h"
#include "ui/widgets/table_view.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <cmath>

using namespace diptych;
using namespace diptych::ui;

class ResultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QLocale::setDefault(QLocale::c());
        theme::apply(*qApp, theme::Mode::Light);
    }

    void metricsAreWrittenAsTheCoreWritesThem() {
        MetricsModel metrics;
        QAbstractItemModelTester tester(&metrics);
        metrics.setRows({{"top1", 0.9731, Interval{0.951, 0.99}, 150, true, 0.1},
                         {"ece", 0.0312, {}, 150, false, {}},
                         {"some_new_metric", std::nan(""), {}, 0, true, {}}});
        const auto text = [&](int row, int column) {
            return metrics.index(row, column).data().toString().toStdString();
        };
        for (int row = 0; row < metrics.rowCount(); ++row) {
            QCOMPARE(text(row, MetricsModel::Name), metricTitle(metrics.row(row).name));
            QCOMPARE(text(row, MetricsModel::Value), metricValueText(metrics.row(row)));
            QCOMPARE(text(row, MetricsModel::Interval), metricIntervalText(metrics.row(row)));
            QCOMPARE(text(row, MetricsModel::Chance), metricChanceText(metrics.row(row)));
        }
        QCOMPARE(text(0, MetricsModel::Value), std::string("97.3 %"));
    }

    void titlesAreLoweredWhereTheyAreNoNames() {
        QCOMPARE(asContinuation(QStringLiteral("Top-1 accuracy")), QStringLiteral("top-1 accuracy"));
        QCOMPARE(asContinuation(QStringLiteral("ROC area")), QStringLiteral("ROC area"));
        QCOMPARE(asContinuation(QStringLiteral("F1")), QStringLiteral("F1"));
        QCOMPARE(asContinuation(QString()), QString());
    }

    void tablesAreSoundModelsAndSortByValue() {
        ClassesModel classes;
        QAbstractItemModelTester tester(&classes);
        classes.setRows({{0, QStringLiteral("ten"), 4, 0.1, 0.5, 0.2},
                         {1, QStringLiteral("nine"), 4, 0.09, 0.5, 0.2},
                         {2, QStringLiteral("none"), 0, std::nan(""), std::nan(""), 0}});
        TableView table;
        table.setSource(&classes);
        table.sortByColumn(ClassesModel::Recall, Qt::AscendingOrder);
        const auto name = [&](int row) { return table.model()->index(row, 0).data().toString(); };
        QCOMPARE(name(0), QStringLiteral("none"));
        QCOMPARE(name(1), QStringLiteral("nine")); // 9.0 before 10.0, though "10.0" < "9.0" as text
        QCOMPARE(name(2), QStringLiteral("ten"));
        table.setFilterText(QStringLiteral("NIN"));
        QCOMPARE(table.model()->rowCount(), 1);
        table.setCurrentSourceRow(1);
        QCOMPARE(table.currentSourceRow(), 1);
        table.selectAll();
        QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("nine\t4\t9.0 %\t50.0 %\t20.0 %"));
    }

    void exampleModelNamesPredictionAndTruth() {
        ExampleListModel model;
        QAbstractItemModelTester tester(&model);
        model.setExamples({{SampleId{5}, 0, 1, 0.75F, ExampleStatus::Ok, false},
                           {SampleId{6}, 0, 0, 0.5F, ExampleStatus::Ok, true},
                           {SampleId{7}, 0, -1, 0, ExampleStatus::Unreadable, {}}},
                          {QStringLiteral("cat"), QStringLiteral("dog")});
        const auto text = [&](int row, int role) { return model.index(row).data(role).toString(); };
        QCOMPARE(text(0, Qt::DisplayRole), QStringLiteral("✗ dog 75.0 %"));
        QCOMPARE(text(0, ExampleListModel::SubtitleRole), QStringLiteral("is cat"));
        QCOMPARE(text(1, Qt::DisplayRole), QStringLiteral("✓ cat 50.0 %"));
        QCOMPARE(text(1, ExampleListModel::SubtitleRole), QString());
        QCOMPARE(text(2, Qt::DisplayRole), QStringLiteral("not readable"));
        QCOMPARE(model.samples()->size(), size_t{3});
    }

    void heatMapIsUsableByMouseAndKeys() {
        HeatMap map;
        map.resize(480, 420);
        map.setMatrix({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")},
                      {5, 1, 0, 0, 4, 2, 0, 0, 6});
        map.show();
        QVERIFY(QTest::qWaitForWindowExposed(&map));
        QSignalSpy activated(&map, &HeatMap::cellActivated);
        const QPoint cell = map.cellCenter(1, 2);
        QWidget* target = map.childAt(cell);
        QVERIFY(target);
        QTest::mouseClick(target, Qt::LeftButton, {}, target->mapFrom(&map, cell));
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated[0][0].toInt(), 1);
        QCOMPARE(activated[0][1].toInt(), 2);
        QTest::keyClick(&map, Qt::Key_Left);
        QTest::keyClick(&map, Qt::Key_Down);
        QCOMPARE(map.currentRow(), 2);
        QCOMPARE(map.currentColumn(), 1);
        QTest::keyClick(&map, Qt::Key_Down); // the border holds
        QCOMPARE(map.currentRow(), 2);
        QTest::keyClick(&map, Qt::Key_Return);
        QCOMPARE(activated.count(), 2);
        QVERIFY(map.accessibleDescription().contains(QStringLiteral("c taken for b: 0")));
    }

    void formIsMadeFromTheSpecs() {
        const std::vector<ParamSpec> specs = {
            {"flag", "Flag", "", ParamSpec::Type::Bool, true, 0, 0, {}},
            {"count", "Count", "", ParamSpec::Type::Int, 5, 1, 10, {}},
            {"rate", "Rate", "", ParamSpec::Type::Float, 0.5, 0, 1, {}},
            {"kind", "Kind", "", ParamSpec::Type::Choice, "two", 0, 0, {"one", "two"}},
            {"note", "Note", "", ParamSpec::Type::Text, "hello", 0, 0, {}},
        };
        ParamForm form;
        form.setSpecs(specs);
        QCOMPARE(form.values().dump(),
                 std::string(R"({"count":5,"flag":true,"kind":"two","note":"hello","rate":0.5})"));
        QSignalSpy changed(&form, &ParamForm::changed);
        auto* count = form.findChild<QSpinBox*>(QStringLiteral("param_count"));
        QVERIFY(count);
        QCOMPARE(count->maximum(), 10);
        count->setValue(7);
        QTest::keyClicks(form.findChild<QLineEdit*>(QStringLiteral("param_note")), QStringLiteral("!"));
        QCOMPARE(changed.count(), 2);
        QVERIFY(form.values()["count"] == Json(7));
        QVERIFY(form.values()["note"] == Json("hello!"));
        form.setValues({{"kind", "one"}});
        QVERIFY(form.values()["kind"] == Json("one"));
        QVERIFY(form.values()["count"] == Json(7));
    }

    void promptsAreASetUntilEdited() {
        ParamForm form;
        form.setSpecs({{"templates", "Prompts", "", ParamSpec::Type::Prompts, "simple", 0, 0, {}}});
        QVERIFY(form.values()["templates"] == Json("simple"));
        form.setValues({{"templates", {"one {}", "two {}"}}});
        QVERIFY(form.values()["templates"] == Json({"one {}", "two {}"}));
        form.setValues({{"templates", "none"}});
        QVERIFY(form.values()["templates"] == Json("none"));
    }
};

QTEST_MAIN(ResultsTest)
#include "tst_results.moc"

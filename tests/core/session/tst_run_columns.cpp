// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_columns.h"

#include <QtTest>

#include <algorithm>

using namespace diptych;

/// What runs were asked for, as columns.
class TestRunColumns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void promptsInWords() {
        QCOMPARE(promptsText("simple"), std::string("simple"));
        QCOMPARE(promptsText(Json::array({"a {}"})), std::string("a {}"));
        QCOMPARE(promptsText(Json::array({"a {}", "b {}"})), std::string("2 templates: a {}, …"));
        QCOMPARE(promptsText({{"title", "mine"}, {"templates", {"a {}"}}}), std::string("mine"));
        QCOMPARE(promptsText({{"templates", {"a {}", "b {}"}}, {"classes", {{"owl", Json::object()}}}}),
                 std::string("2 templates, words of 1 class"));
        QCOMPARE(promptsText({{"templates", Json::array()},
                              {"classes", {{"a", Json::object()}, {"b", Json::object()}}}}),
                 std::string("words of 2 classes"));
        QCOMPARE(promptsText(Json()), std::string());
    }

    void whatDiffersIsTold() {
        std::vector<RunRecord> runs{run("zero-shot", {{"templates", "simple"}, {"keep", 5}}),
                                    run("zero-shot", {{"templates", Json::array({"x {}"})}, {"keep", 5}}),
                                    run("linear-probe", {{"c", 1.5}, {"templates", "simple"}})};
        runs[1].spec["split"] = "test";
        runs[2].spec["labels"] = "corrected";
        runs.emplace_back().status = RunStatus::Damaged;
        runs.emplace_back().task = "imported";
        const auto columns = runColumns(runs);
        using Values = std::vector<std::string>;
        QCOMPARE(columns[0].id, std::string("prompts"));
        QCOMPARE(find(columns, "prompts").values, (Values{"simple", "x {}", "simple", "", ""}));
        QVERIFY(find(columns, "prompts").differs);
        QCOMPARE(find(columns, "split").values, (Values{"all", "test", "all", "", ""}));
        QCOMPARE(find(columns, "labels").values, (Values{"imported", "imported", "corrected", "", ""}));
        QVERIFY(!find(columns, "keep").differs); // a task without it is not another value
        QCOMPARE(find(columns, "keep").values[2], std::string());
        QCOMPARE(find(columns, "c").values, (Values{"", "", "1.5", "", ""}));
        QVERIFY(runColumns(std::vector<RunRecord>()).empty());
    }

private:
    static RunRecord run(const std::string& task, const Json& params) {
        RunRecord run;
        run.task = task;
        run.spec = {{"task", task}, {"params", params}, {"split", ""}};
        return run;
    }
    static RunColumn find(const std::vector<RunColumn>& columns, const std::string& id) {
        const auto found = std::ranges::find(columns, id, &RunColumn::id);
        return found == columns.end() ? RunColumn() : *found;
    }
};

QTEST_GUILESS_MAIN(TestRunColumns)
#include "tst_run_columns.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Runs beside each other, from the command line.
class TestCliCompare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        const QString images = m_folder.filePath("images");
        m_workspace = m_folder.filePath("work");
        makeClassFolder(images, {"cat", "dog", "owl"}, 8);
        QCOMPARE(runCli({"import", images, "-w", m_workspace, "-n", "pets"}).exitCode, 0);
        for (const char* templates : {"none", "simple", "cifar10"}) {
            const CliResult run = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m",
                                          fixtureModel(), "--templates", templates, "--resamples", "100"});
            QVERIFY2(run.exitCode == 0, run.all());
        }
    }

    void twoRunsForPeople() {
        const CliResult result =
            compare({"1", "2", "--classes", "--space", "--examples", "all", "--limit", "3"});
        QVERIFY2(result.exitCode == 0, result.all());
        for (const char* part :
             {"First:  Run 1", "95 % interval", "McNemar", "Second right", "First wrong", "p (Holm)",
              "Both runs go by the same embeddings", "Linear CKA is 1", "All examples: 24", "First says"})
            QVERIFY2(result.output.contains(part), result.output);
        QVERIFY2(result.output.contains("Not decided") || result.output.contains("better") ||
                     result.output.contains("agree"),
                 result.output);
        QCOMPARE(result.output.count("images/") + result.output.count(".png"), 3);
    }

    void twoRunsForMachines() {
        const QJsonObject found =
            compare({"1", "2", "--space", "--examples", "flips", "--json"}).json().toObject();
        const QJsonObject table = found["table"].toObject();
        QCOMPARE(table["both_right"].toInt() + table["first_alone"].toInt() + table["second_alone"].toInt() +
                     table["both_wrong"].toInt(),
                 24);
        QCOMPARE(found["first_alone"].toArray().size(), table["first_alone"].toInt());
        QCOMPARE(found["listed"].toArray().size(),
                 table["first_alone"].toInt() + table["second_alone"].toInt());
        QCOMPARE(found["classes"].toArray().size(), 3);
        QCOMPARE(found["space"].toObject()["answer"].toString(), QStringLiteral("ready"));
        QCOMPARE(found["space"].toObject()["neighbours_in_common"].toDouble(), 1.0);
        QVERIFY(!found["verdict"].toString().isEmpty());
    }

    void threeRunsAreATable() {
        const CliResult text = compare({"1", "2", "3", "--all-wrong", "--limit", "2"});
        QVERIFY2(text.exitCode == 0 && text.output.contains("Holm at 5 %") &&
                     text.output.contains("wrong in all 3 runs"),
                 text.all());
        const CliResult latex = compare({"1", "2", "3", "--format", "latex"});
        QVERIFY2(latex.output.contains("\\toprule") && latex.output.contains("\\textbf{"), latex.output);
        QVERIFY(compare({"1", "2", "--format", "markdown"}).output.startsWith("| Model |"));
        QCOMPARE(compare({"1", "2", "3", "--format", "csv"}).output.count('\n'), 4);
        const QJsonObject json = compare({"1", "2", "3", "--json"}).json().toObject();
        QCOMPARE(json["rows"].toArray().size(), 3); // one model thrice
        QCOMPARE(json["all_wrong"].toArray().at(0).toObject()["judged"].toInt(), 24);
    }

    void wrongUsageIsSaid() {
        QCOMPARE(compare({"1"}).exitCode, 2);
        QCOMPARE(compare({"1", "2", "3", "--classes"}).exitCode, 2);
        QCOMPARE(compare({"1", "2", "--format", "csv", "--json"}).exitCode, 2);
        QCOMPARE(compare({"1", "2", "--examples", "none-such"}).exitCode, 2);
        QVERIFY(compare({"1", "99"}).isOneError("99"));
        QVERIFY(compare({"1", "1", "2"}).isOneError("each once"));
    }

private:
    CliResult compare(const QStringList& arguments) const {
        return runCli(QStringList{"runs", "compare", "-w", m_workspace} + arguments);
    }
    QTemporaryDir m_folder;
    QString m_workspace;
};

QTEST_GUILESS_MAIN(TestCliCompare)
#include "tst_compare.moc"

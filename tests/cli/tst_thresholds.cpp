// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Other thresholds, calibration and the suggested cut, through the program.
class TestCliThresholds : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        for (int i = 0; i < 24; ++i) {
            const QString folder = QString("%1/%2").arg(i % 3 == 0 ? "val" : "test", i % 2 ? "cat" : "dog");
            QVERIFY(QDir(m_folder.path()).mkpath("set/" + folder));
            writeImage(m_folder.filePath(QString("set/%1/p%2.png").arg(folder).arg(i)), i);
        }
        QCOMPARE(runCli({"import", m_folder.filePath("set"), "-w", m_workspace, "-n", "d"}).exitCode, 0);
        m_binary = evaluate({"zero-shot-binary"});
        m_classes = evaluate({"zero-shot"});
    }

    void thresholdsAreListedAndChosenElsewhere() {
        const QJsonValue shown = thresholds({m_binary, "--at", "0.9", "--json"}).json();
        QCOMPARE(shown["kind"].toString(), QString("decision"));
        QCOMPARE(shown["judged_on"].toInt(), 24);
        QVERIFY(!shown["note"].toString().isEmpty());
        const QJsonArray rows = shown["thresholds"].toArray();
        for (const QJsonValue& row : rows) {
            const QJsonValue judged = row["judged"];
            QCOMPARE(judged["true_positives"].toInt() + judged["false_negatives"].toInt(), 12);
            QCOMPARE(judged["false_positives"].toInt() + judged["true_negatives"].toInt(), 12);
        }
        QCOMPARE(rows.last()["rule"].toString(), QString("given"));
        QCOMPARE(rows.last()["threshold"].toDouble(), 0.9);
        const QJsonValue apart = thresholds({m_binary, "--choose-on", "val", "--json"}).json();
        QCOMPARE(apart["chosen_on"].toInt(), 8);
        QCOMPARE(apart["judged_on"].toInt(), 16);
        QVERIFY(apart["note"].toString().isEmpty());
        const CliResult table = thresholds({m_binary});
        QVERIFY2(table.output.contains("best accuracy") && table.output.contains("Youden"), table.all());
        const CliResult wrong = thresholds({m_binary, "--choose-on", "vall"});
        QCOMPARE(wrong.exitCode, 2);
        QVERIFY2(wrong.errors.contains("'vall'"), wrong.all());
        QCOMPARE(thresholds({m_binary, "--at", "2"}).exitCode, 2);
    }

    void examplesThatChangeSideAreListed() {
        const QJsonValue all = thresholds({m_binary, "--changed", "0", "1", "--json"}).json();
        QCOMPARE(all["changed"].toInt(), 24); // no score is as high as 1
        QCOMPARE(all["findings"].toArray().size(), 24);
        QVERIFY(all["findings"][0]["becomes"].toString() == "cat" ||
                all["findings"][0]["becomes"].toString() == "dog");
        QCOMPARE(thresholds({m_binary, "--changed", "0.5", "0.5", "--json"}).json()["changed"].toInt(), 0);
    }

    void confidenceDecidesWhatIsAnswered() {
        const QJsonValue shown = thresholds({m_classes, "--at", "0", "--json"}).json();
        QCOMPARE(shown["kind"].toString(), QString("confidence"));
        QCOMPARE(shown["thresholds"].toArray().last()["judged"]["called_share"].toDouble(), 1.0);
    }

    void calibrationSaysWhatTemperatureDoes() {
        const CliResult text = runCli({"runs", "calibration", m_classes, "-w", m_workspace});
        QVERIFY2(text.exitCode == 0 && text.output.contains("Expected calibration error") &&
                     text.output.contains("temperatures"),
                 text.all());
        const QJsonValue json =
            runCli({"runs", "calibration", m_classes, "-w", m_workspace, "--json"}).json()["calibration"];
        QCOMPARE(json["temperature"]["judged"].toInt(), 24);
        QCOMPARE(json["temperature"]["values"].toArray().size(), 2);
        const QString split = evaluate({"zero-shot", "--temperature-split", "val"});
        const QJsonValue fitted =
            runCli({"runs", "calibration", split, "-w", m_workspace, "--json"}).json()["calibration"];
        QVERIFY(fitted["temperature"].isUndefined()); // 8 images fit none
        QCOMPARE(runCli({"runs", "calibration", m_binary, "-w", m_workspace}).exitCode, 1);
        const CliResult wrong = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "d", "--model",
                                        fixtureModel(), "--temperature-split", "vall"});
        QVERIFY2(wrong.exitCode == 1 && wrong.errors.contains("'vall'"), wrong.all());
    }

    void searchSuggestsACut() {
        const CliResult found = runCli({"search", "-w", m_workspace, "-d", "d", "--model", fixtureModel(),
                                        "--text", "a cat", "--scores", "--json"});
        QVERIFY2(found.exitCode == 0, found.all());
        const QJsonObject scores = found.json()["scores"].toObject();
        QVERIFY(scores.contains("suggested_cut"));
        const CliResult words = runCli({"search", "-w", m_workspace, "-d", "d", "--model", fixtureModel(),
                                        "--text", "a cat", "--scores"});
        QVERIFY2(words.errors.contains(scores["suggested_cut"].isNull() ? "No cut suggests itself"
                                                                        : "Suggested cut"),
                 words.all());
    }

private:
    QString evaluate(const QStringList& arguments) {
        const CliResult eval =
            runCli(QStringList{"eval"} + arguments +
                   QStringList{"-w", m_workspace, "-d", "d", "--model", fixtureModel(), "--json"});
        if (eval.exitCode != 0)
            qWarning("%s", eval.all().constData());
        return QString::number(eval.json()["run"].toInt());
    }
    CliResult thresholds(const QStringList& arguments) {
        return runCli(QStringList{"runs", "thresholds"} + arguments + QStringList{"-w", m_workspace});
    }

    QTemporaryDir m_folder;
    QString m_workspace = m_folder.filePath("w");
    QString m_binary, m_classes;
};

QTEST_GUILESS_MAIN(TestCliThresholds)
#include "tst_thresholds.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace diptych::test;

/// Where similarity comes from, from the command line.
class TestCliExplain : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyMethodGivesEveryPatch_data() {
        QTest::addColumn<QString>("method");
        for (const char* method : {"relevance", "occlusion", "patch-text", "attention"})
            QTest::newRow(method) << QString(method);
    }
    void everyMethodGivesEveryPatch() {
        QFETCH(QString, method);
        const CliResult found =
            runCli(m_explain + QStringList{"--method", method, "--curves", "--json", "--csv", m_csv});
        QVERIFY2(found.exitCode == 0, found.all());
        const QJsonObject object = found.json().toObject();
        const QJsonArray grid = object["grid"].toArray(), patches = object["patches"].toArray();
        QCOMPARE(patches.size(), grid[0].toInt() * grid[1].toInt());
        QVERIFY(patches.size() > 1);
        QVERIFY(patches[0] != patches[1]);
        QCOMPARE(object.contains("tokens"), method == "relevance");
        QCOMPARE(object["deletion"].toObject()["cosines"].toArray().size(), 21);
        QFile csv(m_csv);
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 1 + patches.size() + object["tokens"].toArray().size());
    }

    void wordsAndTheHighestPatchesForPeople() {
        const CliResult found = runCli(m_explain + QStringList{"--overlay", m_png, "--colours", "hot"});
        QVERIFY2(found.exitCode == 0, found.all());
        QVERIFY2(found.output.contains("Highest of") && found.output.contains("cube"), found.all());
        const auto heat = diptych::decodeImage(m_png.toStdString());
        QVERIFY(heat && heat->width == heat->height);
    }

    void thePointingGameStandsBesideChance() {
        const QStringList pointing = {"pointing", "-m", DIPTYCH_SOURCE "/resources/demo/blocks-tiny",
                                      "--count", "40"};
        const CliResult table = runCli(pointing + QStringList{"--method", "relevance"});
        QVERIFY2(table.exitCode == 0 && table.output.contains("chance"), table.all());
        QVERIFY(!table.output.contains("occlusion"));
        const CliResult found =
            runCli(pointing + QStringList{"--method", "relevance", "--method", "patch-text", "--json"});
        QVERIFY2(found.exitCode == 0, found.all());
        const QJsonObject object = found.json().toObject();
        QCOMPARE(object["scenes"].toInt() + object["unseen"].toInt(), 40);
        const QJsonArray methods = object["methods"].toArray();
        QCOMPARE(methods.size(), 2);
        QCOMPARE(methods[1].toObject()["method"].toString(), QString("patch-text"));
        const QJsonObject named = methods[0].toObject()["named"].toObject();
        QVERIFY(named["low"].toDouble() > named["chance"].toDouble());
    }

    void whatCannotBeExplained() {
        const QStringList align = {
            "explain", "-m",        DIPTYCH_FIXTURES "/families/align", "--image", fixtureImage(0),
            "--text",  "a red cube"};
        QVERIFY(runCli(align).isOneError("no attention to look at"));
        QVERIFY(runCli(m_explain + QStringList{"--method", "attention", "--layer", "99"})
                    .isOneError("layers and"));
        QVERIFY(runCli(m_explain + QStringList{"--method", "occlusion", "--window", "2"}).isOneError("odd"));
        QCOMPARE(runCli(m_explain + QStringList{"--method", "magic"}).exitCode, 2);
        QCOMPARE(runCli(m_explain + QStringList{"--last-layers", "-1"}).exitCode, 2);
    }

private:
    QTemporaryDir m_folder;
    const QString m_csv = m_folder.filePath("values.csv"), m_png = m_folder.filePath("heat.png");
    const QStringList m_explain = {"explain",       "-m",     fixtureModel(), "--image",
                                   fixtureImage(0), "--text", "a red cube"};
};

QTEST_GUILESS_MAIN(TestCliExplain)
#include "tst_explain.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

class TestCliMap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        makeClassFolder(m_folder.filePath("images"), {"a", "b"}, 6);
        QCOMPARE(runCli({"import", m_folder.filePath("images"), "-w", m_workspace, "-n", "d"}).exitCode, 0);
    }

    void pointsGoToAFileAndASummaryToTheTerminal() {
        const QString file = m_folder.filePath("map.csv");
        const CliResult result = map({"--content", "both", "-o", file});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.output.contains("Distance of the means"), result.all());
        QFile csv(file);
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 15); // the header, 12 pictures, 2 classes
        const CliResult streamed = map({"--content", "both", "-o", "-"});
        QVERIFY(csv.seek(0));
        QCOMPARE(streamed.output, csv.readAll());
    }

    void jsonIsOneValueWithEveryPoint() {
        const QJsonObject whole = map({"--method", "pca", "--dimensions", "3", "--json"}).json().toObject();
        QCOMPARE(whole["points"].toArray().size(), 12);
        QVERIFY(whole["points"][0].toObject().contains("z"));
        QCOMPARE(whole["explained_variance_ratio"].toArray().size(), 3);
    }

    void axesAndPlacedTextsAreSaid() {
        const CliResult result =
            map({"--axis", "a dog | a cat", "--axis", "night", "--place", "a boat", "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        const QJsonObject whole = result.json().toObject();
        QCOMPARE(whole["method"].toString(), QString("text-axes"));
        QCOMPARE(whole["axes"][0]["less"].toString(), QString("a cat"));
        QCOMPARE(whole["placed"][0]["name"].toString(), QString("a boat"));
        QVERIFY(whole["placed"][0]["x"].isDouble());
        QVERIFY(map({"--axis", "a dog"}).isOneError("2 or 3 axes"));
        QCOMPARE(map({"--axis", "a|b|c", "--axis", "d"}).exitCode, 2);
    }

    void recallAndNamesAreSaid() {
        const CliResult both = map({"--method", "pca", "--content", "both", "--recall"});
        QVERIFY2(both.exitCode == 0 && both.output.contains("Recall at 1, centred"), both.all());
        QFile words(m_folder.filePath("words.txt"));
        QVERIFY(words.open(QIODevice::WriteOnly));
        words.write("red\n\nblue sky\n");
        words.close();
        QCOMPARE(runCli({"samples", "tag", "-w", m_workspace, "-d", "d", "--class", "a", "seen"}).exitCode,
                 0);
        const CliResult named = map({"--name-tagged", "seen", "--vocabulary", words.fileName(), "--json"});
        QVERIFY2(named.exitCode == 0, named.all());
        QCOMPARE(named.json()["images"].toInt(), 6);
        QCOMPARE(named.json()["names"].toArray().size(), 2);
        QVERIFY(map({"--name-tagged", "none", "--vocabulary", words.fileName()})
                    .isOneError("None of the selected"));
        const CliResult classes = map({"--name-tagged", "seen", "--vocabulary", "classes", "--json"});
        QCOMPARE(classes.json()["names"].toArray().size(), 2);
        const CliResult common = map({"--name-tagged", "seen", "--json"});
        QCOMPARE(common.json()["names"].toArray().size(), 10);
        QVERIFY(words.open(QIODevice::WriteOnly));
        words.write("# nothing\n\n");
        words.close();
        QVERIFY(map({"--name-tagged", "seen", "--vocabulary", words.fileName()}).isOneError("has no words"));
    }

    void theCacheListsAndEmptiesMaps() {
        QCOMPARE(map({"--method", "pca"}).exitCode, 0);
        const CliResult tsne = map({"--method", "tsne"});
        QVERIFY2(tsne.exitCode == 0 && tsne.errors.contains("perplexity"), tsne.all());
        const CliResult kept = runCli({"cache", "show", "-w", m_workspace});
        QVERIFY2(kept.output.contains("map, PCA of 12 points") &&
                     kept.output.contains("map, t-SNE of 12 points"),
                 kept.all());
        QCOMPARE(runCli({"cache", "clear", "-w", m_workspace}).exitCode, 0);
        QVERIFY(!runCli({"cache", "show", "-w", m_workspace}).output.contains("map"));
    }

    void mistakesAreSaidBeforeTheWork() {
        QVERIFY(map({"-o", "map.png"}).isOneError(".csv, .json"));
        QVERIFY(map({"--content", "texts", "--texts", "captions"}).isOneError("captions"));
        QVERIFY(map({"--dimensions", "7"}).isOneError("2 or 3"));
        QVERIFY(map({"--method", "tsne", "--dimensions", "3"}).isOneError("2 dimensions"));
        QVERIFY(map({"--perplexity", "1"}).isOneError("2 to 500"));
        QCOMPARE(map({"--method", "som"}).exitCode, 2);
    }

private:
    CliResult map(const QStringList& options) const {
        return runCli(QStringList{"map", "d", "-w", m_workspace, "-m", fixtureModel()} + options);
    }

    QTemporaryDir m_folder;
    QString m_workspace = m_folder.filePath("work");
};

QTEST_GUILESS_MAIN(TestCliMap)
#include "tst_map.moc"

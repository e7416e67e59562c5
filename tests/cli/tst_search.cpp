// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <cmath>

using namespace diptych::test;

/// Search from the command line, and how it is measured.
class TestCliSearch : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        makeClassFolder(m_images, {"cat", "dog", "owl"}, 4);
        QCOMPARE(runCli({"import", m_images, "-w", m_workspace, "-n", "pets"}).exitCode, 0);
    }

    void searchFindsThePictureItself() {
        const QStringList search = {
            "search", "-w", m_workspace, "-d", "pets", "-m", QStringLiteral(DIPTYCH_FIXTURES "/clip/openai")};
        const CliResult picture =
            runCli(search + QStringList{"--image", m_images + "/dog/2.png", "--limit", "3", "--json"});
        QVERIFY2(picture.exitCode == 0, picture.all());
        const QJsonArray hits = picture.json().toArray();
        QCOMPARE(hits.size(), 3);
        QCOMPARE(hits[0].toObject()["key"].toString(), QString("dog/2.png"));
        QVERIFY(std::abs(hits[0].toObject()["cosine"].toDouble() - 1) < 1e-5);
        const CliResult words = runCli(search + QStringList{"--text", "a dog"});
        QVERIFY2(words.exitCode == 0, words.all());
        QCOMPARE(words.output.count(".png"), 10); // the limit where none is given
        const CliResult neither = runCli(search);
        QCOMPARE(neither.exitCode, 2);
    }

    void searchAddsTermsAndCutsTheirScores() {
        const QStringList search = {
            "search", "-w", m_workspace, "-d", "pets", "-m", QStringLiteral(DIPTYCH_FIXTURES "/clip/openai")};
        const QString picture = m_images + "/dog/2.png";
        const auto all = [&](const QStringList& terms) {
            const CliResult found = runCli(search + terms + QStringList{"--scores", "--json", "-n", "1000"});
            if (found.exitCode != 0)
                qWarning("%s", found.all().constData());
            return found.json().toObject();
        };
        const QJsonObject sum = all({"--text", "a dog", "--image", picture, "--minus", "a cat"});
        const QJsonArray hits = sum["hits"].toArray();
        const QJsonObject scores = sum["scores"].toObject();
        QCOMPARE(scores["images"].toInt(), hits.size());
        QCOMPARE(sum["method"].toString(), QString("exact"));
        QCOMPARE(hits.last().toObject()["percentile"].toDouble(), 0.0);
        QCOMPARE(scores["highest"].toDouble(), hits[0].toObject()["cosine"].toDouble());
        int counted = 0;
        for (const QJsonValue count : scores["histogram"].toArray())
            counted += count.toInt();
        QCOMPARE(counted, hits.size());
        // A picture that counts next to nothing leaves the text alone.
        const QJsonArray text = all({"--text", "a dog"})["hits"].toArray();
        const QJsonArray nearly =
            all({"--text", "a dog", "--image", picture, "--image-weight", "1e-6"})["hits"].toArray();
        QVERIFY(std::abs(text[0].toObject()["cosine"].toDouble() -
                         nearly[0].toObject()["cosine"].toDouble()) < 1e-4);
        const double third = hits[2].toObject()["cosine"].toDouble();
        const CliResult cut =
            runCli(search + QStringList{"--text", "a dog", "--image", picture, "--minus", "a cat", "--cut",
                                        QString::number(third - 1e-6, 'f', 8), "--json"});
        QCOMPARE(cut.json().toArray().size(), 3);
        const QJsonObject graph = all({"--text", "a dog", "--method", "hnsw"});
        QCOMPARE(graph["method"].toString(), QString("hnsw"));
        QVERIFY(graph["recall_at_10"].toDouble() >= 0.95); // how the graph grows depends on the threads
        QCOMPARE(graph["hits"].toArray().size(), text.size());
        const CliResult dogs = runCli(search + QStringList{"--text", "a dog", "--class", "dog", "--json"});
        QCOMPARE(dogs.json().toArray().size(), 4);
        for (const QJsonValue hit : dogs.json().toArray())
            QVERIFY(hit["key"].toString().startsWith("dog/"));
        QVERIFY(runCli(search + QStringList{"--text", "a", "--class", "cow"}).isOneError("no class 'cow'"));
        const CliResult nothing = runCli(search + QStringList{"--text", "a", "--minus", "a"});
        QCOMPARE(nothing.exitCode, 1);
        QVERIFY2(nothing.all().contains("cancel each other out"), nothing.all());
        QCOMPARE(runCli(search + QStringList{"--text", ""}).exitCode, 2);
        QCOMPARE(runCli(search + QStringList{"--text", "a", "--image-weight", "0"}).exitCode, 2);
    }

    void searchesAndMapsAreMeasured() {
        const CliResult search = runCli({"bench", "search", "--vectors", "3000", "--dimension", "24",
                                         "--clusters", "30", "--queries", "5", "--json"});
        QVERIFY2(search.exitCode == 0, search.all());
        const QJsonArray ways = search.json()["ways"].toArray();
        QCOMPARE(ways.size(), 4);
        for (const QJsonValue way : ways) {
            QVERIFY(way["milliseconds"].toDouble() > 0);
            QVERIFY(way["recall_at_10"].toDouble() >= (way["name"].toString() == "hnsw" ? 0.9 : 1.0));
        }
        const CliResult map = runCli(
            {"bench", "map", "--points", "300", "--dimension", "16", "--method", "pca", "--method", "umap"});
        QVERIFY2(map.exitCode == 0 && map.output.contains("UMAP") && !map.output.contains("t-SNE"),
                 map.all());
        QCOMPARE(runCli({"bench", "search", "--vectors", "0"}).exitCode, 2);
        const CliResult probe =
            runCli({"bench", "probe", "--images", "300", "--dimension", "16", "--labelled", "20", "--classes",
                    "3", "--repetitions", "2", "--json"});
        QVERIFY2(probe.exitCode == 0 && probe.json()["milliseconds"].toDouble() > 0, probe.all());
        QCOMPARE(runCli({"bench", "probe", "--images", "20", "--labelled", "20"}).exitCode, 2);
    }

private:
    QTemporaryDir m_folder;
    QString m_images = m_folder.filePath("images"), m_workspace = m_folder.filePath("work");
};

QTEST_GUILESS_MAIN(TestCliSearch)
#include "tst_search.moc"

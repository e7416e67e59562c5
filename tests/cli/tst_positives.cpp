// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Captions marked as right for other images, and a retrieval run with and without them.
class TestCliPositives : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        QByteArray table = "image,caption\n";
        for (int i = 0; i < 6; ++i) {
            const QString name = QString("p%1.png").arg(i);
            writeImage(m_folder.filePath(name), i);
            table += name.toUtf8() + ",thing number " + QByteArray::number(i) + "\n";
        }
        table += "p0.png,something else\n";
        QFile file(m_folder.filePath("pictures.csv"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(table) == table.size());
        file.close();
        QCOMPARE(runCli({"import", file.fileName(), "-w", m_workspace, "-n", "d"}).exitCode, 0);
        const CliResult eval = runCli({"eval", "retrieval", "-w", m_workspace, "-d", "d", "--model",
                                       fixtureModel(), "--keep", "10", "--json"});
        QVERIFY2(eval.exitCode == 0, eval.all());
        m_run = QString::number(eval.json()["run"].toInt());
    }

    void marksAreListedAndTakenBack() {
        QCOMPARE(samples({"add-positive", "--image", "p1.png", "--image", "p2.png", "--caption-of", "p0.png",
                          "--caption", "something else", "--json"})
                     .json()["changed"]
                     .toInt(),
                 2);
        QCOMPARE(samples({"add-positive", "--image", "p0.png", "--caption-of", "p3.png", "--json"})
                     .json()["changed"]
                     .toInt(),
                 1); // it has one caption
        const QJsonArray list = samples({"positives", "--json"}).json()["findings"].toArray();
        QCOMPARE(list.size(), 3);
        QCOMPARE(list[0]["image"].toString(), QString("p1.png"));
        QCOMPARE(list[0]["caption_of"].toString(), QString("p0.png"));
        QCOMPARE(list[2]["caption"].toString(), QString("thing number 3"));
        const CliResult csv = samples({"positives", "--csv"});
        QVERIFY2(csv.output.startsWith("image,caption_of,caption,marked_at,"), csv.all());
        QCOMPARE(csv.output.count('\n'), 4);
        QCOMPARE(samples({"remove-positive", "--image", "p1.png", "--caption-of", "p0.png", "--caption",
                          "something else", "--json"})
                     .json()["changed"]
                     .toInt(),
                 1);
        QCOMPARE(samples({"remove-positive", "--all", "--json"}).json()["changed"].toInt(), 2);
    }

    void theRunIsShownWithAndWithout() {
        // The caption that the image found first, marked as right: it has rank 1 then.
        const QJsonArray examples =
            runCli({"runs", "examples", m_run, "-w", m_workspace, "--json"}).json().toArray();
        QVERIFY(!examples.isEmpty());
        QString image;
        for (const QJsonValue& example : examples)
            if (!example["correct"].toBool())
                image = example["key"].toString();
        QVERIFY2(!image.isEmpty(), "all found their caption first");
        for (int i = 0; i < 6; ++i)
            if (const QString other = QString("p%1.png").arg(i); other != image)
                for (const QStringList& caption : i == 0 ? QList<QStringList>{{"--caption", "thing number 0"},
                                                                              {"--caption", "something else"}}
                                                         : QList<QStringList>{{}})
                    QCOMPARE(samples(QStringList{"add-positive", "--image", image, "--caption-of", other} +
                                     caption)
                                 .exitCode,
                             0);
        const QJsonValue shown = runCli({"runs", "positives", m_run, "-w", m_workspace, "--json"}).json();
        QCOMPARE(shown["used"].toInt(), shown["pairs"].toInt());
        const QJsonValue metric = shown["metrics"]["text_retrieval_recall@1"];
        QVERIFY(std::abs(metric["with"].toDouble() - metric["without"].toDouble() - 1.0 / 6) < 1e-9);
        QCOMPARE(metric["changed"].toInt(), 1);
        QCOMPARE(metric["open"].toInt(), 0);
        const CliResult text = runCli({"runs", "positives", m_run, "-w", m_workspace});
        QVERIFY2(text.output.contains("+16.7 points"), text.all());
        const QJsonValue run = runCli({"runs", "show", m_run, "-w", m_workspace, "--json"}).json();
        QCOMPARE(run["metrics"]["text_retrieval_recall@1"]["value"], metric["without"]); // as it was
    }

    void whatIsWrongIsSaid() {
        QVERIFY(samples({"add-positive", "--image", "p1.png", "--caption-of", "p1.png"})
                    .isOneError("right for its own image already"));
        QVERIFY(samples({"add-positive", "--image", "none.png", "--caption-of", "p1.png"})
                    .isOneError("no image 'none.png'"));
        QVERIFY(samples({"add-positive", "--image", "p1.png", "--caption-of", "p2.png", "--caption", "no"})
                    .isOneError("no caption 'no'"));
        QCOMPARE(samples({"add-positive", "--image", "p1.png", "--caption-of", "p0.png"}).exitCode, 2);
        QCOMPARE(samples({"remove-positive"}).exitCode, 2);
        QVERIFY(runCli({"runs", "positives", "99", "-w", m_workspace}).isOneError("99"));
    }

private:
    CliResult samples(QStringList arguments) {
        return runCli(QStringList{"samples"} + arguments + QStringList{"-w", m_workspace, "-d", "d"});
    }

    QTemporaryDir m_folder;
    QString m_workspace = m_folder.filePath("w"), m_run;
};

QTEST_GUILESS_MAIN(TestCliPositives)
#include "tst_positives.moc"

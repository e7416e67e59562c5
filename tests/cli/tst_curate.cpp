// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

class TestCliCurate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        makeClassFolder(m_folder.filePath("images/train"), {"a", "b"}, 6);
        QVERIFY(QDir().mkpath(m_folder.filePath("images/test/a")));
        const QDir train(m_folder.filePath("images/train/a"));
        const QString first = train.entryList(QDir::Files).first();
        QVERIFY(QFile::copy(train.filePath(first), m_folder.filePath("images/test/a/again.png")));
        QVERIFY(QFile::copy(train.filePath(first), m_folder.filePath("images/train/b/again.png")));
        QCOMPARE(runCli({"import", m_folder.filePath("images"), "-w", m_workspace, "-n", "d"}).exitCode, 0);
    }

    void copiesAreFoundWithoutAModelAndNamedAsLeakage() {
        const CliResult text = curate({"duplicates"});
        QVERIFY2(text.exitCode == 0 && text.output.contains("3 of 14 images are copies"), text.all());
        QVERIFY2(text.output.contains("Leakage: 1 group (3 images) lies"), text.all());
        QVERIFY(text.output.contains("labels that differ"));
        const QJsonObject json = curate({"duplicates", "--json"}).json().toObject();
        QCOMPARE(json["groups"].toInt(), 1);
        QCOMPARE(json["surplus"].toInt(), 2);
        QCOMPARE(json["findings"].toArray().size(), 3);
        QVERIFY(json["findings"][0]["across_splits"].toBool());
        const CliResult csv = curate({"duplicates", "--csv"});
        QCOMPARE(csv.output.count('\n'), 4);
        QVERIFY(csv.output.startsWith("image,group,similarity,copies,across_splits,kept,class,split,path\n"));
    }

    void findingsBecomeATag() {
        const CliResult result = curate({"duplicates", "--tag", "surplus", "--all-but-one", "--json"});
        QCOMPARE(result.json()["tagged"].toInt(), 2);
        const CliResult listed =
            runCli({"samples", "list", "-w", m_workspace, "-d", "d", "--tagged", "surplus", "--json"});
        QCOMPARE(listed.json().toArray().size(), 2);
    }

    void aModelFindsMore() {
        const CliResult result = curate({"duplicates", "--model", fixtureModel(), "--threshold", "0.5"});
        QVERIFY2(result.exitCode == 0 && result.output.contains("cosine 0.5"), result.all());
        QVERIFY2(curate({"duplicates", "--threshold", "2"}).exitCode == 2, "a cosine of 2");
    }

    void labelsAreCheckedByAProbeOrARun() {
        const QStringList model{"--model", fixtureModel()};
        const CliResult probe = curate(QStringList{"labels", "--json"} + model);
        QVERIFY2(probe.exitCode == 0, probe.all());
        QCOMPARE(probe.json()["checked"].toInt(), 14);
        QVERIFY(probe.json()["by"].toString().contains("linear probe"));
        const CliResult eval =
            runCli(QStringList{"eval", "zero-shot", "-w", m_workspace, "-d", "d", "--json"} + model);
        QVERIFY2(eval.exitCode == 0, eval.all());
        const QString run = QString::number(eval.json()["run"].toInt());
        const CliResult byRun = curate({"labels", "--run", run});
        QVERIFY2(byRun.exitCode == 0 && byRun.output.contains("run " + run.toUtf8()), byRun.all());
        const CliResult hardest = curate({"hardest", "--run", run, "--limit", "3", "--json"});
        QCOMPARE(hardest.json()["findings"].toArray().size(), 3);
        QVERIFY(hardest.json()["findings"][0]["margin"].toDouble() <=
                hardest.json()["findings"][2]["margin"].toDouble());
    }

    void unusualAndSummaryAnswer() {
        const CliResult unusual =
            curate({"unusual", "--model", fixtureModel(), "-k", "3", "--limit", "2", "--json"});
        QVERIFY2(unusual.exitCode == 0, unusual.all());
        QCOMPARE(unusual.json()["findings"].toArray().size(), 2);
        const CliResult summary = curate({"summary", "--json"});
        QCOMPARE(summary.json()["images"].toInt(), 14);
        QCOMPARE(summary.json()["splits"]["test"].toInt(), 1);
        QVERIFY(curate({"summary"}).output.contains("32 to 63 px"));
    }

    void chosenImagesAreExportedAndImportedAgain() {
        const QString folder = m_folder.filePath("out");
        const QStringList place{"-w", m_workspace, "-d", "d"};
        const CliResult done = runCli(QStringList{"samples", "export", "-o", folder, "--class", "a"} + place);
        QVERIFY2(done.exitCode == 0 && done.output.contains("7 images written"), done.all());
        const CliResult again = runCli({"import", folder, "-w", m_workspace, "-n", "again", "--json"});
        QVERIFY2(again.exitCode == 0, again.all());
        const CliResult shown = runCli({"samples", "list", "-w", m_workspace, "-d", "again", "--json"});
        QCOMPARE(shown.json().toArray().size(), 7);
        QCOMPARE(shown.json()[0]["class"].toString(), QString("a"));
        QVERIFY(
            runCli(QStringList{"samples", "export", "-o", folder} + place).isOneError("not an empty folder"));
        QVERIFY(runCli(QStringList{"samples", "export", "-o", "x.png"} + place).isOneError(".jsonl"));
        QCOMPARE(runCli(QStringList{"samples", "export", "-o", "x.csv", "--copies"} + place).exitCode, 2);
        QCOMPARE(runCli(QStringList{"samples", "export"} + place).exitCode, 2);
    }

    void labelsAreCorrectedWithTheirHistory() {
        const QStringList place{"-w", m_workspace, "-d", "d"};
        const QStringList image{"--image", "train/b/again.png"};
        const CliResult done =
            runCli(QStringList{"samples", "relabel", "a", "--note", "a copy", "--json"} + place + image);
        QVERIFY2(done.json()["changed"].toInt() == 1, done.all());
        const QStringList eval{"eval", "zero-shot", "--model", fixtureModel(), "--json"};
        const CliResult corrected = runCli(eval + place + QStringList{"--labels", "corrected"});
        QVERIFY2(corrected.exitCode == 0, corrected.all());
        QCOMPARE(corrected.json()["spec"]["labels"].toString(), QString("corrected"));
        QVERIFY(corrected.json()["command"].toString().contains("--labels corrected"));
        const CliResult imported = runCli(eval + place);
        QVERIFY(imported.json()["dataset_fingerprint"] != corrected.json()["dataset_fingerprint"]);
        const QJsonArray history =
            runCli(QStringList{"samples", "corrections", "--json"} + place).json().toArray();
        QCOMPARE(history.size(), 1);
        QCOMPARE(history[0].toObject()["from"].toString(), QString("b"));
        QCOMPARE(history[0].toObject()["note"].toString(), QString("a copy"));
        QVERIFY(runCli(QStringList{"samples", "relabel", "x"} + place + image).isOneError("no class 'x'"));
        QCOMPARE(runCli(QStringList{"samples", "relabel"} + place + image).exitCode, 2);
        const CliResult back = runCli(QStringList{"samples", "relabel", "--undo", "--json"} + place + image);
        QCOMPARE(back.json()["changed"].toInt(), 1);
        QVERIFY(runCli(QStringList{"samples", "corrections", "--json"} + place).json().toArray().isEmpty());
    }

    void aProbeLearnsTagsAndIsAccepted() {
        const QStringList place{"-w", m_workspace, "-d", "d"};
        for (const char* name : {"a", "b"}) {
            QStringList tag{"samples", "tag", name};
            const QStringList files =
                QDir(m_folder.filePath(QString("images/train/") + name)).entryList(QDir::Files);
            tag << "--image" << QString("train/%1/%2").arg(name, files[0]);
            tag << "--image" << QString("train/%1/%2").arg(name, files[1]);
            QCOMPARE(runCli(tag + place).exitCode, 0);
        }
        const QStringList probe{"probe", "--model", fixtureModel(), "--tag", "a", "--tag", "b", "--json"};
        const CliResult seen = curate(probe);
        QVERIFY2(seen.exitCode == 0, seen.all());
        QCOMPARE(seen.json()["trained_on"].toInt(), 4);
        QCOMPARE(seen.json()["findings"].toArray().size(), 10);
        QVERIFY(seen.json()["findings"][0]["margin"].toDouble() <=
                seen.json()["findings"][9]["margin"].toDouble());
        const CliResult accepted = curate(probe + QStringList{"--accept", "0.5"});
        QCOMPARE(accepted.json()["accepted"].toInt(), 10);
        const CliResult none = curate(probe);
        QCOMPARE(none.json()["findings"].toArray().size(), 0); // all have a tag now
        QVERIFY(
            curate({"probe", "--model", fixtureModel(), "--tag", "a", "--tag", "none"}).isOneError("'none'"));
        QVERIFY(curate({"probe", "--model", fixtureModel(), "--tag", "a"}).isOneError("two tags"));
    }

    void mistakesAreSaid() {
        QCOMPARE(curate({"labels"}).exitCode, 2);
        QCOMPARE(curate({"labels", "--model", fixtureModel(), "--run", "1"}).exitCode, 2);
        QCOMPARE(curate({"unusual"}).exitCode, 2);
        QVERIFY(curate({"hardest", "--run", "99"}).isOneError("99"));
        QCOMPARE(curate({"duplicates", "--csv", "--json"}).exitCode, 2);
        QVERIFY(runCli({"curate", "duplicates", "-w", m_workspace, "-d", "none"}).isOneError("'none'"));
    }

private:
    CliResult curate(const QStringList& options) const {
        return runCli(QStringList{"curate", options.first(), "-w", m_workspace, "-d", "d"} + options.mid(1));
    }

    QTemporaryDir m_folder;
    QString m_workspace = m_folder.filePath("work");
};

QTEST_GUILESS_MAIN(TestCliCurate)
#include "tst_curate.moc"

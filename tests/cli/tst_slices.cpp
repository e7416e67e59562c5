// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Where a run is worse than elsewhere, from the command line.
class TestCliSlices : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        const QString images = m_folder.filePath("images");
        m_workspace = m_folder.filePath("work");
        makeClassFolder(images, {"cat", "dog", "owl"}, 12);
        QFile table(m_folder.filePath("pets.csv"));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("image,label,camera,weight\n");
        int row = 0;
        for (const char* name : {"cat", "dog", "owl"})
            for (int i = 0; i < 12; ++i, ++row)
                table.write(QStringLiteral("images/%1/%2.png,%1,%3,%4\n")
                                .arg(QLatin1String(name))
                                .arg(i)
                                .arg(row % 2 ? "north" : "south")
                                .arg(row * 1.5)
                                .toUtf8());
        table.close();
        const CliResult imported = runCli({"import", table.fileName(), "-w", m_workspace, "-n", "pets"});
        QVERIFY2(imported.exitCode == 0, imported.all());
        const CliResult run = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m",
                                      fixtureModel(), "--templates", "none", "--resamples", "200", "--json"});
        QVERIFY2(run.exitCode == 0, run.all());
        m_run = QString::number(run.json().toObject()["run"].toInt());
        m_top1 = run.json().toObject()["metrics"].toObject()["top1"].toObject();
    }

    void aTableForPeople() {
        const CliResult result = slices({"--by", "camera"});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.output.contains("camera") && result.output.contains("Less the rest"), result.output);
        QVERIFY2(result.output.contains("north") && result.output.contains("south"), result.output);
        QVERIFY2(result.output.contains("Holm"), result.output);
    }

    void oneSliceHasTheRunsNumbers() {
        const QJsonObject whole = slices({"--by", "split", "--json"}).json().toObject();
        const QJsonObject slice = whole["slices"].toArray().at(0).toObject();
        for (const char* key : {"value", "low", "high", "n"})
            QCOMPARE(slice[QLatin1String(key)], m_top1[QLatin1String(key)]);
        QVERIFY(!slice.contains("difference"));
        QVERIFY(slice["others"].toObject().contains("mean_per_class_recall"));
    }

    void keysCrossAndNumbersAreBinned() {
        const QJsonObject crossed =
            slices({"--by", "camera", "--by", "class", "--min-n", "5", "--json"}).json().toObject();
        QCOMPARE(crossed["slices"].toArray().size(), 6);
        QCOMPARE(crossed["by"].toArray(), QJsonArray({"camera", "class"}));
        const QJsonObject binned = slices({"--by", "weight", "--bins", "3", "--json"}).json().toObject();
        QCOMPARE(binned["slices"].toArray().size(), 3);
        QVERIFY(binned["cannot_be_cut"].toObject().isEmpty());
    }

    void csvHasALineASlice() {
        const CliResult result = slices({"--by", "class", "--csv"});
        QCOMPARE(result.output.count('\n'), 4);
        QVERIFY2(result.output.startsWith("class,n,metric,value,low,high,"), result.output);
        QCOMPARE(slices({"--by", "class", "--csv", "--json"}).exitCode, 2);
    }

    void savedViewsCutAndFilesAreWritten() {
        for (const QStringList& view :
             {QStringList{"north", "--where", "camera=north"}, QStringList{"heavy", "--where", "weight>=30"}})
            QCOMPARE(runCli(QStringList{"samples", "save", "-w", m_workspace, "-d", "pets"} + view).exitCode,
                     0);
        const QJsonObject byView = slices({"--by", "view", "--json"}).json().toObject();
        QStringList names;
        for (const QJsonValue& slice : byView["slices"].toArray())
            names << slice["values"].toArray()[0].toString();
        names.sort();
        QCOMPARE(names, (QStringList{"heavy", "in no view", "north"}));
        const QString file = m_folder.filePath("slices.md");
        const CliResult written = slices({"--by", "view:north", "--by", "class", "--output", file});
        QVERIFY2(written.exitCode == 0 && written.errors.contains("slices.md"), written.all());
        QFile document(file);
        QVERIFY(document.open(QIODevice::ReadOnly));
        const QByteArray text = document.readAll();
        QVERIFY2(text.contains("By north and class, worst first") && text.contains("| the others | cat |"),
                 text);
        QCOMPARE(slices({"--by", "class", "--output", m_folder.filePath("slices.pdf")}).exitCode, 2);
        const CliResult unknown = slices({"--by", "view:south"});
        QVERIFY2(unknown.isOneError("'heavy', 'north'"), unknown.errors);
        const QJsonArray north = runCli({"runs", "examples", m_run, "-w", m_workspace, "--view", "north",
                                         "--limit", "5", "--json"})
                                     .json()
                                     .toArray();
        QCOMPARE(north.size(), 5);
        QCOMPARE(north[0].toObject()["key"].toString(),
                 QStringLiteral("images/cat/1.png")); // the first is south
        const CliResult report = runCli(
            {"report", m_run, "-w", m_workspace, "--slices", "view", "--format", "md", "--output", "-"});
        QVERIFY2(report.output.contains("By view, worst first"), report.all());
        for (const char* view : {"north", "heavy"}) // the other tests know of none
            QCOMPARE(runCli({"samples", "remove-view", view, "-w", m_workspace, "-d", "pets"}).exitCode, 0);
    }

    void errorsNameWhatThereIs() {
        const CliResult unknown = slices({"--by", "kamera"});
        QCOMPARE(unknown.exitCode, 1);
        QVERIFY2(unknown.isOneError("class, split, tag, note, transparency, camera, weight"), unknown.errors);
        const CliResult none = slices({});
        QCOMPARE(none.exitCode, 2);
        QVERIFY2(none.isOneError("camera, weight"), none.errors);
        const CliResult metric = slices({"--by", "class", "--metric", "map"});
        QVERIFY2(metric.isOneError("top1"), metric.errors);
        QVERIFY(runCli({"runs", "slices", "99", "-w", m_workspace, "--by", "class"}).exitCode == 1);
    }

    void partOfADatasetIsEvaluated() {
        const QStringList eval = {"eval",         "zero-shot",   "-w",   m_workspace,   "-d",  "pets",  "-m",
                                  fixtureModel(), "--templates", "none", "--resamples", "100", "--json"};
        const auto run = [&](const QStringList& choice) {
            const CliResult result = runCli(eval + choice);
            return result.exitCode == 0 ? result.json().toObject() : QJsonObject();
        };
        const QJsonObject north = run({"--where", "camera=north", "--class", "cat"});
        QCOMPARE(north["examples"].toInt(), 6);
        QVERIFY2(north["command"].toString().contains("--class cat --where camera=north"),
                 qPrintable(north["command"].toString()));
        QCOMPARE(run({"--filter", "weight>=30"})["examples"].toInt(), 16);
        const QString list = m_folder.filePath("list.txt");
        QFile file(list);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("images/cat/0.png\nimages/dog/3.png\nimages/owl/7.png\n");
        file.close();
        QCOMPARE(run({"--samples", list})["examples"].toInt(), 3);
        QCOMPARE(run({"--samples", list, "--class", "dog"})["examples"].toInt(), 1);
        // What another run got wrong.
        const int wrong = 36 - qRound(m_top1["value"].toDouble() * 36);
        QCOMPARE(run({"--run", m_run, "--wrong"})["examples"].toInt(), wrong);
        const CliResult none = runCli(eval + QStringList{"--where", "camera=east"});
        QVERIFY2(none.exitCode == 1 && none.errors.contains("camera = east"), none.errors);
        QVERIFY(
            runCli(eval + QStringList{"--where", "kamera=east"}).errors.contains("it has: camera, weight"));
    }

    void reportsShowSlices() {
        const CliResult result = runCli({"report", m_run, "-w", m_workspace, "--slices", "camera", "--slices",
                                         "class", "--format", "md", "--output", "-"});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.output.contains("By camera, worst first") &&
                     result.output.contains("By class, worst first"),
                 result.output);
    }

private:
    CliResult slices(const QStringList& options) {
        return runCli(QStringList{"runs", "slices", m_run, "-w", m_workspace} + options);
    }

    QTemporaryDir m_folder;
    QString m_workspace, m_run;
    QJsonObject m_top1;
};

QTEST_GUILESS_MAIN(TestCliSlices)
#include "tst_slices.moc"

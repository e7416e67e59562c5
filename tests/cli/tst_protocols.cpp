// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Runs as others count them, and published numbers, through the program.
class TestCliProtocols : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        for (int i = 0; i < 12; ++i) {
            const QString folder = i % 2 ? "cat" : "dog";
            QVERIFY(QDir(m_folder.path()).mkpath("set/" + folder));
            writeImage(m_folder.filePath(QString("set/%1/p%2.png").arg(folder).arg(i)), i);
        }
        QCOMPARE(runCli({"import", m_folder.filePath("set"), "-w", m_workspace, "-n", "d"}).exitCode, 0);
        m_run = evaluate({"zero-shot", "-d", "d", "--templates", "none"});
    }

    /// Counting again gives what an evaluation with those parameters gives, and encodes and stores nothing.
    void protocolsEqualEvaluationsWithTheirParameters() {
        const QString before = runCli({"runs", "list", "-w", m_workspace, "--json"}).output;
        const QJsonArray list =
            runCli({"runs", "protocols", m_run, "-w", m_workspace, "--json"}).json()["protocols"].toArray();
        QCOMPARE(list.size(), 5);
        QCOMPARE(runCli({"runs", "list", "-w", m_workspace, "--json"}).output, before);
        const QJsonValue names = list.last();
        QCOMPARE(names["protocol"].toString(), QString("names"));
        QVERIFY(names["changes"].toArray().isEmpty());
        QCOMPARE(names["better"].toInt() + names["worse"].toInt(), 0); // it is the run itself
        const QString openai = evaluate({"zero-shot", "-d", "d", "--templates", "openai-imagenet-80"});
        const QJsonObject shown =
            runCli({"runs", "show", openai, "-w", m_workspace, "--json"}).json().toObject();
        const QJsonObject metrics = shown["metrics"].toObject();
        QVERIFY(metrics.size() >= 3);
        for (auto metric = metrics.begin(); metric != metrics.end(); ++metric)
            QCOMPARE(list[0]["metrics"][metric.key()]["value"].toDouble(),
                     metric.value().toObject()["value"].toDouble());
        const CliResult flips =
            runCli({"runs", "protocols", m_run, "-w", m_workspace, "--flips", "openai", "--json"});
        QCOMPARE(flips.json()["findings"].toArray().size(),
                 list[0]["better"].toInt() + list[0]["worse"].toInt());
        // Right in one and wrong in the other, by the examples of both runs.
        int differ = 0;
        const QJsonArray a = examples(m_run), b = examples(openai);
        for (int i = 0; i < a.size(); ++i)
            differ += a[i]["correct"].toBool() != b[i]["correct"].toBool();
        QCOMPARE(differ, list[0]["better"].toInt() + list[0]["worse"].toInt());
        const CliResult wrong = runCli({"runs", "protocols", m_run, "-w", m_workspace, "--flips", "opneai"});
        QVERIFY2(wrong.exitCode == 2 && wrong.errors.contains("clip-benchmark"), wrong.all());
        const CliResult table = runCli({"runs", "protocols", m_run, "-w", m_workspace});
        QVERIFY2(table.output.contains("as run") && table.output.contains("Radford"), table.all());
    }

    void publishedNumbersAreHeldAgainstTheRun() {
        const QJsonObject run =
            runCli({"runs", "show", m_run, "-w", m_workspace, "--json"}).json().toObject();
        const double top1 = QJsonValue(run)["metrics"]["top1"]["value"].toDouble();
        const QString same = QString::number(100 * top1, 'f', 1);
        const QJsonValue found =
            runCli({"runs", "published", m_run, "-w", m_workspace, "--value", same, "--json"}).json();
        QCOMPARE(found["metric"].toString(), QString("top1"));
        QVERIFY(found["within_rounding"].toBool());
        const CliResult far = runCli(
            {"runs", "published", m_run, "-w", m_workspace, "--value", "1", "--n", "50000", "--protocols"});
        QVERIFY2(far.exitCode == 0 && far.output.contains("smallest difference") &&
                     far.output.contains("12 here, 50,000 published"),
                 far.all());
        QCOMPARE(runCli({"runs", "published", m_run, "-w", m_workspace, "--value", "x"}).exitCode, 1);
        QCOMPARE(
            runCli({"runs", "published", m_run, "-w", m_workspace, "--value", "5", "--metric", "x"}).exitCode,
            2);
    }

    void tasksOfOneRuleSaySo() {
        const QString probe = evaluate({"zero-shot-binary", "-d", "d"});
        const CliResult refused = runCli({"runs", "protocols", probe, "-w", m_workspace});
        QVERIFY2(refused.exitCode == 1 && refused.errors.contains("one rule"), refused.all());
        QVERIFY(runCli({"runs", "published", probe, "-w", m_workspace, "--value", "50", "--json"}).exitCode ==
                0);
    }

    void withoutEmbeddingsNothingIsGuessed() {
        QCOMPARE(runCli({"cache", "clear", "-w", m_workspace}).exitCode, 0);
        const CliResult refused = runCli({"runs", "protocols", m_run, "-w", m_workspace});
        QVERIFY2(refused.exitCode == 1 && refused.errors.contains("evaluate again"), refused.all());
    }

private:
    QString evaluate(const QStringList& arguments) {
        const CliResult eval = runCli(QStringList{"eval"} + arguments +
                                      QStringList{"-w", m_workspace, "--model", fixtureModel(), "--json"});
        if (eval.exitCode != 0)
            qWarning("%s", eval.all().constData());
        return QString::number(eval.json()["run"].toInt());
    }
    QJsonArray examples(const QString& run) {
        return runCli({"runs", "examples", run, "-w", m_workspace, "--json"}).json().toArray();
    }

    QTemporaryDir m_folder;
    QString m_workspace = m_folder.filePath("w");
    QString m_run;
};

QTEST_GUILESS_MAIN(TestCliProtocols)
#include "tst_protocols.moc"

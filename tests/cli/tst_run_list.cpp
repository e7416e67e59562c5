// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// Runs by what they were asked for, and what people add to them.
class TestCliRunList : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    QString m_workspace;

    CliResult evaluate(const QStringList& more) {
        return runCli(
            QStringList{"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m", fixtureModel()} + more);
    }

private Q_SLOTS:
    void initTestCase() {
        m_workspace = m_folder.filePath("work");
        makeClassFolder(m_folder.filePath("images"), {"cat", "dog", "owl"}, 4);
        const CliResult result =
            runCli({"import", m_folder.filePath("images"), "--workspace", m_workspace, "--name", "pets"});
        QVERIFY2(result.exitCode == 0, result.all());
    }

    void wordsOfClassesFromAFile() {
        QFile file(m_folder.filePath("words.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            R"({"templates": ["a {}"], "classes": {"owl": {"names": ["strix"], "prompts": ["it hoots"]}}})");
        file.close();
        const CliResult result = evaluate({"--templates", file.fileName(), "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        const QJsonObject details = runCli({"runs", "show", QString::number(result.json()["run"].toInt()),
                                            "-w", m_workspace, "--json"})
                                        .json()["details"]
                                        .toObject();
        QCOMPARE(details["class_words"].toObject()["owl"].toObject()["names"].toArray().first().toString(),
                 QString("strix"));
        QVERIFY(result.json()["metrics"] != evaluate({"--templates", "a {}", "--json"}).json()["metrics"]);
    }

    void runsHaveNamesNotesAndStars() {
        const QString one =
            QString::number(evaluate({"--templates", "one {}", "--json"}).json()["run"].toInt());
        const QString two =
            QString::number(evaluate({"--templates", "two {}", "--json"}).json()["run"].toInt());
        const auto call = [&](QStringList arguments) { return runCli(arguments << "-w" << m_workspace); };
        QCOMPARE(call({"runs", "rename", one, "base\x1b[31m line"}).exitCode, 0);
        QCOMPARE(call({"runs", "note", one, "before"}).exitCode, 0);
        QCOMPARE(call({"runs", "star", one, two, "--json"}).json().toArray().size(), 2);
        QCOMPARE(call({"runs", "list", "--starred", "--json"}).json().toArray().size(), 2);
        QCOMPARE(call({"runs", "star", two, "--off"}).exitCode, 0);
        const QJsonArray starred = call({"runs", "list", "--starred", "--json"}).json().toArray();
        QCOMPARE(starred.size(), 1);
        QCOMPARE(starred[0].toObject()["note"].toString(), QString("before"));
        QCOMPARE(starred[0].toObject()["columns"].toObject()["prompts"].toString(), QString("one {}"));
        const CliResult list = call({"runs", "list"});
        QVERIFY(list.output.contains("two {}") && list.output.contains("before") &&
                list.output.contains("★"));
        QVERIFY(!list.output.contains('\x1b'));
        QVERIFY(!call({"runs", "list", "--columns", "none"}).output.contains("two {}"));
        QVERIFY(call({"runs", "list", "--columns", "resamples,seed"}).output.contains("Seed"));
        QVERIFY(call({"runs", "list", "--columns", "sede"}).isOneError("sede"));
        QVERIFY(call({"runs", "rename", "999", "x"}).isOneError("999"));
        QVERIFY(call({"runs", "show", one}).output.contains("Note: before"));
    }
};

QTEST_GUILESS_MAIN(TestCliRunList)
#include "tst_run_list.moc"

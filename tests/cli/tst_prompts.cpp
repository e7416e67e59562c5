// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych::test;

/// diptych prompts: the same numbers as eval, kept prompts, files.
class TestCliPrompts : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    QString m_workspace;

    CliResult prompts(QStringList arguments) {
        return runCli(QStringList{"prompts"} + arguments + QStringList{"-w", m_workspace});
    }
    CliResult tried(const QString& verb, QStringList arguments = {}) {
        return prompts(QStringList{verb, "-d", "pets", "-m", fixtureModel()} + arguments);
    }
    QString write(const char* name, const QByteArray& content) {
        QFile file(m_folder.filePath(QString::fromLatin1(name)));
        if (file.open(QIODevice::WriteOnly))
            file.write(content);
        return file.fileName();
    }

private Q_SLOTS:
    void initTestCase() {
        m_workspace = m_folder.filePath("work");
        makeClassFolder(m_folder.filePath("images"), {"cat", "dog", "owl"}, 6);
        const CliResult result =
            runCli({"import", m_folder.filePath("images"), "--workspace", m_workspace, "--name", "pets"});
        QVERIFY2(result.exitCode == 0, result.all());
    }

    void scoresAsEvaluated() {
        const CliResult scored =
            tried("score", {"--templates", "a {}|the {} \x1b[31m", "--against", "simple", "--json"});
        QVERIFY2(scored.exitCode == 0, scored.all());
        const CliResult run = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m",
                                      fixtureModel(), "--templates", "a {}|the {} \x1b[31m", "--json"});
        QVERIFY2(run.exitCode == 0, run.all());
        const QJsonObject ours = scored.json()["metrics"].toObject(),
                          theirs = run.json()["metrics"].toObject();
        QCOMPARE(ours.keys(), theirs.keys());
        for (const QString& name : theirs.keys())
            QCOMPARE(ours[name].toObject()["value"], theirs[name].toObject()["value"]);
        QCOMPARE(ours["top1"], theirs["top1"]); // with its interval
        QCOMPARE(scored.json()["templates"].toArray().size(), 2);
        QCOMPARE(scored.json()["classes"].toArray().size(), 3);
        const QJsonObject change = scored.json()["change"].toObject();
        const int moved = change["gained"].toArray().size() - change["lost"].toArray().size();
        QVERIFY(qAbs(change["difference"].toObject()["value"].toDouble() - moved / 18.0) < 1e-12);
        const CliResult words =
            tried("score", {"--templates", "a {}|the {} \x1b[31m", "--against", "simple"});
        QVERIFY2(words.exitCode == 0 && words.output.contains("Without it"), words.all());
        QVERIFY(!words.output.contains('\x1b'));
    }

    void selectsAndSaysHowFarToTrustIt() {
        const CliResult chosen =
            tried("select", {"--templates", "openai-imagenet-7", "--most", "3", "--save", "best", "--json"});
        QVERIFY2(chosen.exitCode == 0, chosen.all());
        QCOMPARE(chosen.json()["steps"].toArray().size(), 3);
        QVERIFY(chosen.json()["caution"].toString().contains("optimistic"));
        const QJsonArray templates = chosen.json()["templates"].toArray();
        QCOMPARE(templates.size(), chosen.json()["best"].toInt());
        QCOMPARE(prompts({"show", "best", "--json"}).json()["templates"].toArray(), templates);
        QVERIFY(tried("select", {"--save", "best"}).isOneError("best"));
        QVERIFY(tried("select", {"--most", "1"}).output.contains("optimistic"));
    }

    void closeNames() {
        const CliResult close = tried("close", {"--templates", "simple", "--json"});
        QVERIFY2(close.exitCode == 0, close.all());
        QCOMPARE(close.json().toArray().size(), 3);
        QVERIFY(tried("close", {"--least", "1"}).output.contains("No two classes"));
    }

    void keptPromptsAreFoundByEveryTask() {
        QCOMPARE(prompts({"save", "mine", "my {}|your {}"}).exitCode, 0);
        QVERIFY(prompts({"save", "mine", "x {}"}).isOneError("mine"));
        QVERIFY(prompts({"save", "simple", "x {}"}).isOneError("built-in"));
        const CliResult run = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m",
                                      fixtureModel(), "--templates", "mine", "--json"});
        QVERIFY2(run.exitCode == 0, run.all());
        QCOMPARE(prompts({"save", "mine", "other {}", "--replace"}).exitCode, 0);
        QCOMPARE(prompts({"rename", "mine", "ours"}).exitCode, 0);
        // The run is repeated as it was, whatever became of the name.
        const CliResult again =
            runShell("\"$DIPTYCH\"" + run.json()["command"].toString().mid(7) + " --json");
        QVERIFY2(again.exitCode == 0, again.all());
        QCOMPARE(again.json()["metrics"], run.json()["metrics"]);
        QVERIFY(runCli({"runs", "list", "-w", m_workspace}).output.contains("mine"));
        QVERIFY(tried("score", {"--templates", "mine"}).isOneError("keeps: "));
        QVERIFY(prompts({"list"}).output.contains("ours"));
        QCOMPARE(prompts({"remove", "ours"}).exitCode, 0);
        QVERIFY(prompts({"remove", "ours"}).isOneError("ours"));
    }

    void filesGoInAndOut() {
        const QString file = write("theirs.json", R"({"pets": ["a {c}!", "{c}?"], "cars": ["x {c}"]})");
        QVERIFY(prompts({"import", file, "photos"}).isOneError("cars, pets"));
        QCOMPARE(prompts({"import", file, "photos", "--key", "pets"}).exitCode, 0);
        const QString cupl = write("cupl.json", R"({"cat": ["whiskers"], "owl": ["it hoots"]})");
        const CliResult described =
            prompts({"import", cupl, "described", "--dataset", "pets", "--base", "photos", "--json"});
        QVERIFY2(described.exitCode == 0, described.all());
        QCOMPARE(described.json()["classes"].toObject().size(), 2);
        const QString out = m_folder.filePath("all.json");
        QCOMPARE(prompts({"export", "described", out, "--kind", "prompts", "--dataset", "pets"}).exitCode, 0);
        QCOMPARE(prompts({"import", out, "whole", "--dataset", "pets"}).exitCode, 0);
        const auto metrics = [&](const char* name) {
            return tried("score", {"--templates", QString::fromLatin1(name), "--json"}).json()["metrics"];
        };
        QVERIFY(!metrics("whole").isNull());
        QCOMPARE(metrics("whole"), metrics("described"));
        QVERIFY(prompts({"export", "described", out, "--kind", "classnames"}).exitCode == 2);
        QVERIFY(prompts({"export", "described", "-", "--kind", "templates"}).output.contains("a {c}!"));
        QVERIFY(prompts({"import", write("bad.txt", "a {}\nplain\n"), "bad"}).isOneError("bad.txt:2"));
    }
};

QTEST_GUILESS_MAIN(TestCliPrompts)
#include "tst_prompts.moc"

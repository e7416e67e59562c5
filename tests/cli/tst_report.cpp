// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace diptych::test;

/// Reports and protocol cards from the command line.
class TestCliReport : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    QString m_workspace, m_first, m_second;

    CliResult report(const QStringList& options) {
        return runCli(QStringList{"report", m_first, "-w", m_workspace} + options);
    }
    QByteArray contentOf(const QString& name) {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void initTestCase() {
        const QString images = m_folder.filePath("images");
        m_workspace = m_folder.filePath("work");
        makeClassFolder(images, {"cat", "dog", "owl"}, 6);
        QCOMPARE(runCli({"import", images, "-w", m_workspace, "-n", "pets"}).exitCode, 0);
        for (QString* run : {&m_first, &m_second}) {
            const CliResult made =
                runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "pets", "-m", fixtureModel(),
                        "--templates", run == &m_first ? "none" : "simple", "--resamples", "100", "--json"});
            QVERIFY2(made.exitCode == 0, made.all());
            *run = QString::number(made.json().toObject()["run"].toInt());
        }
    }

    void aPdfNeedsNoDisplay() {
        const CliResult made = report({m_second, "-o", m_folder.filePath("r.pdf")});
        if (made.exitCode != 0) { // a program without the window says what to do instead
            QVERIFY2(made.isOneError("HTML"), made.errors);
            return;
        }
        QVERIFY2(made.errors.isEmpty(), made.errors);
        const QByteArray pdf = contentOf("r.pdf");
        QVERIFY(pdf.startsWith("%PDF-1."));
        QVERIFY(pdf.count("/Type /Page\n") > 2);
        QVERIFY(report({"-f", "pdf", "-o", "-"}).isOneError("--output"));
    }

    void theFilesNameSaysTheFormat() {
        QCOMPARE(report({m_second, "-o", m_folder.filePath("r.tex")}).exitCode, 0);
        const QByteArray tex = contentOf("r.tex");
        QVERIFY2(tex.contains("\\begin{tabular}") && tex.contains("Pairs of runs"), tex);
        QCOMPARE(report({"-o", m_folder.filePath("r.html")}).exitCode, 0);
        QVERIFY(contentOf("r.html").contains("Content-Security-Policy"));
    }

    void sectionsCommentsAndSheetsAreChosen() {
        const CliResult made = report({"--sections", "summary,examples", "--comment", "summary=Night, mostly",
                                       "--sheet", "random:3:7", "--sheet", "class:1", "-f", "md", "-o", "-"});
        QVERIFY2(made.exitCode == 0, made.all());
        for (const char* text :
             {"> Night, mostly", "Drawn at random with seed 7: 3 at most", "Of every class the first 1"})
            QVERIFY2(made.output.contains(text), made.output);
        QVERIFY2(!made.output.contains("Protocol:"), made.output);
        QVERIFY(report({"--sections", "summary,nope"}).isOneError("confusion"));
        QVERIFY(report({"--sheet", "best"}).isOneError("unsure[:N]"));
        QVERIFY(report({"--comment", "night=x"}).isOneError("night"));
        QVERIFY(report({"--sheet", "tag:none"}).isOneError("none"));
    }

    void aMapIsMadeWhereItIsNamed() {
        const CliResult made = report({"--sections", "map", "-f", "json", "-o", "-"});
        const QJsonObject run = made.json().toObject()["runs"].toArray().first().toObject();
        QCOMPARE(run["map"].toObject()["points"].toArray().size(), 18);
    }

    void theProtocolCardIsShown() {
        const CliResult shown = runCli({"runs", "show", m_second, "-w", m_workspace, "--protocol"});
        for (const char* text : {"Activation: quick_gelu", "Prompts: 1 template of the set 'simple'",
                                 "Differs from CLIP_benchmark in", "Precision: here fp32 throughout"})
            QVERIFY2(shown.output.contains(text), shown.output);
        const QJsonObject card =
            runCli({"runs", "show", m_second, "-w", m_workspace, "--protocol", "--json"}).json().toObject();
        QCOMPARE(card["recorded"].toBool(), true);
        QCOMPARE(card["clip_benchmark"].toObject()["task"].toString(),
                 QStringLiteral("zeroshot_classification"));
    }
};

QTEST_GUILESS_MAIN(TestCliReport)
#include "tst_report.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <sys/stat.h>

#include <csignal>

using namespace diptych;
using namespace diptych::test;

namespace {

QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Where the program's words and files go, and the limits of its options.
class TestCliStreams : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        makeClassFolder(m_folder.filePath("images"), {"=1+1", "b"}, 2);
        m_workspace = m_folder.filePath("work");
        QCOMPARE(
            runCli({"import", m_folder.filePath("images"), "-w", m_workspace, "-n", "=cmd|' /C calc'!A0"})
                .exitCode,
            0);
        const CliResult run = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "=cmd|' /C calc'!A0",
                                      "-m", fixtureModel(), "--json"});
        QVERIFY2(run.exitCode == 0, run.all());
    }

    void standardOutputByItsNames_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"-", "/dev/stdout", "/proc/self/fd/1"})
            QTest::newRow(name) << name;
    }
    void standardOutputByItsNames() {
        QFETCH(QString, name);
        const CliResult report = runCli({"report", "-w", m_workspace, "-f", "md", "-o", name});
        QVERIFY2(report.exitCode == 0 && report.output.startsWith("# "), report.all());
        QVERIFY2(!report.output.contains("Wrote"), report.output);
        const CliResult runs = runCli({"runs", "export", "-w", m_workspace, "-f", "json", "-o", name});
        QVERIFY2(runs.json().isArray(), runs.all());
        const CliResult encoded =
            runCli({"encode", "-m", fixtureModel(), "--images", fixtureImage(0), "-o", name});
        QVERIFY2(encoded.exitCode == 0 && encoded.output.mid(8, 1) == "{", encoded.errors);
        // To a file that the shell has opened: the program's words do not overwrite the beginning.
        const QString file = m_folder.filePath("redirected.md");
        const CliResult redirected = runShell(
            QString("\"$DIPTYCH\" report -w '%1' -f md -o '%2' > '%3'").arg(m_workspace, name, file));
        const QByteArray written = readBytes(file); // with its own time in it
        QVERIFY2(redirected.exitCode == 0 && written.startsWith("# "), redirected.all());
        QCOMPARE(written.size(), report.output.size());
        QVERIFY(QFileInfo("/dev/stdout").isSymLink());
        QVERIFY(!QFile::exists("-"));
    }

    void jsonAndStandardOutputExcludeEachOther() {
        const CliResult result = runCli({"report", "-w", m_workspace, "-o", "-", "--json"});
        QVERIFY2(result.exitCode == 2 && result.isOneError("--json"), result.all());
    }

    void outputOntoALinkAndADevice() {
        const QString target = m_folder.filePath("target.csv"), link = m_folder.filePath("link.csv");
        QVERIFY(QFile::link(target, link));
        QCOMPARE(runCli({"runs", "export", "-w", m_workspace, "-f", "csv", "-o", link}).exitCode, 0);
        QVERIFY(QFileInfo(link).isSymLink() && readBytes(target).startsWith("run,task,"));
        const CliResult full = runCli({"runs", "export", "-w", m_workspace, "-f", "csv", "-o", "/dev/full"});
        QVERIFY2(full.exitCode == 1 && full.isOneError("/dev/full"), full.all());
        struct stat status {};
        QVERIFY(::stat("/dev/full", &status) == 0 && S_ISCHR(status.st_mode));
    }

    void spreadsheetFormulasAreEscaped() {
        const QStringList call{"runs", "export", "-w", m_workspace, "-f", "csv"};
        const QByteArray escaped = runCli(call).output,
                         kept = runCli(call + QStringList{"--formulas", "keep"}).output;
        QVERIFY2(escaped.contains(",'=cmd|' /C calc'!A0,"), escaped);
        QVERIFY2(kept.contains(",=cmd|' /C calc'!A0,"), kept);
        QVERIFY2(runCli({"report", "-w", m_workspace, "-f", "csv", "-o", "-"}).output.contains(",'=cmd"), "");
    }

    /// The first file opened would get the number of standard output.
    void closedStandardStreams() {
        const QString lock = m_workspace + "/lock";
        for (const char* closed : {">&-", "2>&-", "<&-", "<&- >&- 2>&-"}) {
            const CliResult result = runShell(QString("\"$DIPTYCH\" datasets show '%1' -w '%2' --json %3")
                                                  .arg("=cmd|'\\'' /C calc'\\''!A0", m_workspace, closed));
            QVERIFY2(!result.crashed, closed);
            QVERIFY2(result.exitCode == (QByteArray(closed).contains(">&- ") || closed[0] == '>' ? 1 : 0),
                     qPrintable(QString("%1: %2").arg(closed).arg(result.exitCode)));
            const CliResult run = runShell(QString("\"$DIPTYCH\" models add '%1' -w '%2' --json %3")
                                               .arg(fixtureModel(), m_workspace, closed));
            QVERIFY2(!run.crashed, closed);
            QVERIFY2(readBytes(lock).isEmpty(), readBytes(lock));
        }
        QCOMPARE(runCli({"runs", "list", "-w", m_workspace, "--json"}).json().toArray().size(), 1);
    }

    void limitsOfOptions_data() {
        QTest::addColumn<QStringList>("call");
        QTest::addColumn<QString>("message");
        const QStringList eval{"eval", "zero-shot", "-w", m_workspace, "-d", "d", "-m", fixtureModel()};
        QTest::newRow("seed") << eval + QStringList{"--seed", "-1"}
                              << "--seed: -1 is not a whole number from 0 on";
        QTest::newRow("large seed") << eval + QStringList{"--seed", "99999999999999999999"}
                                    << "99999999999999999999 is not a whole number from 0 on";
        QTest::newRow("threads") << eval + QStringList{"--threads", "4096"}
                                 << "--threads: 4096 is not a whole number from 0 to 256";
        QTest::newRow("half a thread")
            << eval + QStringList{"--threads", "1.5"} << "1.5 is not a whole number";
        QTest::newRow("limit") << QStringList{"runs", "list", "-w", m_workspace, "--limit", "-5"}
                               << "--limit: -5 is not a whole number from 0 on";
        QTest::newRow("search") << QStringList{"search", "-w", m_workspace, "-d",      "d", "-m",
                                               "m",      "-t", "x",         "--limit", "-5"}
                                << "--limit: -5 is not a whole number from 1 on";
        QTest::newRow("blocks") << QStringList{"blocks", "blocks-colour",       "--seed", "-1",
                                               "-o",     m_folder.filePath("x")}
                                << "--seed: -1";
    }
    void limitsOfOptions() {
        QFETCH(QStringList, call);
        QFETCH(QString, message);
        const CliResult result = runCli(call);
        QCOMPARE(result.exitCode, 2);
        QVERIFY2(result.isOneError(message), result.errors);
    }

    /// As README says: both stop cleanly.
    void signalsAndExitCodes_data() {
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("Ctrl+C") << SIGINT << 130 << QByteArray("diptych: error: interrupted\n");
        QTest::newRow("SIGTERM") << SIGTERM << 143 << QByteArray("diptych: error: stopped\n");
    }
    void signalsAndExitCodes() {
        QFETCH(int, signal);
        QFETCH(int, code);
        QFETCH(QByteArray, message);
        const QString scenes = m_folder.filePath(QString("scenes%1").arg(signal));
        auto process = startCli({"blocks", "blocks-colour", "--count", "100000", "--output", scenes});
        QVERIFY(QTest::qWaitFor(
            [&] { return QFile::exists(scenes) || process->state() == QProcess::NotRunning; }, 60'000));
        ::kill(static_cast<pid_t>(process->processId()), signal);
        QVERIFY(process->waitForFinished(60'000));
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        QCOMPARE(process->exitCode(), code);
        QCOMPARE(process->readAllStandardError(), message);
    }

    void noThreadToBeHad() {
        // So little address space that a thread's stack does not fit; what a thread needs differs, so several
        // limits are tried. None may end in a crash without a word.
        bool told = false;
        for (int megabytes = 500; megabytes <= 2500; megabytes += 100) {
            const CliResult result =
                runShell(QString("ulimit -v %1; ulimit -s 65536; \"$DIPTYCH\" datasets list -w '%2'")
                             .arg(megabytes * 1024)
                             .arg(m_workspace));
            QVERIFY2(!result.errors.contains("std::system_error"), result.errors);
            told = told || result.errors.contains("no more threads");
        }
        if (!told)
            QSKIP("no limit here at which the program starts and a thread does not");
    }

private:
    QTemporaryDir m_folder;
    QString m_workspace;
};

QTEST_GUILESS_MAIN(TestCliStreams)
#include "tst_streams.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"
#include "app/cli/help_formatter.h"
#include "tests/cli/cli_runner.h"

#include <QTest>

using namespace diptych;
using namespace diptych::test;

class TestCliUsage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyCommandHasHelp_data() {
        QTest::addColumn<QString>("command");
        for (const char* command : {"",
                                    "import",
                                    "datasets",
                                    "datasets list",
                                    "datasets show",
                                    "datasets remove",
                                    "datasets rename",
                                    "datasets relocate",
                                    "samples",
                                    "samples list",
                                    "samples tag",
                                    "samples note",
                                    "models",
                                    "models list",
                                    "models add",
                                    "models show",
                                    "models remove",
                                    "models rename",
                                    "models relocate",
                                    "encode",
                                    "explain",
                                    "pointing",
                                    "eval",
                                    "eval zero-shot",
                                    "runs",
                                    "runs list",
                                    "runs show",
                                    "runs examples",
                                    "runs compare",
                                    "runs positives",
                                    "samples positives",
                                    "samples add-positive",
                                    "samples remove-positive",
                                    "search",
                                    "runs export",
                                    "runs import",
                                    "runs remove",
                                    "report",
                                    "bench",
                                    "bench encode",
                                    "bench search",
                                    "bench map",
                                    "bench probe",
                                    "metric",
                                    "metric zeroshot",
                                    "train",
                                    "blocks",
                                    "demo"})
            QTest::newRow(*command ? command : "none") << QString(command);
    }
    void everyCommandHasHelp() {
        QFETCH(QString, command);
        const auto words = command.split(' ', Qt::SkipEmptyParts);
        const CliResult result = runCli(words + QStringList{"--help"});
        QCOMPARE(result.exitCode, 0);
        QVERIFY2(result.errors.isEmpty(), result.errors);
        const QString help = QString::fromUtf8(result.output);
        QVERIFY2(help.contains("Usage: diptych" + (command.isEmpty() ? "" : " " + command)), result.output);
        for (const auto& line : help.split('\n'))
            QVERIFY2(line.size() <= 120, qPrintable(line));
        const bool isGroup = help.contains("Subcommands:");
        QVERIFY2(isGroup || help.contains("Examples:\n  diptych " + command), result.output);
        QVERIFY(isGroup || help.contains("--json"));
    }

    void version() {
        const CliResult result = runCli({"--version"});
        QCOMPARE(result.exitCode, 0);
        QVERIFY2(QString::fromUtf8(result.output).startsWith("diptych 0."), result.output);
    }

    void usageErrors_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("expected");
        QTest::newRow("unknown command") << QStringList{"evaluate"} << "diptych --help";
        QTest::newRow("unknown option")
            << QStringList{"import", "x", "--nmae", "y"} << "diptych import --help";
        QTest::newRow("missing option") << QStringList{"import", "x", "--name", "y"} << "--workspace";
        QTest::newRow("missing subcommand") << QStringList{"runs"} << "diptych runs --help";
        QTest::newRow("bad choice") << QStringList{"encode",   "--model", "m",        "--device", "tpu",
                                                   "--images", "a",       "--output", "o"}
                                    << "--device";
        QTest::newRow("bad number") << QStringList{"runs", "show", "three", "--workspace", "w"}
                                    << "diptych runs show --help";
        QTest::newRow("nothing to encode") << QStringList{"encode", "--model", "m"} << "--images";
        QTest::newRow("no output") << QStringList{"encode", "--model", "m", "--images", "a.png"}
                                   << "--output";
        QTest::newRow("bad columns") << QStringList{"import",      "x", "--name",    "y",
                                                    "--workspace", "w", "--columns", "picture=a"}
                                     << "picture=a";
        QTest::newRow("bad parameter")
            << QStringList{"eval", "zero-shot", "-w", "w", "-d", "d", "-m", "m", "--keep", "many"}
            << "--keep";
    }
    void usageErrors() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, expected);
        const CliResult result = runCli(arguments);
        QVERIFY(!result.crashed);
        QVERIFY2(result.exitCode == 2, result.all());
        QVERIFY(result.output.isEmpty());
        QVERIFY2(result.isOneError(expected), result.errors);
    }

    void fullOutputIsAnError() {
        const CliResult result = runShell("\"$DIPTYCH\" --help > /dev/full");
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.isOneError("standard output"), result.errors);
    }

    void closedPipeIsNoError() {
        const CliResult result = runShell("(\"$DIPTYCH\" --help; echo \"code $?\" >&2) | true");
        QVERIFY2(result.errors == "code 0\n", result.errors);
    }

    void localeAndEncodingDoNotMatter() {
        // A name that is not UTF-8, in the C locale: said with a replacement character, on one line.
        const CliResult result =
            runShell("LC_ALL=C \"$DIPTYCH\" models show \"$(printf 'no\\377such\\nfolder')\"");
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.isOneError(QString::fromUtf8("no\xEF\xBF\xBDsuch folder")), result.errors);
    }

    void tablesAlignWideCharacters() {
        cli::Table table({{"Name"}, {"n", cli::Table::Align::Right}});
        table.addRow({"雪", "1"});
        table.addRow({"é\x1b[31m", "1000"});
        QCOMPARE(QString::fromStdString(table.text()),
                 QString::fromUtf8("Name          n\n─────────  ────\n雪            1\né\\x1b[31m  1000\n"));
    }

    void progressFitsItsLine() {
        ProgressUpdate update;
        update.stage = "Encoding images";
        update.done = 1234;
        update.total = 5000;
        update.itemsPerSecond = 312.4;
        update.secondsLeft = 75;
        QCOMPARE(QString::fromStdString(cli::progressLine(update, 200)),
                 QString("Encoding images  [#####...................]  1,234/5,000  312/s  1m 15s left"));
        update.message = "雪雪雪雪";
        QVERIFY(cli::displayWidth(cli::progressLine(update, 79)) <= 79);
    }

    void numbersForPeople() {
        QCOMPARE(cli::formatCount(1234567), std::string("1,234,567"));
        QCOMPARE(cli::formatCount(-999), std::string("-999"));
        QCOMPARE(cli::formatBytes(999), std::string("999 B"));
        QCOMPARE(cli::formatBytes(1500), std::string("1.5 kB"));
        QCOMPARE(cli::formatBytes(605'000'000), std::string("605 MB"));
        QCOMPARE(cli::formatDuration(3.4), std::string("3s"));
        QCOMPARE(cli::formatDuration(185), std::string("3m 05s"));
        QCOMPARE(cli::formatDuration(7620), std::string("2h 07m"));
        QCOMPARE(cli::wrapText("aa bb cc", 5, 2), std::string("aa bb\n  cc"));
    }
};

QTEST_GUILESS_MAIN(TestCliUsage)
#include "tst_usage.moc"

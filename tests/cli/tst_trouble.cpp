// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/workspace.h"
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

using namespace diptych;
using namespace diptych::test;

namespace {

constexpr int kManyImages = 240;

void writeBytes(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(path));
    file.write(bytes);
}

QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Images in a workspace's cache (texts are a smaller space of their own), read beside whoever writes it; 0
/// while there is none.
int64_t cachedRows(const QString& workspace) {
    try {
        const auto opened = Workspace::open(workspace.toStdString(), {WorkspaceMode::ReadOnly});
        int64_t rows = 0;
        for (const auto& space : opened->embeddings().spaces())
            rows = std::max(rows, space.rows);
        return rows;
    } catch (const Error&) { // the writer is still making it
        return 0;
    }
}

} // namespace

/// Bad input, interruption and sudden death, each by the command line.
class TestCliTrouble : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        // Large enough that encoding can be caught in the middle; bytes behind the end of a PNG make every
        // file another one at no cost.
        m_many = m_folder.filePath("many");
        QDir().mkpath(m_many + "/a");
        QDir().mkpath(m_many + "/b");
        writeImage(m_folder.filePath("large.png"), 1, 500);
        const QByteArray png = readBytes(m_folder.filePath("large.png"));
        for (int i = 0; i < kManyImages; ++i)
            writeBytes(QString("%1/%2/%3.png").arg(m_many, i % 2 ? "a" : "b").arg(i),
                       png + QByteArray::number(i));
    }

    void killedInTheMiddleGoesOn() {
        const QString workspace = importMany("killed");
        auto process = startCli({"encode", "-w", workspace, "-d", "many", "-m", fixtureModel()});
        QVERIFY(QTest::qWaitFor(
            [&] { return cachedRows(workspace) > 0 || process->state() == QProcess::NotRunning; }, 60'000));
        process->kill();
        QVERIFY(process->waitForFinished());
        const int64_t before = cachedRows(workspace);
        QVERIFY(before > 0);
        QVERIFY2(before < kManyImages, "it was through before it could be killed");
        const QJsonObject resumed = evaluateMany(workspace);
        QCOMPARE(cachedRows(workspace), int64_t(kManyImages));
        QCOMPARE(resumed["metrics"], evaluateMany(importMany("fresh"))["metrics"]);
    }

    void interruptEndsCleanly() {
        const QString workspace = importMany("interrupted");
        auto process = startCli({"eval", "zero-shot", "-w", workspace, "-d", "many", "-m", fixtureModel()});
        QVERIFY(QTest::qWaitFor(
            [&] { return cachedRows(workspace) > 0 || process->state() == QProcess::NotRunning; }, 60'000));
        ::kill(static_cast<pid_t>(process->processId()), SIGINT);
        QVERIFY(process->waitForFinished(60'000));
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        QCOMPARE(process->exitCode(), 130);
        QCOMPARE(process->readAllStandardError(), QByteArray("diptych: error: interrupted\n"));
        QVERIFY(process->readAllStandardOutput().isEmpty());
        // No half run; what was encoded stays.
        QVERIFY(runCli({"runs", "list", "-w", workspace, "--json"}).json().toArray().isEmpty());
        QVERIFY(cachedRows(workspace) > 0);
    }

    void unreadableImagesAreCountedNotFatal() {
        const QString images = m_folder.filePath("mixed");
        makeClassFolder(images, {"a", "b"}, 3);
        writeBytes(images + "/a/empty.png", "");
        writeBytes(images + "/a/text.jpg", "no image at all");
        writeBytes(images + "/b/cut.png", readBytes(images + "/b/0.png").left(200));
        const QString workspace = m_folder.filePath("mixed-work");
        QCOMPARE(runCli({"import", images, "-w", workspace, "-n", "mixed"}).exitCode, 0);
        const QStringList call{"eval", "zero-shot", "-w", workspace, "-d", "mixed", "-m", fixtureModel()};
        const CliResult result = runCli(call + QStringList{"--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["failures"].toInt(), 3);
        QCOMPARE(result.json()["examples"].toInt(), 9);
        QCOMPARE(result.json()["metrics"].toObject()["top1"].toObject()["n"].toInt(), 6);
        const CliResult listed = runCli({"runs", "examples", QString::number(result.json()["run"].toInt()),
                                         "-w", workspace, "--status", "unreadable", "--json"});
        QCOMPARE(listed.json().toArray().size(), 3);
        for (const auto& example : listed.json().toArray())
            QVERIFY(!example.toObject()["message"].toString().isEmpty());
        QVERIFY(runCli(call).errors.contains("3 of 9 images could not be read"));
    }

    void namesInAnyEncoding() {
        const QString root = m_folder.filePath("names");
        QDir().mkpath(root);
        const CliResult made = runShell(QString("cd '%1' && mkdir \"$(printf 'caf\\351')\" '雪' && cp '%2' "
                                                "\"$(printf 'caf\\351/x\\nz.png')\" && cp '%3' '雪/[a].png'")
                                            .arg(root, fixtureImage(0), fixtureImage(1)));
        QVERIFY2(made.exitCode == 0, made.all());
        const QString workspace = m_folder.filePath("names-work");
        const CliResult imported = runCli({"import", root, "-w", workspace, "-n", "names", "--json"});
        QVERIFY2(imported.exitCode == 0, imported.all());
        QCOMPARE(imported.json()["samples"].toInt(), 2);
        const CliResult result =
            runCli({"eval", "zero-shot", "-w", workspace, "-d", "names", "-m", fixtureModel(), "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["failures"].toInt(), 0);
        runShell(QString("rm -rf '%1'").arg(root)); // Qt cannot remove what is not UTF-8
    }

    void badSources() {
        const QString workspace = m_folder.filePath("sources-work");
        QVERIFY(runCli({"import", m_folder.filePath("nowhere"), "-w", workspace, "-n", "x"})
                    .isOneError("nowhere"));
        QVERIFY2(!QFile::exists(workspace), "a failed import left a workspace behind");
        const QString empty = m_folder.filePath("empty");
        QDir().mkpath(empty);
        QVERIFY(runCli({"import", empty, "-w", workspace, "-n", "x"}).isOneError("empty"));
    }

    void symlinkLoopEnds() {
        const QString root = m_folder.filePath("loop");
        makeClassFolder(root, {"a", "b"}, 1);
        QVERIFY(QFile::link(root, root + "/a/again"));
        const CliResult result =
            runCli({"import", root, "-w", m_folder.filePath("loop-work"), "-n", "loop", "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["samples"].toInt(), 2);
    }

    void unreadableFolder() {
        if (geteuid() == 0)
            QSKIP("root reads everything");
        const QString root = m_folder.filePath("closed");
        makeClassFolder(root, {"a", "b"}, 1);
        ::chmod((root + "/b").toLocal8Bit().constData(), 0);
        const CliResult result =
            runCli({"import", root, "-w", m_folder.filePath("closed-work"), "-n", "closed", "--json"});
        ::chmod((root + "/b").toLocal8Bit().constData(), 0755);
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["problems"].toArray().size(), 1);
    }

    void badCheckpoints_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("expected");
        const QByteArray weights = readBytes(fixtureModel() + "/model.safetensors");
        QTest::newRow("no configuration") << "config.json" << QByteArray() << "config.json";
        QTest::newRow("configuration is no JSON") << "config.json" << QByteArray("{") << "config.json";
        QTest::newRow("truncated weights")
            << "model.safetensors" << weights.left(weights.size() / 2) << "model.safetensors";
        QTest::newRow("header length lies")
            << "model.safetensors" << QByteArray(8, '\x7f') + weights.mid(8) << "model.safetensors";
        QByteArray renamed = weights;
        renamed.replace("text_projection.weight", "text_projection.wright");
        QTest::newRow("renamed tensor") << "model.safetensors" << renamed << "text_projection.weight";
        QByteArray absurd = readBytes(fixtureModel() + "/config.json");
        QTest::newRow("absurd size") << "config.json"
                                     << absurd.replace("\"hidden_size\": ", "\"hidden_size\": 99999999")
                                     << "hidden_size";
    }
    void badCheckpoints() {
        QFETCH(QString, file);
        QFETCH(QByteArray, content);
        QFETCH(QString, expected);
        const QTemporaryDir model;
        for (const auto& name : QDir(fixtureModel()).entryList(QDir::Files))
            if (name != file)
                QVERIFY(QFile::copy(fixtureModel() + "/" + name, model.filePath(name)));
        if (!content.isNull())
            writeBytes(model.filePath(file), content);
        const CliResult result = runCli({"models", "show", model.path()});
        QVERIFY(!result.crashed);
        QVERIFY2(result.exitCode == 1, result.all());
        QVERIFY2(result.isOneError(expected), result.errors);
    }

    void pickleIsRefused() {
        const QTemporaryDir model;
        QVERIFY(QFile::copy(fixtureModel() + "/config.json", model.filePath("config.json")));
        writeBytes(model.filePath("pytorch_model.bin"), "\x80\x02");
        const CliResult result = runCli({"models", "show", model.path()});
        QVERIFY2(result.exitCode == 1 && result.isOneError("pytorch_model.bin"), result.errors);
        QVERIFY2(result.errors.contains("Convert once"), result.errors); // says how to convert
    }

    void secondInstanceIsRefusedReadersAreNot() {
        const QString workspace = importMany("shared");
        const auto writer = Workspace::open(workspace.toStdString());
        const CliResult second = runCli({"import", m_many, "-w", workspace, "-n", "again"});
        QVERIFY2(second.exitCode == 1, second.all());
        QVERIFY2(second.isOneError(QString::number(QCoreApplication::applicationPid())), second.errors);
        QCOMPARE(runCli({"datasets", "list", "-w", workspace}).exitCode, 0);
    }

    void newerWorkspaceIsLeftAlone() {
        const QString workspace = importMany("newer");
        QFile database(workspace + "/workspace.sqlite");
        QVERIFY(database.open(QIODevice::ReadWrite));
        database.seek(60); // user_version, https://www.sqlite.org/fileformat.html
        database.write(QByteArray("\x00\x00\x27\x0f", 4));
        database.close();
        const QByteArray before = readBytes(database.fileName());
        const CliResult result = runCli({"datasets", "list", "-w", workspace});
        QVERIFY2(result.exitCode == 1 && result.isOneError("newer"), result.errors);
        QVERIFY(readBytes(database.fileName()) == before);
    }

    void notAWorkspace() {
        const CliResult none = runCli({"runs", "list", "-w", m_folder.filePath("nowhere")});
        QVERIFY2(none.exitCode == 1 && none.isOneError("nowhere"), none.errors);
        QVERIFY(!QFile::exists(m_folder.filePath("nowhere")));
        const QString broken = m_folder.filePath("broken-work");
        QDir().mkpath(broken);
        writeBytes(broken + "/workspace.sqlite", "this is not a database, whatever its name says it is");
        const CliResult corrupt = runCli({"runs", "list", "-w", broken});
        QVERIFY2(corrupt.exitCode == 1 && corrupt.isOneError("broken-work"), corrupt.errors);
    }

    /// The window says what is missing in a box, which waits for somebody to read it.
    void windowWithoutItsResources() {
        qputenv("DIPTYCH_RESOURCES", "/nonexistent");
        qputenv("QT_QPA_PLATFORM", "offscreen");
        const auto window = startCli({"gui", "--settings", m_folder.filePath("settings.ini")});
        qunsetenv("DIPTYCH_RESOURCES");
        window->setReadChannel(QProcess::StandardError);
        QByteArray errors;
        while (!errors.contains("DIPTYCH_RESOURCES names /nonexistent") && window->waitForReadyRead(60000))
            errors += window->readAllStandardError();
        QVERIFY2(errors.contains("diptych: error: DIPTYCH_RESOURCES names /nonexistent"), errors);
        QVERIFY2(window->state() == QProcess::Running || window->exitStatus() == QProcess::NormalExit,
                 errors);
        window->kill();
        window->waitForFinished();
    }

    void fullDisk() {
        // A file system of 2 MB in a mount namespace of its own, where the system lets us make one.
        const QString mount = m_folder.filePath("small");
        QDir().mkpath(mount);
        const QString prefix = "unshare -rm sh -c 'mount -t tmpfs -o size=2m tmpfs \"" + mount + "\" && ";
        if (runShell(prefix + "true'").exitCode != 0)
            QSKIP("no mount namespaces here");
        const CliResult result = runShell(prefix + "head -c 2050000 /dev/zero > \"" + mount +
                                          "/fill\" 2>/dev/null; \"$DIPTYCH\" import \"" + m_many +
                                          "\" -w \"" + mount + "/work\" -n many'");
        QVERIFY2(result.exitCode == 1, result.all());
        QVERIFY(!result.crashed);
        QVERIFY2(result.isOneError("space") || result.isOneError("full"), result.errors);
    }

private:
    QString importMany(const char* name) {
        const QString workspace = m_folder.filePath(QString(name) + "-work");
        const CliResult result = runCli({"import", m_many, "-w", workspace, "-n", "many"});
        if (result.exitCode != 0)
            qWarning("%s", result.errors.constData());
        return workspace;
    }
    QJsonObject evaluateMany(const QString& workspace) {
        const CliResult result =
            runCli({"eval", "zero-shot", "-w", workspace, "-d", "many", "-m", fixtureModel(), "--json"});
        if (result.exitCode != 0)
            qWarning("%s", result.errors.constData());
        return result.json().toObject();
    }

    QTemporaryDir m_folder;
    QString m_many;
};

QTEST_GUILESS_MAIN(TestCliTrouble)
#include "tst_trouble.moc"

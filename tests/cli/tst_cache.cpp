// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/store/workspace.h"
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace diptych;
using namespace diptych::test;

/// What a workspace keeps of images and embeddings: seeing it, emptying it, not believing it, and using it
/// where nothing can be written.
class TestCliCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_images = m_folder->filePath("images");
        m_workspace = m_folder->filePath("work");
        makeClassFolder(m_images, {"a", "b"}, 3);
        QCOMPARE(runCli({"import", m_images, "-w", m_workspace, "-n", "d"}).exitCode, 0);
    }

    void showAndClear() {
        QCOMPARE(runCli({"cache", "show", "-w", m_workspace}).output.left(17),
                 QByteArray("No embeddings yet"));
        const QJsonValue metrics = evaluate()["metrics"];
        const QJsonObject shown = runCli({"cache", "show", "-w", m_workspace, "--json"}).json().toObject();
        const QJsonArray spaces = shown["spaces"].toArray();
        QCOMPARE(spaces.size(), 2);
        QStringList contents;
        double bytes = 0;
        for (const auto& space : spaces) {
            QCOMPARE(space.toObject()["model"].toString(), QString("openai"));
            QCOMPARE(space.toObject()["precision"].toString(), QString("fp32"));
            contents << space.toObject()["content"].toString();
            bytes += space.toObject()["bytes"].toDouble();
        }
        contents.sort();
        QCOMPARE(contents, (QStringList{"images", "texts"}));
        QVERIFY(bytes > 0);
        QCOMPARE(shown["bytes"].toDouble(), bytes);
        QVERIFY(runCli({"cache", "show", "-w", m_workspace}).output.contains("openai"));

        const CliResult unknown = runCli({"cache", "clear", "-w", m_workspace, "-m", "other"});
        QVERIFY2(unknown.exitCode == 1 && unknown.isOneError("other"), unknown.all());
        const CliResult cleared = runCli({"cache", "clear", "-w", m_workspace, "-m", "openai", "--json"});
        QCOMPARE(cleared.json()["removed"].toInt(), 2);
        QCOMPARE(cleared.json()["bytes"].toDouble(), bytes);
        QVERIFY(runCli({"cache", "show", "-w", m_workspace, "--json"}).json()["spaces"].toArray().isEmpty());
        QVERIFY(QDir(m_workspace + "/embeddings").isEmpty());
        QCOMPARE(runCli({"runs", "list", "-w", m_workspace, "--json"}).json().toArray().size(), 1);
        QCOMPARE(evaluate()["metrics"], metrics); // computed anew
        QCOMPARE(runCli({"cache", "clear", "-w", m_workspace}).exitCode, 0);
        QCOMPARE(runCli({"cache", "clear", "-w", m_workspace}).exitCode, 0);
    }

    /// A drive whose times say nothing: the file has another content, all that the system tells is the same.
    void verifyReadsAgain() {
        evaluate();
        writeImage(m_images + "/a/0.png", 77);
        const std::filesystem::path path = (m_images + "/a/0.png").toStdString();
        {
            const auto workspace = Workspace::open(m_workspace.toStdString());
            const FileHash stale{path, fileStamp(path).value(), hashText("what it was before")};
            workspace->storeContentHashes(std::span(&stale, 1));
        }
        const auto known = [&] {
            return Workspace::open(m_workspace.toStdString(), {WorkspaceMode::ReadOnly})
                ->cachedContentHash(path);
        };
        QCOMPARE(known(), std::optional(hashText("what it was before")));
        for (const QStringList& call : {QStringList{"encode"}, QStringList{"eval", "zero-shot"},
                                        QStringList{"search", "--text", "x"}}) {
            const auto options = QStringList{"-w", m_workspace, "-d", "d", "-m", fixtureModel()};
            const CliResult result = runCli(call + options + QStringList{"--verify"});
            QVERIFY2(result.exitCode == 0, result.all());
            QCOMPARE(known(), std::optional(hashFile(path).value()));
            const auto workspace = Workspace::open(m_workspace.toStdString());
            const FileHash stale{path, fileStamp(path).value(), hashText("what it was before")};
            workspace->storeContentHashes(std::span(&stale, 1));
        }
    }

    void searchWhereNothingCanBeWritten_data() {
        QTest::addColumn<QString>("spoil");
        QTest::newRow("read-only media") << "mount -o remount,ro '%1'";
        QTest::newRow("full disk") << "head -c 20000000 /dev/zero > '%1/ballast' 2>/dev/null; true";
    }
    void searchWhereNothingCanBeWritten() {
        QFETCH(QString, spoil);
        evaluate();
        const QString mount = m_folder->filePath("small");
        QDir().mkpath(mount);
        const QString prefix =
            QString("unshare -rm sh -c \"mount -t tmpfs -o size=12m tmpfs '%1' && ").arg(mount);
        if (runShell(prefix + "true\"").exitCode != 0)
            QSKIP("no mount namespaces here");
        const CliResult result =
            runShell(prefix + QString("cp -r '%1' '%2/w' && %3 && "
                                      "\\\"$DIPTYCH\\\" search -w '%2/w' -d d -m '%4' -t x --json\"")
                                  .arg(m_workspace, mount, spoil.arg(mount), fixtureModel()));
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json().toArray().size(), 6);
    }

private:
    QJsonObject evaluate() {
        const CliResult result = runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "d", "-m",
                                         fixtureModel(), "--device", "cpu", "--precision", "fp32", "--json"});
        if (result.exitCode != 0)
            qWarning("%s", result.errors.constData());
        return result.json().toObject();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_images, m_workspace;
};

QTEST_GUILESS_MAIN(TestCliCache)
#include "tst_cache.moc"

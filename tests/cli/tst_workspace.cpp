// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_runner.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <filesystem>

using namespace diptych::test;

/// The main job from the command line: import, evaluate, look, report, export.
class TestCliWorkspace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        m_images = m_folder.filePath("images");
        m_workspace = m_folder.filePath("work");
        makeClassFolder(m_images, {"cat", "dog", "owl"}, 4);
        const CliResult result =
            runCli({"import", m_images, "--workspace", m_workspace, "--name", "pets", "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        m_imported = result.json().toObject();
    }

    void importMadeTheWorkspace() {
        QCOMPARE(m_imported["dataset"].toString(), QString("pets"));
        QCOMPARE(m_imported["format"].toString(), QString("imagefolder"));
        QCOMPARE(m_imported["samples"].toInt(), 12);
        QCOMPARE(m_imported["classes"].toInt(), 3);
        QVERIFY(m_imported["problems"].toArray().isEmpty());
        QVERIFY(QFile::exists(m_workspace + "/workspace.sqlite"));
    }

    void importAgainBringsUpToDate() {
        const QString images = m_folder.filePath("growing");
        makeClassFolder(images, {"a", "b"}, 1);
        QCOMPARE(runCli({"import", images, "-w", m_workspace, "-n", "growing"}).exitCode, 0);
        writeImage(images + "/a/more.png", 99);
        const CliResult result = runCli({"import", images, "-w", m_workspace, "-n", "growing"});
        QVERIFY2(result.exitCode == 0, result.all());
        QVERIFY2(result.output.contains("3 images, 2 classes"), result.output);
    }

    void importSaysWhatFoldersAreAndIsTold() {
        const QString images = m_folder.filePath("split folders");
        makeClassFolder(images + "/Training", {"a", "b"}, 1);
        makeClassFolder(images + "/Testing", {"a", "b"}, 1);
        const CliResult found = runCli({"import", images, "-w", m_workspace, "-n", "split"});
        QVERIFY2(found.output.contains("Splits: Testing, Training\nClasses: a, b\n"), found.all());
        const CliResult told =
            runCli({"import", images, "-w", m_workspace, "-n", "split", "--folders", "class", "--json"});
        QCOMPARE(told.json()["class_names"].toArray(), QJsonArray({"Testing", "Training"}));
        QCOMPARE(told.json()["splits"].toArray(), QJsonArray());
        QCOMPARE(runCli({"import", images, "-w", m_workspace, "-n", "x", "--folders", "classes"}).exitCode,
                 1);
    }

    void importRemembersWhatWasSaid() {
        QFile table(m_folder.filePath("remembered.csv"));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("image,label,species\ncat/0.png,0,caf\xe9\ndog/0.png,1,ni\xf1o\n"); // Windows-1252
        table.close();
        const QStringList import = {"import", table.fileName(), "-w",    m_workspace,
                                    "-n",     "remembered",     "--json"};
        const CliResult told =
            runCli(import + QStringList{"--columns", "label=species", "--image-root", m_images});
        QVERIFY2(told.exitCode == 0, told.all());
        QCOMPARE(told.json()["class_names"].toArray(), QJsonArray({"café", "niño"}));
        QCOMPARE(told.json()["notes"].toArray().size(), 1); // read, and all of it
        QVERIFY(told.json()["problems"].toArray().isEmpty());
        const CliResult again = runCli(import);
        QVERIFY2(again.exitCode == 0, again.all());
        QCOMPARE(again.json()["class_names"].toArray(), QJsonArray({"café", "niño"}));
        QCOMPARE(again.json()["chosen"],
                 QJsonValue(QJsonObject{{"columns", "label=species"}, {"image-root", m_images}}));
        const CliResult shown = runCli({"datasets", "show", "remembered", "-w", m_workspace});
        QVERIFY2(
            shown.output.contains("Read with: --columns label=species --image-root " + m_images.toUtf8()),
            shown.all());
        QVERIFY2(shown.output.contains("Notes: 1\n") && !shown.output.contains("Left out"), shown.all());
        const CliResult anew = runCli(import + QStringList{"--anew"}); // finds the images near the table
        QCOMPARE(anew.json()["class_names"].toArray(), QJsonArray({"0", "1"}));
        QVERIFY(anew.json()["chosen"].toObject().isEmpty());
    }

    void samplesAreFilteredSortedTaggedAndNoted() {
        QFile table(m_folder.filePath("weights.csv"));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("image,label,weight,camera\ncat/0.png,cat,10,north\ndog/0.png,dog,9,south\n"
                    "owl/0.png,owl,100,north\n");
        table.close();
        const CliResult imported = runCli(
            {"import", table.fileName(), "-w", m_workspace, "-n", "weights", "--image-root", m_images});
        QVERIFY2(imported.exitCode == 0, imported.all());
        const QStringList here = {"-w", m_workspace, "-d", "weights"};
        const auto classesOf = [&](const QStringList& more) {
            const CliResult result = runCli(QStringList{"samples", "list", "--json"} + here + more);
            QStringList classes;
            for (const QJsonValue& sample : result.json().toArray())
                classes << sample.toObject()["class"].toString();
            return classes;
        };
        QCOMPARE(classesOf({"--sort", "weight"}), (QStringList{"dog", "cat", "owl"}));
        QCOMPARE(classesOf({"--sort", "weight", "--descending", "--limit", "1"}), QStringList{"owl"});
        QCOMPARE(classesOf({"--class", "dog", "--class", "owl"}), (QStringList{"dog", "owl"}));
        QCOMPARE(classesOf({"--where", "camera=north"}), (QStringList{"cat", "owl"}));
        QCOMPARE(runCli(QStringList{"samples", "list", "--where", "lens=x"} + here).exitCode, 1);
        QCOMPARE(runCli(QStringList{"samples", "list", "--class", "cow"} + here).exitCode, 1);
        const CliResult tagged =
            runCli(QStringList{"samples", "tag", "odd", "--where", "camera=north", "--json"} + here);
        QVERIFY2(tagged.exitCode == 0, tagged.all());
        QCOMPARE(tagged.json()["changed"].toInt(), 2);
        QCOMPARE(classesOf({"--tagged", "odd"}), (QStringList{"cat", "owl"}));
        QCOMPARE(runCli(QStringList{"samples", "note", "look again", "--class", "dog"} + here).exitCode, 0);
        QCOMPARE(classesOf({"--noted"}), QStringList{"dog"});
        const QString list = m_folder.filePath("list.csv");
        QCOMPARE(runCli(QStringList{"samples", "list", "--noted", "-o", list} + here).exitCode, 0);
        QFile written(list);
        QVERIFY(written.open(QIODevice::ReadOnly));
        QVERIFY(written.readAll().contains("look again"));
        QCOMPARE(runCli(QStringList{"samples", "tag", "odd", "--remove"} + here).exitCode, 0);
        QVERIFY(classesOf({"--tagged", "odd"}).isEmpty());
    }

    void viewsAreSavedListedUsedAndRemoved() {
        const QStringList here = {"-w", m_workspace, "-d", "weights"};
        const auto run = [&](const QStringList& words) {
            return runCli(words + here + QStringList{"--json"});
        };
        const auto keysOf = [&](const QStringList& more) {
            const CliResult result = run(QStringList{"samples", "list"} + more);
            QStringList keys;
            for (const QJsonValue& sample : result.json().toArray())
                keys << sample.toObject()["class"].toString();
            return keys;
        };
        QCOMPARE(keysOf({"--where", "weight>=9.5"}), (QStringList{"cat", "owl"}));
        QCOMPARE(keysOf({"--where", "weight>=9", "--where", "weight<=10"}), (QStringList{"cat", "dog"}));
        QCOMPARE(run({"samples", "list", "--where", "weight>=many"}).exitCode, 2);
        QCOMPARE(run({"samples", "list", "--where", "weight>5"}).exitCode, 2);
        QCOMPARE(run({"samples", "list", "--where", "lens>=5"}).exitCode, 1);
        QCOMPARE(run({"samples", "list", "--wrong"}).exitCode, 2);
        QCOMPARE(run({"samples", "list", "--run", "99"}).exitCode, 1);

        QCOMPARE(run({"samples", "save", "heavy", "--where", "weight>=10"}).json()["samples"].toInt(), 2);
        QCOMPARE(run({"samples", "save", "heavy", "--class", "dog"}).exitCode, 1); // the name is taken
        QCOMPARE(keysOf({"--view", "heavy"}), (QStringList{"cat", "owl"}));
        QCOMPARE(keysOf({"--view", "heavy", "--class", "owl"}), QStringList{"owl"});
        QCOMPARE(run({"samples", "save", "x", "--view", "heavy", "--class", "owl"}).exitCode, 2);
        QCOMPARE(run({"samples", "save", "pair", "--fixed", "--class", "dog", "--class", "cat"}).exitCode, 0);
        QCOMPARE(run({"samples", "save", "pair", "--view", "heavy", "--class", "owl", "--fixed", "--replace"})
                     .exitCode,
                 0);
        QCOMPARE(keysOf({"--view", "pair"}), QStringList{"owl"});
        QCOMPARE(run({"samples", "rename-view", "pair", "one"}).exitCode, 0);
        const CliResult listed = run({"samples", "views"});
        QCOMPARE(listed.json().toArray().size(), 2);
        QCOMPARE(listed.json().toArray()[0].toObject()["filter"].toObject()["ranges"].toObject()["weight"],
                 QJsonValue(QJsonArray{10, QJsonValue()}));
        QCOMPARE(listed.json().toArray()[1].toObject()["samples"].toInt(), 1);
        const CliResult counted = run({"samples", "counts", "--view", "heavy", "--class", "owl"});
        QVERIFY2(counted.exitCode == 0, counted.all());
        QCOMPARE(counted.json()["count"].toInt(), 1);
        const QJsonObject classes = counted.json()["facets"].toArray()[0].toObject();
        QCOMPARE(classes["facet"].toString(), QString("class"));
        QCOMPARE(classes["values"].toArray()[0].toObject()["count"].toInt(), 1); // cat: heavy, if not an owl
        QCOMPARE(classes["values"].toArray()[1].toObject()["count"].toInt(), 0); // dog: not heavy
        QCOMPARE(run({"samples", "remove-view", "one"}).exitCode, 0);
        const CliResult gone = run({"samples", "list", "--view", "one"});
        QCOMPARE(gone.exitCode, 1);
        QVERIFY2(gone.all().contains("it has: heavy"), gone.all());
    }

    void movedFoldersAreMarkedAndLocated() {
        const QString before = m_folder.filePath("before"), after = m_folder.filePath("after");
        makeClassFolder(before, {"a", "b"}, 1);
        QCOMPARE(runCli({"import", before, "-w", m_workspace, "-n", "moved"}).exitCode, 0);
        const auto missing = [&] {
            for (const QJsonValue& entry :
                 runCli({"datasets", "list", "-w", m_workspace, "--json"}).json().toArray())
                if (entry.toObject()["dataset"].toString() == "moved")
                    return entry.toObject()["missing"].toBool();
            return false;
        };
        QVERIFY(!missing());
        QVERIFY(QDir().rename(before, after));
        QVERIFY(missing());
        QCOMPARE(runCli({"datasets", "relocate", "moved", m_images, "-w", m_workspace}).exitCode, 1);
        const CliResult found = runCli({"datasets", "relocate", "moved", after, "-w", m_workspace});
        QVERIFY2(found.exitCode == 0, found.all());
        QVERIFY(!missing());
        QCOMPARE(runCli({"datasets", "rename", "moved", "pets", "-w", m_workspace}).exitCode, 1); // taken
        QCOMPARE(runCli({"datasets", "rename", "moved", "found", "-w", m_workspace}).exitCode, 0);
        QCOMPARE(runCli({"datasets", "remove", "found", "-w", m_workspace}).exitCode, 0);
    }

    void importOfATableWithChosenColumns() {
        QFile table(m_folder.filePath("table.csv"));
        QVERIFY(table.open(QIODevice::WriteOnly));
        table.write("file,species,part\ncat/0.png,cat,train\ndog/0.png,dog,test\nowl/9.png,owl,test\n");
        table.close();
        const CliResult result =
            runCli({"import", table.fileName(), "-w", m_workspace, "-n", "table", "--format", "csv",
                    "--columns", "image=file,label=species,split=part", "--image-root", m_images, "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["samples"].toInt(), 2); // owl/9.png is not there
        QCOMPARE(result.json()["problems"].toArray().size(), 1);
        const CliResult shown = runCli({"datasets", "show", "table", "-w", m_workspace, "--json"});
        QCOMPARE(shown.json()["splits"].toArray(), QJsonArray({"test", "train"}));
    }

    void datasets() {
        QVERIFY(runCli({"datasets", "list", "-w", m_workspace}).output.contains("pets"));
        const CliResult shown = runCli({"datasets", "show", "pets"}, {"DIPTYCH_WORKSPACE=" + m_workspace});
        QVERIFY2(shown.output.contains("Classes: cat, dog, owl"), shown.all());
        const CliResult missing = runCli({"datasets", "show", "birds", "-w", m_workspace});
        QCOMPARE(missing.exitCode, 1);
        QVERIFY2(missing.isOneError("pets"), missing.errors); // says which there are
    }

    void models() {
        const CliResult added = runCli({"models", "add", fixtureModel(), "-w", m_workspace, "--json"});
        QVERIFY2(added.exitCode == 0, added.all());
        QCOMPARE(added.json()["model"].toString(), QString("openai"));
        QVERIFY(runCli({"models", "list", "-w", m_workspace}).output.contains("openai"));
        QCOMPARE(runCli({"models", "list", "-w", m_workspace, "--json"}).json().toArray().size(), 1);
        const CliResult byName = runCli({"models", "show", "openai", "-w", m_workspace, "--json"});
        const CliResult byFolder = runCli({"models", "show", fixtureModel(), "--json"});
        QVERIFY2(byName.exitCode == 0, byName.all());
        QCOMPARE(byName.json(), byFolder.json());
        QVERIFY(runCli({"models", "show", fixtureModel()}).output.contains("CLIP"));
        const CliResult renamed =
            runCli({"models", "rename", "openai", "baseline", "-w", m_workspace, "--json"});
        QVERIFY2(renamed.exitCode == 0, renamed.all());
        QCOMPARE(renamed.json()["model"].toString(), QString("baseline"));
        QVERIFY(runCli({"models", "rename", "openai", "x", "-w", m_workspace}).isOneError("openai"));
        QCOMPARE(runCli({"models", "rename", "baseline", "openai", "-w", m_workspace}).exitCode, 0);
        QCOMPARE(runCli({"models", "remove", "openai", "-w", m_workspace}).exitCode, 0);
        QVERIFY(runCli({"models", "remove", "openai", "-w", m_workspace}).isOneError("openai"));
    }

    void modelsAreFoundWhereTheyWereMovedTo() {
        const QString here = m_folder.filePath("model here"), there = m_folder.filePath("model there");
        std::filesystem::copy(fixtureModel().toStdString(), here.toStdString());
        QCOMPARE(runCli({"models", "add", here, "-w", m_workspace}).exitCode, 0);
        QVERIFY(QDir().rename(here, there));
        const auto listed = [&] { return runCli({"models", "list", "-w", m_workspace}).output; };
        QVERIFY2(listed().contains("model here (missing; 'models relocate')"), listed());
        const CliResult moved = runCli({"models", "relocate", "model here", there, "-w", m_workspace});
        QVERIFY2(moved.exitCode == 0, moved.all());
        QVERIFY2(moved.output.contains("'model here' is in " + there.toUtf8()), moved.output);
        QVERIFY(!listed().contains("missing"));
        // Another checkpoint is not taken for it.
        const CliResult wrong = runCli({"models", "relocate", "model here",
                                        QStringLiteral(DIPTYCH_FIXTURES "/clip/laion"), "-w", m_workspace});
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY2(wrong.isOneError("is not the one of model 'model here'"), wrong.errors);
        QCOMPARE(runCli({"models", "remove", "model here", "-w", m_workspace}).exitCode, 0);
    }

    void evaluateTwice() {
        const CliResult first = evaluate({"--json"});
        QVERIFY2(first.exitCode == 0, first.all());
        QVERIFY2(first.errors.isEmpty(), first.errors); // not a terminal: no progress
        const QJsonObject run = first.json().toObject();
        QVERIFY(run["run"].toInt() > 0);
        QCOMPARE(run["task"].toString(), QString("zero-shot"));
        QCOMPARE(run["dataset"].toString(), QString("pets"));
        QCOMPARE(run["model"].toString(), QString("openai"));
        QCOMPARE(run["examples"].toInt(), 12);
        const QJsonObject top1 = run["metrics"].toObject()["top1"].toObject();
        QCOMPARE(top1["n"].toInt(), 12);
        QVERIFY(top1["low"].toDouble() <= top1["value"].toDouble());
        QVERIFY(top1["value"].toDouble() <= top1["high"].toDouble());
        // The same spec gives the same numbers, now from the cache.
        const QJsonObject again = evaluate({"--json"}).json().toObject();
        QCOMPARE(again["metrics"], run["metrics"]);
        QVERIFY(again["run"] != run["run"]);
    }

    void storedCommandRepeatsTheRun() {
        const QJsonObject run = evaluate({"--templates", "none", "--seed", "7", "--json"}).json().toObject();
        const QString command = run["command"].toString();
        QVERIFY2(command.startsWith("diptych eval zero-shot "), qPrintable(command));
        const CliResult again = runShell("\"$DIPTYCH\"" + command.mid(7) + " --json");
        QVERIFY2(again.exitCode == 0, again.all());
        QCOMPARE(again.json()["metrics"], QJsonValue(run["metrics"]));
        QCOMPARE(again.json()["command"].toString(), command);
    }

    void aSwitchWithoutAValueIsOn() {
        const QStringList call{"eval", "linear-probe", "-w",           m_workspace, "-d",    "pets",
                               "-m",   fixtureModel(), "--test-share", "0.5",       "--json"};
        const auto unitLength = [](const CliResult& result) {
            return result.json()["spec"].toObject()["params"].toObject()["unit_length"].toBool();
        };
        const CliResult off = runCli(call), on = runCli(call + QStringList{"--unit-length"});
        QVERIFY2(off.exitCode == 0 && on.exitCode == 0, on.all());
        QVERIFY(!unitLength(off) && unitLength(on));
        QVERIFY(unitLength(runCli(call + QStringList{"--unit-length", "true"})));
        QVERIFY(!unitLength(runCli(call + QStringList{"--unit-length", "no"})));
        QVERIFY(runCli(call + QStringList{"--unit-length", "maybe"}).isOneError("maybe"));
        const CliResult again = runShell("\"$DIPTYCH\"" + on.json()["command"].toString().mid(7) + " --json");
        QCOMPARE(again.json()["metrics"], on.json()["metrics"]);
    }

    void promptsFromAFile() {
        QFile file(m_folder.filePath("prompts.txt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("# mine\na {} in the snow\na drawing of a {}\n");
        file.close();
        const CliResult result = evaluate({"--templates", file.fileName(), "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        const CliResult shown = runCli(
            {"runs", "show", QString::number(result.json()["run"].toInt()), "-w", m_workspace, "--json"});
        QCOMPARE(shown.json()["details"].toObject()["templates"].toArray().size(), 2);
        QVERIFY(evaluate({"--templates", "no-such-set"}).isOneError("no-such-set"));
    }

    void looksAtRuns() {
        const int run = evaluate({"--json"}).json()["run"].toInt();
        const QString number = QString::number(run);
        const CliResult listed = runCli({"runs", "list", "-w", m_workspace, "--json"});
        QCOMPARE(listed.json().toArray().first().toObject()["run"].toInt(), run); // newest first
        const CliResult limited = runCli({"runs", "list", "-w", m_workspace, "--limit", "1", "--json"});
        QCOMPARE(limited.json().toArray().size(), 1);
        const CliResult shown = runCli({"runs", "show", number, "-w", m_workspace});
        QVERIFY2(shown.output.contains("Top-1 accuracy") && shown.output.contains("diptych eval zero-shot"),
                 shown.all());
        const CliResult all = runCli({"runs", "examples", number, "-w", m_workspace, "--json"});
        QCOMPARE(all.json().toArray().size(), 12);
        int right = 0;
        for (const auto& example : all.json().toArray())
            right += example.toObject()["correct"].toBool();
        const CliResult correct =
            runCli({"runs", "examples", number, "-w", m_workspace, "--correct", "yes", "--json"});
        QCOMPARE(correct.json().toArray().size(), right);
        const CliResult cats = runCli({"runs", "examples", number, "-w", m_workspace, "--target", "cat",
                                       "--sort", "confidence", "--limit", "3", "--json"});
        QCOMPARE(cats.json().toArray().size(), 3);
        double before = 2;
        for (const auto& value : cats.json().toArray()) {
            const QJsonObject example = value.toObject();
            QCOMPARE(example["target"].toString(), QString("cat"));
            const double score = example["predictions"].toArray().first().toObject()["score"].toDouble();
            QVERIFY(score <= before);
            before = score;
        }
        const CliResult wrongClass =
            runCli({"runs", "examples", number, "-w", m_workspace, "--target", "cow"});
        QCOMPARE(wrongClass.exitCode, 2);
        QVERIFY2(wrongClass.isOneError("cow"), wrongClass.errors);
        QVERIFY(runCli({"runs", "show", "12345", "-w", m_workspace}).isOneError("12345"));
    }

    void exports() {
        const QString run = QString::number(evaluate({"--json"}).json()["run"].toInt());
        const CliResult theirs =
            runCli({"runs", "export", run, "-w", m_workspace, "--format", "clip-benchmark-json"});
        QVERIFY2(theirs.exitCode == 0, theirs.all());
        const QJsonObject entry = theirs.json().toArray().first().toObject();
        QCOMPARE(entry["task"].toString(), QString("zeroshot_classification"));
        QVERIFY(entry["metrics"].toObject()["acc1"].isDouble());
        QVERIFY(entry["metrics"].toObject()["mean_per_class_recall"].isDouble());
        const CliResult csv = runCli({"runs", "export", "-w", m_workspace, "--format", "csv"});
        QVERIFY2(csv.output.startsWith("run,task,dataset,model,"), csv.output);
        const QString path = m_folder.filePath("runs.json");
        const CliResult json = runCli({"runs", "export", "-w", m_workspace, "--output", path});
        QVERIFY2(json.exitCode == 0 && json.output.isEmpty(), json.all());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(QJsonDocument::fromJson(file.readAll()).array().first().toObject()["details"].isObject());
    }

    void reports() {
        const QString one = QString::number(evaluate({"--json"}).json()["run"].toInt());
        const QString two =
            QString::number(evaluate({"--templates", "none", "--json"}).json()["run"].toInt());
        const CliResult result = runCli({"report", one, two, "-w", m_workspace, "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QFile html(result.json()["report"].toString());
        QVERIFY2(html.open(QIODevice::ReadOnly), result.output);
        const QByteArray document = html.readAll();
        QVERIFY(document.contains("data:image/jpeg;base64,"));
        QVERIFY(document.contains(("id=\"run" + two + "\"").toUtf8()));
        const CliResult markdown =
            runCli({"report", one, "-w", m_workspace, "--format", "md", "--output", "-"});
        QVERIFY2(markdown.output.startsWith("# zero-shot"), markdown.output);
        const CliResult json = runCli({"report", "-w", m_workspace, "--format", "json", "-o", "-"});
        QCOMPARE(json.json()["runs"].toArray().size(), 1);
        QVERIFY(runCli({"report", "12345", "-w", m_workspace}).isOneError("12345"));
    }

    void removesARun() {
        const QString run = QString::number(evaluate({"--json"}).json()["run"].toInt());
        QCOMPARE(runCli({"runs", "remove", run, "-w", m_workspace}).exitCode, 0);
        QCOMPARE(runCli({"runs", "show", run, "-w", m_workspace}).exitCode, 1);
        QCOMPARE(runCli({"runs", "remove", run, "-w", m_workspace}).exitCode, 1);
    }

    void removesADataset() {
        makeClassFolder(m_folder.filePath("gone"), {"x", "y"}, 1);
        QCOMPARE(runCli({"import", m_folder.filePath("gone"), "-w", m_workspace, "-n", "gone"}).exitCode, 0);
        QCOMPARE(runCli({"datasets", "remove", "gone", "-w", m_workspace}).exitCode, 0);
        QCOMPARE(runCli({"datasets", "show", "gone", "-w", m_workspace}).exitCode, 1);
        QVERIFY(QFile::exists(m_folder.filePath("gone/x/0.png")));
    }

    void encodesADataset() {
        const CliResult result =
            runCli({"encode", "-w", m_workspace, "-d", "pets", "-m", fixtureModel("half"), "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["samples"].toInt(), 12);
        QVERIFY(result.json()["failures"].toArray().isEmpty());
    }

    void benchmark() {
        const CliResult result = runCli({"bench", "encode", "-m", fixtureModel(), "--count", "4", "--batch",
                                         "2", "--repeats", "2", "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        for (const char* step : {"decode", "preprocess", "encode", "end_to_end"})
            QVERIFY2(result.json()[step].toObject()["images_per_second"].toDouble() > 0, step);
    }

    void metricFromFiles() {
        const QTemporaryDir folder;
        QFile scores(folder.filePath("scores.csv"));
        QVERIFY(scores.open(QIODevice::WriteOnly));
        scores.write("id,score,label\na,0.9,1\nb,0.4,0\nc,0.6,1\nd,0.1,0\n");
        scores.close();
        const CliResult result = runCli({"metric", "binary", "--input", folder.path(), "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["roc_auc"].toDouble(), 1.0);
        QCOMPARE(result.json()["accuracy"].toDouble(), 1.0);
        QVERIFY(runCli({"metric", "binary", "--input", folder.path()}).output.contains("roc_auc"));
        QVERIFY(runCli({"metric", "zeroshot", "-i", folder.path()}).isOneError("logits.npy"));
    }

    void blocksAndTraining() {
        const QString scenes = m_folder.filePath("scenes"), model = m_folder.filePath("trained");
        const CliResult written =
            runCli({"blocks", "blocks-shape", "--output", scenes, "--count", "12", "--size", "64", "--json"});
        QVERIFY2(written.exitCode == 0, written.all());
        QCOMPARE(written.json()["images"].toInt(), 12);
        QCOMPARE(runCli({"blocks", "blocks-shape", "--output", scenes}).exitCode, 1); // not empty
        QFile recipe(m_folder.filePath("recipe.json"));
        QVERIFY(recipe.open(QIODevice::WriteOnly));
        recipe.write(
            R"({"name": "test", "steps": 3, "warm_up_steps": 1, "batch_size": 4, "vocabulary_size": 600, "embedding_dim": 16,
                         "validate_every": 3, "validation_scenes": 8, "checkpoint_every": 2,
                         "vision": {"width": 16, "layers": 1, "heads": 2},
                         "text": {"width": 16, "layers": 1, "heads": 2}})");
        recipe.close();
        const QStringList call{"train", "--recipe", recipe.fileName(), "--output", model};
        const CliResult trained = runCli(call + QStringList{"--steps", "2", "--json"});
        QVERIFY2(trained.exitCode == 0, trained.all());
        QCOMPARE(trained.json()["steps"].toInt(), 2);
        const CliResult refused = runCli(call);
        QCOMPARE(refused.exitCode, 2);
        QVERIFY2(refused.isOneError("--resume"), refused.errors);
        // A freshly trained model is a checkpoint like any other.
        QCOMPARE(runCli({"import", scenes, "-w", m_workspace, "-n", "scenes"}).exitCode, 0);
        const CliResult result =
            runCli({"eval", "zero-shot", "-w", m_workspace, "-d", "scenes", "-m", model, "--json"});
        QVERIFY2(result.exitCode == 0, result.all());
        QCOMPARE(result.json()["examples"].toInt(), 12);
        QVERIFY(runCli({"train", "--recipe", "no-such", "--output", model + "2"}).isOneError("no-such"));
    }

private:
    CliResult evaluate(const QStringList& more) {
        return runCli(QStringList{"eval", "zero-shot", "--workspace", m_workspace, "--dataset", "pets",
                                  "--model", fixtureModel()} +
                      more);
    }

    QTemporaryDir m_folder;
    QString m_images, m_workspace;
    QJsonObject m_imported;
};

QTEST_GUILESS_MAIN(TestCliWorkspace)
#include "tst_workspace.moc"

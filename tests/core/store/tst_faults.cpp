// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/results/parts.h"
#include "core/store/database.h"
#include "store_support.h"

#include <algorithm>
#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// What happens to an open workspace behind its back.
class TestFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void movedOrDeletedWhileOpen_data();
    void movedOrDeletedWhileOpen();
    void deletedLockAndASecondWriter();
    void oldWorkspaceLosesNothing();
    void resultsOfSchema5GetScoresAndClusters();
    void whatPeopleAddedInSchema9Stays();
    void runsOfSchema11TakeNames();
    void labelOutOfRange();
    void flippedBits_data();
    void flippedBits();
    void damagedRunsHideNoOthers();
    void structureIsCheckedAfterAnUncleanEnd();
    void readingAfterAKilledCreation();
    void fileChangedInPlaceWithItsOldTimes();
};

namespace {

/// Changes the database behind the workspace's back, with the program's own functions known.
void execute(const fs::path& workspace, const std::string& sql) {
    sql::Database(workspace / "workspace.sqlite", sql::Access::ReadWrite, 1000).execute(sql.c_str());
}

/// Makes the database of tests/fixtures/workspaces/workspace-<schema>.sql in @p folder.
void makeOldDatabase(const fs::path& folder, int64_t schema) {
    std::ifstream file(fs::path(DIPTYCH_FIXTURES) / "workspaces" / fmt::format("workspace-{}.sql", schema));
    const std::string dump(std::istreambuf_iterator<char>(file), {});
    sql::Database old(folder / "workspace.sqlite", sql::Access::Create, 100);
    old.execute(dump.c_str());
    QCOMPARE(old.integer("PRAGMA user_version"), schema);
}

bool has(const std::string& message, const char* part) {
    return message.find(part) != std::string::npos;
}

} // namespace

void TestFaults::movedOrDeletedWhileOpen_data() {
    QTest::addColumn<bool>("moved");
    QTest::newRow("moved") << true;
    QTest::newRow("deleted") << false;
}

void TestFaults::movedOrDeletedWhileOpen() {
    QFETCH(bool, moved);
    TemporaryDirectory folder;
    const auto path = folder.path() / "w", elsewhere = folder.path() / "elsewhere";
    auto workspace = Workspace::create(path);
    const auto dataset = workspace->addDataset("d", makeIndex(3), {});
    const auto space = workspace->embeddings().space("k", 4);
    const auto hash = hashText("a"), other = hashText("b");
    space->append(std::span(&hash, 1), Matrix(1, 4));
    if (moved)
        fs::rename(path, elsewhere);
    else
        fs::remove_all(path);
    for (const std::function<void()>& change : std::vector<std::function<void()>>{
             [&] { space->append(std::span(&other, 1), Matrix(1, 4)); },
             [&] { space->find(std::span(&hash, 1)); }, [&] { workspace->addRun(makeRun(dataset), {}); },
             [&] { workspace->addTag(workspace->sampleIds(dataset), "t"); }}) {
        std::string message;
        QCOMPARE(errorOf(change, &message), ErrorCode::Unreadable);
        QVERIFY2(has(message, "moved or deleted while it was open"), message.c_str());
    }
    QVERIFY(!fs::exists(path));
    workspace.reset();
    QVERIFY(!fs::exists(path));
    if (!moved)
        return;
    workspace = Workspace::open(elsewhere);
    QCOMPARE(workspace->runs().size(), size_t(0));
    QCOMPARE(workspace->embeddings().space("k", 4)->size(), int64_t(1));
}

void TestFaults::deletedLockAndASecondWriter() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    auto first = Workspace::create(path);
    const auto ours = first->embeddings().space("k", 4);
    fs::remove(path / "lock");
    auto second = Workspace::open(path);
    const auto theirs = second->embeddings().space("k", 4);
    const auto a = hashText("a"), b = hashText("b");
    theirs->append(std::span(&a, 1), Matrix(1, 4));
    std::string message;
    QCOMPARE(errorOf([&] { ours->append(std::span(&b, 1), Matrix(1, 4)); }, &message), ErrorCode::Locked);
    QVERIFY2(has(message, "'lock'"), message.c_str());
    QCOMPARE(errorOf([&] { first->addDataset("d", makeIndex(1), {}); }), ErrorCode::Locked);
    first.reset();
    theirs->append(std::span(&b, 1), Matrix(1, 4)); // the second one's lock is its own
    QCOMPARE(theirs->size(), int64_t(2));
}

/// A workspace of version 0.1.0 (tests/fixtures/workspaces/make.sh).
void TestFaults::oldWorkspaceLosesNothing() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w", images = folder.path() / "images";
    const fs::path fixtures = DIPTYCH_FIXTURES;
    fs::copy(fixtures / "workspaces" / "workspace-1", path, fs::copy_options::recursive);
    fs::create_directories(images / "cat");
    fs::create_directories(images / "dog");
    fs::copy(fixtures / "clip" / "images" / "0.png", images / "cat" / "0.png");
    fs::copy(fixtures / "clip" / "images" / "1.png", images / "cat" / "1.png");
    fs::copy(fixtures / "clip" / "images" / "2.png", images / "dog" / "2.png");
    QCOMPARE(errorOf([&] { Workspace::open(path, {WorkspaceMode::ReadOnly}); }), ErrorCode::Unsupported);
    auto workspace = Workspace::open(path);
    workspace.reset();
    workspace = Workspace::open(path); // what was brought up to date opens as such
    const auto dataset = workspace->findDataset("pets").value();
    workspace->relocateDataset(dataset.id, images);
    QCOMPARE(workspace->classNames(dataset.id), (std::vector<std::string>{"cat", "dog"}));
    const auto samples = workspace->samples(workspace->sampleIds(dataset.id));
    QCOMPARE(samples.size(), size_t(3));
    QCOMPARE(samples[0].tags, std::vector<std::string>{"kept"});
    QCOMPARE(samples[2].label, 1);
    const auto runs = workspace->runs();
    QCOMPARE(runs.size(), size_t(1));
    QVERIFY(runs[0].status == RunStatus::Finished);
    QCOMPARE(runs[0].metrics.at(0).value, 2.0 / 3);
    QCOMPARE(runs[0].metrics.at(2).value, 0.2295484834663663);
    QCOMPARE(workspace->examples(runs[0].id).size(), size_t(3));
    QVERIFY(workspace->run(runs[0].id).details.contains("confusion"));
    QCOMPARE(workspace->models().size(), size_t(1));
    const auto spaces = workspace->embeddings().spaces();
    QCOMPARE(spaces.size(), size_t(2));
    const auto space = workspace->embeddings().space(spaces[0].key, spaces[0].dimension);
    std::vector<Hash128> contents;
    for (const auto& sample : samples) {
        QVERIFY(!workspace->cachedContentHash(sample.path)); // read once more, and then found
        contents.push_back(hashFile(sample.path).value());
    }
    const auto rows = space->find(contents);
    QVERIFY(std::count(rows.begin(), rows.end(), -1) == 0);
    QCOMPARE(space->read(rows).rows(), size_t(3));
}

/// Schema 5 (tests/fixtures/workspaces/make-5.sh): every result is there after, with a score and a cluster as
/// far as it kept them, and what was damaged before is damaged still.
void TestFaults::resultsOfSchema5GetScoresAndClusters() {
    TemporaryDirectory folder;
    makeOldDatabase(folder.path(), 5);
    execute(folder.path(), "UPDATE examples SET target=1-target WHERE run_id=6 AND position=0");
    const auto workspace = Workspace::open(folder.path());
    const auto scoresOf = [&](int64_t run) {
        std::vector<std::optional<double>> scores;
        for (const ExampleResult& example : workspace->examples({run}))
            scores.push_back(example.score);
        return scores;
    };
    using Scores = std::vector<std::optional<double>>;
    QCOMPARE(scoresOf(1), (Scores{0, 1, 1}));
    QCOMPARE(scoresOf(2), (Scores{1, 1, 1})); // every caption finds its own among three
    QCOMPARE(scoresOf(3), (Scores{0, 0, 0, 0}));
    QCOMPARE(scoresOf(4), (Scores{0.5692128539595017, 0.610423135473833, 0.8424712601915475}));
    QCOMPARE(scoresOf(5), (Scores{{}, {}, {}}));
    QCOMPARE(scoresOf(7), (Scores{{}})); // two draws of few images
    const auto pairs = workspace->examples({3});
    for (size_t i = 0; i < pairs.size(); ++i) {
        QCOMPARE(pairs[i].cluster, pairs[i / 2 * 2].sample.value);
        QCOMPARE(PairPart::read(pairs[i].parts).value().images.size(), size_t(2));
    }
    const auto ranked = workspace->examples({2});
    QCOMPARE(RankingPart::read(ranked[0].parts).value().captionRanks, (std::vector<int64_t>{3, 3}));
    QCOMPARE(ranked[1].cluster, ranked[1].sample.value);
    QCOMPARE(errorOf([&] { workspace->examples({6}); }), ErrorCode::Corrupt);
}

/// tests/fixtures/workspaces/make-9.sh.
void TestFaults::whatPeopleAddedInSchema9Stays() {
    TemporaryDirectory folder;
    std::string space;
    std::vector<Hash128> items;
    makeOldDatabase(folder.path(), 9);
    {
        sql::Database old(folder.path() / "workspace.sqlite", sql::Access::ReadWrite, 100);
        sql::Statement rows(old,
                            "SELECT s.key, o.item FROM outputs o JOIN output_spaces s ON s.id=o.space_id");
        while (rows.step()) {
            space = rows.text(0);
            std::ranges::copy(rows.blob(1), reinterpret_cast<char*>(items.emplace_back().bytes.data()));
        }
    }
    QCOMPARE(items.size(), size_t(6));
    const auto workspace = Workspace::open(folder.path());
    const DatasetId dataset = workspace->findDataset("captions").value().id;
    const auto samples = workspace->samples(workspace->sampleIds(dataset));
    QCOMPARE(samples.size(), size_t(3));
    QCOMPARE(samples[0].tags, std::vector<std::string>{"blurry"});
    QCOMPARE(samples[1].note, std::string("look again"));
    QCOMPARE(workspace->correctedLabels(dataset), (std::map<SampleId, int>{{samples[1].id, 1}}));
    const auto views = workspace->views(dataset);
    QCOMPARE(views.size(), size_t(2));
    QCOMPARE(workspace->sampleIds(dataset, workspace->viewFilter(views[0])).size(), size_t(2));
    QCOMPARE(workspace->sampleIds(dataset, workspace->viewFilter(views[1])), std::vector{samples[2].id});
    QCOMPARE(workspace->runs().size(), size_t(2));
    QCOMPARE(workspace->examples({1}).size(), size_t(2));
    QCOMPARE(workspace->examples({2}).size(), size_t(3));
    const auto matches = workspace->outputs().find(space, items);
    QVERIFY(std::ranges::all_of(matches, [](const auto& match) { return match.has_value(); }));
}

/// tests/fixtures/workspaces/make-11.sh.
void TestFaults::runsOfSchema11TakeNames() {
    TemporaryDirectory folder;
    makeOldDatabase(folder.path(), 11);
    const auto workspace = Workspace::open(folder.path());
    QCOMPARE(workspace->runs().size(), size_t(2));
    QCOMPARE(workspace->positives(workspace->findDataset("captions").value().id).size(), size_t(1));
    QCOMPARE(workspace->examples({1}).size(), size_t(3));
    QVERIFY(workspace->run({2}).marks == RunMarks());
    QVERIFY(workspace->prompts().empty());
    workspace->editRunMarks({2}, {.name = "cats alone", .starred = true});
    workspace->savePrompts("mine", {{"templates", {"a {}"}}});
    QCOMPARE(workspace->run({2}).marks.name, std::string("cats alone"));
    QCOMPARE(workspace->run({2}).title, std::string("Zero-shot classification, 2 of 3 samples"));
    QCOMPARE(workspace->runs({.starred = true}).size(), size_t(1));
    QCOMPARE(workspace->prompts().size(), size_t(1));
}

void TestFaults::labelOutOfRange() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    auto workspace = Workspace::create(path);
    const auto dataset = workspace->addDataset("d", makeIndex(6), {});
    const auto ids = workspace->sampleIds(dataset);
    for (const int label : {3, -2, 1'000'000}) {
        execute(path,
                fmt::format("UPDATE samples SET label={0}, checksum=row_checksum(dataset_id, key, path, {0}, "
                            "split, attributes) WHERE id={1}",
                            label, ids[1].value));
        std::string message;
        QCOMPARE(errorOf([&] { workspace->samples(ids, SampleDetail::Basic); }, &message),
                 ErrorCode::Corrupt);
        QVERIFY2(has(message, "none of its classes"), message.c_str());
    }
    workspace->replaceDataset(dataset, makeIndex(6), {}); // as the message says
    QCOMPARE(workspace->samples(ids).size(), size_t(6));
}

void TestFaults::flippedBits_data() {
    QTest::addColumn<QString>("change");
    for (const char* change :
         {"UPDATE samples SET label=2 WHERE label=0", "UPDATE samples SET split='trais'",
          "UPDATE captions SET text='captioo' WHERE position=1", "UPDATE sample_frames SET paths=x'2f61'",
          "UPDATE classes SET name='classb' WHERE position=1",
          "UPDATE metrics SET value=0.76 WHERE name='top1'", "UPDATE metrics SET low=0.6",
          "UPDATE runs SET details=replace(details, '1', '3')", "UPDATE runs SET seed=8",
          "UPDATE examples SET target=1 WHERE position=0",
          "UPDATE examples SET predictions=x'0100000000000040' WHERE position=2",
          "UPDATE examples SET correct=1-correct WHERE position=3", "UPDATE examples SET score=0.5",
          "UPDATE examples SET cluster=1 WHERE position=2"})
        QTest::newRow(change) << change;
}

void TestFaults::flippedBits() {
    QFETCH(QString, change);
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    auto workspace = Workspace::create(path);
    auto index = makeIndex(6);
    index.samples[0].frames = {"/a", "/b"};
    const auto dataset = workspace->addDataset("d", index, {});
    const auto ids = workspace->sampleIds(dataset);
    std::vector<ExampleResult> examples;
    for (const auto id : ids)
        examples.push_back(makeExample(id, 0, 0, 0.5f));
    const auto run = workspace->addRun(makeRun(dataset, "d"), examples);
    const auto readAll = [&] {
        workspace->classNames(dataset);
        workspace->samples(ids);
        workspace->run(run);
        workspace->examples(run);
    };
    readAll();
    execute(path, change.toStdString());
    std::string message;
    QCOMPARE(errorOf(readAll, &message), ErrorCode::Corrupt);
    QVERIFY2(has(message, "damaged"), message.c_str());
}

void TestFaults::damagedRunsHideNoOthers() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    auto workspace = Workspace::create(path);
    const auto dataset = workspace->addDataset("d", makeIndex(3), {});
    for (int i = 0; i < 4; ++i)
        workspace->addRun(makeRun(dataset, "d"), {});
    execute(path, "UPDATE runs SET spec='{' WHERE id=2; UPDATE metrics SET value=1 WHERE run_id=3");
    const auto runs = workspace->runs();
    QCOMPARE(runs.size(), size_t(4));
    for (const auto& run : runs) {
        const bool damaged = run.id.value == 2 || run.id.value == 3;
        QCOMPARE(run.status == RunStatus::Damaged, damaged);
        QCOMPARE(run.metrics.empty(), damaged);
        QCOMPARE(has(run.title, "not to be believed"), damaged);
    }
    QCOMPARE(errorOf([&] { workspace->run({2}); }), ErrorCode::Corrupt);
    workspace->removeRun({2});
    workspace->removeRun({3});
    QCOMPARE(workspace->runs({"", {}, "", 1}).size(), size_t(1));
    QCOMPARE(workspace->runs().size(), size_t(2));
}

void TestFaults::structureIsCheckedAfterAnUncleanEnd() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w", database = path / "workspace.sqlite";
    {
        const auto workspace = Workspace::create(path);
        const auto dataset = workspace->addDataset("d", makeIndex(2000), {});
        workspace->addRun(makeRun(dataset, "d"), {});
    }
    std::fstream file(database, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(database)) / 8192 * 4096); // a page in the middle
    file << std::string(4096, '\xa5');
    file.close();
    std::ofstream(path / "workspace.sqlite-wal") << std::string(100, 'x'); // a clean end leaves none
    std::string message;
    QCOMPARE(errorOf([&] { Workspace::open(path); }, &message), ErrorCode::Corrupt);
    QVERIFY2(has(message, "backup") && has(message, "export"), message.c_str());
    QCOMPARE(Workspace::open(path, {WorkspaceMode::ReadOnly})->runs().size(), size_t(1));
}

void TestFaults::readingAfterAKilledCreation() {
    TemporaryDirectory folder;
    std::ofstream(folder.path() / "workspace.sqlite").close();
    std::string message;
    QCOMPARE(errorOf([&] { Workspace::open(folder.path(), {WorkspaceMode::ReadOnly}); }, &message),
             ErrorCode::NotFound);
    QVERIFY2(has(message, "nothing in it yet") && !has(message, "older"), message.c_str());
    Workspace::open(folder.path());
    Workspace::open(folder.path(), {WorkspaceMode::ReadOnly});
}

void TestFaults::fileChangedInPlaceWithItsOldTimes() {
    TemporaryDirectory folder;
    const auto workspace = Workspace::create(folder.path() / "w");
    const fs::path file = folder.path() / "picture.png";
    std::ofstream(file) << "first";
    const auto before = fileStamp(file).value();
    const auto time = fs::last_write_time(file);
    const FileHash known{file, before, hashText("first")};
    workspace->storeContentHashes(std::span(&known, 1));
    QCOMPARE(workspace->cachedContentHash(file), std::optional(known.hash));
    FileStamp after = before;
    while (after.ctimeNs == before.ctimeNs) { // the clock behind it moves in steps
        std::fstream(file, std::ios::in | std::ios::out) << "other";
        fs::last_write_time(file, time);
        after = fileStamp(file).value();
    }
    QVERIFY(after.size == before.size && after.mtimeNs == before.mtimeNs && after.inode == before.inode);
    QVERIFY(!workspace->cachedContentHash(file));
}

QTEST_GUILESS_MAIN(TestFaults)
#include "tst_faults.moc"

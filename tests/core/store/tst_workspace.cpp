// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"
#include "core/store/migrations.h"
#include "store_support.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Opening, locking, versions and damage.
class TestWorkspace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void createsAndOpensAgain();
    void createRefusesFoldersInUse();
    void openNamesWhatIsMissing();
    void folderNamesInAnyEncoding();
    void secondInstanceIsToldTheProcess();
    void anotherProcessIsNamed();
    void readersWorkBesideTheWriter();
    void readOnlyRefusesChanges();
    void readOnlyFolderCanBeRead();
    void killedCreationIsCompleted();
    void migratesFromEveryOlderVersion();
    void metricsFromBeforeUnitsReadAsTheyDid();
    void failedMigrationLeavesTheOldVersion();
    void newerVersionIsRefusedUntouched();
    void foreignDatabaseIsRefused();
    void notADatabaseIsRefused();
    void damagedDatabaseIsReported();
    void lockedDatabaseIsReportedAfterTheTimeout();
};

namespace {

void runSql(const fs::path& database, const std::string& sql) {
    sqlite3* handle = nullptr;
    QCOMPARE(sqlite3_open(database.c_str(), &handle), SQLITE_OK);
    char* message = nullptr;
    const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message ? message : "";
    sqlite3_free(message);
    sqlite3_close(handle);
    QVERIFY2(code == SQLITE_OK, text.c_str());
}

std::string contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

size_t entriesIn(const fs::path& directory) {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

} // namespace

void TestWorkspace::createsAndOpensAgain() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "a" / "b";
    QVERIFY(!Workspace::exists(path));
    {
        auto workspace = Workspace::create(path.native() + "/");
        QCOMPARE(workspace->path(), path);
        QVERIFY(!workspace->readOnly());
        QVERIFY(fs::is_directory(workspace->reportsDirectory()));
        workspace->addDataset("pictures", makeIndex(3), {});
    }
    QVERIFY(Workspace::exists(path));
    QVERIFY(!fs::exists(path / "workspace.sqlite-wal")); // a clean end leaves one file
    QCOMPARE(Workspace::open(path)->datasets().size(), size_t(1));
    QCOMPARE(Workspace::openOrCreate(path)->datasets().size(), size_t(1));
}

void TestWorkspace::createRefusesFoldersInUse() {
    TemporaryDirectory folder;
    QCOMPARE(errorOf([&] { Workspace::create(""); }), ErrorCode::InvalidArgument);
    Workspace::create(folder.path() / "w");
    QCOMPARE(errorOf([&] { Workspace::create(folder.path() / "w"); }), ErrorCode::InvalidArgument);
    fs::create_directory(folder.path() / "photos");
    std::ofstream(folder.path() / "photos" / "a.jpg") << "x";
    QCOMPARE(errorOf([&] { Workspace::openOrCreate(folder.path() / "photos"); }), ErrorCode::InvalidArgument);
    QCOMPARE(entriesIn(folder.path() / "photos"), size_t(1));
    QVERIFY(errorOf([&] { Workspace::create(folder.path() / "photos" / "a.jpg"); }).has_value());
}

void TestWorkspace::openNamesWhatIsMissing() {
    TemporaryDirectory folder;
    std::string message;
    QCOMPARE(errorOf([&] { Workspace::open(folder.path()); }, &message), ErrorCode::NotFound);
    QVERIFY(message.find(folder.path().native()) != std::string::npos);
    QCOMPARE(entriesIn(folder.path()), size_t(0));
}

void TestWorkspace::folderNamesInAnyEncoding() {
    TemporaryDirectory folder;
    for (const char* name :
         {"Bilder \xc3\xa4 100%?#", "latin1 \xe4\xf6", "\xe5\x9b\xbe\xe7\x89\x87", "file:x"}) {
        const auto path = folder.path() / name;
        Workspace::create(path)->addDataset("d", makeIndex(1), {});
        QCOMPARE(Workspace::open(path)->datasets().size(), size_t(1));
        QCOMPARE(Workspace::open(path, {WorkspaceMode::ReadOnly})->datasets().size(), size_t(1));
    }
}

void TestWorkspace::secondInstanceIsToldTheProcess() {
    TemporaryDirectory folder;
    auto first = Workspace::create(folder.path() / "w");
    std::string message;
    QCOMPARE(errorOf([&] { Workspace::open(folder.path() / "w"); }, &message), ErrorCode::Locked);
    QVERIFY2(message.find("this program itself") != std::string::npos, message.c_str());
    first.reset();
    Workspace::open(folder.path() / "w");
}

void TestWorkspace::anotherProcessIsNamed() {
    TemporaryDirectory folder;
    Workspace::create(folder.path() / "w");
    int ready[2], quit[2];
    QVERIFY(::pipe(ready) == 0 && ::pipe(quit) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        auto workspace = Workspace::open(folder.path() / "w");
        const bool told = ::write(ready[1], "r", 1) == 1 && ::read(quit[0], &byte, 1) == 1;
        ::_exit(told ? 0 : 1);
    }
    char byte = 0;
    QCOMPARE(::read(ready[0], &byte, 1), ssize_t(1));
    std::string message;
    QCOMPARE(errorOf([&] { Workspace::open(folder.path() / "w"); }, &message), ErrorCode::Locked);
    QVERIFY2(message.find("process " + std::to_string(child)) != std::string::npos, message.c_str());
    QCOMPARE(::write(quit[1], "q", 1), ssize_t(1));
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    Workspace::open(folder.path() / "w"); // the child went without a goodbye; its lock went with it
    for (const int fd : {ready[0], ready[1], quit[0], quit[1]})
        ::close(fd);
}

void TestWorkspace::readersWorkBesideTheWriter() {
    TemporaryDirectory folder;
    auto writer = Workspace::create(folder.path() / "w");
    writer->addDataset("one", makeIndex(3), {});
    auto reader = Workspace::open(folder.path() / "w", {WorkspaceMode::ReadOnly});
    QCOMPARE(reader->datasets().size(), size_t(1));
    writer->addDataset("two", makeIndex(3), {});
    QCOMPARE(reader->datasets().size(), size_t(2));
    auto second = Workspace::open(folder.path() / "w", {WorkspaceMode::ReadOnly});
    QCOMPARE(second->datasets().size(), size_t(2));
    writer.reset();
    QCOMPARE(reader->datasets().size(), size_t(2));
    auto next = Workspace::open(folder.path() / "w"); // readers do not keep a writer out
    next->removeDataset(next->findDataset("one")->id);
    QCOMPARE(reader->datasets().size(), size_t(1));
}

void TestWorkspace::readOnlyRefusesChanges() {
    TemporaryDirectory folder;
    Workspace::create(folder.path() / "w");
    auto reader = Workspace::open(folder.path() / "w", {WorkspaceMode::ReadOnly});
    QVERIFY(reader->readOnly());
    QCOMPARE(errorOf([&] { reader->addDataset("d", makeIndex(1), {}); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { reader->storeContentHashes({}); }), ErrorCode::InvalidArgument);
    auto space = reader->embeddings().space("k", 4);
    QCOMPARE(space->size(), int64_t(0));
    const Hash128 hash = hashText("a");
    QCOMPARE(space->find(std::span(&hash, 1)), std::vector<int64_t>{-1});
    QCOMPARE(errorOf([&] { space->append(std::span(&hash, 1), Matrix(1, 4)); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { Workspace::openOrCreate(folder.path() / "none", {WorkspaceMode::ReadOnly}); }),
             ErrorCode::NotFound);
}

void TestWorkspace::readOnlyFolderCanBeRead() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    Workspace::create(path)->addDataset("d", makeIndex(1), {});
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
    fs::permissions(path / "workspace.sqlite", fs::perms::owner_read);
    if (::geteuid() == 0) {
        // Root may write anywhere; the same check runs as a user that may not.
        fs::permissions(folder.path(), fs::perms::all);
        fs::permissions(path, fs::perms::all & ~(fs::perms::group_write | fs::perms::others_write));
        fs::permissions(path / "workspace.sqlite", static_cast<fs::perms>(0444));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::setuid(65534) != 0)
            ::_exit(3);
        const bool read = !errorOf([&] {
            if (Workspace::open(path, {WorkspaceMode::ReadOnly})->datasets().size() != 1)
                throw Error(ErrorCode::Internal, "");
        });
        const bool refused = errorOf([&] { Workspace::open(path); }) == ErrorCode::Unreadable;
        ::_exit(read && refused ? 0 : read ? 1 : 2);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    fs::permissions(path, fs::perms::owner_all);
}

void TestWorkspace::killedCreationIsCompleted() {
    TemporaryDirectory folder;
    std::ofstream(folder.path() / "workspace.sqlite");
    std::ofstream(folder.path() / "lock");
    auto workspace = Workspace::openOrCreate(folder.path());
    workspace->addDataset("d", makeIndex(1), {});
    QCOMPARE(workspace->datasets().size(), size_t(1));
}

void TestWorkspace::migratesFromEveryOlderVersion() {
    for (size_t version = 1; version <= sql::migrations().size(); ++version) {
        TemporaryDirectory folder;
        {
            sql::Database old(folder.path() / "workspace.sqlite", sql::Access::Create, 100);
            sql::migrate(old, sql::migrations().first(version));
            QCOMPARE(old.integer("PRAGMA user_version"), int64_t(version));
            old.execute(
                "INSERT INTO tags(name) VALUES('kept'); "
                "INSERT INTO datasets(id, name, format, source, root, created_at, fingerprint, sample_count, "
                "labelled_count, class_count, caption_count, problem_count) "
                "VALUES(1,'old','csv',x'2f61','/a','2024','f',1,0,0,0,0); "
                "INSERT INTO samples(id, dataset_id, position, key, path, label, split) "
                "VALUES(5,1,0,'k',x'6b',-1,''); INSERT INTO sample_tags VALUES(1,5)");
            if (version >= 2)
                old.execute("UPDATE samples SET checksum=row_checksum(dataset_id, key, path, label, split, "
                            "attributes)");
        }
        auto workspace = Workspace::open(folder.path());
        QCOMPARE(workspace->sample({5}).path, fs::path("/a/k"));
        QCOMPARE(workspace->sample({5}).tags, std::vector<std::string>{"kept"});
        workspace.reset();
        sql::Database now(folder.path() / "workspace.sqlite", sql::Access::ReadWrite, 100);
        QCOMPARE(now.integer("PRAGMA user_version"), int64_t(sql::migrations().size()));
        QCOMPARE(now.integer("PRAGMA application_id"), int64_t(sql::kApplicationId));
    }
}

void TestWorkspace::metricsFromBeforeUnitsReadAsTheyDid() {
    TemporaryDirectory folder;
    RunId id;
    {
        const auto workspace = Workspace::create(folder.path() / "w");
        RunRecord run = makeRun(workspace->addDataset("d", makeIndex(1), {}));
        run.metrics = {{"top1", 0.75, {}, 12, true, {}},
                       {"clipscore", 0.97, {}, 12, true, {}},
                       {"theirs", 1.02, {}, 12, true, {}}};
        id = workspace->addRun(run, {});
    }
    {
        sql::Database old(folder.path() / "w" / "workspace.sqlite", sql::Access::ReadWrite, 100);
        old.execute("UPDATE metrics SET unit=NULL; "
                    "UPDATE metrics SET checksum=row_checksum(run_id, position, name, value, has_interval, "
                    "low, high, n, higher_is_better, chance, unit)");
    }
    const RunRecord run = Workspace::open(folder.path() / "w")->run(id);
    QVERIFY(run.metrics[0].unit == Unit::Share);
    QVERIFY(run.metrics[1].unit == Unit::Number);
    QVERIFY(run.metrics[2].unit == Unit::Number);
}

void TestWorkspace::failedMigrationLeavesTheOldVersion() {
    TemporaryDirectory folder;
    sql::Database database(folder.path() / "x.sqlite", sql::Access::Create, 100);
    std::vector<const char*> steps(sql::migrations().begin(), sql::migrations().end());
    sql::migrate(database, steps);
    const auto before = static_cast<int64_t>(steps.size());
    steps.push_back("ALTER TABLE tags ADD COLUMN colour TEXT; CREATE TABLE extra(a); THIS IS NOT SQL");
    QVERIFY(errorOf([&] { sql::migrate(database, steps); }).has_value());
    QCOMPARE(database.integer("PRAGMA user_version"), before);
    QCOMPARE(database.integer("SELECT count(*) FROM sqlite_schema WHERE name='extra'"), int64_t(0));
    steps.back() = "ALTER TABLE tags ADD COLUMN colour TEXT; CREATE TABLE extra(a)";
    sql::migrate(database, steps);
    QCOMPARE(database.integer("PRAGMA user_version"), before + 1);
    QCOMPARE(database.integer("SELECT count(*) FROM sqlite_schema WHERE name='extra'"), int64_t(1));
    QCOMPARE(errorOf([&] { sql::migrate(database, sql::migrations()); }), ErrorCode::NewerVersion);
}

void TestWorkspace::newerVersionIsRefusedUntouched() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w", database = path / "workspace.sqlite";
    Workspace::create(path);
    runSql(database, "PRAGMA user_version=1000");
    fs::remove_all(path / "reports");
    const auto before = contentOf(database);
    for (const auto mode : {WorkspaceMode::ReadWrite, WorkspaceMode::ReadOnly}) {
        std::string message;
        QCOMPARE(errorOf([&] { Workspace::openOrCreate(path, {mode}); }, &message), ErrorCode::NewerVersion);
        QVERIFY2(message.find("1000") != std::string::npos, message.c_str());
    }
    QVERIFY(contentOf(database) == before);
    QVERIFY(!fs::exists(path / "reports"));
    QVERIFY(!fs::exists(path / "workspace.sqlite-wal"));
}

void TestWorkspace::foreignDatabaseIsRefused() {
    TemporaryDirectory folder;
    runSql(folder.path() / "workspace.sqlite", "CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)");
    QCOMPARE(errorOf([&] { Workspace::open(folder.path()); }), ErrorCode::Corrupt);
    runSql(folder.path() / "workspace.sqlite", "INSERT INTO theirs VALUES(2)");
}

void TestWorkspace::notADatabaseIsRefused() {
    TemporaryDirectory folder;
    for (const std::string& text : {std::string("hello"), std::string(5000, 'x')}) {
        std::ofstream(folder.path() / "workspace.sqlite", std::ios::trunc) << text;
        std::string message;
        QCOMPARE(errorOf([&] { Workspace::open(folder.path()); }, &message), ErrorCode::Corrupt);
        QVERIFY2(message.find("backup") != std::string::npos, message.c_str());
        QCOMPARE(contentOf(folder.path() / "workspace.sqlite"), text);
    }
}

void TestWorkspace::damagedDatabaseIsReported() {
    TemporaryDirectory folder;
    const auto database = folder.path() / "w" / "workspace.sqlite";
    Workspace::create(folder.path() / "w")->addDataset("d", makeIndex(2000), {});
    const auto size = fs::file_size(database);
    QVERIFY(size > 100000);
    {
        std::fstream file(database, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(4096);
        const std::string noise(size - 8192, '\xa5');
        file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
    }
    std::string message;
    const auto code = errorOf(
        [&] {
            auto workspace = Workspace::open(folder.path() / "w");
            workspace->sampleIds(workspace->datasets().at(0).id);
        },
        &message);
    QCOMPARE(code, ErrorCode::Corrupt);
    QVERIFY2(message.find("backup") != std::string::npos, message.c_str());
}

void TestWorkspace::lockedDatabaseIsReportedAfterTheTimeout() {
    TemporaryDirectory folder;
    const auto path = folder.path() / "w";
    auto workspace = Workspace::create(path, {WorkspaceMode::ReadWrite, 50});
    sqlite3* other = nullptr;
    QCOMPARE(sqlite3_open((path / "workspace.sqlite").c_str(), &other), SQLITE_OK);
    QCOMPARE(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    std::string message;
    QCOMPARE(errorOf([&] { workspace->addDataset("d", makeIndex(1), {}); }, &message), ErrorCode::Locked);
    QVERIFY2(message.find("another program") != std::string::npos, message.c_str());
    QCOMPARE(workspace->datasets().size(), size_t(0)); // reading goes on
    QCOMPARE(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    workspace->addDataset("d", makeIndex(1), {});
    QCOMPARE(workspace->datasets().size(), size_t(1));
}

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/mapped_memory.h"
#include "core/base/temporary_files.h"

#include <QTest>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

size_t entriesIn(const fs::path& directory) {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

unsigned modeOf(const fs::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

template<class F>
std::optional<Error> errorOf(F&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

} // namespace

/// Where files are written to, and files that change while they are read.
class TestFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void linksAreFollowed();
    void devicesAreWrittenTo();
    void pipesAreWrittenTo();
    void modesAreKept();
    void foldersAreRefused();
    void leftOverTemporaryFilesAreSwept();
    void truncatedMappingIsAnError();
};

void TestFiles::linksAreFollowed() {
    const TemporaryDirectory dir;
    fs::create_directory(dir.path() / "far");
    const fs::path target = dir.path() / "far" / "target.txt", link = dir.path() / "link",
                   chain = dir.path() / "chain", dangling = dir.path() / "dangling";
    writeFileAtomically(target, "old");
    fs::create_symlink("far/target.txt", link);
    fs::create_symlink(link, chain);
    fs::create_symlink("far/new.txt", dangling);
    writeFileAtomically(chain, "new");
    QCOMPARE(readTextFile(target), std::string("new"));
    writeFileAtomically(dangling, "made");
    QCOMPARE(readTextFile(dir.path() / "far" / "new.txt"), std::string("made"));
    for (const auto& path : {link, chain, dangling})
        QVERIFY(fs::is_symlink(path));
    fs::create_symlink("loop", dir.path() / "loop");
    const auto error = errorOf([&] { writeFileAtomically(dir.path() / "loop", "x"); });
    QVERIFY(error && error->code() == ErrorCode::Unreadable);
    QCOMPARE(entriesIn(dir.path() / "far"), size_t(2));
}

void TestFiles::devicesAreWrittenTo() {
    const TemporaryDirectory dir;
    const fs::path link = dir.path() / "null";
    fs::create_symlink("/dev/null", link);
    writeFileAtomically(link, "x");
    QVERIFY(fs::is_symlink(link) && fs::is_character_file("/dev/null"));
    const auto full = errorOf([&] { writeFileAtomically("/dev/full", "x"); });
    QVERIFY(full && full->code() == ErrorCode::DiskFull);
    QVERIFY(fs::is_character_file("/dev/full"));
    const fs::path own = dir.path() / "device";
    if (::mknod(own.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0)
        QSKIP("making a device needs root");
    writeFileAtomically(own, "x");
    QVERIFY(fs::is_character_file(own));
}

void TestFiles::pipesAreWrittenTo() {
    const TemporaryDirectory dir;
    const fs::path pipe = dir.path() / "pipe";
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    std::string got;
    std::jthread reader([&] {
        FILE* file = ::fopen(pipe.c_str(), "r");
        char buffer[100];
        got.assign(buffer, ::fread(buffer, 1, sizeof(buffer), file));
        ::fclose(file);
    });
    writeFileAtomically(pipe, "through");
    reader.join();
    QCOMPARE(got, std::string("through"));
    QVERIFY(fs::is_fifo(pipe));
}

void TestFiles::modesAreKept() {
    const TemporaryDirectory dir;
    const fs::path path = dir.path() / "a", fresh = dir.path() / "b";
    writeFileAtomically(path, "old");
    for (const unsigned mode : {0600u, 0664u, 0755u}) {
        QCOMPARE(::chmod(path.c_str(), mode), 0);
        writeFileAtomically(path, "new");
        QCOMPARE(modeOf(path), mode);
    }
    const mode_t before = ::umask(027);
    writeFileAtomically(fresh, "x");
    ::umask(before);
    QCOMPARE(modeOf(fresh), 0640u);
    if (geteuid() == 0)
        QSKIP("root may write everything");
    QCOMPARE(::chmod(path.c_str(), 0444), 0);
    const auto error = errorOf([&] { writeFileAtomically(path, "x"); });
    QVERIFY(error && error->code() == ErrorCode::Unreadable);
}

void TestFiles::foldersAreRefused() {
    const TemporaryDirectory dir;
    const auto error = errorOf([&] { writeFileAtomically(dir.path(), "x"); });
    QVERIFY(error && error->code() == ErrorCode::Unreadable);
    QCOMPARE(entriesIn(dir.path()), size_t(0));
}

void TestFiles::leftOverTemporaryFilesAreSwept() {
    const TemporaryDirectory dir;
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    const auto make = [&](const std::string& name, std::chrono::minutes age) {
        writeFileAtomically(dir.path() / name, "x");
        fs::last_write_time(dir.path() / name, fs::file_time_type::clock::now() - age);
    };
    using std::chrono::minutes;
    make("a.csv.diptych-tmp." + std::to_string(child) + ".0", minutes(60));
    make("young.csv.diptych-tmp." + std::to_string(child) + ".1", minutes(0));
    make("mine.csv.diptych-tmp." + std::to_string(::getpid()) + ".2", minutes(60));
    make("a.csv", minutes(60));
    make("a.tmp." + std::to_string(child) + ".0", minutes(60)); // somebody else's
    make("b.diptych-tmp.x.0", minutes(60));
    QCOMPARE(sweepTemporaryFiles(dir.path()), size_t(1));
    QCOMPARE(entriesIn(dir.path()), size_t(5));
    QVERIFY(!fs::exists(dir.path() / ("a.csv.diptych-tmp." + std::to_string(child) + ".0")));
    QCOMPARE(sweepTemporaryFiles(dir.path() / "none"), size_t(0));
}

void TestFiles::truncatedMappingIsAnError() {
    const TemporaryDirectory dir;
    const auto page = static_cast<size_t>(::getpagesize());
    for (const char* name : {"whole", "cut"})
        writeFileAtomically(dir.path() / name, std::string(5 * page, 'x'));
    const MappedFile whole(dir.path() / "whole");
    const auto isX = [](std::byte b) { return b == std::byte{'x'}; };
    {
        const MappedFile cut(dir.path() / "cut");
        requireReadable(cut.bytes(), cut.path());
        fs::resize_file(dir.path() / "cut", 2 * page);
        QVERIFY(
            std::all_of(cut.bytes().begin(), cut.bytes().begin() + static_cast<ptrdiff_t>(2 * page), isX));
        QCOMPARE(std::count_if(cut.bytes().begin(), cut.bytes().end(), isX),
                 static_cast<ptrdiff_t>(2 * page));
        const auto error = errorOf([&] { requireReadable(cut.bytes().subspan(page, 10), cut.path()); });
        QVERIFY(error && error->code() == ErrorCode::Unreadable);
        QVERIFY2(std::string(error->what()).find("cut short") != std::string::npos, error->what());
    }
    QVERIFY(std::all_of(whole.bytes().begin(), whole.bytes().end(), isX));
    requireReadable(whole.bytes(), whole.path());
    writeFileAtomically(dir.path() / "cut", std::string(5 * page, 'x'));
    const MappedFile again(dir.path() / "cut"); // in the place of the one that failed
    QVERIFY(std::all_of(again.bytes().begin(), again.bytes().end(), isX));
    requireReadable(again.bytes(), again.path());
    const std::string own = "not mapped";
    requireReadable(std::as_bytes(std::span(own)), "own");
}

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/context.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/parallel.h"
#include "core/base/random.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace diptych;
namespace fs = std::filesystem;

class TestBase : public QObject {
    Q_OBJECT

private:
    template<class F>
    static ErrorCode codeOf(F&& call, std::string* message = nullptr) {
        try {
            call();
        } catch (const Error& error) {
            if (message)
                *message = error.what();
            return error.code();
        }
        return static_cast<ErrorCode>(-1);
    }

private Q_SLOTS:
    void atomicWriteReplacesWholeFile() {
        const TemporaryDirectory dir;
        const fs::path path = dir.path() / "a.txt";
        writeFileAtomically(path, "one");
        writeFileAtomically(path, "two");
        QCOMPARE(readTextFile(path), std::string("two"));
        QCOMPARE(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);
    }

    void atomicWriteIntoMissingFolderFailsWithItsName() {
        const TemporaryDirectory dir;
        std::string message;
        QCOMPARE(codeOf([&] { writeFileAtomically(dir.path() / "no" / "a.txt", "x"); }, &message),
                 ErrorCode::NotFound);
        QVERIFY(message.find("no/a.txt") != std::string::npos);
    }

    void fullDiskKeepsTheOldFile() {
        if (!fs::exists("/dev/full"))
            QSKIP("no /dev/full here");
        QCOMPARE(errnoError(ENOSPC, "Cannot write", "x").code(), ErrorCode::DiskFull);
    }

    void readRefusesDirectoriesPipesAndLargeFiles() {
        const TemporaryDirectory dir;
        QCOMPARE(readFile(dir.path()).error().code(), ErrorCode::Unreadable);
        const fs::path fifo = dir.path() / "fifo";
        QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
        QCOMPARE(readFile(fifo).error().code(), ErrorCode::Unreadable);
        writeFileAtomically(dir.path() / "big", std::string(100, 'x'));
        QCOMPARE(readFile(dir.path() / "big", 99).error().code(), ErrorCode::LimitExceeded);
        QVERIFY(readFile(dir.path() / "big", 100).has_value());
    }

    void byteOrderMarkIsTakenOff() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "a", "\xEF\xBB\xBF{}");
        QCOMPARE(readTextFile(dir.path() / "a"), std::string("{}"));
    }

    void mappedFileShowsContent() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "a", "hello");
        writeFileAtomically(dir.path() / "empty", "");
        MappedFile mapped(dir.path() / "a");
        const MappedFile moved = std::move(mapped);
        QCOMPARE(std::string(reinterpret_cast<const char*>(moved.bytes().data()), moved.bytes().size()),
                 std::string("hello"));
        QCOMPARE(MappedFile(dir.path() / "empty").bytes().size(), size_t{0});
        QCOMPARE(codeOf([&] { MappedFile(dir.path() / "none"); }), ErrorCode::NotFound);
        QCOMPARE(codeOf([&] { MappedFile{dir.path()}; }), ErrorCode::Unreadable);
    }

    void invalidUtf8IsReplaced() {
        QCOMPARE(toValidUtf8("a\xFFz"), std::string("a\xEF\xBF\xBDz"));
        QVERIFY(!isValidUtf8("\xED\xA0\x80")); // a surrogate
        QVERIFY(isValidUtf8("h\xC3\xA9"));
    }

    void hashIsXxh3AndFieldsDoNotRunTogether() {
        // XXH3_128bits("") from the reference implementation's own test vectors.
        QCOMPARE(hashText("").hex(), std::string("99aa06d3014798d86001c324468d497f"));
        QVERIFY(Hasher().addField("ab").addField("c").finish() !=
                Hasher().addField("a").addField("bc").finish());
        QCOMPARE(Hasher().add("ab").add("c").finish(), hashText("abc"));
        QCOMPARE(Hash128::fromHex(hashText("abc").hex()).value(), hashText("abc"));
        QVERIFY(!Hash128::fromHex("xyz"));
        const TemporaryDirectory dir;
        const std::string large(1'000'000, 'q');
        writeFileAtomically(dir.path() / "a", large);
        QCOMPARE(hashFile(dir.path() / "a").value(), hashText(large));
    }

    void jsonErrorsNameFileLineAndKey() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "a.json", "{\n\"a\": 1,\n}");
        std::string message;
        QCOMPARE(codeOf([&] { readJsonFile(dir.path() / "a.json"); }, &message), ErrorCode::Corrupt);
        QVERIFY2(message.find("a.json:3:") != std::string::npos, message.c_str());
        const Json value = parseJson(R"({"n": "x", "big": 18446744073709551615, "ok": 3})", "c.json");
        QCOMPARE(jsonInt(value, "ok", "c.json"), int64_t{3});
        QCOMPARE(codeOf([&] { jsonInt(value, "n", "c.json"); }, &message), ErrorCode::Corrupt);
        QVERIFY2(message.find("c.json: 'n' should be a whole number") != std::string::npos, message.c_str());
        QCOMPARE(codeOf([&] { jsonInt(value, "big", "c.json"); }), ErrorCode::Corrupt);
        QCOMPARE(codeOf([&] { jsonInt(value, "absent", "c.json"); }), ErrorCode::Corrupt);
        QCOMPARE(jsonInt(value, "absent", 7, "c.json"), int64_t{7});
    }

    void jsonNumbersOutOfRangeAreRefused() {
        std::string message;
        QCOMPARE(codeOf([&] { parseJson("[1e999]", "n.json"); }, &message), ErrorCode::Corrupt);
        QVERIFY2(message.find("n.json") != std::string::npos && message.find("1e999") != std::string::npos,
                 message.c_str());
    }

    void jsonNestedTooDeepIsRefused() {
        std::string message;
        const std::string deep = "{\n\"a\":" + std::string(1'000'000, '[');
        QCOMPARE(codeOf([&] { parseJson(deep, "d.json"); }, &message), ErrorCode::LimitExceeded);
        QVERIFY2(message.find("d.json:2:") != std::string::npos, message.c_str());
        parseJson(std::string(500, '[') + "\"[[\\\"[[\"" + std::string(500, ']'), "ok.json");
    }

    void parallelForVisitsEachOnceAndPassesExceptionsOn() {
        std::vector<std::atomic<int>> visits(1000);
        parallelFor(visits.size(), 4, [&](size_t i) { ++visits[i]; });
        for (const auto& count : visits)
            QCOMPARE(count.load(), 1);
        QCOMPARE(test::errorCodeOf([&] {
                     (void)parallelFor(100, 4, [](size_t i) {
                         if (i == 50)
                             throw Error(ErrorCode::Corrupt, "x");
                     });
                 }),
                 ErrorCode::Corrupt);
        std::stop_source stop;
        stop.request_stop();
        std::atomic<int> ran{0};
        parallelFor(
            100, 2, [&](size_t) { ++ran; }, stop.get_token());
        QCOMPARE(ran.load(), 0);
    }

    void progressIsThrottledButNeverLosesTheEnd() {
        std::vector<ProgressUpdate> seen;
        Progress progress([&](const ProgressUpdate& update) { seen.push_back(update); });
        progress.begin("Work", 1000, 100);
        for (int i = 0; i < 900; ++i)
            progress.advance();
        progress.end();
        QVERIFY(seen.size() < 20);
        QCOMPARE(seen.front().done, int64_t{100});
        QCOMPARE(seen.back().done, int64_t{1000});
        QCOMPARE(seen.back().stage, std::string("Work"));
    }

    void progressTellsTheLastStepOfAStageWhateverFollows() {
        std::vector<ProgressUpdate> seen;
        Progress progress([&](const ProgressUpdate& update) { seen.push_back(update); },
                          std::chrono::hours(1));
        progress.begin("Known", 10);
        for (int i = 0; i < 10; ++i)
            progress.advance();
        QCOMPARE(seen.back().done, int64_t{10}); // complete: told without end()
        progress.begin("Unknown", 0);
        progress.advance(7);
        QCOMPARE(seen.back().done, int64_t{0});
        progress.begin("Next", 5);
        QCOMPARE(seen[seen.size() - 2].stage, std::string("Unknown"));
        QCOMPARE(seen[seen.size() - 2].done, int64_t{7});
        progress.advance(3);
        progress.end();
        QCOMPARE(seen.back().done, int64_t{3});
        const size_t count = seen.size();
        progress.end(); // no stage is open
        QCOMPARE(seen.size(), count);
    }

    void progressWithoutIntervalTellsEveryItem() {
        int seen = 0;
        Progress progress([&](const ProgressUpdate&) { ++seen; }, std::chrono::milliseconds(0));
        progress.begin("Work", 50);
        for (int i = 0; i < 50; ++i)
            progress.advance();
        QCOMPARE(seen, 51);
    }

    void randomIsTheReferenceStream() {
        Random random(1234567); // first outputs of splitmix64.c (Vigna) for this seed
        QCOMPARE(random(), uint64_t{6457827717110365317ull});
        QCOMPARE(random(), uint64_t{3203168211198807973ull});
        for (int i = 0; i < 1000; ++i)
            QVERIFY(random.below(7) < 7);
    }
};

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_support.h"

#include <sys/mount.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// A disk that fills up, as a small tmpfs; needs root.
class TestDiskFull : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void importThatDoesNotFit();
    void runThatDoesNotFit();
    void embeddingsThatDoNotFit();
    void creationThatDoesNotFit();
    void openingOnAFullDisk();
    void removingOnAFullDisk();

private:
    fs::path disk() const { return m_folder->path() / "disk"; }
    /// Leaves about @p bytes free.
    void fillUp(uint64_t bytes);
    void makeRoom() { fs::remove(disk() / "ballast"); }

    std::unique_ptr<TemporaryDirectory> m_folder;
    bool m_mounted = false;
};

void TestDiskFull::init() {
    m_folder = std::make_unique<TemporaryDirectory>();
    fs::create_directory(disk());
    m_mounted = ::mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=12m") == 0;
    if (!m_mounted)
        QSKIP("mounting a small tmpfs needs root");
}

void TestDiskFull::cleanup() {
    if (m_mounted)
        QCOMPARE(::umount2(disk().c_str(), MNT_DETACH), 0);
    m_folder.reset();
}

void TestDiskFull::fillUp(uint64_t bytes) {
    const auto space = fs::space(disk()).available;
    QVERIFY(space > bytes);
    std::ofstream file(disk() / "ballast", std::ios::binary);
    const std::string block(4096, 'b');
    for (uint64_t done = 0; done + bytes + block.size() <= space; done += block.size())
        file.write(block.data(), static_cast<std::streamsize>(block.size()));
}

void TestDiskFull::importThatDoesNotFit() {
    auto workspace = Workspace::create(disk() / "w");
    const auto kept = workspace->addDataset("kept", makeIndex(100), {});
    std::string message;
    QCOMPARE(errorOf([&] { workspace->addDataset("large", makeIndex(50'000), {}); }, &message),
             ErrorCode::DiskFull);
    QVERIFY2(message.find("No space left") != std::string::npos, message.c_str());
    QVERIFY(!workspace->findDataset("large"));
    QCOMPARE(workspace->sampleIds(kept).size(), size_t(100));
    workspace->addDataset("small", makeIndex(100), {}); // and it goes on
    workspace.reset();
    QCOMPARE(Workspace::open(disk() / "w")->datasets().size(), size_t(2));
}

void TestDiskFull::runThatDoesNotFit() {
    auto workspace = Workspace::create(disk() / "w");
    const auto dataset = workspace->addDataset("d", makeIndex(2000, 3, 0), {});
    std::vector<ExampleResult> examples;
    for (const auto id : workspace->sampleIds(dataset))
        examples.push_back(makeExample(id, 0, 1, 0.5f));
    const auto first = workspace->addRun(makeRun(dataset), examples);
    fillUp(64 << 10);
    QCOMPARE(errorOf([&] {
                 for (int i = 0; i < 100; ++i)
                     workspace->addRun(makeRun(dataset), examples);
             }),
             ErrorCode::DiskFull);
    QCOMPARE(workspace->exampleCount(first), int64_t(2000));
    for (const auto& run : workspace->runs())
        QCOMPARE(workspace->exampleCount(run.id), int64_t(2000));
    const auto before = workspace->runs().size();
    makeRoom();
    workspace->addRun(makeRun(dataset), examples);
    QCOMPARE(workspace->runs().size(), before + 1);
}

void TestDiskFull::embeddingsThatDoNotFit() {
    auto workspace = Workspace::create(disk() / "w");
    auto space = workspace->embeddings().space("k", 256);
    const auto hashes = [](int from, int count) {
        std::vector<Hash128> all;
        for (int i = 0; i < count; ++i)
            all.push_back(hashText(std::to_string(from + i)));
        return all;
    };
    const auto values = [](int from, int count) {
        Matrix all(static_cast<size_t>(count), 256);
        for (size_t i = 0; i < all.rows(); ++i)
            all(i, 0) = static_cast<float>(from) + static_cast<float>(i);
        return all;
    };
    space->append(hashes(0, 100), values(0, 100));
    fillUp(300 << 10);
    int done = 100;
    std::string message;
    QCOMPARE(errorOf(
                 [&] {
                     for (; done < 5000; done += 100)
                         space->append(hashes(done, 100), values(done, 100));
                 },
                 &message),
             ErrorCode::DiskFull);
    QVERIFY(done > 100 && done < 5000);
    const auto check = [&](int count) {
        QCOMPARE(space->size(), int64_t(count));
        const auto all = space->read(space->find(hashes(0, count)));
        for (size_t i = 0; i < all.rows(); ++i)
            QCOMPARE(all(i, 0), static_cast<float>(i));
    };
    check(done);
    QCOMPARE(space->find(hashes(done, 1)), std::vector<int64_t>{-1});
    makeRoom();
    space->append(hashes(done, 100), values(done, 100));
    check(done + 100);
    space.reset();
    workspace.reset();
    workspace = Workspace::open(disk() / "w");
    space = workspace->embeddings().space("k", 256);
    check(done + 100);
}

void TestDiskFull::creationThatDoesNotFit() {
    fillUp(20 << 10);
    const auto code = errorOf([&] { Workspace::create(disk() / "w"); });
    QCOMPARE(code, ErrorCode::DiskFull);
    makeRoom();
    Workspace::openOrCreate(disk() / "w")->addDataset("d", makeIndex(5), {}); // what is left is completed
}

void TestDiskFull::openingOnAFullDisk() {
    Workspace::create(disk() / "w")->addDataset("d", makeIndex(5), {});
    fillUp(0);
    const auto code = errorOf([&] { Workspace::open(disk() / "w"); });
    QVERIFY(!code || code == ErrorCode::DiskFull);
    const auto reading =
        errorOf([&] { Workspace::open(disk() / "w", {WorkspaceMode::ReadOnly})->datasets(); });
    QVERIFY(!reading || reading == ErrorCode::DiskFull);
    makeRoom();
    QCOMPARE(Workspace::open(disk() / "w")->datasets().size(), size_t(1));
}

void TestDiskFull::removingOnAFullDisk() {
    auto workspace = Workspace::create(disk() / "w");
    const auto dataset = workspace->addDataset("d", makeIndex(2000, 3, 0), {});
    std::vector<ExampleResult> examples;
    for (const auto id : workspace->sampleIds(dataset))
        examples.push_back(makeExample(id, 0, 1, 0.5f));
    const auto run = workspace->addRun(makeRun(dataset), examples);
    const auto hash = hashText("a");
    workspace->embeddings().space("k", 4)->append(std::span(&hash, 1), Matrix(1, 4));
    workspace.reset();
    workspace = Workspace::open(disk() / "w");
    QVERIFY(fs::exists(disk() / "w" / "reserve"));
    fillUp(0);
    QCOMPARE(errorOf([&] {
                 for (int i = 0; i < 100; ++i)
                     workspace->addRun(makeRun(dataset), examples);
             }),
             ErrorCode::DiskFull);
    workspace->removeRun(run);
    workspace->embeddings().remove("k");
    workspace->removeDataset(dataset);
    QVERIFY(workspace->datasets().empty() && workspace->embeddings().spaces().empty());
    makeRoom();
    workspace.reset();
    QVERIFY(Workspace::open(disk() / "w")->datasets().empty());
}

QTEST_GUILESS_MAIN(TestDiskFull)
#include "tst_disk_full.moc"

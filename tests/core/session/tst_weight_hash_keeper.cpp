// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/file_stamp.h"
#include "core/models/weight_hashes.h"
#include "core/session/weight_hash_keeper.h"

#include <QTest>

#include <fstream>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

/// A workspace, and a checkpoint of its own that may be changed.
struct Kept {
    TemporaryDirectory directory;
    fs::path folder = directory.path() / "model", weights = folder / "model.safetensors";
    std::unique_ptr<Workspace> workspace;

    Kept() {
        fs::copy(DIPTYCH_FIXTURES "/clip/openai", folder, fs::copy_options::recursive);
        workspace = Workspace::create(directory.path() / "ws");
    }
    std::string fingerprint() {
        const auto checkpoint = Checkpoint::open(folder);
        const WeightHashKeeper keeper(*workspace, *checkpoint);
        return checkpoint->fingerprint();
    }
    /// Writes another last byte into the file; its size, its time of change and its inode stay.
    void changeInPlace() {
        const auto before = fileStamp(weights);
        const auto time = fs::last_write_time(weights);
        do { // until the clock of the file system has ticked
            std::fstream file(weights, std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(-1, std::ios::end);
            const int last = file.get();
            file.seekp(-1, std::ios::end);
            file.put(static_cast<char>(last + 1));
            file.close();
            fs::last_write_time(weights, time);
        } while (fileStamp(weights)->ctimeNs == before->ctimeNs);
    }
};

} // namespace

class TestWeightHashKeeper : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void hashesGoToTheWorkspaceAndComeFromThere() {
        Kept kept;
        QVERIFY(!kept.workspace->cachedWeightHash(kept.weights));
        const std::string first = kept.fingerprint();
        const auto stored = kept.workspace->cachedWeightHash(kept.weights);
        QVERIFY(stored && *stored == *rememberedWeightHash(kept.weights));
        // A hash that is not the file's own shows that the file is not read for it.
        kept.workspace->storeWeightHash({kept.weights, *fileStamp(kept.weights), hashText("made up")});
        QVERIFY(kept.fingerprint() != first);
        QVERIFY(*rememberedWeightHash(kept.weights) == hashText("made up"));
    }

    void aFileChangedInPlaceIsReadAgain() {
        Kept kept;
        const std::string before = kept.fingerprint();
        const auto stamp = *fileStamp(kept.weights);
        kept.changeInPlace();
        const auto changed = *fileStamp(kept.weights);
        QCOMPARE(changed.size, stamp.size);
        QCOMPARE(changed.mtimeNs, stamp.mtimeNs);
        QCOMPARE(changed.inode, stamp.inode);
        QVERIFY(!rememberedWeightHash(kept.weights));
        QVERIFY(!kept.workspace->cachedWeightHash(kept.weights));
        QVERIFY(kept.fingerprint() != before);
        QVERIFY(*kept.workspace->cachedWeightHash(kept.weights) == *rememberedWeightHash(kept.weights));
    }

    void anotherFileUnderTheNameIsReadAgain() {
        Kept kept;
        const std::string before = kept.fingerprint();
        const auto time = fs::last_write_time(kept.weights);
        std::string bytes = readTextFile(kept.weights);
        bytes.back() = static_cast<char>(bytes.back() + 1);
        writeFileAtomically(kept.weights, std::string_view(bytes)); // has another inode
        fs::last_write_time(kept.weights, time);
        QVERIFY(!rememberedWeightHash(kept.weights));
        QVERIFY(kept.fingerprint() != before);
    }

    void nothingIsKeptOfAFileThatChangedMeanwhile() {
        Kept kept;
        const auto checkpoint = Checkpoint::open(kept.folder);
        {
            const WeightHashKeeper keeper(*kept.workspace, *checkpoint);
            checkpoint->fingerprint();
            kept.changeInPlace();
        }
        QVERIFY(!kept.workspace->cachedWeightHash(kept.weights));
    }
};

QTEST_GUILESS_MAIN(TestWeightHashKeeper)
#include "tst_weight_hash_keeper.moc"

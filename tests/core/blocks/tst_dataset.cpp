// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/blocks/dataset.h"
#include "core/blocks/render.h"
#include "core/blocks/sets.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <fstream>
#include <map>

using namespace diptych;
using namespace diptych::blocks;
namespace fs = std::filesystem;

class TestBlocksDataset : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classesAreBalancedFolders() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "shapes";
        const DatasetSummary summary =
            writeBlocksDataset("blocks-shape", Split::Test, 24, 1, out, {}, {32, false});
        QCOMPARE(summary.images, size_t{24});
        QCOMPARE(summary.classes, size_t{6});
        std::map<std::string, int> images;
        for (const auto& entry : fs::recursive_directory_iterator(out)) {
            if (entry.path().extension() == ".png")
                ++images[entry.path().parent_path().filename().string()];
        }
        QCOMPARE(images.size(), size_t{6});
        for (const auto& [name, count] : images)
            QCOMPARE(count, 4);
        QVERIFY(images.contains("cylinder"));
    }

    void metadataTellsWhatThePicturesShow() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "set";
        writeBlocksDataset("blocks-shape-colour", Split::Test, 96, 5, out, {}, {32, false});
        const Json metadata = readJsonFile(out / "metadata.json");
        QCOMPARE(metadata.at("split").get<std::string>(), std::string("test"));
        QCOMPARE(metadata.at("classes").size(), size_t{48});
        QCOMPARE(metadata.at("images").size(), size_t{96});
        for (const Json& image : metadata.at("images")) {
            QVERIFY(fs::exists(out / image.at("file").get<std::string>()));
            QCOMPARE(image.at("scene").at("split").get<std::string>(), std::string("test"));
            const Json& object = image.at("scene").at("objects").at(0);
            QCOMPARE(image.at("class").get<std::string>(),
                     object.at("colour").get<std::string>() + " " + object.at("shape").get<std::string>());
        }
    }

    void captionsFileIsCoco() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "captions";
        writeBlocksDataset("blocks-captions", Split::Test, 10, 2, out, {}, {32, true});
        const Json json = readJsonFile(out / "captions.json");
        QCOMPARE(json.at("images").size(), size_t{10});
        QCOMPARE(json.at("annotations").size(), size_t{50});
        std::map<int64_t, int> perImage;
        for (const Json& annotation : json.at("annotations")) {
            ++perImage[annotation.at("image_id").get<int64_t>()];
            QVERIFY(!annotation.at("caption").get<std::string>().empty());
        }
        for (const auto& [id, count] : perImage)
            QCOMPARE(count, 5);
        const Json instances = readJsonFile(out / "instances.json");
        QCOMPARE(instances.at("categories").size(), size_t{6});
        std::map<int64_t, size_t> objects;
        for (const Json& annotation : instances.at("annotations"))
            ++objects[annotation.at("image_id").get<int64_t>()];
        const Json metadata = readJsonFile(out / "metadata.json");
        for (size_t i = 0; i < 10; ++i)
            QCOMPARE(objects[static_cast<int64_t>(i)],
                     metadata.at("images")[i].at("scene").at("objects").size());
        const std::string candidates = readTextFile(out / "candidates.jsonl");
        QCOMPARE(std::count(candidates.begin(), candidates.end(), '\n'), std::ptrdiff_t{10});
        QCOMPARE(parseJson(candidates.substr(0, candidates.find('\n')), "line 1").at("references").size(),
                 size_t{4});
        const fs::path first = out / json.at("images").at(0).at("file_name").get<std::string>();
        const Result<Image> image = decodeImage(first);
        QVERIFY(image.has_value());
        QCOMPARE(image->width, 32);
    }

    void sameArgumentsSameBytes() {
        const TemporaryDirectory dir;
        const auto digest = [&](const char* name, uint64_t seed, unsigned threads) {
            RunContext context;
            context.threads = threads;
            writeBlocksDataset("blocks-count", Split::Validation, 12, seed, dir.path() / name, context,
                               {32, false});
            std::map<std::string, std::string> hashes;
            for (const auto& entry : fs::recursive_directory_iterator(dir.path() / name)) {
                if (entry.is_regular_file())
                    hashes[fs::relative(entry.path(), dir.path() / name).string()] =
                        hashFile(entry.path())->hex();
            }
            return hashes;
        };
        const auto first = digest("a", 9, 1);
        QCOMPARE(first.size(), size_t{14});
        QVERIFY(first == digest("b", 9, 2));
        QVERIFY(first != digest("c", 10, 2));
    }

    void aFolderInUseIsLeftAlone() {
        const TemporaryDirectory dir;
        std::ofstream(dir.path() / "mine.txt") << "mine";
        try {
            writeBlocksDataset("blocks-shape", Split::Test, 6, 1, dir.path(), {});
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::InvalidArgument);
        }
        QCOMPARE(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);
    }

    void unknownKindIsAnError() {
        const TemporaryDirectory dir;
        QCOMPARE(test::errorCodeOf([&] {
                     (void)writeBlocksDataset("blocks-smell", Split::Test, 6, 1, dir.path() / "x", {});
                 }),
                 ErrorCode::NotFound);
        QCOMPARE(test::errorCodeOf([&] { (void)parseSplit("exam"); }), ErrorCode::InvalidArgument);
        QVERIFY(parseSplit("validation") == Split::Validation);
    }

    void cancelStops() {
        const TemporaryDirectory dir;
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(
            writeBlocksDataset("blocks-shape", Split::Test, 600, 1, dir.path() / "x", context), Cancelled);
    }

    void everyKindCanBeWritten() {
        const TemporaryDirectory dir;
        for (const DatasetKind& kind : datasetKinds())
            QVERIFY(writeBlocksDataset(kind.id, Split::Test, 4, 1, dir.path() / kind.id, {}, {16, false})
                        .images >= 4);
    }
};

QTEST_GUILESS_MAIN(TestBlocksDataset)
#include "tst_dataset.moc"

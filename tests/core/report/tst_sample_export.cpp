// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves a workspace is imported again: the same images with the same classes, splits and captions.
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/datasets/dataset.h"
#include "core/image/image.h"
#include "core/report/sample_export.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <tuple>

using namespace diptych;
using test::errorCodeOf;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t grey) {
    Image image;
    image.width = 24, image.height = 16;
    image.rgb.assign(24 * 16 * 3, grey);
    return image;
}

/// By file name: class, split, captions.
using Facts = std::map<std::string, std::tuple<std::string, std::string, std::vector<std::string>>>;

Facts factsOf(const DatasetIndex& index) {
    Facts facts;
    for (const DatasetSample& sample : index.samples) {
        const auto labels =
            sample.attributes.is_object() ? sample.attributes.value("labels", Json()) : Json();
        const int label = sample.label >= 0                      ? sample.label
                          : labels.is_array() && !labels.empty() ? labels[0].get<int>()
                                                                 : -1;
        facts[fs::path(sample.image).filename().string()] = {
            label < 0 ? "" : index.classNames[static_cast<size_t>(label)], sample.split, sample.captions};
    }
    return facts;
}

/// Two classes in two splits.
struct World {
    TemporaryDirectory directory;
    fs::path root = directory.path() / "pictures";
    std::unique_ptr<Workspace> workspace = Workspace::create(directory.path() / "ws");
    DatasetIndex index;
    DatasetId dataset;

    World() {
        for (const char* split : {"train", "test"})
            for (const char* name : {"cat", "old dog"})
                for (int i = 0; i < 2; ++i) {
                    const fs::path folder = root / split / name;
                    fs::create_directories(folder);
                    writeFileAtomically(
                        folder / (std::string(split) + name + std::to_string(i) + ".png"),
                        encodePng(plain(static_cast<uint8_t>(20 * i + (name[0] == 'c' ? 7 : 90)))));
                }
        index = importDataset(root, {}, {});
        dataset = workspace->addDataset("pets", index, {});
    }
    fs::path out(const char* name) const { return directory.path() / name; }
    ExportSummary write(const fs::path& target, ExportForm form,
                        FolderFiles files = FolderFiles::Links) const {
        return exportSamples(*workspace, workspace->sampleIds(dataset), target, form, files, {});
    }
};

} // namespace

class TestSampleExport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void clipsOfSingleFramesComeBackAsLines() {
        World world;
        const auto frame = [&](size_t i) { return world.index.samples[i].image; };
        world.index.samples[0].frames = {frame(1), frame(0), frame(2)};
        world.workspace->replaceDataset(world.dataset, world.index, {});
        world.write(world.out("lines.jsonl"), ExportForm::JsonLines);
        const DatasetIndex back = importDataset(world.out("lines.jsonl"), {}, {});
        QCOMPARE(back.samples.size(), world.index.samples.size());
        QCOMPARE(back.samples[0].frames, world.index.samples[0].frames);
        QCOMPARE(back.samples[0].image, world.index.samples[0].image);
        QVERIFY(back.samples[1].frames.empty());
        const ExportSummary summary = world.write(world.out("folder"), ExportForm::Folder);
        QCOMPARE(summary.written, world.index.samples.size() - 1);
        QVERIFY(std::ranges::any_of(summary.notes, [](const std::string& note) {
            return note.find("Clips of single frames") != std::string::npos;
        }));
    }

    void foldersTablesAndLinesComeBack_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("files");
        QTest::newRow("links") << "folder" << 0;
        QTest::newRow("copies") << "copies" << 1;
        QTest::newRow("csv") << "table.csv" << 0;
        QTest::newRow("jsonl") << "lines.jsonl" << 0;
    }
    void foldersTablesAndLinesComeBack() {
        QFETCH(QString, name);
        QFETCH(int, files);
        const World world;
        const fs::path target = world.out(qPrintable(name));
        const ExportSummary summary =
            world.write(target, exportForm(target), static_cast<FolderFiles>(files));
        QCOMPARE(summary.written, size_t(8));
        QVERIFY(summary.notes.empty());
        const DatasetIndex again = importDataset(target, {}, {});
        QCOMPARE(again.classNames, world.index.classNames);
        QVERIFY(factsOf(again) == factsOf(world.index));
        if (!name.contains('.'))
            QCOMPARE(fs::is_symlink(target / "test" / "cat" / "testcat0.png"), files == 0);
    }

    void cocoComesBackWithClassesAndSizes() {
        const World world;
        const fs::path target = world.out("coco.json");
        QCOMPARE(world.write(target, exportForm(target)).written, size_t(8));
        const Json json = readJsonFile(target);
        QCOMPARE(json["images"][0]["width"].get<int>(), 24);
        QCOMPARE(json["images"][0]["height"].get<int>(), 16);
        const DatasetIndex again = importDataset(target, {}, {});
        QCOMPARE(again.format, std::string("coco-instances"));
        Facts expected = factsOf(world.index), found = factsOf(again);
        QCOMPARE(found.size(), size_t(8));
        for (const auto& [file, facts] : expected)
            QCOMPARE(std::get<0>(found[file]), std::get<0>(facts));
    }

    void captionsComeBack() {
        World world;
        world.index.samples[0].captions = {"a cat", "one more, \"said\"\nin lines"};
        world.index.samples[5].captions = {"old"};
        world.workspace->replaceDataset(world.dataset, world.index, {});
        for (const char* name : {"captions.json", "captions.jsonl"}) {
            const fs::path target = world.out(name);
            world.write(target,
                        target.extension() == ".json" ? ExportForm::CocoCaptions : ExportForm::JsonLines);
            Facts expected = factsOf(world.index), found = factsOf(importDataset(target, {}, {}));
            QCOMPARE(found.size(), size_t(8));
            for (const auto& [file, facts] : expected)
                QCOMPARE(std::get<2>(found[file]), std::get<2>(facts));
        }
        QVERIFY(!world.write(world.out("folder"), ExportForm::Folder).notes.empty()); // they have no place
    }

    void equalNamesDoNotOverwriteEachOther() {
        World world;
        for (DatasetSample& sample : world.index.samples) {
            sample.split.clear();
            sample.key = sample.key.substr(0, sample.key.rfind('/')) + "/same.png";
        }
        for (size_t i = 0; i < world.index.samples.size(); ++i)
            world.index.samples[i].key = std::to_string(i) + "/same.png";
        world.workspace->replaceDataset(world.dataset, world.index, {});
        world.write(world.out("folder"), ExportForm::Folder);
        QCOMPARE(importDataset(world.out("folder"), {}, {}).samples.size(), size_t(8));
        QVERIFY(fs::exists(world.out("folder") / "cat" / "same-4.png"));
    }

    void nothingIsLeftOfAnExportThatFails() {
        const World world;
        fs::remove(world.root / "test" / "cat" / "testcat1.png");
        std::string message;
        QVERIFY(errorCodeOf([&] { world.write(world.out("folder"), ExportForm::Folder); }, &message) ==
                ErrorCode::NotFound);
        QVERIFY(message.find("testcat1.png") != std::string::npos);
        size_t entries = 0;
        for (const auto& entry : fs::directory_iterator(world.directory.path()))
            entries += entry.path().filename().string().starts_with("folder");
        QCOMPARE(entries, size_t(0));
        fs::create_directories(world.out("full") / "x");
        QVERIFY(errorCodeOf([&] { world.write(world.out("full"), ExportForm::Folder); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(fs::exists(world.out("full") / "x"));
    }

    void whatHasNoPlaceIsRefusedOrNamed() {
        World world;
        QVERIFY(errorCodeOf([&] { world.write(world.out("c.json"), ExportForm::CocoCaptions); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] { exportForm("list.png"); }) == ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] {
                    exportSamples(*world.workspace, {}, world.out("a.csv"), ExportForm::Csv,
                                  FolderFiles::Links, {});
                }) == ErrorCode::InvalidArgument);
        world.index.samples[0].label = -1;
        world.index.samples[1].split.clear();
        world.workspace->replaceDataset(world.dataset, world.index, {});
        const ExportSummary summary = world.write(world.out("some"), ExportForm::Folder);
        QCOMPARE(summary.written, size_t(7));
        QCOMPARE(summary.notes.size(), size_t(2));
    }
};

QTEST_GUILESS_MAIN(TestSampleExport)
#include "tst_sample_export.moc"

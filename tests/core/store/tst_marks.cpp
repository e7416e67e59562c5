// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_support.h"

#include <filesystem>
#include <fstream>

using namespace diptych;
using namespace diptych::test;

/// Tags and notes with what undoes them; filters and orders by the source's own columns; moved folders.
class TestMarks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void tagsSayWhatTheyChanged() {
        const auto ids = add(makeIndex(4));
        m_workspace->addTag(std::vector{ids[1]}, "odd");
        QCOMPARE(m_workspace->addTag(ids, "odd"), (std::vector{ids[0], ids[2], ids[3]}));
        QVERIFY(m_workspace->addTag(ids, "odd").empty());
        QCOMPARE(m_workspace->removeTag(std::vector{ids[2], SampleId{999}}, "odd"), std::vector{ids[2]});
        QVERIFY(m_workspace->removeTag(ids, "unknown").empty());
        QVERIFY(m_workspace->addTag(std::vector{SampleId{999}}, "nobody").empty());
        QCOMPARE(m_workspace->tags().size(), size_t(1));
    }

    void notesAreKeptFoundAndUndone() {
        const auto ids = add(makeIndex(3));
        const auto before = m_workspace->setNotes(std::vector<SampleNote>{
            {ids[0], "label is wrong"}, {ids[1], "blurred\nbadly"}, {{999}, "nobody"}});
        QCOMPARE(before.size(), size_t(2));
        QCOMPARE(m_workspace->sample(ids[1]).note, std::string("blurred\nbadly"));
        QVERIFY(m_workspace->sample(ids[2]).note.empty());
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.text = "BLURRED"}), std::vector{ids[1]});
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.noted = true}), (std::vector{ids[0], ids[1]}));
        QVERIFY(m_workspace->setNotes(std::vector<SampleNote>{{ids[0], "label is wrong"}}).empty());
        QCOMPARE(m_workspace->setNotes(before).size(), size_t(2));
        QVERIFY(m_workspace->sampleIds(m_dataset, {.noted = true}).empty());
    }

    void noteKeepsASampleThatIsGone() {
        const auto ids = add(makeIndex(3));
        m_workspace->setNotes(std::vector<SampleNote>{{ids[2], "keep me"}});
        m_workspace->replaceDataset(m_dataset, makeIndex(1), {});
        QCOMPARE(m_workspace->sample(ids[2]).note, std::string("keep me"));
        QCOMPARE(errorOf([&] { m_workspace->sample(ids[1]); }), ErrorCode::NotFound);
    }

    void severalClassesAtOnce() {
        auto index = makeIndex(9);
        index.samples[8].label = -1;
        const auto ids = add(index);
        const int first = index.samples[0].label, second = index.samples[1].label;
        size_t expected = 1;
        for (size_t i = 0; i < 8; ++i)
            expected += index.samples[i].label == first || index.samples[i].label == second;
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.labels = {first, second, -1}}).size(), expected);
        const auto counts = m_workspace->labelCounts(m_dataset);
        QCOMPARE(counts.at(-1), int64_t(1));
        int64_t all = 0;
        for (const auto& [label, count] : counts)
            all += count;
        QCOMPARE(all, int64_t(9));
    }

    void columnsAreListed() {
        addWithColumns();
        const auto columns = m_workspace->columns(m_dataset);
        QCOMPARE(columns.size(), size_t(4));
        QCOMPARE(columns[0].name, std::string("a \"quoted\" name"));
        QCOMPARE(columns[1].name, std::string("camera"));
        QVERIFY(!columns[1].numeric);
        QCOMPARE(columns[1].values.at(0).text, std::string("north"));
        QCOMPARE(columns[1].values.at(0).count, int64_t(2));
        QCOMPARE(columns[2].name, std::string("night"));
        QCOMPARE(columns[2].values.at(0).text, std::string("true"));
        QCOMPARE(columns[3].name, std::string("weight"));
        QVERIFY(columns[3].numeric);
        QCOMPARE(columns[3].distinctCount, int64_t(4));
    }

    void filtersByColumns() {
        const auto ids = addWithColumns();
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.columns = {{"camera", {"north"}}}}),
                 (std::vector{ids[0], ids[2]}));
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.columns = {{"camera", {"north", "south"}}}}).size(),
                 size_t(3));
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.columns = {{"camera", {"north"}}, {"night", {"true"}}}}),
                 std::vector{ids[2]});
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.columns = {{"a \"quoted\" name", {"it's $[0]"}}}}),
                 std::vector{ids[1]});
        QCOMPARE(m_workspace->sampleIds(m_dataset, {.columns = {{"weight", {"9"}}}}), std::vector{ids[1]});
        QVERIFY(m_workspace->sampleIds(m_dataset, {.columns = {{"camera", {"' OR 1=1 --"}}}}).empty());
    }

    void sortsByColumnsAsNumbersWhereTheyAre() {
        const auto ids = addWithColumns(); // weights "10", 9, "100", none, 2.5
        QCOMPARE(m_workspace->sampleIds(m_dataset, {}, {SampleOrder::Column, false, "weight"}),
                 (std::vector{ids[4], ids[1], ids[0], ids[2], ids[3]}));
        QCOMPARE(m_workspace->sampleIds(m_dataset, {}, {SampleOrder::Column, true, "weight"}),
                 (std::vector{ids[2], ids[0], ids[1], ids[4], ids[3]}));
        QCOMPARE(m_workspace->sampleIds(m_dataset, {}, {SampleOrder::Column, false, "camera"}),
                 (std::vector{ids[0], ids[2], ids[1], ids[3], ids[4]}));
    }

    void missingImagesAreNoticed() {
        namespace fs = std::filesystem;
        const fs::path images = m_folder->path() / "images", moved = m_folder->path() / "moved";
        auto index = makeIndex(3);
        index.root = index.source = images;
        fs::create_directories(images);
        for (size_t i = 0; i < 3; ++i) {
            index.samples[i].image = images / (std::to_string(i) + ".png");
            std::ofstream(index.samples[i].image) << "x";
        }
        add(index);
        QVERIFY(m_workspace->datasetReachable(m_dataset));
        fs::rename(images, moved);
        QVERIFY(!m_workspace->datasetReachable(m_dataset));
        m_workspace->relocateDataset(m_dataset, moved);
        QVERIFY(m_workspace->datasetReachable(m_dataset));
    }

    void modelsAreRenamedAndRelocated() {
        const auto one = m_folder->path() / "one", two = m_folder->path() / "two";
        std::filesystem::create_directories(one);
        std::ofstream(one / "config.json") << "{}";
        const ModelId a = m_workspace->addModel(one, "a", Json::object(), "print-a");
        const ModelId b = m_workspace->addModel(m_folder->path() / "b", "b", Json::object(), "print-b");
        QVERIFY(m_workspace->modelReachable(a));
        QVERIFY(!m_workspace->modelReachable(b));
        QCOMPARE(errorOf([&] { m_workspace->renameModel(a, "b"); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->renameModel({99}, "c"); }), ErrorCode::NotFound);
        m_workspace->renameModel(a, " c ");
        QCOMPARE(m_workspace->model(a).name, std::string("c"));
        std::filesystem::rename(one, two);
        QVERIFY(!m_workspace->modelReachable(a));
        QCOMPARE(errorOf([&] { m_workspace->relocateModel(a, two, Json::object(), "print-b"); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] {
                     m_workspace->relocateModel(a, m_folder->path() / "b", Json::object(), "print-a");
                 }),
                 ErrorCode::InvalidArgument);
        m_workspace->relocateModel(a, two, Json::object(), "print-a");
        QCOMPARE(m_workspace->model(a).directory, two);
        QVERIFY(m_workspace->modelReachable(a));
    }

private:
    std::vector<SampleId> add(const DatasetIndex& index) {
        m_dataset = m_workspace->addDataset("pictures", index, {});
        return m_workspace->sampleIds(m_dataset);
    }
    std::vector<SampleId> addWithColumns() {
        auto index = makeIndex(5);
        index.samples[0].attributes = {{"camera", "north"}, {"weight", "10"}};
        index.samples[1].attributes = {
            {"camera", "south"}, {"weight", 9}, {"a \"quoted\" name", "it's $[0]"}};
        index.samples[2].attributes = {{"camera", "north"}, {"weight", "100"}, {"night", true}};
        index.samples[3].attributes = Json();
        index.samples[4].attributes = {{"weight", 2.5}, {"camera", nullptr}};
        return add(index);
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetId m_dataset;
};

QTEST_GUILESS_MAIN(TestMarks)
#include "tst_marks.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_support.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Datasets, samples, tags, content hashes and models of a workspace.
class TestDatasets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void keepsWhatWasImported();
    void listsAndNames();
    void refusesBadImports();
    void fingerprintIsOfContentNotPlace();
    void cancelKeepsNothing();
    void filtersSamples_data();
    void filtersSamples();
    void sortsSamples();
    void textSearchTakesCharactersLiterally();
    void pathsInAnyEncoding();
    void replacementKeepsIdsTagsAndResults();
    void removalTakesSamplesAlong();
    void relocatesMovedFolders();
    void clipsOfSingleFrames();
    void tags();
    void hundredThousandSamples();
    void contentHashesFollowTheFile();
    void models();

private:
    DatasetId add(const DatasetIndex& index, const std::string& name = "pictures") {
        return m_workspace->addDataset(name, index, {});
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
};

void TestDatasets::init() {
    m_folder = std::make_unique<TemporaryDirectory>();
    m_workspace = Workspace::create(m_folder->path() / "w");
}

void TestDatasets::cleanup() {
    m_workspace.reset();
    m_folder.reset();
}

void TestDatasets::keepsWhatWasImported() {
    auto index = makeIndex(3);
    index.samples[1].attributes = {{"source", "web"}, {"year", 1999}};
    index.samples[2].label = -1;
    index.samples[2].image = "/elsewhere/x.png";
    index.problems = {{"a.csv:3", "no image"}, {"a.csv:9", "no label"}, {"a.csv", "is read so", true}};
    index.options = {"csv", {{"image", "file"}, {"label", ""}}, "split/class", "/somewhere"};
    const auto id = add(index);
    const auto info = m_workspace->dataset(id);
    QCOMPARE(info.name, std::string("pictures"));
    QCOMPARE(info.format, std::string("imagefolder"));
    QCOMPARE(info.source, index.source);
    QCOMPARE(info.sampleCount, int64_t(3));
    QCOMPARE(info.labelledCount, int64_t(2));
    QCOMPARE(info.classCount, int64_t(3));
    QCOMPARE(info.captionCount, int64_t(6));
    QCOMPARE(info.problemCount, int64_t(2));
    QCOMPARE(info.noteCount, int64_t(1));
    index.options.imageRoot = index.root; // which may have moved since
    QVERIFY(info.options == index.options);
    QVERIFY(m_workspace->dataset(add(makeIndex(1), "plain")).options == ImportOptions());
    QCOMPARE(info.createdAt.size(), size_t(20));
    QCOMPARE(m_workspace->classNames(id), index.classNames);
    QCOMPARE(m_workspace->splits(id), (std::vector<std::string>{"test", "train"}));
    const auto problems = m_workspace->problems(id);
    QCOMPARE(problems.size(), size_t(3));
    QVERIFY(!problems[1].note && problems[2].note);
    QCOMPARE(problems[1].where, std::string("a.csv:9"));
    QCOMPARE(problems[1].reason, std::string("no label"));
    const auto samples = m_workspace->samples(m_workspace->sampleIds(id));
    QCOMPARE(samples.size(), size_t(3));
    for (size_t i = 0; i < 3; ++i) {
        QCOMPARE(samples[i].key, index.samples[i].key);
        QCOMPARE(samples[i].path, index.samples[i].image);
        QCOMPARE(samples[i].label, index.samples[i].label);
        QCOMPARE(samples[i].captions, index.samples[i].captions);
        QCOMPARE(samples[i].split, index.samples[i].split);
        QVERIFY(samples[i].attributes == index.samples[i].attributes);
        QCOMPARE(samples[i].dataset, id);
    }
    const auto basic =
        m_workspace->samples(std::vector{samples[1].id, samples[0].id, samples[1].id}, SampleDetail::Basic);
    QCOMPARE(basic.size(), size_t(3));
    QCOMPARE(basic[0].path, samples[1].path);
    QCOMPARE(basic[2].id, samples[1].id);
    QVERIFY(basic[0].captions.empty() && basic[0].attributes.is_null());
    QCOMPARE(errorOf([&] { m_workspace->sample({999}); }), ErrorCode::NotFound);
    QCOMPARE(m_workspace->samples(std::vector{SampleId{999}, samples[0].id}).size(), size_t(1));
}

void TestDatasets::listsAndNames() {
    const auto b = add(makeIndex(1), "b"), a = add(makeIndex(1), " a\n");
    QCOMPARE(m_workspace->datasets().at(0).id, a);
    QCOMPARE(m_workspace->findDataset("b")->id, b);
    QVERIFY(!m_workspace->findDataset("c"));
    QCOMPARE(errorOf([&] { add(makeIndex(1), "a"); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { add(makeIndex(1), "  "); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { m_workspace->renameDataset(b, "a"); }), ErrorCode::InvalidArgument);
    QCOMPARE(errorOf([&] { m_workspace->renameDataset({77}, "x"); }), ErrorCode::NotFound);
    m_workspace->renameDataset(b, "b");
    m_workspace->renameDataset(b, "c");
    QCOMPARE(m_workspace->dataset(b).name, std::string("c"));
    QCOMPARE(m_workspace->datasets().size(), size_t(2));
}

void TestDatasets::refusesBadImports() {
    auto repeated = makeIndex(2);
    repeated.samples[1].key = repeated.samples[0].key;
    std::string message;
    QCOMPARE(errorOf([&] { add(repeated); }, &message), ErrorCode::InvalidArgument);
    QVERIFY(message.find(repeated.samples[0].key) != std::string::npos);
    for (const int label : {3, -2}) {
        auto index = makeIndex(2);
        index.samples[1].label = label;
        QCOMPARE(errorOf([&] { add(index); }), ErrorCode::InvalidArgument);
    }
    QVERIFY(m_workspace->datasets().empty());
}

void TestDatasets::fingerprintIsOfContentNotPlace() {
    const auto original = m_workspace->dataset(add(makeIndex(5), "1")).fingerprint;
    QCOMPARE(m_workspace->dataset(add(makeIndex(5, 3, 2, "/other"), "2")).fingerprint, original);
    auto label = makeIndex(5), caption = makeIndex(5), split = makeIndex(5), names = makeIndex(5),
         truth = makeIndex(5);
    label.samples[0].label = 2;
    caption.samples[0].captions[0] += "!";
    split.samples[0].split = "val";
    names.classNames[0] = "other";
    truth.samples[0].attributes["labels"] = {0, 1};
    std::set<std::string> all{original};
    for (const auto& index : {label, caption, split, names, truth})
        all.insert(m_workspace->dataset(add(index, std::to_string(all.size() + 10))).fingerprint);
    QCOMPARE(all.size(), size_t(6));
}

void TestDatasets::cancelKeepsNothing() {
    std::stop_source source;
    RunContext context;
    context.stop = source.get_token();
    Progress progress([&](const ProgressUpdate& update) {
        if (update.stage == "Storing samples")
            source.request_stop();
    });
    context.progress = &progress;
    bool cancelled = false;
    try {
        m_workspace->addDataset("d", makeIndex(5000), context);
    } catch (const Cancelled&) {
        cancelled = true;
    }
    QVERIFY(cancelled);
    QVERIFY(m_workspace->datasets().empty());
    add(makeIndex(5));
}

void TestDatasets::filtersSamples_data() {
    QTest::addColumn<int>("label");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("tag");
    QTest::addColumn<QString>("split");
    QTest::addColumn<int>("expected"); // of 30 samples in 3 classes
    QTest::newRow("all") << -9 << ""
                         << ""
                         << "*" << 30;
    QTest::newRow("class") << 1 << ""
                           << ""
                           << "*" << 10;
    QTest::newRow("without class") << -1 << ""
                                   << ""
                                   << "*" << 0;
    QTest::newRow("key") << -9 << "000011"
                         << ""
                         << "*" << 1;
    QTest::newRow("key, other case") << -9 << "CLASS2/"
                                     << ""
                                     << "*" << 10;
    QTest::newRow("caption") << -9 << "1 of picture 7"
                             << ""
                             << "*" << 1;
    QTest::newRow("tag") << -9 << ""
                         << "odd"
                         << "*" << 15;
    QTest::newRow("no such tag") << -9 << ""
                                 << "none"
                                 << "*" << 0;
    QTest::newRow("split") << -9 << ""
                           << ""
                           << "test" << 3;
    QTest::newRow("without split") << -9 << ""
                                   << ""
                                   << "" << 0;
    QTest::newRow("together") << 1 << "picture"
                              << "odd"
                              << "train" << 5;
}

void TestDatasets::filtersSamples() {
    QFETCH(int, label);
    QFETCH(QString, text);
    QFETCH(QString, tag);
    QFETCH(QString, split);
    QFETCH(int, expected);
    add(makeIndex(10), "another");
    const auto id = add(makeIndex(30));
    std::vector<SampleId> odd;
    const auto all = m_workspace->sampleIds(id);
    for (size_t i = 1; i < all.size(); i += 2)
        odd.push_back(all[i]);
    m_workspace->addTag(odd, "odd");
    SampleFilter filter;
    if (label != -9)
        filter.labels = {label};
    filter.text = text.toStdString();
    if (!tag.isEmpty())
        filter.tags = {tag.toStdString()};
    if (split != "*")
        filter.splits = {split.toStdString()};
    QCOMPARE(m_workspace->sampleIds(id, filter).size(), size_t(expected));
}

void TestDatasets::sortsSamples() {
    auto index = makeIndex(4, 2, 0);
    index.samples[0].key = "z";
    const auto id = add(index);
    const auto keys = [&](SampleSort sort) {
        std::string joined;
        for (const auto& sample : m_workspace->samples(m_workspace->sampleIds(id, {}, sort)))
            joined += sample.key.back() == 'z' ? "0" : std::string(1, sample.key[sample.key.size() - 5]);
        return joined;
    };
    QCOMPARE(keys({}), std::string("0123"));
    QCOMPARE(keys({SampleOrder::Import, true}), std::string("3210"));
    QCOMPARE(keys({SampleOrder::Key}), std::string("2130"));
    QCOMPARE(keys({SampleOrder::Key, true}), std::string("0312"));
    QCOMPARE(keys({SampleOrder::Label}), std::string("0213"));
    QCOMPARE(keys({SampleOrder::Label, true}), std::string("1302"));
}

void TestDatasets::textSearchTakesCharactersLiterally() {
    auto index = makeIndex(4, 1, 0);
    index.samples[0].captions = {"100% wool"};
    index.samples[1].captions = {"a_b"};
    index.samples[2].captions = {"back\\slash"};
    index.samples[3].captions = {"it's \"quoted\"; DROP TABLE samples"};
    const auto id = add(index);
    for (const auto& [text, expected] : std::vector<std::pair<std::string, size_t>>{{"0%", 1},
                                                                                    {"%%", 0},
                                                                                    {"a_b", 1},
                                                                                    {"a_", 1},
                                                                                    {"k\\s", 1},
                                                                                    {"\\", 1},
                                                                                    {"'s \"q", 1},
                                                                                    {"; DROP", 1}})
        QCOMPARE(m_workspace->sampleIds(id, {.text = text}).size(), expected);
}

void TestDatasets::pathsInAnyEncoding() {
    auto index = makeIndex(2, 0, 0);
    index.root = "/data/\xff\xfe";
    index.samples[0].image = index.root / "k\xe4se.png";
    index.samples[0].key = "k\xef\xbf\xbdse.png";
    index.samples[1].image = "/elsewhere/\x80.png";
    const auto id = add(index);
    const auto samples = m_workspace->samples(m_workspace->sampleIds(id));
    QCOMPARE(samples[0].path.native(), index.samples[0].image.native());
    QCOMPARE(samples[1].path.native(), index.samples[1].image.native());
    QCOMPARE(m_workspace->dataset(id).root.native(), index.root.native());
}

void TestDatasets::replacementKeepsIdsTagsAndResults() {
    const auto id = add(makeIndex(10));
    const auto before = m_workspace->sampleIds(id);
    m_workspace->addTag(std::vector{before[1], before[8]}, "mine");
    const auto run = m_workspace->addRun(makeRun(id), std::vector{makeExample(before[9], 0, 0, 0.5f)});
    auto index = makeIndex(12);
    index.samples.erase(index.samples.begin() + 7, index.samples.begin() + 10); // 7, 8 (tagged), 9 (in a run)
    index.samples[1].captions = {"new"};
    index.samples[1].label = 2;
    std::reverse(index.samples.begin(), index.samples.end());
    m_workspace->replaceDataset(id, index, {});
    const auto after = m_workspace->sampleIds(id);
    QCOMPARE(after.size(), size_t(9));
    QCOMPARE(m_workspace->dataset(id).sampleCount, int64_t(9));
    QCOMPARE(after.back(), before[0]);
    const auto changed = m_workspace->sample(before[1]);
    QCOMPARE(changed.tags, std::vector<std::string>{"mine"});
    QCOMPARE(changed.captions, std::vector<std::string>{"new"});
    QCOMPARE(changed.label, 2);
    QCOMPARE(errorOf([&] { m_workspace->sample(before[7]); }), ErrorCode::NotFound);
    QCOMPARE(m_workspace->sample(before[8]).tags, std::vector<std::string>{"mine"});
    QCOMPARE(m_workspace->exampleIds(run), std::vector{before[9]});
    QVERIFY(std::find(after.begin(), after.end(), before[8]) == after.end());
    m_workspace->replaceDataset(id, makeIndex(10), {}); // back again: the same samples
    auto expected = before;
    const auto again = m_workspace->sampleIds(id);
    expected[7] = again[7];
    QCOMPARE(again, expected);
    QVERIFY(again[7].value > before[9].value); // a number is never given twice
}

void TestDatasets::removalTakesSamplesAlong() {
    const auto id = add(makeIndex(5)), other = add(makeIndex(5), "other");
    const auto ids = m_workspace->sampleIds(id);
    m_workspace->addTag(ids, "gone");
    const auto run = m_workspace->addRun(makeRun(id), std::vector{makeExample(ids[0], 0, 0, 1)});
    m_workspace->removeDataset(id);
    QCOMPARE(errorOf([&] { m_workspace->sample(ids[0]); }), ErrorCode::NotFound);
    QVERIFY(m_workspace->sampleIds(id).empty());
    QVERIFY(m_workspace->tags().empty());
    QCOMPARE(m_workspace->sampleIds(other).size(), size_t(5));
    const auto left = m_workspace->run(run);
    QVERIFY(!left.datasetId);
    QCOMPARE(left.datasetName, std::string("pictures"));
    QCOMPARE(left.metrics.size(), size_t(2));
    QVERIFY(m_workspace->examples(run).empty());
    QCOMPARE(errorOf([&] { m_workspace->removeDataset(id); }), ErrorCode::NotFound);
}

void TestDatasets::relocatesMovedFolders() {
    const auto old = m_folder->path() / "old", moved = m_folder->path() / "moved";
    const auto index = makeIndex(500, 3, 0, old);
    const auto id = add(index);
    auto table = makeIndex(10, 3, 0, old);
    table.source = old / "list.csv";
    const auto tableId = add(table, "table");
    for (const auto& sample : index.samples) {
        fs::create_directories((moved / sample.key).parent_path());
        std::ofstream(moved / sample.key) << "x";
    }
    QCOMPARE(errorOf([&] { m_workspace->relocateDataset(id, m_folder->path()); }), ErrorCode::NotFound);
    QCOMPARE(m_workspace->dataset(id).root, old);
    m_workspace->relocateDataset(id, moved.native() + "/");
    const auto ids = m_workspace->sampleIds(id);
    QCOMPARE(m_workspace->sample(ids[42]).path, moved / index.samples[42].key);
    QCOMPARE(m_workspace->dataset(id).source, moved);
    m_workspace->relocateDataset(tableId, moved);
    QCOMPARE(m_workspace->dataset(tableId).source, moved / "list.csv");
}

void TestDatasets::clipsOfSingleFrames() {
    auto index = makeIndex(3);
    const std::vector<fs::path> frames = {index.root / "clip" / "1.png", index.root / "clip" / "2.png",
                                          "/elsewhere/3.png"};
    const std::string plain = m_workspace->dataset(add(index, "plain")).fingerprint;
    index.samples[1].frames = frames;
    const auto id = add(index);
    QVERIFY(m_workspace->dataset(id).fingerprint != plain);
    const auto ids = m_workspace->sampleIds(id);
    QCOMPARE(m_workspace->sample(ids[1]).frames, frames);
    QVERIFY(m_workspace->sample(ids[0]).frames.empty());
    QCOMPARE(m_workspace->samples(ids, SampleDetail::Basic)[1].frames, frames);
    for (const fs::path& file :
         {fs::path("clip/1.png"), fs::path("clip/2.png"), fs::path("class0/000000.png"),
          fs::path("class1/000001.png"), fs::path("class2/000002.png")}) {
        fs::create_directories((m_folder->path() / file).parent_path());
        std::ofstream(m_folder->path() / file) << "x";
    }
    m_workspace->relocateDataset(id, m_folder->path());
    QCOMPARE(m_workspace->sample(ids[1]).frames[1], m_folder->path() / "clip" / "2.png");
    QCOMPARE(m_workspace->sample(ids[1]).frames[2], frames[2]);
    index.samples[1].frames.clear();
    m_workspace->replaceDataset(id, index, {});
    QVERIFY(m_workspace->sample(ids[1]).frames.empty());
}

void TestDatasets::tags() {
    const auto ids = m_workspace->sampleIds(add(makeIndex(4)));
    m_workspace->addTag(std::vector{ids[0], ids[1], SampleId{12345}}, " blurred ");
    m_workspace->addTag(std::vector{ids[1], ids[1]}, "blurred");
    m_workspace->addTag(std::vector{ids[1]}, "a tag");
    QCOMPARE(m_workspace->sample(ids[1]).tags, (std::vector<std::string>{"a tag", "blurred"}));
    const auto tags = m_workspace->tags();
    QCOMPARE(tags.size(), size_t(2));
    QCOMPARE(tags[1].name, std::string("blurred"));
    QCOMPARE(tags[1].count, int64_t(2));
    m_workspace->removeTag(std::vector{ids[0], ids[1], ids[2]}, "blurred");
    QCOMPARE(m_workspace->tags().size(), size_t(1));
    m_workspace->removeTag(ids, "never given");
    QCOMPARE(errorOf([&] { m_workspace->addTag(ids, "\t"); }), ErrorCode::InvalidArgument);
}

void TestDatasets::hundredThousandSamples() {
    using Clock = std::chrono::steady_clock;
    const auto seconds = [](Clock::time_point from) {
        return std::chrono::duration<double>(Clock::now() - from).count();
    };
    const auto import = [&](size_t count, const std::string& name) {
        const auto index = makeIndex(count, 100, 1);
        const auto started = Clock::now();
        add(index, name);
        return seconds(started);
    };
    import(1000, "warm");
    const double small = import(10'000, "small"), large = import(100'000, "large");
    const auto id = m_workspace->findDataset("large")->id;
    const auto queried = Clock::now();
    const auto ids = m_workspace->sampleIds(id);
    const double query = seconds(queried);
    QCOMPARE(ids.size(), size_t(100'000));
    const auto fetched = Clock::now();
    QCOMPARE(m_workspace->samples(ids, SampleDetail::Basic).size(), size_t(100'000));
    const double fetch = seconds(fetched);
    qInfo("10,000 in %.2f s, 100,000 in %.2f s, ids in %.3f s, samples in %.2f s", small, large, query,
          fetch);
    QVERIFY2(large < 40 * small, "importing must not slow down as the dataset grows");
    QVERIFY2(query < large / 4, "listing ids must be far cheaper than importing");
    QVERIFY2(fetch < large * 2, "reading samples must not be much slower than writing them");
    QCOMPARE(m_workspace->sampleIds(id, {.labels = {7}}, {SampleOrder::Key}).size(), size_t(1000));
    QCOMPARE(m_workspace->sampleIds(id, {.text = "picture 99999"}).size(), size_t(1));
}

void TestDatasets::contentHashesFollowTheFile() {
    const auto path = m_folder->path() / "\xe4.png";
    std::ofstream(path) << "one";
    QVERIFY(!m_workspace->cachedContentHash(path));
    const auto stamp = fileStamp(path);
    QVERIFY(stamp);
    QCOMPARE(stamp->size, int64_t(3));
    QVERIFY(!fileStamp(m_folder->path()));
    QVERIFY(!fileStamp(m_folder->path() / "none"));
    const FileHash entry{path, *stamp, hashText("one")};
    m_workspace->storeContentHashes(std::span(&entry, 1));
    QVERIFY(m_workspace->cachedContentHash(path) == entry.hash);
    const std::vector<fs::path> paths{m_folder->path() / "none", path};
    const auto both = m_workspace->cachedContentHashes(paths);
    QVERIFY(!both[0] && both[1] == entry.hash);
    const timespec times[2] = {{1, 5}, {1, 5}}; // same size, other time
    QCOMPARE(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    QVERIFY(!m_workspace->cachedContentHash(path));
    const FileHash changed{path, *fileStamp(path), hashText("two")};
    m_workspace->storeContentHashes(std::span(&changed, 1));
    QVERIFY(m_workspace->cachedContentHash(path) == changed.hash);
    const auto copy = m_folder->path() / "copy";
    std::ofstream(copy) << "six";
    QCOMPARE(::utimensat(AT_FDCWD, copy.c_str(), times, 0), 0);
    fs::rename(copy, path); // same size and time, another file
    QVERIFY(!m_workspace->cachedContentHash(path));
}

void TestDatasets::models() {
    const auto a = m_workspace->addModel(m_folder->path() / "x" / "clip", "", {{"family", "clip"}}, "f1");
    const auto b =
        m_workspace->addModel(m_folder->path() / "y" / "clip" / "", "", {{"family", "clip"}}, "f2");
    QCOMPARE(m_workspace->addModel(m_folder->path() / "x" / "clip", "ignored", {{"family", "siglip"}}, "f3"),
             a);
    QVERIFY(a != b);
    const auto all = m_workspace->models();
    QCOMPARE(all.size(), size_t(2));
    QCOMPARE(all[0].name, std::string("clip"));
    QCOMPARE(all[1].name, std::string("clip (2)"));
    QCOMPARE(all[1].directory, m_folder->path() / "y" / "clip");
    QCOMPARE(m_workspace->model(a).fingerprint, std::string("f3"));
    QCOMPARE(m_workspace->findModel("clip")->info.at("family"), Json("siglip"));
    QVERIFY(!m_workspace->findModel("none"));
    m_workspace->removeModel(a);
    QCOMPARE(errorOf([&] { m_workspace->removeModel(a); }), ErrorCode::NotFound);
    QCOMPARE(errorOf([&] { m_workspace->model(a); }), ErrorCode::NotFound);
    QCOMPARE(m_workspace->models().size(), size_t(1));
}

QTEST_GUILESS_MAIN(TestDatasets)
#include "tst_datasets.moc"

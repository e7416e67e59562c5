// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/sample_filter_json.h"
#include "store_support.h"

using namespace diptych;
using namespace diptych::test;

/// Filters with several values, ranges and a run's results; filters and selections under a name.
class TestViews : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
        auto index = makeIndex(6);
        const Json weights[] = {"10", 9, "100", Json(), 2.5, true};
        const char* splits[] = {"train", "train", "val", "val", "test", ""};
        for (size_t i = 0; i < 6; ++i) {
            index.samples[i].attributes = {{"weight", weights[i]}, {"odd [name]", static_cast<int>(i) - 3}};
            index.samples[i].split = splits[i];
        }
        m_dataset = m_workspace->addDataset("pictures", index, {});
        m_ids = m_workspace->sampleIds(m_dataset);
        m_names = m_workspace->classNames(m_dataset);
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void severalSplitsAndTags() {
        QCOMPARE(find({.splits = {"train", "test"}}), at({0, 1, 4}));
        QCOMPARE(find({.splits = {""}}), at({5}));
        m_workspace->addTag(at({0, 2}), "a");
        m_workspace->addTag(at({2, 3}), "b");
        QCOMPARE(find({.tags = {"a", "b"}}), at({0, 2, 3}));
        QCOMPARE(find({.tags = {"", "b"}}), at({1, 2, 3, 4, 5}));
        QCOMPARE(find({.tags = {"a"}, .splits = {"val"}}), at({2}));
    }

    void rangesOfNumbers() {
        // Text that is a number counts; no value, and true, are none.
        QCOMPARE(find({.ranges = {{"weight", {9, 10}}}}), at({0, 1}));
        QCOMPARE(find({.ranges = {{"weight", {9.5, {}}}}}), at({0, 2}));
        QCOMPARE(find({.ranges = {{"weight", {{}, 9}}}}), at({1, 4}));
        QCOMPARE(find({.ranges = {{"weight", {}}}}), at({0, 1, 2, 4}));
        QCOMPARE(find({.ranges = {{"odd [name]", {-2, 1}}, {"weight", {9, {}}}}}), at({1, 2}));
        QVERIFY(find({.ranges = {{"missing", {}}}}).empty());
    }

    void resultsOfARun() {
        const RunId run = addRun();
        QCOMPARE(find({.outcome = OutcomeFilter{run}}), at({0, 1, 2, 3}));
        QCOMPARE(find({.outcome = OutcomeFilter{run, Verdict::Wrong}}), at({2, 3}));
        QCOMPARE(find({.outcome = OutcomeFilter{run, Verdict::Any, {1, 2}}}), at({1, 2}));
        QCOMPARE(find({.outcome = OutcomeFilter{run, Verdict::Any, {}, {0.2, 0.35}}}), at({1, 2}));
        m_workspace->removeRun(run);
        std::string message;
        QCOMPARE(errorOf([&] { find({.outcome = OutcomeFilter{run}}); }, &message), ErrorCode::NotFound);
        QVERIFY2(message.find("Run 1") != std::string::npos, message.c_str());
    }

    void filtersAreKeptUnderAName() {
        const RunId run = addRun();
        const ViewId selection = m_workspace->saveSelection(m_dataset, "chosen", at({4, 1}));
        const SampleFilter all{.labels = {1, -1},
                               .text = "picture",
                               .tags = {"a", ""},
                               .splits = {"train", ""},
                               .columns = {{"weight", {"9", "2.5"}}},
                               .noted = true,
                               .ranges = {{"odd [name]", {-1, {}}}, {"weight", {{}, 0.1}}},
                               .selection = selection,
                               .outcome = OutcomeFilter{run, Verdict::Wrong, {2}, {0.5, 1}}};
        for (const SampleFilter& filter : {all, SampleFilter{}, SampleFilter{.text = "x"}}) {
            m_workspace->saveView(m_dataset, " mine ", filter, Workspace::IfTaken::Replace);
            const auto view = m_workspace->findView(m_dataset, "mine");
            QVERIFY(view && !view->isSelection());
            QVERIFY(m_workspace->viewFilter(*view) == filter);
        }
        QCOMPARE(m_workspace->views(m_dataset).size(), size_t(2));
        QCOMPARE(errorOf([&] { m_workspace->saveView(m_dataset, "mine", {}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->saveView(m_dataset, " ", {}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->saveView({99}, "x", {}); }), ErrorCode::NotFound);
    }

    void selectionsHoldTheirSamples() {
        const ViewId id = m_workspace->saveSelection(m_dataset, "chosen", at({4, 1, 4}));
        const SavedView view = m_workspace->view(id);
        QVERIFY(view.isSelection());
        QCOMPARE(view.sampleCount, int64_t(2));
        QCOMPARE(m_workspace->sampleIds(m_dataset, m_workspace->viewFilter(view)), at({1, 4}));
        QCOMPARE(errorOf([&] { m_workspace->saveSelection(m_dataset, "x", std::vector{SampleId{999}}); }),
                 ErrorCode::NotFound);
        QVERIFY(!m_workspace->findView(m_dataset, "x"));
        m_workspace->removeView(id);
        QCOMPARE(errorOf([&] { find({.selection = id}); }), ErrorCode::NotFound);
        QCOMPARE(errorOf([&] { m_workspace->removeView(id); }), ErrorCode::NotFound);
    }

    void aSelectionKeepsASampleThatIsGone() {
        const ViewId id = m_workspace->saveSelection(m_dataset, "chosen", at({0, 5}));
        m_workspace->replaceDataset(m_dataset, makeIndex(2), {});
        QCOMPARE(m_workspace->view(id).sampleCount, int64_t(1));
        QCOMPARE(find({.selection = id}), at({0}));
        m_workspace->replaceDataset(m_dataset, makeIndex(6), {});
        QCOMPARE(find({.selection = id}), at({0, 5}));
    }

    void viewsAreRenamed() {
        const ViewId a = m_workspace->saveView(m_dataset, "a", {});
        m_workspace->saveView(m_dataset, "b", {});
        QCOMPARE(errorOf([&] { m_workspace->renameView(a, "b"); }), ErrorCode::InvalidArgument);
        m_workspace->renameView(a, "c");
        m_workspace->renameView(a, "c");
        QCOMPARE(m_workspace->views(m_dataset).at(1).name, std::string("c"));
    }

    /// Classes are kept by name: another import may number them otherwise, or lack one.
    void classesAreKeptByName() {
        const ViewId id = m_workspace->saveView(m_dataset, "a", {.labels = {0}});
        auto index = makeIndex(6);
        std::swap(index.classNames[0], index.classNames[1]);
        m_workspace->replaceDataset(m_dataset, index, {});
        QVERIFY(m_workspace->viewFilter(m_workspace->view(id)).labels == std::vector{1});
        index.classNames[1] = "another";
        m_workspace->replaceDataset(m_dataset, index, {});
        QCOMPARE(errorOf([&] { m_workspace->viewFilter(m_workspace->view(id)); }), ErrorCode::NotFound);
    }

    void whatIsNoFilterIsRefused() {
        for (const char* text : {"[]", "3", R"({"labels":[1]})", R"({"tags":"a"})", R"({"ranges":{"w":[1]}})",
                                 R"({"columns":["w"]})", R"({"run":{}})"})
            QCOMPARE(errorOf([&] { sampleFilterFromJson(Json::parse(text), m_names, "x"); }),
                     ErrorCode::Corrupt);
    }

private:
    std::vector<SampleId> find(const SampleFilter& filter) const {
        return m_workspace->sampleIds(m_dataset, filter);
    }
    std::vector<SampleId> at(std::initializer_list<size_t> positions) const {
        std::vector<SampleId> ids;
        for (const size_t position : positions)
            ids.push_back(m_ids.at(position));
        return ids;
    }
    /// Of the first four samples: predicted 0..3, the last two wrong, confidence 0.1, 0.2, ...
    RunId addRun() {
        RunRecord run;
        run.task = "zero-shot";
        run.datasetId = m_dataset;
        run.spec = Json::object();
        run.details = Json::object();
        std::vector<ExampleResult> examples(4);
        for (size_t i = 0; i < 4; ++i) {
            examples[i].sample = m_ids[i];
            examples[i].predictions = {{static_cast<int>(i), 0.1f * static_cast<float>(i + 1)}};
            examples[i].correct = i < 2;
        }
        return m_workspace->addRun(run, examples);
    }

    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetId m_dataset;
    std::vector<SampleId> m_ids;
    std::vector<std::string> m_names;
};

QTEST_GUILESS_MAIN(TestViews)
#include "tst_views.moc"

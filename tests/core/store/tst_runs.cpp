// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_support.h"

#include <cmath>

using namespace diptych;
using namespace diptych::test;

/// Runs and their per-example results.
class TestRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void keepsARunWhole();
    void listsWithoutDetails();
    void filtersRuns();
    void filtersExamples_data();
    void filtersExamples();
    void pagesAndSortsExamples();
    void findsRunsOfASample();
    void oddValuesSurvive();
    void refusesUnknownSamplesWhole();
    void removesRuns();
    void bringsBackRemovedRuns();
    void marksStayBesideARun();

private:
    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetId m_dataset;
    std::vector<SampleId> m_samples;
};

void TestRuns::init() {
    m_folder = std::make_unique<TemporaryDirectory>();
    m_workspace = Workspace::create(m_folder->path() / "w");
    m_dataset = m_workspace->addDataset("pictures", makeIndex(12), {});
    m_samples = m_workspace->sampleIds(m_dataset);
}

void TestRuns::cleanup() {
    m_workspace.reset();
    m_folder.reset();
}

void TestRuns::keepsARunWhole() {
    const auto given = makeRun(m_dataset);
    auto broken = makeExample(m_samples[1], 1, 0, 0);
    broken.status = ExampleStatus::Unreadable;
    broken.message = "truncated";
    broken.predictions.clear();
    broken.correct.reset();
    auto rich = makeExample(m_samples[0], 2, 2, 0.25f);
    rich.parts = {{"ranks", {1, 5}}};
    rich.score = 0.375;
    rich.cluster = 77;
    const auto id = m_workspace->addRun(given, std::vector{rich, broken});
    m_workspace.reset();
    m_workspace = Workspace::open(m_folder->path() / "w");
    const auto run = m_workspace->run(id);
    QCOMPARE(run.id, id);
    QCOMPARE(run.task, given.task);
    QCOMPARE(run.datasetId, m_dataset);
    QCOMPARE(run.datasetFingerprint, given.datasetFingerprint);
    QCOMPARE(run.modelName, given.modelName);
    QCOMPARE(run.modelFingerprint, given.modelFingerprint);
    QVERIFY(run.spec == given.spec);
    QCOMPARE(run.status, RunStatus::Finished);
    QCOMPARE(run.startedAt, given.startedAt);
    QCOMPARE(run.wallSeconds, 1.5);
    QCOMPARE(run.seed, UINT64_MAX);
    QCOMPARE(run.command, given.command);
    QCOMPARE(run.exampleCount, int64_t(2));
    QCOMPARE(run.failureCount, int64_t(1));
    QCOMPARE(run.classNames, given.classNames);
    QVERIFY(run.details == given.details);
    QCOMPARE(run.metrics.size(), size_t(2));
    QCOMPARE(run.metrics[0].name, std::string("top1"));
    QCOMPARE(run.metrics[0].value, 0.75);
    QVERIFY(run.metrics[0].interval == given.metrics[0].interval);
    QVERIFY(run.metrics[0].chance == 0.25);
    QCOMPARE(run.metrics[0].n, size_t(12));
    QVERIFY(std::isnan(run.metrics[1].value));
    QVERIFY(!run.metrics[1].interval && !run.metrics[1].chance && !run.metrics[1].higherIsBetter);
    QVERIFY(run.metrics[0].unit == Unit::Share && run.metrics[1].unit == Unit::Number);
    const auto examples = m_workspace->examples(id);
    QCOMPARE(examples.size(), size_t(2));
    QCOMPARE(examples[0].sample, m_samples[0]);
    QCOMPARE(examples[0].predictions, rich.predictions);
    QVERIFY(examples[0].correct == true);
    QVERIFY(examples[0].parts == rich.parts);
    QCOMPARE(examples[0].score, rich.score);
    QCOMPARE(examples[0].cluster, int64_t(77));
    QVERIFY(!examples[1].score);
    QCOMPARE(examples[1].cluster, m_samples[1].value); // by itself
    QCOMPARE(examples[1].status, ExampleStatus::Unreadable);
    QCOMPARE(examples[1].message, std::string("truncated"));
    QVERIFY(!examples[1].correct && examples[1].predictions.empty() && examples[1].parts.is_null());
}

void TestRuns::listsWithoutDetails() {
    const auto first = m_workspace->addRun(makeRun(m_dataset), {});
    const auto second = m_workspace->addRun(makeRun(m_dataset), {});
    const auto runs = m_workspace->runs();
    QCOMPARE(runs.size(), size_t(2));
    QCOMPARE(runs[0].id, second);
    QCOMPARE(runs[1].id, first);
    QCOMPARE(runs[0].metrics.size(), size_t(2));
    QVERIFY(runs[0].details.is_null() && runs[0].classNames.empty());
}

void TestRuns::filtersRuns() {
    const auto other = m_workspace->addDataset("other", makeIndex(1), {});
    auto run = makeRun(m_dataset);
    m_workspace->addRun(run, {});
    run.task = "retrieval";
    run.modelFingerprint = "f2";
    m_workspace->addRun(run, {});
    run.datasetId = other;
    m_workspace->addRun(run, {});
    QCOMPARE(m_workspace->runs({.task = "retrieval"}).size(), size_t(2));
    QCOMPARE(m_workspace->runs({.dataset = m_dataset}).size(), size_t(2));
    QCOMPARE(m_workspace->runs({.modelFingerprint = "f2"}).size(), size_t(2));
    QCOMPARE(m_workspace->runs({.task = "retrieval", .dataset = other}).size(), size_t(1));
    QCOMPARE(m_workspace->runs({.limit = 1}).size(), size_t(1));
    QCOMPARE(m_workspace->runs({.task = "none"}).size(), size_t(0));
}

void TestRuns::marksStayBesideARun() {
    const auto first = m_workspace->addRun(makeRun(m_dataset), {});
    const auto second = m_workspace->addRun(makeRun(m_dataset), {});
    QVERIFY(m_workspace->run(first).marks == RunMarks());
    QVERIFY(m_workspace->editRunMarks(first, {.name = " base\xffline ", .starred = true}) == RunMarks());
    m_workspace->editRunMarks(first, {.note = "two\nlines <b>"});
    const RunMarks marks{"base\xEF\xBF\xBDline", "two\nlines <b>", true};
    m_workspace.reset();
    m_workspace = Workspace::open(m_folder->path() / "w");
    QVERIFY(m_workspace->run(first).marks == marks);
    QVERIFY(m_workspace->runs()[1].marks == marks);
    QVERIFY(m_workspace->runs()[0].marks == RunMarks());
    QCOMPARE(m_workspace->runs({.starred = true}).size(), size_t(1));
    QVERIFY(m_workspace->editRunMarks(first, {.name = "", .note = "", .starred = false}) == marks);
    QVERIFY(m_workspace->run(first).marks == RunMarks());
    QCOMPARE(errorOf([&] { m_workspace->editRunMarks({99}, {.name = "x"}); }), ErrorCode::NotFound);
    QCOMPARE(errorOf([&] { m_workspace->editRunMarks(second, {.name = std::string(201, 'x')}); }),
             ErrorCode::InvalidArgument);
    // They go with the run, and come back with it.
    m_workspace->editRunMarks(second, {.name = "kept", .starred = true});
    const RunRecord removed = m_workspace->run(second);
    m_workspace->removeRun(second);
    m_workspace->addRun(removed, {});
    QVERIFY(m_workspace->run(second).marks == (RunMarks{"kept", "", true}));
}

void TestRuns::filtersExamples_data() {
    QTest::addColumn<int>("target");
    QTest::addColumn<int>("predicted");
    QTest::addColumn<int>("correct");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("expected"); // targets i % 3, predictions i % 2, the last one unreadable
    QTest::newRow("all") << -9 << -9 << -9 << -9 << 12;
    QTest::newRow("target") << 1 << -9 << -9 << -9 << 4;
    QTest::newRow("predicted") << -9 << 1 << -9 << -9 << 5;
    QTest::newRow("nothing predicted") << -9 << -1 << -9 << -9 << 1;
    QTest::newRow("cell") << 2 << 0 << -9 << -9 << 2;
    QTest::newRow("right") << -9 << -9 << 1 << -9 << 4;
    QTest::newRow("wrong") << -9 << -9 << 0 << -9 << 7;
    QTest::newRow("ok") << -9 << -9 << -9 << 0 << 11;
    QTest::newRow("unreadable") << -9 << -9 << -9 << 1 << 1;
    QTest::newRow("together") << 0 << 0 << 1 << 0 << 2;
}

void TestRuns::filtersExamples() {
    QFETCH(int, target);
    QFETCH(int, predicted);
    QFETCH(int, correct);
    QFETCH(int, status);
    QFETCH(int, expected);
    std::vector<ExampleResult> examples;
    for (int i = 0; i < 12; ++i)
        examples.push_back(makeExample(m_samples[static_cast<size_t>(i)], i % 3, i % 2, 0.5f));
    examples[11].status = ExampleStatus::Unreadable;
    examples[11].predictions.clear();
    examples[11].correct.reset();
    m_workspace->addRun(makeRun(m_dataset), examples); // not to be mixed up with the next
    const auto id = m_workspace->addRun(makeRun(m_dataset), examples);
    ExampleFilter filter;
    if (target != -9)
        filter.target = target;
    if (predicted != -9)
        filter.predicted = predicted;
    if (correct != -9)
        filter.correct = correct == 1;
    if (status != -9)
        filter.status = static_cast<ExampleStatus>(status);
    QCOMPARE(m_workspace->exampleCount(id, filter), int64_t(expected));
    const auto ids = m_workspace->exampleIds(id, filter);
    const auto rows = m_workspace->examples(id, filter);
    QCOMPARE(ids.size(), size_t(expected));
    QCOMPARE(rows.size(), size_t(expected));
    for (size_t i = 0; i < rows.size(); ++i)
        QCOMPARE(rows[i].sample, ids[i]);
}

void TestRuns::pagesAndSortsExamples() {
    std::vector<ExampleResult> examples;
    for (int i = 0; i < 12; ++i)
        examples.push_back(makeExample(m_samples[static_cast<size_t>(11 - i)], 0, 0, float((i * 5) % 12)));
    const auto id = m_workspace->addRun(makeRun(m_dataset), examples);
    QCOMPARE(m_workspace->exampleIds(id).front(), m_samples[11]);
    QCOMPARE(m_workspace->exampleIds(id, {}, {ExampleOrder::Position, true}).front(), m_samples[0]);
    const auto best = m_workspace->examples(id, {}, {ExampleOrder::Confidence, true}, 2, 3);
    QCOMPARE(best.size(), size_t(3));
    QCOMPARE(best[0].predictions[0].score, 9.f);
    QCOMPARE(best[2].predictions[0].score, 7.f);
    QCOMPARE(m_workspace->examples(id, {}, {}, 10, 100).size(), size_t(2));
    QCOMPARE(m_workspace->examples(id, {}, {}, 12, 5).size(), size_t(0));
}

void TestRuns::findsRunsOfASample() {
    auto second = makeRun(m_dataset);
    second.modelName = "large";
    const auto a =
        m_workspace->addRun(makeRun(m_dataset), std::vector{makeExample(m_samples[0], 0, 1, 0.5f)});
    const auto b = m_workspace->addRun(second, std::vector{makeExample(m_samples[0], 0, 0, 0.9f)});
    m_workspace->addRun(second, std::vector{makeExample(m_samples[1], 0, 0, 0.9f)});
    const auto found = m_workspace->runsContaining(m_samples[0]);
    QCOMPARE(found.size(), size_t(2));
    QCOMPARE(found[0].run.id, b);
    QCOMPARE(found[0].run.modelName, std::string("large"));
    QCOMPARE(found[0].run.metrics.size(), size_t(2));
    QCOMPARE(found[0].classNames.size(), size_t(3));
    QCOMPARE(found[1].run.id, a);
    QVERIFY(found[1].result.correct == false);
    QVERIFY(m_workspace->exampleFor(a, m_samples[0])->predictions[0].index == 1);
    QVERIFY(!m_workspace->exampleFor(a, m_samples[1]));
    QVERIFY(m_workspace->runsContaining({4711}).empty());
}

void TestRuns::oddValuesSurvive() {
    auto run = makeRun(m_dataset);
    run.command = "diptych eval --dataset 'it''s \"x\"'; \xff";
    run.spec = {{"prompt", "bad \xff bytes"}, {"text", std::string("nul\0inside", 10)}};
    run.metrics = {{"inf", INFINITY, Interval{-INFINITY, INFINITY}, 0, true, {}}};
    auto example = makeExample(m_samples[0], -1, 0, NAN);
    example.correct.reset();
    const auto id = m_workspace->addRun(run, std::vector{example});
    const auto back = m_workspace->run(id);
    QCOMPARE(back.command, run.command);
    QCOMPARE(back.spec.at("prompt").get<std::string>(), std::string("bad \xef\xbf\xbd bytes"));
    QCOMPARE(back.spec.at("text").get<std::string>().size(), size_t(10));
    QVERIFY(std::isinf(back.metrics[0].value) && back.metrics[0].interval->low < 0);
    QVERIFY(std::isnan(m_workspace->examples(id)[0].predictions[0].score));
    auto withoutDataset = makeRun({});
    QVERIFY(!m_workspace->run(m_workspace->addRun(withoutDataset, {})).datasetId);
}

void TestRuns::refusesUnknownSamplesWhole() {
    const std::vector examples{makeExample(m_samples[0], 0, 0, 1), makeExample({4711}, 0, 0, 1)};
    std::string message;
    QCOMPARE(errorOf([&] { m_workspace->addRun(makeRun(m_dataset), examples); }, &message),
             ErrorCode::NotFound);
    QVERIFY(message.find("4711") != std::string::npos);
    QVERIFY(m_workspace->runs().empty());
    QVERIFY(m_workspace->runsContaining(m_samples[0]).empty());
    QCOMPARE(errorOf([&] { m_workspace->addRun(makeRun({4711}), {}); }), ErrorCode::NotFound);
}

void TestRuns::removesRuns() {
    const auto id = m_workspace->addRun(makeRun(m_dataset), std::vector{makeExample(m_samples[0], 0, 0, 1)});
    m_workspace->removeRun(id);
    QVERIFY(m_workspace->runs().empty());
    QVERIFY(m_workspace->runsContaining(m_samples[0]).empty());
    QCOMPARE(errorOf([&] { m_workspace->removeRun(id); }), ErrorCode::NotFound);
    QCOMPARE(errorOf([&] { m_workspace->run(id); }), ErrorCode::NotFound);
    QCOMPARE(errorOf([&] { m_workspace->examples(id); }), ErrorCode::NotFound);
    QVERIFY(m_workspace->addRun(makeRun(m_dataset), {}).value > id.value);
}

void TestRuns::bringsBackRemovedRuns() {
    auto broken = makeExample(m_samples[1], 1, 0, 0);
    broken.status = ExampleStatus::Unreadable;
    auto rich = makeExample(m_samples[0], 2, 2, 0.25f);
    rich.parts = {{"ranks", {1, 5}}};
    const auto id = m_workspace->addRun(makeRun(m_dataset), std::vector{rich, broken});
    const auto other = m_workspace->addRun(makeRun(m_dataset), {});
    const RunRecord before = m_workspace->run(id);
    const auto examples = m_workspace->examples(id);
    QCOMPARE(errorOf([&] { m_workspace->addRun(before, examples); }), ErrorCode::InvalidArgument);
    m_workspace->removeRun(id);
    QCOMPARE(m_workspace->addRun(before, examples), id); // under the number it had
    const RunRecord run = m_workspace->run(id);
    QVERIFY(run.spec == before.spec && run.details == before.details);
    QVERIFY(toJson(run.metrics) == toJson(before.metrics));
    QCOMPARE(run.classNames, before.classNames);
    QCOMPARE(run.exampleCount, int64_t{2});
    QCOMPARE(run.failureCount, int64_t{1});
    const auto back = m_workspace->examples(id);
    QCOMPARE(back.size(), size_t{2});
    QVERIFY(back[0].parts == examples[0].parts && back[0].predictions == examples[0].predictions);
    QCOMPARE(back[1].status, ExampleStatus::Unreadable);
    QVERIFY(m_workspace->addRun(makeRun(m_dataset), {}).value > other.value);
    m_workspace->removeRun(id);
    m_workspace->removeDataset(m_dataset);
    QCOMPARE(errorOf([&] { m_workspace->addRun(before, examples); }), ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestRuns)
#include "tst_runs.moc"

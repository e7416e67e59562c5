// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/html_parts.h"
#include "core/report/report_writers.h"

#include <QTest>

#include <algorithm>

using namespace diptych;

/// What a report shows of the examples of each kind of run, from a workspace.
class TestReportExamples : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void nameAndNoteStandFirst();
    void wrongOnesStandByConfidence();
    void severalLabelsShowTheTruth();
    void pairsSayWhichComparisonFailed();
    void retrievalSaysWhatWasFound();
    void captionScoresShowCandidateAndScore();
    void groupsStandTogether();
    void curvesAreDrawn();
    void damagedExtrasAreNoHarm();

private:
    ReportRun reportOf(RunRecord run, const std::vector<ExampleResult>& examples, size_t count = 10);
    ExampleResult example(size_t sample, Json parts, std::optional<bool> correct = {}) const;

    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetId m_dataset;
    std::vector<SampleId> m_samples;
    ReportModel m_report;
};

namespace {

RunRecord record() {
    RunRecord run;
    run.task = "made-up";
    run.datasetName = "pictures";
    run.modelName = "tiny";
    run.spec = Json::object();
    run.startedAt = "2026-01-02T03:04:05Z";
    run.classNames = {"cat", "dog", "cow"};
    return run;
}

std::vector<std::string> keysOf(const ReportGallery& gallery) {
    std::vector<std::string> keys;
    for (const ReportExample& example : gallery.examples)
        keys.push_back(example.pictures.front().key);
    return keys;
}

const ReportGallery* find(const ReportRun& run, std::string_view id) {
    const auto found = std::ranges::find(run.galleries, id, &ReportGallery::id);
    return found == run.galleries.end() ? nullptr : &*found;
}

Json pair(const char* id, std::vector<int64_t> images, std::array<double, 4> s) {
    return {{"pair",
             {{"id", id},
              {"images", std::move(images)},
              {"captions", {"a mug in grass", "grass in a mug"}},
              {"scores", {{s[0], s[1]}, {s[2], s[3]}}},
              {"tag", "Object"}}}};
}

} // namespace

void TestReportExamples::init() {
    m_folder = std::make_unique<TemporaryDirectory>();
    m_workspace = Workspace::create(m_folder->path() / "w");
    DatasetIndex index;
    index.format = "csv";
    index.source = index.root = m_folder->path();
    for (int i = 0; i < 6; ++i) {
        const std::string key = "p" + std::to_string(i) + ".png";
        DatasetSample sample;
        sample.key = key;
        sample.image = m_folder->path() / key;
        sample.captions = {"words of " + std::to_string(i), "other words of " + std::to_string(i)};
        index.samples.push_back(std::move(sample));
    }
    m_dataset = m_workspace->addDataset("pictures", index, {});
    m_samples = m_workspace->sampleIds(m_dataset);
    QCOMPARE(m_samples.size(), size_t{6});
}

void TestReportExamples::cleanup() {
    m_workspace.reset();
    m_folder.reset();
}

ExampleResult TestReportExamples::example(size_t sample, Json parts, std::optional<bool> correct) const {
    ExampleResult result;
    result.sample = m_samples[sample];
    result.correct = correct;
    result.parts = std::move(parts);
    return result;
}

ReportRun TestReportExamples::reportOf(RunRecord run, const std::vector<ExampleResult>& examples,
                                       size_t count) {
    run.datasetId = m_dataset;
    const std::vector<RunId> ids = {m_workspace->addRun(run, examples)};
    ReportOptions options;
    options.examples = count;
    m_report = buildReport(*m_workspace, ids, options, {});
    return m_report.runs.front();
}

void TestReportExamples::nameAndNoteStandFirst() {
    RunRecord named = record();
    named.datasetId = m_dataset;
    const std::vector<RunId> ids = {m_workspace->addRun(named, {})};
    QVERIFY(buildReport(*m_workspace, ids, {}, {}).runs.front().parts.empty());
    m_workspace->editRunMarks(ids.front(), {"the <b>fifth</b> try", "resized by hand\nsee page 3"});
    const ReportModel report = buildReport(*m_workspace, ids, {}, {});
    QCOMPARE(report.runs.front().parts.front().section, std::string("summary"));
    const QString html = QString::fromStdString(reportHtml(report));
    QVERIFY(html.contains("the &lt;b&gt;fifth&lt;/b&gt; try") && html.contains("resized by hand"));
    for (const char* format : {"md", "json"})
        QVERIFY2(QString::fromStdString(reportDocument(report, format)).contains("resized by hand"), format);
}

void TestReportExamples::wrongOnesStandByConfidence() {
    // The most confident mistakes are of one class; another class's weak one must not come before them.
    std::vector<ExampleResult> examples;
    const std::array<std::tuple<int, int, float>, 6> given = {
        {{0, 1, 0.9F}, {0, 1, 0.8F}, {1, 0, 0.2F}, {0, 2, 0.7F}, {1, 1, 0.6F}, {0, 0, 0.99F}}};
    for (size_t i = 0; i < given.size(); ++i) {
        const auto [target, predicted, score] = given[i];
        ExampleResult result = example(i, {}, target == predicted);
        result.target = target;
        result.predictions = {{predicted, score}};
        examples.push_back(result);
    }
    const ReportRun run = reportOf(record(), examples, 3);
    QVERIFY(find(run, "wrong"));
    QCOMPARE(keysOf(*find(run, "wrong")), (std::vector<std::string>{"p0.png", "p1.png", "p3.png"}));
    QCOMPARE(keysOf(*find(run, "right")), (std::vector<std::string>{"p5.png", "p4.png"}));
    const QString html = QString::fromStdString(reportHtml(m_report));
    QVERIFY(html.contains("Wrong, most confident first"));
    QVERIFY(html.contains("90.0 %"));
}

void TestReportExamples::severalLabelsShowTheTruth() {
    ExampleResult result = example(0, {{"labels", {0, 2}}}, true);
    result.predictions = {{2, 0.5F}, {1, 0.3F}};
    const ReportRun run = reportOf(record(), {result});
    QCOMPARE(find(run, "right")->examples.front().truth, (std::vector<std::string>{"cat", "cow"}));
    QVERIFY(QString::fromStdString(reportHtml(m_report)).contains("Is <b>cat, cow</b>"));
    QVERIFY(QString::fromStdString(reportMarkdown(m_report)).contains("p0.png, is cat, cow: cow 50.0 %"));
}

void TestReportExamples::pairsSayWhichComparisonFailed() {
    const auto of = [&](size_t first) {
        return std::vector<int64_t>{m_samples[first].value, m_samples[first + 1].value};
    };
    const Json slightly = pair("a", of(0), {0.30, 0.31, 0.20, 0.40});
    const Json badly = pair("b", of(2), {0.10, 0.50, 0.40, 0.20});
    const Json right = pair("c", of(4), {0.5, 0.1, 0.2, 0.6});
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < 6; ++i)
        examples.push_back(example(i, i < 2 ? slightly : i < 4 ? badly : right, i >= 4));
    const ReportRun run = reportOf(record(), examples);
    const ReportGallery* wrong = find(run, "wrong");
    QVERIFY(wrong);
    QCOMPARE(keysOf(*wrong), (std::vector<std::string>{"p2.png", "p0.png"})); // each pair once, worst first
    QCOMPARE(find(run, "right")->examples.size(), size_t{1});
    const ReportExample& first = wrong->examples[1];
    QCOMPARE(first.pictures.size(), size_t{2});
    QCOMPARE(first.blocks[0].title, std::string("Captions, Object"));
    QCOMPARE(first.blocks[0].lines[1].text, std::string("2. “grass in a mug”"));
    const auto& comparisons = first.blocks[1].lines;
    QCOMPARE(comparisons.size(), size_t{4});
    for (size_t i = 0; i < 4; ++i) // caption 1 prefers picture 2; the others hold
        QCOMPARE(comparisons[i].verdict, i == 2 ? ReportLine::Verdict::Wrong : ReportLine::Verdict::Right);
    QCOMPARE(comparisons[2].text, std::string("Caption 1: picture 1 over picture 2"));
    QCOMPARE(comparisons[2].value, std::string("0.3000 to 0.3100"));
    const QString html = QString::fromStdString(reportHtml(m_report));
    QVERIFY(html.contains("✗ Caption 1: picture 1 over picture 2"));
    QVERIFY(html.contains("0.3000 to 0.3100"));
}

void TestReportExamples::retrievalSaysWhatWasFound() {
    const auto found = [&](size_t whose, int caption, double cosine) {
        return Json{m_samples[whose].value, caption, cosine};
    };
    const auto ranked = [&](Json rank, Json best, Json places) {
        return Json{
            {"rank", std::move(rank)}, {"best", std::move(best)}, {"caption_ranks", std::move(places)}};
    };
    const ReportRun run =
        reportOf(record(), {example(0, ranked(1, {found(0, 0, 0.4)}, {1, 1}), true),
                            example(1, ranked(3, {found(2, 1, 0.35), found(0, 0, 0.3)}, {1, 7}), false),
                            example(2, ranked(9, {found(0, 0, 0.2)}, {1, 1}), false),
                            example(3, ranked(nullptr, {found(0, 0, 0.2)}, Json::array()))});
    QCOMPARE(keysOf(*find(run, "wrong")), (std::vector<std::string>{"p2.png", "p1.png"}));
    QCOMPARE(keysOf(*find(run, "missed_by_captions")), (std::vector<std::string>{"p1.png"}));
    QCOMPARE(keysOf(*find(run, "right")), (std::vector<std::string>{"p0.png"}));
    const ReportExample& missed = find(run, "wrong")->examples[1];
    QCOMPARE(missed.blocks[0].title, std::string("It finds, its own at place 3"));
    QCOMPARE(missed.blocks[0].lines[0].text, std::string("“other words of 2”"));
    QCOMPARE(missed.blocks[0].lines[0].value, std::string("0.3500"));
    QCOMPARE(missed.blocks[0].lines[0].verdict, ReportLine::Verdict::Wrong);
    QCOMPARE(missed.blocks[1].lines[1].text, std::string("“other words of 1”"));
    QCOMPARE(missed.blocks[1].lines[1].value, std::string("at place 7"));
    const QString markdown = QString::fromStdString(reportMarkdown(m_report));
    QVERIFY(markdown.contains("✗ “other words of 1”: at place 7"));
    QVERIFY(reportJson(m_report)["runs"][0]["galleries"].size() == 3);
}

void TestReportExamples::captionScoresShowCandidateAndScore() {
    const ReportRun run = reportOf(
        record(), {example(0, {{"candidate", "a <b> dog"}, {"clipscore", 0.71}, {"refclipscore", 0.8}}),
                   example(1, {{"candidate", "a cat"}, {"clipscore", 0.41}})});
    QCOMPARE(keysOf(*find(run, "lowest")), (std::vector<std::string>{"p1.png", "p0.png"}));
    QCOMPARE(keysOf(*find(run, "highest")), (std::vector<std::string>{"p0.png", "p1.png"}));
    const QString html = QString::fromStdString(reportHtml(m_report));
    QVERIFY(html.contains("“a &lt;b&gt; dog”"));
    QVERIFY(html.contains("<span class=\"\">CLIPScore</span><span>0.71</span>"));
    QVERIFY(html.contains("References"));
}

void TestReportExamples::groupsStandTogether() {
    RunRecord run = record();
    run.details = {
        {"groups",
         {{{"kind", "same_text"}, {"samples", {m_samples[0].value, m_samples[1].value}}, {"all_right", true}},
          {{"kind", "same_image"},
           {"samples", {m_samples[2].value, m_samples[3].value, int64_t{999}}},
           {"all_right", false}},
          {{"kind", 7}}}}};
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < 4; ++i) {
        ExampleResult result = example(i, {{"id", i}, {"proba", 0.5}, {"label", 1}}, i != 3);
        result.target = 0;
        result.predictions = {{0, 0.75F}};
        examples.push_back(result);
    }
    const ReportRun read = reportOf(run, examples);
    QCOMPARE(read.groupCount, size_t{2});
    QCOMPARE(read.groupsRight, size_t{1});
    QCOMPARE(read.groups[0].shared, std::string("Same image")); // what is not wholly right comes first
    QCOMPARE(read.groups[0].members.size(), size_t{2});
    const QString html = QString::fromStdString(reportHtml(m_report));
    QVERIFY(html.contains("2 groups, 1 wholly right."));
    QVERIFY(html.contains("words of 2")); // the memes' text
    QVERIFY(QString::fromStdString(reportMarkdown(m_report)).contains("Confounder groups: 2, of which 1"));
}

void TestReportExamples::curvesAreDrawn() {
    RunRecord run = record();
    const Json roc = {{"id", "roc"},
                      {"title", "ROC <curve>"},
                      {"x", "False positive rate"},
                      {"y", "True positive rate"},
                      {"series",
                       {{{"name", "both"}, {"points", {{0, 0}, {0, 0.5}, {1, 1}, {nullptr, 1}}}},
                        {{"name", "Chance"}, {"points", {{0, 0}, {1, 1}}}, {"dashed", true}}}}};
    const Json shots = {{"id", "few_shot"},
                        {"title", "Few-shot"},
                        {"x", "Examples"},
                        {"y", "Accuracy"},
                        {"x_log", true},
                        {"series",
                         {{{"name", "probe"},
                           {"points", {{0, 0.1}, {1, 0.4}, {16, 0.8}}},
                           {"band", {{1, 0.3, 0.5}, {16, 0.7, 0.9}}}}}}};
    run.details = {{"curves", {roc, shots, 3, {{"title", "empty"}}}}};
    const ReportRun read = reportOf(run, {});
    QCOMPARE(read.curves.size(), size_t{2});
    const QString html = QString::fromStdString(reportHtml(m_report));
    QCOMPARE(html.count("<svg class=\"curve\""), 2);
    QVERIFY(html.contains("<h3>ROC &lt;curve&gt;</h3>"));
    QVERIFY(html.contains("class=\"line grey dashed\""));
    QVERIFY(html.contains("class=\"band c0\""));
    QVERIFY(!html.contains("nan") && !html.contains("inf"));
    // On a logarithmic axis nothing stands at zero.
    QVERIFY(html.contains("<title>probe: 1, 0.4</title>"));
    QVERIFY(!html.contains("<title>probe: 0, 0.1</title>"));
    ReportCurve flat;
    flat.series = {{"one", {{3, 3}}, {}, false}};
    QVERIFY(!html::curveChart(flat).empty());
    QVERIFY(html::curveChart(flat).find("nan") == std::string::npos);
    flat.logX = true;
    flat.series[0].points = {{0, 3}};
    QVERIFY(html::curveChart(flat).empty());
}

void TestReportExamples::damagedExtrasAreNoHarm() {
    for (const char* text :
         {R"({"pair": {"id": 1, "images": "x", "captions": [1], "scores": [[null]]}})",
          R"({"best": [1, [2], [999, -4, "x"]], "rank": "x", "caption_ranks": [null, 1e300]})",
          R"({"clipscore": 0.5, "candidate": 7})", R"({"labels": [99, "x", -1]})", R"([1, 2])"}) {
        ExampleResult result = example(0, Json::parse(text), false);
        result.predictions = {{55, 0.5F}};
        reportOf(record(), {result});
        QVERIFY(!reportHtml(m_report).empty());
        QVERIFY(!reportMarkdown(m_report).empty());
        QVERIFY(!reportJson(m_report).dump().empty());
    }
}

QTEST_GUILESS_MAIN(TestReportExamples)
#include "tst_report_examples.moc"

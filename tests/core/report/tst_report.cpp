// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/report/html_parts.h"
#include "core/report/report_writers.h"
#include "core/report/result_import.h"
#include "core/store/run_warnings.h"
#include "tests/support/error_code.h"

#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>

#include <cmath>

using namespace diptych;

namespace {

Metric metric(const char* name, double value, double low, double high, size_t n) {
    Metric out;
    out.name = name;
    out.value = value;
    out.interval = Interval{low, high};
    out.n = n;
    return out;
}

RunRecord sampleRecord(int64_t id, const std::string& model) {
    RunRecord run;
    run.id = {id};
    run.task = "zero-shot";
    run.datasetName = "pets";
    run.datasetFingerprint = "d00d";
    run.modelName = model;
    run.modelFingerprint = "f00d";
    run.spec = {{"split", "test"}};
    run.startedAt = "2026-01-02T03:04:05Z";
    run.wallSeconds = 1.25;
    run.programVersion = "0.1.0";
    run.device = "cpu";
    run.precision = "fp32";
    run.command = "diptych eval zero-shot --dataset 'a<b>&\"c\"'";
    run.metrics = {metric("top1", 0.75, 0.5, 0.9, 8), metric("top5", 1, 1, 1, 8)};
    run.metrics[0].chance = 0.5;
    run.classNames = {"cat", "<dog> & co"};
    run.exampleCount = 9;
    run.failureCount = 1;
    return run;
}

ReportRun sampleRun(int64_t id = 3, const std::string& model = "tiny") {
    ReportRun run;
    run.record = sampleRecord(id, model);
    run.record.details = {{"templates", {"a photo of a {}."}}};
    run.classes = {{"cat", 4, 0.5, 1, 0.667},
                   {"<dog> & co", 4, 1, 0.667, 0.8},
                   {"unseen", 0, std::nullopt, std::nullopt, 0}};
    run.confusion = {{0, 0, 2}, {0, 1, 2}, {1, 1, 4}};
    run.calibration = {{0.5, 0.6, 0.55, 0.5, 2}, {0.6, 0.7, 0, 0, 0}, {0.9, 1, 0.95, 1, 6}};
    run.galleries = {{"wrong",
                      "Wrong, most confident first",
                      {{{{"cats/1.png", "data:image/jpeg;base64,AAAA"}},
                        {"cat"},
                        {{"<dog> & co", 0.9}, {"cat", 0.1}},
                        false}}},
                     {"right",
                      "Right, most confident first",
                      {{{{"dogs/2.png", ""}}, {"<dog> & co"}, {{"<dog> & co", 0.8}, {"cat", 0.2}}, true}}}};
    run.failures = {{"bad<1>.png", "truncated"}};
    run.failureCount = 1;
    return run;
}

ReportModel sampleReport() {
    ReportModel report;
    report.title = "Title <script>alert(1)</script>";
    report.createdAt = "2026-01-02T03:04:05Z";
    report.runs = {sampleRun(3, "tiny"), sampleRun(5, "large")};
    return report;
}

QString htmlOf(const ReportModel& report) {
    return QString::fromStdString(reportHtml(report));
}

} // namespace

class TestReport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void htmlIsWellFormed() {
        // Void elements and the doctype are the only things in it that XML does not know.
        QString html = htmlOf(sampleReport());
        html.remove("<!DOCTYPE html>").replace(QRegularExpression("<(meta|img)([^>]*)>"), "<\\1\\2/>");
        html.replace("<br>", "<br/>");
        html.replace("<details open>", "<details open=\"\">");
        html.replace(
            QRegularExpression("<script>.*</script>", QRegularExpression::DotMatchesEverythingOption), "");
        QXmlStreamReader reader(html);
        while (!reader.atEnd())
            reader.readNext();
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString() + " at " +
                                                html.mid(int(reader.characterOffset()) - 60, 80)));
    }

    void htmlNeedsNothingBesideIt() {
        const QString html = htmlOf(sampleReport());
        QCOMPARE(html.count("<script"), 1); // sorts tables, and is named by the policy
        QVERIFY(!html.contains("<link"));
        QVERIFY(!html.contains("http:") && !html.contains("https:"));
        const QRegularExpression source("src=\"(?!data:)");
        QVERIFY(!html.contains(source));
    }

    void htmlEscapesEverything() {
        const QString html = htmlOf(sampleReport());
        QVERIFY(html.contains("Title &lt;script&gt;alert(1)&lt;/script&gt;"));
        QVERIFY(!html.contains("<dog>"));
        QVERIFY(html.contains("&lt;dog&gt; &amp; co"));
        QVERIFY(html.contains("bad&lt;1&gt;.png"));
        QVERIFY(html.contains("--dataset &#39;a&lt;b&gt;&amp;&quot;c&quot;&#39;"));
        QCOMPARE(html::escape("a\x1b\xff<"), std::string("a\xEF\xBF\xBD&lt;"));
    }

    void warningsStandInReports() {
        ReportModel report = sampleReport();
        report.runs[0].record.details = {{"warnings", {"12 < 36 copies", 7, nullptr}}};
        report.runs[1].record.details = {{"warnings", "no list"}};
        for (auto& run : report.runs)
            run.record.failureCount = 0;
        QCOMPARE(runWarnings(report.runs[0].record).size(), size_t(1));
        QCOMPARE(runWarnings(report.runs[0].record)[0].text, std::string("12 < 36 copies"));
        QVERIFY(runWarnings(report.runs[1].record).empty());
        QVERIFY(htmlOf(report).contains("<b>Warning:</b> 12 &lt; 36 copies"));
        QCOMPARE(htmlOf(report).count("Warning:"), 1);
        QVERIFY(reportMarkdown(report).find("**Warning:** 12") != std::string::npos);
    }

    void tablesOfATaskStandInReports() {
        const Json table = Json::parse(R"({"title": "By <tag>",
            "columns": [{"title": "Tag", "kind": "text"}, {"title": "Pairs", "kind": "count"},
                        {"title": "Group", "kind": "share"}, {"title": "Cut", "kind": "number"}],
            "rows": [["a|b", 12, 0.25, 1.5], ["c", 3, null, "x"], ["short"], 7]})");
        ReportModel report = sampleReport();
        report.runs[0].record.details = {{"tables", Json::array({table, 3, Json::object()})}};
        report.runs[1].record.details = {{"tables", "none"}};
        const QString html = htmlOf(report);
        QVERIFY(html.contains("<h3>By &lt;tag&gt;</h3>"));
        QVERIFY(html.contains("<tr><td>a|b</td><td class=\"n\">12</td><td class=\"n\">25.0 %</td>"
                              "<td class=\"n\">1.5</td></tr>"));
        QVERIFY(html.contains("<td>c</td><td class=\"n\">3</td><td class=\"n\">–</td>"));
        QVERIFY(!html.contains("short"));
        const QString markdown = QString::fromStdString(reportMarkdown(report));
        QVERIFY(markdown.contains("| Tag | Pairs | Group | Cut |\n|:--|--:|--:|--:|\n"
                                  "| a\\|b | 12 | 25.0 % | 1.5 |\n"));
        QCOMPARE(html.count("By &lt;tag&gt;"), 1);
    }

    void metricsHaveTitlesForPeople() {
        QCOMPARE(metricTitle("lp_acc1_16_shots"), std::string("Top-1 accuracy, 16 of each class"));
        QCOMPARE(metricTitle("lp_acc1_spread"), std::string("Spread over draws"));
        QCOMPARE(metricTitle("group_score"), std::string("Group score"));
    }

    void theUnitIsTheMetricsNotTheValues() {
        const Metric below{"clipscore", 0.97, {}, 3, true, {}, Unit::Number};
        const Metric above{"clipscore", 1.02, Interval{0.99, 1.04}, 3, true, 0.5, Unit::Number};
        QCOMPARE(metricValueText(below), std::string("0.9700"));
        QCOMPARE(metricValueText(above), std::string("1.02"));
        QCOMPARE(metricIntervalText(above), std::string("0.9900 – 1.04"));
        QCOMPARE(metricChanceText(above), std::string("0.5000"));
        QCOMPARE(metricValueText({"a_difference", -0.02, {}, 3, true, {}}), std::string("-2.0 %"));
        QCOMPARE(metricValueText({"top1", std::nan(""), {}, 3, true, {}}), std::string("undefined"));
    }

    void warningsNameWhatTheyAreAbout() {
        RunRecord run;
        run.exampleCount = 12;
        run.failureCount = 2;
        run.details = {{"warnings", {{{"text", "3 are alike"}, {"samples", {4, 5, "no"}}}, {{"text", 7}}}}};
        const auto warnings = runWarnings(run);
        QCOMPARE(warnings.size(), size_t(2));
        QVERIFY(warnings[0].text.find("2 of 12") != std::string::npos);
        QVERIFY(warnings[0].examples == ExampleStatus::Unreadable);
        QCOMPARE(warnings[1].text, std::string("3 are alike"));
        QVERIFY((warnings[1].samples == std::vector<SampleId>{{4}, {5}}));
    }

    void htmlSaysTheNumbers() {
        const QString html = htmlOf(sampleReport());
        for (const char* text :
             {"75.0 %", "50.0 – 90.0 %", "Top-1 accuracy", "Wrong, most confident first",
              "Reliability diagram", "Confusion matrix", "a photo of a {}.", "1 images could not be used",
              "cat taken for &lt;dog&gt; &amp; co: 2 of 4 (50.0 %)", "image not found"})
            QVERIFY2(html.contains(QString::fromUtf8(text)), text);
        QVERIFY(html.contains("<td>unseen</td><td class=\"n\">0</td><td class=\"n\">–</td>"));
        // Both runs stand beside each other, and each has its part.
        QCOMPARE(html.count("<section id="), 2);
        QVERIFY(html.contains("href=\"#run3\"") && html.contains("href=\"#run5\""));
    }

    void manyRunsAreRowsNotColumns() {
        ReportModel report;
        for (int id = 1; id <= 6; ++id)
            report.runs.push_back(sampleRun(id));
        report.runs[5].record.metrics.pop_back(); // one has no top5
        const QString html = htmlOf(report);
        QVERIFY(
            html.contains("<td><a href=\"#run6\">6</a></td><td>zero-shot</td><td>tiny</td><td>pets</td>"));
        QCOMPARE(html.count("<td class=\"n soft\">–</td>"), 1);
    }

    void htmlOfABareRun() {
        ReportModel report;
        report.runs.emplace_back();
        report.runs[0].record.metrics = {metric("top1", std::nan(""), std::nan(""), std::nan(""), 0)};
        const QString html = htmlOf(report);
        QVERIFY(html.contains("undefined"));
        QVERIFY(!html.contains("nan"));
        QVERIFY(!html.contains("<svg class=\"confusion\""));
    }

    void manyClassesAreListedNotDrawn() {
        ReportRun run = sampleRun();
        for (int i = 0; i < 200; ++i)
            run.record.classNames.push_back("class " + std::to_string(i));
        QVERIFY(html::confusionChart(run).empty());
        ReportModel report;
        report.runs = {run};
        QVERIFY(htmlOf(report).contains("Most frequent mistakes"));
    }

    void indexesOutOfRangeAreNoHarm() {
        ReportRun run = sampleRun();
        run.confusion.push_back({7, -1, 3});
        run.confusion.push_back({-1, 0, 1});
        ReportModel report;
        report.runs = {run};
        QVERIFY(!reportHtml(report).empty());
    }

    void markdownKeepsItsTables() {
        ReportModel report = sampleReport();
        report.runs[0].record.modelName = "a|b\nc";
        report.runs[0].record.command = "echo ```";
        const QString text = QString::fromStdString(reportMarkdown(report));
        QVERIFY(text.contains("| Top-1 accuracy | 75.0 % | 50.0 – 90.0 % | 50.0 % | 8 |"));
        QVERIFY(text.contains("a\\|b c"));
        QVERIFY(text.contains("````\necho ```\n````"));
        QVERIFY(text.contains("\\<dog\\> & co"));
    }

    void csvHasALineAMetric() {
        ReportModel report = sampleReport();
        report.runs[0].record.modelName = "tiny, \"v2\"";
        const QStringList lines = QString::fromStdString(reportCsv(report)).split('\n');
        QCOMPARE(lines.size(), 6); // header, four metrics, the end
        QVERIFY(lines[1].startsWith(
            "3,zero-shot,pets,\"tiny, \"\"v2\"\"\",test,top1,0.75,0.5,0.9,8,0.5,cpu,fp32,0,"));
        QCOMPARE(lines[0].count(','), lines[3].count(','));
    }

    void predictionsAreWrittenAsTheChallengeTakesThem() {
        std::vector<ExampleResult> examples(4);
        examples[0].parts = {{"id", 16395}, {"proba", 0.1}, {"label", 0}};
        examples[1].status = ExampleStatus::Unreadable;
        examples[2].parts = {{"id", "0,8"}, {"proba", 1e-9}, {"label", 0}};
        examples[3].parts = {{"id", 5}, {"proba", 0.875}, {"label", 1}};
        QCOMPARE(predictionsCsv(sampleRecord(3, "tiny"), examples),
                 std::string("id,proba,label\n16395,0.1,0\n\"0,8\",1e-09,0\n5,0.875,1\n"));
        examples.resize(2);
        examples[0].parts = Json();
        QCOMPARE(test::errorCodeOf([&] { (void)predictionsCsv(sampleRecord(3, "tiny"), examples); }),
                 ErrorCode::InvalidArgument);
    }

    void jsonRoundTrips() {
        const OrderedJson report = OrderedJson::parse(reportJson(sampleReport()).dump());
        const auto& run = report["runs"][0];
        QCOMPARE(run["run"].get<int>(), 3);
        QCOMPARE(run["metrics"][0]["value"].get<double>(), 0.75);
        QCOMPARE(run["metrics"][0]["interval"][1].get<double>(), 0.9);
        QCOMPARE(run["galleries"][0]["examples"][0]["predictions"][0]["score"].get<double>(), 0.9);
        QCOMPARE(run["unreadable"][0]["reason"].get<std::string>(), std::string("truncated"));
    }

    void clipBenchmarkNames() {
        RunRecord zeroShot = sampleRecord(1, "tiny");
        zeroShot.metrics.push_back(metric("mean_per_class_recall", 0.7, 0.6, 0.8, 2));
        zeroShot.metrics.push_back(metric("ece", std::nan(""), 0, 0, 2));
        RunRecord retrieval = sampleRecord(2, "tiny");
        retrieval.task = "retrieval";
        retrieval.metrics = {metric("image_retrieval_recall@5", 0.4, 0.3, 0.5, 9),
                             metric("text_retrieval_recall@5", 0.6, 0.5, 0.7, 9)};
        const std::vector<RunRecord> runs = {zeroShot, retrieval};
        const OrderedJson list = clipBenchmarkJson(runs);
        QCOMPARE(list[0]["task"].get<std::string>(), std::string("zeroshot_classification"));
        QCOMPARE(list[0]["dataset"].get<std::string>(), std::string("pets"));
        QCOMPARE(list[0]["language"].get<std::string>(), std::string("en"));
        QCOMPARE(list[0]["metrics"]["acc1"].get<double>(), 0.75);
        QCOMPARE(list[0]["metrics"]["acc5"].get<double>(), 1.0);
        QCOMPARE(list[0]["metrics"]["mean_per_class_recall"].get<double>(), 0.7);
        QVERIFY(list[0]["metrics"]["ece"].is_null());
        // Retrieval's metrics have CLIP_benchmark's names from the start.
        QCOMPARE(list[1]["task"].get<std::string>(), std::string("zeroshot_retrieval"));
        QCOMPARE(list[1]["metrics"]["image_retrieval_recall@5"].get<double>(), 0.4);
        QCOMPARE(list[1]["metrics"]["text_retrieval_recall@5"].get<double>(), 0.6);
    }

    void exportedResultsComeBack() {
        const TemporaryDirectory dir;
        RunRecord run = sampleRecord(1, "tiny");
        run.metrics.push_back(metric("ece", std::nan(""), 0, 0, 2));
        const std::vector<RunRecord> runs = {run};
        writeFileAtomically(dir.path() / "r.json", std::string_view(clipBenchmarkJson(runs).dump()));
        const auto read = readClipBenchmarkResults(dir.path() / "r.json");
        QCOMPARE(read.size(), size_t{1});
        QCOMPARE(read[0].task, std::string("zero-shot"));
        QCOMPARE(read[0].datasetName, std::string("pets"));
        QCOMPARE(read[0].modelName, "tiny (" + run.modelFingerprint + ")");
        QCOMPARE(findMetric(read[0].metrics, "top1")->value, 0.75);
        QVERIFY(!findMetric(read[0].metrics, "ece")); // null: not a number
        QCOMPARE(read[0].startedAt.size(), size_t{20});
    }

    void aResultFileOfOthersIsRead() {
        const TemporaryDirectory dir;
        writeFileAtomically(
            dir.path() / "r.json",
            std::string_view(R"({"dataset": "wds/voc", "model": "ViT-B-32", "pretrained": "openai",
            "task": "linear_probe", "language": "en", "metrics": {"lp_acc1": 0.9, "lp_acc5": 0.99,
            "classification_report": {"cat": 1}}})"));
        const auto read = readClipBenchmarkResults(dir.path() / "r.json");
        QCOMPARE(read.size(), size_t{1});
        QCOMPARE(read[0].task, std::string("linear-probe"));
        QCOMPARE(read[0].modelName, std::string("ViT-B-32 (openai)"));
        QCOMPARE(read[0].metrics.size(), size_t{2});
    }

    void resultsWithNanAreReadWithoutIt() {
        const TemporaryDirectory dir; // CLIP_benchmark writes acc5 so for fewer than five classes
        writeFileAtomically(
            dir.path() / "r.json",
            std::string_view(R"({"dataset": "sst2", "model": "m", "task": "zeroshot_classification",
            "metrics": {"acc1": 0.67, "acc5": NaN, "other": -Infinity}})"));
        const auto read = readClipBenchmarkResults(dir.path() / "r.json");
        QCOMPARE(read[0].metrics.size(), size_t{1});
        QCOMPARE(findMetric(read[0].metrics, "top1")->value, 0.67);
    }

    void oneBadResultFileDoesNotRefuseTheOthers() {
        const TemporaryDirectory dir;
        const auto good = dir.path() / "good.json", bad = dir.path() / "bad.json",
                   none = dir.path() / "none.json";
        writeFileAtomically(good,
                            std::string_view(R"({"dataset":"a","model":"m","task":"t","metrics":{"x":1}})"));
        writeFileAtomically(bad, std::string_view("{"));
        const std::vector<std::filesystem::path> files = {bad, good, none};
        const ImportedResults results = readClipBenchmarkResults(files);
        QCOMPARE(results.runs.size(), size_t{1});
        QCOMPARE(results.problems.size(), size_t{2});
        QVERIFY(QByteArray(results.problems[0].what()).contains("bad.json:1: not valid JSON"));
        QVERIFY(QByteArray(results.problems[1].what()).contains("none.json"));
        QVERIFY(QByteArray(results.failures(3).c_str()).startsWith("2 of 3 files were not imported: "));
        QCOMPARE(test::errorCodeOf([&] {
                     (void)readClipBenchmarkResults(std::vector{bad, none});
                 }),
                 ErrorCode::Corrupt);
    }

    void faultyResultFilesAreNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("no JSON") << QByteArray("acc1 0.5") << QByteArray("r.json");
        QTest::newRow("empty list") << QByteArray("[]") << QByteArray("empty");
        QTest::newRow("second entry")
            << QByteArray(R"([{"dataset":"a","model":"m","task":"t","metrics":{"x":1}}, 3])")
            << QByteArray("entry 2");
        QTest::newRow("no dataset") << QByteArray(R"({"model":"m","task":"t","metrics":{"x":1}})")
                                    << QByteArray("dataset");
        QTest::newRow("no metric") << QByteArray(
                                          R"({"dataset":"a","model":"m","task":"t","metrics":{"x":"y"}})")
                                   << QByteArray("metrics");
    }

    void faultyResultFilesAreNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, named);
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "r.json", std::string_view(text.data(), size_t(text.size())));
        try {
            readClipBenchmarkResults(dir.path() / "r.json");
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains("r.json"), error.what());
            QVERIFY2(QByteArray(error.what()).contains(named), error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"

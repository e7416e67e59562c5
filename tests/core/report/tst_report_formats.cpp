// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html_parts.h"
#include "core/report/report_charts.h"
#include "core/report/report_writers.h"
#include "tests/support/error_code.h"

#include <QCryptographicHash>
#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>

#include <array>

using namespace diptych;

namespace {

const std::string kHtml = "<img src=x onerror=alert(1)></td>", kFormula = "=HYPERLINK(\"http://evil\")",
                  kLatex = "\\input{/etc/passwd}$x_1^2$ 100% & #1 ~{}",
                  kRtl = "\u202Egpj.exe \u05E9\u05DC\u05D5\u05DD", kLong(5000, 'w');

/// Every text that somebody else could have chosen is @p name.
ReportModel hostile(const std::string& name) {
    ReportModel report;
    report.title = name;
    report.createdAt = "2026-01-02T03:04:05Z";
    report.comments = {{"summary", name}};
    ReportRun run;
    run.record.id = {3};
    run.record.task = run.record.datasetName = run.record.modelName = name;
    run.record.command = name;
    run.record.metrics = {{"top1", 0.75, Interval{0.5, 0.9}, 8, true, 0.5}};
    run.record.classNames = {name, "cat"};
    run.record.details = {{"templates", {name}},
                          {"warnings", {name}},
                          {"tables",
                           {{{"title", name},
                             {"note", name},
                             {"columns", {{{"title", name}, {"kind", "text"}}}},
                             {"rows", {{name}}}}}}};
    run.classes = {{name, 4, 0.5, 1, 0.667}};
    run.confusion = {{0, 0, 2}, {0, 1, 2}};
    run.curves = {{name, name, name, false, {{name, {{0, 0}, {1, 1}}, {}, false}}}};
    run.map = ReportMap{name, name, {{0, 0, 0, true}, {1, 1, 1, false}}};
    run.galleries = {
        {"wrong", name, {{{{name, ""}}, {name}, {{name, 0.9}}, false, {{name, {{name, name, {}}}}}}}}};
    run.failures = {{name, name}};
    run.failureCount = 1;
    run.parts = {{"slices", name, {name}, {{name, name, {{name, true}}, {{name}}}}, {}, {}}};
    report.parts = {{"compare", name, {name}, {}, {}, {}}};
    report.runs = {run, run};
    return report;
}

bool wellFormed(QString html, QString* fault) {
    html.remove("<!DOCTYPE html>").replace(QRegularExpression("<(meta|img)([^>]*)>"), "<\\1\\2/>");
    html.replace("<br>", "<br/>").replace("<details open>", "<details open=\"\">");
    html.replace(QRegularExpression("<script>.*</script>", QRegularExpression::DotMatchesEverythingOption),
                 "");
    QXmlStreamReader reader(html);
    while (!reader.atEnd())
        reader.readNext();
    *fault = reader.errorString() + " at " + html.mid(int(reader.characterOffset()) - 60, 80);
    return !reader.hasError();
}

} // namespace

class TestReportFormats : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hostileNamesAreHarmlessInHtml() {
        for (const std::string& name : {kHtml, kFormula, kLatex, kRtl, kLong}) {
            const QString html = QString::fromStdString(reportHtml(hostile(name)));
            QString fault;
            QVERIFY2(wellFormed(html, &fault), qPrintable(fault));
            QVERIFY(!html.contains("<img src=x"));
            QCOMPARE(html.count("<script"), 1); // the one that sorts
            QVERIFY(html.contains("name=\"viewport\"") && html.contains("overflow-wrap:anywhere"));
        }
    }

    void onlyTheSortingScriptMayRunAndNothingIsFetched() {
        const QByteArray script(html::sortScript().data(), qsizetype(html::sortScript().size()));
        const QByteArray digest =
            "sha256-" + QCryptographicHash::hash(script, QCryptographicHash::Sha256).toBase64();
        QCOMPARE(QByteArray(html::sortScriptDigest().data(), qsizetype(html::sortScriptDigest().size())),
                 digest);
        const QString html = QString::fromStdString(reportHtml(hostile("x")));
        QVERIFY(html.contains("default-src &#39;none&#39;; img-src data:"));
        QVERIFY(html.contains("script-src &#39;" + digest + "&#39;"));
        QVERIFY(!html.contains("http:") && !html.contains("https:") && !html.contains("<link"));
        QVERIFY(!script.contains("eval") && !script.contains("innerHTML") && !script.contains("http"));
    }

    void tablesAreSortable() {
        const QString html = QString::fromStdString(reportHtml(hostile("x")));
        QVERIFY(html.count("<table class=\"sortable\">") >= 4); // classes and the task's own, of both runs
    }

    void hostileNamesAreHarmlessInLatex() {
        for (const std::string& name : {kHtml, kFormula, kLatex, kRtl, kLong}) {
            const QString tex = QString::fromStdString(reportLatex(hostile(name)));
            QVERIFY(!tex.contains("\\input"));
            QVERIFY(!tex.contains(QChar(0x202E)));
            // Every special character stands behind a backslash, but for those of the tables' own lines.
            const QString text = QString::fromStdString(latexText(name));
            QVERIFY2(!text.contains(QRegularExpression("(?<!\\\\)[#$%&_]")), qPrintable(text));
            QCOMPARE(tex.count("\\begin{tabular}"), tex.count("\\end{tabular}"));
        }
        QCOMPARE(latexText("a\\b{c}"), std::string("a\\textbackslash{}b\\{c\\}"));
        QCOMPARE(latexText("50.0 – 90.0 %"), std::string("50.0 -- 90.0 \\%"));
        QCOMPARE(latexText("a\nb\x1b"), std::string("a b "));
        QCOMPARE(latexText("--output"), std::string("-{}-output"));
        QCOMPARE(latexText("\u05E9"), std::string("\u05E9")); // letters of any script stay
    }

    void latexHasTheNumbersAndTheProtocol() {
        const QString tex = QString::fromStdString(reportLatex(hostile("model")));
        QVERIFY(tex.contains("Top-1 accuracy & 75.0 \\% {\\footnotesize(50.0 -- 90.0 \\%)}"));
        QVERIFY(tex.contains("\\paragraph{Run 3: model, model on model.}"));
        QCOMPARE(reportDocument(hostile("m"), "tex"), reportLatex(hostile("m")));
    }

    void hostileNamesAreHarmlessInMarkdownCsvAndJson() {
        const QString markdown = QString::fromStdString(reportMarkdown(hostile(kHtml)));
        QVERIFY(!markdown.contains(QRegularExpression("(?<!\\\\)<img")) || markdown.contains("```"));
        QVERIFY(markdown.contains("\\<img src=x"));
        const QString csv = QString::fromStdString(reportCsv(hostile(kFormula)));
        QVERIFY(csv.contains("'=HYPERLINK") && !csv.contains(",=HYPERLINK") &&
                !csv.contains(",\"=HYPERLINK"));
        for (const std::string& name : {kHtml, kFormula, kLatex, kRtl, kLong})
            QCOMPARE(Json::parse(reportJson(hostile(name)).dump())["title"].get<std::string>(), name);
    }

    void sectionsAreChosen() {
        ReportModel report = hostile("x");
        report.sections = parseReportSections("map, summary");
        QCOMPARE(report.sections, (std::vector<std::string>{"summary", "map"}));
        QString html = QString::fromStdString(reportHtml(report));
        QVERIFY(html.contains("Map by class") && html.contains("Top-1 accuracy"));
        for (const char* left :
             {"Confusion matrix", "<h3>Protocol</h3>", "Classes, worst first", "class=\"card"})
            QVERIFY2(!html.contains(left), left);
        report.sections = {"slices"};
        html = QString::fromStdString(reportHtml(report));
        QVERIFY(!html.contains("Top-1 accuracy"));
        QCOMPARE(test::errorCodeOf([] { parseReportSections("summary,none"); }), ErrorCode::InvalidArgument);
        QCOMPARE(test::errorCodeOf([] { parseReportSections(""); }), ErrorCode::InvalidArgument);
    }

    void commentsStandInEveryFormatForPeople() {
        ReportModel report = hostile("x");
        report.comments = {{"protocol", "Seen <twice> & 50 %"}};
        QVERIFY(reportHtml(report).find("<p class=\"comment\">Seen &lt;twice&gt; &amp; 50 %</p>") !=
                std::string::npos);
        QVERIFY(reportMarkdown(report).find("> Seen \\<twice\\> & 50 %") != std::string::npos);
        QVERIFY(reportLatex(report).find("Seen \\textless{}twice\\textgreater{} \\& 50 \\%") !=
                std::string::npos);
        report.sections = {"summary"};
        QVERIFY(reportHtml(report).find("Seen") == std::string::npos); // its section is not there
        QCOMPARE(parseReportComment("map=a=b"), (std::pair<std::string, std::string>{"map", "a=b"}));
        QCOMPARE(test::errorCodeOf([] { parseReportComment("night=x"); }), ErrorCode::InvalidArgument);
        QCOMPARE(test::errorCodeOf([] { parseReportComment("summary"); }), ErrorCode::InvalidArgument);
    }

    void sheetsAreChosenByARuleInWords() {
        QCOMPARE(parseSheetRule("wrong").count, size_t{10});
        QCOMPARE(parseSheetRule("unsure:20").count, size_t{20});
        QCOMPARE(parseSheetRule("random:12:7").seed, uint64_t{7});
        QCOMPARE(parseSheetRule("tag:night:shift:12").name, std::string("night:shift"));
        QCOMPARE(parseSheetRule("view:a").count, size_t{10});
        QCOMPARE(sheetRuleText(parseSheetRule("random:12:7")),
                 std::string("Drawn at random with seed 7: 12 at most"));
        for (const char* bad :
             {"", "best", "wrong:0", "wrong:x", "random:5:x", "tag", "tag:", "class:501", "wrong:"})
            QCOMPARE(test::errorCodeOf([&] { parseSheetRule(bad); }), ErrorCode::InvalidArgument);
    }

    void mapsAreDrawnByClassAndByVerdict() {
        ReportRun run = hostile("x").runs.front();
        run.record.classNames.clear();
        run.map->points.clear();
        for (int i = 0; i < 24; ++i) {
            run.record.classNames.push_back("class " + std::to_string(i));
            run.map->points.push_back(
                {float(i), float(i % 5), i / 2, i % 3 ? std::optional(i % 3 == 1) : std::nullopt});
        }
        const QString byClass = QString::fromStdString(html::mapByClass(run));
        QCOMPARE(byClass.count("<path class=\"dots m"), 20); // ten colours, each with its place in the legend
        QVERIFY(byClass.contains("Other classes, or none"));
        QVERIFY(QString::fromStdString(html::mapByVerdict(run)).contains("Not judged"));
        for (ReportMap::Point& point : run.map->points)
            point.correct.reset();
        QVERIFY(html::mapByVerdict(run).empty());
        run.map->points = {{1, 1, 0, true}}; // a single point has no extent
        QVERIFY(!QString::fromStdString(html::mapByClass(run)).contains("nan"));
        run.map.reset();
        QVERIFY(html::mapSection(run).empty());
    }

    void chartsStandAlone() {
        const ReportRun run = hostile(kHtml).runs.front();
        size_t charts = 0;
        for (const char* section : {"confusion", "curves", "map"})
            for (const ReportChart& chart : reportCharts(run, section)) {
                QXmlStreamReader reader(QString::fromStdString(chart.svg));
                while (!reader.atEnd())
                    reader.readNext();
                QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
                QVERIFY(chart.svg.find("var(") == std::string::npos);
                ++charts;
            }
        QCOMPARE(charts, size_t{4});
        QVERIFY(reportCharts(run, "summary").empty());
        QVERIFY(!reportBar(run.record.metrics[0]).empty());
    }
};

QTEST_APPLESS_MAIN(TestReportFormats)
#include "tst_report_formats.moc"

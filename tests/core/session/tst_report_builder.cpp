// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/session/embedding_map.h"
#include "core/session/report_builder.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red, uint8_t blue) {
    Image image;
    image.width = image.height = 40;
    for (int i = 0; i < 1600; ++i)
        image.rgb.insert(image.rgb.end(), {red, 20, blue});
    return image;
}

/// Two classes of twelve pictures, a tiny CLIP, and two runs with other prompts.
struct World {
    TemporaryDirectory directory;
    std::shared_ptr<Session> session;
    std::vector<RunId> runs;

    World() {
        const fs::path pictures = directory.path() / "pictures";
        for (const char* name : {"dark", "light"})
            fs::create_directories(pictures / name);
        for (uint8_t i = 0; i < 12; ++i) {
            const auto step = static_cast<uint8_t>(i * 9);
            writeFileAtomically(pictures / "dark" / ("d" + std::to_string(i) + ".png"),
                                encodePng(plain(step, 10)));
            writeFileAtomically(pictures / "light" / ("l" + std::to_string(i) + ".png"),
                                encodePng(plain(200, static_cast<uint8_t>(130 + step))));
        }
        session = Session::openOrCreate(directory.path() / "ws");
        session->importDataset(pictures, "pictures", {}, {});
        for (const char* templates : {"none", "simple"}) {
            RunSpec spec;
            spec.task = "zero-shot";
            spec.dataset = "pictures";
            spec.model = DIPTYCH_FIXTURES "/clip/openai";
            spec.params = {{"templates", templates}, {"resamples", 100}};
            runs.push_back(session->run(spec, {}));
        }
    }
    Workspace& workspace() const { return session->workspace(); }
    DatasetId dataset() const { return workspace().datasets().front().id; }
    ReportModel report(const FullReportOptions& options, size_t count = 1) const {
        return buildFullReport(*session, std::span(runs).first(count), options, {});
    }
    std::vector<std::string> sheet(const char* rule) const {
        FullReportOptions options;
        options.report.sections = {"examples"};
        options.report.sheets = {parseSheetRule(rule)};
        const ReportModel model = report(options);
        std::vector<std::string> keys;
        for (const ReportExample& example : model.runs.front().galleries.front().examples)
            keys.push_back(example.pictures.front().key);
        return keys;
    }
};

} // namespace

class TestReportBuilder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sheetsHoldWhatTheirRuleSays() {
        World world;
        const auto examples = world.workspace().examples(world.runs.front());
        const auto surest = [&](bool correct) {
            std::vector<float> scores;
            for (const ExampleResult& example : examples)
                if (example.correct == correct)
                    scores.push_back(example.predictions.front().score);
            std::ranges::sort(scores);
            return scores;
        };
        FullReportOptions options;
        options.report.sheets = {parseSheetRule("wrong:3"), parseSheetRule("unsure:2"),
                                 parseSheetRule("class:2")};
        const ReportModel model = world.report(options);
        const auto& galleries = model.runs.front().galleries;
        QCOMPARE(galleries.size(), size_t{3});
        QCOMPARE(galleries[0].title, std::string("Wrong, the surest first: 3 at most"));
        const auto wrong = surest(false), right = surest(true);
        QCOMPARE(galleries[0].examples.size(), std::min<size_t>(3, wrong.size()));
        if (!wrong.empty())
            QCOMPARE(static_cast<float>(galleries[0].examples.front().predictions.front().second),
                     wrong.back());
        QCOMPARE(galleries[1].examples.size(), std::min<size_t>(2, right.size()));
        if (!right.empty())
            QCOMPARE(static_cast<float>(galleries[1].examples.front().predictions.front().second),
                     right.front());
        QCOMPARE(galleries[2].examples.size(), size_t{4});
    }

    void aDrawIsTheSameEachTimeAndAnotherWithAnotherSeed() {
        World world;
        QCOMPARE(world.sheet("random:6:1"), world.sheet("random:6:1"));
        QVERIFY(world.sheet("random:6:1") != world.sheet("random:6:2"));
        auto keys = world.sheet("random:6:1");
        std::ranges::sort(keys);
        QVERIFY(std::ranges::adjacent_find(keys) == keys.end()); // each once
    }

    void tagsAndViewsChoose() {
        World world;
        const auto ids = world.workspace().sampleIds(world.dataset());
        world.workspace().addTag(std::span(ids).first(2), "odd");
        QCOMPARE(world.sheet("tag:odd").size(), size_t{2});
        SampleFilter filter;
        filter.tags = {"odd"};
        world.workspace().saveView(world.dataset(), "few", filter);
        QCOMPARE(world.sheet("view:few:1").size(), size_t{1});
        QCOMPARE(test::errorCodeOf([&] { world.sheet("tag:none"); }), ErrorCode::NotFound);
        QCOMPARE(test::errorCodeOf([&] { world.sheet("view:none"); }), ErrorCode::NotFound);
    }

    void runsOfOneDataSetAreCompared() {
        World world;
        const ReportModel model = world.report({}, 2);
        QCOMPARE(model.parts.size(), size_t{1});
        const ReportPart& part = model.parts.front();
        QCOMPARE(part.section, std::string("compare"));
        QCOMPARE(part.tables.front().rows.size(), size_t{1});
        QCOMPARE(part.tables.front().rows.front()[1], std::string("24"));
        QCOMPARE(part.tables.front().rows.front().size(), part.tables.front().columns.size());
        QVERIFY(reportHtml(model).find("Comparison on shared examples") != std::string::npos);
        FullReportOptions without;
        without.report.sections = {"summary"};
        QVERIFY(world.report(without, 2).parts.empty());
        QVERIFY(world.report({}, 1).parts.empty());
    }

    void aMapIsShownWhereItIsKeptAndMadeWhereItIsAskedFor() {
        World world;
        FullReportOptions options;
        QVERIFY(!world.report(options).runs.front().map);
        options.makeMaps = true;
        const ReportModel made = world.report(options);
        QVERIFY(made.runs.front().map);
        QCOMPARE(made.runs.front().map->points.size(), size_t{24});
        for (const ReportMap::Point& point : made.runs.front().map->points)
            QVERIFY(point.correct.has_value() && point.label >= 0);
        options.makeMaps = false;
        QVERIFY(world.report(options).runs.front().map); // it is kept now
    }

    void slicesStandInTheirSection() {
        World world;
        FullReportOptions options;
        options.slices = {"class"};
        const ReportModel model = world.report(options);
        QCOMPARE(model.runs.front().parts.size(), size_t{1});
        QCOMPARE(model.runs.front().parts.front().section, std::string("slices"));
        options.report.sections = {"summary"};
        QVERIFY(world.report(options).runs.front().parts.empty());
    }
};

QTEST_APPLESS_MAIN(TestReportBuilder)
#include "tst_report_builder.moc"

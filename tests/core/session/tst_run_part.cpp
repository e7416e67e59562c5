// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_part.h"
#include "core/tasks/classification_details.h"

#include <QTest>

#include <numeric>

using namespace diptych;

namespace {

/// Thirty examples of three classes; of one there is no label, one could not be read.
struct World {
    RunRecord run;
    std::vector<ExampleResult> examples;
    ClassificationResults results;
    std::vector<uint32_t> part; ///< every third, and those two
    ClassificationResults partResults;

    World() {
        run.classNames = {"cat", "dog", "owl"};
        for (int i = 0; i < 30; ++i) {
            ExampleResult example;
            example.sample = {i + 1};
            example.target = i == 4 ? -1 : i % 3;
            example.predictions = {{i % 5 == 0 ? 2 : i % 3, 0.4F + 0.02F * static_cast<float>(i)}, {1, 0.1F}};
            if (i == 7) {
                example.status = ExampleStatus::Unreadable;
                example.predictions.clear();
            }
            const bool taken = i % 3 == 0 || i == 4 || i == 7;
            if (taken)
                part.push_back(static_cast<uint32_t>(i));
            if (i != 4 && i != 7) {
                add(results, example);
                if (taken)
                    add(partResults, example);
            }
            examples.push_back(std::move(example));
        }
        run.details = classificationDetails(results, run.classNames);
        run.details["templates"] = Json::array({"{}"});
    }
    static void add(ClassificationResults& to, const ExampleResult& example) {
        to.labels.push_back(example.target);
        to.predictions.push_back(example.predictions.front().index);
        to.correct.push_back(to.labels.back() == to.predictions.back());
        to.confidences.push_back(static_cast<double>(example.predictions.front().score));
    }
};

} // namespace

class TestRunPart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPartIsAsARunOnItAlone() {
        const World world;
        const auto details = classDetailsOn(world.run, world.examples, world.part);
        QVERIFY(details);
        QCOMPARE(details->dump(), classificationDetails(world.partResults, world.run.classNames).dump());
        std::vector<uint32_t> all(world.examples.size());
        std::iota(all.begin(), all.end(), 0U);
        const auto whole = classDetailsOn(world.run, world.examples, all);
        QVERIFY(whole);
        for (const char* table : {"classes", "confusion", "calibration"})
            QCOMPARE(whole->at(table).dump(), world.run.details.at(table).dump());
    }

    void nothingIsLeft() {
        const World world;
        const auto details = classDetailsOn(world.run, world.examples, {});
        QVERIFY(details);
        QCOMPARE(details->at("classes").size(), size_t{3});
        for (const Json& entry : details->at("classes"))
            QVERIFY(entry.at("support") == Json(0) && entry.at("recall").is_null());
        QVERIFY(details->at("confusion").at("cells").empty());
        QVERIFY(!details->contains("calibration"));
    }

    /// A run whose tables say something else than its examples: part of these is not part of those.
    void tablesOfAnotherKindAreRefused() {
        World world;
        world.run.details["confusion"]["cells"][0][2] = 9;
        QVERIFY(!classDetailsOn(world.run, world.examples, world.part));
        world.run.details = Json::object();
        QVERIFY(!classDetailsOn(world.run, world.examples, world.part));
        QVERIFY(!classDetailsOn(world.run, {}, {}));
        World other; // scores that are no probabilities
        other.run.details["calibration"]["ece"] = 0.9;
        const auto details = classDetailsOn(other.run, other.examples, other.part);
        QVERIFY(details && details->contains("classes") && !details->contains("calibration"));
    }
};

QTEST_GUILESS_MAIN(TestRunPart)
#include "tst_run_part.moc"

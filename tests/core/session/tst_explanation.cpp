// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/explanation.h"
#include "core/session/session.h"
#include "tests/support/error_code.h"

#include <QTest>

using namespace diptych;
using test::errorCodeOf;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = DIPTYCH_FIXTURES;

/// A picture in a workspace, and a tiny CLIP.
struct World {
    TemporaryDirectory directory;
    std::shared_ptr<Session> session = Session::openOrCreate(directory.path() / "w");
    ExplainQuery query;

    World() {
        fs::create_directories(directory.path() / "images" / "a");
        fs::copy(kFixtures / "clip" / "images" / "0.png", directory.path() / "images" / "a" / "0.png");
        const DatasetId dataset = session->importDataset(directory.path() / "images", "one", {}, {});
        query.sample = session->workspace().sampleIds(dataset).front();
        query.model = session->addModel(kFixtures / "clip" / "openai", {});
        query.text = "a red cube";
    }
};

} // namespace

class TestExplanation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isWhatTheModelSays() {
        World world;
        world.query.curveSteps = 4;
        const Explanation found = world.session->explain(world.query, {});
        QVERIFY(found.answer == Answer::Ready);
        const auto model = openModel(Checkpoint::open(kFixtures / "clip" / "openai"), {});
        const Image picture = *decodeImage(kFixtures / "clip" / "images" / "0.png");
        const Relevance wanted =
            model->explainer()->relevance(model->prepare(std::span(&picture, 1)), world.query.text, 0);
        QCOMPARE(found.relevance.patches, wanted.patches);
        QCOMPARE(found.relevance.tokens, wanted.tokens);
        QCOMPARE(found.seen.width, model->info().imageSize);
        QCOMPARE(found.seen.height, model->info().imageSize);
        QVERIFY(found.curves);
        QCOMPARE(found.curves->deletion.cosines.size(), size_t{5});
        // Nothing covered, everything shown: the same picture.
        QVERIFY(std::abs(found.curves->deletion.cosines.front() - found.curves->insertion.cosines.back()) <
                1e-5);
        for (const ExplainMethodInfo& method : explainMethods()) {
            world.query.options.method = method.method;
            const Explanation other = world.session->explain(world.query, {});
            QCOMPARE(other.relevance.patches.size(), wanted.patches.size());
            QCOMPARE(other.relevance.patchSize, model->info().patchSize);
        }
    }

    void waitsForNoRunAndStopsWhenAsked() {
        World world;
        std::stop_source stop;
        stop.request_stop();
        RunContext stopped;
        stopped.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(world.session->explain(world.query, stopped), Cancelled);
        fs::remove(world.directory.path() / "images" / "a" / "0.png");
        QCOMPARE(errorCodeOf([&] { world.session->explain(world.query, {}); }), ErrorCode::NotFound);
    }

    void csvHasEveryValue() {
        Relevance relevance;
        relevance.gridHeight = 1;
        relevance.gridWidth = 2;
        relevance.patches = {0.5F, -0.25F};
        relevance.tokens = {"a", "\"", "=1"};
        relevance.tokenValues = {1, 0, 0.125F};
        QCOMPARE(QString::fromStdString(relevanceCsv(relevance)),
                 QString("part,row,column,token,value\npatch,1,1,,0.5\npatch,1,2,,-0.25\n"
                         "token,,,a,1\ntoken,,,\"\"\"\",0\ntoken,,,'=1,0.125\n"));
    }
};

QTEST_GUILESS_MAIN(TestExplanation)
#include "tst_explanation.moc"

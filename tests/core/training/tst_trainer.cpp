// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/blocks/render.h"
#include "core/blocks/sets.h"
#include "core/models/model.h"
#include "core/training/trainer.h"

#include <QTest>

#include <atomic>
#include <cmath>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

TrainingRecipe tinyRecipe() {
    TrainingRecipe recipe;
    recipe.name = "tiny";
    recipe.imageSize = 32;
    recipe.patchSize = 8;
    recipe.contextLength = 24;
    recipe.embeddingDim = 16;
    recipe.vocabularySize = 600;
    recipe.vision = {16, 2, 2};
    recipe.text = {16, 1, 2};
    recipe.steps = 12;
    recipe.batchSize = 16;
    recipe.warmUpSteps = 3;
    recipe.validateEvery = 6;
    recipe.validationScenes = 8;
    recipe.checkpointEvery = 100;
    recipe.precision = "fp32";
    return recipe;
}

RunContext oneThread() {
    RunContext context;
    context.threads = 1;
    return context;
}

/// Asks to stop once so many steps are done.
class StopAfter {
public:
    explicit StopAfter(int64_t steps)
        : m_progress(
              [this, steps](const ProgressUpdate& update) {
                  if (update.stage == "Training" && update.done >= steps)
                      m_stop.request_stop();
              },
              std::chrono::milliseconds(0)) {} // every step is seen, however quick
    RunContext context() {
        RunContext context = oneThread();
        context.progress = &m_progress;
        context.stop = m_stop.get_token();
        return context;
    }

private:
    std::stop_source m_stop;
    Progress m_progress;
};

std::string weightsOf(const fs::path& directory) {
    return hashFile(directory / "model.safetensors")->hex();
}

/// Runs with a stop somewhere on the way, then to the end.
TrainingResult trainInTwoGoes(const TrainingRecipe& recipe, const fs::path& directory, int64_t stopAfter) {
    StopAfter stop(stopAfter);
    bool cancelled = false;
    try {
        train(recipe, directory, stop.context());
    } catch (const Cancelled&) {
        cancelled = true;
    }
    if (!cancelled)
        throw std::logic_error("the run was not stopped");
    return train(recipe, directory, oneThread());
}

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLossFalls() {
        const TemporaryDirectory dir;
        TrainingRecipe recipe = tinyRecipe();
        recipe.steps = 250;
        recipe.learningRate = 5e-3;
        recipe.simpleSteps = 0; // one difficulty from beginning to end
        recipe.familyShare = 0;
        recipe.validateEvery = 1000;
        const TrainingResult result = train(recipe, dir.path() / "model", oneThread());
        QCOMPARE(result.steps, recipe.steps);
        const double first = result.history.front().loss, last = result.last().loss;
        QVERIFY(std::abs(first - std::log(16.0)) < 0.5);
        QVERIFY2(last < first - 0.08, qPrintable(QString("%1 -> %2").arg(first).arg(last)));
    }

    void twoRunsGiveTheSameBytes() {
        const TemporaryDirectory dir;
        train(tinyRecipe(), dir.path() / "a", oneThread());
        train(tinyRecipe(), dir.path() / "b", oneThread());
        QCOMPARE(weightsOf(dir.path() / "a"), weightsOf(dir.path() / "b"));
        TrainingRecipe other = tinyRecipe();
        other.seed = 2;
        train(other, dir.path() / "c", oneThread());
        QVERIFY(weightsOf(dir.path() / "a") != weightsOf(dir.path() / "c"));
    }

    void resumingIsExact_data() {
        QTest::addColumn<int>("stopAfter");
        QTest::addColumn<QString>("precision");
        QTest::newRow("during the warm-up") << 2 << "fp32";
        QTest::newRow("later") << 7 << "fp32";
        QTest::newRow("bf16") << 5 << "bf16";
    }

    void resumingIsExact() {
        QFETCH(int, stopAfter);
        QFETCH(QString, precision);
        const TemporaryDirectory dir;
        TrainingRecipe recipe = tinyRecipe();
        recipe.precision = precision.toStdString();
        train(recipe, dir.path() / "whole", oneThread());
        const TrainingResult result = trainInTwoGoes(recipe, dir.path() / "parts", stopAfter);
        QVERIFY(result.resumed);
        QCOMPARE(result.steps, recipe.steps);
        QCOMPARE(weightsOf(dir.path() / "parts"), weightsOf(dir.path() / "whole"));
        QVERIFY(!fs::exists(dir.path() / "parts" / "training_state.safetensors"));
    }

    void cancelLeavesALoadableCheckpoint() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model";
        StopAfter stop(3);
        QVERIFY_EXCEPTION_THROWN(train(tinyRecipe(), out, stop.context()), Cancelled);
        QVERIFY(fs::exists(out / "training_state.safetensors"));
        const auto model = openModel(Checkpoint::open(out), {Device::Cpu, Precision::Fp32, 0});
        model->load();
        QCOMPARE(model->info().embeddingDim, 16);
    }

    void aModelThatCannotBeWrittenKeepsTheSteps() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model", weights = out / "model.safetensors";
        fs::create_directories(weights); // a folder in its place
        bool failed = false;
        try {
            train(tinyRecipe(), out, oneThread());
        } catch (const Error& error) {
            failed = error.code() == ErrorCode::Unreadable;
        }
        QVERIFY(failed);
        fs::remove(weights);
        const TrainingResult result = train(tinyRecipe(), out, oneThread());
        QVERIFY(result.resumed);
        QCOMPARE(result.steps, tinyRecipe().steps);
        train(tinyRecipe(), dir.path() / "whole", oneThread());
        QCOMPARE(weightsOf(out), weightsOf(dir.path() / "whole"));
    }

    void theResultLoadsAndEncodes() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model";
        train(tinyRecipe(), out, oneThread());
        const auto checkpoint = Checkpoint::open(out);
        QCOMPARE(checkpoint->modelType(), std::string("clip"));
        QVERIFY(!checkpoint->licence().empty());
        const auto model = openModel(checkpoint, {Device::Cpu, Precision::Fp32, 0});
        QCOMPARE(model->info().imageSize, 32);
        QCOMPARE(model->info().contextLength, 24);
        const blocks::ClassSet& set = blocks::classSet("blocks-shape");
        const Image scene = blocks::renderScene(set.scene(0, 1, blocks::Split::Test), 32);
        const Prepared sample = model->prepare({&scene, 1});
        const Matrix image = model->embedder()->embedImages(std::span(&sample, 1), ImageFeature::Projected);
        const Matrix texts = model->embedder()->embedTexts(set.classNames);
        QCOMPARE(image.cols(), size_t{16});
        QCOMPARE(texts.rows(), set.classNames.size());
        for (const float value : image.values())
            QVERIFY(std::isfinite(value));
        QVERIFY(readTextFile(out / "README.md").find("license: gpl-3.0") != std::string::npos);
    }

    void validationIsInTheLog() {
        const TemporaryDirectory dir;
        const TrainingResult result = train(tinyRecipe(), dir.path() / "model", oneThread());
        QCOMPARE(result.last().step, int64_t{12});
        QCOMPARE(result.last().accuracy.size(), blocks::classSets().size());
        const Json log = readJsonFile(dir.path() / "model" / "training.json");
        QVERIFY(log.at("finished").get<bool>());
        QCOMPARE(log.at("history").back().at("step").get<int>(), 12);
        QCOMPARE(log.at("recipe").at("name").get<std::string>(), std::string("tiny"));
    }

    void aFinishedFolderIsLeftAlone() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model";
        train(tinyRecipe(), out, oneThread());
        const auto written = fs::last_write_time(out / "model.safetensors");
        const TrainingResult again = train(tinyRecipe(), out, oneThread());
        QCOMPARE(again.steps, int64_t{12});
        QVERIFY(fs::last_write_time(out / "model.safetensors") == written);
    }

    void anotherRecipesFolderIsRefused() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model";
        train(tinyRecipe(), out, oneThread());
        TrainingRecipe other = tinyRecipe();
        other.learningRate = 0.5;
        try {
            train(other, out, oneThread());
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::InvalidArgument);
            QVERIFY(std::string(error.what()).find("another recipe") != std::string::npos);
        }
    }

    void aBrokenStateIsAnErrorThatNamesTheFile() {
        const TemporaryDirectory dir;
        const fs::path out = dir.path() / "model";
        StopAfter stop(3);
        QVERIFY_EXCEPTION_THROWN(train(tinyRecipe(), out, stop.context()), Cancelled);
        writeFileAtomically(out / "training_state.safetensors", std::string_view("not a state"));
        try {
            train(tinyRecipe(), out, oneThread());
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("training_state.safetensors") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"

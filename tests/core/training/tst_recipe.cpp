// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/recipe.h"

#include <QTest>

#include <cmath>

using namespace diptych;

class TestRecipe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scheduleHasTheValuesItSays() {
        TrainingRecipe recipe;
        recipe.steps = 1000;
        recipe.warmUpSteps = 100;
        recipe.learningRate = 0.002;
        recipe.finalLearningRate = 0.1;
        QCOMPARE(learningRateAt(recipe, 1), 0.00002);
        QCOMPARE(learningRateAt(recipe, 50), 0.001);
        QCOMPARE(learningRateAt(recipe, 100), 0.002);
        QVERIFY(std::abs(learningRateAt(recipe, 550) - 0.0011) < 1e-12); // half of the cosine
        QVERIFY(std::abs(learningRateAt(recipe, 1000) - 0.0002) < 1e-12);
        for (int64_t step = 101; step < 1000; ++step)
            QVERIFY(learningRateAt(recipe, step + 1) < learningRateAt(recipe, step));
    }

    void scheduleWithoutWarmUpStartsAtTheTop() {
        TrainingRecipe recipe;
        recipe.steps = 10;
        recipe.warmUpSteps = 0;
        QVERIFY(std::abs(learningRateAt(recipe, 1) - recipe.learningRate) < 0.05 * recipe.learningRate);
        recipe.warmUpSteps = 50; // longer than the run
        QCOMPARE(learningRateAt(recipe, 10), recipe.learningRate);
    }

    void oneWordCaptionsGrowFewer() {
        TrainingRecipe recipe;
        recipe.simpleShare = 0.2;
        recipe.simpleSteps = 1000;
        QCOMPARE(simpleShareAt(recipe, 1), 1.0);
        QVERIFY(std::abs(simpleShareAt(recipe, 501) - 0.6) < 1e-12);
        QCOMPARE(simpleShareAt(recipe, 1000), 0.2);
        QCOMPARE(simpleShareAt(recipe, -3), 0.2);
        recipe.simpleSteps = 0;
        QCOMPARE(simpleShareAt(recipe, 1), 0.2);
    }

    void jsonThereAndBack() {
        TrainingRecipe recipe;
        recipe.name = "other";
        recipe.seed = 77;
        recipe.vision = {96, 2, 3};
        recipe.learningRate = 3e-4;
        recipe.precision = "fp32";
        const Json json = Json::parse(recipe.toJson().dump());
        QCOMPARE(TrainingRecipe::fromJson(json, "x").toJson().dump(), recipe.toJson().dump());
        QCOMPARE(TrainingRecipe::fromJson(Json::object(), "x").toJson().dump(),
                 TrainingRecipe().toJson().dump());
    }

    void theShippedRecipesAreValid() {
        int found = 0;
        for (const auto& entry : std::filesystem::directory_iterator(DIPTYCH_SOURCE "/resources/recipes")) {
            TrainingRecipe::fromFile(entry.path());
            ++found;
        }
        QVERIFY(found > 0);
    }

    void mistakesAreNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("unknown key") << QByteArray(R"({"lerning_rate": 1})") << QByteArray("lerning_rate");
        QTest::newRow("unknown tower key")
            << QByteArray(R"({"vision": {"depth": 1}})") << QByteArray("depth");
        QTest::newRow("type") << QByteArray(R"({"steps": "many"})") << QByteArray("steps");
        QTest::newRow("range") << QByteArray(R"({"batch_size": 1})") << QByteArray("batch_size");
        QTest::newRow("heads") << QByteArray(R"({"text": {"width": 100, "heads": 3}})") << QByteArray("text");
        QTest::newRow("patches") << QByteArray(R"({"image_size": 64, "patch_size": 7})")
                                 << QByteArray("patches");
        QTest::newRow("precision") << QByteArray(R"({"precision": "fp8"})") << QByteArray("precision");
        QTest::newRow("no scenes")
            << QByteArray(R"({"single_share": 0, "pair_share": 0, "count_share": 0, "several_share": 0})")
            << QByteArray("shares");
        QTest::newRow("no object") << QByteArray("[]") << QByteArray("object");
    }

    void mistakesAreNamed() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, named);
        try {
            TrainingRecipe::fromJson(Json::parse(text.toStdString()), "my.json");
            QFAIL("no error");
        } catch (const Error& error) {
            const std::string message = error.what();
            QVERIFY2(message.find("my.json") != std::string::npos, message.c_str());
            QVERIFY2(message.find(named.toStdString()) != std::string::npos, message.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestRecipe)
#include "tst_recipe.moc"

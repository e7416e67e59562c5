// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/batches.h"

#include <QTest>

#include <set>

using namespace diptych;
using namespace diptych::blocks;

class TestBatches : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scenesAreOfTheTrainingPartAndCaptionsTrue() {
        TrainingRecipe recipe;
        recipe.batchSize = 96;
        for (int64_t step = 1; step <= 20; ++step) {
            const auto items = drawScenes(recipe, step);
            QCOMPARE(items.size(), size_t{96});
            for (const CaptionedScene& item : items) {
                QVERIFY(splitOf(item.scene) == Split::Train);
                QVERIFY2(holds(item.statement, item.scene), item.caption.c_str());
            }
        }
    }

    void aBatchIsAFunctionOfItsStep() {
        TrainingRecipe recipe;
        const auto captionsOf = [&](int64_t step) {
            std::vector<std::string> out;
            for (const CaptionedScene& item : drawScenes(recipe, step))
                out.push_back(item.caption);
            return out;
        };
        const auto third = captionsOf(3);
        QVERIFY(captionsOf(4) != third);
        QVERIFY(captionsOf(3) == third);
        recipe.seed = 2;
        QVERIFY(captionsOf(3) != third);
    }

    void captionsHardlyEverRepeatInABatch() {
        TrainingRecipe recipe; // one-word captions apart
        recipe.simpleShare = 0;
        recipe.simpleSteps = 0;
        size_t repeated = 0, all = 0;
        for (int64_t step = 1; step <= 10; ++step) {
            std::set<std::string> seen;
            for (const CaptionedScene& item : drawScenes(recipe, step))
                repeated += seen.insert(item.caption).second ? 0 : 1;
            all += static_cast<size_t>(recipe.batchSize);
        }
        QVERIFY(repeated * 50 < all);
    }

    /// Members of a pair's family: neighbours in the batch that differ in who stands where or has which
    /// colour.
    void familiesOfPairsExchangePlacesAndColours() {
        TrainingRecipe recipe;
        recipe.singleShare = recipe.countShare = recipe.severalShare = 0;
        recipe.familyShare = 1;
        recipe.simpleShare = 0;
        recipe.simpleSteps = 0;
        int places = 0, colours = 0;
        const auto items = drawScenes(recipe, 1);
        for (size_t i = 0; i + 1 < items.size(); ++i) {
            places += items[i + 1].scene.objects == placesSwapped(items[i].scene).objects;
            for (size_t j = i + 1; j < items.size() && j < i + 4; ++j)
                colours += items[j].scene.objects == coloursSwapped(items[i].scene).objects;
        }
        QVERIFY(places > 8);
        QVERIFY(colours > 8);
    }

    /// Every caption of a family is true of its own scene alone: that is what makes it hard.
    void familiesOfOneDifferInWhatTheirCaptionsSay() {
        TrainingRecipe recipe;
        recipe.pairShare = recipe.countShare = recipe.severalShare = 0;
        recipe.familyShare = 1;
        recipe.simpleShare = 0;
        recipe.simpleSteps = 0;
        int shapes = 0, sizes = 0, materials = 0, places = 0;
        for (int64_t step = 1; step <= 5; ++step) {
            const auto items = drawScenes(recipe, step);
            for (size_t i = 0; i + 1 < items.size(); ++i) {
                const Object &a = items[i].scene.objects[0], &b = items[i + 1].scene.objects[0];
                const bool related = a.shade == b.shade && a.colour == b.colour &&
                                     items[i].scene.surroundings == items[i + 1].scene.surroundings;
                const bool alike = a.shape == b.shape && a.size == b.size && a.material == b.material &&
                                   a.x == b.x && a.y == b.y; // both drew the same other shape
                if (!related || alike)
                    continue;
                QVERIFY2(!holds(items[i].statement, items[i + 1].scene), items[i].caption.c_str());
                shapes += a.shape != b.shape;
                sizes += a.size != b.size;
                materials += a.material != b.material;
                places += a.x != b.x || a.y != b.y;
            }
        }
        QVERIFY(shapes > 20);
        QVERIFY(sizes > 8);
        QVERIFY(materials > 8);
        QVERIFY(places > 8);
    }

    void familiesOfACountCountDown() {
        TrainingRecipe recipe;
        recipe.singleShare = recipe.pairShare = recipe.severalShare = 0;
        recipe.familyShare = 1;
        recipe.simpleShare = 0;
        recipe.simpleSteps = 0;
        int oneLess = 0;
        const auto items = drawScenes(recipe, 2);
        for (size_t i = 0; i + 1 < items.size(); ++i)
            oneLess += items[i].scene.objects.size() == items[i + 1].scene.objects.size() + 1;
        QVERIFY(oneLess > 15);
    }

    void theFirstStepSpeaksInOneWordCaptions() {
        TrainingRecipe recipe;
        recipe.batchSize = 200;
        int words = 0;
        for (const CaptionedScene& item : drawScenes(recipe, 1)) {
            const Phrase& said = item.statement.phrases.front();
            const int attributes = said.shape.has_value() + said.colour.has_value() + said.size.has_value() +
                                   said.material.has_value() + item.statement.place.has_value();
            QVERIFY(attributes <= 1);
            words += attributes;
        }
        QVERIFY(words > 120);
    }

    void sharesAreKept() {
        TrainingRecipe recipe;
        recipe.singleShare = 1;
        recipe.pairShare = recipe.severalShare = 0;
        recipe.countShare = 3;
        recipe.familyShare = 0;
        recipe.simpleShare = 0;
        recipe.simpleSteps = 0;
        int single = 0, count = 0;
        for (int64_t step = 1; step <= 10; ++step) {
            for (const CaptionedScene& item : drawScenes(recipe, step)) {
                single += item.scene.kind == SceneKind::Single;
                count += item.scene.kind == SceneKind::Count;
            }
        }
        QCOMPARE(single + count, 10 * static_cast<int>(recipe.batchSize));
        QVERIFY(count > 2 * single && count < 5 * single);
    }
};

QTEST_GUILESS_MAIN(TestBatches)
#include "tst_batches.moc"

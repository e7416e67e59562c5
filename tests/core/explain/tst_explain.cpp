// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"
#include "core/explain/heat.h"
#include "core/explain/occlusion.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_model.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

using namespace diptych;
using test::errorCodeOf;
using test::FakeModel;

namespace {

constexpr CoverGrid kGrid{2, 2, 4};
const std::array<float, 3> kRed = {1, 0, 0};

/// 8 x 8 pixels: red above left, green elsewhere. The fake embeds its mean colour.
Prepared redCorner() {
    Prepared sample{{3, 8, 8}, std::vector<float>(3 * 64, 0.0f)};
    for (size_t y = 0; y < 8; ++y)
        for (size_t x = 0; x < 8; ++x)
            sample.values[(y < 4 && x < 4 ? 0 : 64) + y * 8 + x] = 1;
    return sample;
}

/// Cosine with red where so many quarters of the picture are red and green.
double cosine(double red, double green) {
    return red == 0 && green == 0 ? 0 : red / std::hypot(red, green);
}

} // namespace

class TestExplain : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatFallsWhenPatchesAreCovered() {
        FakeModel model;
        const auto falls = occlusion(*model.embedder(), redCorner(), kGrid, kRed, 1, {});
        QCOMPARE(falls.size(), size_t{4});
        const double whole = cosine(1, 3);
        QVERIFY(std::abs(falls[0] - (whole - cosine(0, 3))) < 1e-5);
        for (size_t i = 1; i < 4; ++i)
            QVERIFY(std::abs(falls[i] - (whole - cosine(1, 2))) < 1e-5); // green gone: it rises
        QVERIFY(falls[1] < 0);
        // A window of three patches covers all four.
        for (const float fall : occlusion(*model.embedder(), redCorner(), kGrid, kRed, 3, {}))
            QVERIFY(std::abs(fall - whole) < 1e-5);
        QCOMPARE(errorCodeOf([&] { occlusion(*model.embedder(), redCorner(), kGrid, kRed, 2, {}); }),
                 ErrorCode::InvalidArgument);
    }

    void patchesOfPicturesInTheirOwnProportions() {
        Prepared sample{{6, 4}, std::vector<float>(24, 1), 1, 3}; // three patches of six places are filled
        ModelInfo info;
        const CoverGrid grid = coverGrid(info, sample);
        QCOMPARE(grid.height, 1);
        QCOMPARE(grid.width, 3);
        sample.gridHeight = 0;
        QCOMPARE(errorCodeOf([&] { coverGrid(info, sample); }), ErrorCode::Unsupported);
    }

    void theRightOrderFallsFirst() {
        FakeModel model;
        const std::vector<float> right = {1, 0, 0, 0}, wrong = {0, 1, 1, 1};
        const CoverCurves good = coverCurves(*model.embedder(), redCorner(), kGrid, right, kRed, 4, {});
        const CoverCurves bad = coverCurves(*model.embedder(), redCorner(), kGrid, wrong, kRed, 4, {});
        const std::vector<double> deletion = {cosine(1, 3), 0, 0, 0, 0};
        const std::vector<double> insertion = {0, 1, cosine(1, 1), cosine(1, 2), cosine(1, 3)};
        for (size_t i = 0; i < 5; ++i) {
            QVERIFY(std::abs(good.deletion.cosines[i] - deletion[i]) < 1e-5);
            QVERIFY(std::abs(good.insertion.cosines[i] - insertion[i]) < 1e-5);
        }
        QVERIFY(std::abs(good.deletion.area() - cosine(1, 3) / 2 / 4) < 1e-5);
        QVERIFY(bad.deletion.area() > good.deletion.area() && bad.insertion.area() < good.insertion.area());
    }

    void stopsWhenAsked() {
        FakeModel model;
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(occlusion(*model.embedder(), redCorner(), kGrid, kRed, 1, context),
                                 Cancelled);
    }

    void coloursFromLowToHigh() {
        const Image grey{43, 20, std::vector<uint8_t>(3 * 860, 100), {}};
        Relevance values;
        values.gridHeight = 1;
        values.gridWidth = 2;
        values.patchSize = 20;
        values.patches = {-3, 5};
        QVERIFY(withHeat(grey, values, {.opacity = 0}).rgb == grey.rgb);
        const auto pixel = [](const Image& image, int x) {
            const auto at = image.rgb.begin() + 3 * x;
            return std::vector<uint8_t>(at, at + 3);
        };
        const Image heat = withHeat(grey, values, {.opacity = 1});
        QCOMPARE(pixel(heat, 0), (std::vector<uint8_t>{68, 1, 84}));      // viridis at 0
        QCOMPARE(pixel(heat, 39), (std::vector<uint8_t>{253, 231, 37}));  // viridis at 1
        QCOMPARE(pixel(heat, 40), (std::vector<uint8_t>{100, 100, 100})); // no whole patch is there
        const Image hot = withHeat(grey, values, {"hot", 1});
        QCOMPARE(pixel(hot, 39), (std::vector<uint8_t>{255, 255, 255}));
        const Image large = withHeat(grey, values, {.opacity = 1, .enlarge = 3});
        QCOMPARE(large.width, 129);
        QCOMPARE(large.height, 60);
        QCOMPARE(pixel(large, 119), (std::vector<uint8_t>{253, 231, 37}));
        QCOMPARE(pixel(large, 120), (std::vector<uint8_t>{100, 100, 100}));
        QCOMPARE(heatEnlargement(grey), 11);
        values.patches = {2, 2};
        const Image even = withHeat(grey, values, {.opacity = 1});
        QVERIFY(pixel(even, 0) == pixel(even, 39));
        QCOMPARE(errorCodeOf([&] { withHeat(grey, values, {"mauve", 1}); }), ErrorCode::NotFound);
    }

    void onlyWhatTheModelHasIsAsked() {
        FakeModel model; // embeddings alone
        ExplainOptions options;
        for (const ExplainMethodInfo& method : explainMethods()) {
            options.method = method.method;
            QCOMPARE(explainMethodNamed(method.name), std::optional(method.method));
            QCOMPARE(errorCodeOf([&] { explain(model, redCorner(), "red", options, {}); }),
                     ErrorCode::Unsupported);
        }
        QVERIFY(!explainMethodNamed("gradient"));
    }
};

QTEST_GUILESS_MAIN(TestExplain)
#include "tst_explain.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/render.h"
#include "core/blocks/scene.h"
#include "core/explain/pointing.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_model.h"

#include <QTest>

using namespace diptych;
using test::errorCodeOf;

namespace {

constexpr int kSide = 128, kPatch = 16, kGrid = kSide / kPatch;
constexpr size_t kScenes = 60;

/// Points at one patch, whatever it is asked, and keeps the texts.
class Pointer final : public test::FakeModel, public Explainer {
public:
    explicit Pointer(size_t patch) : m_patch(patch), m_info(FakeModel::info()) { m_info.patchSize = kPatch; }
    std::vector<std::string> texts;

    const ModelInfo& info() const override { return m_info; }
    Prepared prepare(std::span<const Image>) const override {
        return {{3, kSide, kSide}, std::vector<float>(size_t{3} * kSide * kSide)};
    }
    Explainer* explainer() override { return this; }
    Relevance relevance(const Prepared& sample, const std::string& text, int) override {
        texts.push_back(text);
        return attention(sample, 0, 0);
    }
    Relevance attention(const Prepared&, int, int) override {
        Relevance out;
        out.gridHeight = out.gridWidth = kGrid;
        out.patches.assign(size_t{kGrid} * kGrid, 0);
        out.patches[m_patch] = 1;
        return out;
    }
    Relevance patchSimilarity(const Prepared& sample, const std::string&) override {
        return attention(sample, 0, 0);
    }

private:
    size_t m_patch;
    ModelInfo m_info;
};

ImageProcessor unchanged() {
    return ImageProcessor::fromConfig(
        {{"size", {{"height", kSide}, {"width", kSide}}}, {"do_center_crop", false}}, "test");
}

/// What each patch's middle shows, counted from the scenes themselves.
struct Counted {
    double named = 0, any = 0, namedShare = 0, scenes = 0;
};

Counted counted(size_t patch, uint64_t seed) {
    Counted out;
    for (size_t i = 0; i < kScenes; ++i) {
        const blocks::Scene scene =
            blocks::makeScene((seed << 32) + i, blocks::SceneKind::Several, blocks::Split::Test);
        const auto seen = blocks::objectsSeen(scene, kSide);
        const size_t object = 1 + i % scene.objects.size();
        const auto at = [&](size_t p) {
            return seen[(p / kGrid * kPatch + kPatch / 2) * kSide + p % kGrid * kPatch + kPatch / 2];
        };
        double share = 0;
        for (size_t p = 0; p < size_t{kGrid} * kGrid; ++p)
            share += at(p) == object ? 1.0 / (kGrid * kGrid) : 0;
        if (share == 0)
            continue;
        ++out.scenes;
        out.namedShare += share;
        out.named += at(patch) == object ? 1 : 0;
        out.any += at(patch) > 0 ? 1 : 0;
    }
    return out;
}

} // namespace

class TestPointing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsWhatLiesUnderTheHighestPatch() {
        constexpr size_t kMiddle = 3 * kGrid + 3;
        Pointer model(kMiddle);
        PointingOptions options;
        options.scenes = kScenes;
        options.seed = 7;
        options.methods = {ExplainMethod::Relevance};
        const PointingGame game = playPointingGame(model, unchanged(), options, {});
        const Counted wanted = counted(kMiddle, 7);
        QCOMPARE(static_cast<double>(game.scenes), wanted.scenes);
        QCOMPARE(game.scenes + game.unseen, kScenes);
        QCOMPARE(game.scores.size(), size_t{1});
        const Metric &named = game.scores[0].named, &any = game.scores[0].any;
        QCOMPARE(named.value, wanted.named / wanted.scenes);
        QCOMPARE(any.value, wanted.any / wanted.scenes);
        QCOMPARE(*named.chance, wanted.namedShare / wanted.scenes);
        QVERIFY(any.value > named.value && named.value > 0);
        QVERIFY(named.interval && named.interval->low <= named.value && named.interval->high >= named.value);
        QCOMPARE(model.texts.size(), game.scenes);
        QVERIFY(model.texts.front().starts_with("a"));
    }

    void theDemoModelPointsBetterThanChance() {
        const auto checkpoint = Checkpoint::open(DIPTYCH_SOURCE "/resources/demo/blocks-tiny");
        const auto model = openModel(checkpoint, {Device::Cpu, Precision::Fp32, 1});
        PointingOptions options;
        options.scenes = kScenes;
        options.methods = {ExplainMethod::Relevance, ExplainMethod::Occlusion};
        const PointingGame game =
            playPointingGame(*model, checkpoint->imageProcessor(OutputSizes::Any), options, {});
        for (const PointingScore& score : game.scores) {
            QVERIFY2(score.named.interval->low > 2 * *score.named.chance,
                     qPrintable(QString::number(score.named.value)));
            QVERIFY(score.any.value >= score.named.value);
        }
    }

    void stopsWhenAsked() {
        Pointer model(0);
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(playPointingGame(model, unchanged(), {}, context), Cancelled);
    }

    void aModelWithoutPatchesIsRefused() {
        test::FakeModel model;
        QCOMPARE(errorCodeOf([&] { playPointingGame(model, unchanged(), {}, {}); }), ErrorCode::Unsupported);
    }
};

QTEST_GUILESS_MAIN(TestPointing)
#include "tst_pointing.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/run/embedding_pipeline.h"
#include "tests/support/clip_files.h"
#include "tests/support/error_code.h"
#include "tests/support/fake_model.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using diptych::test::FakeModel;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red, uint8_t green, uint8_t blue) {
    Image image;
    image.width = image.height = 8;
    for (int i = 0; i < 64; ++i)
        image.rgb.insert(image.rgb.end(), {red, green, blue});
    return image;
}

/// A workspace with one dataset of plain pictures, and a pipeline over a fake model.
struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures";
    std::unique_ptr<Workspace> workspace;
    FakeModel model;

    explicit World(int count) {
        fs::create_directories(pictures);
        for (int i = 0; i < count; ++i)
            addPicture(i, plain(static_cast<uint8_t>(10 + i), 50, static_cast<uint8_t>(200 - i)));
        workspace = Workspace::create(directory.path() / "ws");
    }
    void addPicture(int number, const Image& image) const {
        writeFileAtomically(pictures / (std::to_string(1000 + number) + ".png"), encodePng(image));
    }
    std::vector<SampleId> import(const std::string& name, const fs::path& from) {
        const auto index =
            importDataset(from, {.format = "flat", .columns = {}, .folders = {}, .imageRoot = {}}, {});
        return workspace->sampleIds(workspace->addDataset(name, index, {}), {}, {SampleOrder::Key, false});
    }
    EmbeddingPipeline pipeline() { return EmbeddingPipeline(*workspace, model); }
};

} // namespace

class TestEmbeddingPipeline : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsBelongToTheirImages() {
        World world(11);
        const auto ids = world.import("a", world.pictures);
        auto pipeline = world.pipeline();
        const ImageEmbeddings got = pipeline.images(ids, ImageFeature::Projected, {});
        QCOMPARE(got.ids, ids);
        for (size_t i = 0; i < ids.size(); ++i) {
            const double r = 10.0 + static_cast<double>(i), g = 50, b = 200.0 - static_cast<double>(i);
            const double length = std::sqrt(r * r + g * g + b * b);
            QVERIFY(std::abs(got.rows(i, 0) - r / length) < 1e-5);
            QVERIFY(std::abs(got.rows(i, 2) - b / length) < 1e-5);
            QVERIFY(std::abs(got.rows(i, 0) * got.lengths[i] - r / 255) < 1e-4);
        }
        const std::vector<SampleId> reversed(ids.rbegin(), ids.rend());
        const ImageEmbeddings back = pipeline.images(reversed, ImageFeature::Projected, {});
        for (size_t i = 0; i < ids.size(); ++i)
            QCOMPARE(back.rows(i, 0), got.rows(ids.size() - 1 - i, 0));
    }

    /// The fake's embedding of a grey frame has one direction: frames of two colours tell a mean of unit rows
    /// from a mean of rows.
    void aClipIsTheMeanOfItsFrames() {
        World world(0);
        std::vector<int> lumas(16, 56); // of 16 frames 8 are taken: one in each pair
        std::fill(lumas.begin() + 8, lumas.end(), 216);
        test::writeClip(world.pictures / "clip.y4m", lumas);
        writeFileAtomically(world.pictures / "broken.y4m", "YUV4MPEG2 but no more");
        const auto ids = world.import("a", world.pictures);
        QCOMPARE(ids.size(), size_t{2});
        const double expected = (test::greyOf(56) + test::greyOf(216)) / 2.0 / 255;
        const ImageEmbeddings pooled = world.pipeline().images(ids, ImageFeature::Pooled, {});
        QCOMPARE(pooled.ids, std::vector<SampleId>{ids[1]});
        QCOMPARE(pooled.failures.size(), size_t{1});
        QVERIFY2(pooled.failures[0].reason.find("broken.y4m") != std::string::npos,
                 pooled.failures[0].reason.c_str());
        QVERIFY(std::abs(pooled.rows(0, 1) * pooled.lengths[0] - expected) < 0.01);
        const ImageEmbeddings projected = world.pipeline().images(ids, ImageFeature::Projected, {});
        QVERIFY(std::abs(projected.lengths[0] - 1) < 1e-5); // all frames point one way
        world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(world.model.imagesEncoded, size_t{16}); // 8 a feature, and then from the cache
    }

    /// Eight of sixteen frames, one of each pair; the content is that of all of them.
    void aClipOfSingleFramesIsTheirMean() {
        World world(17);
        std::string frames;
        for (int i = 0; i < 16; ++i)
            frames += (i ? "," : "") + ('"' + std::to_string(1000 + i) + ".png\"");
        const fs::path table = world.pictures / "clips.jsonl";
        writeFileAtomically(table, "{\"frames\": [" + frames + "]}\n{\"image\": \"1008.png\"}\n" +
                                       "{\"frames\": [\"1016.png\"]}\n");
        const auto ids = world.workspace->sampleIds(
            world.workspace->addDataset("clips", importDataset(table, {}, {}), {}));
        QCOMPARE(ids.size(), size_t{3});
        const ImageEmbeddings got = world.pipeline().images(ids, ImageFeature::Pooled, {});
        QCOMPARE(got.ids, ids);
        QVERIFY(got.failures.empty());
        double red = 0; // of those in the middle of eight equal parts
        for (int i = 1; i < 16; i += 2)
            red += (10.0 + i) / 8;
        QVERIFY(std::abs(got.rows(0, 0) * got.lengths[0] - red / 255) < 1e-4);
        QVERIFY(std::abs(got.rows(1, 0) * got.lengths[1] - 18.0 / 255) < 1e-4);
        QVERIFY(got.contents[0] != got.contents[1]);
        const size_t encoded = world.model.imagesEncoded;
        auto again = world.pipeline();
        again.images(ids, ImageFeature::Pooled, {});
        QCOMPARE(again.lastCounts().cached, size_t{3});
        world.addPicture(0, plain(255, 0, 0)); // no frame that the model sees, and still another clip
        QVERIFY(!world.pipeline().covers(ids, ImageFeature::Pooled, {}));
        world.pipeline().images(ids, ImageFeature::Pooled, {});
        QCOMPARE(world.model.imagesEncoded, encoded + 8);
        fs::remove(world.pictures / "1003.png");
        const ImageEmbeddings lacking = world.pipeline().images(ids, ImageFeature::Pooled, {});
        QCOMPARE(lacking.failures.size(), size_t{1});
        QVERIFY(lacking.failures[0].reason.find("1003.png") != std::string::npos);
        QVERIFY(world.pipeline().covers(ids, ImageFeature::Pooled, {})); // nothing is left to encode
    }

    void secondRunAndMovedFolderEncodeNothing() {
        World world(9);
        const auto ids = world.import("a", world.pictures);
        world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(world.model.imagesEncoded, size_t{9});
        auto again = world.pipeline();
        again.images(ids, ImageFeature::Projected, {});
        QCOMPARE(again.lastCounts().cached, size_t{9});
        QCOMPARE(world.model.loads, size_t{1}); // the second time not even the weights were needed

        fs::rename(world.pictures, world.directory.path() / "renamed");
        const auto moved = world.import("b", world.directory.path() / "renamed");
        world.pipeline().images(moved, ImageFeature::Projected, {});
        QCOMPARE(world.model.imagesEncoded, size_t{9});
    }

    void otherModelsAndFeaturesHaveTheirOwnCache() {
        World world(3);
        const auto ids = world.import("a", world.pictures);
        world.pipeline().images(ids, ImageFeature::Projected, {});
        world.pipeline().images(ids, ImageFeature::Pooled, {});
        world.model.fingerprint() = "other weights";
        world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(world.model.imagesEncoded, size_t{9});
    }

    void equalPicturesAreEncodedOnce() {
        World world(0);
        for (int i = 0; i < 8; ++i)
            world.addPicture(i, plain(1, 2, 3));
        const auto ids = world.import("a", world.pictures);
        const ImageEmbeddings got = world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(got.ids.size(), size_t{8});
        QVERIFY(world.model.imagesEncoded <= 2); // once, or once more in a batch already under way
    }

    void contentsTellEqualFiles() {
        World world(0);
        for (int i = 0; i < 3; ++i)
            world.addPicture(i, plain(i < 2 ? 1 : 9, 2, 3));
        const auto ids = world.import("a", world.pictures);
        for (int again = 0; again < 2; ++again) { // encoded, and from the cache
            const ImageEmbeddings got = world.pipeline().images(ids, ImageFeature::Projected, {});
            QCOMPARE(got.contents.size(), size_t{3});
            QVERIFY(got.contents[0] == got.contents[1] && got.contents[0] != got.contents[2]);
        }
    }

    void changedFileIsEncodedAnew() {
        World world(2);
        const auto ids = world.import("a", world.pictures);
        world.pipeline().images(ids, ImageFeature::Projected, {});
        world.addPicture(0, plain(255, 0, 0));
        const ImageEmbeddings got = world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(world.model.imagesEncoded, size_t{3});
        QVERIFY(got.rows(0, 0) > 0.999F);
    }

    void unreadableImagesFailAlone() {
        World world(5);
        writeFileAtomically(world.pictures / "1002.png", "not a picture");
        writeFileAtomically(world.pictures / "1004.png", "");
        const auto ids = world.import("a", world.pictures);
        const ImageEmbeddings got = world.pipeline().images(ids, ImageFeature::Projected, {});
        QCOMPARE(got.ids.size(), size_t{3});
        QCOMPARE(got.positions, (std::vector<size_t>{0, 1, 3}));
        QCOMPARE(got.failures.size(), size_t{2});
        QCOMPARE(got.failures[0].sample, ids[2]);
        QVERIFY(got.failures[0].reason.find("1002.png") != std::string::npos);
    }

    void picturesThatNoResizingCanMakeFailAlone() {
        World world(2);
        FakeModel wide(Json{{"shortest_edge", 16384}});
        Image line; // its longer side would have 2.3 billion pixels
        line.width = 1;
        line.height = 140000;
        line.rgb.assign(size_t{3} * 140000, 7);
        world.addPicture(1, line);
        const auto ids = world.import("a", world.pictures);
        EmbeddingPipeline pipeline(*world.workspace, wide);
        const ImageEmbeddings got = pipeline.images(ids, ImageFeature::Projected, {});
        QCOMPARE(got.positions, std::vector<size_t>{0});
        QCOMPARE(got.failures.size(), size_t{1});
        QVERIFY2(got.failures[0].reason.find("1001.png: an image of 1 x 140000 pixels is too narrow") !=
                     std::string::npos,
                 got.failures[0].reason.c_str());
    }

    void transparentPicturesAreCountedFromTheCacheToo() {
        World world(3);
        Image half = plain(1, 2, 3);
        half.alpha.assign(64, 255);
        half.alpha[5] = 0;
        world.addPicture(1, half);
        const auto ids = world.import("a", world.pictures);
        for (const char* weights : {"f", "f", "others"}) {
            world.model.fingerprint() = weights;
            auto pipeline = world.pipeline();
            pipeline.images(ids, ImageFeature::Projected, {});
            QCOMPARE(pipeline.countTransparent(ids), size_t{1});
            QCOMPARE(pipeline.countTransparent(std::span(ids).first(1)), size_t{0});
            if (weights == std::string("others")) { // what images() saw counts, without a look at the files
                std::filesystem::remove_all(world.pictures);
                QCOMPARE(pipeline.countTransparent(ids), size_t{1});
            }
        }
    }

    void cancelKeepsWhatIsDoneAndTheNextRunGoesOn() {
        World world(20);
        const auto ids = world.import("a", world.pictures);
        std::stop_source stop;
        RunContext context;
        context.stop = stop.get_token();
        int batches = 0;
        world.model.beforeImages = [&] {
            if (++batches == 3)
                stop.request_stop();
        };
        QVERIFY_EXCEPTION_THROWN(world.pipeline().images(ids, ImageFeature::Projected, context), Cancelled);
        const size_t before = world.model.imagesEncoded;
        QVERIFY(before >= 8 && before <= 12);
        auto next = world.pipeline();
        QCOMPARE(next.images(ids, ImageFeature::Projected, {}).ids.size(), size_t{20});
        QCOMPARE(next.lastCounts().cached, before);
        QCOMPARE(world.model.imagesEncoded, size_t{20});
    }

    void encoderErrorReachesTheCaller() {
        World world(20);
        const auto ids = world.import("a", world.pictures);
        world.model.beforeImages = [] { throw Error(ErrorCode::OutOfMemory, "no memory for a batch"); };
        QCOMPARE(test::errorCodeOf([&] { (void)world.pipeline().images(ids, ImageFeature::Projected, {}); }),
                 ErrorCode::OutOfMemory);
    }

    void cachedOnlyNeverEncodes() {
        World world(3);
        const auto ids = world.import("a", world.pictures);
        auto pipeline = world.pipeline();
        pipeline.setCachedOnly(true);
        QCOMPARE(test::errorCodeOf([&] { (void)pipeline.images(ids, ImageFeature::Projected, {}); }),
                 ErrorCode::NotFound);
        QCOMPARE(world.model.imagesEncoded, size_t{0});
    }

    void cachedOnlyPassesOverWhatCannotBeDecoded() {
        World world(4);
        writeFileAtomically(world.pictures / "1001.png", "not a picture");
        const auto ids = world.import("a", world.pictures);
        world.pipeline().images(ids, ImageFeature::Projected, {});
        auto pipeline = world.pipeline();
        pipeline.setCachedOnly(true);
        for (int i = 0; i < 2; ++i) {
            const ImageEmbeddings got = pipeline.images(ids, ImageFeature::Projected, {});
            QCOMPARE(got.ids.size(), size_t{3});
            QCOMPARE(got.failures.size(), size_t{1});
        }
        world.addPicture(9, plain(9, 9, 9));
        const auto more = world.import("b", world.pictures);
        QCOMPARE(test::errorCodeOf([&] { (void)pipeline.images(more, ImageFeature::Projected, {}); }),
                 ErrorCode::NotFound);
    }

    void textsAreEncodedOnceAndKept() {
        World world(0);
        const std::vector<std::string> texts = {"a", "b", "a", "c"};
        auto pipeline = world.pipeline();
        const Matrix first = pipeline.texts(texts, {});
        QCOMPARE(world.model.textsEncoded, size_t{3});
        QCOMPARE(first.row(0)[static_cast<size_t>('a') % 3], 1.0F);
        QVERIFY(std::equal(first.row(0).begin(), first.row(0).end(), first.row(2).begin()));
        const Matrix second = world.pipeline().texts(texts, {});
        QCOMPARE(world.model.textsEncoded, size_t{3});
        QVERIFY(std::equal(first.values().begin(), first.values().end(), second.values().begin()));
    }

    void previewTextsStayInMemory() {
        World world(0);
        auto pipeline = world.pipeline();
        pipeline.setCachedOnly(true);
        const std::vector<std::string> texts = {"typed"};
        pipeline.texts(texts, {});
        pipeline.texts(texts, {});
        QCOMPARE(world.model.textsEncoded, size_t{1});
        QCOMPARE(world.workspace->embeddings().space("space/text", 3)->size(), int64_t{0});
    }

    void progressCountsCachedItemsAsDone() {
        World world(12);
        const auto ids = world.import("a", world.pictures);
        world.pipeline().images(std::span(ids).first(5), ImageFeature::Projected, {});
        std::vector<ProgressUpdate> seen;
        Progress progress([&](const ProgressUpdate& update) {
            if (update.stage == "Encoding images")
                seen.push_back(update);
        });
        RunContext context;
        context.progress = &progress;
        world.pipeline().images(ids, ImageFeature::Projected, context);
        QCOMPARE(seen.front().done, int64_t{5});
        QCOMPARE(seen.back().done, int64_t{12});
        QCOMPARE(seen.back().total, int64_t{12});
    }
};

QTEST_GUILESS_MAIN(TestEmbeddingPipeline)
#include "tst_embedding_pipeline.moc"

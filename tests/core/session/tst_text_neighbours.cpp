// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/models/scoped_family.h"
#include "core/session/session.h"
#include "core/session/text_neighbours.h"
#include "core/tensor/safetensors.h"
#include "tests/support/error_code.h"
#include "tests/support/mean_colour_family.h"

#include <QTest>

#include <cmath>
#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

/// Pictures with captions of colours, and a model whose text space is the colours that texts name.
struct World {
    ScopedModelFamily family{meanColourFamily()};
    TemporaryDirectory directory;
    std::shared_ptr<Session> session;
    DatasetId captioned;
    std::vector<SampleId> ids;

    World() {
        const fs::path folder = directory.path() / "pictures";
        fs::create_directories(folder);
        std::ofstream table(folder / "captions.jsonl");
        const char* captions[] = {R"(["a red ball","red and green"])", R"(["green grass"])",
                                  R"(["blue sky"])", R"(["red door"])", R"([])"};
        for (int i = 0; i < 5; ++i) {
            Image image;
            image.width = image.height = 8;
            image.rgb.assign(3 * 64, static_cast<uint8_t>(50 * i));
            const std::string name = "p" + std::to_string(i) + ".png";
            writeFileAtomically(folder / name, encodePng(image));
            table << R"({"image":")" << name << R"(","captions":)" << captions[i] << "}\n";
        }
        table.close();
        const fs::path model = directory.path() / "colours";
        fs::create_directories(model);
        writeFileAtomically(model / "config.json", std::string_view(R"({"model_type": "mean_colour"})"));
        writeFileAtomically(model / "preprocessor_config.json",
                            std::string_view(R"({"image_processor_type": "ViTImageProcessor",
                                "size": {"height": 8, "width": 8}, "do_normalize": false})"));
        const float one = 1;
        const TensorView tensor{"scale", DType::F32, {1}, std::as_bytes(std::span(&one, 1))};
        writeFileAtomically(model / "model.safetensors", safetensorsBytes({tensor}, {}));
        session = Session::openOrCreate(directory.path() / "w");
        captioned = session->importDataset(folder / "captions.jsonl", "captioned", {}, {});
        ids = session->workspace().sampleIds(captioned);
        session->addModel(model, {});
    }
    TextNeighbourQuery near(SampleId sample) const {
        TextNeighbourQuery query;
        query.sample = sample;
        query.model = "colours";
        return query;
    }
};

} // namespace

class TestTextNeighbours : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void captionsOfOtherImagesBestFirst() {
        World world;
        const TextNeighbours found = world.session->textNeighbours(world.near(world.ids[3]), {});
        QVERIFY(found.answer == Answer::Ready);
        QCOMPARE(found.own, std::vector<std::string>{"red door"});
        QCOMPARE(found.texts, size_t{5});
        QCOMPARE(found.nearest.size(), size_t{3}); // of each other image that has any, its best
        QCOMPARE(found.nearest[0].sample, world.ids[0]);
        QCOMPARE(found.nearest[0].text, std::string("a red ball"));
        QVERIFY(std::abs(found.nearest[0].cosine - 1) < 1e-5F);
        QVERIFY(found.nearest[1].cosine < found.nearest[0].cosine);
    }

    void anyOfSeveralCaptionsCounts() {
        World world;
        auto query = world.near(world.ids[1]);
        query.limit = 1;
        const TextNeighbours found = world.session->textNeighbours(query, {});
        QCOMPARE(found.nearest.size(), size_t{1});
        QCOMPARE(found.nearest[0].text, std::string("red and green"));
    }

    void withoutAnyTextItIsSaid() {
        World world;
        QCOMPARE(errorCodeOf([&] { world.session->textNeighbours(world.near(world.ids[4]), {}); }),
                 ErrorCode::NotFound);
        auto query = world.near(world.ids[0]);
        query.model = "none";
        QCOMPARE(errorCodeOf([&] { world.session->textNeighbours(query, {}); }), ErrorCode::NotFound);
    }

    void aScoreHasItsPlace() {
        const std::vector<SearchHit> hits = {{{1}, 0.9F}, {{2}, 0.5F}, {{3}, 0.5F}, {{4}, 0.1F}, {{5}, 0.0F}};
        const TextScore best = scoreAmong(hits, {1});
        QCOMPARE(best.rank, size_t{1});
        QCOMPARE(best.percentile, 100.0);
        const TextScore tied = scoreAmong(hits, {3});
        QCOMPARE(tied.rank, size_t{2});
        QCOMPARE(tied.percentile, 62.5); // two of four below, one beside
        QCOMPARE(scoreAmong(hits, {5}).percentile, 0.0);
        QCOMPARE(scoreAmong(hits, {5}).rank, size_t{5});
        QVERIFY(std::isnan(scoreAmong(std::span(hits).first(1), {1}).percentile));
        QCOMPARE(errorCodeOf([&] { scoreAmong(hits, {9}); }), ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestTextNeighbours)
#include "tst_text_neighbours.moc"

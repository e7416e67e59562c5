// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/embedding_map.h"
#include "core/session/map_export.h"
#include "core/session/searcher.h"
#include "core/session/session.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(int i) {
    Image image;
    image.width = image.height = 40;
    for (int p = 0; p < 1600; ++p)
        image.rgb.insert(image.rgb.end(),
                         {uint8_t(13 * i + p % 7), uint8_t(255 - 11 * i), uint8_t(p % 3 * 40 + i)});
    return image;
}

/// Sixteen pictures of two classes and one file that is no picture, and a tiny CLIP with random weights.
struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures", workspace = directory.path() / "ws";
    std::shared_ptr<Session> session;

    World() {
        for (int i = 0; i < 16; ++i) {
            const fs::path folder = pictures / (i % 2 ? "odd" : "even");
            fs::create_directories(folder);
            writeFileAtomically(folder / ("p" + std::to_string(i) + ".png"), encodePng(plain(i)));
        }
        writeFileAtomically(pictures / "odd/x.png", std::string_view("no picture"));
        session = Session::openOrCreate(workspace);
        session->importDataset(pictures, "numbers", {}, {});
        session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
    }
    static MapSpec spec(MapContent content) {
        MapSpec spec;
        spec.dataset = "numbers";
        spec.model = "openai";
        spec.content = content;
        return spec;
    }
    EmbeddingMap map(const MapSpec& spec) const { return session->embeddingMap(spec, {}); }
    std::vector<EmbeddingSpaceInfo> keptMaps() const {
        auto spaces = session->workspace().embeddings().spaces();
        std::erase_if(spaces, [](const auto& space) { return !space.label.content.starts_with("map, "); });
        return spaces;
    }
};

} // namespace

class TestEmbeddingMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesAreLaidOutInTheDatasetsOrder() {
        World world;
        const EmbeddingMap map = world.map(World::spec(MapContent::Images));
        QVERIFY(map.answer == Answer::Ready);
        QCOMPARE(map.points.size(), size_t{16});
        QCOMPARE(map.positions.rows(), size_t{16});
        QCOMPARE(map.positions.cols(), size_t{2});
        QCOMPARE(map.preservation.size(), size_t{16});
        QCOMPARE(map.failures.size(), size_t{1});
        QVERIFY(!map.gap && !map.fromCache);
        QVERIFY(map.explainedVarianceRatio[0] >= map.explainedVarianceRatio[1]);
        std::vector<SampleId> ids;
        for (const MapPoint& point : map.points) {
            QVERIFY(point.kind == MapPoint::Kind::Image);
            ids.push_back(point.sample);
        }
        QVERIFY(std::is_sorted(ids.begin(), ids.end()));
    }

    void picturesAndClassesShareAMapAndTheGapIsMeasured() {
        World world;
        MapSpec spec = World::spec(MapContent::Both);
        const EmbeddingMap map = world.map(spec);
        QCOMPARE(map.points.size(), size_t{18});
        QVERIFY(map.points[16].kind == MapPoint::Kind::Class && map.points[17].text == "odd");
        QVERIFY(map.gap && map.gap->pairs == 16);
        QVERIFY(map.gap->centroidDistance > 0.1 && map.gap->centroidDistance <= 2);
        QVERIFY(map.gap->meanPairDistance >= map.gap->centroidDistance * 0.5);
        spec.center = true;
        const EmbeddingMap centred = world.map(spec);
        QVERIFY(centred.gap->centroidDistance < 1e-6);
        QVERIFY(!centred.fromCache);
    }

    void theSameMapComesFromTheWorkspace() {
        World world;
        MapSpec spec = World::spec(MapContent::Both);
        const EmbeddingMap first = world.map(spec);
        QCOMPARE(world.keptMaps().size(), size_t{1});
        QCOMPARE(world.keptMaps()[0].label.model, std::string("openai"));
        const EmbeddingMap again = world.map(spec);
        QVERIFY(again.fromCache && !first.fromCache);
        QVERIFY(std::ranges::equal(first.positions.values(), again.positions.values()));
        QVERIFY(first.preservation == again.preservation);
        QCOMPARE(again.explainedVarianceRatio.size(), size_t{2});
        QVERIFY(std::abs(first.explainedVarianceRatio[1] - again.explainedVarianceRatio[1]) < 1e-6);
        spec.projection.dimensions = 3;
        QVERIFY(!world.map(spec).fromCache);
        spec.templates = "a drawing of {}";
        QVERIFY(!world.map(spec).fromCache);
        QCOMPARE(world.keptMaps().size(), size_t{3});
        writeFileAtomically(world.pictures / "odd/p1.png", encodePng(plain(40))); // other content, other map
        QVERIFY(!world.map(World::spec(MapContent::Both)).fromCache);
    }

    void whatWasDoneOtherwiseIsKeptWithTheMap() {
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        for (const ProjectionMethod method : {ProjectionMethod::Tsne, ProjectionMethod::Umap}) {
            spec.projection.method = method;
            spec.projection.neighbours = 40; // there are 16 pictures
            spec.seed = 0;
            size_t frames = 0;
            const EmbeddingMap first = world.session->embeddingMap(
                spec, {}, [&](const Matrix& positions, size_t, size_t) { frames += positions.rows() == 16; });
            QVERIFY(frames > 50 && !first.notes.empty());
            const EmbeddingMap again = world.map(spec);
            QVERIFY(again.fromCache && again.notes == first.notes && again.explainedVarianceRatio.empty());
            QVERIFY(std::ranges::equal(first.positions.values(), again.positions.values()));
            spec.seed = 7;
            QVERIFY(!world.map(spec).fromCache);
        }
    }

    void textsAloneAndWhatIsMissing() {
        World world;
        const EmbeddingMap texts = world.map(World::spec(MapContent::Texts));
        QCOMPARE(texts.points.size(), size_t{2});
        QVERIFY(!texts.gap && texts.failures.empty());
        MapSpec spec = World::spec(MapContent::Texts);
        spec.texts = MapTexts::Captions;
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
        spec = World::spec(MapContent::Images);
        spec.dataset = "none";
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
    }

    void withoutEncodingItSaysSo() {
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        spec.encodeMissing = false;
        QVERIFY(world.map(spec).answer == Answer::NotEncoded);
        QVERIFY(world.map(World::spec(MapContent::Images)).answer == Answer::Ready);
        QVERIFY(world.map(spec).fromCache);
    }

    void axesByTextAreCosines() {
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        spec.axes = {{"a red square", ""}, {"a dog", "a cat"}};
        const EmbeddingMap map = world.map(spec);
        QCOMPARE(map.positions.cols(), size_t{2});
        SearchQuery query;
        query.dataset = spec.dataset;
        query.model = spec.model;
        const auto cosineOf = [&](const std::string& text, SampleId sample) {
            query.terms = {{.text = text}};
            const auto hits = world.session->search(query, {}).hits;
            return std::ranges::find(hits, sample, &SearchHit::sample)->cosine;
        };
        const SampleId first = map.points[0].sample, last = map.points[15].sample;
        QVERIFY(std::abs(map.positions(0, 0) - cosineOf("a red square", first)) < 1e-5F);
        // Along a difference, points lie as the difference of their cosines says.
        const float expected = (cosineOf("a dog", first) - cosineOf("a cat", first)) -
                               (cosineOf("a dog", last) - cosineOf("a cat", last));
        QVERIFY((map.positions(0, 1) - map.positions(15, 1)) * expected >= 0);
        QVERIFY(world.map(spec).fromCache);
        spec.axes[1].less = "a bird";
        QVERIFY(!world.map(spec).fromCache);
        spec.axes[1].less = "a dog"; // nothing is left of it
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
        spec.axes.resize(1);
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
    }

    void newTextsAndPicturesArePlaced_data() {
        QTest::addColumn<int>("method");
        for (const ProjectionMethod method : projectionMethods())
            QTest::newRow(projectionMethodName(method).c_str()) << static_cast<int>(method);
    }
    void newTextsAndPicturesArePlaced() {
        QFETCH(int, method);
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        spec.projection.method = static_cast<ProjectionMethod>(method);
        const EmbeddingMap before = world.map(spec);
        spec.placeTexts = {"a red square"};
        spec.placeImages = {world.pictures / "odd/p5.png"}; // one that is on the map
        const EmbeddingMap map = world.map(spec);
        QVERIFY(map.fromCache && std::ranges::equal(map.positions.values(), before.positions.values()));
        QCOMPARE(map.placed.size(), size_t{2});
        QCOMPARE(map.placed[0].name, std::string("a red square"));
        const uint32_t twin = map.placed[1].nearest.front();
        QCOMPARE(world.session->workspace().sample(map.points[twin].sample).key, std::string("odd/p5.png"));
        float extent = 0;
        for (const float value : map.positions.values())
            extent = std::max(extent, std::abs(value - map.positions(0, 0)));
        for (size_t c = 0; c < 2; ++c) {
            QVERIFY(std::isfinite(map.placed[0].position[c]));
            QVERIFY(std::abs(map.placed[1].position[c] - map.positions(twin, c)) < 0.5F * extent);
            if (spec.projection.method == ProjectionMethod::Pca) // its own place, not one near by
                QVERIFY(std::abs(map.placed[1].position[c] - map.positions(twin, c)) < 1e-3F * extent);
        }
        spec.center = true;
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
        spec.center = false;
        spec.placeImages = {world.pictures / "odd/x.png"};
        QVERIFY_EXCEPTION_THROWN(world.map(spec), Error);
    }

    void recallIsMeasuredAsItIsAndCentred() {
        World world;
        MapSpec spec = World::spec(MapContent::Both);
        QVERIFY(!world.map(spec).recall);
        spec.recall = true;
        const EmbeddingMap map = world.map(spec);
        QVERIFY(map.recall && map.centredRecall && map.gap->centroidDistance > 0.1);
        // By hand: pictures whose nearest class by search is their own.
        SearchQuery query;
        query.dataset = spec.dataset;
        query.model = spec.model;
        std::map<SampleId, std::pair<float, int>> best;
        for (size_t text = 16; text < 18; ++text) {
            query.terms = {{.text = "a photo of a " + map.points[text].text + "."}};
            for (const SearchHit& hit : world.session->search(query, {}).hits)
                best[hit.sample] = std::max(best.try_emplace(hit.sample, -2.0F, 0).first->second,
                                            {hit.cosine, map.points[text].label});
        }
        double right = 0;
        for (size_t i = 0; i < 16; ++i)
            right += best[map.points[i].sample].second == map.points[i].label;
        QVERIFY2(std::abs(map.recall->imageToText - right / 16) < 1e-9,
                 qPrintable(QString("%1 %2").arg(map.recall->imageToText).arg(right / 16)));
    }

    void aSelectionIsNamedByItsNearestWords() {
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        const EmbeddingMap map = world.map(spec);
        std::vector<SampleId> some;
        for (size_t i = 0; i < 5; ++i)
            some.push_back(map.points[i].sample);
        const std::vector<std::string> words{"red", "night", "circle"};
        const SelectionNames named = world.session->nameSelection(spec, some, words, 2, {});
        QCOMPARE(named.names.size(), size_t{2});
        QCOMPARE(named.samples, size_t{5});
        QVERIFY(named.names[0].cosine >= named.names[1].cosine);
        // The rest differs from all in the opposite direction.
        std::vector<SampleId> others;
        for (size_t i = 5; i < 16; ++i)
            others.push_back(map.points[i].sample);
        const SelectionNames opposite = world.session->nameSelection(spec, others, words, 3, {});
        QCOMPARE(opposite.names[2].word, named.names[0].word);
        QVERIFY(std::abs(opposite.names[2].cosine + named.names[0].cosine) < 1e-4);
        QVERIFY_EXCEPTION_THROWN(world.session->nameSelection(spec, {}, words, 2, {}), Error);
        QVERIFY_EXCEPTION_THROWN(world.session->nameSelection(spec, some, {}, 2, {}), Error);
    }

    void picturesThatCannotBeReadMakeNoMapWithTexts() {
        World world;
        for (const char* folder : {"odd", "even"}) {
            const fs::path broken = world.directory.path() / "broken" / folder;
            fs::create_directories(broken);
            writeFileAtomically(broken / "x.png", std::string_view("no picture"));
        }
        world.session->importDataset(world.directory.path() / "broken", "broken", {}, {});
        MapSpec spec = World::spec(MapContent::Both);
        spec.dataset = "broken";
        for (const MapContent content : {MapContent::Images, MapContent::Both}) {
            spec.content = content;
            try {
                world.map(spec);
                QFAIL("it is a map of no pictures");
            } catch (const Error& error) {
                QVERIFY2(std::string(error.what()).find("no pictures that can be read") != std::string::npos,
                         error.what());
            }
        }
        spec.content = MapContent::Texts;
        QCOMPARE(world.map(spec).points.size(), size_t{2});
    }

    void neighboursGoWithTheTable() {
        World world;
        MapSpec spec = World::spec(MapContent::Images);
        spec.neighbours = true;
        const EmbeddingMap map = world.map(spec);
        const std::string lines = mapText(world.session->workspace(), map, spec, MapFormat::JsonLines);
        const Json first = parseJson(lines.substr(0, lines.find('\n')), "map.jsonl");
        QCOMPARE(first["neighbors"]["ids"].size(), kMapNeighbours);
        QCOMPARE(first["neighbors"]["distances"].size(), kMapNeighbours);
        QVERIFY(first["neighbors"]["ids"][0].get<uint32_t>() == map.neighbours.indices(0)[0]);
        const std::string csv = mapText(world.session->workspace(), map, spec, MapFormat::Csv);
        QVERIFY(csv.find("preservation,neighbors\n") != std::string::npos);
        QVERIFY(csv.find("\"{\"\"ids\"\":[") != std::string::npos);
    }

    void tablesHoldEveryPoint() {
        World world;
        const MapSpec spec = World::spec(MapContent::Both);
        const EmbeddingMap map = world.map(spec);
        const std::string csv = mapText(world.session->workspace(), map, spec, MapFormat::Csv);
        QCOMPARE(std::ranges::count(csv, '\n'), 19);
        QVERIFY(csv.starts_with("kind,sample,key,image,class,split,text,x,y,preservation\nimage,"));
        const Json whole =
            parseJson(mapText(world.session->workspace(), map, spec, MapFormat::Json), "map.json");
        QCOMPARE(whole["points"].size(), size_t{18});
        QCOMPARE(whole["points"][17]["kind"].get<std::string>(), std::string("class"));
        QCOMPARE(whole["points"][0]["x"].get<float>(), map.positions(0, 0));
        QCOMPARE(whole["modality_gap"]["pairs"].get<int>(), 16);
        const double share = whole["points"][0]["preservation"].get<double>();
        QCOMPARE(share * 10, std::round(share * 10)); // 0.3 is 0.3 and not the float's 0.30000001192092896
        QVERIFY_EXCEPTION_THROWN(mapFormat("map.png"), Error);
    }
};

QTEST_GUILESS_MAIN(TestEmbeddingMap)
#include "tst_embedding_map.moc"

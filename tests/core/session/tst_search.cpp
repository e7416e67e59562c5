// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/searcher.h"
#include "core/session/session.h"

#include <QTest>

#include <algorithm>
#include <map>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red, uint8_t green, uint8_t blue) {
    Image image;
    image.width = image.height = 40;
    for (int i = 0; i < 1600; ++i)
        image.rgb.insert(image.rgb.end(), {red, green, blue});
    return image;
}

/// Plain pictures of six colours, one file that is no picture, and a tiny CLIP with random weights.
struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures", workspace = directory.path() / "ws";
    fs::path model = DIPTYCH_FIXTURES "/clip/openai";
    std::shared_ptr<Session> session;

    World() {
        fs::create_directories(pictures);
        for (uint8_t i = 0; i < 6; ++i)
            writeFileAtomically(pictures / ("p" + std::to_string(i) + ".png"),
                                encodePng(plain(static_cast<uint8_t>(40 * i), 255 - 40 * i, 120)));
        writeFileAtomically(pictures / "x.png", std::string_view("no picture"));
        session = Session::openOrCreate(workspace);
        import();
        session->addModel(model, {});
    }
    void import() { session->importDataset(pictures, "colours", {}, {}); }
    SearchQuery words(const std::string& text) const {
        SearchQuery query;
        query.dataset = "colours";
        query.model = "openai";
        query.terms = {{.text = text}};
        return query;
    }
    SearchQuery picture(const fs::path& file) const {
        SearchQuery query = words("");
        query.terms = {{.image = file}};
        return query;
    }
    std::vector<SearchHit> hits(const SearchQuery& query) const { return session->search(query, {}).hits; }
    std::string name(SampleId sample) const { return session->workspace().sample(sample).key; }
};

ErrorCode codeOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    return static_cast<ErrorCode>(-1);
}

} // namespace

class TestSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPictureFindsItselfFirst() {
        World world;
        const auto hits = world.hits(world.picture(world.pictures / "p3.png"));
        QCOMPARE(hits.size(), size_t{6}); // what is no picture is not found
        QCOMPARE(world.name(hits[0].sample), std::string("p3.png"));
        QVERIFY(std::abs(hits[0].cosine - 1) < 1e-5);
        QVERIFY(std::is_sorted(hits.begin(), hits.end(),
                               [](const auto& a, const auto& b) { return a.cosine > b.cosine; }));
    }

    void wordsRankAsTheEmbeddingsDo() {
        World world;
        SearchQuery query = world.words("a red square");
        query.limit = 2;
        const auto few = world.hits(query);
        QCOMPARE(few.size(), size_t{2});
        query.limit = 100;
        const auto all = world.hits(query);
        QCOMPARE(all.size(), size_t{6});
        QCOMPARE(all[1].sample, few[1].sample);
        QVERIFY(all[0].cosine >= all[5].cosine);
        QVERIFY(all[0].cosine <= 1 && all[5].cosine >= -1);
    }

    void termsAddUp() {
        World world;
        const auto cosines = [&](const std::vector<SearchTerm>& terms) {
            SearchQuery query = world.words("");
            query.terms = terms;
            std::map<SampleId, double> of;
            for (const SearchHit& hit : world.hits(query))
                of[hit.sample] = hit.cosine;
            return of;
        };
        const SearchTerm words{.text = "a red square"}, picture{.image = world.pictures / "p1.png"};
        SearchTerm half = picture, less = picture;
        half.weight = 0.5;
        less.weight = -1;
        const auto ofWords = cosines({words}), ofPicture = cosines({picture});
        for (const auto& [terms, weight] :
             {std::pair(std::vector{words, picture}, 1.0), std::pair(std::vector{words, half}, 0.5),
              std::pair(std::vector{words, less}, -1.0)}) {
            // The sum's cosines are the weighted sum of the terms' own, by one factor for all.
            double factor = 0;
            for (const auto& [sample, cosine] : cosines(terms)) {
                const double sum = ofWords.at(sample) + weight * ofPicture.at(sample);
                if (factor == 0)
                    factor = cosine / sum;
                QVERIFY(std::abs(cosine - factor * sum) < 1e-5);
            }
            QVERIFY(factor > 0);
        }
    }

    void scoresOfAllAndACut() {
        World world;
        SearchQuery query = world.words("a red square");
        query.limit = 2;
        const SearchResult few = world.session->search(query, {});
        QCOMPARE(few.hits.size(), size_t{2});
        QVERIFY(few.method == SearchMethod::Exact && few.recallAt10 == 1 && !few.wantsIndex);
        QCOMPARE(few.scores.total(), size_t{6});
        QVERIFY(!few.scores.sampled());
        QCOMPARE(few.scores.highest(), few.hits[0].cosine);
        query.limit = 100;
        const auto all = world.hits(query);
        query.cut = all[3].cosine;
        const SearchResult cut = world.session->search(query, {});
        QCOMPARE(cut.hits.size(), size_t{4});
        QCOMPARE(cut.scores.countFrom(*query.cut), size_t{4});
        QCOMPARE(cut.scores.total(), size_t{6});
        query.cut = 2.0F;
        QVERIFY(world.hits(query).empty());
        query.cut.reset();
        query.within = {all[5].sample, all[2].sample, SampleId{9999}};
        const SearchResult some = world.session->search(query, {});
        QCOMPARE(some.hits.size(), size_t{2});
        QCOMPARE(some.hits[0].sample, all[2].sample);
        QCOMPARE(some.hits[0].cosine, all[2].cosine);
        QCOMPARE(some.scores.total(), size_t{2});
        query.within = std::vector<SampleId>();
        QVERIFY(world.hits(query).empty());
    }

    void aGraphFindsTheSame() {
        World world;
        SearchQuery query = world.words("a red square");
        const auto exact = world.hits(query);
        query.method = SearchMethod::Hnsw;
        const SearchResult found = world.session->search(query, {});
        QVERIFY(found.method == SearchMethod::Hnsw && found.recallAt10 == 1);
        QCOMPARE(found.hits.size(), exact.size());
        for (size_t i = 0; i < exact.size(); ++i)
            QCOMPARE(found.hits[i].sample, exact[i].sample);
        QVERIFY(found.scores.scores() ==
                world.session->search(world.words("a red square"), {}).scores.scores());
        query.method.reset(); // one that is there is used
        QVERIFY(world.session->search(query, {}).method == SearchMethod::Hnsw);
        query.method = SearchMethod::Exact;
        QVERIFY(world.session->search(query, {}).method == SearchMethod::Exact);
        QVERIFY(world.session->buildSearchIndex(query, {}) == Answer::Ready);
    }

    void anImportIsSeenByTheNextSearch() {
        World world;
        QCOMPARE(world.hits(world.words("a")).size(), size_t{6});
        writeFileAtomically(world.pictures / "new.png", encodePng(plain(1, 2, 3)));
        world.import();
        const auto hits = world.hits(world.picture(world.pictures / "new.png"));
        QCOMPARE(hits.size(), size_t{7});
        QCOMPARE(world.name(hits[0].sample), std::string("new.png"));
    }

    void withoutEncodingOnlyWhatIsCachedIsSearched() {
        World world;
        SearchQuery query = world.words("a red square");
        query.encodeMissing = false;
        QVERIFY(world.session->search(query, {}).answer == Answer::NotEncoded);
        SearchQuery nowhere = query; // what is not there is not "not encoded yet"
        nowhere.model = "none";
        QCOMPARE(codeOf([&] { world.session->search(nowhere, {}); }), ErrorCode::NotFound);
        RunSpec spec;
        spec.dataset = query.dataset;
        spec.model = query.model;
        world.session->encode(spec, {});
        QCOMPARE(world.hits(query).size(), size_t{6});
        // Typing leaves nothing on disk.
        for (const EmbeddingSpaceInfo& space : world.session->workspace().embeddings().spaces())
            QVERIFY2(!space.key.ends_with("/text") || space.rows == 0, space.key.c_str());
        world.session.reset();
        world.session = Session::open(world.workspace, WorkspaceMode::ReadOnly);
        query.encodeMissing = true;
        QCOMPARE(world.hits(query).size(), size_t{6});
    }

    void aSampleIsLookedForWhateverItsNameIs() {
        World world;
        const std::string name = "caf\xe9.png"; // not UTF-8
        writeFileAtomically(world.pictures / name, encodePng(plain(200, 3, 90)));
        world.import();
        SearchQuery query = world.words("");
        const auto ids =
            world.session->workspace().sampleIds(world.session->workspace().findDataset("colours")->id);
        for (const Sample& sample : world.session->workspace().samples(ids))
            if (sample.path.filename() == name)
                query.terms = {{.sample = sample.id}};
        QVERIFY(query.terms[0].sample);
        const auto hits = world.hits(query);
        QCOMPARE(hits.front().sample, query.terms[0].sample);
        QVERIFY(std::abs(hits.front().cosine - 1) < 1e-5);
    }

    void readOnlyTellsWhatItMayNotEncode() {
        World world;
        world.session.reset();
        world.session = Session::open(world.workspace, WorkspaceMode::ReadOnly);
        QVERIFY(world.session->search(world.words("a"), {}).answer == Answer::NotEncoded);
    }

    void badQueriesAreRefused() {
        World world;
        SearchQuery both = world.picture(world.pictures / "p1.png");
        both.terms[0].text = "a";
        QCOMPARE(codeOf([&] { world.session->search(both, {}); }), ErrorCode::InvalidArgument);
        QCOMPARE(codeOf([&] { world.hits(world.words("")); }), ErrorCode::InvalidArgument);
        QVERIFY(codeOf([&] { world.hits(world.picture(world.pictures / "x.png")); }) !=
                static_cast<ErrorCode>(-1));
        QVERIFY(codeOf([&] { world.hits(world.picture("no/such.png")); }) != static_cast<ErrorCode>(-1));
        SearchQuery query = world.words("a");
        query.terms.clear();
        QCOMPARE(codeOf([&] { world.session->search(query, {}); }), ErrorCode::InvalidArgument);
        query.terms = {{.text = "a", .weight = 0}};
        QCOMPARE(codeOf([&] { world.session->search(query, {}); }), ErrorCode::InvalidArgument);
        query.terms = {{.text = "a"}, {.text = "a", .weight = -1}}; // nothing is left of it
        QCOMPARE(codeOf([&] { world.session->search(query, {}); }), ErrorCode::InvalidArgument);
        query = world.words("a");
        query.dataset = "none";
        QCOMPARE(codeOf([&] { world.session->search(query, {}); }), ErrorCode::NotFound);
        query = world.words("a");
        query.split = "none";
        QCOMPARE(codeOf([&] { world.session->search(query, {}); }), ErrorCode::NotFound);
    }

    void stops() {
        World world;
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(world.session->search(world.words("a"), context), Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestSearch)
#include "tst_search.moc"

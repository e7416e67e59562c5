// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/parts.h"

#include <QTest>

#include <cmath>

using namespace diptych;

/// What examples keep, written and read again; and what other versions or damage may have left there.
class TestParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pairsAreReadAsWritten() {
        PairPart pair{"7", {{1}, {2}}, {"a", "b"}, {{0.5, 0.25}, {0.1, 0.2}}, true, false, false, "Object"};
        const PairPart read = PairPart::read(pair.toJson()).value();
        QCOMPARE(read.id, pair.id);
        QVERIFY(read.images == pair.images && read.captions == pair.captions && read.scores == pair.scores);
        QVERIFY(read.text && read.image == false && read.group == false && read.tag == pair.tag);
        QCOMPARE(read.score(0, 1), 0.25);
        QVERIFY(std::isnan(read.score(2, 0)) && std::isnan(read.score(0, 2)));
        pair.image.reset();
        QVERIFY(!PairPart::read(pair.toJson())->image);
    }

    void rankingsAreReadAsWritten() {
        RankingPart ranking;
        ranking.rank = 2;
        ranking.best = {{{3}, 1, 0.5}};
        ranking.captionRanks = {1, 9};
        ranking.imagesBefore = {{}, {{{4}, 0.75}}};
        const RankingPart read = RankingPart::read(ranking.toJson()).value();
        QCOMPARE(read.rank, int64_t(2));
        QCOMPARE(read.best.at(0).number, 1);
        QVERIFY(read.captionRanks == ranking.captionRanks);
        QVERIFY(read.imagesBefore.at(0).empty() && read.imagesBefore.at(1).at(0).sample == SampleId{4});
        ranking.rank = 0;
        QVERIFY(ranking.toJson()["rank"].is_null());
        QCOMPARE(RankingPart::read(ranking.toJson())->rank, int64_t(0));
    }

    void othersAreReadAsWritten() {
        QCOMPARE(*CaptionScorePart::read(CaptionScorePart{"a cat", 0.5, 0.75}.toJson())->refClipScore, 0.75);
        QVERIFY(!CaptionScorePart::read(CaptionScorePart{"a cat", 0.5, {}}.toJson())->refClipScore);
        QVERIFY(LabelsPart::read(LabelsPart{{2, 0}}.toJson())->labels == (std::vector<int>{2, 0}));
        const ProbabilityPart line = ProbabilityPart::read(ProbabilityPart{"01", 0.25, 1}.toJson()).value();
        QVERIFY(line.id == "01" && line.probability == 0.25 && line.label == 1);
    }

    void oddPartsComeBackEmpty_data() {
        QTest::addColumn<QString>("json");
        for (const char* json :
             {"null", "3", "[]", "{}", R"({"pair":3,"best":"x","labels":7,"clipscore":"1","proba":null})"})
            QTest::newRow(json) << json;
    }
    void oddPartsComeBackEmpty() {
        QFETCH(QString, json);
        const Json parts = Json::parse(json.toStdString());
        QVERIFY(!PairPart::read(parts) && !RankingPart::read(parts) && !CaptionScorePart::read(parts));
        QVERIFY(!LabelsPart::read(parts) && !ProbabilityPart::read(parts));
    }

    void oddMembersComeBackEmpty() {
        const auto pair = PairPart::read(Json::parse(
            R"({"pair":{"id":5,"images":["x",2],"scores":[3,[null,"y",0.5]],"captions":{},"text":1}})"));
        QCOMPARE(pair->id, std::string("5"));
        QVERIFY(pair->images == (std::vector<SampleId>{{0}, {2}}) && pair->captions.empty() && !pair->text);
        QVERIFY(pair->scores[0].empty() && std::isnan(pair->score(1, 0)) && pair->score(1, 2) == 0.5);
        const auto ranking = RankingPart::read(
            Json::parse(R"({"best":[1,[2],["a","b","c"]],"rank":"1","images_before":[5,[6]]})"));
        QCOMPARE(ranking->best.size(), size_t(3));
        QVERIFY(std::isnan(ranking->best[2].score) && ranking->rank == 0);
        QVERIFY(ranking->imagesBefore[0].empty() && ranking->imagesBefore[1].size() == 1);
    }
};

QTEST_GUILESS_MAIN(TestParts)
#include "tst_parts.moc"

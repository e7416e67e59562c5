// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/comparison.h"
#include "core/session/run_table.h"
#include "core/session/session.h"
#include "core/session/space_comparison.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cmath>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red, uint8_t green, uint8_t blue) {
    Image image;
    image.width = image.height = 16;
    for (int i = 0; i < 256; ++i)
        image.rgb.insert(image.rgb.end(), {red, green, blue});
    return image;
}

/// Pictures in a workspace, and runs made of answers.
struct World {
    TemporaryDirectory directory;
    std::shared_ptr<Session> session;
    DatasetId dataset;
    std::vector<SampleId> ids;
    std::vector<std::string> classNames{"cat", "dog", "owl"};

    explicit World(size_t count = 12) {
        const fs::path pictures = directory.path() / "pictures";
        fs::create_directories(pictures / "all");
        for (size_t i = 0; i < count; ++i)
            writeFileAtomically(pictures / "all" / ("p" + std::to_string(100 + i) + ".png"),
                                encodePng(plain(uint8_t(i * 20), uint8_t(i * 7), uint8_t(255 - i * 9))));
        session = Session::openOrCreate(directory.path() / "ws");
        dataset = session->importDataset(pictures, "pictures", {}, {});
        ids = workspace().sampleIds(dataset);
    }
    Workspace& workspace() const { return session->workspace(); }

    /// @param truths, answers a class number an example, "-" = not judged @param sure score of each answer
    RunId add(const std::string& truths, const std::string& answers, std::vector<float> sure = {},
              const std::string& model = "tiny", const std::string& task = "zero-shot") const {
        RunRecord run;
        run.task = task;
        run.datasetId = dataset;
        run.datasetName = "pictures";
        run.modelName = model;
        run.classNames = classNames;
        run.startedAt = "2026-01-01T00:00:00Z";
        std::vector<ExampleResult> examples;
        size_t right = 0, judged = 0;
        for (size_t i = 0; i < answers.size(); ++i) {
            ExampleResult& example = examples.emplace_back(exampleOf(ids[i]));
            if (answers[i] == '-')
                continue;
            example.target = truths[i] - '0';
            const float score = sure.empty() ? 0.9F : sure[i];
            example.predictions = {{answers[i] - '0', score}, {(answers[i] - '0' + 1) % 3, 1 - score}};
            setVerdict(example, truths[i] == answers[i]);
            right += truths[i] == answers[i];
            ++judged;
        }
        run.metrics = {{"top1", double(right) / double(judged), Interval{0, 1}, judged, true, {}}};
        return workspace().addRun(run, examples);
    }
};

std::vector<SampleId> samplesAt(const RunComparison& c, const std::vector<uint32_t>& places) {
    std::vector<SampleId> out;
    for (const uint32_t place : places)
        out.push_back(c.examples[place].sample);
    return out;
}

} // namespace

/// Two runs example by example, and many in one table.
class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyExampleHasItsPlaceInTheTable() {
        const World world;
        // both right, first alone, second alone, both wrong alike, both wrong differently, first alone
        const RunId first = world.add("000001", "001121"), second = world.add("000001", "010112");
        const RunComparison c = compareRuns(world.workspace(), first, second, 200, {});
        QCOMPARE(c.counts, (std::array<size_t, 4>{1, 2, 1, 2}));
        const auto kind = [&](PairKind which) {
            return samplesAt(c, pairsOf(c, which, PairOrder::Position));
        };
        QVERIFY(kind(PairKind::FirstRight) == (std::vector{world.ids[1], world.ids[5]}));
        QVERIFY(kind(PairKind::SecondRight) == std::vector{world.ids[2]});
        QVERIFY(kind(PairKind::BothWrongAgree) == std::vector{world.ids[3]});
        QVERIFY(kind(PairKind::BothWrongDiffer) == std::vector{world.ids[4]});
        QCOMPARE(kind(PairKind::All).size(), size_t{6});
        QCOMPARE(c.nameOf(c.examples[4].firstAnswer), std::string("owl"));
        QCOMPARE(c.nameOf(c.examples[4].secondAnswer), std::string("dog"));
        QCOMPARE(c.nameOf(c.examples[4].truth), std::string("cat"));
    }

    /// Margins: 0.9 right is 0.9 - 0.1 = 0.8, 0.6 wrong with the truth at 0 is -0.6.
    void disagreementComesFirstAndThenTheGap() {
        const World world;
        const RunId first = world.add("0000", "0002", {0.9F, 0.9F, 0.9F, 0.6F});
        const RunId second = world.add("0000", "0011", {0.5F, 0.9F, 0.6F, 0.6F});
        const RunComparison c = compareRuns(world.workspace(), first, second, 200, {});
        QVERIFY(std::abs(c.examples[2].gap - (0.8 + 0.6)) < 1e-6);
        QVERIFY(std::abs(c.examples[0].gap - 0.8) < 1e-6); // 0.8 and 0.5 - 0.5
        // 2: a flip; 3: other answers, both wrong (gap of 0.2: 2 leaves 0.4 to the truth); then by gap
        QVERIFY(pairsOf(c, PairKind::All, PairOrder::Disagreement) == (std::vector<uint32_t>{2, 3, 0, 1}));
        QVERIFY(pairsOf(c, PairKind::All, PairOrder::Gap) == (std::vector<uint32_t>{2, 0, 3, 1}));
    }

    /// Runs whose classes were numbered otherwise, as after a new import, are compared by name.
    void answersAreComparedByName() {
        World world;
        const RunId first = world.add("01", "01");
        world.classNames = {"owl", "cat", "dog"};
        const RunId second = world.add("12", "12");
        const RunComparison c = compareRuns(world.workspace(), first, second, 200, {});
        QVERIFY(c.examples[0].sameAnswer() && c.examples[1].sameAnswer());
        QVERIFY(c.notes.empty());
        const RunId relabelled = world.add("10", "10");
        const auto notes = compareRuns(world.workspace(), first, relabelled, 200, {}).notes;
        QCOMPARE(notes.size(), size_t{1});
        QVERIFY2(notes[0].starts_with("1 of the examples have another truth"), notes[0].c_str());
    }

    void classesAreTestedTogether() {
        const World world(24);
        // Ten cats that the second gets wrong, six dogs of which each gets one wrong, one owl both get right.
        const RunId first = world.add("00000000001111112", "00000000001111102");
        const RunId second = world.add("00000000001111112", "11111111110111112");
        const RunComparison c = compareRuns(world.workspace(), first, second, 200, {});
        QCOMPARE(c.classes.size(), size_t{3});
        const ClassDifference& cat = c.classes[0];
        QCOMPARE(cat.name, std::string("cat"));
        QCOMPARE(cat.n, size_t{10});
        QCOMPARE(cat.onlyFirst, uint64_t{10});
        QCOMPARE(cat.difference(), 1.0);
        QVERIFY(std::abs(cat.pValue - 2.0 / 1024) < 1e-12);
        QVERIFY(std::abs(cat.adjustedP - 6.0 / 1024) < 1e-12); // the smallest of three
        QVERIFY(cat.differs && !c.classes[1].differs && !c.classes[2].differs);
        QCOMPARE(c.classes[1].onlyFirst, uint64_t{1});
        QCOMPARE(c.classes[1].onlySecond, uint64_t{1});
    }

    void theVerdictIsInWords() {
        const World world(24);
        const std::string truths(20, '0');
        const auto verdict = [&](const std::string& first, const std::string& second) {
            return verdictText(
                compareRuns(world.workspace(), world.add(truths, first), world.add(truths, second), 1000, {}),
                "A", "B");
        };
        QCOMPARE(verdict(truths, truths), std::string("The runs agree on every example."));
        QVERIFY2(verdict(truths, std::string(12, '1') + std::string(8, '0'))
                     .starts_with("A is better on such examples: A less B is +60.0 points, 95 % interval +"),
                 verdict(truths, std::string(12, '1') + std::string(8, '0')).c_str());
        const std::string open = verdict("1" + std::string(19, '0'), "011" + std::string(17, '0'));
        QVERIFY2(open.starts_with("Not decided: the difference of +5.0 points lies within -"), open.c_str());
        // Four flips one way: the interval leaves out 0, but 2 / 16 is no small p.
        const std::string few = verdict(truths, "1111" + std::string(16, '0'));
        QVERIFY2(few.starts_with("Not decided: the interval") && few.find("p = 0.125") != std::string::npos,
                 few.c_str());
    }

    void tiedGroupsAreMarked() {
        const World world(30);
        const std::string truths(30, '0');
        const std::string best = truths, near = "1" + std::string(29, '0'),
                          far = std::string(15, '1') + std::string(15, '0');
        const std::vector<RunId> runs{world.add(truths, far, {}, "far"), world.add(truths, best, {}, "best"),
                                      world.add(truths, near, {}, "near"),
                                      world.add(truths, far, {}, "far", "linear-probe"),
                                      world.add(truths, near, {}, "far")};
        const RunTable table = tabulateRuns(world.workspace(), runs, 200, {});
        QCOMPARE(table.rows, (std::vector<std::string>{"far", "best", "near", "far (run 5)"}));
        QCOMPARE(table.columns.size(), size_t{2});
        QVERIFY(!table.cells[0][0].tied && !table.cells[0][0].best);
        QVERIFY(std::abs(*table.cells[0][0].adjustedP - 3 * 2 / std::pow(2.0, 15)) < 1e-12);
        QVERIFY(table.cells[1][0].best && table.cells[1][0].tied);
        QVERIFY(table.cells[2][0].tied && table.cells[3][0].tied);
        QVERIFY(table.cells[0][1].run == runs[3] && !table.cells[0][1].tied); // alone in its column
        QVERIFY(!table.cells[1][1].run);
        QVERIFY(table.notes.empty());
        QVERIFY(table.allWrong.size() == 1 && table.allWrong[0].samples.empty());
        QCOMPARE(table.allWrong[0].judged, size_t{30});
        QCOMPARE(test::errorCodeOf([&] {
                     tabulateRuns(world.workspace(), std::vector{runs[0], runs[0]}, 200, {});
                 }),
                 ErrorCode::InvalidArgument);
    }

    void whatAllGotWrong() {
        const World world;
        const std::vector<RunId> runs{world.add("0000", "0111"), world.add("0000", "1120"),
                                      world.add("0000", "121-")};
        const RunTable table = tabulateRuns(world.workspace(), runs, 200, {});
        QCOMPARE(table.allWrong.size(), size_t{1});
        QCOMPARE(table.allWrong[0].judged, size_t{3});
        QVERIFY(table.allWrong[0].samples == (std::vector{world.ids[1], world.ids[2]}));
    }

    void namesCannotLeaveTheirCells() {
        World world;
        const std::vector<RunId> runs{world.add("00", "00", {}, "a_b|c & 50% <img src=x>"),
                                      world.add("00", "01", {}, "=cmd()")};
        const RunTable table = tabulateRuns(world.workspace(), runs, 200, {});
        const std::string markdown = runTableDocument(table, "markdown"),
                          latex = runTableDocument(table, "latex"), csv = runTableDocument(table, "csv");
        QVERIFY2(markdown.find("| a\\_b\\|c \\& 50% \\<img src=x\\> | **100.0 %** |") != std::string::npos,
                 markdown.c_str());
        QVERIFY2(
            latex.find("a\\_b|c \\& 50\\% \\textless{}img src=x\\textgreater{} & \\textbf{100.0 \\%} \\\\") !=
                std::string::npos,
            latex.c_str());
        QVERIFY2(csv.find("\n'=cmd(),2,pictures,,Zero-shot classification,Top-1 accuracy,0.5,") !=
                     std::string::npos,
                 csv.c_str());
        QCOMPARE(test::errorCodeOf([&] { runTableDocument(table, "docx"); }), ErrorCode::InvalidArgument);
        const OrderedJson json = runTableJson(table);
        QVERIFY(json.at("rows").at(0).at("cells").at(0).at("best") == true);
        QVERIFY(json.at("rows").at(1).at("cells").at(0).at("adjusted_p") == 1.0);
    }

    void spacesAreComparedFromWhatIsEncoded() {
        const World world;
        RunSpec spec;
        spec.task = "knn-probe";
        Workspace& workspace = world.workspace();
        SpaceSpec spaces;
        spaces.dataset = "pictures";
        for (const char* folder : {"/clip/openai", "/clip/laion"}) {
            const ModelId id = world.session->addModel(fs::path(DIPTYCH_FIXTURES + std::string(folder)), {});
            (spaces.first.model.empty() ? spaces.first : spaces.second).model = workspace.model(id).name;
        }
        spaces.neighbours = 3;
        SpaceComparison found = world.session->compareSpaces(spaces, {});
        QVERIFY(found.answer == Answer::NotEncoded);
        QCOMPARE(found.model, spaces.first.model);
        spaces.encodeMissing = true;
        found = world.session->compareSpaces(spaces, {});
        QVERIFY(found.answer == Answer::Ready && !found.sameSpace);
        QCOMPARE(found.samples.size(), size_t{12});
        QCOMPARE(found.overlap.k, size_t{3});
        QVERIFY(found.overlap.common > 0 && found.overlap.common <= 1);
        QVERIFY(found.cka.debiased <= 1 && found.cka.biased > 0);
        spaces.encodeMissing = false;
        QCOMPARE(world.session->compareSpaces(spaces, {}).cka.biased, found.cka.biased);
        spaces.second = spaces.first;
        const SpaceComparison same = world.session->compareSpaces(spaces, {});
        QVERIFY(same.sameSpace);
        QCOMPARE(same.overlap.common, 1.0);
        QVERIFY(std::abs(same.cka.debiased - 1) < 1e-6);
        QVERIFY2(spaceText(same).starts_with("Both runs go by the same embeddings."),
                 spaceText(same).c_str());
    }

    void theModelOfARunMayBeGone() {
        const World world;
        const RunId first = world.add("00", "00"), second = world.add("00", "01");
        const Workspace& workspace = world.workspace();
        QCOMPARE(
            test::errorCodeOf([&] { spaceSpecOf(workspace, workspace.run(first), workspace.run(second)); }),
            ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"

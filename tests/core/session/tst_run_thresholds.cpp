// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/results/parts.h"
#include "core/session/run_thresholds.h"
#include "core/session/session.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <fmt/format.h>

using namespace diptych;
using diptych::test::errorCodeOf;

/// What stored runs decide at other thresholds.
class TestRunThresholds : public QObject {
    Q_OBJECT

private:
    TemporaryDirectory m_folder;
    std::shared_ptr<Session> m_session;
    std::vector<SampleId> m_samples;
    DatasetId m_dataset;

    RunId store(const char* task, Json details, const std::vector<ExampleResult>& examples,
                Json params = {}) {
        RunRecord run;
        run.task = task;
        run.datasetId = m_dataset;
        run.datasetName = "pictures";
        run.classNames = {"cat", "dog"};
        run.spec = {{"params", params.is_null() ? Json::object() : std::move(params)}};
        run.startedAt = "2026-01-02T03:04:05Z";
        run.details = std::move(details);
        return m_session->workspace().addRun(run, examples);
    }
    /// Scores 0.1, 0.3, 0.5, 0.7, 0.9; dogs are the third and the last two.
    std::vector<ExampleResult> decisions(const char* key = "score") const {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 5; ++i) {
            ExampleResult& example = examples.emplace_back(exampleOf(m_samples[i]));
            example.target = i >= 2 ? 1 : 0;
            example.parts = {{key, 0.1 + 0.2 * static_cast<double>(i)}};
        }
        return examples;
    }

private Q_SLOTS:
    void initTestCase() {
        std::string table = "image,label,split\n";
        for (int i = 0; i < 6; ++i) {
            Image image;
            image.width = image.height = 8;
            image.rgb.assign(8 * 8 * 3, static_cast<uint8_t>(40 * i));
            writeFileAtomically(m_folder.path() / fmt::format("p{}.png", i), encodePng(image));
            table += fmt::format("p{}.png,{},{}\n", i, i >= 2 ? "dog" : "cat", i % 2 == 0 ? "val" : "test");
        }
        writeFileAtomically(m_folder.path() / "pictures.csv", table);
        m_session = Session::openOrCreate(m_folder.path() / "w");
        m_dataset = m_session->importDataset(m_folder.path() / "pictures.csv", "pictures", {}, {});
        m_samples = m_session->workspace().sampleIds(m_dataset);
        QCOMPARE(m_samples.size(), size_t{6});
    }

    void scoresAndLabelsAreRead() {
        const Json threshold = {{"value", 0.6}, {"origin", "best accuracy on the training split"}};
        std::vector<ExampleResult> examples = decisions();
        ExampleResult& unreadable = examples.emplace_back(exampleOf(m_samples[5]));
        unreadable.status = ExampleStatus::Unreadable;
        const RunId id = store("zero-shot-binary", {{"threshold", threshold}}, examples);
        const RunThresholds run = runThresholds(m_session->workspace(), id);
        QCOMPARE(run.kind, RunThresholds::Kind::Decision);
        QCOMPARE(run.samples.size(), size_t{5});
        QCOMPARE(run.positive, std::string("dog"));
        QCOMPARE(*run.used, 0.6);
        QCOMPARE(run.usedOrigin, std::string("best accuracy on the training split"));
        const ThresholdCounts counts = run.thresholds().at(0.6);
        QCOMPARE(counts.truePositives, uint64_t{2});
        QCOMPARE(counts.falseNegatives, uint64_t{1});
        QCOMPARE(counts.trueNegatives, uint64_t{2});
        const auto changed = run.changingSide(0.6, 0.25);
        QCOMPARE(changed, (std::vector{m_samples[1], m_samples[2]}));
        QCOMPARE(run.changingSide(0.25, 0.6), changed);
        QVERIFY(run.changingSide(0.6, 0.7).empty()); // from 0.7 on: that example stays
        QCOMPARE(run.inCell(RunThresholds::Cell::FalseNegative, 0.6), std::vector{m_samples[2]});
        QCOMPARE(run.inCell(RunThresholds::Cell::TrueNegative, 0.6),
                 (std::vector{m_samples[0], m_samples[1]}));
    }

    void theOtherClassMayBePositive() {
        const RunId id = store("zero-shot-binary", {{"threshold", {{"value", 0.5}, {"origin", "given"}}}},
                               decisions(), {{"positive_class", "first"}});
        const RunThresholds run = runThresholds(m_session->workspace(), id);
        QCOMPARE(run.positive, std::string("cat"));
        QCOMPARE(run.thresholds().at(0.6).truePositives, uint64_t{0});
    }

    void memesWithoutAThresholdHaveNone() {
        std::vector<ExampleResult> examples = decisions();
        for (size_t i = 0; i < examples.size(); ++i)
            examples[i].parts =
                ProbabilityPart{Json(i), 0.1 + 0.2 * static_cast<double>(i), examples[i].target}.toJson();
        const RunId without =
            store("hateful-memes", {{"threshold", {{"value", 0.5}, {"chosen_on", nullptr}}}}, examples);
        QVERIFY(!runThresholds(m_session->workspace(), without).used);
        const RunId with =
            store("hateful-memes", {{"threshold", {{"value", 0.5}, {"chosen_on", "train"}}}}, examples);
        const RunThresholds run = runThresholds(m_session->workspace(), with);
        QCOMPARE(run.usedOrigin, std::string("best accuracy on train"));
        QCOMPARE(run.scores[4], 0.9);
    }

    void confidenceDecidesWhatIsAnswered() {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 5; ++i) {
            ExampleResult& example = examples.emplace_back(exampleOf(m_samples[i]));
            example.target = 0;
            example.predictions = {{i < 2 ? 1 : 0, 0.5F + 0.1F * static_cast<float>(i)}};
            setVerdict(example, i >= 2);
        }
        const RunId id = store("zero-shot", {{"calibration", {{"ece", 0.1}}}}, examples);
        const RunThresholds run = runThresholds(m_session->workspace(), id);
        QCOMPARE(run.kind, RunThresholds::Kind::Confidence);
        const ThresholdCounts counts = run.thresholds().at(0.65);
        QCOMPARE(counts.calledShare(), 0.6);
        QCOMPARE(*counts.precision(), 1.0);
    }

    void rulesAreJudgedOnTheOtherSplit() {
        const RunId id =
            store("zero-shot-binary", {{"threshold", {{"value", 0.5}, {"origin", "given"}}}}, decisions());
        const RunThresholds run = runThresholds(m_session->workspace(), id);
        const RunThresholds val = run.part("val", true), others = run.part("val", false);
        QCOMPARE(val.samples, (std::vector{m_samples[0], m_samples[2], m_samples[4]}));
        QCOMPARE(others.samples, (std::vector{m_samples[1], m_samples[3]}));
        const auto rows = namedThresholds(val, others, {5, 1});
        std::vector<std::string> ids;
        for (const NamedThreshold& row : rows)
            ids.push_back(row.id);
        QCOMPARE(ids, (std::vector<std::string>{"half", "used", "accuracy", "f1", "youden", "cost"}));
        QCOMPARE(rows[2].chosen.accuracy(), 1.0); // between 0.1 and 0.5
        QCOMPARE(rows[2].judged.threshold, rows[2].chosen.threshold);
        QCOMPARE(rows[2].judged.accuracy(),
                 binaryAccuracy(others.scores, others.labels, rows[2].chosen.threshold));
    }

    void otherRunsAreRefused() {
        const RunId id = store("retrieval", Json::object(), decisions());
        QCOMPARE(errorCodeOf([&] { runThresholds(m_session->workspace(), id); }), ErrorCode::InvalidArgument);
        const RunId empty =
            store("zero-shot-binary", {{"threshold", {{"value", 0.5}, {"origin", "given"}}}}, {});
        QCOMPARE(errorCodeOf([&] { runThresholds(m_session->workspace(), empty); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { runThresholds(m_session->workspace(), {9999}); }), ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestRunThresholds)
#include "tst_run_thresholds.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/protocol_card.h"
#include "core/report/report_writers.h"

#include <QTest>

#include <algorithm>

using namespace diptych;

namespace {

RunRecord record() {
    RunRecord run;
    run.id = {3};
    run.task = "zero-shot";
    run.modelName = "tiny <b>";
    run.modelFingerprint = "f00d";
    run.precision = "fp32";
    run.device = "cpu";
    run.programVersion = "0.1.0";
    run.exampleCount = 8;
    run.spec = {{"split", "test"}};
    run.details["protocol"] = Json::parse(R"({
        "rules": {"features": "cosine", "ties": "first", "counting": "all",
                  "clip_benchmark": {"task": "zeroshot_classification",
                                     "differs": [{"what": "Equal scores", "here": "first", "there": "any"}]}},
        "model": {"family": "CLIP", "activation": "quick_gelu", "similarity": {"text": "softmax of 100 x cosine"},
                  "text": {"kind": "CLIPTokenizer", "vocabulary": 49408, "context": 77, "hash": "beef"}},
        "image": {"resize": "shorter side to 224", "filter": "bicubic", "crop": "224 x 224 from the middle",
                  "crop_middle": "floor", "mean": [0.48145466, 0.4578275, 0.40821073],
                  "std": [0.26862954, 0.26130258, 0.27577711], "alpha": "drop", "key": "cafe"},
        "prompts": {"templates": ["a {}"], "digest": "d1", "set": "simple"},
        "samples": {"count": 8, "hashed": 7, "contents": "c0", "all": true, "classes": 2, "class_names": "n0",
                    "labels": "imported", "corrected": 0},
        "compute": {"threads": 4}, "interval": {"kind": "percentile bootstrap", "level": 0.95, "resamples": 1000},
        "versions": {"Diptych": "0.1.0", "LibTorch": "2.9.0"}})");
    return run;
}

bool differsIn(const RunRecord& run, const char* what) {
    const ProtocolCard card = protocolCard(run);
    return std::ranges::any_of(card.differs, [&](const Deviation& each) { return each.what == what; });
}

bool toCheck(const RunRecord& run, const char* what) {
    const ProtocolCard card = protocolCard(run);
    return std::ranges::any_of(card.check, [&](const Deviation& each) { return each.what == what; });
}

std::string valueOf(const RunRecord& run, const char* name) {
    for (const ProtocolGroup& group : protocolCard(run).groups)
        for (const ProtocolRow& row : group.rows)
            if (row.name == name)
                return row.value;
    return "no such row";
}

} // namespace

class TestProtocolCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysWhatIsStored() {
        QCOMPARE(valueOf(record(), "Tokenizer"),
                 std::string("CLIPTokenizer, 49408 entries, texts of 77 tokens"));
        QCOMPARE(valueOf(record(), "Resize"),
                 std::string("shorter side to 224, bicubic, antialiased as Pillow does"));
        QCOMPARE(valueOf(record(), "Device"), std::string("cpu, 4 threads"));
        QCOMPARE(valueOf(record(), "Prompts"), std::string("1 template of the set 'simple', digest d1"));
        QCOMPARE(valueOf(record(), "Digest of the pictures"),
                 std::string("c0 of 7 of 8: the others were not read"));
        QCOMPARE(valueOf(record(), "Mean"), std::string("0.48145466, 0.4578275, 0.40821073"));
        QVERIFY(valueOf(record(), "Intervals").starts_with("95 %, percentile bootstrap with 1000 resamples"));
    }

    void anOlderRunSaysWhatItDoesNotKnow() {
        RunRecord old = record();
        old.details = {{"templates", {"a {}"}}};
        const ProtocolCard card = protocolCard(old);
        QVERIFY(!card.recorded);
        QCOMPARE(valueOf(old, "Activation"), std::string("not recorded"));
        QCOMPARE(valueOf(old, "Crop"), std::string("not recorded"));
        QCOMPARE(valueOf(old, "Precision"), std::string("fp32")); // which every run has
        QVERIFY(card.differs.empty() && card.check.empty());
        QVERIFY(clipBenchmarkSentence(card).find("not recorded") != std::string::npos);
        old.details = Json();
        QCOMPARE(valueOf(old, "Prompts"), std::string("not recorded"));
        old.details = {{"protocol", {{"image", 7}, {"model", {{"text", "x"}}}, {"rules", Json::array()}}}};
        QCOMPARE(valueOf(old, "Activation"), std::string("not recorded")); // other versions write there too
    }

    void namesWhereClipBenchmarkDoesOtherwise() {
        const RunRecord run = record();
        for (const char* what : {"Precision", "Middle of the crop", "Equal scores"})
            QVERIFY2(differsIn(run, what), what);
        for (const char* what : {"Activation", "Prompts", "Class names"})
            QVERIFY2(toCheck(run, what), what);
        for (const char* what : {"Transparency", "Images", "Labels", "Unreadable images"})
            QVERIFY2(!differsIn(run, what), what);
        for (const char* what : {"Resize filter", "Resize", "Mean and standard deviation"})
            QVERIFY2(!toCheck(run, what), what);
        QCOMPARE(
            clipBenchmarkSentence(protocolCard(run)),
            std::string(
                "Differs from CLIP_benchmark in: precision, middle of the crop, equal scores; to be checked: "
                "activation, prompts, class names"));
    }

    void eachStatementFollowsTheRun() {
        RunRecord run = record();
        Json& facts = run.details["protocol"];
        facts["image"]["alpha"] = "white";
        facts["image"]["crop_middle"] = "half-even";
        facts["image"]["filter"] = "bilinear";
        facts["image"]["resize"] = "224 x 224, whatever the proportions";
        facts["image"]["mean"] = {0.5, 0.5, 0.5};
        facts["samples"]["all"] = false;
        facts["samples"]["labels"] = "corrected";
        facts["samples"]["corrected"] = 2;
        facts["model"]["family"] = "SigLIP";
        run.failureCount = 1;
        for (const char* what : {"Transparency", "Images", "Labels", "Unreadable images"})
            QVERIFY2(differsIn(run, what), what);
        for (const char* what : {"Resize filter", "Resize", "Mean and standard deviation"})
            QVERIFY2(toCheck(run, what), what);
        QVERIFY(!differsIn(run, "Middle of the crop"));
        QVERIFY(!toCheck(run, "Activation"));
    }

    void aTaskThatItDoesNotHaveIsSaidToBeNone() {
        RunRecord run = record();
        run.details["protocol"]["rules"]["clip_benchmark"] = {{"task", ""}, {"differs", Json::array()}};
        const ProtocolCard card = protocolCard(run);
        QVERIFY(card.differs.empty() && card.check.empty());
        QCOMPARE(clipBenchmarkSentence(card), std::string("CLIP_benchmark has no such evaluation"));
    }

    void standsInEveryReport() {
        ReportModel report;
        report.title = "t";
        ReportRun run;
        run.record = record();
        run.record.details["protocol"]["prompts"]["templates"] = {"<script>alert(1)</script> {}"};
        report.runs = {run};
        const std::string html = reportHtml(report), markdown = reportMarkdown(report);
        QVERIFY(html.find("Differs from CLIP_benchmark in") != std::string::npos);
        QVERIFY(html.find("<script>alert(1)") == std::string::npos);
        QVERIFY(html.find("tiny &lt;b&gt;") != std::string::npos);
        QVERIFY(markdown.find("| Activation | quick\\_gelu |") != std::string::npos);
        QVERIFY(markdown.find("\\<script\\>") != std::string::npos);
        const OrderedJson json = reportJson(report)["runs"][0]["protocol"];
        QCOMPARE(json["clip_benchmark"]["task"].get<std::string>(), std::string("zeroshot_classification"));
        QVERIFY(compactText(protocolCard(run.record)).starts_with("CLIP; quick_gelu; shorter side to 224"));
    }
};

QTEST_APPLESS_MAIN(TestProtocolCard)
#include "tst_protocol_card.moc"

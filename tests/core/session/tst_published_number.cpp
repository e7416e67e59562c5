// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/published_number.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using diptych::test::errorCodeOf;

namespace {

const Metric kTop1{"top1", 0.632, Interval{0.6, 0.66}, 1000, true, 0.001, Unit::Share};
const Metric kEce{"ece", 0.08, Interval{0.07, 0.09}, 1000, false, {}, Unit::Number};

RunRecord runOf() {
    RunRecord run;
    run.id = {3};
    run.task = "zero-shot";
    run.metrics = {kTop1, {"mean_per_class_recall", 0.6412, {}, 10, true, {}, Unit::Share}, kEce};
    run.exampleCount = 1000;
    run.spec = {{"split", ""}, {"labels", "imported"}};
    return run;
}

PublishedNumber published(const char* text, const Metric& metric = kTop1, size_t n = 0) {
    PublishedNumber number = parsePublished(text, metric);
    number.n = n;
    return number;
}

const KnownCause* causeOf(const PublishedCheck& check, const char* id) {
    for (const KnownCause& cause : check.causes)
        if (cause.id == id)
            return &cause;
    return nullptr;
}

} // namespace

class TestPublishedNumber : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreReadAsTheyArePrinted() {
        for (const char* text : {"63.2", " 63.2 % ", "63.2%", "0.632"}) {
            const PublishedNumber number = parsePublished(text, kTop1);
            QVERIFY2(std::abs(number.value - 0.632) < 1e-12, text);
            QVERIFY2(std::abs(number.rounding - 0.0005) < 1e-12, text);
        }
        QCOMPARE(parsePublished("63", kTop1).rounding, 0.005);
        QCOMPARE(parsePublished("1", kTop1).value, 0.01);
        QCOMPARE(parsePublished("1.000", kTop1).value, 1.0);
        QCOMPARE(parsePublished("0.081", kEce).value, 0.081);
        QCOMPARE(parsePublished("8.1", kEce).value, 8.1);
        for (const char* text : {"", " ", "about 63", "63,2", "nan", "1e3", "130", "-3", "63.2 % %x"})
            QCOMPARE(errorCodeOf([&] { parsePublished(text, kTop1); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { parsePublished("8 %", kEce); }), ErrorCode::InvalidArgument);
    }

    void theSameNumberIsSaidToBeTheSame() {
        const PublishedCheck check = checkPublished(runOf(), published("63.2"), nullptr);
        QVERIFY(check.withinRounding && check.withinSampling);
        QVERIFY(check.verdict.find("It is the published number") != std::string::npos);
    }

    void samplingErrorIsToldFromTheRest() {
        const PublishedCheck near = checkPublished(runOf(), published("64.0"), nullptr);
        QVERIFY(!near.withinRounding && near.withinSampling);
        QCOMPARE(std::round(*near.flippedImages), 8.0); // 0.8 points of 1,000
        QVERIFY(near.verdict.find("8 of 1,000 images are judged otherwise") != std::string::npos);
        const PublishedCheck far = checkPublished(runOf(), published("75"), nullptr);
        QVERIFY(!far.withinSampling);
        QVERIFY(far.verdict.find("does not explain it") != std::string::npos);
        // On many more images the published number has hardly an error of its own.
        const PublishedCheck many = checkPublished(runOf(), published("66.5", kTop1, 1000000), nullptr);
        QVERIFY(!many.withinSampling && !many.flippedImages);
        QVERIFY(checkPublished(runOf(), published("66.5"), nullptr).withinSampling);
    }

    void numbersThatAreNoSharesUseTheirInterval() {
        const PublishedCheck check = checkPublished(runOf(), published("0.09", kEce), nullptr);
        QVERIFY(check.withinSampling && !check.smallestApart && !check.flippedImages);
        RunRecord without = runOf();
        without.metrics[2].interval.reset();
        const PublishedCheck unknown = checkPublished(without, published("0.09", kEce), nullptr);
        QVERIFY(!unknown.interval &&
                unknown.verdict.find("sampling error is not known") != std::string::npos);
    }

    void anotherMetricMayBeThePublishedOne() {
        const PublishedCheck check = checkPublished(runOf(), published("64.1"), nullptr);
        const KnownCause* cause = causeOf(check, "metric");
        QCOMPARE(cause->state, KnownCause::State::Differs);
        QVERIFY(cause->finding.find("64.1 %") != std::string::npos);
        QCOMPARE(check.causes.front().state, KnownCause::State::Differs); // those first
    }

    void theRunFillsInTheCauses() {
        RunRecord run = runOf();
        run.failureCount = 4;
        run.spec["labels"] = "corrected";
        run.details["samples"] = {{"count", 1000}, {"of", 5000}, {"choice", "tagged odd"}};
        const PublishedCheck check = checkPublished(run, published("64", kTop1, 50000), nullptr);
        for (const char* id : {"images", "unreadable", "labels", "part"})
            QCOMPARE(causeOf(check, id)->state, KnownCause::State::Differs);
        QVERIFY(causeOf(check, "part")->finding.find("tagged odd") != std::string::npos);
        QVERIFY(causeOf(check, "card")); // nothing was recorded with this run
        const PublishedCheck clean = checkPublished(runOf(), published("64", kTop1, 1000), nullptr);
        for (const char* id : {"images", "unreadable", "labels"})
            QCOMPARE(causeOf(clean, id)->state, KnownCause::State::Same);
    }

    void aProtocolMayGiveIt() {
        RunProtocols protocols;
        ProtocolResult same, openai;
        same.title = "CLIP_benchmark";
        same.metrics = {kTop1};
        openai.title = "CLIP's paper";
        openai.changes = {"Templates"};
        openai.metrics = {kTop1};
        openai.metrics[0].value = 0.6641;
        protocols.protocols = {same, openai};
        const auto cause = [&](const char* text) {
            return *causeOf(checkPublished(runOf(), published(text), &protocols), "protocol");
        };
        QCOMPARE(cause("66.4").state, KnownCause::State::Differs);
        QVERIFY(cause("66.4").finding.find("CLIP's paper") != std::string::npos);
        QVERIFY(cause("68").finding.starts_with("closer"));
        QCOMPARE(cause("62").state, KnownCause::State::Same);
        QCOMPARE(causeOf(checkPublished(runOf(), published("62"), nullptr), "protocol")->state,
                 KnownCause::State::Unknown);
    }

    void whatTheRunHasNotIsRefused() {
        PublishedNumber number = published("64");
        number.metric = "top7";
        QCOMPARE(errorCodeOf([&] { checkPublished(runOf(), number, nullptr); }), ErrorCode::InvalidArgument);
        RunRecord none = runOf();
        none.metrics.clear();
        QCOMPARE(errorCodeOf([&] { checkPublished(none, number, nullptr); }), ErrorCode::InvalidArgument);
        RunRecord imported = runOf(); // of a task that is not ours
        imported.task = "elsewhere";
        QVERIFY(!causeOf(checkPublished(imported, published("64"), nullptr), "protocol"));
    }
};

QTEST_GUILESS_MAIN(TestPublishedNumber)
#include "tst_published_number.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/published_number.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/report/protocol_card.h"
#include "core/results/json_read.h"
#include "core/tasks/run_task.h"
#include "core/tasks/task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diptych {
namespace {

using State = KnownCause::State;

constexpr double kUsualFlips = 0.05; ///< of two good models on the same images; said where it is used
constexpr double kAlmost = 1e-9;

std::string valueText(const Metric& like, double value) {
    Metric metric = like;
    metric.value = value;
    return metricValueText(metric);
}

bool equalAsPrinted(double value, const PublishedNumber& published) {
    return std::abs(value - published.value) <= published.rounding + kAlmost;
}

void compareShares(PublishedCheck& check, size_t n) {
    const ShareDifference difference =
        differenceOfShares(check.metric.value, check.metric.n, check.published.value, n);
    check.interval = difference.interval;
    check.pValue = difference.pValue;
    check.smallestApart = smallestDifferenceApart(check.published.value, check.metric.n, n);
    check.smallestPaired = smallestDifferencePaired(kUsualFlips, check.metric.n);
    check.smallestAtAll = smallestDifferenceAtAll(check.metric.n);
    if (n == check.metric.n)
        check.flippedImages = std::abs(check.difference) * static_cast<double>(n);
}

/// Whether the metric is a mean over examples that are right or wrong, so that counts have a meaning.
bool isShareOfExamples(const Metric& metric) {
    if (metric.unit != Unit::Share || metric.n == 0 || metric.value < 0 || metric.value > 1)
        return false;
    const double count = metric.value * static_cast<double>(metric.n);
    return std::abs(count - std::round(count)) < 1e-6 * static_cast<double>(metric.n);
}

std::string differenceText(const PublishedCheck& check) {
    return check.metric.unit == Unit::Share ? pointsText(check.difference) + " points"
                                            : fmt::format("{:+.4g}", check.difference);
}

std::string verdictOf(const PublishedCheck& check) {
    const std::string numbers =
        fmt::format("{} here, {} published: {}", valueText(check.metric, check.metric.value),
                    valueText(check.metric, check.published.value), differenceText(check));
    if (check.withinRounding)
        return numbers + ". It is the published number, as far as that was printed.";
    std::string sampling;
    if (!check.interval)
        sampling = ". The run has no interval for this metric, so sampling error is not known.";
    else if (check.withinSampling)
        sampling = fmt::format(
            ". On other images of the same kind, sampling alone often makes a difference as large ({}).",
            pValueText(check.pValue));
    else
        sampling = fmt::format(". Sampling alone does not explain it, even on other images ({}).",
                               pValueText(check.pValue));
    if (check.flippedImages)
        sampling +=
            fmt::format(" If it is the same model on the same images, there is no sampling error: {:.0f} "
                        "of {} images are judged otherwise, and the cause is in the list below.",
                        *check.flippedImages, countText(static_cast<int64_t>(check.metric.n)));
    return numbers + sampling;
}

KnownCause imagesCause(const PublishedCheck& check) {
    KnownCause cause{"images", "Images", State::Unknown, {}};
    const std::string used = countText(static_cast<int64_t>(check.metric.n));
    if (check.published.n == 0) {
        cause.finding = fmt::format("{} here; say how many it was measured on to compare", used);
    } else {
        cause.state = check.published.n == check.metric.n ? State::Same : State::Differs;
        cause.finding =
            fmt::format("{} here, {} published", used, countText(static_cast<int64_t>(check.published.n)));
    }
    return cause;
}

KnownCause unreadableCause(const RunRecord& run) {
    const bool some = run.failureCount > 0;
    return {"unreadable", "Unreadable images", some ? State::Differs : State::Same,
            some ? fmt::format("{} of {} could not be used and are left out", countText(run.failureCount),
                               countText(run.exampleCount))
                 : "none"};
}

KnownCause labelsCause(const RunRecord& run) {
    const bool corrected = textOf(memberOf(run.spec, "labels")) == "corrected";
    return {"labels", "Labels", corrected ? State::Differs : State::Same,
            corrected ? "as people have corrected them here" : "as imported"};
}

KnownCause partCause(const RunRecord& run) {
    const Json& part = memberOf(run.details, "samples");
    const std::string split = textOf(memberOf(run.spec, "split"));
    if (part.is_object())
        return {"part", "Part of the dataset", State::Differs,
                fmt::format("{} of {} samples: {}", wholeOf(memberOf(part, "count")),
                            wholeOf(memberOf(part, "of")), textOf(memberOf(part, "choice")))};
    return {"part", "Split", State::Unknown,
            split.empty() ? "all splits together; published numbers are mostly of one"
                          : fmt::format("'{}'; compare with the one that was published", split)};
}

/// Another metric of the run that is the published number.
KnownCause metricCause(const PublishedCheck& check) {
    std::vector<std::string> others;
    for (const Metric& metric : check.run.metrics)
        if (metric.name != check.metric.name && metric.unit == check.metric.unit &&
            std::isfinite(metric.value) && equalAsPrinted(metric.value, check.published))
            others.push_back(fmt::format("{} ({})", metricTitle(metric.name), metricValueText(metric)));
    if (others.empty())
        return {"metric", "Metric", State::Unknown,
                fmt::format("{}; no other metric of this run is the published number",
                            metricTitle(check.metric.name))};
    return {"metric", "Metric", State::Differs,
            fmt::format("the published number is this run's {}", fmt::join(others, " and "))};
}

KnownCause protocolCause(const PublishedCheck& check, const RunProtocols* protocols) {
    if (!protocols)
        return {"protocol", "Protocol", State::Unknown, "not counted by other protocols yet"};
    std::vector<std::string> hits, closer;
    for (const ProtocolResult& protocol : protocols->protocols) {
        const Metric* metric = findMetric(protocol.metrics, check.metric.name);
        if (!metric || protocol.changes.empty())
            continue;
        const std::string text = fmt::format("{} ({})", protocol.title, metricValueText(*metric));
        if (equalAsPrinted(metric->value, check.published))
            hits.push_back(text);
        else if (std::abs(metric->value - check.published.value) < std::abs(check.difference) - kAlmost)
            closer.push_back(text);
    }
    if (!hits.empty())
        return {"protocol", "Protocol", State::Differs,
                fmt::format("counted as {} it is the published number", fmt::join(hits, " or "))};
    if (!closer.empty())
        return {"protocol", "Protocol", State::Differs,
                fmt::format("closer, but not the published number, counted as {}", fmt::join(closer, ", "))};
    return {"protocol", "Protocol", State::Same, "no other protocol known here comes closer"};
}

void addCardCauses(std::vector<KnownCause>& causes, const RunRecord& run) {
    const ProtocolCard card = protocolCard(run);
    const auto add = [&](const Deviation& deviation, State state) {
        causes.push_back({"clip-benchmark", deviation.what, state,
                          fmt::format("{} here, {} in CLIP_benchmark", deviation.here, deviation.there)});
    };
    for (const Deviation& deviation : card.differs)
        add(deviation, State::Differs);
    for (const Deviation& deviation : card.check)
        add(deviation, State::Unknown);
    if (!card.recorded)
        causes.push_back({"card", "How it was measured", State::Unknown,
                          "not recorded with this run; evaluate again to have its protocol card"});
}

bool hasProtocols(const RunRecord& run) {
    const Task* task = taskOf(run); // imported runs may be of no task of ours
    return task && task->protocols;
}

std::vector<KnownCause> causesOf(const PublishedCheck& check, const RunProtocols* protocols) {
    std::vector<KnownCause> causes = {metricCause(check), imagesCause(check), unreadableCause(check.run),
                                      partCause(check.run), labelsCause(check.run)};
    if (protocols || hasProtocols(check.run))
        causes.push_back(protocolCause(check, protocols));
    addCardCauses(causes, check.run);
    const auto rank = [](const KnownCause& cause) {
        return cause.state == State::Differs ? 0 : cause.state == State::Unknown ? 1 : 2;
    };
    std::ranges::stable_sort(causes, {}, rank);
    return causes;
}

} // namespace

PublishedNumber parsePublished(const std::string& text, const Metric& metric) {
    const size_t first = text.find_first_not_of(" \t");
    std::string number = first == std::string::npos ? "" : text.substr(first);
    while (!number.empty() && (number.back() == ' ' || number.back() == '\t'))
        number.pop_back();
    const bool percent = !number.empty() && number.back() == '%';
    while (!number.empty() && (number.back() == '%' || number.back() == ' '))
        number.pop_back();
    double value = 0;
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
    if (number.empty() || error != std::errc() || end != number.data() + number.size() ||
        !std::isfinite(value))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is no number as it would be published: 63.2, 63.2 %, 0.632", text));
    const size_t point = number.find('.');
    const size_t digits = point == std::string::npos ? 0 : number.size() - point - 1;
    PublishedNumber out;
    out.metric = metric.name;
    out.value = value;
    out.rounding = 0.5 * std::pow(10.0, -static_cast<double>(digits));
    if (percent && metric.unit != Unit::Share)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} is not measured in percent; write it without %", metricTitle(metric.name)));
    // 0.632 is a share, and so is 1 with decimals; 1 by itself and all above are percent.
    if (metric.unit == Unit::Share && (percent || value > 1 || (value == 1 && digits == 0))) {
        out.value /= 100;
        out.rounding /= 100;
    }
    if (metric.unit == Unit::Share && !(out.value >= 0 && out.value <= 1))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is outside 0 to 100 %, where {} lies", text, metricTitle(metric.name)));
    return out;
}

PublishedCheck checkPublished(const RunRecord& run, const PublishedNumber& published,
                              const RunProtocols* protocols) {
    if (run.metrics.empty())
        throw Error(ErrorCode::InvalidArgument, fmt::format("Run {} has no metrics", run.id.value));
    const Metric* metric =
        published.metric.empty() ? &run.metrics.front() : findMetric(run.metrics, published.metric);
    if (!metric || !std::isfinite(metric->value)) {
        std::vector<std::string> names;
        for (const Metric& known : run.metrics)
            names.push_back(known.name);
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} has no value for '{}'; it has {}", run.id.value, published.metric,
                                fmt::join(names, ", ")));
    }
    PublishedCheck check;
    check.run = run;
    check.metric = *metric;
    check.published = published;
    check.difference = metric->value - published.value;
    const size_t n = published.n > 0 ? published.n : std::max<size_t>(1, metric->n);
    if (isShareOfExamples(*metric)) {
        compareShares(check, n);
    } else if (metric->interval && metric->n > 0) {
        const NumberDifference difference =
            differenceOfNumbers(metric->value, *metric->interval, metric->n, published.value, n);
        check.interval = difference.interval;
        check.pValue = difference.pValue;
    }
    check.withinRounding = equalAsPrinted(metric->value, published);
    check.withinSampling = check.interval && check.interval->low <= 0 && check.interval->high >= 0;
    check.verdict = verdictOf(check);
    check.causes = causesOf(check, protocols);
    return check;
}

std::string smallestDifferenceText(const PublishedCheck& check) {
    if (!check.smallestApart)
        return {};
    return fmt::format(
        "The smallest difference this set can show: {:.1f} points to a number from other images, "
        "{:.1f} on the same images if 5 % of them come out otherwise, {:.1f} at the very least",
        100 * *check.smallestApart, 100 * *check.smallestPaired, 100 * *check.smallestAtAll);
}

std::string_view knownCauseStateName(State state) {
    switch (state) {
    case State::Same:
        return "same";
    case State::Differs:
        return "differs";
    case State::Unknown:
        break;
    }
    return "unknown";
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/temperature_scaling.h"

#include "core/metrics/calibration.h"
#include "core/metrics/number_text.h"
#include "core/metrics/temperature.h"
#include "core/results/json_read.h"
#include "core/tasks/classification_details.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diptych {
namespace {

constexpr size_t kMostFitted = 4000; ///< a temperature is known to about 2 % then

enum class Side : uint8_t { None, First, Second };

/// Of a labelled image: on which side it stands. Halves: every second one, so that classes and splits are as
/// frequent in both.
std::vector<Side> sidesOf(std::span<const int> labels, std::span<const std::string> splits,
                          const std::string& fitSplit) {
    std::vector<Side> sides(labels.size(), Side::None);
    bool second = false;
    for (size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0)
            continue;
        const bool fits = fitSplit.empty() ? !second : splits[i] == fitSplit;
        sides[i] = fits ? Side::First : Side::Second;
        second = !second;
    }
    return sides;
}

/// Logits of one side's images, evenly spread over them.
struct FitData {
    std::vector<float> logits;
    std::vector<int> labels;
    std::vector<double> topLogits;
    std::vector<uint8_t> correct;
};

struct Best {
    size_t index = 0;
    bool right = false;
};

Best bestOf(std::span<const float> row, int label) {
    const auto index = static_cast<size_t>(std::ranges::max_element(row) - row.begin());
    return {index, static_cast<int>(index) == label};
}

class Scaling {
public:
    Scaling(const ScoredRows& rows, std::span<const int> labels, std::vector<Side> sides, bool bothWays)
        : m_rows(rows), m_labels(labels), m_sides(std::move(sides)), m_bothWays(bothWays) {}

    size_t count(Side side) const { return static_cast<size_t>(std::ranges::count(m_sides, side)); }

    void fit(const RunContext& context) {
        FitData first, second;
        const size_t strides[] = {strideOf(Side::First), strideOf(Side::Second)};
        size_t seen[] = {0, 0};
        m_rows.forEach([&](size_t i, std::span<const float> row) {
            if (m_sides[i] == Side::None || (m_sides[i] == Side::Second && !m_bothWays))
                return;
            const size_t side = m_sides[i] == Side::First ? 0 : 1;
            if (seen[side]++ % strides[side] == 0)
                add(side == 0 ? first : second, row, m_labels[i]);
        });
        context.throwIfCancelled();
        m_ofFirst = fitOn(first);
        if (m_bothWays) {
            context.throwIfCancelled();
            m_ofSecond = fitOn(second);
        }
        m_fitted = first.labels.size() + second.labels.size();
    }

    Json judge() const {
        std::vector<double> before, after;
        std::vector<uint8_t> correct;
        double lossBefore = 0, lossAfter = 0;
        m_rows.forEach([&](size_t i, std::span<const float> row) {
            if (m_sides[i] == Side::None || (m_sides[i] == Side::First && !m_bothWays))
                return;
            const double t = m_sides[i] == Side::First ? m_ofSecond.temperature : m_ofFirst.temperature;
            const Best best = bestOf(row, m_labels[i]);
            correct.push_back(best.right);
            before.push_back(confidence(row, best, m_labels[i], 1, lossBefore));
            after.push_back(confidence(row, best, m_labels[i], t, lossAfter));
        });
        const auto n = static_cast<double>(correct.size());
        const Calibration was = calibration(before, correct), is = calibration(after, correct);
        Json values = Json::array({m_ofFirst.temperature});
        if (m_bothWays)
            values.push_back(m_ofSecond.temperature);
        return {{"values", std::move(values)},
                {"at_border", m_ofFirst.atBorder || (m_bothWays && m_ofSecond.atBorder)},
                {"fitted", m_fitted},
                {"judged", correct.size()},
                {"ece", {{"before", was.ece}, {"after", is.ece}}},
                {"nll", {{"before", lossBefore / n}, {"after", lossAfter / n}}},
                {"bins", reliabilityJson(is)}};
    }

private:
    bool sigmoid() const { return m_rows.similarity.kind == Similarity::Kind::Sigmoid; }
    size_t strideOf(Side side) const {
        return std::max<size_t>(1, (count(side) + kMostFitted - 1) / kMostFitted);
    }
    void add(FitData& data, std::span<const float> row, int label) const {
        data.labels.push_back(label);
        if (sigmoid()) {
            const Best best = bestOf(row, label);
            data.topLogits.push_back(m_rows.similarity.logit(row[best.index]));
            data.correct.push_back(best.right);
        } else {
            for (const float value : row)
                data.logits.push_back(static_cast<float>(m_rows.similarity.logit(value)));
        }
    }
    TemperatureFit fitOn(FitData& data) const {
        if (sigmoid())
            return fitTemperature(data.topLogits, data.correct);
        const size_t classes = data.logits.size() / data.labels.size();
        return fitTemperature(Matrix(data.labels.size(), classes, std::move(data.logits)), data.labels);
    }
    /// Of the prediction, at a temperature; adds the negative log-likelihood to @p loss.
    double confidence(std::span<const float> row, const Best& best, int label, double temperature,
                      double& loss) const {
        const Similarity& similarity = m_rows.similarity;
        const double top = similarity.logit(row[best.index]);
        if (sigmoid()) {
            const double z = (best.right ? -top : top) / temperature;
            loss += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
            return 1 / (1 + std::exp(-top / temperature));
        }
        double sum = 0;
        for (const float value : row)
            sum += std::exp((similarity.logit(value) - top) / temperature);
        const double right = similarity.logit(row[static_cast<size_t>(label)]);
        loss += std::log(sum) - (right - top) / temperature;
        return 1 / sum;
    }

    const ScoredRows& m_rows;
    std::span<const int> m_labels;
    std::vector<Side> m_sides;
    bool m_bothWays;
    TemperatureFit m_ofFirst, m_ofSecond; ///< fitted on that side, judged on the other
    size_t m_fitted = 0;
};

} // namespace

Json temperatureScaling(const ScoredRows& rows, std::span<const int> labels,
                        std::span<const std::string> splits, const std::string& fitSplit,
                        const RunContext& context) {
    const bool halves = fitSplit.empty();
    Scaling scaling(rows, labels, sidesOf(labels, splits, fitSplit), halves);
    if (!halves && scaling.count(Side::First) == 0)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("No labelled image of those evaluated is of split '{}', which the temperature "
                        "is to be fitted on; evaluate all splits, or leave it empty",
                        fitSplit));
    if (!halves && scaling.count(Side::Second) == 0)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("All labelled images are of split '{}', which the temperature is to be fitted "
                        "on; none is left to judge it on",
                        fitSplit));
    if (std::min(scaling.count(Side::First), scaling.count(Side::Second)) < kFewestForTemperature)
        return {};
    scaling.fit(context);
    Json out = scaling.judge();
    out["fitted_on"] = halves ? "halves" : "split";
    out["split"] = halves ? Json() : Json(fitSplit);
    return out;
}

std::string temperatureText(const Json& calibration) {
    const Json& scaling = memberOf(calibration, "temperature");
    const Json& values = listOf(scaling, "values");
    const Json& ece = memberOf(scaling, "ece");
    if (values.empty() || !memberOf(ece, "before").is_number() || !memberOf(ece, "after").is_number())
        return {};
    std::string temperatures;
    for (const Json& value : values)
        temperatures += (temperatures.empty() ? "" : " and ") + numberText(numberOf(value));
    const Json& split = memberOf(scaling, "split");
    const std::string fitted =
        split.is_string()
            ? fmt::format("temperature {} fitted on split '{}', judged on the other images", temperatures,
                          split.get<std::string>())
            : fmt::format("temperatures {}, each fitted on one half of the images and judged on the other",
                          temperatures);
    const Json& border = memberOf(scaling, "at_border");
    const Json& nll = memberOf(scaling, "nll");
    return fmt::format(
        "With {}, the calibration error is {} instead of {} and the log loss {} instead of {}{}", fitted,
        numberText(numberOf(memberOf(ece, "after"))), numberText(numberOf(memberOf(ece, "before"))),
        numberText(numberOf(memberOf(nll, "after"))), numberText(numberOf(memberOf(nll, "before"))),
        border.is_boolean() && border.get<bool>()
            ? "; the fit stopped at the border of its range, 0.01 to 100"
            : "");
}

} // namespace diptych

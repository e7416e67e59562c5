// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/corrected_retrieval.h"

#include "core/metrics/ranking.h"
#include "core/results/parts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

namespace diptych {
namespace {

/// A place among all candidates, as far as it is known.
struct Place {
    uint32_t stored = 0; ///< by the annotation alone
    uint32_t low = 0, high = 0;
};

/// A candidate that the run keeps of a query.
struct Candidate {
    double score = 0;
    bool own = false, extra = false;
};

/// Scores are kept as the float32 product rounded them: those of equal embeddings may differ by that much.
bool asHigh(double score, double than) {
    return score >= than - 1e-6 * std::max(1.0, std::abs(than));
}

/// Where a query's best match stands with the extra ones.
/// @param kept best first @param complete whether no candidate that could matter is missing
/// @param extras matches of the query that took part in the run
Place placeWith(int64_t rank, const std::vector<Candidate>& kept, bool complete, size_t extras) {
    const auto stored = static_cast<uint32_t>(rank);
    Place place{stored, stored, stored};
    if (extras == 0)
        return place;
    const auto own = std::ranges::find_if(kept, &Candidate::own);
    const auto before = std::ranges::count_if(kept, [&](const Candidate& candidate) {
        return candidate.extra && (own == kept.end() || asHigh(candidate.score, own->score));
    });
    place.high = stored - std::min(stored - 1, static_cast<uint32_t>(before));
    const auto best = std::ranges::find_if(kept, &Candidate::extra);
    if (best == kept.end()) {
        const bool behindOwn = own != kept.end() && !asHigh(kept.back().score, own->score);
        if (complete || behindOwn)
            return place;
        // One of those that were not kept may stand right behind those that were.
        const auto wrong = std::ranges::count_if(kept, [&](const Candidate& candidate) {
            return !candidate.own && (own == kept.end() || asHigh(candidate.score, own->score));
        });
        place.low = std::min(place.high, static_cast<uint32_t>(wrong) + 1);
        return place;
    }
    const auto wrong = std::ranges::count_if(kept, [&](const Candidate& candidate) {
        return !candidate.own && !candidate.extra && asHigh(candidate.score, best->score);
    });
    place.low = std::min(place.high, static_cast<uint32_t>(wrong) + 1);
    if (complete || !asHigh(kept.back().score, best->score)) // else more may tie with it than were kept
        place.high = place.low;
    return place;
}

/// Average precision over the first @p r places, as far as it is known.
std::pair<double, double> precisionAt(std::vector<Candidate> kept, bool complete, size_t r,
                                      bool Candidate::*orExtra) {
    const auto right = [&](const Candidate& candidate) { return candidate.own || candidate.*orExtra; };
    if (!complete && !kept.empty()) // others that score the same may follow
        std::erase_if(kept,
                      [last = kept.back().score](const Candidate& one) { return asHigh(last, one.score); });
    for (auto first = kept.begin(); first != kept.end();) {
        const auto end = std::find_if(first, kept.end(),
                                      [&](const Candidate& one) { return !asHigh(one.score, first->score); });
        std::partition(first, end, [&](const Candidate& one) { return !right(one); });
        first = end;
    }
    double sum = 0;
    size_t found = 0, place = 0;
    for (; place < std::min(r, kept.size()); ++place)
        if (right(kept[place]))
            sum += static_cast<double>(++found) / static_cast<double>(place + 1);
    const double low = sum;
    for (; !complete && place < r && found < r; ++place)
        sum += static_cast<double>(++found) / static_cast<double>(place + 1);
    return {low / static_cast<double>(r), sum / static_cast<double>(r)};
}

/// What mAP@R changes by, as far as it is known.
struct Precision {
    double low = 0, high = 0;
    size_t changed = 0, open = 0;
};

class Correction {
public:
    Correction(std::span<const ExampleResult> examples, std::span<const ExtraMatch> extra) {
        for (const ExampleResult& example : examples)
            if (auto part = RankingPart::read(example.parts); part && example.status == ExampleStatus::Ok)
                m_parts.emplace_back(example.sample, std::move(*part));
        for (const auto& [sample, part] : m_parts) {
            m_captions.emplace(sample, part.captionRanks.size());
            m_captionCount += part.captionRanks.size();
        }
        for (const ExtraMatch& match : extra) {
            const auto owner = m_captions.find(match.captionOf);
            if (match.image == match.captionOf || !m_captions.contains(match.image) ||
                owner == m_captions.end() || match.caption < 0 ||
                static_cast<size_t>(match.caption) >= owner->second || !m_extra.insert(match).second)
                continue;
            ++m_ofImage[match.image];
            ++m_ofCaption[{match.captionOf, match.caption}];
        }
        for (const auto& [sample, part] : m_parts) {
            addImage(sample, part);
            for (size_t number = 0; number < part.captionRanks.size(); ++number)
                addCaption(sample, part, number);
        }
    }
    size_t used() const { return m_extra.size(); }
    const std::vector<Place>& images() const { return m_images; }
    const std::vector<Place>& captions() const { return m_texts; }
    const Precision& precision() const { return m_precision; }

private:
    void addImage(SampleId sample, const RankingPart& part) {
        if (part.rank <= 0)
            return;
        std::vector<Candidate> kept;
        for (const RankingPart::Caption& caption : part.best)
            kept.push_back({caption.score, caption.sample == sample,
                            m_extra.contains({sample, caption.sample, caption.number})});
        const auto of = m_ofImage.find(sample);
        const size_t extras = of == m_ofImage.end() ? 0 : of->second;
        const bool complete = kept.size() == m_captionCount;
        m_images.push_back(placeWith(part.rank, kept, complete, extras));
        if (extras == 0)
            return;
        const size_t own = part.captionRanks.size();
        const auto before = precisionAt(kept, complete, own, &Candidate::own);
        const auto after = precisionAt(kept, complete, own + extras, &Candidate::extra);
        m_precision.low += after.first - before.second;
        m_precision.high += after.second - before.first;
        if (before.first != before.second || after.first != after.second)
            ++m_precision.open;
        else if (before.first != after.first)
            ++m_precision.changed;
    }

    void addCaption(SampleId sample, const RankingPart& part, size_t number) {
        const auto caption = static_cast<int>(number);
        std::vector<Candidate> before;
        if (number < part.imagesBefore.size())
            for (const RankingPart::Image& image : part.imagesBefore[number])
                before.push_back({image.score, false, m_extra.contains({image.sample, sample, caption})});
        const int64_t rank = part.captionRanks[number];
        const bool complete = static_cast<int64_t>(before.size()) + 1 >= rank;
        const auto extras = m_ofCaption.find({sample, caption});
        m_texts.push_back(
            placeWith(rank, before, complete, extras == m_ofCaption.end() ? 0 : extras->second));
    }

    std::vector<std::pair<SampleId, RankingPart>> m_parts;
    std::unordered_map<SampleId, size_t> m_captions; ///< that took part, by sample
    size_t m_captionCount = 0;
    std::set<ExtraMatch> m_extra;
    std::unordered_map<SampleId, size_t> m_ofImage;
    std::map<std::pair<SampleId, int>, size_t> m_ofCaption;
    std::vector<Place> m_images, m_texts;
    Precision m_precision;
};

CorrectedMetric recall(const Metric& metric, const std::vector<Place>& places, uint32_t k) {
    CorrectedMetric out{metric};
    size_t sure = 0, possible = 0;
    for (const Place& place : places) {
        sure += place.high <= k;
        possible += place.low <= k;
        out.changed += place.stored > k && place.high <= k;
        out.open += place.low <= k && place.high > k;
    }
    out.low = static_cast<double>(sure) / static_cast<double>(places.size());
    out.high = static_cast<double>(possible) / static_cast<double>(places.size());
    return out;
}

CorrectedMetric median(const Metric& metric, const std::vector<Place>& places) {
    CorrectedMetric out{metric};
    std::vector<uint32_t> low, high;
    for (const Place& place : places) {
        low.push_back(place.low);
        high.push_back(place.high);
        out.changed += place.high < place.stored;
        out.open += place.low < place.high;
    }
    out.low = medianRank(low);
    out.high = medianRank(high);
    return out;
}

CorrectedMetric meanPrecision(const Metric& metric, const Precision& change, size_t queries) {
    const auto n = static_cast<double>(queries);
    return {metric, std::clamp(metric.value + change.low / n, 0.0, 1.0),
            std::clamp(metric.value + change.high / n, 0.0, 1.0), change.changed, change.open};
}

/// The k of "...recall@k" where @p name begins so.
std::optional<uint32_t> recallAt(std::string_view name, std::string_view beginning) {
    if (!name.starts_with(beginning))
        return std::nullopt;
    name.remove_prefix(beginning.size());
    uint32_t k = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), k);
    return failed == std::errc() && end == name.data() + name.size() && k > 0 ? std::optional(k)
                                                                              : std::nullopt;
}

} // namespace

CorrectedRetrieval correctRetrieval(std::span<const ExampleResult> examples, std::span<const Metric> metrics,
                                    std::span<const ExtraMatch> extra) {
    const Correction correction(examples, extra);
    CorrectedRetrieval out;
    out.used = correction.used();
    if (correction.captions().empty() || correction.images().empty())
        return out;
    for (const Metric& metric : metrics) {
        if (const auto k = recallAt(metric.name, "image_retrieval_recall@"))
            out.metrics.push_back(recall(metric, correction.captions(), *k));
        else if (const auto atK = recallAt(metric.name, "text_retrieval_recall@"))
            out.metrics.push_back(recall(metric, correction.images(), *atK));
        else if (metric.name == "text_to_image_median_rank")
            out.metrics.push_back(median(metric, correction.captions()));
        else if (metric.name == "image_to_text_median_rank")
            out.metrics.push_back(median(metric, correction.images()));
        else if (metric.name == "map_at_r")
            out.metrics.push_back(meanPrecision(metric, correction.precision(), correction.images().size()));
    }
    return out;
}

} // namespace diptych

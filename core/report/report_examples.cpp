// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_examples.h"

#include "core/image/image.h"
#include "core/metrics/number_text.h"
#include "core/results/parts.h"
#include "core/video/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace diptych::report {
namespace {

using Verdict = ReportLine::Verdict;

constexpr int kThumbnailQuality = 82;
constexpr size_t kPredictionsShown = 3, kCaptionsShown = 5;

std::string base64(std::span<const std::byte> bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t left = bytes.size() - i;
        const auto byteAt = [&](size_t k) { return k < left ? std::to_integer<uint32_t>(bytes[i + k]) : 0u; };
        const uint32_t group = byteAt(0) << 16 | byteAt(1) << 8 | byteAt(2);
        out += kDigits[group >> 18];
        out += kDigits[group >> 12 & 63];
        out += left > 1 ? kDigits[group >> 6 & 63] : '=';
        out += left > 2 ? kDigits[group & 63] : '=';
    }
    return out;
}

std::string thumbnailUri(const std::filesystem::path& path, int side) {
    const auto image = decodeStill(path);
    if (!image)
        return {};
    return "data:image/jpeg;base64," + base64(encodeJpeg(makeThumbnail(*image, side), kThumbnailQuality));
}

ReportPicture pictureOf(const Sample& sample, const ReportOptions& options) {
    return {sample.key, thumbnailUri(sample.path, options.thumbnailSide)};
}

std::optional<Sample> findSample(const Workspace& workspace, SampleId id) {
    auto samples = workspace.samples(std::span(&id, 1));
    return samples.empty() ? std::nullopt : std::optional(std::move(samples.front()));
}

std::string nameAt(const std::vector<std::string>& names, int64_t index) {
    return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)] : "";
}

std::string quoted(const std::string& caption) {
    return "“" + caption + "”";
}

Verdict verdictOf(bool right) {
    return right ? Verdict::Right : Verdict::Wrong;
}

std::string placeText(int64_t rank) {
    return fmt::format("at place {}", rank);
}

// Pairs

/// A comparison that a pair is judged by; right where own > other.
struct Comparison {
    std::string words;
    double own = 0, other = 0;
    bool holds() const { return own > other; }
};

std::vector<Comparison> comparisonsOf(const PairPart& pair) {
    std::vector<Comparison> out;
    if (pair.images.size() < 2) {
        for (size_t wrong = 1; wrong < pair.captions.size(); ++wrong)
            out.push_back({fmt::format("Caption 1 over caption {}", wrong + 1), pair.score(0, 0),
                           pair.score(wrong, 0)});
        return out;
    }
    for (const size_t own : {size_t{0}, size_t{1}})
        out.push_back({fmt::format("Picture {}: caption {} over caption {}", own + 1, own + 1, 2 - own),
                       pair.score(own, own), pair.score(1 - own, own)});
    for (const size_t own : {size_t{0}, size_t{1}})
        out.push_back({fmt::format("Caption {}: picture {} over picture {}", own + 1, own + 1, 2 - own),
                       pair.score(own, own), pair.score(own, 1 - own)});
    return out;
}

/// The smallest lead of what belongs together: negative where a comparison fails.
double marginOf(const PairPart& pair) {
    double least = std::numeric_limits<double>::infinity();
    for (const Comparison& comparison : comparisonsOf(pair)) {
        const double lead = comparison.own - comparison.other;
        least = std::min(least, std::isfinite(lead) ? lead : 0);
    }
    return least;
}

ReportExample pairExample(const Workspace& workspace, const ExampleResult& result,
                          const ReportOptions& options) {
    const auto pair = PairPart::read(result.parts);
    ReportExample example;
    example.correct = result.correct;
    for (const SampleId image : pair->images)
        if (const auto sample = findSample(workspace, image))
            example.pictures.push_back(pictureOf(*sample, options));
    ReportBlock captions{"Captions", {}}, comparisons{pair->matching ? "Match logits" : "Cosines", {}};
    size_t number = 0;
    for (const std::string& caption : pair->captions)
        captions.lines.push_back({fmt::format("{}. {}", ++number, quoted(caption)), "", {}});
    for (const Comparison& comparison : comparisonsOf(*pair))
        comparisons.lines.push_back({comparison.words,
                                     fmt::format("{} to {}", scoreText(comparison.own, pair->matching),
                                                 scoreText(comparison.other, pair->matching)),
                                     verdictOf(comparison.holds())});
    if (!pair->tag.empty())
        captions.title += ", " + pair->tag;
    example.blocks = {std::move(captions), std::move(comparisons)};
    return example;
}

// Retrieval

int64_t worstPlace(const RankingPart& ranking) {
    return ranking.captionRanks.empty() ? 0 : std::ranges::max(ranking.captionRanks);
}

ReportExample rankedExample(const Workspace& workspace, const ExampleResult& result,
                            const ReportOptions& options) {
    const RankingPart ranking = RankingPart::read(result.parts).value_or(RankingPart{});
    ReportExample example;
    example.correct = result.correct;
    const auto sample = findSample(workspace, result.sample);
    if (!sample)
        return example;
    example.pictures.push_back(pictureOf(*sample, options));
    ReportBlock own{"Its captions find it", {}}, found{"It finds", {}};
    for (size_t i = 0; i < std::min(ranking.captionRanks.size(), kCaptionsShown); ++i) {
        const int64_t place = ranking.captionRanks[i];
        own.lines.push_back({quoted(i < sample->captions.size() ? sample->captions[i] : "?"),
                             placeText(place), verdictOf(place == 1)});
    }
    for (const RankingPart::Caption& caption : ranking.best) {
        if (found.lines.size() == kPredictionsShown)
            break;
        const auto number = static_cast<size_t>(std::max(0, caption.number));
        const auto other = caption.sample == result.sample ? sample : findSample(workspace, caption.sample);
        found.lines.push_back(
            {quoted(other && number < other->captions.size() ? other->captions[number] : "?"),
             scoreText(caption.score, ranking.matching), verdictOf(caption.sample == result.sample)});
    }
    if (ranking.rank > 0)
        found.title += fmt::format(", its own {}", placeText(ranking.rank));
    example.blocks = {std::move(found), std::move(own)};
    return example;
}

// Caption scores

ReportExample scoredExample(const Workspace& workspace, const ExampleResult& result,
                            const ReportOptions& options) {
    const auto part = CaptionScorePart::read(result.parts);
    ReportExample example;
    const auto sample = findSample(workspace, result.sample);
    if (!sample || !part)
        return example;
    example.pictures.push_back(pictureOf(*sample, options));
    ReportBlock scores{"", {}}, references{"References", {}};
    scores.lines.push_back({quoted(part->candidate), "", {}});
    scores.lines.push_back({"CLIPScore", numberText(part->clipScore), {}});
    if (part->refClipScore)
        scores.lines.push_back({"RefCLIPScore", numberText(*part->refClipScore), {}});
    for (size_t i = 0; i < std::min(sample->captions.size(), kPredictionsShown); ++i)
        references.lines.push_back({quoted(sample->captions[i]), "", {}});
    example.blocks.push_back(std::move(scores));
    if (!references.lines.empty())
        example.blocks.push_back(std::move(references));
    return example;
}

/// The first of @p results in the order of @p key (smallest first) that pass.
template<class Key, class Pass>
std::vector<const ExampleResult*> firstBy(const std::vector<ExampleResult>& results, size_t count, Key key,
                                          Pass pass) {
    std::vector<const ExampleResult*> chosen;
    for (const ExampleResult& result : results)
        if (result.status == ExampleStatus::Ok && pass(result))
            chosen.push_back(&result);
    std::ranges::stable_sort(chosen, {}, [&](const ExampleResult* result) { return key(*result); });
    chosen.resize(std::min(chosen.size(), count));
    return chosen;
}

/// One of the pair's two examples each.
std::vector<ExampleResult> onePerPair(std::vector<ExampleResult> results) {
    std::set<std::string> seen;
    std::erase_if(results, [&](const ExampleResult& result) {
        const auto pair = PairPart::read(result.parts);
        return !pair || !seen.insert(pair->id).second;
    });
    return results;
}

/// Builds galleries and leaves out the empty ones.
class Galleries {
public:
    Galleries(const Workspace& workspace, const ReportOptions& options, const RunContext& context)
        : m_workspace(workspace), m_options(options), m_context(context) {}

    template<class Make>
    void add(const char* id, const char* title, const std::vector<const ExampleResult*>& chosen, Make make) {
        ReportGallery gallery{id, title, {}};
        for (const ExampleResult* result : chosen) {
            m_context.throwIfCancelled();
            if (ReportExample example = make(m_workspace, *result, m_options); !example.pictures.empty())
                gallery.examples.push_back(std::move(example));
            m_context.advance();
        }
        if (!gallery.examples.empty())
            m_all.push_back(std::move(gallery));
    }
    std::vector<ReportGallery> take() { return std::move(m_all); }

private:
    const Workspace& m_workspace;
    const ReportOptions& m_options;
    const RunContext& m_context;
    std::vector<ReportGallery> m_all;
};

void addPairs(Galleries& out, const std::vector<ExampleResult>& results, size_t count) {
    const auto margin = [](const ExampleResult& result) { return marginOf(*PairPart::read(result.parts)); };
    out.add(
        "wrong", "Wrong pairs, widest margin first",
        firstBy(results, count, margin, [](const ExampleResult& result) { return result.correct == false; }),
        pairExample);
    out.add("right", "Right pairs, widest margin first",
            firstBy(
                results, count, [&](const ExampleResult& result) { return -margin(result); },
                [](const ExampleResult& result) { return result.correct == true; }),
            pairExample);
}

void addRanked(Galleries& out, const std::vector<ExampleResult>& results, size_t count) {
    const auto ranking = [](const ExampleResult& result) {
        return RankingPart::read(result.parts).value_or(RankingPart{});
    };
    const auto rank = [&](const ExampleResult& result) { return ranking(result).rank; };
    const auto worst = [&](const ExampleResult& result) { return worstPlace(ranking(result)); };
    out.add("wrong", "Images that find another's caption, own caption furthest down first",
            firstBy(
                results, count, [&](const ExampleResult& result) { return -rank(result); },
                [&](const ExampleResult& result) { return rank(result) > 1; }),
            rankedExample);
    out.add("missed_by_captions", "Images whose captions find another, worst place first",
            firstBy(
                results, count, [&](const ExampleResult& result) { return -worst(result); },
                [&](const ExampleResult& result) { return worst(result) > 1; }),
            rankedExample);
    const auto best = [&](const ExampleResult& result) {
        const RankingPart found = ranking(result);
        return found.best.empty() || !std::isfinite(found.best.front().score) ? 2 : -found.best.front().score;
    };
    out.add("right", "Right both ways, highest score first",
            firstBy(results, count, best,
                    [&](const ExampleResult& result) { return rank(result) == 1 && worst(result) <= 1; }),
            rankedExample);
}

void addScored(Galleries& out, const std::vector<ExampleResult>& results, size_t count) {
    const auto score = [](const ExampleResult& result) {
        const auto part = CaptionScorePart::read(result.parts);
        return part ? part->clipScore : std::nan("");
    };
    const auto known = [&](const ExampleResult& result) { return std::isfinite(score(result)); };
    out.add("lowest", "Lowest CLIPScore first", firstBy(results, count, score, known), scoredExample);
    out.add("highest", "Highest CLIPScore first",
            firstBy(
                results, count, [&](const ExampleResult& result) { return -score(result); }, known),
            scoredExample);
}

void addPredicted(Galleries& out, const Workspace& workspace, const RunRecord& run, size_t count) {
    for (const bool correct : {false, true}) {
        ExampleFilter filter;
        filter.correct = correct;
        const auto results = workspace.examples(run.id, filter, {ExampleOrder::Confidence, true}, 0,
                                                static_cast<int64_t>(count));
        std::vector<const ExampleResult*> chosen;
        for (const ExampleResult& result : results)
            if (!result.predictions.empty())
                chosen.push_back(&result);
        out.add(correct ? "right" : "wrong",
                correct ? "Right, most confident first" : "Wrong, most confident first", chosen,
                [&](const Workspace& from, const ExampleResult& result, const ReportOptions& options) {
                    return predictedExample(from, run, result, options);
                });
    }
}

} // namespace

ReportExample predictedExample(const Workspace& workspace, const RunRecord& run, const ExampleResult& result,
                               const ReportOptions& options) {
    ReportExample example;
    const auto sample = findSample(workspace, result.sample);
    if (!sample)
        return example;
    example.pictures.push_back(pictureOf(*sample, options));
    example.correct = result.correct;
    if (result.target >= 0)
        example.truth.push_back(nameAt(run.classNames, result.target));
    if (const auto part = LabelsPart::read(result.parts))
        for (const int label : part->labels)
            example.truth.push_back(nameAt(run.classNames, label));
    for (size_t i = 0; i < std::min(kPredictionsShown, result.predictions.size()); ++i)
        example.predictions.emplace_back(nameAt(run.classNames, result.predictions[i].index),
                                         result.predictions[i].score);
    // Where the text is judged with the picture, it is part of the example.
    if (ProbabilityPart::read(result.parts) && !sample->captions.empty())
        example.blocks.push_back({"", {{quoted(sample->captions.front()), "", {}}}});
    return example;
}

double surenessOf(const ExampleResult& result) {
    if (const auto pair = PairPart::read(result.parts))
        return std::abs(marginOf(*pair));
    if (const auto ranking = RankingPart::read(result.parts)) // furthest down is most surely wrong
        return result.correct == false ? static_cast<double>(std::max(ranking->rank, worstPlace(*ranking)))
               : ranking->best.empty() ? 0
                                       : ranking->best.front().score;
    if (const auto part = CaptionScorePart::read(result.parts))
        return part->clipScore;
    return result.predictions.empty() ? 0 : result.predictions.front().score;
}

std::vector<ReportGallery> galleriesOf(const Workspace& workspace, const RunRecord& run,
                                       const ReportOptions& options, const RunContext& context) {
    Galleries out(workspace, options, context);
    if (options.examples == 0)
        return {};
    ExampleFilter usable;
    usable.status = ExampleStatus::Ok;
    const auto first = workspace.examples(run.id, usable, {}, 0, 1);
    const Json parts = first.empty() ? Json() : first.front().parts;
    if (PairPart::read(parts))
        addPairs(out, onePerPair(workspace.examples(run.id, usable)), options.examples);
    else if (RankingPart::read(parts))
        addRanked(out, workspace.examples(run.id, usable), options.examples);
    else if (CaptionScorePart::read(parts))
        addScored(out, workspace.examples(run.id, usable), options.examples);
    else
        addPredicted(out, workspace, run, options.examples);
    return out.take();
}

} // namespace diptych::report

namespace diptych {

ReportExample describedExample(const Workspace& workspace, const RunRecord& run, const ExampleResult& result,
                               const ReportOptions& options) {
    if (PairPart::read(result.parts))
        return report::pairExample(workspace, result, options);
    if (RankingPart::read(result.parts))
        return report::rankedExample(workspace, result, options);
    if (CaptionScorePart::read(result.parts))
        return report::scoredExample(workspace, result, options);
    return report::predictedExample(workspace, run, result, options);
}

} // namespace diptych

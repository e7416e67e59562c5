// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/retrieval.h"

#include "core/metrics/bootstrap.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/reranking.h"
#include "core/results/parts.h"
#include "core/tasks/detail_tables.h"
#include "core/tasks/task_support.h"
#include "core/text/caption_cleaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

constexpr std::array<size_t, 3> kRecallAt = {1, 5, 10};

std::string unsuitable(const TaskDataset& dataset) {
    const auto captioned = std::ranges::any_of(
        dataset.samples, [](const TaskSample& sample) { return !sample.captions.empty(); });
    if (!captioned)
        return "none of its images has a caption (a caption column, or a COCO or Karpathy caption file)";
    return dataset.samples.size() < 2 ? "it needs at least two images to choose from" : "";
}

/// The captions that take part, grouped by image; image numbers are rows of the image embeddings.
struct Captions {
    std::vector<std::string> texts;
    std::vector<int> image;     ///< by caption
    std::vector<size_t> number; ///< by caption: its place among the captions of its image
    std::vector<size_t> first;  ///< by image: its first caption; one entry more than images
    size_t captionsOf(size_t imageRow) const { return first[imageRow + 1] - first[imageRow]; }
    size_t mostOfAnImage() const {
        size_t most = 0;
        for (size_t i = 0; i + 1 < first.size(); ++i)
            most = std::max(most, captionsOf(i));
        return most;
    }
};

Captions captionsOf(const TaskInput& input, const ImageEmbeddings& images) {
    const auto limit = input.params["captions_per_image"].get<size_t>();
    const auto prefix = input.params["prefix"].get<std::string>();
    const bool lavis = input.params["captions"] == "lavis";
    Captions out;
    for (size_t i = 0; i < images.ids.size(); ++i) {
        out.first.push_back(out.texts.size());
        const auto& captions = input.dataset.samples[images.positions[i]].captions;
        const size_t count = limit == 0 ? captions.size() : std::min(limit, captions.size());
        for (size_t k = 0; k < count; ++k) {
            out.texts.push_back(prefix + (lavis ? lavisCaption(captions[k]) : captions[k]));
            out.image.push_back(static_cast<int>(i));
            out.number.push_back(k);
        }
    }
    out.first.push_back(out.texts.size());
    return out;
}

/// One direction: the queries that have a match, and their clusters.
struct Queries {
    std::vector<uint32_t> ranks;
    std::vector<int64_t> clusters;          ///< the image a query belongs to
    std::vector<double> averagePrecision{}; ///< at R
};

Queries imageQueries(const RetrievalRanks& ranks) {
    Queries out;
    for (size_t i = 0; i < ranks.imageToText.ranks.size(); ++i) {
        if (ranks.imageToText.ranks[i] == 0)
            continue;
        out.ranks.push_back(ranks.imageToText.ranks[i]);
        out.averagePrecision.push_back(ranks.imageToText.averagePrecisionAtR[i]);
        out.clusters.push_back(static_cast<int64_t>(i));
    }
    return out;
}

/// Share of random orders of @p total candidates that have one of @p matches among the first k.
double chanceOfHit(size_t total, size_t matches, size_t k) {
    double miss = 1;
    for (size_t place = 0; place < k && miss > 0; ++place)
        miss *= place + matches >= total
                    ? 0
                    : static_cast<double>(total - matches - place) / static_cast<double>(total - place);
    return 1 - miss;
}

double chanceOfImages(const Captions& captions, size_t k) {
    double sum = 0;
    size_t queries = 0;
    for (size_t i = 0; i + 1 < captions.first.size(); ++i) {
        if (captions.captionsOf(i) == 0)
            continue;
        sum += chanceOfHit(captions.texts.size(), captions.captionsOf(i), k);
        ++queries;
    }
    return sum / static_cast<double>(queries);
}

/// Adds metrics of one run with their intervals, unless it is a preview.
class MetricList {
public:
    MetricList(const TaskInput& input, const RunContext& context) : m_input(input), m_context(context) {}

    void addRecall(const std::string& name, const Queries& queries, size_t k, double chance) {
        std::vector<double> hits(queries.ranks.size());
        std::ranges::transform(queries.ranks, hits.begin(),
                               [k](uint32_t rank) { return rank <= k ? 1.0 : 0.0; });
        add({name, recallAtK(queries.ranks, k), meanInterval(hits, queries), hits.size(), true, chance});
    }
    void addMedian(const std::string& name, const Queries& queries, std::optional<double> chance) {
        std::optional<Interval> interval;
        if (!m_input.preview)
            interval = bootstrap(
                queries.ranks.size(),
                [&](std::span<const uint32_t> drawn) {
                    std::vector<uint32_t> ranks;
                    ranks.reserve(drawn.size());
                    for (const uint32_t i : drawn)
                        ranks.push_back(queries.ranks[i]);
                    return medianRank(ranks);
                },
                options(queries), m_context);
        add({name, medianRank(queries.ranks), interval, queries.ranks.size(), false, chance, Unit::Number});
    }
    void addMean(const std::string& name, const std::vector<double>& values, const Queries& queries) {
        double sum = 0;
        for (const double value : values)
            sum += value;
        add({name,
             sum / static_cast<double>(values.size()),
             meanInterval(values, queries),
             values.size(),
             true,
             {}});
    }
    std::vector<Metric> take() { return std::move(m_metrics); }

private:
    BootstrapOptions options(const Queries& queries) const {
        BootstrapOptions options = bootstrapOptions(m_input.params);
        options.clusters = queries.clusters;
        return options;
    }
    std::optional<Interval> meanInterval(const std::vector<double>& values, const Queries& queries) const {
        if (m_input.preview)
            return std::nullopt;
        return bootstrapMean(values, options(queries), m_context);
    }
    void add(Metric metric) {
        m_metrics.push_back(std::move(metric));
        m_context.advance();
    }

    const TaskInput& m_input;
    const RunContext& m_context;
    std::vector<Metric> m_metrics;
};

std::vector<Metric> metricsOf(const TaskInput& input, const Captions& captions, const RetrievalRanks& ranks,
                              const RunContext& context) {
    const Queries images = imageQueries(ranks);
    const Queries texts{ranks.textToImage.ranks, {captions.image.begin(), captions.image.end()}};
    const size_t imageCount = ranks.imageToText.ranks.size();
    context.begin("Computing intervals", 2 * static_cast<int64_t>(kRecallAt.size()) + 3);
    MetricList list(input, context);
    for (const size_t k : kRecallAt)
        list.addRecall(fmt::format("image_retrieval_recall@{}", k), texts, k, chanceOfHit(imageCount, 1, k));
    for (const size_t k : kRecallAt)
        list.addRecall(fmt::format("text_retrieval_recall@{}", k), images, k, chanceOfImages(captions, k));
    list.addMedian("text_to_image_median_rank", texts, (static_cast<double>(imageCount) + 1) / 2);
    list.addMedian("image_to_text_median_rank", images, std::nullopt);
    list.addMean("map_at_r", images.averagePrecision, images);
    context.end();
    return list.take();
}

/// Metrics in per cent before and after re-ranking.
Json rerankTable(size_t k, const std::vector<Metric>& before, const std::vector<Metric>& after) {
    Json rows = Json::array();
    for (size_t i = 0; i < before.size(); ++i)
        if (before[i].unit == Unit::Share)
            rows.push_back({metricTitle(before[i].name), before[i].value, after[i].value});
    return detailTable(fmt::format("The first {} of each query ordered anew by matching", k),
                       {{"Metric", ColumnKind::Text},
                        {"Embeddings alone", ColumnKind::Share},
                        {"Re-ranked", ColumnKind::Share}},
                       std::move(rows));
}

/// @p ranks with the first @p k of every query ordered by the model's matches.
RetrievalRanks rerankByMatching(const TaskInput& input, const ImageEmbeddings& images,
                                const Captions& captions, const RetrievalRanks& ranks, size_t k,
                                const RunContext& context) {
    const std::vector<std::vector<uint32_t>> pairs = pairsToRerank(ranks, k);
    std::vector<std::vector<std::string>> texts(pairs.size());
    for (size_t image = 0; image < pairs.size(); ++image)
        for (const uint32_t text : pairs[image])
            texts[image].push_back(captions.texts[text]);
    const PairMatches matches = input.outputs.match(images.ids, texts, context);
    if (!matches.failures.empty()) // they were readable a moment ago
        throw Error(ErrorCode::Unreadable, "An image of '" + input.dataset.name +
                                               "' could not be read any more" +
                                               firstReason(matches.failures));
    return rerank(ranks, captions.image, k, [&](size_t image, size_t text) {
        const auto place = std::ranges::lower_bound(pairs[image], static_cast<uint32_t>(text));
        return matches.scores[image][static_cast<size_t>(place - pairs[image].begin())];
    });
}

Json detailsOf(const TaskInput& input, const ImageEmbeddings& images, const Captions& captions) {
    size_t queries = 0, all = 0;
    for (size_t i = 0; i < images.ids.size(); ++i)
        queries += captions.captionsOf(i) > 0;
    for (const TaskSample& sample : input.dataset.samples)
        all += sample.captions.size();
    Json details;
    details["retrieval"] = {{"images", images.ids.size()},
                            {"captions", captions.texts.size()},
                            {"images_without_captions", images.ids.size() - queries},
                            {"captions_left_out", all - captions.texts.size()}};
    return details;
}

/// The images that stand before the caption's own, best first, as far as they were kept.
std::vector<RankingPart::Image> imagesBefore(size_t text, const ImageEmbeddings& images,
                                             const Captions& captions, const QueryRanks& textToImage) {
    std::vector<RankingPart::Image> before;
    const auto own = static_cast<uint32_t>(captions.image[text]);
    for (const RankedItem& item : textToImage.top[text]) {
        if (before.size() + 1 >= textToImage.ranks[text])
            break;
        if (item.index != own)
            before.push_back({images.ids[item.index], static_cast<double>(item.score)});
    }
    return before;
}

/// What an image found and how its captions were found.
RankingPart partOf(size_t image, const ImageEmbeddings& images, const Captions& captions,
                   const RetrievalRanks& ranks) {
    RankingPart part;
    part.rank = ranks.imageToText.ranks[image];
    for (const RankedItem& item : ranks.imageToText.top[image])
        part.best.push_back({images.ids[static_cast<size_t>(captions.image[item.index])],
                             static_cast<int>(captions.number[item.index]), static_cast<double>(item.score)});
    for (size_t t = captions.first[image]; t < captions.first[image + 1]; ++t) {
        part.captionRanks.push_back(ranks.textToImage.ranks[t]);
        part.imagesBefore.push_back(imagesBefore(t, images, captions, ranks.textToImage));
    }
    return part;
}

/// Share of the captions that find it among the first five.
double recallAtFive(const std::vector<int64_t>& captionRanks) {
    const auto found = std::ranges::count_if(captionRanks, [](int64_t rank) { return rank <= 5; });
    return static_cast<double>(found) / static_cast<double>(captionRanks.size());
}

std::vector<ExampleResult> examplesOf(const TaskInput& input, const ImageEmbeddings& images,
                                      const Captions& captions, const RetrievalRanks& ranks) {
    std::vector<ExampleResult> examples;
    for (size_t i = 0; i < images.ids.size(); ++i) {
        ExampleResult& example = examples.emplace_back(exampleOf(images.ids[i]));
        RankingPart part = partOf(i, images, captions, ranks);
        part.matching = input.params["rerank"] > 0;
        if (part.rank > 0) {
            example.correct = part.rank == 1;
            example.score = recallAtFive(part.captionRanks);
        }
        example.parts = part.toJson();
    }
    addUnreadable(examples, images.failures, input.dataset);
    return examples;
}

/// Of every query's candidates.
void keepFirst(RetrievalRanks& ranks, size_t count) {
    for (QueryRanks* queries : {&ranks.imageToText, &ranks.textToImage})
        for (std::vector<RankedItem>& top : queries->top)
            top.resize(std::min(top.size(), count));
}

TaskOutput run(const TaskInput& input, const RunContext& context) {
    const ImageEmbeddings images =
        input.outputs.images(sampleIds(input.dataset), ImageFeature::Projected, context);
    const Captions captions = captionsOf(input, images);
    if (captions.texts.empty())
        throw Error(ErrorCode::Unreadable, "None of the captioned images of '" + input.dataset.name +
                                               "' could be read" + firstReason(images.failures));
    const Matrix texts = input.outputs.texts(captions.texts, context);
    const auto keep = input.preview ? 0 : input.params["keep"].get<size_t>();
    const auto first = input.preview ? 0 : input.params["rerank"].get<size_t>();
    RetrievalOptions options;
    options.ties = input.params["ties"] == "for" ? Ties::For : Ties::Against;
    options.keepTop = first > 0 ? std::max({keep, first, captions.mostOfAnImage()}) : keep;
    RetrievalRanks ranks = rankRetrieval(images.rows, texts, captions.image, options, context);
    TaskOutput output;
    if (input.preview) {
        output.metrics = metricsOf(input, captions, ranks, context);
        return output;
    }
    output.details = detailsOf(input, images, captions);
    if (first > 0) {
        const std::vector<Metric> before = metricsOf(input, captions, ranks, context);
        ranks = rerankByMatching(input, images, captions, ranks, first, context);
        output.metrics = metricsOf(input, captions, ranks, context);
        output.details["tables"] = Json::array({rerankTable(first, before, output.metrics)});
        keepFirst(ranks, keep);
    } else {
        output.metrics = metricsOf(input, captions, ranks, context);
    }
    output.examples = examplesOf(input, images, captions, ranks);
    return output;
}

std::vector<ParamSpec> params() {
    return {
        intParam("captions_per_image", "Captions per image",
                 "Only the first so many captions of an image take part; 0 = all. Published COCO and "
                 "Flickr30k numbers take five.",
                 0, 0, 1000),
        textParam("prefix", "Text before captions",
                  "Put before every caption, with the blank that follows it, e.g. 'a photo of '.", ""),
        {"captions",
         "Captions are given",
         "As they are written, or as LAVIS and BLIP clean them: small letters, . ! \" ( ) * # : ; ~ as "
         "blanks, "
         "at most 50 words.",
         ParamSpec::Type::Choice,
         "written",
         0,
         0,
         {"written", "lavis"}},
        {"ties",
         "Equal scores",
         "Whether what does not match stands before a match of the same score (against) or after it (for). "
         "Programs that sort leave it to chance; their number lies between.",
         ParamSpec::Type::Choice,
         "against",
         0,
         0,
         {"against", "for"}},
        intParam("keep", "Captions kept",
                 "How many of the captions that fit an image best are kept for it, and of the images that "
                 "stand before a "
                 "caption's own.",
                 5, 1, 100),
        intParam(
            "rerank", "Re-rank the first",
            "Orders the first so many candidates of every query anew, by a model that looks at image and "
            "text together; 0 = none. It scores up to so many pairs for every image and every caption.",
            0, 0, 1000),
        intParam("resamples", "Bootstrap resamples",
                 "Draws behind the 95 % intervals; all captions of an image are drawn together.", 1000, 100,
                 100000),
    };
}

TaskRules rules(const Json& params) {
    TaskRules rules;
    rules.features = "cosine of image and caption, each scaled to length 1";
    if (const auto first = params["rerank"].get<int64_t>(); first > 0)
        rules.features +=
            fmt::format("; the first {} ordered anew by a model that looks at both together", first);
    rules.ties = params["ties"] == "against"
                     ? "count against the model: an equal score of one that does not match stands before it"
                     : "count for the model: a match stands before all of an equal score";
    rules.counting = "a query is right at k where at least one of its matches is among the first k; images "
                     "without captions are no queries; unreadable images leave with their captions";
    if (const auto prefix = params["prefix"].get<std::string>(); !prefix.empty())
        rules.prompts = {prefix + "{}"};
    rules.clipBenchmark = "zeroshot_retrieval";
    rules.deviations = {{"Equal scores", rules.ties, "torch.topk, which promises no order"}};
    if (const auto most = params["captions_per_image"].get<int64_t>(); most > 0)
        rules.deviations.push_back({"Captions of an image", fmt::format("the first {}", most), "all"});
    if (params["captions"] == "lavis")
        rules.deviations.push_back({"Captions", "cleaned as LAVIS and BLIP do", "as they are written"});
    if (!rules.prompts.empty())
        rules.deviations.push_back({"Text before captions", params["prefix"].get<std::string>(), "none"});
    if (params["rerank"] > 0)
        rules.deviations.push_back({"Order of the first", "by matching scores", "by cosine"});
    return rules;
}

std::vector<Protocol> protocolsFor(const std::string&) {
    const Json asWritten = {{"prefix", ""}, {"captions", "written"}, {"captions_per_image", 0}};
    const auto with = [&](Json changes) {
        Json params = asWritten;
        params.update(changes);
        return params;
    };
    return {
        {"clip-benchmark", "CLIP_benchmark", "CLIP_benchmark, zeroshot_retrieval.py",
         with({{"ties", "against"}}),
         "Equal scores are ordered by torch.topk; counted here against the model, and for it one row below."},
        {"clip-benchmark-ties", "CLIP_benchmark, ties for the model", "CLIP_benchmark, zeroshot_retrieval.py",
         with({{"ties", "for"}}), ""},
        {"openai", "CLIP's paper", "Radford et al. 2021, appendix E.1: 'a photo of' before each caption",
         with({{"prefix", "a photo of "}, {"captions_per_image", 5}, {"ties", "against"}}), ""},
        {"lavis", "LAVIS, BLIP", "LAVIS, BlipCaptionProcessor",
         with({{"captions", "lavis"}, {"ties", "against"}}),
         "Its published numbers order the first 128 or 256 again by a matching head (re-rank)."},
        {"karpathy", "Karpathy's five captions", "Karpathy and Fei-Fei 2015",
         with({{"captions_per_image", 5}, {"ties", "against"}}), ""}};
}

} // namespace

Task retrievalTask() {
    Task task;
    task.info.id = "retrieval";
    task.info.title = "Image-text retrieval";
    task.info.summary =
        "Finds the image a caption belongs to among all images, and the captions of an image.";
    task.info.needs = {DatasetNeed::Images, DatasetNeed::Captions};
    task.info.params = params();
    task.info.needsModel = [](const Json& params) { return Faces{true, true, params["rerank"] > 0}; };
    task.info.views = {"summary", "tables", "ranking", "slices", "examples"};
    task.info.primaryMetric = "image_retrieval_recall@5";
    task.info.rules = rules;
    task.info.score = "Share of its captions that find it among the first five";
    task.unsuitable = unsuitable;
    task.run = run;
    task.protocols = protocolsFor;
    return task;
}

} // namespace diptych

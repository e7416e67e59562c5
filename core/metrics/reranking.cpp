// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/reranking.h"

#include <algorithm>

namespace diptych {
namespace {

struct Candidate {
    uint32_t index = 0;
    double score = 0;
    bool matches = false;
};

/// Equal scores: what does not match first, then by index.
bool isBefore(const Candidate& a, const Candidate& b) {
    if (a.score != b.score)
        return a.score > b.score;
    return a.matches != b.matches ? b.matches : a.index < b.index;
}

/// Mean over the first R places of the precision at those that match.
double averagePrecisionAtR(std::span<const Candidate> order, size_t matches) {
    double sum = 0;
    size_t found = 0;
    for (size_t place = 0; place < std::min(matches, order.size()); ++place)
        if (order[place].matches)
            sum += static_cast<double>(++found) / static_cast<double>(place + 1);
    return sum / static_cast<double>(matches);
}

/// Adds one query to @p out. @param score of a candidate @param matches whether a candidate does
template<class Score, class Matches>
void addQuery(QueryRanks& out, const QueryRanks& before, size_t query, size_t k, size_t matchCount,
              Score score, Matches matches) {
    std::vector<Candidate> order;
    for (const RankedItem& item : before.top[query])
        order.push_back({item.index, order.size() < k ? score(item.index) : static_cast<double>(item.score),
                         matches(item.index)});
    const auto seam = order.begin() + static_cast<ptrdiff_t>(std::min(k, order.size()));
    std::sort(order.begin(), seam, isBefore);
    std::sort(seam, order.end(), isBefore);
    const auto best = std::find_if(order.begin(), seam, [](const Candidate& item) { return item.matches; });
    const uint32_t rank = before.ranks[query];
    out.ranks.push_back(rank == 0      ? 0
                        : best != seam ? static_cast<uint32_t>(best - order.begin()) + 1
                                       : std::max(rank, static_cast<uint32_t>(seam - order.begin()) + 1));
    out.averagePrecisionAtR.push_back(rank == 0 ? 0 : averagePrecisionAtR(order, matchCount));
    std::vector<RankedItem>& top = out.top.emplace_back();
    for (auto item = order.begin(); item != seam; ++item)
        top.push_back({item->index, static_cast<float>(item->score)});
}

} // namespace

std::vector<std::vector<uint32_t>> pairsToRerank(const RetrievalRanks& ranks, size_t k) {
    std::vector<std::vector<uint32_t>> texts(ranks.imageToText.top.size());
    const auto first = [k](const std::vector<RankedItem>& top) {
        return std::span(top).first(std::min(k, top.size()));
    };
    for (size_t image = 0; image < texts.size(); ++image)
        if (ranks.imageToText.ranks[image] > 0)
            for (const RankedItem& item : first(ranks.imageToText.top[image]))
                texts[image].push_back(item.index);
    for (size_t text = 0; text < ranks.textToImage.top.size(); ++text)
        for (const RankedItem& item : first(ranks.textToImage.top[text]))
            texts[item.index].push_back(static_cast<uint32_t>(text));
    for (std::vector<uint32_t>& of : texts) {
        std::ranges::sort(of);
        of.erase(std::ranges::unique(of).begin(), of.end());
    }
    return texts;
}

RetrievalRanks rerank(const RetrievalRanks& ranks, std::span<const int> textImage, size_t k,
                      const PairScore& score) {
    RetrievalRanks out;
    std::vector<size_t> textCount(ranks.imageToText.ranks.size());
    for (const int image : textImage)
        ++textCount[static_cast<size_t>(image)];
    for (size_t image = 0; image < textCount.size(); ++image)
        addQuery(
            out.imageToText, ranks.imageToText, image, textCount[image] > 0 ? k : 0, textCount[image],
            [&](uint32_t text) { return score(image, text); },
            [&](uint32_t text) { return static_cast<size_t>(textImage[text]) == image; });
    for (size_t text = 0; text < textImage.size(); ++text)
        addQuery(
            out.textToImage, ranks.textToImage, text, k, 1,
            [&](uint32_t image) { return score(image, text); },
            [&](uint32_t image) { return image == static_cast<uint32_t>(textImage[text]); });
    return out;
}

} // namespace diptych

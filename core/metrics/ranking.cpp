// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/ranking.h"

#include "core/base/parallel.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diptych {

namespace {

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (size_t k = 0; k < a.size(); ++k)
        sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
    return sum;
}

std::vector<double> inverseNorms(const Matrix& matrix, std::string_view what) {
    requireFinite(matrix, what);
    std::vector<double> inverse(matrix.rows());
    for (size_t i = 0; i < matrix.rows(); ++i) {
        const double norm = std::sqrt(dot(matrix.row(i), matrix.row(i)));
        if (norm == 0)
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{} row {} is all zeros; it has no direction to compare", what, i));
        inverse[i] = 1 / norm;
    }
    return inverse;
}

bool better(const RankedItem& a, const RankedItem& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
}

/// The best items seen, as a heap with the worst in front.
class Best {
public:
    void add(RankedItem item, size_t limit) {
        if (m_heap.size() < limit) {
            m_heap.push_back(item);
            std::ranges::push_heap(m_heap, better);
        } else if (better(item, m_heap.front())) {
            std::ranges::pop_heap(m_heap, better);
            m_heap.back() = item;
            std::ranges::push_heap(m_heap, better);
        }
    }
    /// Best first. Leaves nothing behind.
    std::vector<RankedItem> take() {
        std::ranges::sort(m_heap, better);
        return std::move(m_heap);
    }

private:
    std::vector<RankedItem> m_heap;
};

/// A match of a query: what others are held against.
struct Match {
    double score = 0;
    uint64_t ahead = 0; ///< items that do not match and score as much or more
};

/// Walks the score matrix in chunks of captions and counts, for both directions, what stands before the
/// matches.
class Ranker {
public:
    Ranker(const Matrix& images, const Matrix& texts, std::span<const int> textImage,
           const RetrievalOptions& options, const RunContext& context)
        : m_images(images),
          m_texts(texts),
          m_textImage(textImage),
          m_options(options),
          m_context(context),
          m_imageScale(inverseNorms(images, "Image embeddings")),
          m_textScale(inverseNorms(texts, "Text embeddings")),
          // A float32 sum of d products is off by at most about d 2^-24 |a| |b|; scores that close to a match
          // are computed again.
          m_doubt(static_cast<double>(images.cols() + 8) * 0x1.0p-24) {
        collectMatches();
        if (options.keepTop > 0) {
            m_imageBest.resize(images.rows());
            m_textBest.resize(texts.rows());
        }
    }

    RetrievalRanks run() {
        const size_t rows = retrievalChunkRows(m_images.rows(), m_images.cols(), m_options);
        m_context.begin("Ranking", static_cast<int64_t>(m_texts.rows()));
        for (size_t first = 0; first < m_texts.rows(); first += rows) {
            m_context.throwIfCancelled();
            const size_t count = std::min(rows, m_texts.rows() - first);
            const auto source = m_texts.values().subspan(first * m_texts.cols(), count * m_texts.cols());
            const Matrix scores =
                multiplyTransposed(Matrix(count, m_texts.cols(), {source.begin(), source.end()}), m_images,
                                   m_context.threadCount());
            scanRows(scores, first);
            scanColumns(scores, first);
            m_context.advance(static_cast<int64_t>(count));
        }
        m_context.throwIfCancelled();
        m_context.end();
        return {imageResult(), textResult()};
    }

private:
    double exact(size_t text, size_t image) const {
        return dot(m_texts.row(text), m_images.row(image)) * m_textScale[text] * m_imageScale[image];
    }

    void collectMatches() {
        m_textMatch.resize(m_texts.rows());
        m_imageMatches.resize(m_images.rows());
        for (size_t t = 0; t < m_texts.rows(); ++t) {
            m_textMatch[t].score = exact(t, static_cast<size_t>(m_textImage[t]));
            m_imageMatches[static_cast<size_t>(m_textImage[t])].push_back(m_textMatch[t]);
        }
        m_imageCountFrom.assign(m_images.rows(), std::numeric_limits<double>::infinity());
        for (size_t i = 0; i < m_images.rows(); ++i) {
            std::ranges::sort(m_imageMatches[i], std::greater(), &Match::score);
            if (!m_imageMatches[i].empty())
                m_imageCountFrom[i] = m_imageMatches[i].back().score - m_doubt;
        }
    }

    /// text -> image: each row of the chunk on its own.
    void scanRows(const Matrix& scores, size_t firstText) {
        parallelFor(scores.rows(), m_context.threadCount(), [&](size_t r) {
            const size_t text = firstText + r;
            const auto own = static_cast<size_t>(m_textImage[text]);
            Match& match = m_textMatch[text];
            const double countFrom = match.score - m_doubt;
            Best* best = m_options.keepTop > 0 ? &m_textBest[text] : nullptr;
            const double scale = m_textScale[text];
            const auto row = scores.row(r);
            for (size_t image = 0; image < row.size(); ++image) {
                const double score = row[image] * scale * m_imageScale[image];
                if (score >= countFrom && image != own)
                    match.ahead += isAhead(score, match.score, text, image);
                if (best)
                    best->add({static_cast<uint32_t>(image), static_cast<float>(score)}, m_options.keepTop);
            }
        });
    }

    /// image -> text: stripes of columns, so that no two threads share an image.
    void scanColumns(const Matrix& scores, size_t firstText) {
        constexpr size_t kStripe = 64;
        const size_t stripes = (m_images.rows() + kStripe - 1) / kStripe;
        parallelFor(stripes, m_context.threadCount(), [&](size_t stripe) {
            const size_t end = std::min(m_images.rows(), (stripe + 1) * kStripe);
            for (size_t r = 0; r < scores.rows(); ++r) {
                const size_t text = firstText + r;
                const double scale = m_textScale[text];
                const auto row = scores.row(r);
                for (size_t image = stripe * kStripe; image < end; ++image) {
                    const double score = row[image] * scale * m_imageScale[image];
                    if (score >= m_imageCountFrom[image])
                        countForImage(text, image, score);
                    if (m_options.keepTop > 0)
                        m_imageBest[image].add({static_cast<uint32_t>(text), static_cast<float>(score)},
                                               m_options.keepTop);
                }
            }
        });
    }

    void countForImage(size_t text, size_t image, double score) {
        std::vector<Match>& matches = m_imageMatches[image];
        if (static_cast<size_t>(m_textImage[text]) == image)
            return;
        // From the lowest match up. One with R others before it cannot count any more (only the best match's
        // place is needed beyond R), so it is passed over from then on.
        size_t lowest = matches.size() - 1;
        while (lowest > 0 && matches[lowest].ahead >= matches.size())
            --lowest;
        for (size_t k = lowest + 1; k-- > 0 && score >= matches[k].score - m_doubt;)
            matches[k].ahead += isAhead(score, matches[k].score, text, image);
        m_imageCountFrom[image] = matches[lowest].score - m_doubt;
    }

    bool isAhead(double score, double match, size_t text, size_t image) const {
        if (score > match + m_doubt)
            return true;
        const double other = exact(text, image);
        return m_options.ties == Ties::Against ? other >= match : other > match;
    }

    static uint32_t rankOf(const Match& match) {
        return static_cast<uint32_t>(
            std::min<uint64_t>(match.ahead + 1, std::numeric_limits<uint32_t>::max()));
    }

    QueryRanks textResult() {
        QueryRanks result;
        for (const Match& match : m_textMatch) {
            result.ranks.push_back(rankOf(match));
            result.averagePrecisionAtR.push_back(match.ahead == 0 ? 1.0 : 0.0); // R = 1
        }
        result.top = taken(m_textBest);
        return result;
    }

    QueryRanks imageResult() {
        QueryRanks result;
        for (const std::vector<Match>& matches : m_imageMatches) {
            double sum = 0;
            for (size_t k = 0; k < matches.size(); ++k) {
                const uint64_t place = k + 1 + matches[k].ahead;
                if (place <= matches.size())
                    sum += static_cast<double>(k + 1) / static_cast<double>(place);
            }
            result.ranks.push_back(matches.empty() ? 0 : rankOf(matches.front()));
            result.averagePrecisionAtR.push_back(matches.empty() ? 0.0
                                                                 : sum / static_cast<double>(matches.size()));
        }
        result.top = taken(m_imageBest);
        return result;
    }

    static std::vector<std::vector<RankedItem>> taken(std::vector<Best>& best) {
        std::vector<std::vector<RankedItem>> items;
        for (Best& one : best)
            items.push_back(one.take());
        return items;
    }

    const Matrix& m_images;
    const Matrix& m_texts;
    std::span<const int> m_textImage;
    const RetrievalOptions& m_options;
    const RunContext& m_context;
    std::vector<double> m_imageScale, m_textScale;
    double m_doubt;
    std::vector<Match> m_textMatch;
    std::vector<std::vector<Match>> m_imageMatches; ///< by score, best first
    std::vector<double> m_imageCountFrom;           ///< by image: scores below this change nothing
    std::vector<Best> m_imageBest, m_textBest;
};

} // namespace

size_t retrievalChunkRows(size_t imageCount, size_t embeddingDim, const RetrievalOptions& options) {
    // A caption takes a row of scores and its copied embedding.
    return std::max<size_t>(1, options.scoreBytes / ((imageCount + embeddingDim + 1) * sizeof(float)));
}

RetrievalRanks rankRetrieval(const Matrix& images, const Matrix& texts, std::span<const int> textImage,
                             const RetrievalOptions& options, const RunContext& context) {
    requireNotEmpty(images.rows(), "images");
    requireNotEmpty(texts.rows(), "texts");
    requireSameLength(images.cols(), "values in an image embedding", texts.cols(), "in a text embedding");
    requireSameLength(texts.rows(), "texts", textImage.size(), "image indices");
    for (size_t t = 0; t < textImage.size(); ++t)
        if (textImage[t] < 0 || static_cast<size_t>(textImage[t]) >= images.rows())
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("Text {} belongs to image {}; with {} images indices go from 0 to {}", t,
                                    textImage[t], images.rows(), images.rows() - 1));
    return Ranker(images, texts, textImage, options, context).run();
}

double recallAtK(std::span<const uint32_t> ranks, size_t k) {
    size_t queries = 0, found = 0;
    for (const uint32_t rank : ranks) {
        queries += rank > 0;
        found += rank > 0 && rank <= k;
    }
    requireNotEmpty(queries, "queries with a match");
    return static_cast<double>(found) / static_cast<double>(queries);
}

double medianRank(std::span<const uint32_t> ranks) {
    std::vector<uint32_t> sorted;
    std::ranges::copy_if(ranks, std::back_inserter(sorted), [](uint32_t rank) { return rank > 0; });
    requireNotEmpty(sorted.size(), "queries with a match");
    std::ranges::sort(sorted);
    const size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle]
                                  : (static_cast<double>(sorted[middle - 1]) + sorted[middle]) / 2;
}

} // namespace diptych

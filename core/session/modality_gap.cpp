// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/modality_gap.h"

#include "core/probe/neighbours.h"
#include "core/tasks/task_support.h"

#include <unordered_map>
#include <utility>

namespace diptych {
namespace {

/// Rows of a picture and its class or one of its captions.
std::vector<std::pair<size_t, size_t>> pairsOf(const MapInput& input) {
    std::vector<std::pair<size_t, size_t>> pairs;
    if (input.points[input.images].kind == MapPoint::Kind::Class) {
        for (size_t i = 0; i < input.images; ++i)
            if (input.points[i].label >= 0)
                pairs.emplace_back(i, input.images + static_cast<size_t>(input.points[i].label));
        return pairs;
    }
    std::unordered_map<SampleId, size_t> rowOfSample;
    for (size_t i = 0; i < input.images; ++i)
        rowOfSample.emplace(input.points[i].sample, i);
    for (size_t text = input.images; text < input.points.size(); ++text)
        if (const auto found = rowOfSample.find(input.points[text].sample); found != rowOfSample.end())
            pairs.emplace_back(found->second, text);
    return pairs;
}

/// Whether two points belong together.
bool match(const MapPoint& image, const MapPoint& text) {
    return text.kind == MapPoint::Kind::Class ? image.label == text.label : image.sample == text.sample;
}

/// Of those of @p asking that have a partner, the share whose nearest among @p candidates is one.
double shareFound(const Matrix& asking, const Matrix& candidates, std::span<const uint8_t> paired,
                  const std::function<bool(size_t, size_t)>& partners, const RunContext& context) {
    const auto nearest = nearestNeighbours(asking, candidates, 1, context);
    size_t found = 0, asked = 0;
    for (size_t i = 0; i < nearest.size(); ++i) {
        asked += paired[i];
        found += paired[i] && partners(i, nearest[i].front().index);
    }
    return asked == 0 ? 0 : static_cast<double>(found) / static_cast<double>(asked);
}

} // namespace

std::vector<double> meanRow(const Matrix& rows, size_t first, size_t last) {
    std::vector<double> mean(rows.cols());
    for (size_t i = first; i < last; ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            mean[j] += static_cast<double>(rows(i, j)) / static_cast<double>(last - first);
    return mean;
}

void subtractMean(Matrix& rows, size_t first, size_t last) {
    const std::vector<double> mean = meanRow(rows, first, last);
    for (size_t i = first; i < last; ++i)
        for (size_t j = 0; j < mean.size(); ++j)
            rows(i, j) = static_cast<float>(static_cast<double>(rows(i, j)) - mean[j]);
}

ModalityGap modalityGap(const MapInput& input) {
    const size_t n = input.points.size();
    ModalityGap gap;
    gap.centroidDistance =
        distanceOf(meanRow(input.rows, 0, input.images), meanRow(input.rows, input.images, n));
    double sum = 0;
    const auto pairs = pairsOf(input);
    for (const auto& [image, text] : pairs)
        sum += distanceOf(input.rows.row(image), input.rows.row(text));
    gap.pairs = pairs.size();
    gap.meanPairDistance = gap.pairs == 0 ? 0 : sum / static_cast<double>(gap.pairs);
    return gap;
}

PairRecall pairRecall(const MapInput& input, const RunContext& context) {
    const size_t texts = input.points.size() - input.images;
    const Matrix imageRows = rowsOf(input.rows, 0, input.images);
    const Matrix textRows = rowsOf(input.rows, input.images, texts);
    std::vector<uint8_t> pairedImages(input.images), pairedTexts(texts);
    for (const auto& [image, text] : pairsOf(input))
        pairedImages[image] = pairedTexts[text - input.images] = 1;
    const auto together = [&](size_t image, size_t text) {
        return match(input.points[image], input.points[input.images + text]);
    };
    return {shareFound(imageRows, textRows, pairedImages, together, context),
            shareFound(
                textRows, imageRows, pairedTexts,
                [&](size_t text, size_t image) { return together(image, text); }, context)};
}

} // namespace diptych

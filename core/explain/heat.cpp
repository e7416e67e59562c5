// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/heat.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>

namespace diptych {
namespace {

constexpr std::array kNames = {"viridis", "cividis", "inferno", "magma", "plasma", "turbo", "hot", "jet"};
constexpr std::array<cv::ColormapTypes, kNames.size()> kMaps = {
    cv::COLORMAP_VIRIDIS, cv::COLORMAP_CIVIDIS, cv::COLORMAP_INFERNO, cv::COLORMAP_MAGMA,
    cv::COLORMAP_PLASMA,  cv::COLORMAP_TURBO,   cv::COLORMAP_HOT,     cv::COLORMAP_JET};

cv::ColormapTypes mapNamed(const std::string& name) {
    const auto found = std::ranges::find(kNames, name, [](const char* each) { return std::string(each); });
    if (found == kNames.end())
        throw Error(ErrorCode::NotFound,
                    fmt::format("There are no colours '{}'; there are {}", name, fmt::join(kNames, ", ")));
    return kMaps[static_cast<size_t>(found - kNames.begin())];
}

/// Of the patches, from 0 for the lowest value to 255 for the highest.
cv::Mat levelsOf(const Relevance& relevance) {
    const auto [lowest, highest] = std::ranges::minmax(relevance.patches);
    const float scale = highest > lowest ? 255.0f / (highest - lowest) : 0;
    cv::Mat levels(relevance.gridHeight, relevance.gridWidth, CV_8UC1);
    for (size_t i = 0; i < relevance.patches.size(); ++i)
        levels.data[i] = static_cast<uint8_t>((relevance.patches[i] - lowest) * scale + 0.5f);
    return levels;
}

} // namespace

std::span<const char* const> colourMapNames() {
    return kNames;
}

int heatEnlargement(const Image& picture) {
    constexpr int kSide = 448;
    const int side = std::max({picture.width, picture.height, 1});
    return (kSide + side - 1) / side;
}

Image withHeat(const Image& picture, const Relevance& relevance, const HeatStyle& style) {
    DIPTYCH_ASSERT(relevance.patches.size() ==
                   static_cast<size_t>(relevance.gridHeight) * static_cast<size_t>(relevance.gridWidth));
    const int enlarge = style.enlarge;
    const cv::Mat small(picture.height, picture.width, CV_8UC3, const_cast<uint8_t*>(picture.rgb.data()));
    Image out{picture.width * enlarge, picture.height * enlarge, {}, {}};
    out.rgb.resize(size_t{3} * static_cast<size_t>(out.width) * static_cast<size_t>(out.height));
    cv::Mat whole(out.height, out.width, CV_8UC3, out.rgb.data());
    cv::resize(small, whole, whole.size(), 0, 0, cv::INTER_NEAREST);
    const cv::Size seen(std::min(out.width, relevance.gridWidth * relevance.patchSize * enlarge),
                        std::min(out.height, relevance.gridHeight * relevance.patchSize * enlarge));
    cv::Mat smooth, colours;
    cv::resize(levelsOf(relevance), smooth, seen, 0, 0, cv::INTER_CUBIC);
    cv::applyColorMap(smooth, colours, mapNamed(style.colours));
    cv::cvtColor(colours, colours, cv::COLOR_BGR2RGB);
    cv::Mat part = whole(cv::Rect({0, 0}, seen));
    cv::addWeighted(part, 1 - style.opacity, colours, style.opacity, 0, part);
    return out;
}

} // namespace diptych

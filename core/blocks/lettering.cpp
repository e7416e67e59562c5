// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/lettering.h"

#include <opencv2/imgproc.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace diptych::blocks {

namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

std::vector<std::string> brokenIntoLines(std::string_view text, double scale, int width) {
    std::vector<std::string> lines;
    size_t at = 0;
    while (at < text.size()) {
        const size_t end = std::min(text.find(' ', at), text.size());
        const std::string word(text.substr(at, end - at));
        at = end + 1;
        if (!lines.empty()) {
            const std::string longer = lines.back() + " " + word;
            int baseline = 0;
            if (cv::getTextSize(longer, kFont, scale, 1, &baseline).width <= width) {
                lines.back() = longer;
                continue;
            }
        }
        lines.push_back(word);
    }
    return lines;
}

} // namespace

void drawCaption(Image& image, std::string_view caption) {
    const double scale = std::max(0.3, image.width / 400.0);
    const int margin = std::max(2, image.width / 40);
    const int lineHeight = static_cast<int>(std::lround(28 * scale)) + 2;
    const auto lines = brokenIntoLines(caption, scale, image.width - 2 * margin);
    cv::Mat canvas(image.height, image.width, CV_8UC3, image.rgb.data());
    const int edge = std::max(1, static_cast<int>(std::lround(2 * scale)));
    for (size_t i = 0; i < lines.size(); ++i) {
        int baseline = 0;
        const cv::Size size = cv::getTextSize(lines[i], kFont, scale, 1, &baseline);
        const cv::Point at((image.width - size.width) / 2,
                           image.height - margin - baseline / 2 -
                               lineHeight * static_cast<int>(lines.size() - 1 - i));
        cv::putText(canvas, lines[i], at, kFont, scale, cv::Scalar(0, 0, 0), 1 + 2 * edge, cv::LINE_AA);
        cv::putText(canvas, lines[i], at, kFont, scale, cv::Scalar(255, 255, 255), 1, cv::LINE_AA);
    }
}

} // namespace diptych::blocks

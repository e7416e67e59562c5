// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/picture_placement.h"

#include "ui/plots/point_index.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace diptych::ui {

namespace {

constexpr double kGap = 4;

uint32_t scattered(uint32_t value) {
    value = (value ^ (value >> 16U)) * 0x7feb352dU;
    value = (value ^ (value >> 15U)) * 0x846ca68bU;
    return value ^ (value >> 16U);
}

/// Squares of one size that may not overlap.
class Board {
public:
    explicit Board(double side) : m_side(side) {}
    /// @return whether there was room
    bool take(const QPointF& center) {
        const int column = cell(center.x()), row = cell(center.y());
        for (int y = row - 1; y <= row + 1; ++y)
            for (int x = column - 1; x <= column + 1; ++x) {
                const auto found = m_taken.find(key(x, y));
                if (found != m_taken.end() && std::abs(found->second.x() - center.x()) < m_side &&
                    std::abs(found->second.y() - center.y()) < m_side)
                    return false;
            }
        m_taken.emplace(key(column, row), center);
        return true;
    }

private:
    int cell(double value) const { return static_cast<int>(std::floor(value / m_side)); }
    static int64_t key(int x, int y) { return (static_cast<int64_t>(x) << 32) ^ static_cast<uint32_t>(y); }

    double m_side;
    std::unordered_map<int64_t, QPointF> m_taken; ///< a cell has room for one centre
};

} // namespace

std::vector<PlacedPicture> placePictures(const PointIndex& index, std::span<const PointStyle> styles,
                                         const PlotTransform& transform, const QRectF& view, double side,
                                         const std::vector<PlacedPicture>& before, int first) {
    struct Candidate {
        int rank;
        uint32_t order, point;
        QPointF center;
    };
    std::unordered_set<int> kept;
    for (const PlacedPicture& picture : before)
        kept.insert(picture.point);
    const QRectF wide = view.adjusted(-side / 2, -side / 2, side / 2, side / 2);
    std::vector<Candidate> candidates;
    index.forEachRun(transform.toPlane(wide), [&](uint32_t from, uint32_t end) {
        for (uint32_t place = from; place < end; ++place) {
            if ((styles[place].flags & (PointStyle::Hidden | PointStyle::Square)) != 0)
                continue;
            const QPointF center = transform.toPixel(static_cast<double>(index.xs()[place]),
                                                     static_cast<double>(index.ys()[place]));
            if (!wide.contains(center))
                continue;
            const uint32_t point = index.points()[place];
            const int rank = static_cast<int>(point) == first                    ? 0
                             : kept.contains(static_cast<int>(point))            ? 1
                             : (styles[place].flags & PointStyle::Selected) != 0 ? 2
                             : (styles[place].flags & PointStyle::Faded) != 0    ? 4
                                                                                 : 3;
            candidates.push_back({rank, scattered(point), point, center});
        }
    });
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return std::tie(a.rank, a.order) < std::tie(b.rank, b.order);
    });
    Board board(side + kGap);
    std::vector<PlacedPicture> placed;
    for (const Candidate& candidate : candidates)
        if (board.take(candidate.center))
            placed.push_back({static_cast<int>(candidate.point),
                              QRectF(candidate.center - QPointF(side / 2, side / 2), QSizeF(side, side))});
    return placed;
}

} // namespace diptych::ui

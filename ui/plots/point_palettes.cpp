// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/point_palettes.h"

#include "ui/theme/theme.h"

#include <QColor>

#include <algorithm>
#include <cmath>
#include <span>

namespace diptych::ui {

namespace {

constexpr QRgb kViridis[]{0xff440154, 0xff472d7b, 0xff3b528b, 0xff2c728e, 0xff21908c,
                          0xff27ad81, 0xff5dc863, 0xffaadc32, 0xfffde725};
constexpr QRgb kCividis[]{0xff00204d, 0xff00336f, 0xff39486b, 0xff575c6d, 0xff707173,
                          0xff8a8779, 0xffa69d75, 0xffc4b56c, 0xffe4cf5b, 0xffffea46};
constexpr int kBase = 8; // colours that theme::chartColor() tells apart

QRgb between(std::span<const QRgb> anchors, double position) {
    const double place = position * static_cast<double>(anchors.size() - 1);
    const size_t low = std::min(static_cast<size_t>(place), anchors.size() - 2);
    const double share = place - static_cast<double>(low);
    const auto mix = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    const QRgb from = anchors[low], to = anchors[low + 1];
    return qRgb(mix(qRed(from), qRed(to)), mix(qGreen(from), qGreen(to)), mix(qBlue(from), qBlue(to)));
}

QColor muted(const QColor& color) {
    return QColor::fromHslF(color.hslHueF(), color.hslSaturationF() * 0.5F, color.lightnessF() * 0.72F);
}

} // namespace

std::vector<QRgb> categoryColors(int count) {
    std::vector<QRgb> colors;
    for (int i = 0; i < count; ++i) {
        const QColor base = theme::chartColor(i);
        switch (i / kBase) {
        case 0:
            colors.push_back(base.rgb());
            break;
        case 1:
            colors.push_back(base.darker(160).rgb());
            break;
        case 2: // on a dark background paler ones would all be white
            colors.push_back(theme::colors().dark ? muted(base).rgb() : base.lighter(140).rgb());
            break;
        default: {
            const double hue = std::fmod(i * 0.618033988749895, 1.0);
            const double lightness = (theme::colors().dark ? 0.58 : 0.40) + 0.10 * (i % 3 - 1);
            colors.push_back(
                QColor::fromHslF(static_cast<float>(hue), 0.62F, static_cast<float>(lightness)).rgb());
        }
        }
    }
    return colors;
}

std::vector<QRgb> rampColors(Ramp ramp) {
    const std::span<const QRgb> anchors =
        ramp == Ramp::Viridis ? std::span<const QRgb>(kViridis) : std::span<const QRgb>(kCividis);
    const double first = theme::colors().dark ? 0.14 : 0, last = theme::colors().dark ? 1 : 0.93;
    std::vector<QRgb> colors;
    for (int i = 0; i < kRampColors; ++i)
        colors.push_back(between(anchors, first + (last - first) * i / (kRampColors - 1)));
    return colors;
}

QRgb unknownColor() {
    return theme::colors().dark ? qRgb(0x6a, 0x70, 0x7a) : qRgb(0xa9, 0xaf, 0xb9);
}

} // namespace diptych::ui

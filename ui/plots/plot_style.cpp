// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_style.h"

#include <QApplication>
#include <qcustomplot.h>

#include <array>

namespace diptych::ui {

QColor ChartColors::series(int index) const {
    static const std::array<QColor, 7> kLight = {QColor(0x00, 0x72, 0xB2), QColor(0xD5, 0x5E, 0x00),
                                                 QColor(0x00, 0x9E, 0x73), QColor(0xCC, 0x79, 0xA7),
                                                 QColor(0xE6, 0x9F, 0x00), QColor(0x56, 0xB4, 0xE9),
                                                 QColor(0x8A, 0x8A, 0x8A)};
    const QColor color = kLight[static_cast<size_t>(index) % kLight.size()];
    return dark ? color.lighter(125) : color;
}

ChartColors chartColors(const QPalette& palette) {
    ChartColors colors;
    colors.background = palette.color(QPalette::Base);
    colors.dark = colors.background.lightness() < 128;
    colors.text = palette.color(QPalette::Text);
    colors.grid = colors.text;
    colors.grid.setAlphaF(0.13F);
    colors.good = colors.dark ? QColor(0x4C, 0xC3, 0x8A) : QColor(0x00, 0x8A, 0x5E);
    colors.bad = colors.dark ? QColor(0xF0, 0x8A, 0x4B) : QColor(0xC2, 0x4E, 0x00);
    return colors;
}

void stylePlot(QCustomPlot& plot, const QPalette& palette) {
    const ChartColors colors = chartColors(palette);
    plot.setBackground(colors.background);
    const QFont font = QApplication::font();
    QFont small = font;
    small.setPointSizeF(font.pointSizeF() * 0.9);
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis, plot.xAxis2, plot.yAxis2}) {
        QColor line = colors.text;
        line.setAlphaF(0.35F);
        axis->setBasePen(QPen(line));
        axis->setTickPen(QPen(line));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(colors.text);
        axis->setLabelColor(colors.text);
        axis->setTickLabelFont(small);
        axis->setLabelFont(font);
        axis->grid()->setPen(QPen(colors.grid));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    if (plot.legend) {
        plot.legend->setBrush(colors.background);
        plot.legend->setBorderPen(Qt::NoPen);
        plot.legend->setTextColor(colors.text);
        plot.legend->setFont(small);
    }
}

} // namespace diptych::ui

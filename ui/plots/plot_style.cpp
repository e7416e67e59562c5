// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_style.h"

#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

namespace diptych::ui {

void stylePlot(QCustomPlot& plot) {
    const theme::Colors& colors = theme::colors();
    plot.setBackground(colors.surface);
    const QFont caption = theme::font(theme::Text::Caption);
    QColor grid = colors.border;
    grid.setAlphaF(0.6F);
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis, plot.xAxis2, plot.yAxis2}) {
        axis->setBasePen(QPen(colors.border));
        axis->setTickPen(QPen(colors.border));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(colors.mutedText);
        axis->setLabelColor(colors.text);
        axis->setTickLabelFont(caption);
        axis->setLabelFont(caption);
        axis->grid()->setPen(QPen(grid));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    plot.legend->setBrush(colors.surface);
    plot.legend->setBorderPen(Qt::NoPen);
    plot.legend->setTextColor(colors.text);
    plot.legend->setFont(caption);
}

} // namespace diptych::ui

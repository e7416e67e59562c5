// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/score_histogram.h"

#include "core/metrics/number_text.h"
#include "ui/plots/plot_export.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace diptych::ui {
namespace {

constexpr int kBarWidth = 5;
constexpr size_t kValueBins = 50; ///< of the values that are copied
constexpr double kSide = 6;       ///< left and right of the bars, for a cut at either end
constexpr float kKeySteps = 100;

QString scoreText(float score) {
    return QString::fromStdString(cosineText(static_cast<double>(score)));
}

} // namespace

ScoreHistogram::ScoreHistogram(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    new PlotExport(*this, [this] { return values(); }); // Qt parent: this
}

QString ScoreHistogram::values() const {
    QString out = csvLine({QStringLiteral("low"), QStringLiteral("high"), QStringLiteral("images")});
    const std::vector<size_t> counts = m_scores.histogram(kValueBins);
    const double step =
        (static_cast<double>(m_scores.highest()) - static_cast<double>(m_scores.lowest())) / kValueBins;
    for (size_t i = 0; i < counts.size(); ++i) {
        const double low = static_cast<double>(m_scores.lowest()) + step * static_cast<double>(i);
        out += csvLine(
            {QString::number(low, 'g', 9), QString::number(low + step, 'g', 9), QString::number(counts[i])});
    }
    return out;
}

void ScoreHistogram::setScores(ScoreDistribution scores) {
    m_scores = std::move(scores);
    update();
}

void ScoreHistogram::setCut(std::optional<float> cut) {
    if (m_cut == cut)
        return;
    m_cut = cut;
    setAccessibleDescription(cut ? describe(*cut) : QString());
    update();
    Q_EMIT cutChanged();
}

void ScoreHistogram::setMark(std::optional<float> score) {
    m_mark = score;
    update();
}

QString ScoreHistogram::describe(float score) const {
    const QLocale locale = QLocale::c();
    const auto number = [&](size_t count) { return locale.toString(static_cast<qlonglong>(count)); };
    return tr("%1: more than %2 % of the images, %3 have this or more")
        .arg(scoreText(score))
        .arg(100 * m_scores.shareBelow(score), 0, 'f', 1)
        .arg(number(m_scores.countFrom(score)));
}

double ScoreHistogram::xOf(float score) const {
    const auto low = static_cast<double>(m_scores.lowest()), high = static_cast<double>(m_scores.highest());
    const double share = high > low ? (static_cast<double>(score) - low) / (high - low) : 0.5;
    return kSide + std::clamp(share, 0.0, 1.0) * (width() - 2 * kSide);
}

float ScoreHistogram::scoreAt(double x) const {
    const double share = std::clamp((x - kSide) / std::max(1.0, width() - 2 * kSide), 0.0, 1.0);
    return m_scores.lowest() + static_cast<float>(share) * (m_scores.highest() - m_scores.lowest());
}

void ScoreHistogram::dragTo(double x) {
    if (m_scores.total() > 0)
        setCut(scoreAt(x));
}

void ScoreHistogram::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        dragTo(event->position().x());
}

void ScoreHistogram::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton)
        dragTo(event->position().x());
    const bool over = m_cut && std::abs(xOf(*m_cut) - event->position().x()) < kSide;
    setCursor(over ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void ScoreHistogram::mouseDoubleClickEvent(QMouseEvent*) {
    setCut(std::nullopt);
}

void ScoreHistogram::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    const float step = (m_scores.highest() - m_scores.lowest()) / kKeySteps;
    const float from = m_cut.value_or(m_scores.highest());
    if (m_scores.total() > 0 && (key == Qt::Key_Left || key == Qt::Key_Right))
        setCut(
            std::clamp(from + (key == Qt::Key_Left ? -step : step), m_scores.lowest(), m_scores.highest()));
    else if (m_scores.total() > 0 && (key == Qt::Key_Home || key == Qt::Key_End))
        setCut(key == Qt::Key_Home ? m_scores.lowest() : m_scores.highest());
    else if (key == Qt::Key_Delete || key == Qt::Key_Backspace)
        setCut(std::nullopt);
    else
        QWidget::keyPressEvent(event);
}

bool ScoreHistogram::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || m_scores.total() == 0)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(),
                       describe(scoreAt(help->pos().x())) + QLatin1Char('\n') +
                           tr("Drag to set a cut, double-click to take it away; heights are square roots"),
                       this);
    return true;
}

void ScoreHistogram::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void ScoreHistogram::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void ScoreHistogram::paintBars(QPainter& painter, const QRectF& area) const {
    const auto parts = static_cast<size_t>(std::max(1.0, area.width() / kBarWidth));
    const std::vector<size_t> counts = m_scores.histogram(parts);
    const double most = std::sqrt(static_cast<double>(*std::ranges::max_element(counts)));
    const double each = area.width() / static_cast<double>(parts);
    const double cut = m_cut ? xOf(*m_cut) : area.left();
    QColor rest = theme::colors().mutedText;
    rest.setAlphaF(0.45F);
    for (size_t i = 0; i < parts; ++i) {
        if (counts[i] == 0)
            continue;
        const double high =
            std::max(1.5, std::sqrt(static_cast<double>(counts[i])) / most * (area.height() - 2));
        const QRectF bar(area.left() + static_cast<double>(i) * each, area.bottom() - high,
                         std::max(1.0, each - 1), high);
        painter.fillRect(bar, bar.center().x() >= cut ? theme::colors().accent : rest);
    }
}

void ScoreHistogram::paintCut(QPainter& painter, const QRectF& area) const {
    const double x = xOf(*m_cut);
    painter.setPen(QPen(theme::colors().text, 1.5));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.setBrush(theme::colors().text);
    painter.drawPolygon(QPolygonF{{x - 4, area.top()}, {x + 4, area.top()}, {x, area.top() + 6}});
}

void ScoreHistogram::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme::font(theme::Text::Caption));
    const int text = painter.fontMetrics().height();
    const QRectF area(kSide, 3, width() - 2 * kSide, height() - text - 5);
    painter.setPen(theme::colors().border);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    if (m_scores.total() > 0) {
        paintBars(painter, area);
        if (m_mark) {
            painter.setPen(QPen(theme::colors().warning, 1.5, Qt::DashLine));
            painter.drawLine(QPointF(xOf(*m_mark), area.top()), QPointF(xOf(*m_mark), area.bottom()));
        }
        if (m_cut)
            paintCut(painter, area);
        painter.setPen(theme::colors().mutedText);
        const QRectF line(kSide, height() - text, width() - 2 * kSide, text);
        painter.drawText(line, Qt::AlignLeft, scoreText(m_scores.lowest()));
        painter.drawText(line, Qt::AlignRight, scoreText(m_scores.highest()));
    }
    if (hasFocus()) {
        painter.setPen(theme::colors().accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    }
}

} // namespace diptych::ui

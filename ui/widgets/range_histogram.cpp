// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/range_histogram.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QDoubleValidator>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {

constexpr int kHandle = 6; // pixels from an end that take hold of it

/// As it is typed. A field that nobody has changed is not read back, so a few digits are enough to show.
QString fieldText(double value) {
    const QLocale plain = QLocale::c();
    constexpr double kLongest = 1e15; // whole numbers up to there have all their digits
    if (value == std::round(value) && std::abs(value) < kLongest)
        return plain.toString(value, 'f', 0).remove(plain.groupSeparator());
    const int before = std::abs(value) >= 1 ? static_cast<int>(std::log10(std::abs(value))) + 1 : 0;
    return plain.toString(value, 'g', std::max(5, before + 2));
}

} // namespace

RangeBars::RangeBars(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setCursor(Qt::IBeamCursor);
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, qOverload<>(&QWidget::update));
}

QSize RangeBars::minimumSizeHint() const {
    return {40, 36};
}

void RangeBars::setHistogram(const FacetHistogram& histogram) {
    m_histogram = histogram;
    setAccessibleDescription(rangeText(histogram, histogram.chosen));
    update();
}

QString RangeBars::rangeText(const FacetHistogram& histogram, const NumberRange& range) {
    const double inset = histogram.whole ? 0.5 : 0; // edges lie between whole numbers
    return tr("%1 to %2")
        .arg(numberText(range.least.value_or(histogram.low + inset)),
             numberText(range.most.value_or(histogram.high - inset)));
}

double RangeBars::edge(int place) const {
    return m_histogram.low + (m_histogram.high - m_histogram.low) * place / std::max(1, bins());
}

QRect RangeBars::binRect(int bin) const {
    const auto x = [&](int place) { return static_cast<int>(std::lround(double(width()) * place / bins())); };
    return {x(bin), 0, x(bin + 1) - x(bin), height()};
}

int RangeBars::edgeAt(double x) const {
    return std::clamp(static_cast<int>(std::lround(x / std::max(1, width()) * bins())), 0, bins());
}

int RangeBars::binAt(double x) const {
    return std::clamp(static_cast<int>(std::floor(x / std::max(1, width()) * bins())), 0, bins() - 1);
}

std::pair<int, int> RangeBars::chosenEdges() const {
    const auto place = [&](double value) {
        const double share = (value - m_histogram.low) / (m_histogram.high - m_histogram.low);
        return std::clamp(static_cast<int>(std::lround(share * bins())), 0, bins());
    };
    const NumberRange& chosen = m_histogram.chosen;
    const double inset = m_histogram.whole ? 0.5 : 0;
    return {chosen.least ? place(*chosen.least - inset) : 0,
            chosen.most ? place(*chosen.most + inset) : bins()};
}

void RangeBars::choose(int from, int to) {
    if (from > to)
        std::swap(from, to);
    if (from == to) // at least one bin
        from == bins() ? --from : ++to;
    const double inset = m_histogram.whole ? 0.5 : 0;
    NumberRange range;
    if (from > 0)
        range.least = edge(from) + inset;
    if (to < bins())
        range.most = edge(to) - inset;
    if (range == m_histogram.chosen)
        return;
    m_histogram.chosen = range;
    setAccessibleDescription(rangeText(m_histogram, range));
    update();
    Q_EMIT rangeChanged(range);
}

void RangeBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const theme::Colors& colors = theme::colors();
    if (bins() == 0)
        return;
    const auto [from, to] = chosenEdges();
    const bool ranged = m_histogram.chosen != NumberRange();
    const double most = static_cast<double>(
        std::max<int64_t>(1, *std::max_element(m_histogram.total.begin(), m_histogram.total.end())));
    if (ranged)
        painter.fillRect(
            QRect(binRect(from).left(), 0, binRect(to - 1).right() - binRect(from).left() + 1, height()),
            colors.accentSoft);
    for (int bin = 0; bin < bins(); ++bin) {
        const QRect room = binRect(bin).adjusted(0, 2, bins() < width() / 3 ? -1 : 0, 0);
        const auto bar = [&](int64_t count) {
            QRect area = room;
            const int high = count > 0 ? std::max(2, qRound(room.height() * double(count) / most)) : 0;
            area.setTop(room.bottom() + 1 - high);
            return area;
        };
        painter.fillRect(bar(m_histogram.total[static_cast<size_t>(bin)]), colors.border);
        const bool inside = bin >= from && bin < to;
        painter.fillRect(bar(m_histogram.count[static_cast<size_t>(bin)]),
                         inside ? colors.accent : colors.mutedText);
    }
    if (ranged) {
        painter.setPen(QPen(colors.accent, 2));
        for (const int x :
             {std::max(1, binRect(from).left()), std::min(width() - 1, binRect(to - 1).right())})
            painter.drawLine(x, 0, x, height());
    }
    if (hasFocus()) {
        painter.setPen(colors.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void RangeBars::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || bins() == 0)
        return;
    const double x = event->position().x();
    const auto [from, to] = chosenEdges();
    const bool ranged = m_histogram.chosen != NumberRange();
    m_moving = false;
    if (ranged && std::abs(x - binRect(from).left()) <= kHandle)
        m_from = to;
    else if (ranged && std::abs(x - binRect(to - 1).right()) <= kHandle)
        m_from = from;
    else {
        m_from = binAt(x);
        m_moving = true;
    }
}

void RangeBars::mouseMoveEvent(QMouseEvent* event) {
    const double x = event->position().x();
    if (m_from < 0 || !(event->buttons() & Qt::LeftButton))
        return;
    if (m_moving) { // whole bins from where it began
        const int bin = binAt(x);
        choose(std::min(m_from, bin), std::max(m_from, bin) + 1);
    } else {
        choose(m_from, edgeAt(x));
    }
}

void RangeBars::mouseReleaseEvent(QMouseEvent* event) {
    if (m_from >= 0 && m_moving && event->button() == Qt::LeftButton) {
        const int bin = binAt(event->position().x());
        choose(std::min(m_from, bin), std::max(m_from, bin) + 1);
    }
    m_from = -1;
}

void RangeBars::mouseDoubleClickEvent(QMouseEvent*) {
    m_from = -1;
    choose(0, bins());
}

void RangeBars::keyPressEvent(QKeyEvent* event) {
    auto [from, to] = chosenEdges();
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        choose(0, bins());
    else if (step == 0)
        QWidget::keyPressEvent(event);
    else if (event->modifiers() & Qt::ShiftModifier)
        choose(from, std::clamp(to + step, from + 1, bins()));
    else
        choose(std::clamp(from + step, 0, to - 1), to);
}

bool RangeBars::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && bins() > 0) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int bin = binAt(help->pos().x());
        const double inset = m_histogram.whole ? 0.5 : 0;
        QToolTip::showText(help->globalPos(),
                           tr("%1: %2 of %3 images")
                               .arg(rangeText(m_histogram, {edge(bin) + inset, edge(bin + 1) - inset}),
                                    exactCountText(m_histogram.count[static_cast<size_t>(bin)]),
                                    exactCountText(m_histogram.total[static_cast<size_t>(bin)])),
                           this);
        return true;
    }
    return QWidget::event(event);
}

RangeHistogram::RangeHistogram(const QString& name, QWidget* parent)
    : QWidget(parent),
      m_bars(new RangeBars(this)),
      m_least(new QLineEdit(this)),
      m_most(new QLineEdit(this)) {
    m_bars->setAccessibleName(tr("Range of %1").arg(name));
    m_bars->setToolTip(tr("Drag a range; a double click takes it away"));
    m_least->setAccessibleName(tr("Least %1").arg(name));
    m_most->setAccessibleName(tr("Most %1").arg(name));
    auto* ends = new QHBoxLayout;
    ends->setSpacing(theme::kTiny);
    for (QLineEdit* field : {m_least, m_most}) {
        auto* numbers = new QDoubleValidator(field);
        numbers->setLocale(QLocale::c());
        field->setValidator(numbers);
        field->setMinimumWidth(20);
        ends->addWidget(field, 1);
        connect(field, &QLineEdit::editingFinished, this, &RangeHistogram::takeFields);
    }
    m_most->setAlignment(Qt::AlignRight);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, theme::kTiny, theme::kTiny, theme::kTiny);
    layout->setSpacing(theme::kTiny);
    layout->addWidget(m_bars, 1);
    layout->addLayout(ends);
    connect(m_bars, &RangeBars::rangeChanged, this, [this](const NumberRange& range) {
        setHistogram(m_bars->histogram());
        Q_EMIT rangeChanged(range);
    });
}

void RangeHistogram::setHistogram(const FacetHistogram& histogram) {
    m_bars->setHistogram(histogram);
    const double inset = histogram.whole ? 0.5 : 0;
    const std::pair<QLineEdit*, double> fields[] = {
        {m_least, histogram.chosen.least.value_or(histogram.low + inset)},
        {m_most, histogram.chosen.most.value_or(histogram.high - inset)}};
    for (const auto& [field, value] : fields)
        if (!field->hasFocus() || !field->isModified()) {
            field->setText(fieldText(value));
            field->setCursorPosition(0); // the first digits matter most
        }
}

void RangeHistogram::takeFields() {
    if (!m_least->isModified() && !m_most->isModified())
        return;
    FacetHistogram histogram = m_bars->histogram();
    NumberRange range = histogram.chosen;
    if (m_least->isModified())
        range.least = m_least->text().isEmpty() ? std::nullopt : std::optional(m_least->text().toDouble());
    if (m_most->isModified())
        range.most = m_most->text().isEmpty() ? std::nullopt : std::optional(m_most->text().toDouble());
    m_least->setModified(false);
    m_most->setModified(false);
    histogram.chosen = range;
    setHistogram(histogram);
    Q_EMIT rangeChanged(range);
}

} // namespace diptych::ui

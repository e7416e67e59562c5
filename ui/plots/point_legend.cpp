// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/point_legend.h"

#include "ui/theme/theme.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <utility>

namespace diptych::ui {

namespace {

constexpr int kSwatch = 11;
constexpr int kRampHeight = 12;

QString number(qint64 count) {
    return QLocale().toString(count);
}

} // namespace

class CategoryLegend::Model : public QAbstractListModel {
public:
    std::vector<LegendEntry> entries;
    std::vector<uint8_t> hidden;
    bool selection = false;

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(entries.size());
    }
    QVariant data(const QModelIndex& index, int role) const override {
        const LegendEntry& entry = entries[static_cast<size_t>(index.row())];
        const bool shown = hidden[static_cast<size_t>(index.row())] == 0;
        if (role == Qt::DisplayRole)
            return entry.name;
        if (role == Qt::ToolTipRole)
            return CategoryLegend::tr(
                       "%1: %2. Click hides it, a double click shows it alone, Ctrl+click selects it.")
                .arg(entry.name, countText(entry));
        if (role == Qt::AccessibleTextRole)
            return shown ? CategoryLegend::tr("%1, %2").arg(entry.name, countText(entry))
                         : CategoryLegend::tr("%1, %2, hidden").arg(entry.name, countText(entry));
        return {};
    }
    QString countText(const LegendEntry& entry) const {
        return selection ? CategoryLegend::tr("%1 of %2").arg(number(entry.selected), number(entry.count))
                         : number(entry.count);
    }
    void setHidden(std::vector<uint8_t> now) {
        hidden = std::move(now);
        if (!entries.empty())
            Q_EMIT dataChanged(index(0), index(rowCount() - 1));
    }
    void replace(std::vector<LegendEntry> now) {
        beginResetModel();
        entries = std::move(now);
        hidden.assign(entries.size(), 0);
        selection = false;
        endResetModel();
    }
};

class CategoryLegend::Delegate : public QStyledItemDelegate {
public:
    Delegate(const Model& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {100, option.fontMetrics.height() + 8};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const LegendEntry& entry = m_model.entries[static_cast<size_t>(index.row())];
        const bool shown = m_model.hidden[static_cast<size_t>(index.row())] == 0;
        const theme::Colors& colors = theme::colors();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if ((option.state & (QStyle::State_MouseOver | QStyle::State_HasFocus)) != 0)
            painter->fillRect(option.rect, colors.raised);
        const QRect inner = option.rect.adjusted(8, 0, -8, 0);
        const QRectF swatch(inner.left() + 0.5, inner.center().y() - kSwatch / 2.0 + 0.5, kSwatch, kSwatch);
        const QColor color = QColor::fromRgb(entry.color);
        painter->setPen(shown ? QPen(Qt::NoPen) : QPen(color, 1.3));
        painter->setBrush(shown ? QBrush(color) : QBrush(Qt::NoBrush));
        painter->drawEllipse(swatch);
        const QString count = m_model.countText(entry);
        const int countWidth = option.fontMetrics.horizontalAdvance(count);
        painter->setPen(m_model.selection && entry.selected > 0 ? colors.text : colors.mutedText);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, count);
        const QRect text = inner.adjusted(kSwatch + 8, 0, -countWidth - 8, 0);
        painter->setPen(shown ? colors.text : colors.mutedText);
        QFont font = option.font;
        font.setStrikeOut(!shown);
        painter->setFont(font);
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                          option.fontMetrics.elidedText(entry.name, Qt::ElideRight, text.width()));
        painter->restore();
    }

private:
    const Model& m_model;
};

CategoryLegend::CategoryLegend(QWidget* parent) : QListView(parent), m_model(std::make_unique<Model>()) {
    setModel(m_model.get());
    setItemDelegate(new Delegate(*m_model, this));
    setSelectionMode(QAbstractItemView::NoSelection);
    setMouseTracking(true);
    setUniformItemSizes(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
}

CategoryLegend::~CategoryLegend() {
    setModel(nullptr);
}

const std::vector<LegendEntry>& CategoryLegend::entries() const {
    return m_model->entries;
}

const std::vector<uint8_t>& CategoryLegend::hidden() const {
    return m_model->hidden;
}

void CategoryLegend::setEntries(std::vector<LegendEntry> entries) {
    m_raised = -1;
    m_model->replace(std::move(entries));
}

void CategoryLegend::setSelectedCounts(const std::vector<qint64>& counts) {
    m_model->selection = false;
    for (size_t i = 0; i < m_model->entries.size(); ++i) {
        m_model->entries[i].selected = i < counts.size() ? counts[i] : 0;
        m_model->selection = m_model->selection || m_model->entries[i].selected > 0;
    }
    viewport()->update();
}

void CategoryLegend::setHiddenColors(std::vector<uint8_t> hidden) {
    hidden.resize(m_model->entries.size());
    m_model->setHidden(std::move(hidden));
}

void CategoryLegend::toggle(int row) {
    std::vector<uint8_t> hidden = m_model->hidden;
    hidden[static_cast<size_t>(row)] = hidden[static_cast<size_t>(row)] == 0 ? 1 : 0;
    m_model->setHidden(std::move(hidden));
    Q_EMIT hiddenChanged(m_model->hidden);
}

void CategoryLegend::showAlone(int row) {
    std::vector<uint8_t> hidden(m_model->entries.size(), 1);
    hidden[static_cast<size_t>(row)] = 0;
    if (hidden == m_model->hidden)
        hidden.assign(hidden.size(), 0);
    m_model->setHidden(std::move(hidden));
    Q_EMIT hiddenChanged(m_model->hidden);
}

void CategoryLegend::raise(int row) {
    if (row == m_raised)
        return;
    m_raised = row;
    Q_EMIT raised(row);
}

void CategoryLegend::mousePressEvent(QMouseEvent* event) {
    QListView::mousePressEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    if (!index.isValid() || event->button() != Qt::LeftButton)
        return;
    if (event->modifiers() & Qt::ControlModifier)
        Q_EMIT marked(index.row(), event->modifiers() & Qt::ShiftModifier);
    else
        toggle(index.row());
}

void CategoryLegend::mouseDoubleClickEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->position().toPoint());
    if (!index.isValid() || event->button() != Qt::LeftButton || event->modifiers() & Qt::ControlModifier)
        return;
    // The first press has hidden or shown it already: what counts is how the colours were before that.
    std::vector<uint8_t> before = m_model->hidden;
    auto& own = before[static_cast<size_t>(index.row())];
    own = own == 0 ? 1 : 0;
    m_model->setHidden(std::move(before));
    showAlone(index.row());
}

void CategoryLegend::mouseMoveEvent(QMouseEvent* event) {
    QListView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    const bool shown = index.isValid() && m_model->hidden[static_cast<size_t>(index.row())] == 0;
    raise(shown ? index.row() : -1);
}

void CategoryLegend::leaveEvent(QEvent* event) {
    QListView::leaveEvent(event);
    raise(-1);
}

void CategoryLegend::keyPressEvent(QKeyEvent* event) {
    const QModelIndex index = currentIndex();
    if (index.isValid() && event->key() == Qt::Key_Space && event->modifiers() & Qt::ControlModifier)
        Q_EMIT marked(index.row(), event->modifiers() & Qt::ShiftModifier);
    else if (index.isValid() && event->key() == Qt::Key_Space)
        toggle(index.row());
    else if (index.isValid() && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        showAlone(index.row());
    else
        QListView::keyPressEvent(event);
}

ValueLegend::ValueLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setToolTip(tr("Drag over bars to select the points with those values; Shift adds them"));
}

void ValueLegend::setScale(std::vector<QRgb> ramp, double low, double high, std::vector<qint64> counts) {
    m_ramp = std::move(ramp);
    m_counts = std::move(counts);
    m_low = low;
    m_high = high;
    m_from = m_to = -1;
    setAccessibleDescription(tr("From %1 to %2").arg(low).arg(high));
    update();
}

int ValueLegend::partAt(double x) const {
    const auto parts = static_cast<int>(m_counts.size());
    return std::clamp(static_cast<int>(x / std::max(1, width()) * parts), 0, parts - 1);
}

void ValueLegend::choose(int from, int to) {
    m_from = from;
    m_to = to;
    update();
}

void ValueLegend::mark(bool add) {
    if (m_from < 0 || m_counts.empty())
        return;
    const double part = (m_high - m_low) / static_cast<double>(m_counts.size());
    const int first = std::min(m_from, m_to), last = std::max(m_from, m_to);
    const bool toEnd = last + 1 == static_cast<int>(m_counts.size());
    Q_EMIT marked(m_low + first * part, toEnd ? m_high : m_low + (last + 1) * part, add);
}

void ValueLegend::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_counts.empty())
        return;
    m_dragging = true;
    choose(partAt(event->position().x()), partAt(event->position().x()));
}

void ValueLegend::mouseMoveEvent(QMouseEvent* event) {
    if (m_dragging)
        choose(m_from, partAt(event->position().x()));
}

void ValueLegend::mouseReleaseEvent(QMouseEvent* event) {
    if (std::exchange(m_dragging, false))
        mark(event->modifiers() & Qt::ShiftModifier);
}

void ValueLegend::keyPressEvent(QKeyEvent* event) {
    const auto parts = static_cast<int>(m_counts.size());
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (step != 0 && parts > 0) {
        const int to = std::clamp(m_to + step, 0, parts - 1);
        choose(event->modifiers() & Qt::ShiftModifier && m_from >= 0 ? m_from : to, to);
    } else if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return) {
        mark(event->modifiers() & Qt::ShiftModifier);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void ValueLegend::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void ValueLegend::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void ValueLegend::paintParts(QPainter& painter, const QRectF& bar) const {
    const qint64 most = m_counts.empty() ? 0 : *std::max_element(m_counts.begin(), m_counts.end());
    const double each = m_counts.empty() ? 0 : width() / static_cast<double>(m_counts.size());
    const int first = std::min(m_from, m_to), last = std::max(m_from, m_to);
    for (size_t i = 0; most > 0 && i < m_counts.size(); ++i) {
        const bool chosen = m_from < 0 || (static_cast<int>(i) >= first && static_cast<int>(i) <= last);
        const double share = static_cast<double>(m_counts[i]) / static_cast<double>(most);
        const double high = m_counts[i] > 0 ? std::max(1.5, share * (bar.top() - 4)) : 0;
        const double center = (static_cast<double>(i) + 0.5) / static_cast<double>(m_counts.size());
        QColor color =
            QColor::fromRgb(m_ramp[static_cast<size_t>(center * static_cast<double>(m_ramp.size()))]);
        color.setAlphaF(chosen ? 1.0F : 0.3F);
        painter.fillRect(
            QRectF(static_cast<double>(i) * each, bar.top() - 2 - high, std::max(1.0, each - 1), high),
            color);
    }
}

void ValueLegend::paintEvent(QPaintEvent*) {
    if (m_ramp.empty())
        return;
    QPainter painter(this);
    painter.setFont(theme::font(theme::Text::Caption));
    const int text = painter.fontMetrics().height();
    const QRectF bar(0, height() - text - 4 - kRampHeight, width(), kRampHeight);
    for (int x = 0; x < width(); ++x)
        painter.fillRect(
            QRectF(x, bar.top(), 1, bar.height()),
            QColor::fromRgb(m_ramp[static_cast<size_t>(x) * m_ramp.size() / static_cast<size_t>(width())]));
    paintParts(painter, bar);
    painter.setPen(theme::colors().mutedText);
    const QRectF line(0, height() - text, width(), text);
    painter.drawText(line, Qt::AlignLeft, QString::number(m_low, 'g', 3));
    painter.drawText(line, Qt::AlignRight, QString::number(m_high, 'g', 3));
    if (hasFocus()) {
        painter.setPen(theme::colors().accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/pair_list.h"

#include "ui/models/formatting.h"
#include "ui/models/thumbnail_provider.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"

#include <QItemSelectionModel>
#include <QPainter>
#include <QPainterPath>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>

namespace diptych::ui {

namespace {

constexpr int kPicture = 72, kPadding = 6, kBarHeight = 6, kBarWidth = 150, kMark = 16;

/// Everything a row needs to paint one leaf.
struct Leaf {
    QRect area;
    bool left = true; ///< A, whose words end at the hinge
    QString answer, score;
    double share = -1; ///< of the bar; below 0 = none
    int verdict = -1;  ///< 1 right, 0 wrong, -1 neither
};

QColor verdictColor(int verdict) {
    const theme::Colors& c = theme::colors();
    return verdict > 0 ? c.success : verdict == 0 ? c.danger : c.accent;
}

/// A tick or a cross, so that nobody has to tell green from red.
void paintMark(QPainter& painter, const QRectF& area, int verdict) {
    if (verdict < 0)
        return;
    painter.setPen(QPen(verdictColor(verdict), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    const QRectF box = area.adjusted(3, 3, -3, -3);
    QPainterPath path;
    if (verdict > 0) {
        path.moveTo(box.left(), box.center().y());
        path.lineTo(box.left() + box.width() * 0.38, box.bottom() - 1);
        path.lineTo(box.right(), box.top() + 1);
    } else {
        path.moveTo(box.topLeft());
        path.lineTo(box.bottomRight());
        path.moveTo(box.topRight());
        path.lineTo(box.bottomLeft());
    }
    painter.drawPath(path);
}

/// A wash from the hinge outwards says at a glance who is right.
void paintWash(QPainter& painter, const Leaf& leaf) {
    if (leaf.verdict < 0)
        return;
    QColor near = verdictColor(leaf.verdict), far = near;
    near.setAlphaF(theme::colors().dark ? 0.22F : 0.14F);
    far.setAlphaF(0);
    const QRectF area(leaf.area);
    QLinearGradient wash(leaf.left ? area.topRight() : area.topLeft(),
                         leaf.left ? area.topLeft() : area.topRight());
    wash.setColorAt(0, near);
    wash.setColorAt(1, far);
    painter.fillRect(area, wash);
}

void paintLeaf(QPainter& painter, const Leaf& leaf, const QFont& strong, const QFont& plain) {
    paintWash(painter, leaf);
    const theme::Colors& c = theme::colors();
    const QRect inner = leaf.area.adjusted(theme::kMedium, 0, -theme::kMedium, 0);
    const int lines =
        QFontMetrics(strong).height() + QFontMetrics(plain).height() + kBarHeight + theme::kSmall;
    QRect line(inner.left(), inner.center().y() - lines / 2, inner.width(), QFontMetrics(strong).height());
    const Qt::Alignment side = leaf.left ? Qt::AlignRight : Qt::AlignLeft;
    const QRect mark(leaf.left ? line.right() - kMark + 1 : line.left(), line.center().y() - kMark / 2, kMark,
                     kMark);
    const int indent = leaf.verdict < 0 ? 0 : kMark + theme::kTiny;
    paintMark(painter, mark, leaf.verdict);
    QRect words = line;
    leaf.left ? words.setRight(line.right() - indent) : words.setLeft(line.left() + indent);
    painter.setFont(strong);
    painter.setPen(c.text);
    painter.drawText(words, int(side | Qt::AlignVCenter) | Qt::TextSingleLine,
                     QFontMetrics(strong).elidedText(leaf.answer, Qt::ElideRight, words.width()));
    line.translate(0, line.height());
    line.setHeight(QFontMetrics(plain).height());
    painter.setFont(plain);
    painter.setPen(c.mutedText);
    painter.drawText(line, int(side | Qt::AlignVCenter) | Qt::TextSingleLine, leaf.score);
    if (leaf.share < 0)
        return;
    const int width = std::min(kBarWidth, inner.width());
    QRectF track(leaf.left ? inner.right() - width + 1 : inner.left(), line.bottom() + theme::kTiny, width,
                 kBarHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.border);
    painter.drawRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
    const double filled = track.width() * std::clamp(leaf.share, 0.0, 1.0);
    leaf.left ? track.setLeft(track.right() - filled) : track.setWidth(filled);
    painter.setBrush(verdictColor(leaf.verdict));
    if (filled > 0)
        painter.drawRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
}

} // namespace

class PairList::Delegate : public QStyledItemDelegate {
public:
    explicit Delegate(PairList& list) : m_list(list) {}

    QSize sizeHint(const QStyleOptionViewItem& /*option*/, const QModelIndex& /*index*/) const override {
        return {0, kPicture + 2 * kPadding};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const theme::Colors& c = theme::colors();
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        if (selected || option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, selected ? c.accentSoft : c.raised);
        const QFont plain = theme::font(theme::Text::Caption);
        QFont strong = theme::font(theme::Text::Body);
        strong.setWeight(QFont::DemiBold);
        const int hinge = std::min(kHingeWidth, option.rect.width() / 3);
        QRect middle = option.rect;
        middle.setLeft(option.rect.center().x() - hinge / 2);
        middle.setWidth(hinge);
        for (const bool first : {true, false})
            paintLeaf(*painter, leafOf(index.row(), first, option.rect, middle), strong, plain);
        paintHinge(*painter, middle, index.row(), plain);
        painter->setPen(c.border);
        painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
        if (selected && option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(QPen(c.accent, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRect(QRectF(option.rect).adjusted(0.75, 0.75, -0.75, -0.75));
        }
        painter->restore();
    }

private:
    Leaf leafOf(int row, bool first, const QRect& whole, const QRect& middle) const {
        const RunComparison& comparison = m_list.m_pairs.pair()->comparison;
        const ComparedExample& example = m_list.m_pairs.example(row);
        Leaf leaf;
        leaf.left = first;
        leaf.area = whole;
        first ? leaf.area.setRight(middle.left() - 1) : leaf.area.setLeft(middle.right() + 1);
        leaf.answer = answerText(comparison, example, first);
        leaf.score = answerScoreText(comparison, example, first);
        const double value = first ? example.first : example.second;
        if (comparison.rightOrWrong())
            leaf.verdict = value > 0 ? 1 : 0;
        else if (example.first != example.second)
            leaf.verdict = value > (first ? example.second : example.first) ? 1 : 0;
        const float score = first ? example.firstScore : example.secondScore;
        if (std::isfinite(score) && score >= 0 && score <= 1)
            leaf.share = static_cast<double>(score);
        if (leaf.answer.isEmpty())
            leaf.answer = !comparison.rightOrWrong() ? std::exchange(leaf.score, QString())
                          : value > 0                ? tr("right")
                                                     : tr("wrong");
        return leaf;
    }

    void paintHinge(QPainter& painter, const QRect& area, int row, const QFont& font) const {
        const theme::Colors& c = theme::colors();
        const RunComparison& comparison = m_list.m_pairs.pair()->comparison;
        const ComparedExample& example = m_list.m_pairs.example(row);
        const QRect square(area.left() + kPadding, area.top() + kPadding, kPicture, kPicture);
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.sunken);
        painter.drawRoundedRect(square, 4, 4);
        const double ratio = m_list.devicePixelRatioF();
        const auto thumbnail = m_list.m_thumbnails.thumbnail(
            example.sample, static_cast<int>(std::lround(kPicture * ratio)), &m_list);
        if (thumbnail.status == ThumbnailProvider::Status::Ready) {
            QRectF at(QPointF(), QSizeF(thumbnail.image.size()).scaled(square.size(), Qt::KeepAspectRatio));
            at.moveCenter(QRectF(square).center());
            painter.drawImage(at, thumbnail.image);
        } else if (thumbnail.status == ThumbnailProvider::Status::Failed) {
            QRect icon(0, 0, 32, 32);
            icon.moveCenter(square.center());
            theme::icon(QStringLiteral("image-broken")).paint(&painter, icon);
        }
        QRect words = area.adjusted(kPicture + 2 * kPadding, kPadding, -kTextGap, -kPadding);
        painter.setFont(font);
        const QFontMetrics metrics(font);
        QRect line(words.left(), words.center().y() - metrics.height(), words.width(), metrics.height());
        const QString truth = toQString(comparison.nameOf(example.truth));
        const auto flags = int(Qt::AlignLeft | Qt::AlignVCenter) | Qt::TextSingleLine;
        painter.setPen(c.text);
        painter.drawText(line, flags, metrics.elidedText(truth, Qt::ElideRight, line.width()));
        painter.setPen(c.mutedText);
        const QString name = m_list.m_pairs.key(row).section(QLatin1Char('/'), -1);
        painter.drawText(line.translated(0, metrics.height()), flags,
                         metrics.elidedText(name, Qt::ElideMiddle, line.width()));
    }

    static constexpr int kTextGap = 4;
    PairList& m_list;
};

PairList::PairList(ThumbnailProvider& thumbnails, QWidget* parent)
    : QListView(parent), m_thumbnails(thumbnails), m_delegate(std::make_unique<Delegate>(*this)) {
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setUniformItemSizes(true);
    setVerticalScrollMode(ScrollPerPixel);
    setMouseTracking(true);
    setAutoScroll(false); // what is current elsewhere must not take the first rows out of sight
    setAccessibleName(tr("Examples side by side"));
    setItemDelegate(m_delegate.get());
    setModel(&m_pairs);
    connect(&m_thumbnails, &ThumbnailProvider::ready, this, [this](SampleId sample) {
        const auto [first, last] = visibleRows();
        for (int row = first; row < last; ++row)
            if (m_pairs.example(row).sample == sample)
                update(m_pairs.index(row));
    });
    connect(&m_thumbnails, &ThumbnailProvider::cleared, viewport(), qOverload<>(&QWidget::update));
    connect(&m_pairs, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_busy = true; });
}

PairList::~PairList() {
    setModel(nullptr); // before the model goes
}

void PairList::setPairs(ComparedPairPtr pair, std::vector<uint32_t> places) {
    m_pairs.setPairs(std::move(pair), std::move(places));
    m_busy = false;
    scrollToTop();
    take(false);
    nameVisible();
}

SampleId PairList::sampleOf(const QModelIndex& index) const {
    return index.isValid() ? m_pairs.example(index.row()).sample : SampleId{};
}

std::vector<SampleId> PairList::selectedSamples() const {
    std::vector<SampleId> samples;
    for (const QItemSelectionRange& range : selectionModel()->selection())
        for (int row = range.top(); row <= range.bottom(); ++row)
            samples.push_back(m_pairs.example(row).sample);
    return samples;
}

std::pair<int, int> PairList::visibleRows() const {
    const QModelIndex first = indexAt({1, 1});
    if (!first.isValid())
        return {0, 0};
    const int rows = viewport()->height() / std::max(1, visualRect(first).height()) + 2;
    return {first.row(), std::min(m_pairs.rowCount(), first.row() + rows)};
}

void PairList::bindSelection(Selection* selection) {
    if (m_selection == selection)
        return;
    if (m_selection)
        m_selection->disconnect(this);
    m_selection = selection;
    if (selection)
        connect(selection, &Selection::changed, this,
                [this] { take(m_seen && m_selection->current() != m_seen); });
    take(false);
}

void PairList::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
    QListView::selectionChanged(selected, deselected);
    give();
}

void PairList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QListView::currentChanged(current, previous);
    if (hasFocus() && !m_busy && current.isValid())
        scrollTo(current);
    give();
}

void PairList::give() {
    if (!m_selection || m_busy || !hasFocus()) // only what a person does here is for all
        return;
    const QScopedValueRollback<bool> guard(m_busy, true);
    m_seen = sampleOf(currentIndex());
    m_selection->set(selectedSamples(), m_seen);
}

void PairList::take(bool follow) {
    if (!m_selection || m_busy || m_pairs.rowCount() == 0)
        return;
    m_follow = m_follow || follow;
    m_stale = !isVisible(); // a hidden list looks when it is shown
    if (m_stale)
        return;
    const QScopedValueRollback<bool> guard(m_busy, true);
    QItemSelection rows;
    int current = -1;
    for (int row = 0; row < m_pairs.rowCount(); ++row) {
        const SampleId sample = m_pairs.example(row).sample;
        if (sample == m_selection->current())
            current = row;
        if (!m_selection->contains(sample))
            continue;
        const QModelIndex index = m_pairs.index(row);
        if (!rows.isEmpty() && rows.last().bottom() == row - 1)
            rows.last() = QItemSelectionRange(rows.last().topLeft(), index);
        else
            rows.append(QItemSelectionRange(index));
    }
    selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect);
    if (current >= 0) {
        selectionModel()->setCurrentIndex(m_pairs.index(current), QItemSelectionModel::NoUpdate);
        if (m_follow)
            scrollTo(m_pairs.index(current));
    }
    m_seen = m_selection->current();
    m_follow = false;
}

void PairList::showEvent(QShowEvent* event) {
    QListView::showEvent(event);
    if (m_stale)
        take(false);
    nameVisible();
}

void PairList::scrollContentsBy(int dx, int dy) {
    QListView::scrollContentsBy(dx, dy);
    nameVisible();
}

void PairList::nameVisible() {
    std::vector<SampleId> samples;
    const auto [first, last] = visibleRows();
    for (int row = first; row < last; ++row)
        samples.push_back(m_pairs.example(row).sample);
    m_thumbnails.setVisible(this, samples);
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/outcome_table.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr std::array kKinds{PairKind::BothRight, PairKind::FirstRight, PairKind::SecondRight,
                            PairKind::BothWrong}; // as PairOutcome

} // namespace

/// A count with its share, filled the more the more examples are in it.
class OutcomeCell : public QAbstractButton {
public:
    OutcomeCell() {
        setCheckable(true);
        setAccessibleName(tr("No examples")); // until a comparison is there
        setCursor(Qt::PointingHandCursor);
        setFocusPolicy(Qt::StrongFocus);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    /// @param titled whether it says what it counts, where no heading does
    void show(size_t count, size_t all, const QString& title, bool flips, bool titled) {
        m_count = exactCountText(static_cast<long long>(count));
        m_share = all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
        m_flips = flips;
        m_caption = titled ? title : shareText(m_share);
        setAccessibleName(tr("%1: %2, %3").arg(title, m_count, shareText(m_share)));
        setToolTip(QStringLiteral("<p>%1</p>").arg(accessibleName().toHtmlEscaped()));
        update();
    }
    QSize sizeHint() const override {
        return {96, QFontMetrics(theme::font(theme::Text::Heading)).height() +
                        QFontMetrics(theme::font(theme::Text::Caption)).height() + theme::kMedium};
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        const theme::Colors& c = theme::colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(1, 1, -1, -1);
        QColor fill = m_flips ? c.accent : c.mutedText;
        fill.setAlphaF(static_cast<float>(0.05 + 0.35 * std::clamp(m_share, 0.0, 1.0)));
        painter.setPen(isChecked() ? QPen(c.accent, 2) : hasFocus() ? QPen(c.accent, 1) : QPen(c.border, 1));
        painter.setBrush(c.surface);
        painter.drawRoundedRect(box, theme::kRadius, theme::kRadius);
        painter.setBrush(underMouse() ? fill.lighter(115) : fill);
        painter.drawRoundedRect(box, theme::kRadius, theme::kRadius);
        const QFont strong = theme::font(theme::Text::Heading), plain = theme::font(theme::Text::Caption);
        const int top = (height() - QFontMetrics(strong).height() - QFontMetrics(plain).height()) / 2;
        painter.setPen(c.text);
        painter.setFont(strong);
        painter.drawText(QRect(0, top, width(), QFontMetrics(strong).height()), Qt::AlignCenter, m_count);
        painter.setFont(plain);
        painter.drawText(QRect(0, top + QFontMetrics(strong).height(), width(), QFontMetrics(plain).height()),
                         Qt::AlignCenter,
                         QFontMetrics(plain).elidedText(m_caption, Qt::ElideRight, width() - theme::kSmall));
    }
    void enterEvent(QEnterEvent* event) override {
        QAbstractButton::enterEvent(event);
        update();
    }
    void leaveEvent(QEvent* event) override {
        QAbstractButton::leaveEvent(event);
        update();
    }

private:
    QString m_count, m_caption;
    double m_share = 0;
    bool m_flips = false;
};

OutcomeTable::OutcomeTable(QWidget* parent) : QWidget(parent) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(theme::kTiny);
    const std::array titles{tr("A right"), tr("A wrong"), tr("B right"), tr("B wrong")};
    for (size_t i = 0; i < titles.size(); ++i) {
        m_headings[i] = new QLabel(titles[i]);
        theme::style(m_headings[i], theme::Text::Caption);
    }
    grid->addWidget(m_headings[2], 0, 1, Qt::AlignHCenter);
    grid->addWidget(m_headings[3], 0, 2, Qt::AlignHCenter);
    grid->addWidget(m_headings[0], 1, 0);
    grid->addWidget(m_headings[1], 2, 0);
    for (size_t i = 0; i < m_cells.size(); ++i) {
        auto* cell = new OutcomeCell;
        cell->setObjectName(QStringLiteral("outcome-") + QString::fromLatin1(pairKindName(kKinds[i]).data()));
        connect(cell, &QAbstractButton::clicked, this,
                [this, cell, kind = kKinds[i]] { Q_EMIT chosen(cell->isChecked() ? kind : PairKind::All); });
        // Both right, first alone, second alone, both wrong: A by rows, B by columns.
        grid->addWidget(cell, i < 2 ? 1 : 2, i % 2 == 0 ? 1 : 2);
        m_cells[i] = cell;
    }
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(2, 1);
}

void OutcomeTable::show(const RunComparison& comparison) {
    const bool verdicts = comparison.rightOrWrong();
    for (size_t i = 0; i < m_cells.size(); ++i) {
        m_cells[i]->show(comparison.counts[i], comparison.common,
                         toQString(pairKindTitle(kKinds[i], comparison, "A", "B")), i == 1 || i == 2,
                         !verdicts);
    }
    // Of scores there are three kinds: equal ones stand beside those that are higher in one run.
    m_cells[3]->setVisible(verdicts);
    for (QLabel* heading : m_headings)
        heading->setVisible(verdicts);
}

void OutcomeTable::setKind(PairKind kind) {
    for (size_t i = 0; i < m_cells.size(); ++i)
        m_cells[i]->setChecked(kKinds[i] == kind ||
                               (kKinds[i] == PairKind::BothWrong &&
                                (kind == PairKind::BothWrongAgree || kind == PairKind::BothWrongDiffer)));
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/tour.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kWidth = 380;
constexpr int kLine = 3; ///< of the outline

} // namespace

/// A frame around what a step is about; the mouse goes through it.
class Tour::Outline : public QWidget {
public:
    explicit Outline(QWidget* parent) : QWidget(parent) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        hide();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(theme::colors().accent, kLine));
        painter.drawRoundedRect(QRectF(rect()).adjusted(kLine, kLine, -kLine, -kLine), 6, 6);
    }
};

Tour::Tour(QWidget* over, std::function<QWidget*(const QString&)> pageOf, std::vector<TourStep> steps)
    : QFrame(over), m_over(over), m_pageOf(std::move(pageOf)), m_steps(std::move(steps)) {
    setObjectName(QStringLiteral("tour"));
    setAccessibleName(tr("Tour"));
    theme::makeCard(this);
    setAutoFillBackground(true);
    setFixedWidth(kWidth);
    m_outline = new Outline(over);
    m_count = new QLabel;
    theme::style(m_count, theme::Text::Caption);
    m_title = new QLabel;
    m_title->setObjectName(QStringLiteral("tourTitle"));
    theme::style(m_title, theme::Text::Heading);
    m_text = new QLabel;
    for (QLabel* label : {m_title, m_text}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_skip = new QPushButton(tr("Skip"));
    m_skip->setObjectName(QStringLiteral("tourSkip"));
    m_back = new QPushButton(tr("Back"));
    m_back->setObjectName(QStringLiteral("tourBack"));
    m_next = new QPushButton(tr("Next"));
    m_next->setObjectName(QStringLiteral("tourNext"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kMedium);
    column->setSpacing(theme::kSmall);
    column->addWidget(m_count);
    column->addWidget(m_title);
    column->addWidget(m_text);
    auto* row = new QHBoxLayout;
    row->addWidget(m_skip);
    row->addStretch(1);
    row->addWidget(m_back);
    row->addWidget(m_next);
    column->addLayout(row);
    connect(m_skip, &QPushButton::clicked, this, &Tour::end);
    connect(m_back, &QPushButton::clicked, this, [this] { go(m_step - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { go(m_step + 1); });
    over->installEventFilter(this);
    hide();
}

Tour::~Tour() = default;

void Tour::start() {
    show();
    go(0);
}

void Tour::go(int step) {
    if (step < 0)
        return;
    if (step >= steps()) {
        end();
        return;
    }
    m_step = step;
    const TourStep& now = m_steps[static_cast<size_t>(step)];
    if (m_target)
        m_target->removeEventFilter(this);
    QWidget* page = m_pageOf(now.page);
    m_target = page && !now.widget.isEmpty() ? page->findChild<QWidget*>(now.widget) : page;
    if (m_target)
        m_target->installEventFilter(this); // it is laid out when its page is shown
    m_count->setText(tr("%1 of %2").arg(step + 1).arg(steps()));
    m_title->setText(now.title);
    m_text->setText(now.text);
    m_back->setEnabled(step > 0);
    m_next->setText(step + 1 == steps() ? tr("Done") : tr("Next"));
    m_next->setDefault(true);
    m_next->setFocus();
    setAccessibleDescription(now.title + QStringLiteral(". ") + now.text);
    place();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

QWidget* Tour::outlined() const {
    return m_outline->isVisible() ? m_target : nullptr;
}

void Tour::end() {
    QWidget* page = m_target;
    if (page)
        page->removeEventFilter(this);
    m_target = nullptr;
    m_outline->hide();
    // The focus goes to what was spoken of; left with the card that hides, no key would reach the window.
    if (page && page->isVisible())
        page->setFocus();
    if (!page || !page->hasFocus())
        m_over->setFocus();
    hide();
    Q_EMIT ended();
}

/// The card in the lower right corner, or in the left one where it would hide most of what it is about.
void Tour::place() {
    if (!isVisible())
        return;
    adjustSize();
    const QRect area = m_over->rect().adjusted(theme::kHuge, theme::kHuge, -theme::kHuge, -theme::kHuge);
    QRect card(QPoint(area.right() - width(), area.bottom() - height()), size());
    const bool seen = m_target && m_target->isVisible();
    if (seen) {
        const QRect target(m_target->mapTo(m_over, QPoint()), m_target->size());
        m_outline->setGeometry(
            target.adjusted(-2 * kLine, -2 * kLine, 2 * kLine, 2 * kLine).intersected(m_over->rect()));
        const bool small = target.width() < 2 * width() || target.height() < 2 * height();
        if (small && card.intersects(target))
            card.moveLeft(area.left());
        if (small && card.intersects(target))
            card.moveTop(area.top());
    }
    m_outline->setVisible(seen);
    m_outline->raise();
    move(card.topLeft());
    raise();
}

/// Esc ends the tour while it has the focus, rather than what the window does with it.
bool Tour::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape)
        event->accept();
    return QFrame::event(event);
}

void Tour::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        end();
    else
        QFrame::keyPressEvent(event);
}

bool Tour::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
    case QEvent::Resize:
    case QEvent::Move:
    case QEvent::Show:
    case QEvent::Hide:
        place();
        break;
    default:
        break;
    }
    return QFrame::eventFilter(watched, event);
}

std::vector<TourStep> firstTour() {
    const auto tr = [](const char* text) { return QCoreApplication::translate("diptych::ui::Tour", text); };
    return {
        {QStringLiteral("datasets"), QStringLiteral("thumbnailGrid"), tr("Your images"),
         tr("The demo's scenes. Drop a folder or a table here to have your own; files stay where they are. "
            "What "
            "you select here is selected on every page, and the side bar's filter narrows all of them.")},
        {QStringLiteral("evaluate"), QStringLiteral("run"), tr("Press Run"),
         tr("Choose a dataset, a model and a task. While you change prompts the score follows; Run keeps it "
            "with "
            "its interval, every example and the command that repeats it.")},
        {QStringLiteral("runs"), QStringLiteral("resultTabs"), tr("The pictures behind a number"),
         tr("Click a cell of the confusion matrix to see who was taken for whom, move a threshold and see "
            "what "
            "changes side, or hold the number against a published one.")},
        {QStringLiteral("map"), QStringLiteral("mapCanvas"), tr("All images at once"),
         tr("The model's embeddings as a map. Draw round some to select them everywhere, or type a text to "
            "see "
            "where it lies.")},
        {QStringLiteral("compare"),
         {},
         tr("Two side by side"),
         tr("Two runs or models on the same images, where they disagree first: who is right, is the "
            "difference "
            "decided, and what moved in their spaces.")},
    };
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/multi_choice.h"

#include "ui/models/formatting.h"
#include "ui/theme/theme.h"

#include <QFrame>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QScreen>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace diptych::ui {

namespace {
constexpr int kIdRole = Qt::UserRole, kNameRole = Qt::UserRole + 1;
constexpr int kPopupWidth = 280, kPopupHeight = 360;
constexpr int kLetters = 12; // that the button has room for
} // namespace

MultiChoice::MultiChoice(QWidget* parent)
    : QPushButton(parent),
      m_popup(new QFrame(this, Qt::Popup)),
      m_search(new QLineEdit(m_popup)),
      m_list(new QListWidget(m_popup)),
      m_all(new QPushButton(m_popup)) {
    setIcon(theme::icon(QStringLiteral("chevron-down")));
    setLayoutDirection(Qt::RightToLeft); // the arrow stands at the right
    theme::makeCard(m_popup);
    m_search->setPlaceholderText(tr("Type to find"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    m_list->setUniformItemSizes(true);
    auto* layout = new QVBoxLayout(m_popup);
    layout->setContentsMargins(theme::kSmall, theme::kSmall, theme::kSmall, theme::kSmall);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_all);
    m_popup->setLayoutDirection(Qt::LeftToRight);
    for (QWidget* part : std::initializer_list<QWidget*>{m_search, m_list, m_all})
        part->installEventFilter(this);
    connect(this, &QPushButton::clicked, this, &MultiChoice::open);
    connect(m_search, &QLineEdit::textChanged, this, &MultiChoice::narrow);
    connect(m_search, &QLineEdit::returnPressed, this, &MultiChoice::toggleFirst);
    connect(m_list, &QListWidget::itemChanged, this, [this] {
        updateText();
        Q_EMIT changed();
    });
    // A click anywhere on the line ticks it, not on its box alone.
    connect(m_list, &QListWidget::itemActivated, this, [](QListWidgetItem* item) {
        item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
    });
    connect(m_all, &QPushButton::clicked, this, [this] {
        if (!chosen().isEmpty()) {
            setChosen({});
            Q_EMIT changed();
        }
        m_popup->hide();
    });
}

void MultiChoice::setChoices(const QString& all, const QString& many, const std::vector<Choice>& choices) {
    const QStringList before = chosen();
    const QSignalBlocker quiet(m_list);
    m_allText = all;
    m_manyText = many;
    m_all->setText(all);
    m_list->clear();
    for (const Choice& choice : choices) {
        auto* item =
            new QListWidgetItem(tr("%1  (%2)").arg(choice.text, exactCountText(choice.count)), m_list);
        item->setData(kIdRole, choice.id);
        item->setData(kNameRole, choice.text);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(before.contains(choice.id) ? Qt::Checked : Qt::Unchecked);
    }
    m_list->setAccessibleName(accessibleName());
    updateText();
}

void MultiChoice::setChosen(const QStringList& ids) {
    const QSignalBlocker quiet(m_list);
    for (int row = 0; row < m_list->count(); ++row)
        m_list->item(row)->setCheckState(
            ids.contains(m_list->item(row)->data(kIdRole).toString()) ? Qt::Checked : Qt::Unchecked);
    updateText();
}

QStringList MultiChoice::ids() const {
    QStringList ids;
    for (int row = 0; row < m_list->count(); ++row)
        ids << m_list->item(row)->data(kIdRole).toString();
    return ids;
}

QStringList MultiChoice::chosen() const {
    QStringList ids;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->checkState() == Qt::Checked)
            ids << m_list->item(row)->data(kIdRole).toString();
    return ids;
}

QSize MultiChoice::sizeHint() const {
    QSize size = QPushButton::sizeHint();
    size.setWidth(fontMetrics().averageCharWidth() * kLetters + 2 * theme::kHuge);
    return size;
}

void MultiChoice::updateText() {
    QStringList names;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->checkState() == Qt::Checked)
            names << m_list->item(row)->data(kNameRole).toString();
    QString text = m_allText;
    if (names.size() == 1)
        text = names.front();
    else if (names.size() > 1)
        text = m_manyText.arg(names.size());
    setToolTip(names.isEmpty() ? accessibleName() : names.join(QStringLiteral(", ")));
    setAccessibleDescription(text);
    text = fontMetrics().elidedText(text, Qt::ElideMiddle, fontMetrics().averageCharWidth() * (kLetters + 2));
    setText(text.replace(QLatin1Char('&'), QStringLiteral("&&")));
}

void MultiChoice::open() {
    m_popup->resize(std::max(width(), kPopupWidth), kPopupHeight);
    QPoint place = mapToGlobal(QPoint(0, height()));
    const QRect free = screen()->availableGeometry();
    place.setX(std::min(place.x(), free.right() - m_popup->width()));
    place.setY(std::min(place.y(), free.bottom() - m_popup->height()));
    m_popup->move(place);
    m_search->clear();
    m_popup->show();
    m_search->setFocus(Qt::PopupFocusReason);
}

void MultiChoice::narrow(const QString& text) {
    for (int row = 0; row < m_list->count(); ++row)
        m_list->item(row)->setHidden(
            !m_list->item(row)->data(kNameRole).toString().contains(text, Qt::CaseInsensitive));
}

void MultiChoice::toggleFirst() {
    for (int row = 0; row < m_list->count(); ++row)
        if (!m_list->item(row)->isHidden()) {
            QListWidgetItem* item = m_list->item(row);
            item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
            m_search->selectAll();
            return;
        }
}

void MultiChoice::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        open();
    else
        QPushButton::keyPressEvent(event);
}

bool MultiChoice::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept(); // closes the list, and is no shortcut of the window behind it
        return true;
    }
    if (watched == m_search && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Down) {
        m_list->setFocus();
        for (int row = 0; row < m_list->count() && !m_list->currentItem(); ++row)
            if (!m_list->item(row)->isHidden())
                m_list->setCurrentRow(row);
        return true;
    }
    return QPushButton::eventFilter(watched, event);
}

} // namespace diptych::ui

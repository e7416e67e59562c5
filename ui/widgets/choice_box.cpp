// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/choice_box.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QScreen>
#include <QScrollBar>
#include <QStyleOptionComboBox>
#include <QStylePainter>
#include <QToolTip>

#include <algorithm>

namespace diptych::ui {

ChoiceBox::ChoiceBox(const char* objectName, const QString& title, int leastCharacters, QWidget* parent)
    : QComboBox(parent) {
    setObjectName(QString::fromLatin1(objectName));
    setAccessibleName(title);
    setToolTip(title);
    setSizeAdjustPolicy(AdjustToContents);
    setMinimumContentsLength(leastCharacters);
}

QSize ChoiceBox::sizeHint() const {
    QSize size = QComboBox::sizeHint();
    const int most = minimumSizeHint().width() +
                     (kMostCharacters - minimumContentsLength()) * fontMetrics().averageCharWidth();
    size.setWidth(std::min(size.width(), most));
    return size;
}

QString ChoiceBox::shownText() const {
    QStyleOptionComboBox option;
    initStyleOption(&option);
    int room =
        style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width();
    if (!option.currentIcon.isNull())
        room -= option.iconSize.width() + 4;
    return fontMetrics().elidedText(currentText(), Qt::ElideMiddle, room);
}

void ChoiceBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    painter.setPen(palette().color(QPalette::Text));
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    option.currentText = shownText();
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

void ChoiceBox::showPopup() {
    int width = view()->sizeHintForColumn(0) + 2 * view()->frameWidth() +
                view()->verticalScrollBar()->sizeHint().width();
    if (const QScreen* on = screen())
        width = std::min(width, on->availableGeometry().width());
    view()->setMinimumWidth(width);
    QComboBox::showPopup();
}

bool ChoiceBox::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || currentText().isEmpty())
        return QComboBox::event(event);
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                       tr("%1: %2").arg(toolTip().toHtmlEscaped(), currentText().toHtmlEscaped()), this);
    return true;
}

} // namespace diptych::ui

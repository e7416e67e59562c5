// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/report_preview.h"

#include "ui/print/report_pages.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr double kStep = 1.25, kLeast = 0.5, kMost = 4;

QPushButton* button(const QString& text, const QString& name, const char* id) {
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(id));
    made->setAccessibleName(name);
    made->setToolTip(name);
    made->setAutoDefault(false);
    return made;
}

} // namespace

ReportPreview::ReportPreview(QWidget* parent) : QWidget(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* bar = new QHBoxLayout;
    m_previous = button(QStringLiteral("‹"), tr("Previous page (Page Up)"), "previousPage");
    m_next = button(QStringLiteral("›"), tr("Next page (Page Down)"), "nextPage");
    m_smaller = button(QStringLiteral("−"), tr("Smaller (-)"), "zoomOut");
    m_larger = button(QStringLiteral("+"), tr("Larger (+)"), "zoomIn");
    m_position = new QLabel;
    m_position->setObjectName(QStringLiteral("pagePosition"));
    for (QWidget* widget : std::initializer_list<QWidget*>{m_previous, m_position, m_next})
        bar->addWidget(widget);
    bar->addStretch(1);
    bar->addWidget(m_smaller);
    bar->addWidget(m_larger);
    layout->addLayout(bar);
    m_picture = new QLabel;
    m_picture->setObjectName(QStringLiteral("pagePicture"));
    m_picture->setAccessibleName(tr("Page of the report"));
    m_picture->setAlignment(Qt::AlignCenter);
    m_picture->setWordWrap(true);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setWidget(m_picture);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    layout->addWidget(m_scroll, 1);
    setFocusPolicy(Qt::StrongFocus);
    connect(m_previous, &QPushButton::clicked, this, [this] { turn(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { turn(1); });
    connect(m_smaller, &QPushButton::clicked, this, [this] { zoom(1 / kStep); });
    connect(m_larger, &QPushButton::clicked, this, [this] { zoom(kStep); });
    showPage();
}

void ReportPreview::setPages(std::shared_ptr<const print::PageFlow> pages) {
    m_pages = std::move(pages);
    m_page = std::clamp(m_page, 0, std::max(0, m_pages ? m_pages->pageCount() - 1 : 0));
    showPage();
}

void ReportPreview::setMessage(const QString& message) {
    m_pages.reset();
    showPage();
    m_picture->setText(message);
}

void ReportPreview::turn(int by) {
    if (!m_pages)
        return;
    m_page = std::clamp(m_page + by, 0, m_pages->pageCount() - 1);
    showPage();
    m_scroll->verticalScrollBar()->setValue(by > 0 ? 0 : m_scroll->verticalScrollBar()->maximum());
}

void ReportPreview::zoom(double by) {
    m_zoom = std::clamp(m_zoom * by, kLeast, kMost);
    showPage();
}

void ReportPreview::showPage() {
    const int count = m_pages ? m_pages->pageCount() : 0;
    m_previous->setEnabled(m_page > 0 && count > 0);
    m_next->setEnabled(m_page + 1 < count);
    m_smaller->setEnabled(count > 0 && m_zoom > kLeast);
    m_larger->setEnabled(count > 0 && m_zoom < kMost);
    m_position->setText(count > 0 ? tr("Page %1 of %2").arg(m_page + 1).arg(count) : QString());
    if (count == 0) {
        m_picture->setPixmap({});
        return;
    }
    const double ratio = devicePixelRatioF();
    const int room =
        m_scroll->width() - 2 * theme::kLarge - m_scroll->verticalScrollBar()->sizeHint().width();
    const int width = std::max(120, static_cast<int>(room * m_zoom));
    QImage image = print::pageImage(*m_pages, m_page, static_cast<int>(width * ratio));
    image.setDevicePixelRatio(ratio);
    m_picture->setPixmap(QPixmap::fromImage(image));
}

void ReportPreview::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_PageDown)
        turn(1);
    else if (event->key() == Qt::Key_PageUp)
        turn(-1);
    else if (event->key() == Qt::Key_Plus)
        zoom(kStep);
    else if (event->key() == Qt::Key_Minus)
        zoom(1 / kStep);
    else
        QWidget::keyPressEvent(event);
}

void ReportPreview::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (m_pages)
        showPage();
}

} // namespace diptych::ui

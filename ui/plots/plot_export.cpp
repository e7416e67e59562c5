// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_export.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "ui/plots/qcp.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QPrintDialog>
#include <QPrinter>
#include <QSvgGenerator>
#include <QToolButton>

#include <algorithm>
#include <utility>

namespace diptych::ui {
namespace {

constexpr int kDensity = 2;

} // namespace

QByteArray svgBytes(const QSize& size, const QString& title, const std::function<void(QPainter&)>& paint) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(), size));
    generator.setTitle(title);
    QPainter painter(&generator);
    paint(painter);
    painter.end();
    return bytes;
}

QString csvLine(const QStringList& fields) {
    QStringList written;
    for (const QString& field : fields)
        written.append(QString::fromStdString(csvField(field.toStdString())));
    return written.join(QLatin1Char(',')) + QLatin1Char('\n');
}

PlotExport::PlotExport(QWidget& chart, QCustomPlot& plot, std::function<QString()> values)
    : QObject(&chart), m_chart(chart), m_plot(&plot), m_values(std::move(values)) {
    addActions();
}

PlotExport::PlotExport(QWidget& chart, std::function<QString()> values)
    : QObject(&chart), m_chart(chart), m_values(std::move(values)) {
    addActions();
}

void PlotExport::addActions() {
    addAction(tr("Copy picture"), "copyPlot", &PlotExport::copyPicture);
    addAction(tr("Copy values"), "copyPlotValues", &PlotExport::copyValues);
    addAction(tr("Save as…"), "savePlot", &PlotExport::askAndSave);
    addAction(tr("Print…"), "printPlot", &PlotExport::askAndPrint);
    m_chart.setContextMenuPolicy(Qt::ActionsContextMenu);
}

void PlotExport::addAction(const QString& text, const char* name, void (PlotExport::*act)()) {
    auto* action = new QAction(text, &m_chart);
    action->setObjectName(QString::fromLatin1(name));
    connect(action, &QAction::triggered, this, act);
    m_chart.addAction(action);
}

QSize PlotExport::size() const {
    return m_plot ? m_plot->size() : m_chart.size();
}

void PlotExport::paint(QPaintDevice& device, double scale) const {
    QCPPainter painter;
    painter.begin(&device);
    painter.scale(scale, scale);
    if (!m_plot) {
        m_chart.render(&painter, QPoint(), QRegion(), QWidget::DrawChildren);
        return;
    }
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    m_plot->toPainter(&painter, size().width(), size().height());
}

QImage PlotExport::image() const {
    if (m_plot)
        return m_plot->toPixmap(size().width(), size().height(), kDensity).toImage();
    QImage image(size() * kDensity, QImage::Format_ARGB32_Premultiplied);
    image.fill(theme::colors().surface);
    paint(image, kDensity);
    return image;
}

QByteArray PlotExport::svg() const {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size());
    generator.setViewBox(QRect(QPoint(), size()));
    generator.setTitle(m_chart.accessibleName());
    paint(generator, 1);
    return bytes;
}

void PlotExport::print(QPagedPaintDevice& printer) const {
    const QRectF page = printer.pageLayout().paintRectPixels(printer.logicalDpiX());
    paint(printer, std::min(page.width() / size().width(), page.height() / size().height()));
}

void PlotExport::askAndPrint() {
    QPrinter printer(QPrinter::HighResolution);
    printer.setPageOrientation(QPageLayout::Landscape);
    printer.setDocName(m_chart.accessibleName());
    QPrintDialog dialog(&printer, &m_chart);
    if (dialog.exec() == QDialog::Accepted)
        print(printer);
}

void PlotExport::copyPicture() {
    auto* data = new QMimeData;
    data->setImageData(image());
    data->setData(QStringLiteral("image/svg+xml"), svg());
    QApplication::clipboard()->setMimeData(data);
}

void PlotExport::copyValues() {
    QApplication::clipboard()->setText(m_values());
}

void PlotExport::save(const QString& file) const {
    const QString ending = QFileInfo(file).suffix().toLower();
    QByteArray bytes;
    if (ending == QLatin1String("png")) {
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        image().save(&buffer, "PNG");
    } else if (ending == QLatin1String("svg"))
        bytes = svg();
    else if (ending == QLatin1String("csv"))
        bytes = m_values().toUtf8();
    else
        throw Error(ErrorCode::InvalidArgument,
                    "Charts are saved as .png, .svg or .csv, not as '" + file.toStdString() + "'");
    writeFileAtomically(QFile::encodeName(file).toStdString(),
                        std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
}

void PlotExport::askAndSave() {
    const QString name = m_chart.accessibleName().isEmpty() ? tr("chart") : m_chart.accessibleName();
    QString chosen;
    QString file = QFileDialog::getSaveFileName(
        &m_chart, tr("Save the chart"), name + QStringLiteral(".png"),
        tr("Picture (*.png);;Scalable picture (*.svg);;Values (*.csv)"), &chosen);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += chosen.mid(chosen.indexOf(QLatin1Char('.')), 4);
    try {
        save(file);
    } catch (const Error& error) {
        QMessageBox::warning(&m_chart, tr("Save the chart"), QString::fromUtf8(error.what()));
    }
}

QToolButton* plotMenuButton(QWidget& chart) {
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("plotMenu"));
    button->setIcon(theme::icon(QStringLiteral("copy")));
    button->setToolTip(PlotExport::tr("Copy, save or print the chart"));
    button->setAccessibleName(button->toolTip());
    button->setPopupMode(QToolButton::InstantPopup);
    button->addActions(chart.actions());
    return button;
}

} // namespace diptych::ui

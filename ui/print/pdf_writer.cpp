// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "ui/print/report_pages.h"

#include <QBuffer>
#include <QPageLayout>
#include <QPainter>
#include <QPdfWriter>

namespace diptych::ui::print {

QImage pageImage(const PageFlow& pages, int page, int width) {
    const qreal scale = width / pages.pageSize().width();
    QImage image((pages.pageSize() * scale).toSize(), QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.scale(scale, scale);
    pages.paint(painter, page);
    return image;
}

bool printPages(const PageFlow& pages, QPagedPaintDevice& device, const RunContext& context) {
    device.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Portrait, QMarginsF()));
    QPainter painter;
    if (!painter.begin(&device))
        return false;
    const qreal scale = painter.viewport().width() / pages.pageSize().width();
    context.begin("Writing pages", static_cast<size_t>(pages.pageCount()));
    for (int page = 0; page < pages.pageCount(); ++page) {
        context.throwIfCancelled();
        if (page > 0 && !device.newPage())
            return false;
        painter.save();
        painter.scale(scale, scale);
        pages.paint(painter, page);
        painter.restore();
        context.advance();
    }
    context.end();
    return painter.end();
}

void writePdf(const ReportModel& report, const std::filesystem::path& file, const RunContext& context) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setPdfVersion(QPagedPaintDevice::PdfVersion_1_6);
        writer.setResolution(1200);
        writer.setTitle(QString::fromStdString(report.title));
        writer.setCreator(QStringLiteral("Diptych"));
        if (!printPages(reportPages(report), writer, context))
            throw Error(ErrorCode::Internal, "Qt could not write the PDF of the report");
    }
    writeFileAtomically(file, std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
}

} // namespace diptych::ui::print

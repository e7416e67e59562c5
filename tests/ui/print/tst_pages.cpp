// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/support/error_code.h"
#include "ui/print/report_pages.h"

#include <QPainter>
#include <QPicture>
#include <QRegularExpression>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

namespace {

constexpr QSizeF kPage(4000, 5000);
constexpr qreal kMargin = 400;

/// Where there is ink on a page: the rows, in units, from the first to the last.
struct Ink {
    int first = -1, last = -1, left = -1, right = -1;
};

QImage imageOf(const print::PageFlow& pages, int page) {
    return print::pageImage(pages, page, 400); // ten units a pixel
}

Ink inkOf(const QImage& image, int fromRow, int toRow) {
    Ink ink;
    for (int y = fromRow; y < toRow; ++y)
        for (int x = 0; x < image.width(); ++x)
            if (qGray(image.pixel(x, y)) < 200) {
                ink.first = ink.first < 0 ? y : ink.first;
                ink.last = y;
                ink.left = ink.left < 0 ? x : std::min(ink.left, x);
                ink.right = std::max(ink.right, x);
            }
    return ink;
}

ReportModel longReport() {
    ReportModel report;
    report.title = "A long report";
    report.createdAt = "2026-01-02T03:04:05Z";
    ReportRun run;
    run.record.id = {3};
    run.record.task = "zero-shot";
    run.record.modelName = "<b>tiny</b> \u202E" + std::string(800, 'w');
    run.record.datasetName = "\u05E9\u05DC\u05D5\u05DD";
    run.record.metrics = {{"top1", 0.75, Interval{0.5, 0.9}, 8, true, 0.5}};
    for (int i = 0; i < 150; ++i) {
        const std::string name = "class " + std::to_string(i);
        run.record.classNames.push_back(name);
        run.classes.push_back({name, 4, 0.5, 1, 0.667});
    }
    run.confusion = {{0, 0, 2}};
    run.calibration = {{0.5, 0.6, 0.55, 0.5, 2}};
    run.curves = {{"ROC", "x", "y", false, {{"a", {{0, 0}, {1, 1}}, {}, false}}}};
    run.map = ReportMap{"Map", "note", {{0, 0, 0, true}, {1, 1, 1, false}}};
    ReportExample example{{{"a.png", ""}}, {"class 1"}, {{"class 2", 0.9}}, false, {}};
    run.galleries = {{"wrong", "Wrong", std::vector<ReportExample>(30, example)}};
    report.runs = {run};
    return report;
}

} // namespace

class TestPages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTableGoesOnWithItsHead() {
        print::PageFlow pages(kPage, kMargin);
        std::vector<std::vector<print::Cell>> rows;
        for (int i = 0; i < 120; ++i)
            rows.push_back({{QStringLiteral("row")}, {QString::number(i)}});
        pages.table({{QStringLiteral("Name")}, {QStringLiteral("Number"), true}}, rows);
        QVERIFY(pages.pageCount() > 2);
        // The first line of each page is the same head.
        const QImage first = imageOf(pages, 0);
        const int head = 40 + 14;
        for (int page = 1; page < pages.pageCount(); ++page)
            QCOMPARE(imageOf(pages, page).copy(0, 40, 400, head - 40), first.copy(0, 40, 400, head - 40));
        QVERIFY(imageOf(pages, 1).copy(0, head, 400, 100) != first.copy(0, head, 400, 100));
    }

    void nothingStandsInTheMarginsOrBelowThePage() {
        print::PageFlow pages(kPage, kMargin);
        std::vector<std::vector<print::Cell>> rows;
        for (int i = 0; i < 60; ++i)
            rows.push_back({{QString(900, QLatin1Char('w'))},
                            {QStringLiteral("words ").repeated(40)},
                            {QString::number(i)}});
        pages.text(QString(5000, QLatin1Char('x')), print::Role::Body);
        pages.table({{QStringLiteral("A")}, {QStringLiteral("B")}, {QStringLiteral("C"), true}}, rows);
        pages.cards(std::vector<print::Card>(
            9, {{QImage()}, {{QString(400, QLatin1Char('w')), QStringLiteral("12 %")}}}));
        for (int page = 0; page < pages.pageCount(); ++page) {
            const Ink ink = inkOf(imageOf(pages, page), 0, 500);
            QVERIFY2(ink.first >= 39 && ink.last <= 500 - 40 - 13,
                     qPrintable(QStringLiteral("page %1: %2 to %3").arg(page).arg(ink.first).arg(ink.last)));
            QVERIFY2(ink.left >= 39 && ink.right <= 361,
                     qPrintable(QStringLiteral("page %1: %2 to %3").arg(page).arg(ink.left).arg(ink.right)));
        }
    }

    void aHeadingStandsWithWhatItHeads() {
        // Whatever is above, the heading and the first row are never on two pages.
        for (int lines = 20; lines < 60; ++lines) {
            print::PageFlow pages(kPage, kMargin);
            for (int i = 0; i < lines; ++i)
                pages.text(QStringLiteral("line"), print::Role::Body);
            const int before = pages.pageCount();
            pages.text(QStringLiteral("HEADING"), print::Role::Subheading);
            QCOMPARE(pages.pageCount(), before); // it waits
            pages.drawings({"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 100\" width=\"100\" "
                            "height=\"100\">"
                            "<rect width=\"100\" height=\"100\"/></svg>"});
            if (pages.pageCount() > before) {
                const Ink above = inkOf(imageOf(pages, pages.pageCount() - 1), 0, 62);
                QVERIFY(above.first >= 0); // the heading came along
                return;
            }
        }
        QFAIL("the page never filled");
    }

    void aWholeReportBecomesPdf() {
        TemporaryDirectory directory;
        const auto file = directory.path() / "r.pdf";
        print::writePdf(longReport(), file, {});
        const QByteArray pdf = QByteArray::fromStdString(readTextFile(file));
        QVERIFY(pdf.startsWith("%PDF-1."));
        QVERIFY(pdf.trimmed().endsWith("%%EOF"));
        const qsizetype pages = pdf.count("/Type /Page\n");
        QVERIFY2(pages > 5, qPrintable(QString::number(pages)));
        QCOMPARE(pages, qsizetype(print::reportPages(longReport()).pageCount()));
        QVERIFY(pdf.contains("/FontFile2")); // fonts are inside
        QVERIFY(pdf.contains("/MediaBox [0 0 595"));
    }

    void aPdfThatCannotBeWrittenSaysSo() {
        QVERIFY(test::errorCodeOf([] { print::writePdf(longReport(), "/proc/none/r.pdf", {}); }) !=
                ErrorCode::Internal);
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        TemporaryDirectory directory;
        bool cancelled = false;
        try {
            print::writePdf(longReport(), directory.path() / "never.pdf", context);
        } catch (const Cancelled&) {
            cancelled = true;
        }
        QVERIFY(cancelled && !std::filesystem::exists(directory.path() / "never.pdf"));
    }

    void chosenSectionsAloneArePrinted() {
        ReportModel report = longReport();
        const int all = print::reportPages(report).pageCount();
        report.sections = {"summary"};
        QCOMPARE(print::reportPages(report).pageCount(), 1);
        QVERIFY(all > 3);
    }
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"

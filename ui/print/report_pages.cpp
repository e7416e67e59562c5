// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/print/report_pages.h"

#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"
#include "core/report/protocol_card.h"
#include "core/report/report_charts.h"
#include "core/report/report_tables.h"
#include "core/store/run_warnings.h"

#include <QByteArray>
#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace diptych::ui::print {
namespace {

constexpr QSizeF kA4(595.28 * kUnit, 841.89 * kUnit); ///< points
constexpr qreal kMargin = 48 * kUnit;
constexpr size_t kRowsPrinted = 300, kPromptsPrinted = 100;

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::print", text);
}

QString q(const std::string& text) {
    return QString::fromStdString(text);
}

QString runName(const RunRecord& run) {
    return tr("Run %1: %2, %3 on %4")
        .arg(run.id.value)
        .arg(q(run.task), q(run.modelName), q(run.datasetName));
}

/// Writes what a report says onto pages, section by section.
class Writer {
public:
    Writer(const ReportModel& report, PageFlow& pages) : m_report(report), m_pages(pages) {}

    void write() {
        title();
        if (m_report.runs.size() > 1 && m_report.shows("summary"))
            together();
        for (const ReportSection& section : reportSections())
            if (m_report.shows(section.id))
                parts(m_report.parts, section.id);
        comment("compare");
        bool first = true;
        for (const ReportRun& run : m_report.runs) {
            if (m_report.runs.size() > 1) {
                m_pages.pageBreak();
                m_pages.text(runName(run.record), Role::Heading);
            }
            for (const ReportSection& section : reportSections()) {
                if (!m_report.shows(section.id))
                    continue;
                content(run, section.id);
                parts(run.parts, section.id);
                if (first && section.id != "compare")
                    comment(section.id);
            }
            first = false;
        }
    }

private:
    void title() {
        m_pages.text(q(m_report.title), Role::Title);
        const QString runs = m_report.runs.size() == 1 ? tr("Run %1").arg(m_report.runs[0].record.id.value)
                                                       : tr("%1 runs").arg(m_report.runs.size());
        m_pages.text(tr("%1, written %2 by Diptych").arg(runs, q(m_report.createdAt)), Role::Soft);
        for (const ReportRun& run : m_report.runs) {
            const QString card = q(compactText(protocolCard(run.record)));
            m_pages.text(m_report.runs.size() == 1 ? card
                                                   : tr("Run %1: %2").arg(run.record.id.value).arg(card),
                         Role::Soft);
        }
        m_pages.space(8);
    }

    void comment(std::string_view section) {
        if (const std::string text = m_report.comment(section); !text.empty()) {
            m_pages.rule();
            m_pages.text(q(text), Role::Body);
        }
    }

    /// All runs beside each other, or below where there are many.
    void together() {
        std::vector<Column> columns = {{tr("Run")}, {tr("Task")}, {tr("Model")}, {tr("Dataset")}};
        const auto names = reportMetricNames(m_report);
        const bool beside = m_report.runs.size() <= 4;
        std::vector<std::vector<Cell>> rows;
        const auto cellOf = [](const RunRecord& run, const std::string& name) -> Cell {
            const Metric* metric = findMetric(run.metrics, name);
            if (!metric)
                return {QStringLiteral("–")};
            return {q(metricValueText(*metric)) +
                    (metric->interval ? QLatin1Char('\n') + q(metricIntervalText(*metric)) : QString())};
        };
        if (beside) {
            columns = {{tr("Metric")}};
            for (const ReportRun& run : m_report.runs)
                columns.push_back({tr("Run %1\n%2 on %3")
                                       .arg(run.record.id.value)
                                       .arg(q(run.record.modelName), q(run.record.datasetName)),
                                   true});
            for (const std::string& name : names) {
                rows.push_back({{q(metricTitle(name))}});
                for (const ReportRun& run : m_report.runs)
                    rows.back().push_back(cellOf(run.record, name));
            }
        } else {
            columns.insert(columns.end(), {{tr("Metric")}, {tr("Value"), true}, {tr("95 % interval"), true}});
            for (const ReportRun& run : m_report.runs)
                for (const Metric& metric : run.record.metrics)
                    rows.push_back({{QString::number(run.record.id.value)},
                                    {q(run.record.task)},
                                    {q(run.record.modelName)},
                                    {q(run.record.datasetName)},
                                    {q(metricTitle(metric.name))},
                                    {q(metricValueText(metric))},
                                    {q(metricIntervalText(metric))}});
        }
        m_pages.table(columns, rows);
    }

    void parts(const std::vector<ReportPart>& parts, std::string_view section) {
        for (const ReportPart& part : parts) {
            if (part.section != section)
                continue;
            m_pages.text(q(part.title), Role::Subheading);
            for (const std::string& paragraph : part.text)
                m_pages.text(q(paragraph), Role::Body);
            for (const ReportTable& each : part.tables)
                table(each);
            for (const ReportCurve& curve : part.curves)
                chart(reportChart(curve));
            for (const ReportGallery& each : part.galleries)
                gallery(each);
        }
    }

    void content(const ReportRun& run, std::string_view section) {
        if (section == "summary")
            summary(run);
        else if (section == "protocol")
            protocol(run.record);
        else if (section == "tables")
            for (const ReportTable& each : reportTables(run.record.details))
                table(each);
        else if (section == "classes")
            classes(run);
        else if (section == "examples")
            examples(run);
        else
            charts(run, section);
    }

    void summary(const ReportRun& run) {
        std::vector<std::vector<Cell>> rows;
        for (const Metric& metric : run.record.metrics)
            rows.push_back({{q(metricTitle(metric.name))},
                            {q(metricValueText(metric)), {}, true},
                            {{}, QByteArray::fromStdString(reportBar(metric))},
                            {q(metricIntervalText(metric))},
                            {q(metricChanceText(metric))},
                            {QString::number(metric.n)}});
        m_pages.table({{tr("Metric")},
                       {tr("Value"), true},
                       {},
                       {tr("95 % interval"), true},
                       {tr("Chance"), true},
                       {tr("n"), true}},
                      rows);
        for (const RunWarning& warning : runWarnings(run.record))
            m_pages.text(tr("Warning: %1").arg(q(warning.text)), Role::Body);
        QString counted = tr("%1 examples").arg(run.record.exampleCount);
        if (run.record.failureCount > 0)
            counted += tr(", of which %1 could not be used").arg(run.record.failureCount);
        if (const std::string samples = runSamplesText(run.record.details); !samples.empty())
            counted += tr("; samples: %1").arg(q(samples));
        m_pages.text(tr("%1. Started %2, took %3 s.")
                         .arg(counted, q(run.record.startedAt))
                         .arg(run.record.wallSeconds, 0, 'f', 1),
                     Role::Soft);
        if (!run.record.command.empty())
            m_pages.text(q(run.record.command), Role::Code);
    }

    void deviations(const QString& title, const std::vector<Deviation>& list) {
        if (list.empty())
            return;
        m_pages.text(title, Role::Subheading);
        std::vector<std::vector<Cell>> rows;
        for (const Deviation& each : list)
            rows.push_back({{q(each.what)}, {q(each.here)}, {q(each.there)}});
        m_pages.table({{tr("What")}, {tr("Here")}, {tr("There")}}, rows);
    }

    void protocol(const RunRecord& run) {
        const ProtocolCard card = protocolCard(run);
        m_pages.text(tr("Protocol"), Role::Subheading);
        std::vector<std::vector<Cell>> rows;
        for (const ProtocolGroup& group : card.groups)
            for (const ProtocolRow& row : group.rows)
                rows.push_back({{q(row.name)}, {q(row.value)}});
        m_pages.table({{}, {}}, rows);
        if (!card.prompts.empty())
            m_pages.text(tr("Prompts"), Role::Subheading);
        for (size_t i = 0; i < std::min(card.prompts.size(), kPromptsPrinted); ++i)
            m_pages.text(q(card.prompts[i]), Role::Code);
        if (card.prompts.size() > kPromptsPrinted)
            m_pages.text(tr("and %1 more").arg(card.prompts.size() - kPromptsPrinted), Role::Soft);
        if (card.clipBenchmark.empty())
            m_pages.text(q(clipBenchmarkSentence(card)) + QLatin1Char('.'), Role::Body);
        deviations(tr("Differs from CLIP_benchmark in"), card.differs);
        deviations(tr("To be checked against CLIP_benchmark"), card.check);
    }

    void table(const ReportTable& table) {
        m_pages.text(q(table.title), Role::Subheading);
        std::vector<Column> columns;
        for (const auto& column : table.columns)
            columns.push_back({q(column.title), !column.isText});
        std::vector<std::vector<Cell>> rows;
        for (size_t r = 0; r < std::min(table.rows.size(), kRowsPrinted); ++r) {
            rows.emplace_back();
            for (const std::string& value : table.rows[r])
                rows.back().push_back({q(value)});
        }
        m_pages.table(columns, rows);
        if (table.rows.size() > kRowsPrinted)
            m_pages.text(tr("and %1 more rows").arg(table.rows.size() - kRowsPrinted), Role::Soft);
        m_pages.text(q(table.note), Role::Soft);
    }

    void classes(const ReportRun& run) {
        if (run.classes.empty())
            return;
        const auto share = [](std::optional<double> value) {
            return q(shareText(value.value_or(std::nan(""))));
        };
        auto sorted = run.classes;
        std::ranges::stable_sort(sorted, {},
                                 [](const ReportClass& entry) { return entry.recall.value_or(2); });
        std::vector<std::vector<Cell>> rows;
        for (size_t i = 0; i < std::min(sorted.size(), kRowsPrinted); ++i) {
            Metric recall;
            recall.value = sorted[i].recall.value_or(std::nan(""));
            rows.push_back({{q(sorted[i].name)},
                            {QString::number(sorted[i].support)},
                            {share(sorted[i].recall)},
                            {{}, QByteArray::fromStdString(reportBar(recall))},
                            {share(sorted[i].precision)},
                            {share(sorted[i].f1)}});
        }
        m_pages.text(tr("Classes, worst first"), Role::Subheading);
        m_pages.table({{tr("Class")},
                       {tr("Examples"), true},
                       {tr("Recall"), true},
                       {},
                       {tr("Precision"), true},
                       {tr("F1"), true}},
                      rows);
        if (sorted.size() > kRowsPrinted)
            m_pages.text(tr("and %1 more classes").arg(sorted.size() - kRowsPrinted), Role::Soft);
    }

    void chart(const ReportChart& chart) {
        m_pages.text(q(chart.title), Role::Subheading);
        m_pages.drawings({QByteArray::fromStdString(chart.svg)});
    }

    void charts(const ReportRun& run, std::string_view section) {
        const std::vector<ReportChart> all = reportCharts(run, section);
        if (all.empty())
            return;
        if (section == "curves") {
            for (const ReportChart& each : all)
                chart(each);
            return;
        }
        const ReportSection* known = findReportSection(section);
        m_pages.text(section == "map" && run.map ? q(run.map->title) : q(std::string(known->title)),
                     Role::Subheading);
        std::vector<QByteArray> svgs;
        for (const ReportChart& each : all)
            svgs.push_back(QByteArray::fromStdString(each.svg));
        m_pages.drawings(svgs);
        m_pages.text(noteOf(run, section), Role::Soft);
    }

    static QString noteOf(const ReportRun& run, std::string_view section) {
        if (section == "map" && run.map)
            return q(run.map->note);
        return section == "confusion" ? tr("Rows are what an image is, columns what it was taken for; the "
                                           "shade is the share of the row.")
                                      : tr("How often predictions of one confidence are right (above) and "
                                           "how many there are (below). "
                                           "Bars below the dashed line are overconfident.");
    }

    static QImage imageOf(const ReportPicture& picture) {
        const qsizetype comma = static_cast<qsizetype>(picture.thumbnail.find(','));
        const QByteArray data = QByteArray::fromStdString(picture.thumbnail);
        return QImage::fromData(QByteArray::fromBase64(data.mid(comma + 1)));
    }

    static CardLine::Mark markOf(ReportLine::Verdict verdict) {
        return verdict == ReportLine::Verdict::Right   ? CardLine::Mark::Right
               : verdict == ReportLine::Verdict::Wrong ? CardLine::Mark::Wrong
                                                       : CardLine::Mark::None;
    }

    static Card cardOf(const ReportExample& example) {
        Card card;
        QStringList keys, truth;
        for (const ReportPicture& picture : example.pictures) {
            card.pictures.push_back(imageOf(picture));
            keys << q(picture.key);
        }
        for (const std::string& name : example.truth)
            truth << q(name);
        if (!truth.isEmpty())
            card.lines.push_back({tr("Is %1").arg(truth.join(QStringLiteral(", "))), {}});
        for (size_t i = 0; i < example.predictions.size(); ++i) {
            const auto& [name, score] = example.predictions[i];
            const bool right = std::ranges::find(example.truth, name) != example.truth.end();
            const bool judged = i == 0 && example.correct.has_value();
            card.lines.push_back({q(name), q(shareText(score)),
                                  right    ? CardLine::Mark::Right
                                  : judged ? CardLine::Mark::Wrong
                                           : CardLine::Mark::None});
        }
        for (const ReportBlock& block : example.blocks) {
            if (!block.title.empty())
                card.lines.push_back({q(block.title), {}, CardLine::Mark::Heading});
            for (const ReportLine& line : block.lines)
                card.lines.push_back({q(line.text), q(line.value), markOf(line.verdict)});
        }
        card.lines.push_back({keys.join(QStringLiteral(", ")), {}, CardLine::Mark::Heading});
        return card;
    }

    void gallery(const ReportGallery& gallery) {
        m_pages.text(q(gallery.title), Role::Subheading);
        std::vector<Card> cards;
        for (const ReportExample& example : gallery.examples)
            cards.push_back(cardOf(example));
        m_pages.cards(cards);
        if (cards.empty())
            m_pages.text(tr("None."), Role::Soft);
    }

    void examples(const ReportRun& run) {
        if (run.groupCount > 0)
            m_pages.text(tr("Confounder groups: %1, of which %2 wholly right")
                             .arg(run.groupCount)
                             .arg(run.groupsRight),
                         Role::Subheading);
        for (const ReportGroup& group : run.groups) {
            m_pages.text((group.allRight ? QStringLiteral("✓ ") : QStringLiteral("✗ ")) + q(group.shared),
                         Role::Subheading);
            std::vector<Card> cards;
            for (const ReportExample& member : group.members)
                cards.push_back(cardOf(member));
            m_pages.cards(cards);
        }
        for (const ReportGallery& each : run.galleries)
            gallery(each);
    }

    const ReportModel& m_report;
    PageFlow& m_pages;
};

} // namespace

PageFlow reportPages(const ReportModel& report) {
    PageFlow pages(kA4, kMargin);
    pages.setFooter(q(report.title), tr("Page %p of %n"));
    Writer(report, pages).write();
    return pages;
}

} // namespace diptych::ui::print

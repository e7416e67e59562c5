// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/protocol_card.h"
#include "core/report/report_writers.h"
#include "core/results/parts.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace diptych {
namespace {

bool isNumber(const std::string& text) {
    double value = 0;
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    const auto [end, failed] = std::from_chars(begin, text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size();
}

/// Besides ASCII's, the full-width signs that spreadsheets in East Asian languages take for the same.
bool looksLikeFormula(const std::string& text) {
    for (const std::string_view sign :
         {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"})
        if (text.starts_with(sign))
            return !isNumber(text);
    return false;
}

} // namespace

std::string csvField(const std::string& given, CsvFormulas formulas) {
    const std::string text = formulas == CsvFormulas::Escape && looksLikeFormula(given) ? "'" + given : given;
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

namespace {

/// Shortest text that reads back as the same number; empty where there is none.
std::string csvNumber(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string splitOf(const RunRecord& run) {
    const auto found = run.spec.is_object() ? run.spec.find("split") : run.spec.end();
    return found != run.spec.end() && found->is_string() ? found->get<std::string>() : "";
}

OrderedJson metricJson(const Metric& metric) {
    OrderedJson object;
    object["name"] = metric.name;
    object["value"] = std::isfinite(metric.value) ? OrderedJson(metric.value) : OrderedJson();
    if (metric.interval)
        object["interval"] = {metric.interval->low, metric.interval->high};
    object["n"] = metric.n;
    if (metric.chance)
        object["chance"] = *metric.chance;
    object["higher_is_better"] = metric.higherIsBetter;
    object["unit"] = unitName(metric.unit);
    return object;
}

OrderedJson recordJson(const RunRecord& run) {
    OrderedJson object;
    object["run"] = run.id.value;
    object["task"] = run.task;
    object["title"] = run.title;
    object["name"] = run.marks.name;
    object["note"] = run.marks.note;
    object["starred"] = run.marks.starred;
    object["status"] = runStatusName(run.status);
    object["dataset"] = {{"name", run.datasetName}, {"fingerprint", run.datasetFingerprint}};
    object["model"] = {{"name", run.modelName}, {"fingerprint", run.modelFingerprint}};
    object["device"] = run.device;
    object["precision"] = run.precision;
    object["seed"] = run.seed;
    object["started_at"] = run.startedAt;
    object["wall_seconds"] = run.wallSeconds;
    object["program_version"] = run.programVersion;
    object["examples"] = run.exampleCount;
    object["failures"] = run.failureCount;
    object["metrics"] = OrderedJson::array();
    for (const auto& metric : run.metrics)
        object["metrics"].push_back(metricJson(metric));
    object["spec"] = run.spec;
    object["command"] = run.command;
    if (!run.classNames.empty())
        object["class_names"] = run.classNames;
    if (!run.details.is_null())
        object["details"] = run.details;
    return object;
}

const char* verdictName(ReportLine::Verdict verdict) {
    return verdict == ReportLine::Verdict::Right ? "right" : "wrong";
}

OrderedJson exampleJson(const ReportExample& example) {
    OrderedJson object;
    object["keys"] = OrderedJson::array();
    for (const ReportPicture& picture : example.pictures)
        object["keys"].push_back(picture.key);
    if (!example.truth.empty())
        object["truth"] = example.truth;
    if (example.correct)
        object["correct"] = *example.correct;
    for (const auto& [name, score] : example.predictions)
        object["predictions"].push_back({{"class", name}, {"score", score}});
    for (const ReportBlock& block : example.blocks) {
        OrderedJson lines = OrderedJson::array();
        for (const ReportLine& line : block.lines) {
            OrderedJson entry = {{"text", line.text}};
            if (!line.value.empty())
                entry["value"] = line.value;
            if (line.verdict != ReportLine::Verdict::None)
                entry["verdict"] = verdictName(line.verdict);
            lines.push_back(std::move(entry));
        }
        object["says"].push_back({{"title", block.title}, {"lines", std::move(lines)}});
    }
    return object;
}

OrderedJson tableJson(const ReportTable& table) {
    OrderedJson columns = OrderedJson::array();
    for (const auto& column : table.columns)
        columns.push_back(column.title);
    return {
        {"title", table.title}, {"note", table.note}, {"columns", std::move(columns)}, {"rows", table.rows}};
}

OrderedJson partsJson(const std::vector<ReportPart>& parts, const ReportModel& report) {
    OrderedJson list = OrderedJson::array();
    for (const ReportPart& part : parts) {
        if (!report.shows(part.section))
            continue;
        OrderedJson tables = OrderedJson::array();
        for (const ReportTable& table : part.tables)
            tables.push_back(tableJson(table));
        list.push_back({{"section", part.section},
                        {"title", part.title},
                        {"text", part.text},
                        {"tables", std::move(tables)}});
    }
    return list;
}

OrderedJson mapJson(const ReportMap& map) {
    OrderedJson points = OrderedJson::array();
    for (const ReportMap::Point& point : map.points)
        points.push_back({{"x", point.x},
                          {"y", point.y},
                          {"label", point.label},
                          {"correct", point.correct ? OrderedJson(*point.correct) : OrderedJson()}});
    return {{"title", map.title}, {"note", map.note}, {"points", std::move(points)}};
}

OrderedJson examplesJson(const std::vector<ReportExample>& examples) {
    OrderedJson list = OrderedJson::array();
    for (const ReportExample& example : examples)
        list.push_back(exampleJson(example));
    return list;
}

} // namespace

std::string runsCsv(std::span<const RunRecord> runs, CsvFormulas formulas) {
    std::string out = "run,task,dataset,model,split,metric,value,low,high,n,chance,device,precision,seed,"
                      "started_at,wall_seconds,program_version\n";
    for (const auto& run : runs)
        for (const auto& metric : run.metrics) {
            const std::array<std::string, 17> fields = {
                std::to_string(run.id.value),
                run.task,
                run.datasetName,
                run.modelName,
                splitOf(run),
                metric.name,
                csvNumber(metric.value),
                metric.interval ? csvNumber(metric.interval->low) : "",
                metric.interval ? csvNumber(metric.interval->high) : "",
                std::to_string(metric.n),
                metric.chance ? csvNumber(*metric.chance) : "",
                run.device,
                run.precision,
                std::to_string(run.seed),
                run.startedAt,
                csvNumber(run.wallSeconds),
                run.programVersion,
            };
            for (size_t i = 0; i < fields.size(); ++i)
                out += (i ? "," : "") + csvField(fields[i], formulas);
            out += '\n';
        }
    return out;
}

std::string predictionsCsv(const RunRecord& run, std::span<const ExampleResult> examples,
                           CsvFormulas formulas) {
    std::string out = "id,proba,label\n";
    size_t lines = 0;
    for (const ExampleResult& example : examples) {
        const auto part = ProbabilityPart::read(example.parts);
        if (!part)
            continue;
        const std::string id = part->id.is_string() ? part->id.get<std::string>() : part->id.dump();
        out += fmt::format("{},{},{}\n", csvField(id, formulas), Json(part->probability).dump(), part->label);
        ++lines;
    }
    if (lines == 0)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("Run {} ({}) keeps no probabilities; export one of a task that does, such as "
                                "hateful-memes",
                                run.id.value, run.task));
    return out;
}

OrderedJson runsJson(std::span<const RunRecord> runs) {
    OrderedJson list = OrderedJson::array();
    for (const auto& run : runs)
        list.push_back(recordJson(run));
    return list;
}

std::string reportCsv(const ReportModel& report) {
    std::vector<RunRecord> records;
    for (const auto& run : report.runs)
        records.push_back(run.record);
    return runsCsv(records);
}

OrderedJson reportJson(const ReportModel& report) {
    OrderedJson object;
    object["title"] = report.title;
    object["created_at"] = report.createdAt;
    object["workspace"] = report.workspace;
    if (!report.comments.empty())
        object["comments"] = report.comments;
    object["parts"] = partsJson(report.parts, report);
    object["runs"] = OrderedJson::array();
    for (const auto& run : report.runs) {
        OrderedJson entry = recordJson(run.record);
        entry["parts"] = partsJson(run.parts, report);
        if (run.map && report.shows("map"))
            entry["map"] = mapJson(*run.map);
        entry["protocol"] = protocolJson(protocolCard(run.record));
        entry["galleries"] = OrderedJson::array();
        for (const ReportGallery& gallery : run.galleries)
            entry["galleries"].push_back(
                {{"id", gallery.id}, {"title", gallery.title}, {"examples", examplesJson(gallery.examples)}});
        for (const ReportGroup& group : run.groups)
            entry["groups"].push_back({{"shared", group.shared},
                                       {"all_right", group.allRight},
                                       {"members", examplesJson(group.members)}});
        entry["unreadable"] = OrderedJson::array();
        for (const auto& [key, reason] : run.failures)
            entry["unreadable"].push_back({{"key", key}, {"reason", reason}});
        object["runs"].push_back(std::move(entry));
    }
    return object;
}

std::string reportDocument(const ReportModel& report, std::string_view format) {
    if (format == "html")
        return reportHtml(report);
    if (format == "md")
        return reportMarkdown(report);
    if (format == "tex")
        return reportLatex(report);
    if (format == "csv")
        return reportCsv(report);
    if (format == "json")
        return reportJson(report).dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
    throw Error(ErrorCode::InvalidArgument,
                "Reports are written as .html, .md, .tex, .csv or .json, not '" + std::string(format) + "'");
}

} // namespace diptych

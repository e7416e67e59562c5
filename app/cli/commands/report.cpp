// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/pdf_writer.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/session/report_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace diptych::cli {
namespace {

constexpr std::array kFormats = {"html", "pdf", "md", "tex", "csv", "json"};

struct Options {
    std::string workspace, format, output, title, sections;
    std::vector<int64_t> runs;
    std::vector<std::string> slices, comments, sheets;
    size_t examples = 10;
};

std::vector<RunId> chosenRuns(const Workspace& workspace, const Options& options) {
    std::vector<RunId> ids;
    for (const int64_t run : options.runs)
        ids.push_back({run});
    if (ids.empty())
        for (const auto& run : workspace.runs({"", std::nullopt, "", 1}))
            ids.push_back(run.id);
    if (ids.empty())
        throw Error(ErrorCode::NotFound,
                    displayPath(workspace.path()) + " holds no run yet; 'diptych eval' makes one");
    return ids;
}

/// As asked for, else as the file's name ends, else HTML.
std::string formatOf(const Options& options) {
    if (!options.format.empty())
        return options.format;
    const std::string ending = std::filesystem::path(options.output).extension().string();
    for (const char* format : kFormats)
        if (ending == std::string(".") + format)
            return format;
    return "html";
}

FullReportOptions reportOptions(const Options& options) {
    FullReportOptions full;
    full.report.title = options.title;
    full.report.examples = options.examples;
    full.slices = options.slices;
    if (!options.sections.empty()) {
        full.report.sections = parseReportSections(options.sections);
        full.makeMaps = std::ranges::find(full.report.sections, "map") != full.report.sections.end();
    }
    for (const std::string& comment : options.comments)
        full.report.comments.insert_or_assign(parseReportComment(comment).first,
                                              parseReportComment(comment).second);
    for (const std::string& rule : options.sheets)
        full.report.sheets.push_back(parseSheetRule(rule));
    return full;
}

/// Where the report goes: as asked for, or into the workspace's folder of reports.
std::filesystem::path outputPath(const Options& options, const Workspace& workspace,
                                 const std::vector<RunId>& ids, const std::string& format) {
    if (!options.output.empty())
        return options.output;
    std::string name = "runs";
    for (const RunId id : ids)
        name += fmt::format("-{}", id.value);
    std::filesystem::create_directories(workspace.reportsDirectory());
    return workspace.reportsDirectory() / (name + "." + format);
}

int runReport(const Options& options, CommandContext& context) {
    const FullReportOptions full = reportOptions(options);
    const std::string format = formatOf(options);
    const bool pdf = format == "pdf";
    const PdfWriter writePdf = pdf ? pdfWriter() : nullptr;
    if (pdf && options.output == "-")
        throw UsageError("--format pdf: a PDF goes into a file; name one with --output");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto ids = chosenRuns(session->workspace(), options);
    const ReportModel report = buildFullReport(*session, ids, full, context.run);
    const std::filesystem::path path = outputPath(options, session->workspace(), ids, format);
    if (pdf)
        writePdf(report, path, context.run);
    else if (writeOutput(context.console, path.native(), reportDocument(report, format)))
        return 0;
    if (context.console.json()) {
        OrderedJson object = {{"report", displayPath(path)}, {"format", format}};
        object["runs"] = options.runs;
        context.console.printJson(object);
    } else {
        context.console.print("Wrote " + displayPath(path));
    }
    return 0;
}

std::string sectionsHelp() {
    std::string text = "Only these, with commas between; all where not given. ";
    for (const ReportSection& section : reportSections())
        text += fmt::format("{}: {}. ", section.id, section.help);
    return text + "A map that is not kept yet is laid out where 'map' is named";
}

void addContentOptions(CLI::App* command, Options& options) {
    command->add_option("--title", options.title, "Heading of the report")->type_name("TEXT");
    command->add_option("--sections", options.sections, sectionsHelp())->type_name("LIST");
    command
        ->add_option("--comment", options.comments, "What you say of a section, as plain text; once for each")
        ->type_name("SECTION=TEXT")
        ->take_all()
        ->delimiter('\0');
    command
        ->add_option("--examples", options.examples, "Pictures of right and of wrong examples each, per run")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(0, 500));
    command
        ->add_option(
            "--sheet", options.sheets,
            "Examples chosen by a rule that stands above them, instead of those that suit the task; once for "
            "each: " +
                sheetRuleForms() + ". wrong: the surest first; unsure: right, the least sure first")
        ->type_name("RULE")
        ->take_all();
    command
        ->add_option(
            "--slices", options.slices,
            "Also the worst slices by class, split, tag, view or a column; once for each ('diptych runs "
            "slices --help')")
        ->type_name("KEY")
        ->take_all();
}

} // namespace

void defineReport(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "report",
        "Write a report of one run, or of several side by side, as one file that needs nothing beside it.",
        "report 3 --workspace work\n"
        "report 3 5 --workspace work --output comparison.pdf --title \"Two models on pets\"\n"
        "report 3 --workspace work --slices class --slices camera\n"
        "report 3 --workspace work --sections summary,examples --sheet wrong:20 --sheet random:12:7\n"
        "report 3 5 --workspace work --format tex --output -",
        [options](CommandContext& context) { return runReport(*options, context); });
    command
        ->add_option("RUN", options->runs,
                     "Numbers of runs, as 'diptych runs list' shows them; the newest "
                     "where none is given")
        ->type_name("");
    addWorkspaceOption(command, options->workspace);
    command
        ->add_option("-f,--format", options->format,
                     "What to write; where not given as the file's name ends, else html")
        ->type_name("html|pdf|md|tex|csv|json")
        ->check(CLI::IsMember(std::vector<std::string>(kFormats.begin(), kFormats.end())));
    command
        ->add_option("-o,--output", options->output,
                     "File to write, '-' for standard output; the workspace's reports folder where not given")
        ->type_name("FILE");
    addContentOptions(command, *options);
}

} // namespace diptych::cli

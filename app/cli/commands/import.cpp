// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

constexpr size_t kProblemsShown = 10;
constexpr size_t kNamesShown = 12;

struct Options {
    std::string source, workspace, name, format, imageRoot, folders;
    std::vector<std::string> columns;
    bool anew = false;
};

std::map<std::string, std::string> parseColumns(const std::vector<std::string>& pairs) {
    static const std::vector<std::string> kRoles = {"image", "frames", "label", "caption", "split", "id"};
    std::map<std::string, std::string> columns;
    for (const auto& pair : pairs) {
        const size_t equals = pair.find('=');
        const std::string role = pair.substr(0, equals);
        if (equals == std::string::npos || std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end())
            throw UsageError(fmt::format("--columns: '{}' is not ROLE=COLUMN with ROLE one of image, frames, "
                                         "label, caption, split, id",
                                         pair));
        columns[role] = pair.substr(equals + 1);
    }
    return columns;
}

/// What was said at an import, by the options' names; empty where everything was found out.
std::vector<std::pair<std::string, std::string>> chosenAtImport(const ImportOptions& options) {
    std::vector<std::pair<std::string, std::string>> chosen;
    if (!options.format.empty())
        chosen.emplace_back("format", options.format);
    std::vector<std::string> columns;
    for (const auto& [role, column] : options.columns)
        columns.push_back(role + "=" + column);
    if (!columns.empty())
        chosen.emplace_back("columns", fmt::format("{}", fmt::join(columns, ",")));
    if (!options.folders.empty())
        chosen.emplace_back("folders", options.folders);
    if (!options.imageRoot.empty())
        chosen.emplace_back("image-root", displayPath(options.imageRoot));
    return chosen;
}

std::string chosenText(const ImportOptions& options) {
    std::string text;
    for (const auto& [what, value] : chosenAtImport(options))
        text += fmt::format("{}--{} {}", text.empty() ? "" : " ", what, value);
    return text;
}

/// What is not said now is as it was when this source was imported under the name before.
void takeFromBefore(ImportOptions& options, const DatasetInfo& before, const std::string& source) {
    std::error_code unknown;
    if (!options.format.empty() || !std::filesystem::equivalent(before.source, source, unknown))
        return;
    const ImportOptions& known = before.options;
    options.format = options.folders.empty() ? known.format : std::string();
    if (options.columns.empty())
        options.columns = known.columns;
    if (options.folders.empty())
        options.folders = known.folders;
    if (options.imageRoot.empty())
        options.imageRoot = known.imageRoot;
}

OrderedJson datasetObject(const DatasetInfo& dataset, const std::vector<ImportProblem>& problems) {
    OrderedJson object;
    object["dataset"] = dataset.name;
    object["id"] = dataset.id.value;
    object["format"] = dataset.format;
    object["source"] = displayPath(dataset.source);
    object["samples"] = dataset.sampleCount;
    object["classes"] = dataset.classCount;
    object["labelled"] = dataset.labelledCount;
    object["captions"] = dataset.captionCount;
    object["fingerprint"] = dataset.fingerprint;
    object["chosen"] = OrderedJson::object();
    for (const auto& [what, value] : chosenAtImport(dataset.options))
        object["chosen"][what] = value;
    for (const char* kind : {"problems", "notes"})
        object[kind] = OrderedJson::array();
    for (const auto& problem : problems)
        object[problem.note ? "notes" : "problems"].push_back(
            {{"where", toValidUtf8(problem.where)}, {"reason", problem.reason}});
    return object;
}

/// What was left out first.
void printProblems(Console& console, std::vector<ImportProblem> problems) {
    std::stable_partition(problems.begin(), problems.end(),
                          [](const auto& problem) { return !problem.note; });
    for (size_t i = 0; i < std::min(problems.size(), kProblemsShown); ++i)
        console.warn(problems[i].where + ": " + problems[i].reason);
    if (problems.size() > kProblemsShown)
        console.warn(fmt::format("and {} more problems and notes ('diptych datasets show' lists all)",
                                 problems.size() - kProblemsShown));
}

std::string datasetSummary(const DatasetInfo& dataset) {
    std::string text = formatCount(dataset.sampleCount) + " images";
    if (dataset.classCount > 0)
        text += fmt::format(", {} classes", dataset.classCount);
    if (dataset.captionCount > 0)
        text += ", " + formatCount(dataset.captionCount) + " captions";
    return text;
}

/// So that a person sees at once whether the folders were understood.
std::string firstNames(const std::vector<std::string>& names) {
    const size_t shown = std::min(names.size(), kNamesShown);
    std::string text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "));
    return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

int runImport(const Options& options, CommandContext& context) {
    ImportOptions importOptions;
    importOptions.format = options.format;
    importOptions.columns = parseColumns(options.columns);
    importOptions.imageRoot = options.imageRoot;
    importOptions.folders = options.folders;
    // The source is looked at before a workspace is made for it.
    std::error_code error;
    if (!std::filesystem::exists(options.source, error))
        throw Error(ErrorCode::NotFound, displayPath(options.source) + ": no such file or folder");
    const auto session = Session::openOrCreate(options.workspace);
    if (const auto before = session->workspace().findDataset(options.name); before && !options.anew)
        takeFromBefore(importOptions, *before, options.source);
    const DatasetId id = session->importDataset(options.source, options.name, importOptions, context.run);
    const auto dataset = session->workspace().dataset(id);
    const auto problems = session->workspace().problems(id);
    const auto splits = session->workspace().splits(id);
    const auto classes = session->workspace().classNames(id);
    if (context.console.json()) {
        OrderedJson object = datasetObject(dataset, problems);
        object["class_names"] = classes;
        object["splits"] = splits;
        context.console.printJson(object);
        return 0;
    }
    printProblems(context.console, problems);
    if (const std::string chosen = chosenText(dataset.options); !chosen.empty())
        context.console.print(oneLine("Read with: " + chosen));
    context.console.print(
        fmt::format("Imported '{}': {} ({})", dataset.name, datasetSummary(dataset), dataset.format));
    if (!splits.empty())
        context.console.print(oneLine("Splits: " + firstNames(splits)));
    if (!classes.empty())
        context.console.print(oneLine("Classes: " + firstNames(classes)));
    return 0;
}

int renameDataset(const std::string& workspace, const std::string& name, const std::string& newName,
                  CommandContext& context) {
    const auto session = Session::open(workspace, WorkspaceMode::ReadWrite);
    const auto dataset = datasetByName(session->workspace(), name);
    session->workspace().renameDataset(dataset.id, newName);
    if (context.console.json())
        context.console.printJson({{"dataset", session->workspace().dataset(dataset.id).name}});
    else
        context.console.print(fmt::format("'{}' is now '{}'", name, newName));
    return 0;
}

int relocateDataset(const std::string& workspace, const std::string& name, const std::string& folder,
                    CommandContext& context) {
    const auto session = Session::open(workspace, WorkspaceMode::ReadWrite);
    const auto dataset = datasetByName(session->workspace(), name);
    session->workspace().relocateDataset(dataset.id, folder);
    const std::string root = displayPath(session->workspace().dataset(dataset.id).root);
    if (context.console.json())
        context.console.printJson({{"dataset", name}, {"root", root}});
    else
        context.console.print(fmt::format("The images of '{}' are in {}", name, root));
    return 0;
}

int listDatasets(const std::string& workspace, CommandContext& context) {
    const auto session = Session::open(workspace, WorkspaceMode::ReadOnly);
    const auto datasets = session->workspace().datasets();
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const auto& dataset : datasets) {
            OrderedJson entry = datasetObject(dataset, {});
            for (const char* kind : {"problems", "notes"})
                entry.erase(kind);
            entry["missing"] = !session->workspace().datasetReachable(dataset.id);
            list.push_back(std::move(entry));
        }
        context.console.printJson(list);
        return 0;
    }
    using enum Table::Align;
    Table table(
        {{"Dataset"}, {"Images", Right}, {"Classes", Right}, {"Captions", Right}, {"Format"}, {"Source"}});
    for (const auto& dataset : datasets)
        table.addRow({dataset.name, formatCount(dataset.sampleCount), formatCount(dataset.classCount),
                      formatCount(dataset.captionCount), dataset.format,
                      displayPath(dataset.source) + (session->workspace().datasetReachable(dataset.id)
                                                         ? ""
                                                         : " (missing; 'datasets relocate')")});
    context.console.printRaw(table.empty() ? "No datasets yet; 'diptych import' adds one.\n" : table.text());
    return 0;
}

void printList(Console& console, const char* title, const std::vector<ImportProblem>& problems, bool notes) {
    const auto count = std::count_if(problems.begin(), problems.end(),
                                     [&](const auto& problem) { return problem.note == notes; });
    if (count > 0)
        console.print(fmt::format("{}: {}", title, count));
    for (const auto& problem : problems)
        if (problem.note == notes)
            console.print(oneLine("  " + problem.where + ": " + problem.reason));
}

int showDataset(const std::string& workspace, const std::string& name, CommandContext& context) {
    const auto session = Session::open(workspace, WorkspaceMode::ReadOnly);
    const auto dataset = datasetByName(session->workspace(), name);
    const auto problems = session->workspace().problems(dataset.id);
    const auto classes = session->workspace().classNames(dataset.id);
    const auto splits = session->workspace().splits(dataset.id);
    const auto columns = session->workspace().columns(dataset.id);
    if (context.console.json()) {
        OrderedJson object = datasetObject(dataset, problems);
        object["class_names"] = classes;
        object["splits"] = splits;
        object["columns"] = OrderedJson::array();
        for (const ColumnInfo& column : columns)
            object["columns"].push_back(
                {{"name", column.name}, {"numeric", column.numeric}, {"values", column.distinctCount}});
        context.console.printJson(object);
        return 0;
    }
    Console& console = context.console;
    console.print(fmt::format("{}: {}", dataset.name, datasetSummary(dataset)));
    console.print(fmt::format("Source: {} ({})", displayPath(dataset.source), dataset.format));
    if (const std::string chosen = chosenText(dataset.options); !chosen.empty())
        console.print(oneLine("Read with: " + chosen));
    console.print("Imported: " + dataset.createdAt);
    console.print("Fingerprint: " + dataset.fingerprint);
    if (!splits.empty())
        console.print(fmt::format("Splits: {}", fmt::join(splits, ", ")));
    if (!classes.empty())
        console.print(oneLine(fmt::format("Classes: {}", fmt::join(classes, ", "))));
    for (const ColumnInfo& column : columns)
        console.print(
            oneLine(fmt::format("Column {}: {} values{}", column.name, formatCount(column.distinctCount),
                                column.numeric ? ", numbers" : "")));
    printList(console, "Left out", problems, false);
    printList(console, "Notes", problems, true);
    return 0;
}

int removeDataset(const std::string& workspace, const std::string& name, CommandContext& context) {
    const auto session = Session::open(workspace, WorkspaceMode::ReadWrite);
    const auto dataset = datasetByName(session->workspace(), name);
    session->workspace().removeDataset(dataset.id);
    if (context.console.json())
        context.console.printJson({{"removed", name}});
    else
        context.console.print(
            fmt::format("Removed '{}' from the workspace; its files were not touched.", name));
    return 0;
}

} // namespace

void defineImport(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "import",
        "Add a dataset to a workspace, which is made if need be. Images stay where they are; files "
        "that cannot be used are listed and left out. The same name again brings the dataset up to date, "
        "with the format, columns, folders and image root that were given then and are not given now.",
        "import photos/ --workspace work --name pets\n"
        "import labels.csv --workspace work --name birds --columns image=file,label=species "
        "--image-root photos/\n"
        "import captions_val2017.json --workspace work --name coco --image-root val2017/\n"
        "import photos/ --workspace work --name trips --folders -/class",
        [options](CommandContext& context) { return runImport(*options, context); });
    std::vector<std::string> formats;
    for (const auto& format : datasetFormats())
        formats.push_back(format.id);
    command->add_option("PATH", options->source, "Folder or file to import")->required()->type_name("");
    addWorkspaceOption(command, options->workspace);
    command->add_option("-n,--name", options->name, "Name of the dataset in the workspace")
        ->type_name("NAME")
        ->required();
    command
        ->add_option("-f,--format", options->format,
                     fmt::format("Found out where not given; one of {}", fmt::join(formats, ", ")))
        ->type_name("FORMAT")
        ->check(CLI::IsMember(formats));
    command
        ->add_option(
            "--columns", options->columns,
            "Which column of a table holds what, e.g. image=file,label=species, or image=1,label=2 "
            "where it has "
            "no header; roles: image, frames (the folder of a clip's frames, or their list), label, caption, "
            "split, id")
        ->type_name("ROLE=COLUMN,")
        ->delimiter(',');
    command
        ->add_option(
            "--folders", options->folders,
            "What the folders of each level are, from the top, where it is not found out right: split/class, "
            "class, class/split, split, or - for a level that means nothing (-/class)")
        ->type_name("LEVELS");
    command
        ->add_option("--image-root", options->imageRoot,
                     "Where relative image paths start; the source's own folder where not given")
        ->type_name("DIR");
    command->add_flag(
        "--anew", options->anew,
        "Find everything out again instead of what was given at the last import under this name");
}

void defineDatasets(CommandLine& line) {
    struct Names {
        std::string workspace, name, target;
    };
    const auto names = std::make_shared<Names>();
    CLI::App* group =
        line.addGroup("datasets", "List, show, rename, relocate or remove the datasets of a workspace.");
    CLI::App* list =
        line.add(*group, "list", "List the datasets of a workspace.", "datasets list --workspace work",
                 [names](CommandContext& context) { return listDatasets(names->workspace, context); });
    CLI::App* show = line.add(
        *group, "show", "Show a dataset: where it came from, its classes and what was left out on import.",
        "datasets show pets --workspace work",
        [names](CommandContext& context) { return showDataset(names->workspace, names->name, context); });
    CLI::App* remove =
        line.add(*group, "remove",
                 "Take a dataset, its tags and the per-example results of its runs out of a workspace.",
                 "datasets remove pets --workspace work", [names](CommandContext& context) {
                     return removeDataset(names->workspace, names->name, context);
                 });
    CLI::App* rename =
        line.add(*group, "rename", "Give a dataset another name; its runs keep the old one.",
                 "datasets rename pets animals --workspace work", [names](CommandContext& context) {
                     return renameDataset(names->workspace, names->name, names->target, context);
                 });
    CLI::App* relocate =
        line.add(*group, "relocate", "Say where a dataset's folder of images was moved to.",
                 "datasets relocate pets /mnt/photos --workspace work", [names](CommandContext& context) {
                     return relocateDataset(names->workspace, names->name, names->target, context);
                 });
    for (CLI::App* command : {list, show, remove, rename, relocate})
        addWorkspaceOption(command, names->workspace);
    for (CLI::App* command : {show, remove, rename, relocate})
        command->add_option("NAME", names->name, "Name of the dataset")->required()->type_name("");
    rename->add_option("NEW", names->target, "The new name")->required()->type_name("");
    relocate->add_option("DIR", names->target, "The folder it is in now")->required()->type_name("");
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
// Prompts that a workspace keeps under names.
#include "app/cli/commands/prompts_kept.h"

#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/session/prompt_variants.h"
#include "core/session/session.h"
#include "core/text/prompt_files.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, name, newName, templates, dataset, file, key, kind, base, output;
    bool replace = false, text = false;
    Workspace::IfTaken ifTaken() const {
        return replace ? Workspace::IfTaken::Replace : Workspace::IfTaken::Refuse;
    }
};

int said(CommandContext& context, const char* what, const std::string& name) {
    if (context.console.json())
        context.console.printJson({{"name", name}});
    else
        context.console.print(oneLine(fmt::format("{} '{}'", what, name)));
    return 0;
}

OrderedJson ordered(const PromptSet& prompts) {
    return OrderedJson(promptSetJson(prompts));
}

int listKept(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto all = allKeptPrompts(session->workspace());
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const PromptSet& prompts : all) {
            OrderedJson& object = list.emplace_back(ordered(prompts));
            object["name"] = prompts.id;
        }
        context.console.printJson(list);
        return 0;
    }
    using enum Table::Align;
    Table table({{"Name"}, {"Templates", Right}, {"Classes with words", Right}, {"First template"}});
    for (const PromptSet& prompts : all)
        table.addRow({prompts.id, std::to_string(prompts.templates.size()),
                      std::to_string(prompts.classes.size()),
                      prompts.templates.empty() ? "" : prompts.templates.front()});
    context.console.printRaw(table.empty() ? "No prompts are kept; 'diptych prompts save' keeps some.\n"
                                           : table.text());
    return 0;
}

int showKept(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const PromptSet prompts = findPrompts(session->workspace(), options.name);
    if (context.console.json()) {
        context.console.printJson(ordered(prompts));
        return 0;
    }
    for (const std::string& text : prompts.templates)
        context.console.print(oneLine(text));
    for (const auto& [name, words] : prompts.classes) {
        for (const std::string& own : words.names)
            context.console.print(oneLine(fmt::format("{}: called {}", name, own)));
        for (const std::string& prompt : words.prompts)
            context.console.print(oneLine(fmt::format("{}: {}", name, prompt)));
    }
    return 0;
}

int saveKept(const Options& options, CommandContext& context) {
    const auto session = Session::openOrCreate(options.workspace);
    keepPrompts(session->workspace(), options.name, findPrompts(session->workspace(), options.templates),
                options.ifTaken());
    return said(context, "Saved", options.name);
}

int renameKept(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    renameKeptPrompts(session->workspace(), options.name, options.newName);
    return said(context, "Renamed", options.newName);
}

int removeKept(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    session->workspace().removePrompts(options.name);
    return said(context, "Removed", options.name);
}

std::vector<std::string> classNamesOf(const Options& options, Workspace& workspace) {
    return options.dataset.empty() ? std::vector<std::string>()
                                   : workspace.classNames(datasetByName(workspace, options.dataset).id);
}

int importKept(const Options& options, CommandContext& context) {
    const auto session = Session::openOrCreate(options.workspace);
    Workspace& workspace = session->workspace();
    PromptImport import{classNamesOf(options, workspace), options.key, {}};
    if (!options.kind.empty())
        import.kind = parsePromptFileKind(options.kind);
    const PromptSet base = options.base.empty() ? PromptSet() : findPrompts(workspace, options.base);
    const PromptSet prompts = importPrompts(options.file, import, base);
    keepPrompts(workspace, options.name, prompts, options.ifTaken());
    if (context.console.json()) {
        context.console.printJson(ordered(prompts));
        return 0;
    }
    context.console.print(oneLine(fmt::format("Imported '{}': {}, words of {}", options.name,
                                              counted(prompts.templates.size(), "template", "templates"),
                                              counted(prompts.classes.size(), "class", "classes"))));
    return 0;
}

int exportKept(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    Workspace& workspace = session->workspace();
    const PromptFileKind kind = parsePromptFileKind(options.kind.empty() ? "set" : options.kind);
    const bool needsClasses = kind == PromptFileKind::ClassNames || kind == PromptFileKind::ClassPrompts;
    if (needsClasses && options.dataset.empty())
        throw UsageError(
            fmt::format("--kind {} writes the classes of a dataset: say which (--dataset)", options.kind));
    const std::string key = !options.key.empty()       ? options.key
                            : !options.dataset.empty() ? options.dataset
                                                       : options.name;
    std::vector<std::string> lost;
    const std::string content = exportPrompts(findPrompts(workspace, options.name), kind,
                                              classNamesOf(options, workspace), key, options.text, lost);
    for (const std::string& what : lost)
        context.console.warn(what);
    if (!writeOutput(context.console, options.output, content) && !context.console.json())
        context.console.note(fmt::format("Wrote {}", displayPath(options.output)));
    if (context.console.json())
        context.console.printJson({{"file", displayPath(options.output)}, {"lost", lost}});
    return 0;
}

void addReplace(CLI::App* command, Options& options) {
    command->add_flag("--replace", options.replace, "Replace prompts kept under that name");
}

void addKind(CLI::App* command, Options& options, const char* help) {
    command->add_option("--kind", options.kind, help)
        ->type_name("set|templates|classnames|prompts")
        ->check(CLI::IsMember({"set", "templates", "classnames", "prompts"}));
}

void defineFiles(CommandLine& line, CLI::App& group, const std::shared_ptr<Options>& options) {
    CLI::App* imported =
        line.add(group, "import",
                 "Keep prompts from a file: CLIP_benchmark's templates or class names ({dataset: [...]}), "
                 "CuPL's prompts "
                 "({class: [...]}), Diptych's own JSON, or text with an entry a line.",
                 "prompts import en_zeroshot_classification_templates.json photos -w work --key imagenet1k\n"
                 "prompts import cupl.json described -w work --dataset pets --base simple",
                 [options](CommandContext& context) { return importKept(*options, context); });
    imported->add_option("FILE", options->file, "The file")->required()->type_name("");
    imported->add_option("NAME", options->name, "The name to keep them under")->required()->type_name("");
    imported->add_option("-d,--dataset", options->dataset, "The dataset whose classes they name")
        ->type_name("NAME");
    imported->add_option("--key", options->key, "Which dataset of the file")->type_name("KEY");
    addKind(imported, *options, "What the file holds; where not given, what it looks like");
    imported->add_option("--base", options->base, "Prompts that give what the file does not")
        ->type_name("NAME|FILE|TEMPLATE");
    addReplace(imported, *options);
    CLI::App* exported =
        line.add(group, "export",
                 "Write prompts to a file: as Diptych's JSON (set), CLIP_benchmark's templates or "
                 "classnames, or every "
                 "prompt of every class (prompts), which is the whole ensemble.",
                 "prompts export chosen chosen.json -w work\n"
                 "prompts export chosen prompts.json -w work --kind prompts --dataset pets",
                 [options](CommandContext& context) { return exportKept(*options, context); });
    exported->add_option("NAME", options->name, "Kept prompts, or a built-in set")->required()->type_name("");
    exported->add_option("FILE", options->output, "File to write; '-' is standard output")
        ->required()
        ->type_name("");
    exported->add_option("-d,--dataset", options->dataset, "The dataset whose classes are written")
        ->type_name("NAME");
    exported->add_option("--key", options->key, "The name of the dataset in the file")->type_name("KEY");
    addKind(exported, *options, "What to write; a set where not given");
    exported->add_flag("--text", options->text, "Templates or class names as text, one a line");
    for (CLI::App* command : {imported, exported})
        addWorkspaceOption(command, options->workspace);
}

} // namespace

void defineKeptPrompts(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list = line.add(group, "list", "List the prompts that a workspace keeps.",
                              "prompts list -w work", bind(listKept));
    CLI::App* show = line.add(group, "show", "Show prompts: templates and the words of classes.",
                              "prompts show chosen -w work --json", bind(showKept));
    CLI::App* save =
        line.add(group, "save", "Keep prompts under a name, which every --templates takes then.",
                 "prompts save photos 'a photo of a {}.|a picture of a {}' -w work", bind(saveKept));
    CLI::App* rename = line.add(group, "rename", "Give kept prompts another name.",
                                "prompts rename photos pictures -w work", bind(renameKept));
    CLI::App* remove = line.add(group, "remove", "Forget kept prompts; runs that used them stay as they are.",
                                "prompts remove photos -w work", bind(removeKept));
    for (CLI::App* command : {list, show, save, rename, remove})
        addWorkspaceOption(command, options->workspace);
    for (CLI::App* command : {show, save, rename, remove})
        command->add_option("NAME", options->name, "The name they are kept under")->required()->type_name("");
    rename->add_option("NEWNAME", options->newName, "The name from now on")->required()->type_name("");
    save->add_option("TEMPLATES", options->templates,
                     "A prompt set, a file, or templates written out with | between")
        ->required()
        ->type_name("");
    addReplace(save, *options);
    defineFiles(line, group, options);
}

} // namespace diptych::cli

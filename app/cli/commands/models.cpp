// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, model, target;
};

/// Of a registered model by name, else of a checkpoint folder.
ModelInfo findModelInfo(const Options& options) {
    if (!options.workspace.empty()) {
        const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
        if (const auto record = session->workspace().findModel(options.model))
            return session->modelInfo(record->id);
        std::error_code error;
        if (!std::filesystem::is_directory(options.model, error))
            modelByName(session->workspace(), options.model); // throws, naming those there are
    }
    return inspectModel(*Checkpoint::open(options.model));
}

void printInfo(Console& console, const ModelInfo& info) {
    const auto field = [&](const char* name, const std::string& value) {
        if (!value.empty())
            console.print(oneLine(fmt::format("{:<18}{}", name, value)));
    };
    field("Name", info.name);
    field("Family", info.familyTitle);
    field("Folder", displayPath(info.directory));
    field("Licence", info.licence.empty() ? "not stated" : info.licence);
    field("Parameters", formatCount(info.parameterCount));
    field("Weights", formatBytes(info.weightBytes) + " in " + info.weightPrecision);
    field("Memory needed", "about " + formatBytes(info.memoryNeededBytes));
    field("Gives", fmt::format("{}", fmt::join(info.faces.names(), ", ")));
    std::string tower = fmt::format("{} layers, width {}", info.visionLayers, info.visionWidth);
    if (info.imageSize > 0) // not where pictures keep their proportions
        tower += fmt::format(", {}×{} pixels", info.imageSize, info.imageSize);
    if (info.patchSize > 0)
        tower += fmt::format(", patches of {}", info.patchSize);
    field("Image tower", tower);
    if (info.faces.textEmbeddings) {
        field("Text tower",
              fmt::format("{} layers, width {}, {} tokens of a vocabulary of {}", info.textLayers,
                          info.textWidth, info.contextLength, formatCount(info.vocabularySize)));
        field("Similarity", similarityText(info.similarity));
    }
    field("Embedding", fmt::format("{} dimensions", info.embeddingDim));
    for (const auto& [what, value] : info.facts)
        field(what.c_str(), value);
    field("Fingerprint", info.fingerprint);
}

int listModels(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto models = session->workspace().models();
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (const auto& model : models)
            list.push_back({{"model", model.name},
                            {"directory", displayPath(model.directory)},
                            {"fingerprint", model.fingerprint},
                            {"added_at", model.addedAt},
                            {"missing", !session->workspace().modelReachable(model.id)},
                            {"info", model.info}});
        context.console.printJson(list);
        return 0;
    }
    Table table({{"Model"}, {"Added"}, {"Folder"}});
    for (const auto& model : models)
        table.addRow(
            {model.name, model.addedAt,
             displayPath(model.directory) +
                 (session->workspace().modelReachable(model.id) ? "" : " (missing; 'models relocate')")});
    context.console.printRaw(table.empty() ? "No models yet; 'diptych models add' adds one.\n"
                                           : table.text());
    return 0;
}

int addModel(const Options& options, CommandContext& context) {
    const auto session = Session::openOrCreate(options.workspace);
    const auto record = session->workspace().model(session->addModel(options.model, context.run));
    const ModelInfo info = session->modelInfo(record.id);
    if (context.console.json()) {
        OrderedJson object = {{"model", record.name}, {"id", record.id.value}};
        object["info"] = info.toJson();
        context.console.printJson(object);
        return 0;
    }
    context.console.print(fmt::format("Added '{}'", record.name));
    printInfo(context.console, info);
    return 0;
}

int showModel(const Options& options, CommandContext& context) {
    const ModelInfo info = findModelInfo(options);
    if (context.console.json())
        context.console.printJson(info.toJson());
    else
        printInfo(context.console, info);
    return 0;
}

int printModelPlace(const ModelRecord& model, CommandContext& context) {
    if (context.console.json())
        context.console.printJson({{"model", model.name}, {"directory", displayPath(model.directory)}});
    else
        context.console.print(fmt::format("'{}' is in {}", model.name, displayPath(model.directory)));
    return 0;
}

int removeModel(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    session->workspace().removeModel(modelByName(session->workspace(), options.model).id);
    if (context.console.json())
        context.console.printJson({{"removed", options.model}});
    else
        context.console.print(fmt::format(
            "Removed '{}' from the workspace; its files and runs were not touched.", options.model));
    return 0;
}

int renameModel(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const ModelId id = modelByName(workspace, options.model).id;
    workspace.renameModel(id, options.target);
    return printModelPlace(workspace.model(id), context);
}

int relocateModel(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    const ModelId id = modelByName(session->workspace(), options.model).id;
    session->relocateModel(id, options.target, context.run);
    return printModelPlace(session->workspace().model(id), context);
}

} // namespace

void defineModels(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group =
        line.addGroup("models", "List, add, show, rename, relocate or remove the models of a workspace.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list = line.add(*group, "list", "List the models of a workspace.",
                              "models list --workspace work", bind(listModels));
    CLI::App* add =
        line.add(*group, "add",
                 "Check a checkpoint folder (Hugging Face layout or hub cache) whole and add it to a "
                 "workspace. The weights stay where they are.",
                 "models add ~/models/clip-vit-base-patch32 --workspace work", bind(addModel));
    CLI::App* show =
        line.add(*group, "show", "Show what is inside a checkpoint: family, sizes, memory needed.",
                 "models show ~/models/clip-vit-base-patch32\n"
                 "models show clip-vit-base-patch32 --workspace work --json",
                 bind(showModel));
    CLI::App* remove = line.add(*group, "remove", "Take a model out of a workspace; its files and runs stay.",
                                "models remove clip-vit-base-patch32 --workspace work", bind(removeModel));
    CLI::App* rename =
        line.add(*group, "rename", "Give a model of a workspace another name; its runs keep the old one.",
                 "models rename clip-vit-base-patch32 baseline --workspace work", bind(renameModel));
    CLI::App* relocate = line.add(
        *group, "relocate", "Say where a model's folder was moved to. The checkpoint there must be the same.",
        "models relocate clip-vit-base-patch32 /mnt/models/clip --workspace work", bind(relocateModel));
    for (CLI::App* command : {list, add, remove, rename, relocate})
        addWorkspaceOption(command, options->workspace);
    addWorkspaceOption(show, options->workspace)->required(false);
    add->add_option("DIR", options->model, "Checkpoint folder")->required()->type_name("");
    show->add_option("MODEL", options->model, "Name in the workspace, or a checkpoint folder")
        ->required()
        ->type_name("");
    for (CLI::App* command : {rename, relocate})
        command->add_option("NAME", options->model, "Name in the workspace")->required()->type_name("");
    rename->add_option("NEW", options->target, "The new name")->required()->type_name("");
    relocate->add_option("DIR", options->target, "The folder it is in now")->required()->type_name("");
    remove->add_option("NAME", options->model, "Name in the workspace")->required()->type_name("");
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/store/embedding_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, model;
};

OrderedJson spaceObject(const EmbeddingSpaceInfo& space) {
    return {{"key", space.key},
            {"model", space.label.model},
            {"precision", space.label.precision},
            {"content", space.label.content},
            {"dimensions", space.dimension},
            {"rows", space.rows},
            {"bytes", space.bytes}};
}

std::string knownOr(const std::string& text) {
    return text.empty() ? "?" : oneLine(text);
}

int showCache(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto spaces = session->workspace().cachedSpaces();
    uint64_t bytes = 0;
    OrderedJson list = OrderedJson::array();
    using enum Table::Align;
    Table table({{"Model"}, {"Precision"}, {"Of"}, {"Dimensions", Right}, {"Kept", Right}, {"Size", Right}});
    for (const auto& space : spaces) {
        bytes += space.bytes;
        list.push_back(spaceObject(space));
        table.addRow({knownOr(space.label.model), knownOr(space.label.precision),
                      knownOr(space.label.content),
                      space.dimension > 0 ? std::to_string(space.dimension) : std::string(),
                      formatCount(space.rows), formatBytes(space.bytes)});
    }
    if (context.console.json()) {
        context.console.printJson({{"bytes", bytes}, {"spaces", list}});
        return 0;
    }
    context.console.printRaw(
        table.empty() ? "No embeddings yet; 'diptych eval' or 'diptych encode' makes them.\n" : table.text());
    if (!table.empty())
        context.console.print(fmt::format("In all {}", formatBytes(bytes)));
    return 0;
}

int clearCache(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    auto spaces = workspace.cachedSpaces();
    if (!options.model.empty())
        std::erase_if(spaces, [&](const auto& space) { return space.label.model != options.model; });
    if (spaces.empty() && !options.model.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format("there is nothing of a model '{}'; 'diptych cache show' lists them", options.model));
    uint64_t bytes = 0;
    int64_t rows = 0;
    for (const auto& space : spaces) {
        context.run.throwIfCancelled();
        workspace.removeCachedSpace(space.key);
        bytes += space.bytes;
        rows += space.rows;
    }
    if (context.console.json())
        context.console.printJson({{"removed", spaces.size()}, {"rows", rows}, {"bytes", bytes}});
    else
        context.console.print(
            fmt::format("Removed {} embeddings and matches, {}; they are computed anew when they are needed",
                        formatCount(rows), formatBytes(bytes)));
    return 0;
}

} // namespace

void defineCache(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup(
        "cache", "Show or empty what a workspace keeps of models: embeddings, image-text matches.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* show =
        line.add(*group, "show", "List the embeddings and matches that are kept and the room they take.",
                 "cache show --workspace work", bind(showCache));
    CLI::App* clear = line.add(
        *group, "clear",
        "Remove embeddings and matches, all or those of one model. Runs stay; what is needed again is "
        "computed again.",
        "cache clear --workspace work\ncache clear --workspace work --model pets-clip", bind(clearCache));
    for (CLI::App* command : {show, clear})
        addWorkspaceOption(command, options->workspace);
    clear->add_option("-m,--model", options->model, "Only those of this model, as 'cache show' names it")
        ->type_name("NAME");
}

} // namespace diptych::cli

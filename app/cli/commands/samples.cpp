// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/report/sample_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, dataset, text, tag, split, sort = "import", output, mark;
    std::vector<std::string> classes, where, images;
    bool descending = false, noted = false, remove = false;
    size_t limit = 0;
};

/// "COLUMN=VALUE" conditions; several values of one column are alternatives.
std::vector<ColumnFilter> parseWhere(const std::vector<std::string>& conditions,
                                     const std::vector<ColumnInfo>& columns) {
    std::vector<ColumnFilter> filters;
    for (const std::string& condition : conditions) {
        const size_t equals = condition.find('=');
        if (equals == std::string::npos)
            throw UsageError(fmt::format("--where: '{}' is not COLUMN=VALUE", condition));
        const std::string column = condition.substr(0, equals);
        if (std::none_of(columns.begin(), columns.end(),
                         [&](const ColumnInfo& info) { return info.name == column; })) {
            std::string known;
            for (const ColumnInfo& info : columns)
                known += (known.empty() ? "" : ", ") + info.name;
            throw Error(ErrorCode::NotFound,
                        fmt::format("The dataset has no column '{}'; {}", column,
                                    known.empty() ? "it has no columns of its own" : "it has: " + known));
        }
        const auto same = std::find_if(filters.begin(), filters.end(),
                                       [&](const ColumnFilter& filter) { return filter.column == column; });
        if (same != filters.end())
            same->values.push_back(condition.substr(equals + 1));
        else
            filters.push_back({column, {condition.substr(equals + 1)}});
    }
    return filters;
}

SampleFilter filterOf(const Options& options, const Workspace& workspace, DatasetId dataset) {
    SampleFilter filter;
    const auto names = workspace.classNames(dataset);
    for (const std::string& name : options.classes) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            throw Error(
                ErrorCode::NotFound,
                fmt::format("The dataset has no class '{}' ('diptych datasets show' lists them)", name));
        filter.labels.push_back(static_cast<int>(found - names.begin()));
    }
    filter.text = options.text;
    filter.tag = options.tag;
    if (!options.split.empty())
        filter.split = options.split;
    filter.noted = options.noted;
    if (!options.where.empty())
        filter.columns = parseWhere(options.where, workspace.columns(dataset));
    return filter;
}

SampleSort sortOf(const Options& options) {
    SampleSort sort;
    sort.descending = options.descending;
    if (options.sort == "name")
        sort.by = SampleOrder::Key;
    else if (options.sort == "class")
        sort.by = SampleOrder::Label;
    else if (options.sort != "import") {
        sort.by = SampleOrder::Column;
        sort.column = options.sort;
    }
    return sort;
}

std::vector<SampleId> chosenSamples(const Options& options, Workspace& workspace) {
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    const SampleSort sort = sortOf(options);
    if (sort.by == SampleOrder::Column) // throws for a column that is not there
        parseWhere({sort.column + "="}, workspace.columns(dataset));
    std::vector<SampleId> ids = workspace.sampleIds(dataset, filterOf(options, workspace, dataset), sort);
    if (!options.images.empty()) {
        std::unordered_map<std::string, SampleId> byKey;
        for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
            byKey.emplace(sample.key, sample.id);
        ids.clear();
        for (const std::string& key : options.images) {
            const auto found = byKey.find(key);
            if (found == byKey.end())
                throw Error(
                    ErrorCode::NotFound,
                    fmt::format("There is no image '{}' among those chosen of '{}'", key, options.dataset));
            ids.push_back(found->second);
        }
    }
    if (options.limit > 0 && ids.size() > options.limit)
        ids.resize(options.limit);
    return ids;
}

int listSamples(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const auto ids = chosenSamples(options, session->workspace());
    if (!options.output.empty()) {
        writeFileAtomically(options.output,
                            sampleTable(session->workspace(), ids, sampleTableFormat(options.output)));
        if (context.console.json())
            context.console.printJson({{"written", options.output}, {"samples", ids.size()}});
        else
            context.console.print(fmt::format("{} images written to {}",
                                              formatCount(static_cast<int64_t>(ids.size())), options.output));
        return 0;
    }
    if (context.console.json()) {
        OrderedJson list = OrderedJson::array();
        for (OrderedJson& sample : sampleObjects(session->workspace(), ids))
            list.push_back(std::move(sample));
        context.console.printJson(list);
        return 0;
    }
    context.console.printRaw(sampleTable(session->workspace(), ids, SampleTableFormat::Csv));
    return 0;
}

int reportChange(CommandContext& context, size_t changed, const std::string& what) {
    if (context.console.json())
        context.console.printJson({{"changed", changed}});
    else
        context.console.print(
            fmt::format("{}: {} changed", what, formatCount(static_cast<int64_t>(changed))));
    return 0;
}

int tagSamples(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    const auto ids = chosenSamples(options, session->workspace());
    const auto changed = options.remove ? session->workspace().removeTag(ids, options.mark)
                                        : session->workspace().addTag(ids, options.mark);
    return reportChange(context, changed.size(),
                        fmt::format("{} '{}'", options.remove ? "Tag taken off" : "Tagged", options.mark));
}

int noteSamples(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    std::vector<SampleNote> notes;
    for (const SampleId id : chosenSamples(options, session->workspace()))
        notes.push_back({id, options.mark});
    return reportChange(context, session->workspace().setNotes(notes).size(), "Note");
}

void addChoice(CLI::App* command, Options& options) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
    command->add_option("--class", options.classes, "Only of this class; several are alternatives")
        ->type_name("NAME")
        ->take_all();
    command->add_option("--text", options.text, "Only with this in the name, a caption or the note")
        ->type_name("TEXT");
    command->add_option("--tagged", options.tag, "Only with this tag")->type_name("TAG");
    command->add_flag("--noted", options.noted, "Only with a note");
    command->add_option("--split", options.split, "Only in this split")->type_name("NAME");
    command
        ->add_option("--where", options.where,
                     "Only where a column of the source has this value; several values of a column are "
                     "alternatives, several columns must all fit")
        ->type_name("COLUMN=VALUE")
        ->take_all();
    command->add_option("--image", options.images, "Only this image, by its name in the dataset")
        ->type_name("KEY")
        ->take_all();
}

} // namespace

void defineSamples(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup("samples", "List, tag and annotate the images of a dataset.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list = line.add(
        *group, "list", "List images with class, split, tags, note and the source's own columns.",
        "samples list --workspace work --dataset pets --class cat --class dog --sort weight --descending\n"
        "samples list --workspace work --dataset pets --tagged blurry --output blurry.csv",
        bind(listSamples));
    addChoice(list, *options);
    list->add_option("--sort", options->sort, "import, name, class, or a column of the source")
        ->capture_default_str()
        ->type_name("ORDER");
    list->add_flag("--descending", options->descending, "The other way round");
    list->add_option("-n,--limit", options->limit, "At most so many; 0 is all")->type_name("N");
    list->add_option("-o,--output", options->output,
                     "Write to this file: .csv, .jsonl, or .txt (paths alone)")
        ->type_name("FILE");
    CLI::App* tag = line.add(*group, "tag", "Give a tag to images, or take it off with --remove.",
                             "samples tag blurry --workspace work --dataset pets --image cat/7.png\n"
                             "samples tag blurry --remove --workspace work --dataset pets",
                             bind(tagSamples));
    addChoice(tag, *options);
    tag->add_option("TAG", options->mark, "Name of the tag")->required()->type_name("");
    tag->add_flag("--remove", options->remove, "Take it off");
    CLI::App* note =
        line.add(*group, "note", "Write a note on images; an empty text takes it away.",
                 "samples note \"label is wrong\" --workspace work --dataset pets --image cat/7.png",
                 bind(noteSamples));
    addChoice(note, *options);
    note->add_option("TEXT", options->mark, "The note")->required()->type_name("");
}

} // namespace diptych::cli

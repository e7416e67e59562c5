// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/positives.h"
#include "app/cli/commands/sample_card.h"
#include "app/cli/commands/sample_counts.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/report/sample_export.h"
#include "core/report/sample_table.h"

#include <fmt/format.h>

#include <functional>
#include <unordered_map>

namespace diptych::cli {
namespace {

struct Options {
    std::string workspace, dataset, sort = "import", output, mark, name, form, note;
    SampleChoice choice;
    std::vector<std::string> images;
    bool descending = false, remove = false, fixed = false, replace = false, copies = false, undo = false;
    std::optional<std::string> label;
    size_t limit = 0;
};

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
    std::vector<SampleId> ids = chosenSamples(options.choice, workspace, dataset, sortOf(options));
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
            context.console.print(fmt::format("{} written to {}", countedImages(ids.size()), options.output));
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

int exportChosen(const Options& options, CommandContext& context) {
    const ExportForm form =
        options.form.empty() ? exportForm(options.output) : parseExportForm(options.form); // before the work
    if (options.copies && form != ExportForm::Folder)
        throw UsageError("--copies goes with a folder; the other forms name the images where they are");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const ExportSummary summary =
        exportSamples(session->workspace(), chosenSamples(options, session->workspace()), options.output,
                      form, options.copies ? FolderFiles::Copies : FolderFiles::Links, context.run);
    if (context.console.json())
        context.console.printJson(
            {{"written", options.output}, {"samples", summary.written}, {"notes", summary.notes}});
    else
        context.console.print(
            fmt::format("{} written to {}", countedImages(summary.written), options.output));
    for (const std::string& note : summary.notes)
        context.console.warn(oneLine(note));
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

int relabelSamples(const Options& options, CommandContext& context) {
    if (options.undo == options.label.has_value())
        throw UsageError("name the CLASS to correct to, or --undo");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const auto ids = chosenSamples(options, workspace);
    if (!options.undo)
        return reportChange(context, workspace.correctLabels(ids, *options.label, options.note).size(),
                            fmt::format("Label corrected to '{}'", *options.label));
    std::unordered_map<SampleId, LabelCorrection> last;
    for (LabelCorrection& correction :
         workspace.labelCorrections(datasetByName(workspace, options.dataset).id))
        last[correction.sample] = std::move(correction);
    std::vector<LabelCorrection> taken;
    for (const SampleId id : ids)
        if (const auto found = last.find(id); found != last.end())
            taken.push_back(found->second);
    workspace.removeCorrections(taken);
    return reportChange(context, taken.size(), "Last correction taken back");
}

int listCorrections(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    const Workspace& workspace = session->workspace();
    const auto corrections =
        workspace.labelCorrections(datasetByName(session->workspace(), options.dataset).id);
    std::vector<SampleId> ids;
    for (const LabelCorrection& correction : corrections)
        ids.push_back(correction.sample);
    std::unordered_map<SampleId, std::string> keys;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        keys.emplace(sample.id, toValidUtf8(sample.key));
    OrderedJson list = OrderedJson::array();
    Table table({{"When"}, {"Image"}, {"From"}, {"To"}, {"Note"}});
    for (const LabelCorrection& correction : corrections) {
        list.push_back({{"image", keys[correction.sample]},
                        {"from", correction.from},
                        {"to", correction.to},
                        {"when", correction.correctedAt},
                        {"note", correction.note}});
        table.addRow({correction.correctedAt, keys[correction.sample], correction.from, correction.to,
                      correction.note});
    }
    if (context.console.json())
        context.console.printJson(list);
    else
        context.console.printRaw(table.text());
    return 0;
}

int noteSamples(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    std::vector<SampleNote> notes;
    for (const SampleId id : chosenSamples(options, session->workspace()))
        notes.push_back({id, options.mark});
    return reportChange(context, session->workspace().setNotes(notes).size(), "Note");
}

/// What a view asks for, for people: its filter as it is stored, or how many images it holds.
std::string viewText(const SavedView& view) {
    return view.isSelection() ? countedImages(static_cast<size_t>(view.sampleCount))
                              : view.filter.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int listViews(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadOnly);
    Workspace& workspace = session->workspace();
    const auto views = workspace.views(datasetByName(workspace, options.dataset).id);
    OrderedJson list = OrderedJson::array();
    Table table({{"View"}, {"Holds"}, {"Saved"}});
    for (const SavedView& view : views) {
        table.addRow({oneLine(view.name), oneLine(viewText(view)), view.createdAt});
        OrderedJson entry = {{"name", view.name}, {"saved", view.createdAt}};
        if (view.isSelection())
            entry["samples"] = view.sampleCount;
        else
            entry["filter"] = view.filter;
        list.push_back(std::move(entry));
    }
    if (context.console.json())
        context.console.printJson(list);
    else if (views.empty())
        context.console.print(fmt::format("'{}' has no saved views", options.dataset));
    else
        context.console.printRaw(table.text());
    return 0;
}

int saveView(const Options& options, CommandContext& context) {
    const SampleChoice& choice = options.choice;
    const bool fixed = options.fixed || !options.images.empty();
    if (!fixed && !choice.view.empty() && choice.hasConditions())
        throw UsageError("--view and other conditions together are no one filter: add --fixed to save the "
                         "images that fit now");
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    const auto ids = chosenSamples(options, workspace);
    const auto ifTaken = options.replace ? Workspace::IfTaken::Replace : Workspace::IfTaken::Refuse;
    if (fixed)
        workspace.saveSelection(dataset, options.name, ids, ifTaken);
    else
        workspace.saveView(dataset, options.name,
                           choice.view.empty()
                               ? conditionsOf(choice, workspace, dataset)
                               : workspace.viewFilter(viewByName(workspace, dataset, choice.view)),
                           ifTaken);
    if (context.console.json())
        context.console.printJson({{"view", options.name}, {"samples", ids.size()}});
    else
        context.console.print(fmt::format("View '{}' saved: {}", options.name, countedImages(ids.size())));
    return 0;
}

/// @param options name: of the view; mark: its new name, empty to remove it
int changeView(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.dataset).id;
    const ViewId id = viewByName(workspace, dataset, options.name).id;
    if (options.remove)
        workspace.removeView(id);
    else
        workspace.renameView(id, options.mark);
    if (context.console.json())
        context.console.printJson({{"view", options.remove ? options.name : options.mark}});
    else
        context.console.print(options.remove
                                  ? fmt::format("View '{}' removed; its images stay", options.name)
                                  : fmt::format("View '{}' is now '{}'", options.name, options.mark));
    return 0;
}

void addDataset(CLI::App* command, Options& options) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
}

/// @param images whether single ones may be named
void addChoice(CLI::App* command, Options& options, bool images = true) {
    addDataset(command, options);
    addSampleChoice(command, options.choice);
    if (!images)
        return;
    command->add_option("--image", options.images, "Only this image, by its name in the dataset")
        ->type_name("KEY")
        ->take_all();
}

void addViewName(CLI::App* command, Options& options) {
    addDataset(command, options);
    command->add_option("NAME", options.name, "Name of the view")->required()->type_name("");
}

using Bind = std::function<Action(int (*)(const Options&, CommandContext&))>;

void defineViews(CommandLine& line, CLI::App& group, Options& options, const Bind& bind) {
    addDataset(line.add(group, "views", "List the saved views of a dataset.",
                        "samples views --workspace work --dataset pets", bind(listViews)),
               options);
    CLI::App* save = line.add(
        group, "save",
        "Save what is chosen as a view, for --view and for the window: its conditions, or with --fixed the "
        "images that fit now.",
        "samples save \"heavy cats\" --workspace work --dataset pets --class cat --where \"weight>=5\"\n"
        "samples save mistakes --fixed --workspace work --dataset pets --run 3 --wrong",
        bind(saveView));
    addChoice(save, options);
    save->add_option("NAME", options.name, "Name of the view")->required()->type_name("");
    save->add_flag("--fixed", options.fixed, "The images themselves, whatever they fit later");
    save->add_flag("--replace", options.replace, "Take the place of a view of that name");
    CLI::App* rename =
        line.add(group, "rename-view", "Rename a saved view.",
                 "samples rename-view mistakes \"to check\" -w work -d pets", bind(changeView));
    addViewName(rename, options);
    rename->add_option("NEW", options.mark, "Its new name")->required()->type_name("");
    CLI::App* remove =
        line.add(group, "remove-view", "Remove a saved view; the images stay.",
                 "samples remove-view mistakes -w work -d pets", [bind, &options](CommandContext& context) {
                     options.remove = true;
                     return bind(changeView)(context);
                 });
    addViewName(remove, options);
}

void addOrder(CLI::App* command, Options& options) {
    command->add_option("--sort", options.sort, "import, name, class, or a column of the source")
        ->capture_default_str()
        ->type_name("ORDER");
    command->add_flag("--descending", options.descending, "The other way round");
    command->add_option("-n,--limit", options.limit, "At most so many; 0 is all")->type_name("N");
}

void defineExport(CommandLine& line, CLI::App& group, Options& options, Action action) {
    CLI::App* command = line.add(
        group, "export", "Write images with what is known of them, in a form that can be imported again.",
        "samples export --workspace work --dataset pets --tagged keep -o keep/\n"
        "samples export --workspace work --dataset pets --class cat -o cats/ --copies\n"
        "samples export --workspace work --dataset pets --split test -o test.json --form coco",
        std::move(action));
    addChoice(command, options);
    addOrder(command, options);
    command
        ->add_option("-o,--output", options.output,
                     "File (.csv, .jsonl, .txt, .json for COCO) or folder, which must be new or empty")
        ->required()
        ->type_name("FILE|DIR");
    command
        ->add_option(
            "--form", options.form,
            "Instead of by the name: csv, jsonl, txt (paths alone), coco (the classes of each image), "
            "coco-captions, folder (class folders, below split folders where all have a split)")
        ->type_name("FORM")
        ->check(CLI::IsMember({"csv", "jsonl", "txt", "coco", "coco-captions", "folder"}));
    command->add_flag("--copies", options.copies, "Fill a folder with copies instead of links");
}

void defineRelabel(CommandLine& line, CLI::App& group, Options& options, const Bind& bind) {
    CLI::App* relabel = line.add(
        group, "relabel",
        "Correct the label of images. What was imported stays; 'eval --labels corrected' goes by it.",
        "samples relabel cat --workspace work --dataset pets --image dog/7.png --note \"clearly a cat\"\n"
        "samples relabel --undo --workspace work --dataset pets --image dog/7.png",
        bind(relabelSamples));
    addChoice(relabel, options);
    relabel->add_option("CLASS", options.label, "A class of the dataset; \"\" for no label")->type_name("");
    relabel->add_option("--note", options.note, "Why")->type_name("TEXT");
    relabel->add_flag("--undo", options.undo, "Take back the last correction of these images");
    addDataset(line.add(group, "corrections", "List all corrected labels of a dataset, oldest first.",
                        "samples corrections --workspace work --dataset pets", bind(listCorrections)),
               options);
}

} // namespace

void defineSamples(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup("samples", "List, show, tag, annotate, relabel and export the images of "
                                               "a dataset; count and save choices of them.");
    const auto bind = [options](int (*action)(const Options&, CommandContext&)) {
        return [options, action](CommandContext& context) { return action(*options, context); };
    };
    CLI::App* list = line.add(
        *group, "list", "List images with class, split, tags, note and the source's own columns.",
        "samples list --workspace work --dataset pets --class cat --class dog --sort weight --descending\n"
        "samples list --workspace work --dataset pets --tagged blurry --output blurry.csv\n"
        "samples list --workspace work --dataset pets --where \"weight>=5\" --run 3 --wrong",
        bind(listSamples));
    addChoice(list, *options);
    addOrder(list, *options);
    list->add_option("-o,--output", options->output,
                     "Write to this file: .csv, .jsonl, or .txt (paths alone)")
        ->type_name("FILE");
    const auto card = std::make_shared<SampleCardOptions>();
    addSampleCardOptions(
        line.add(
            *group, "show",
            "Show what is known of an image and what every run answered; with a model its neighbours, and "
            "where texts stand.",
            "samples show cat/7.png --workspace work --dataset pets\n"
            "samples show cat/7.png -w work -d pets --model clip-vit-base-patch32 --text \"a sleeping cat\"",
            [card](CommandContext& context) { return showSample(*card, context); }),
        *card);
    defineExport(line, *group, *options, bind(exportChosen));
    CLI::App* tag = line.add(*group, "tag", "Give a tag to images, or take it off with --remove.",
                             "samples tag blurry --workspace work --dataset pets --image cat/7.png\n"
                             "samples tag blurry --remove --workspace work --dataset pets",
                             bind(tagSamples));
    addChoice(tag, *options);
    tag->add_option("TAG", options->mark, "Name of the tag")->required()->type_name("");
    tag->add_flag("--remove", options->remove, "Take it off");
    defineRelabel(line, *group, *options, bind);
    CLI::App* note =
        line.add(*group, "note", "Write a note on images; an empty text takes it away.",
                 "samples note \"label is wrong\" --workspace work --dataset pets --image cat/7.png",
                 bind(noteSamples));
    addChoice(note, *options);
    note->add_option("TEXT", options->mark, "The note")->required()->type_name("");
    addChoice(
        line.add(*group, "counts",
                 "Count classes, splits, tags and columns, and with --run its results: of what is chosen "
                 "and of all.",
                 "samples counts --workspace work --dataset pets --class cat\n"
                 "samples counts --workspace work --dataset pets --run 3 --wrong --json",
                 bind([](const Options& chosen, CommandContext& context) {
                     return countSamples(chosen.workspace, chosen.dataset, chosen.choice, context);
                 })),
        *options, false);
    defineViews(line, *group, *options, bind);
    defineSamplePositives(line, *group);
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands/commands.h"
#include "app/cli/commands/explain_options.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/explain/heat.h"
#include "core/explain/occlusion.h"
#include "core/session/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diptych::cli {
namespace {

constexpr int kCurveSteps = 20;
constexpr size_t kShownPatches = 5;

struct Options {
    std::string model, image, text, method = explainMethods().front().name, overlay, csv;
    ExplainOptions explain;
    HeatStyle style;
    bool curves = false;
    ComputeOptions compute;
};

/// What was found, whichever way.
struct Explained {
    Relevance relevance;
    CoverCurves curves;
};

Explained explained(const Options& options, Model& model, const Prepared& sample, const RunContext& context) {
    Explained out;
    ExplainOptions chosen = options.explain;
    chosen.method = *explainMethodNamed(options.method);
    out.relevance = explain(model, sample, options.text, chosen, context);
    if (options.curves)
        out.curves =
            coverCurves(*model.embedder(), sample, coverGrid(model.info(), sample), out.relevance.patches,
                        unitText(model, options.text).row(0), kCurveSteps, context);
    return out;
}

OrderedJson jsonOf(const Options& options, const Explained& found) {
    const Relevance& relevance = found.relevance;
    OrderedJson object = {{"image", options.image},
                          {"text", options.text},
                          {"method", options.method},
                          {"grid", {relevance.gridHeight, relevance.gridWidth}},
                          {"patches", relevance.patches}};
    if (!relevance.tokens.empty()) {
        object["logit"] = relevance.logit;
        object["tokens"] = OrderedJson::array();
        for (size_t i = 0; i < relevance.tokens.size(); ++i)
            object["tokens"].push_back(
                {{"token", toValidUtf8(relevance.tokens[i])}, {"value", relevance.tokenValues[i]}});
    }
    if (relevance.layers > 0)
        object["layers"] = relevance.layers, object["heads"] = relevance.heads;
    if (options.curves)
        for (const auto& [name, curve] :
             {std::pair("deletion", &found.curves.deletion), std::pair("insertion", &found.curves.insertion)})
            object[name] = {{"cosines", curve->cosines}, {"area", curve->area()}};
    return object;
}

void print(Console& console, const Options& options, const Explained& found) {
    const Relevance& relevance = found.relevance;
    std::vector<size_t> order(relevance.patches.size());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::stable_sort(order,
                             [&](size_t a, size_t b) { return relevance.patches[a] > relevance.patches[b]; });
    Table patches(
        {{"Row", Table::Align::Right}, {"Column", Table::Align::Right}, {"Value", Table::Align::Right}});
    for (const size_t patch : std::span(order).first(std::min(order.size(), kShownPatches))) {
        const auto width = static_cast<size_t>(relevance.gridWidth);
        patches.addRow({std::to_string(patch / width + 1), std::to_string(patch % width + 1),
                        fmt::format("{:.4f}", relevance.patches[patch])});
    }
    console.print(fmt::format("Highest of {} x {} patches:", relevance.gridHeight, relevance.gridWidth));
    console.printRaw(patches.text());
    if (!relevance.tokens.empty()) {
        Table words({{"Token"}, {"Value", Table::Align::Right}});
        for (size_t i = 0; i < relevance.tokens.size(); ++i)
            words.addRow({toValidUtf8(relevance.tokens[i]), fmt::format("{:.4f}", relevance.tokenValues[i])});
        console.printRaw(words.text());
    }
    if (options.curves)
        console.print(
            fmt::format("Area under deletion {:.4f} (lower is better), insertion {:.4f} (higher is better)",
                        found.curves.deletion.area(), found.curves.insertion.area()));
}

int runExplain(const Options& options, CommandContext& context) {
    const auto checkpoint = Checkpoint::open(options.model);
    const Compute compute = options.compute.compute();
    const auto model = openModel(checkpoint, compute);
    context.run.threads = options.compute.threads;
    const auto picture = decodeImage(options.image);
    if (!picture)
        throw picture.error();
    const Prepared sample = model->prepare({&*picture, 1});
    const Explained found = explained(options, *model, sample, context.run);
    if (!options.overlay.empty()) {
        const Image seen =
            checkpoint->imageProcessor(OutputSizes::Any).withAlpha(compute.alpha).resized(*picture);
        HeatStyle style = options.style;
        style.enlarge = heatEnlargement(seen);
        writeFileAtomically(options.overlay, encodePng(withHeat(seen, found.relevance, style)));
    }
    if (!options.csv.empty())
        writeFileAtomically(options.csv, relevanceCsv(found.relevance));
    if (context.console.json()) {
        context.console.printJson(jsonOf(options, found));
        return 0;
    }
    print(context.console, options, found);
    for (const std::string& file : {options.overlay, options.csv})
        if (!file.empty())
            context.console.print(fmt::format("Wrote {}", displayPath(file)));
    return 0;
}

} // namespace

void defineExplain(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "explain",
        "Show which parts of a picture, and which words, the similarity of the two came from: "
        "gradient-weighted attention through both towers (Chefer et al. 2021), what covering parts of the "
        "picture takes from the cosine, the cosine of each patch with the text, or a layer's attention by "
        "itself. docs/relevance.md says what each means and what not.",
        "explain --model clip/ --image cat.jpg --text \"a photo of a cat\" --overlay heat.png\n"
        "explain --model clip/ --image cat.jpg --text \"a cat\" --method occlusion --curves --json",
        [options](CommandContext& context) { return runExplain(*options, context); });
    command->add_option("-m,--model", options->model, "Checkpoint folder")->type_name("DIR")->required();
    command->add_option("--image", options->image, "Image file")->type_name("FILE")->required();
    command->add_option("--text", options->text, "Text to compare it with")->type_name("TEXT")->required();
    command
        ->add_option("--method", options->method,
                     fmt::format("How it is found: {}", fmt::join(explainMethodNames(), ", ")))
        ->type_name("")
        ->check(CLI::IsMember(explainMethodNames()))
        ->capture_default_str();
    addExplainOptions(command, options->explain);
    command->add_flag("--curves", options->curves,
                      "Also the cosine while the most relevant patches are covered, and shown, first");
    command
        ->add_option("--overlay", options->overlay,
                     "Write the picture as the model sees it, with the values in colour")
        ->type_name("PNG");
    command->add_option("--csv", options->csv, "Write every value")->type_name("FILE");
    command
        ->add_option("--colours", options->style.colours,
                     fmt::format("Of --overlay: {}", fmt::join(colourMapNames(), ", ")))
        ->type_name("")
        ->check(CLI::IsMember(std::vector<std::string>(colourMapNames().begin(), colourMapNames().end())))
        ->capture_default_str();
    command->add_option("--opacity", options->style.opacity, "Of the colours in --overlay")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

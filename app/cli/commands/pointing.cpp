// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/pointing.h"

#include "app/cli/commands/commands.h"
#include "app/cli/commands/explain_options.h"
#include "app/cli/commands/shared.h"
#include "core/metrics/metric_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string model;
    std::vector<std::string> methods;
    PointingOptions game;
    ComputeOptions compute;
};

OrderedJson jsonOf(const Options& options, const std::string& model, const PointingGame& game) {
    OrderedJson object{{"model", model},
                       {"seed", options.game.seed},
                       {"scenes", game.scenes},
                       {"unseen", game.unseen},
                       {"methods", OrderedJson::array()}};
    for (const PointingScore& score : game.scores) {
        object["methods"].push_back({{"method", explainMethod(score.method).name},
                                     {"named", metricsObject({score.named})[score.named.name]},
                                     {"any", metricsObject({score.any})[score.any.name]}});
    }
    return object;
}

void print(Console& console, const std::string& model, const PointingGame& game) {
    console.print(fmt::format(
        "{}: the highest patch in {} scenes of three or four objects{}", model, game.scenes,
        game.unseen == 0 ? std::string()
                         : fmt::format("; {} more left out, whose object no patch is on", game.unseen)));
    using enum Table::Align;
    Table table(
        {{"Method"}, {"On the object named", Right}, {"95 % interval", Right}, {"On any object", Right}});
    for (const PointingScore& score : game.scores)
        table.addRow({explainMethod(score.method).name, metricValueText(score.named),
                      metricIntervalText(score.named), metricValueText(score.any)});
    table.addRow({"chance", metricChanceText(game.scores.front().named), "",
                  metricChanceText(game.scores.front().any)});
    console.printRaw(table.text());
}

int runPointing(const Options& options, CommandContext& context) {
    const auto checkpoint = Checkpoint::open(options.model);
    const Compute compute = options.compute.compute();
    const auto model = openModel(checkpoint, compute);
    context.run.threads = options.compute.threads;
    PointingOptions game = options.game;
    for (const std::string& name : options.methods)
        game.methods.push_back(*explainMethodNamed(name));
    const PointingGame played = playPointingGame(
        *model, checkpoint->imageProcessor(OutputSizes::Any).withAlpha(compute.alpha), game, context.run);
    if (context.console.json())
        context.console.printJson(jsonOf(options, model->info().name, played));
    else
        print(context.console, model->info().name, played);
    return 0;
}

} // namespace

void definePointing(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add(line.root(), "pointing",
                 "Play the pointing game on Blocks: how often the patch that a method of `explain` calls "
                 "most relevant "
                 "lies on the object that the text names, beside chance. docs/relevance.md says how.",
                 "pointing --model clip/\npointing --model clip/ --method relevance --last-layers 1 --count "
                 "500 --json",
                 [options](CommandContext& context) { return runPointing(*options, context); });
    command->add_option("-m,--model", options->model, "Checkpoint folder")->type_name("DIR")->required();
    command
        ->add_option("--method", options->methods,
                     fmt::format("Only this method; may be given more than once: {}",
                                 fmt::join(explainMethodNames(), ", ")))
        ->type_name("NAME")
        ->check(CLI::IsMember(explainMethodNames()));
    addExplainOptions(command, options->game.explain);
    command->add_option("--count", options->game.scenes, "Scenes")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 1'000'000));
    command->add_option("--size", options->game.imageSize, "Width and height of the scenes in pixels")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(16, 1024));
    addSeedOption(command, options->game.seed, "Other scenes for another number")->capture_default_str();
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

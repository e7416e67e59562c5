// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/training/trainer.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string recipe, output;
    bool resume = false;
    int64_t steps = 0;
    unsigned threads = 0;
};

/// A file, else a recipe that comes with the program.
TrainingRecipe findRecipe(const std::string& nameOrPath) {
    std::error_code error;
    if (fs::is_regular_file(nameOrPath, error))
        return TrainingRecipe::fromFile(nameOrPath);
    const fs::path folder = resourceDirectory() / "recipes";
    const fs::path builtIn = folder / (nameOrPath + ".json");
    if (nameOrPath.find('/') == std::string::npos && fs::is_regular_file(builtIn, error))
        return TrainingRecipe::fromFile(builtIn);
    std::string known;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().extension() == ".json")
            known += (known.empty() ? "" : ", ") + entry->path().stem().string();
    throw Error(ErrorCode::NotFound, fmt::format("there is no recipe '{}', neither a file nor one of: {}",
                                                 displayPath(nameOrPath), known));
}

void refuseToMixRuns(const fs::path& output, bool resume) {
    std::error_code error;
    if (resume || !fs::exists(output, error))
        return;
    if (fs::is_directory(output, error) && fs::is_empty(output, error))
        return;
    throw UsageError(
        fmt::format("{} is not empty; --resume goes on with the run in it", displayPath(output)));
}

OrderedJson resultObject(const TrainingResult& result) {
    OrderedJson object;
    object["directory"] = displayPath(result.directory);
    object["steps"] = result.steps;
    object["resumed"] = result.resumed;
    object["seconds"] = result.seconds;
    object["parameters"] = result.parameters;
    object["history"] = OrderedJson::array();
    for (const auto& point : result.history)
        object["history"].push_back({{"step", point.step},
                                     {"loss", point.loss},
                                     {"learning_rate", point.learningRate},
                                     {"gradient_norm", point.gradientNorm},
                                     {"logit_scale", point.logitScale},
                                     {"accuracy", point.accuracy}});
    return object;
}

void printResult(Console& console, const TrainingResult& result) {
    using enum Table::Align;
    Table table({{"Step", Right}, {"Loss", Right}, {"Learning rate", Right}, {"Held-out accuracy"}});
    for (const auto& point : result.history) {
        std::string accuracy;
        for (const auto& [set, value] : point.accuracy)
            accuracy += fmt::format("{}{} {:.1f} %", accuracy.empty() ? "" : ", ", set, 100 * value);
        if (!accuracy.empty() || &point == &result.history.back())
            table.addRow({formatCount(point.step), fmt::format("{:.4f}", point.loss),
                          fmt::format("{:.2e}", point.learningRate), accuracy});
    }
    console.printRaw(table.text());
    console.print(fmt::format("Wrote {}: {} parameters, {} steps, {}", displayPath(result.directory),
                              formatCount(result.parameters), formatCount(result.steps),
                              formatSeconds(result.seconds)));
}

int runTrain(const Options& options, CommandContext& context) {
    TrainingRecipe recipe = findRecipe(options.recipe);
    if (options.steps > 0)
        recipe.steps = options.steps;
    refuseToMixRuns(options.output, options.resume);
    context.run.threads = options.threads;
    context.run.seed = recipe.seed;
    const TrainingResult result = train(recipe, options.output, context.run);
    if (context.console.json())
        context.console.printJson(resultObject(result));
    else
        printResult(context.console, result);
    return 0;
}

} // namespace

void defineTrain(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "train",
        "Train a small CLIP on Blocks, the built-in world of scenes, and write it as a Hugging Face "
        "checkpoint. "
        "Ctrl+C saves what is needed to go on; --resume does so, and the weights come out as if nothing had "
        "happened.",
        "train --recipe blocks-tiny --output tiny/\ntrain --recipe blocks-tiny --output tiny/ --resume",
        [options](CommandContext& context) { return runTrain(*options, context); });
    command
        ->add_option("-r,--recipe", options->recipe,
                     "Recipe file, or the name of one that comes with the program")
        ->type_name("FILE|NAME")
        ->required();
    command->add_option("-o,--output", options->output, "Folder to write")->type_name("DIR")->required();
    command->add_flag("--resume", options->resume, "Go on with the run in the folder, if there is one");
    command->add_option("--steps", options->steps, "Instead of the recipe's number of steps")
        ->type_name("N")
        ->check(wholeNumber(1));
    addThreadsOption(command, options->threads);
}

} // namespace diptych::cli

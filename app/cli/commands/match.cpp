// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/model_files.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    std::string model, textsFile;
    std::vector<std::string> images, frames;
    ComputeOptions compute;
};

/// [texts][logits of a pair]
OrderedJson logitsOf(const TextMatches& match) {
    OrderedJson list = OrderedJson::array();
    for (size_t i = 0; i < match.logits.rows(); ++i)
        list.push_back(std::vector<float>(match.logits.row(i).begin(), match.logits.row(i).end()));
    return list;
}

/// Cosines of the dual encoder beside the matcher's logits, [samples, texts]; no rows where there is none.
Matrix cosines(Model& model, std::span<const Prepared> samples, std::span<const std::string> texts,
               const RunContext& context) {
    if (!model.info().faces.textEmbeddings)
        return {};
    Matrix images = embedderOf(model).embedImages(samples, ImageFeature::Projected);
    Matrix words = embedderOf(model).embedTexts(texts);
    normalizeRows(images);
    normalizeRows(words);
    return multiplyTransposed(images, words, context.threadCount());
}

std::vector<Prepared> samplesOf(const Options& options, const Model& model, const RunContext& context) {
    if (options.frames.empty())
        return preparedImages(model, options.images, context);
    return {preparedClip(model, options.frames, context)};
}

void printTable(Console& console, std::span<const std::string> names, std::span<const std::string> texts,
                std::span<const TextMatches> matches) {
    const bool two = !matches.empty() && matches.front().logits.cols() == 2;
    Table table({{"Sample"}, {"Text"}, {two ? "Matches" : "Logit", Table::Align::Right}});
    for (size_t i = 0; i < matches.size(); ++i)
        for (size_t j = 0; j < texts.size(); ++j) {
            const auto row = matches[i].logits.row(j);
            const double odds = two ? 1 / (1 + std::exp(static_cast<double>(row[0] - row[1]))) : 0;
            table.addRow({names[i], texts[j],
                          two ? fmt::format("{:.1f} %", 100 * odds) : fmt::format("{:.3f}", row[0])});
        }
    console.printRaw(table.text());
}

int runMatch(const Options& options, CommandContext& context) {
    if (options.images.empty() == options.frames.empty())
        throw UsageError("give either images or, for a model of clips, --frames");
    const auto texts = readTexts(options.textsFile);
    const auto model = openModel(Checkpoint::open(options.model), options.compute.compute());
    context.run.threads = options.compute.threads;
    Matcher& matcher = matcherOf(*model);
    const auto samples = samplesOf(options, *model, context.run);
    std::vector<TextMatches> matches;
    context.run.begin("Matching", static_cast<int64_t>(samples.size()));
    for (const Prepared& sample : samples) {
        context.run.throwIfCancelled();
        matches.push_back(matcher.match(std::span(&sample, 1), std::span(&texts, 1)).front());
        context.run.advance(1);
    }
    context.run.end();
    if (!context.console.json()) {
        std::vector<std::string> names;
        for (const std::string& image : options.images)
            names.push_back(displayPath(image));
        if (names.empty())
            names.emplace_back("the clip");
        printTable(context.console, names, texts, matches);
        return 0;
    }
    OrderedJson object = {{"images", options.images}, {"texts", texts}};
    for (const TextMatches& match : matches)
        object["itm_logits"].push_back(logitsOf(match));
    const Matrix similar = cosines(*model, samples, texts, context.run);
    for (size_t i = 0; i < similar.rows(); ++i)
        object["itc"].push_back(std::vector<float>(similar.row(i).begin(), similar.row(i).end()));
    context.console.printJson(object);
    return 0;
}

} // namespace

void defineMatch(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        line.root(), "match",
        "Score how well texts fit images with a model that looks at both together (FLAVA's matching head, "
        "X-CLIP for clips): the logits of every pair, and the cosines where the model also embeds both.",
        "match --model flava/ --texts-file texts.jsonl cat.jpg dog.png\n"
        "match --model xclip/ --texts-file texts.jsonl --frames f0.jpg f1.jpg ... --json",
        [options](CommandContext& context) { return runMatch(*options, context); });
    command->add_option("-m,--model", options->model, "Checkpoint folder")->type_name("DIR")->required();
    command->add_option("--texts-file", options->textsFile, "Texts, one JSON string a line")
        ->type_name("FILE")
        ->required();
    command->add_option("--frames", options->frames, kFramesHelp)->type_name("FILE");
    command->add_option("images", options->images, "Image files")->type_name("IMAGE");
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

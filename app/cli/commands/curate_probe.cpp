// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/curate_options.h"
#include "app/cli/counted.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct ProbeOptions : CurateOptions {
    std::vector<std::string> classes; ///< the tags it tells apart
    double c = kLiveProbeC, accept = 0;
    bool asLabels = false;
};

/// Gives what the probe is sure enough of its tag, or its label. @return how many
size_t acceptGuesses(const ProbeOptions& options, Workspace& workspace, const ProbeFindings& found) {
    size_t accepted = 0;
    for (size_t k = 0; k < options.classes.size(); ++k) {
        std::vector<SampleId> sure;
        for (const ProbeGuess& guess : found.guesses)
            if (guess.predicted == static_cast<int>(k) && guess.confidence >= options.accept)
                sure.push_back(guess.sample);
        accepted += options.asLabels
                        ? workspace.correctLabels(sure, options.classes[k], "accepted from a probe").size()
                        : workspace.addTag(sure, options.classes[k]).size();
    }
    return accepted;
}

int probeTags(const ProbeOptions& options, CommandContext& context) {
    if (options.asLabels && options.accept == 0)
        throw UsageError("--as-labels says as what predictions are accepted; --accept says which");
    const auto session = openSession(options, context, options.accept > 0);
    Workspace& workspace = session->workspace();
    const DatasetId dataset = datasetByName(workspace, options.spec.dataset).id;
    std::vector<ProbeClass> classes;
    for (const std::string& tag : options.classes) {
        SampleFilter tagged;
        tagged.tags = {tag};
        classes.push_back({tag, workspace.sampleIds(dataset, tagged)});
    }
    const ProbeFindings found = session->curator().probe(specOf(options), classes, options.c, context.run);
    requireReady(found.answer, options);
    std::vector<Finding> findings;
    for (const ProbeGuess& guess : found.guesses)
        findings.push_back({guess.sample,
                            {{"predicted", options.classes[static_cast<size_t>(guess.predicted)]},
                             {"confidence", rounded(guess.confidence)},
                             {"margin", rounded(guess.margin)}}});
    OrderedJson summary = summaryOf(options);
    summary["tags"] = options.classes;
    summary["trained_on"] = found.trained;
    summary["milliseconds"] = rounded(found.milliseconds);
    summary["unreadable"] = found.failures.size();
    std::string headline =
        fmt::format("Learned from {} in {:.0f} ms; {}, the least sure first", countedImages(found.trained),
                    found.milliseconds, counted(found.guesses.size(), "other", "others"));
    if (options.accept > 0) {
        const size_t accepted = acceptGuesses(options, workspace, found);
        summary["accepted"] = accepted;
        headline += fmt::format("\nAccepted as {} from confidence {} on: {}",
                                options.asLabels ? "labels" : "tags", options.accept, count(accepted));
    }
    printFindings(context.console, workspace, options.findings, std::move(summary), headline, findings, {});
    if (found.ambiguous > 0)
        context.console.warn(
            fmt::format("Images with several of these tags, left out: {}", count(found.ambiguous)));
    warnOfFailures(context.console, found.failures);
    return 0;
}

} // namespace

void defineCurateProbe(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<ProbeOptions>();
    CLI::App* command = line.add(
        group, "probe", "Learn tags from the images that have them, and rank all others by how unsure it is.",
        "curate probe --workspace work --dataset pets --model clip/ --tag indoors --tag outdoors\n"
        "curate probe --workspace work --dataset pets --model clip/ --tag cat --tag dog --accept 0.95 "
        "--as-labels",
        [options](CommandContext& context) { return probeTags(*options, context); });
    addPlace(command, *options);
    addModel(command, *options, "Model whose embeddings are learned from")->required();
    command->add_option("--tag", options->classes, "A tag to tell from the others; give two or more")
        ->required()
        ->type_name("TAG")
        ->allow_extra_args(false);
    command->add_option("--c", options->c, "Inverse strength of the L2 penalty")
        ->capture_default_str()
        ->type_name("X")
        ->check(CLI::Range(1e-6, 1e6));
    command
        ->add_option("--accept", options->accept,
                     "Give images the predicted tag from this confidence on; else nothing is changed")
        ->type_name("CONFIDENCE")
        ->check(CLI::Range(0.0, 1.0));
    command->add_flag("--as-labels", options->asLabels,
                      "Accept as corrected labels instead: the tags are names of classes");
    addListOptions(command, options->findings);
}

} // namespace diptych::cli

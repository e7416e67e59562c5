// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/curate_options.h"

#include "app/cli/counted.h"

#include <fmt/format.h>

namespace diptych::cli {

CurationSpec specOf(const CurateOptions& options) {
    const Compute compute = options.compute.compute();
    CurationSpec spec = options.spec;
    spec.device = compute.device;
    spec.precision = compute.precision;
    spec.alpha = compute.alpha;
    spec.threads = compute.threads;
    return spec;
}

std::string count(size_t number) {
    return formatCount(static_cast<int64_t>(number));
}

std::shared_ptr<Session> openSession(const CurateOptions& options, CommandContext& context, bool writes) {
    const auto session = writes ? Session::open(options.workspace, WorkspaceMode::ReadWrite)
                                : openForCaching(options.workspace);
    if (options.verify)
        readImagesAgain(session->workspace(), options.spec.dataset);
    context.run.threads = options.compute.threads;
    return session;
}

void requireReady(Answer answer, const CurateOptions& options) {
    if (answer != Answer::Ready)
        throw Error(ErrorCode::Locked,
                    fmt::format("Not all images of '{}' have been encoded with this model yet, and another "
                                "program has the workspace open for writing; close it and try again",
                                options.spec.dataset));
}

void warnOfFailures(Console& console, const std::vector<ItemFailure>& failures) {
    if (!failures.empty())
        console.warn(oneLine(fmt::format("{} could not be read and {} not looked at, such as {}",
                                         countedImages(failures.size()),
                                         failures.size() == 1 ? "was" : "were", failures.front().reason)));
}

OrderedJson summaryOf(const CurateOptions& options) {
    OrderedJson summary;
    summary["dataset"] = options.spec.dataset;
    if (!options.spec.model.empty())
        summary["model"] = options.spec.model;
    if (!options.spec.split.empty())
        summary["split"] = options.spec.split;
    return summary;
}

void addPlace(CLI::App* command, CurateOptions& options, bool withSplit) {
    addWorkspaceOption(command, options.workspace);
    command->add_option("-d,--dataset", options.spec.dataset, "Dataset of the workspace")
        ->required()
        ->type_name("NAME");
    if (withSplit)
        command->add_option("--split", options.spec.split, "Only this split")->type_name("NAME");
}

CLI::Option* addModel(CLI::App* command, CurateOptions& options, const std::string& help) {
    addVerifyFlag(command, options.verify);
    addComputeOptions(command, options.compute);
    return command->add_option("-m,--model", options.spec.model, help)->type_name("NAME|DIR");
}

} // namespace diptych::cli

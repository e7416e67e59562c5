// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command_line.h"
#include "core/models/model.h"
#include "core/results/metric.h"
#include "core/session/session.h"
#include "core/store/run_record.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diptych::cli {

/// Accepts whole numbers within limits; the message names what was given and the limits.
CLI::Validator wholeNumber(int64_t minimum, int64_t maximum = INT64_MAX);
/// --seed N: whole numbers that JSON, the database and a command line take unchanged.
CLI::Option* addSeedOption(CLI::App* command, uint64_t& seed, const std::string& help);
/// --threads N: 0, and at most so many as help a machine.
CLI::Option* addThreadsOption(CLI::App* command, unsigned& threads);

/// --workspace DIR, required; $DIPTYCH_WORKSPACE where it is not given.
CLI::Option* addWorkspaceOption(CLI::App* command, std::string& path);

/// For writing, so that what is encoded goes into the cache; for reading only where another program has the
/// workspace, or nothing can be written (a full disk, read-only media): what is there can still be used.
/// @throws Error
std::shared_ptr<Session> openForCaching(const std::string& workspace);

/// --device, --precision, --alpha, --threads
struct ComputeOptions {
    std::string device = "auto", precision = "auto", alpha = "drop";
    unsigned threads = 0;
    Compute compute() const;
};
void addComputeOptions(CLI::App* command, ComputeOptions& options);

/// --verify
CLI::Option* addVerifyFlag(CLI::App* command, bool& verify);
/// What --verify does: every image of the dataset is read and hashed anew when it is needed next.
void readImagesAgain(Workspace& workspace, const std::string& dataset);

/// Writes what --output names: a file, or standard output for "-" and whatever else is standard output
/// (/dev/stdout). @return true for standard output, where no other word belongs then
/// @throws UsageError for standard output together with --json; Error
bool writeOutput(Console& console, const std::string& output, std::string_view content);

/// The named dataset. @throws Error NotFound that lists those there are
DatasetInfo datasetByName(Workspace& workspace, const std::string& name);
/// The named model. @throws Error NotFound that lists those there are
ModelRecord modelByName(Workspace& workspace, const std::string& name);

/// {"top1": {"value": 0.9, "low": 0.8, "high": 1.0, "n": 10, "chance": 0.1}, ...}; low, high and chance only
/// where known, null for a value that is not finite.
OrderedJson metricsObject(const std::vector<Metric>& metrics);
Table metricsTable(const std::vector<Metric>& metrics);

/// What `eval` and `runs` say of a run.
OrderedJson runObject(const RunRecord& run);
/// A line such as "Run 3: zero-shot, shapes × tiny-clip, fp32 on cpu, 1.2 s"
std::string runHeadline(const RunRecord& run);

/// Seconds with a precision that suits them: "0.012 s", "1.2 s", "3m 05s"
std::string formatSeconds(double seconds);

} // namespace diptych::cli

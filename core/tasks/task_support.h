// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/bootstrap.h"
#include "core/tasks/task.h"

#include <span>
#include <string>
#include <vector>

namespace diptych {

// What most tasks need and none should write again.

/// Rows of a score matrix held at once; 50,000 images x 1,000 classes would be 200 MB.
inline constexpr size_t kRowsPerChunk = 4096;

/// A copy of @p count rows from @p first on.
Matrix rowsOf(const Matrix& matrix, size_t first, size_t count);

/// @pre values is not empty
double meanOf(std::span<const double> values);

/// Ids of all samples, in the dataset's order.
std::vector<SampleId> sampleIds(const TaskDataset& dataset);

/// Adds an example of status Unreadable, with the sample's label as target, for every failure.
void addUnreadable(std::vector<ExampleResult>& examples, std::span<const ItemFailure> failures,
                   const TaskDataset& dataset);

/// By example: the id of the first of those with its number. Clusters as results keep them.
std::vector<int64_t> clusterIds(std::span<const SampleId> ids, std::span<const int64_t> numbers);

/// ": " and why the first image could not be read, to end an error message with; empty without failures.
std::string firstReason(std::span<const ItemFailure> failures);

/// Parameters of one value.
ParamSpec intParam(std::string id, std::string title, std::string help, int64_t fallback, double minimum,
                   double maximum);
ParamSpec floatParam(std::string id, std::string title, std::string help, double fallback, double minimum,
                     double maximum);
ParamSpec boolParam(std::string id, std::string title, std::string help, bool fallback);
ParamSpec textParam(std::string id, std::string title, std::string help, std::string fallback);
/// The parameters "keep" and "resamples".
ParamSpec keepParam();
ParamSpec resamplesParam();
/// The parameter "scorer": embeddings or matching.
ParamSpec scorerParam(std::string help);
/// Whether it says that a model looks at image and text together.
bool byMatching(const Json& params);
/// What it asks of a model.
Faces matchingOrEmbeddings(const Json& params);
/// What the parameter "resamples" says.
BootstrapOptions bootstrapOptions(const Json& params);

} // namespace diptych

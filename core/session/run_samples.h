// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/store/workspace.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diptych {

/// Which of a dataset's samples an evaluation is on, in words that outlive a new import. All conditions must
/// hold.
struct RunSamples {
    std::vector<Json> filters = {};     ///< each as sampleFilterJson()
    std::vector<std::string> keys = {}; ///< names of the samples in the dataset; empty = any
    std::string title = {};             ///< what the list of names is, for people; may be empty
    /// As a window has it: these samples, and what this filter finds. resolved() puts both into words.
    std::vector<SampleId> ids = {};
    SampleFilter filter = {};
    bool all() const { return filters.empty() && keys.empty() && ids.empty() && filter == SampleFilter(); }
    friend bool operator==(const RunSamples&, const RunSamples&) = default;

    Json toJson() const; ///< {"filters": [...], "keys": [...], "title": "..."}, what is empty left out
    /// @throws Error Corrupt naming @p where
    static RunSamples fromJson(const Json& json, std::string_view where);
};

/// The same in words: ids as names, the filter as sampleFilterJson(), and a saved selection, which may
/// change, as the names of its samples. @throws Error NotFound where a list is left without any
RunSamples resolved(RunSamples samples, const Workspace& workspace, DatasetId dataset);

/// The samples of a split (empty = of any) that are chosen, in the dataset's order. @param samples resolved()
/// @throws Error NotFound: a name, class or run that is not there, or nothing is left
std::vector<SampleId> runSampleIds(const Workspace& workspace, DatasetId dataset, const std::string& split,
                                   const RunSamples& samples);

/// "class cat or dog, camera = north, tagged odd", "37 named samples" or what their list is; empty for all.
std::string describe(const RunSamples& samples);

/// The options of `diptych eval` that choose the same, each with its value (empty for a flag); nothing where
/// it takes a list of names.
std::optional<std::vector<std::pair<std::string, std::string>>> sampleOptions(const RunSamples& samples);

/// Where a workspace keeps the list of names, by what is in it.
std::filesystem::path sampleListFile(const RunSamples& samples, const std::filesystem::path& workspace);

/// Names of samples, or paths of their images, one a line; empty lines do not count.
/// @throws Error NotFound, Unreadable; InvalidArgument for a file that names nothing, or something that the
/// dataset does not have
RunSamples readSampleList(const std::filesystem::path& file, const Workspace& workspace, DatasetId dataset);

} // namespace diptych

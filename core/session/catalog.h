// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/models/model.h"
#include "core/store/workspace.h"

#include <filesystem>
#include <string>

namespace diptych {

/// The samples of a split; of all where it is empty.
SampleFilter inSplit(const std::string& split);

/// What a workspace has, by the names people use. Thread-safe.
class Catalog {
public:
    /// @param workspace outlives it
    explicit Catalog(Workspace& workspace) : m_workspace(workspace) {}

    /// @throws Error NotFound that lists what there is
    DatasetInfo dataset(const std::string& name) const;
    ModelRecord model(const std::string& name) const;
    /// @param nameOrDirectory a checkpoint folder is added to the workspace first. @throws Error as
    /// addModel()
    ModelRecord modelOrAdd(const std::string& nameOrDirectory, const RunContext& context);
    /// Session::addModel().
    ModelId addModel(const std::filesystem::path& directory, const RunContext& context);
    /// @throws Error Unsupported if @p model cannot give what @p work needs, naming the models here that can
    /// @param work what is to be done, the start of a sentence: "Zero-shot classification"
    /// @param clips whether it is to be done on clips
    void requireFaces(const ModelRecord& model, const Faces& needed, const std::string& work,
                      bool clips = false) const;

private:
    Workspace& m_workspace;
};

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_recipe.h"
#include "core/store/records.h"
#include "core/store/run_record.h"

namespace diptych {
class Workspace;
}

namespace diptych::ui {

/// What the Inspector's parts look at: a sample, and with whose eyes.
struct Inspected {
    SampleId sample;
    DatasetId dataset;
    std::string datasetName;
    std::string runModel; ///< of the run whose results are shown; may be empty or gone
    Alpha alpha = Alpha::Drop;
    ModelId chosen; ///< the model of the Models page, where no run says which
    friend bool operator==(const Inspected&, const Inspected&) = default;
};

/// The model that looks: the run's, else the one chosen, else the first. @throws Error NotFound if there is
/// none
ModelRecord lookingModel(const Workspace& workspace, const Inspected& inspected);

/// What the model of a run saw of transparent pictures; results that came from elsewhere do not say.
Alpha alphaOf(const RunRecord& run);

} // namespace diptych::ui

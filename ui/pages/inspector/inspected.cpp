// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/inspected.h"

#include "core/store/workspace.h"

namespace diptych::ui {

ModelRecord lookingModel(const Workspace& workspace, const Inspected& inspected) {
    if (auto model = workspace.findModel(inspected.runModel))
        return *model;
    if (inspected.chosen)
        return workspace.model(inspected.chosen);
    auto all = workspace.models();
    if (all.empty())
        throw Error(ErrorCode::NotFound, "There is no model yet: add one on the Models page");
    return std::move(all.front());
}

Alpha alphaOf(const RunRecord& run) {
    return run.spec.is_object() ? parseAlpha(jsonString(run.spec, "alpha", "drop", "the run's description"))
                                : Alpha::Drop;
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/model_card.h"

#include "core/blocks/sets.h"

#include <fmt/format.h>

namespace diptych {

std::string modelCard(const TrainingRecord& record) {
    const TrainingRecipe& recipe = record.recipe;
    std::string out = fmt::format(
        "---\nlicense: gpl-3.0\nlibrary_name: transformers\npipeline_tag: zero-shot-image-classification\n"
        "tags:\n- clip\n- vision\n---\n# {}\n\n",
        recipe.name);
    out += fmt::format(
        "A very small CLIP ({:.2f} million parameters) trained from scratch by Diptych on Blocks, a world of "
        "coloured solids that the program makes by rule. It knows nothing else: photographs mean nothing to "
        "it.\n\n",
        static_cast<double>(record.parameters) / 1e6);
    out += fmt::format(
        "- Images of {0} x {0} pixels in patches of {1}; texts of up to {2} tokens; embeddings of {3} "
        "numbers.\n",
        recipe.imageSize, recipe.patchSize, recipe.contextLength, recipe.embeddingDim);
    out += fmt::format(
        "- {} of {} steps with {} scenes each, made on the fly from the training part of the world; "
        "validation and test scenes never occur among them.\n",
        record.steps, recipe.steps, recipe.batchSize);
    out +=
        "- Symmetric InfoNCE; a pair of the batch that happens to be true is no negative. AdamW, warm-up and "
        "cosine.\n- Made by `diptych train` with the recipe below (also in training.json, with the log).\n\n";
    const TrainingPoint* measured = nullptr;
    for (const TrainingPoint& point : record.history) {
        if (!point.accuracy.empty())
            measured = &point;
    }
    if (measured) {
        out += fmt::format(
            "Zero-shot accuracy after step {} on {} validation scenes each, one prompt a class:\n\n"
            "| set | accuracy | chance |\n|---|---:|---:|\n",
            measured->step, recipe.validationScenes);
        for (const blocks::ClassSet& set : blocks::classSets()) {
            const auto found = measured->accuracy.find(set.id);
            if (found != measured->accuracy.end())
                out += fmt::format("| {} | {:.1f} % | {:.1f} % |\n", set.id, 100 * found->second,
                                   100 * set.chance());
        }
    }
    out += fmt::format("\n```json\n{}\n```\n", recipe.toJson().dump(2));
    return out;
}

} // namespace diptych

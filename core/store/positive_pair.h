// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <string>

namespace diptych {

/// An image and a caption of another image that a person found to match although the dataset does not say so:
/// a false negative of its annotation (Chun et al.: ECCV Caption, ECCV 2022; Parekh et al.: Crisscrossed
/// Captions, EACL 2021). It belongs to the dataset, not to a run. The caption is kept by its words, so that
/// it outlives a new import that numbers captions differently.
struct PositivePair {
    SampleId image;
    SampleId captionOf; ///< the sample whose caption it is; another one
    std::string caption;
    std::string markedAt; ///< ISO 8601 UTC; set by the store

    /// Whether it is about the same image and words; when it was marked does not count.
    bool same(const PositivePair& other) const {
        return image == other.image && captionOf == other.captionOf && caption == other.caption;
    }
};

} // namespace diptych

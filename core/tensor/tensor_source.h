// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/safetensors.h"

namespace diptych {

/// Tensors by name, from one file or several: what a network is built from.
class TensorSource {
public:
    virtual ~TensorSource() = default;
    virtual const TensorView* find(const std::string& tensorName) const = 0; ///< null if absent
    virtual std::vector<std::string> tensorNames() const = 0;                ///< sorted
    /// The file a tensor lies in; for one that is absent, the file it should be in (weights file or index).
    virtual std::filesystem::path fileOf(const std::string& tensorName) const = 0;
};

} // namespace diptych

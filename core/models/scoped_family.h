// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/model.h"

namespace diptych {

/// Adds a family of somebody else's program, or of a test, for as long as it lives. Not beside threads that
/// use models; the last one made goes first.
class ScopedModelFamily {
public:
    explicit ScopedModelFamily(ModelFamily family);
    ~ScopedModelFamily();
    ScopedModelFamily(const ScopedModelFamily&) = delete;
    ScopedModelFamily& operator=(const ScopedModelFamily&) = delete;
};

} // namespace diptych

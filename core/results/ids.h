// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace diptych {

/// Number of a row in a workspace; each kind is its own type. 0 = none. Never reused within a workspace.
template<class Kind>
struct RecordId {
    int64_t value = 0;
    explicit operator bool() const { return value != 0; }
    friend auto operator<=>(const RecordId&, const RecordId&) = default;
};
using DatasetId = RecordId<struct DatasetKind>;
using SampleId = RecordId<struct SampleKind>;
using ModelId = RecordId<struct ModelKind>;
using RunId = RecordId<struct RunKind>;
using ViewId = RecordId<struct ViewKind>;

} // namespace diptych

template<class Kind>
struct std::hash<diptych::RecordId<Kind>> {
    size_t operator()(diptych::RecordId<Kind> id) const noexcept { return std::hash<int64_t>()(id.value); }
};

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mapped_memory.h"
#include "core/models/nn/weights.h"

#include <fmt/format.h>

#include <cstring>

namespace diptych {
namespace {

/// A value is finite unless all bits of its exponent are set. One pass without branches: it runs as fast as
/// memory gives.
template<class Bits>
bool bitsFinite(const void* data, size_t count, Bits exponent) {
    const auto* values = static_cast<const Bits*>(data);
    Bits bad = 0;
    for (size_t i = 0; i < count; ++i)
        bad |= static_cast<Bits>((values[i] & exponent) == exponent);
    return bad == 0;
}

at::ScalarType scalarType(const TensorView& view, const std::filesystem::path& file) {
    switch (view.dtype) {
    case DType::F64:
        return at::kDouble;
    case DType::F32:
        return at::kFloat;
    case DType::F16:
        return at::kHalf;
    case DType::BF16:
        return at::kBFloat16;
    default:
        throw Error(
            ErrorCode::Unsupported,
            fmt::format("{}: tensor '{}' is stored as {}; weights should be F32, F16 or BF16 (quantised "
                        "checkpoints are not read)",
                        displayPath(file), toValidUtf8(view.name), dtypeName(view.dtype)));
    }
}

} // namespace

bool allFinite(const at::Tensor& tensor) {
    const auto count = static_cast<size_t>(tensor.numel());
    switch (tensor.scalar_type()) {
    case at::kDouble:
        return bitsFinite<uint64_t>(tensor.const_data_ptr(), count, 0x7ff0000000000000ull);
    case at::kFloat:
        return bitsFinite<uint32_t>(tensor.const_data_ptr(), count, 0x7f800000u);
    case at::kHalf:
        return bitsFinite<uint16_t>(tensor.const_data_ptr(), count, 0x7c00u);
    default:
        DIPTYCH_ASSERT(tensor.scalar_type() == at::kBFloat16);
        return bitsFinite<uint16_t>(tensor.const_data_ptr(), count, 0x7f80u);
    }
}

at::Tensor readWeight(const TensorView& view, const std::filesystem::path& file) {
    const at::Tensor tensor = at::empty(view.shape, scalarType(view, file));
    std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(),
                view.bytes.size()); // the file need not align it
    requireReadable(view.bytes, file);
    if (!allFinite(tensor))
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: tensor '{}' holds values that are infinite or not a number",
                                displayPath(file), toValidUtf8(view.name)));
    return tensor;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/file.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace diptych {

enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };
size_t dtypeSize(DType dtype);           ///< bytes of one element
std::string_view dtypeName(DType dtype); ///< as in a safetensors header: "F32", "BF16", ...

/// A tensor that lives elsewhere (in a mapped file): row-major, little-endian, contiguous.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<int64_t> shape;
    std::span<const std::byte> bytes;
    int64_t elementCount() const;
};

/// A .safetensors file, mapped. Layout: https://huggingface.co/docs/safetensors (8 byte little-endian header
/// length, JSON header, data). Everything in the header is checked before any tensor is handed out: header
/// length (at most 100 MB and inside the file), dtype, shape (no overflow), offsets inside the file, size =
/// shape x dtype, no overlaps, no holes. Duplicate names are refused. Immutable after construction; safe to
/// share between threads.
class SafetensorsFile {
public:
    /// @throws Error that names the file and the tensor
    explicit SafetensorsFile(const std::filesystem::path& path);
    const std::filesystem::path& path() const { return m_file.path(); }
    const std::vector<std::string>& names() const { return m_names; } ///< sorted
    const TensorView* find(const std::string& name) const; ///< null if absent; valid while this lives
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

private:
    MappedFile m_file;
    std::map<std::string, TensorView> m_tensors;
    std::vector<std::string> m_names;
    std::map<std::string, std::string> m_metadata;
};

/// A file's content with the tensors in the order given, data 8-byte aligned. @throws Error LimitExceeded
std::vector<std::byte> safetensorsBytes(const std::vector<TensorView>& tensors,
                                        const std::map<std::string, std::string>& metadata = {});
/// Writes them atomically. @throws Error
void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata = {});

} // namespace diptych

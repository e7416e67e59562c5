// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/safetensors.h"

#include "core/base/json.h"
#include "core/base/mapped_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

namespace diptych {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data are read in place");

constexpr uint64_t kMaxHeaderBytes = 100'000'000; // as the reference implementation
constexpr size_t kMaxDimensions = 32;

struct DTypeEntry {
    DType dtype;
    std::string_view name;
    size_t size;
};
constexpr DTypeEntry kDTypes[] = {
    {DType::F64, "F64", 8}, {DType::F32, "F32", 4},   {DType::F16, "F16", 2}, {DType::BF16, "BF16", 2},
    {DType::I64, "I64", 8}, {DType::I32, "I32", 4},   {DType::I16, "I16", 2}, {DType::I8, "I8", 1},
    {DType::U8, "U8", 1},   {DType::Bool, "BOOL", 1},
};

const DTypeEntry& entryOf(DType dtype) {
    for (const DTypeEntry& entry : kDTypes)
        if (entry.dtype == dtype)
            return entry;
    DIPTYCH_ASSERT(!"every DType has an entry");
    return kDTypes[0];
}

std::string inQuotes(std::string_view name) {
    constexpr size_t kShown = 120;
    return fmt::format("'{}{}'", toValidUtf8(name.substr(0, kShown)), name.size() > kShown ? "..." : "");
}

[[noreturn]] void corrupt(const std::filesystem::path& path, const std::string& problem) {
    throw Error(ErrorCode::Corrupt, fmt::format("{}: {}", displayPath(path), problem));
}

/// One tensor as the header describes it, not yet checked against the file.
struct HeaderEntry {
    std::string name;
    std::optional<std::string> dtype;
    std::optional<std::vector<uint64_t>> shape;
    std::optional<std::vector<uint64_t>> offsets;
};

/// Reads the header as a stream: no tree is built, so a hostile header costs no more memory than its entries,
/// and nesting beyond what the format has ends at once. Values arrive in the order of the text.
class HeaderReader : public nlohmann::json_sax<Json> {
public:
    explicit HeaderReader(const std::filesystem::path& path) : m_path(path) {}

    std::vector<HeaderEntry> entries;
    std::map<std::string, std::string> metadata;

    bool start_object(std::size_t) override {
        if (++m_depth > 2 || m_array)
            unexpected("an object");
        return true;
    }
    bool end_object() override {
        --m_depth;
        return true;
    }
    bool key(string_t& name) override {
        if (m_depth == 1) {
            if (!m_seen.insert(name).second)
                corrupt(m_path, fmt::format("the header names tensor {} twice", inQuotes(name)));
            m_inMetadata = name == "__metadata__";
            if (!m_inMetadata)
                entries.push_back({name, {}, {}, {}});
        }
        m_key = name;
        if (m_depth == 2 && !m_inMetadata)
            refuseRepeatedField();
        return true;
    }
    bool start_array(std::size_t) override {
        const bool wanted = m_depth == 2 && !m_inMetadata && (m_key == "shape" || m_key == "data_offsets");
        if (m_array || !wanted)
            unexpected("a list");
        m_array = &(m_key == "shape" ? entries.back().shape : entries.back().offsets).emplace();
        return true;
    }
    bool end_array() override {
        m_array = nullptr;
        return true;
    }
    bool number_unsigned(number_unsigned_t value) override {
        if (!m_array)
            unexpected("a number");
        if (m_array->size() >= kMaxDimensions)
            corrupt(m_path, fmt::format("tensor {}: more than {} dimensions", inQuotes(entries.back().name),
                                        kMaxDimensions));
        m_array->push_back(value);
        return true;
    }
    bool number_integer(number_integer_t value) override {
        corrupt(m_path, fmt::format("the header has the negative number {} at {}", value, place()));
    }
    bool number_float(number_float_t, const string_t& text) override {
        corrupt(m_path,
                fmt::format("the header has {} at {}, where a whole number is expected", text, place()));
    }
    bool string(string_t& value) override {
        if (m_depth == 2 && m_inMetadata)
            metadata[m_key] = value;
        else if (m_depth == 2 && m_key == "dtype" && !m_array)
            entries.back().dtype = value;
        else
            unexpected("a text");
        return true;
    }
    bool null() override { unexpected("null"); }
    bool boolean(bool) override { unexpected("true or false"); }
    bool binary(binary_t&) override { unexpected("binary data"); }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) override {
        corrupt(m_path, fmt::format("the header is not valid JSON (byte {}: {})", position,
                                    toValidUtf8(error.what()).substr(0, 200)));
    }

private:
    std::string place() const {
        if (m_depth < 2)
            return m_key.empty() ? "its top level" : inQuotes(m_key);
        return fmt::format("{}, {}", m_inMetadata ? "'__metadata__'" : inQuotes(entries.back().name),
                           inQuotes(m_key));
    }
    [[noreturn]] void unexpected(const char* what) const {
        corrupt(m_path, fmt::format("the header has {} at {}, which does not belong there", what, place()));
    }
    void refuseRepeatedField() const {
        const HeaderEntry& entry = entries.back();
        if ((m_key == "dtype" && entry.dtype) || (m_key == "shape" && entry.shape) ||
            (m_key == "data_offsets" && entry.offsets))
            corrupt(m_path, fmt::format("tensor {} has {} twice", inQuotes(entry.name), inQuotes(m_key)));
    }

    const std::filesystem::path& m_path;
    std::set<std::string> m_seen;
    std::string m_key;
    int m_depth = 0;
    bool m_inMetadata = false;
    std::vector<uint64_t>* m_array = nullptr;
};

/// The JSON text of the header. @throws Error
std::string_view headerText(const MappedFile& file) {
    const auto bytes = file.bytes();
    if (bytes.size() < 8)
        corrupt(file.path(), fmt::format("{} bytes are too few for a safetensors file", bytes.size()));
    uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    if (length > kMaxHeaderBytes)
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("{}: says its header has {} bytes; at most {} are read (or this is not a "
                                "safetensors file)",
                                displayPath(file.path()), length, kMaxHeaderBytes));
    if (length > bytes.size() - 8)
        corrupt(file.path(), fmt::format("says its header has {} bytes, the file has {} (truncated, or not a "
                                         "safetensors file)",
                                         length, bytes.size()));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8, length);
    if (!text.starts_with('{'))
        corrupt(file.path(), "the header does not begin with '{'; not a safetensors file");
    return text;
}

/// Turns an entry into a view of @p data. @throws Error that names the tensor
TensorView checkedView(const std::filesystem::path& path, HeaderEntry entry,
                       std::span<const std::byte> data) {
    const auto fail = [&](const std::string& problem) {
        corrupt(path, fmt::format("tensor {}: {}", inQuotes(entry.name), problem));
    };
    if (!entry.dtype || !entry.shape || !entry.offsets)
        fail("'dtype', 'shape' or 'data_offsets' is missing");
    const auto* known = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                     [&](const DTypeEntry& e) { return e.name == *entry.dtype; });
    if (known == std::end(kDTypes))
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{}: tensor {} has dtype {}, which is not read here", displayPath(path),
                                inQuotes(entry.name), inQuotes(*entry.dtype)));
    TensorView view;
    uint64_t size = known->size;
    for (const uint64_t extent : *entry.shape) {
        if (extent > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) ||
            __builtin_mul_overflow(size, extent, &size))
            fail("its shape overflows");
        view.shape.push_back(static_cast<int64_t>(extent));
    }
    const auto& offsets = *entry.offsets;
    if (offsets.size() != 2 || offsets[0] > offsets[1])
        fail("'data_offsets' should be [begin, end] with begin <= end");
    if (offsets[1] > data.size())
        fail(fmt::format("ends at byte {} of the data, which has {}: the file is truncated", offsets[1],
                         data.size()));
    if (offsets[1] - offsets[0] != size)
        fail(fmt::format("has {} bytes of data, its shape and dtype need {}", offsets[1] - offsets[0], size));
    view.name = std::move(entry.name);
    view.dtype = known->dtype;
    view.bytes = data.subspan(offsets[0], size);
    return view;
}

/// Tensors must cover the data exactly: no overlap, no hole, nothing behind the last.
void checkCoverage(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                   std::span<const std::byte> data) {
    std::vector<const TensorView*> order;
    for (const auto& [name, view] : tensors)
        order.push_back(&view);
    std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
        if (a->bytes.data() != b->bytes.data())
            return a->bytes.data() < b->bytes.data();
        return a->bytes.size() < b->bytes.size();
    });
    const std::byte* expected = data.data();
    for (const TensorView* view : order) {
        if (view->bytes.data() < expected)
            corrupt(path, fmt::format("tensor {} overlaps another one", inQuotes(view->name)));
        if (view->bytes.data() > expected)
            corrupt(path, fmt::format("{} bytes before tensor {} belong to no tensor",
                                      view->bytes.data() - expected, inQuotes(view->name)));
        expected = view->bytes.data() + view->bytes.size();
    }
    if (expected != data.data() + data.size())
        corrupt(path, fmt::format("{} bytes after the last tensor belong to no tensor",
                                  data.data() + data.size() - expected));
}

} // namespace

size_t dtypeSize(DType dtype) {
    return entryOf(dtype).size;
}

std::string_view dtypeName(DType dtype) {
    return entryOf(dtype).name;
}

int64_t TensorView::elementCount() const {
    return static_cast<int64_t>(bytes.size() / dtypeSize(dtype));
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : m_file(path) {
    const std::string_view text = headerText(m_file);
    HeaderReader reader(m_file.path());
    Json::sax_parse(text, &reader);
    const auto data = m_file.bytes().subspan(8 + text.size());
    for (HeaderEntry& entry : reader.entries) {
        TensorView view = checkedView(path, std::move(entry), data);
        m_names.push_back(view.name);
        m_tensors.emplace(view.name, std::move(view));
    }
    std::sort(m_names.begin(), m_names.end());
    checkCoverage(path, m_tensors, data);
    m_metadata = std::move(reader.metadata);
    requireReadable(m_file.bytes(), path);
}

const TensorView* SafetensorsFile::find(const std::string& name) const {
    const auto found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : &found->second;
}

std::vector<std::byte> safetensorsBytes(const std::vector<TensorView>& tensors,
                                        const std::map<std::string, std::string>& metadata) {
    OrderedJson header = OrderedJson::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    uint64_t end = 0;
    for (const TensorView& tensor : tensors) {
        uint64_t size = dtypeSize(tensor.dtype);
        for (const int64_t extent : tensor.shape)
            size *= static_cast<uint64_t>(extent);
        DIPTYCH_ASSERT(size == tensor.bytes.size());
        DIPTYCH_ASSERT(tensor.name != "__metadata__" && !header.contains(tensor.name));
        header[tensor.name] = {
            {"dtype", dtypeName(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {end, end + size}}};
        end += size;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    if (text.size() > kMaxHeaderBytes)
        throw Error(ErrorCode::LimitExceeded,
                    fmt::format("Too many tensors: the header would have {} bytes", text.size()));
    const uint64_t length = text.size();
    std::vector<std::byte> bytes(8 + text.size() + end);
    std::memcpy(bytes.data(), &length, sizeof(length));
    std::memcpy(bytes.data() + 8, text.data(), text.size());
    std::byte* out = bytes.data() + 8 + text.size();
    for (const TensorView& tensor : tensors)
        out = std::copy(tensor.bytes.begin(), tensor.bytes.end(), out);
    return bytes;
}

void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                      const std::map<std::string, std::string>& metadata) {
    writeFileAtomically(path, safetensorsBytes(tensors, metadata));
}

} // namespace diptych

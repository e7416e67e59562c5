// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/npy.h"

#include "core/base/file.h"
#include "core/base/mapped_memory.h"
#include "core/tensor/half.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace diptych {
namespace {

constexpr size_t kMaxHeaderBytes = size_t{1} << 20;
constexpr size_t kMaxDimensions = 32;                       // NumPy's own limit before 2.0
constexpr double kLargestExactInteger = 9007199254740992.0; // 2^53
constexpr std::string_view kMagic("\x93NUMPY", 6);

struct NpyHeader {
    std::string descr;
    bool fortranOrder = false;
    std::vector<size_t> shape;
    size_t elementCount = 1;
};

/// Reads the Python dictionary of the header: text, True/False and tuples of whole numbers are all it may
/// hold.
class HeaderParser {
public:
    HeaderParser(std::string_view text, std::string_view where) : m_text(text), m_where(where) {}

    NpyHeader parse() {
        std::optional<std::string> descr;
        std::optional<bool> fortranOrder;
        std::optional<std::vector<size_t>> shape;
        expect('{');
        while (!accept('}')) {
            const std::string key = text();
            expect(':');
            if (key == "descr" && !descr)
                descr = text();
            else if (key == "fortran_order" && !fortranOrder)
                fortranOrder = boolean();
            else if (key == "shape" && !shape)
                shape = tuple();
            else
                fail(fmt::format("unexpected or repeated key '{}'", toValidUtf8(key)));
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skipSpace();
        if (m_at != m_text.size())
            fail("text after the closing brace");
        if (!descr || !fortranOrder || !shape)
            fail("'descr', 'fortran_order' or 'shape' is missing");
        return {*descr, *fortranOrder, *shape, 1};
    }

private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw Error(ErrorCode::Corrupt, fmt::format("{}: .npy header: {}", m_where, problem));
    }
    void skipSpace() {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])))
            ++m_at;
    }
    bool accept(char c) {
        skipSpace();
        if (m_at >= m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    void expect(char c) {
        if (!accept(c))
            fail(fmt::format("'{}' expected at byte {}", c, m_at));
    }
    std::string text() {
        const char quote = accept('\'') ? '\'' : '"';
        if (quote == '"' && !accept('"'))
            fail("only simple element types are read (no records, no objects)");
        const size_t end = m_text.find(quote, m_at);
        if (end == std::string_view::npos)
            fail("a text does not end");
        const std::string value(m_text.substr(m_at, end - m_at));
        m_at = end + 1;
        return value;
    }
    bool boolean() {
        skipSpace();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (m_text.substr(m_at).starts_with(word)) {
                m_at += word.size();
                return value;
            }
        }
        fail("True or False expected");
    }
    std::vector<size_t> tuple() {
        std::vector<size_t> values;
        expect('(');
        while (!accept(')')) {
            skipSpace();
            size_t value = 0;
            const auto [end, error] =
                std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), value);
            if (error != std::errc() || values.size() >= kMaxDimensions)
                fail("'shape' should be up to 32 whole numbers");
            m_at = static_cast<size_t>(end - m_text.data());
            values.push_back(value);
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return values;
    }

    std::string_view m_text, m_where;
    size_t m_at = 0;
};

template<class T>
T load(const std::byte* data) {
    T value;
    std::memcpy(&value, data, sizeof(T));
    return value;
}

template<class T>
double loadAs(const std::byte* data) {
    return static_cast<double>(load<T>(data));
}

struct ElementType {
    std::string_view code; ///< without byte order
    size_t size;
    double (*read)(const std::byte*);
};
constexpr ElementType kElementTypes[] = {
    {"f4", 4, loadAs<float>},
    {"f8", 8, loadAs<double>},
    {"f2", 2, [](const std::byte* data) { return double{halfToFloat(load<uint16_t>(data))}; }},
    {"i8", 8, loadAs<int64_t>},
    {"i4", 4, loadAs<int32_t>},
    {"i2", 2, loadAs<int16_t>},
    {"i1", 1, loadAs<int8_t>},
    {"u8", 8, loadAs<uint64_t>},
    {"u4", 4, loadAs<uint32_t>},
    {"u2", 2, loadAs<uint16_t>},
    {"u1", 1, loadAs<uint8_t>},
    {"b1", 1, [](const std::byte* data) { return *data == std::byte{0} ? 0.0 : 1.0; }},
};

const ElementType& elementType(std::string_view descr, std::string_view where) {
    const char order = descr.empty() ? '?' : descr.front();
    if (order == '>')
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{}: big-endian values ({}) are not read; save with array.astype(array.dtype."
                                "newbyteorder('<'))",
                                where, toValidUtf8(descr)));
    const std::string_view code = order == '<' || order == '|' || order == '=' ? descr.substr(1) : descr;
    for (const ElementType& type : kElementTypes)
        if (type.code == code)
            return type;
    throw Error(
        ErrorCode::Unsupported,
        fmt::format("{}: element type '{}' is not read; save whole numbers, float16, float32 or float64",
                    where, toValidUtf8(descr.substr(0, 40))));
}

/// Splits the file into header and data. @throws Error
NpyHeader readHeader(std::span<const std::byte> bytes, std::string_view where, size_t& dataStart) {
    const auto fail = [&](const char* problem) {
        throw Error(ErrorCode::Corrupt, fmt::format("{}: {}", where, problem));
    };
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(kMagic) || text.size() < 10)
        fail("not a .npy file (its first bytes are not those of NumPy's format)");
    const auto major = static_cast<uint8_t>(text[6]);
    if (major < 1 || major > 3)
        throw Error(ErrorCode::Unsupported, fmt::format("{}: .npy format {}.{} is not known here", where,
                                                        major, static_cast<uint8_t>(text[7])));
    const size_t lengthBytes = major == 1 ? 2 : 4;
    if (text.size() < 8 + lengthBytes)
        fail("ends inside its header: truncated");
    const size_t length = major == 1 ? load<uint16_t>(bytes.data() + 8) : load<uint32_t>(bytes.data() + 8);
    dataStart = 8 + lengthBytes + length;
    if (length > kMaxHeaderBytes || dataStart > text.size())
        fail("says its header is longer than the file, or than 1 MiB");
    NpyHeader header = HeaderParser(text.substr(8 + lengthBytes, length), where).parse();
    for (const size_t extent : header.shape)
        if (__builtin_mul_overflow(header.elementCount, extent, &header.elementCount))
            fail("its shape overflows");
    return header;
}

/// Position in the file of each element, taken in C order.
std::vector<double> valuesInCOrder(const NpyHeader& header, const ElementType& type, const std::byte* data) {
    std::vector<double> values(header.elementCount);
    if (!header.fortranOrder || header.shape.size() < 2) {
        for (size_t i = 0; i < values.size(); ++i)
            values[i] = type.read(data + i * type.size);
        return values;
    }
    std::vector<size_t> index(header.shape.size(), 0);
    for (double& value : values) {
        size_t position = 0;
        for (size_t axis = index.size(); axis-- > 0;)
            position = position * header.shape[axis] + index[axis];
        value = type.read(data + position * type.size);
        for (size_t axis = index.size(); axis-- > 0;) {
            if (++index[axis] < header.shape[axis])
                break;
            index[axis] = 0;
        }
    }
    return values;
}

std::string shapeText(const std::vector<size_t>& shape) {
    std::string text = "[";
    for (const size_t extent : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + "]";
}

} // namespace

NpyArray readNpy(const std::filesystem::path& path) {
    const MappedFile file(path);
    const std::string where = displayPath(path);
    size_t dataStart = 0;
    const NpyHeader header = readHeader(file.bytes(), where, dataStart);
    const ElementType& type = elementType(header.descr, where);
    size_t expected = 0;
    const size_t found = file.bytes().size() - dataStart;
    if (__builtin_mul_overflow(header.elementCount, type.size, &expected) || expected != found)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: shape {} of {} needs {} bytes of data, the file has {}", where,
                                shapeText(header.shape), header.descr, expected, found));
    NpyArray array{header.shape, valuesInCOrder(header, type, file.bytes().data() + dataStart)};
    requireReadable(file.bytes(), path);
    if (type.code == "i8" || type.code == "u8")
        for (const double value : array.values)
            if (std::abs(value) > kLargestExactInteger)
                throw Error(
                    ErrorCode::Unsupported,
                    fmt::format("{}: holds {:.0f}; whole numbers beyond 2^53 are not read", where, value));
    return array;
}

Matrix readNpyMatrix(const std::filesystem::path& path) {
    const NpyArray array = readNpy(path);
    if (array.shape.size() != 2)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}: a 2-d array [rows, columns] is expected, it has shape {}",
                                displayPath(path), shapeText(array.shape)));
    std::vector<float> values(array.values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(array.values[i]);
        if (std::isnan(values[i]))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{}: not a number (NaN) at row {}, column {}", displayPath(path),
                                    i / array.shape[1], i % array.shape[1]));
    }
    return Matrix(array.shape[0], array.shape[1], std::move(values));
}

std::vector<int64_t> readNpyIntegers(const std::filesystem::path& path) {
    const NpyArray array = readNpy(path);
    if (array.shape.size() != 1)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("{}: a 1-d array of whole numbers is expected, it has shape {}",
                                displayPath(path), shapeText(array.shape)));
    std::vector<int64_t> values;
    values.reserve(array.values.size());
    for (const double value : array.values) {
        if (!(std::abs(value) <= kLargestExactInteger) || value != std::floor(value))
            throw Error(ErrorCode::InvalidArgument, fmt::format("{}: {} at position {} is not a whole number",
                                                                displayPath(path), value, values.size()));
        values.push_back(static_cast<int64_t>(value));
    }
    return values;
}

void writeNpy(const std::filesystem::path& path, const Matrix& matrix) {
    std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
                                   matrix.rows(), matrix.cols());
    // Magic, version and length take 10 bytes; NumPy aligns the data to 64 and ends the header with a
    // newline.
    text.append(63 - (10 + text.size()) % 64, ' ').push_back('\n');
    const auto length = static_cast<uint16_t>(text.size());
    std::string bytes(kMagic);
    bytes.append({'\x01', '\x00', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)});
    bytes += text;
    const auto values = std::as_bytes(matrix.values());
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
    writeFileAtomically(path, std::string_view(bytes));
}

} // namespace diptych

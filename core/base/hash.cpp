// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <vector>

namespace diptych {
namespace {

Hash128 canonical(XXH128_hash_t hash) {
    XXH128_canonical_t bigEndian;
    XXH128_canonicalFromHash(&bigEndian, hash);
    Hash128 out;
    std::copy(std::begin(bigEndian.digest), std::end(bigEndian.digest), out.bytes.begin());
    return out;
}

XXH3_state_t* state(void* pointer) {
    return static_cast<XXH3_state_t*>(pointer);
}

} // namespace

std::string Hash128::hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const uint8_t byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

Result<Hash128> Hash128::fromHex(std::string_view hex) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    Hash128 out;
    bool good = hex.size() == 32;
    for (size_t i = 0; good && i < 16; ++i) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        out.bytes[i] = static_cast<uint8_t>(high * 16 + low);
    }
    if (!good)
        return failure(ErrorCode::Corrupt,
                       "'" + toValidUtf8(hex) + "' is not a content hash (32 hexadecimal digits)");
    return out;
}

Hasher::Hasher() : m_state(XXH3_createState()) {
    if (!m_state)
        throw std::bad_alloc();
    XXH3_128bits_reset(state(m_state));
}

Hasher::~Hasher() {
    XXH3_freeState(state(m_state));
}

Hasher& Hasher::add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(state(m_state), bytes.data(), bytes.size());
    return *this;
}

Hasher& Hasher::add(std::string_view text) {
    return add(std::as_bytes(std::span(text.data(), text.size())));
}

Hasher& Hasher::addField(std::string_view text) {
    return add(std::to_string(text.size())).add(":").add(text);
}

Hash128 Hasher::finish() const {
    return canonical(XXH3_128bits_digest(state(m_state)));
}

Hash128 hashBytes(std::span<const std::byte> bytes) {
    return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

Hash128 hashText(std::string_view text) {
    return hashBytes(std::as_bytes(std::span(text.data(), text.size())));
}

Result<Hash128> hashFile(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return tl::unexpected<Error>(errnoError(errno, "Cannot open", displayPath(path)));
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return failure(ErrorCode::Unreadable,
                       "Cannot read " + displayPath(path) + ": it is not a regular file");
    }
    Hasher hasher;
    std::vector<std::byte> buffer(1 << 18);
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            const int error = errno;
            ::close(fd);
            return tl::unexpected<Error>(errnoError(error, "Cannot read", displayPath(path)));
        }
        if (got == 0)
            break;
        hasher.add(std::span(buffer.data(), static_cast<size_t>(got)));
    }
    ::close(fd);
    return hasher.finish();
}

} // namespace diptych

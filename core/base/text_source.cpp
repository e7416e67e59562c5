// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text_source.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace diptych {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

} // namespace

TextSource::TextSource(std::filesystem::path path, RunContext context)
    : m_path(std::move(path)), m_shown(displayPath(m_path)), m_context(std::move(context)) {
    // O_NONBLOCK: a pipe must be refused below, not waited for.
    m_fd = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (m_fd < 0)
        throw errnoError(errno, "Cannot open", m_shown);
    try {
        start();
    } catch (...) {
        ::close(m_fd);
        throw;
    }
}

TextSource::~TextSource() {
    ::close(m_fd);
}

void TextSource::start() {
    struct stat status {};
    if (::fstat(m_fd, &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(ErrorCode::Unreadable, fmt::format("Cannot read {}: it is not a regular file", m_shown));
    readBytes(m_head);
    const EncodingGuess guess = guessEncoding(m_head);
    if (guess.encoding == TextEncoding::Utf32)
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{} is written in UTF-32. Save it as UTF-8", m_shown));
    m_head.erase(0, guess.markBytes);
    if (guess.encoding != TextEncoding::Utf8OrOther)
        m_utf16.emplace(guess.encoding == TextEncoding::Utf16Big);
}

bool TextSource::readBytes(std::string& out) {
    m_context.throwIfCancelled();
    const size_t had = out.size();
    out.resize(had + kPieceBytes);
    ssize_t got = 0;
    do {
        got = ::read(m_fd, out.data() + had, kPieceBytes);
    } while (got < 0 && errno == EINTR);
    const int error = errno;
    out.resize(had + static_cast<size_t>(got > 0 ? got : 0));
    if (got < 0)
        throw errnoError(error, "Cannot read", m_shown);
    return got > 0;
}

bool TextSource::read(std::string& out) {
    std::string bytes = std::exchange(m_head, {});
    if (!m_utf16) {
        out += bytes;
        return !bytes.empty() || readBytes(out);
    }
    if (bytes.empty() && !readBytes(bytes)) {
        const size_t had = out.size();
        m_utf16->finish(out);
        return out.size() > had;
    }
    m_utf16->append(bytes, out);
    return true;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/line_reader.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace diptych {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

} // namespace

LineReader::LineReader(std::filesystem::path path) : m_path(std::move(path)), m_shown(displayPath(m_path)) {
    // O_NONBLOCK: a pipe must be refused below, not waited for.
    m_fd = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (m_fd < 0)
        throw errnoError(errno, "Cannot open", m_shown);
    struct stat status {};
    const bool regular = ::fstat(m_fd, &status) == 0 && S_ISREG(status.st_mode);
    try {
        if (!regular)
            throw Error(ErrorCode::Unreadable,
                        fmt::format("Cannot read {}: it is not a regular file", m_shown));
        fill();
        if (m_buffer.starts_with("\xFF\xFE") || m_buffer.starts_with("\xFE\xFF"))
            throw Error(ErrorCode::Unsupported,
                        fmt::format("{} is written in UTF-16 or UTF-32. Save it as UTF-8", m_shown));
    } catch (...) {
        ::close(m_fd);
        throw;
    }
    if (m_buffer.starts_with("\xEF\xBB\xBF"))
        m_at = 3;
}

LineReader::~LineReader() {
    ::close(m_fd);
}

bool LineReader::fill() {
    m_buffer.erase(0, m_at);
    m_at = 0;
    const size_t had = m_buffer.size();
    m_buffer.resize(had + kPieceBytes);
    ssize_t got = 0;
    do {
        got = ::read(m_fd, m_buffer.data() + had, kPieceBytes);
    } while (got < 0 && errno == EINTR);
    const int error = errno;
    m_buffer.resize(had + static_cast<size_t>(got > 0 ? got : 0));
    if (got < 0)
        throw errnoError(error, "Cannot read", m_shown);
    return got > 0;
}

bool LineReader::next(std::string& line) {
    size_t searched = 0; // so that a long line is looked through once
    for (;;) {
        const size_t length = m_buffer.size() - m_at;
        const void* found = length > searched
                                ? std::memchr(m_buffer.data() + m_at + searched, '\n', length - searched)
                                : nullptr;
        if (found) {
            const size_t end = static_cast<size_t>(static_cast<const char*>(found) - m_buffer.data());
            line.assign(m_buffer, m_at, end - m_at);
            m_at = end + 1;
            break;
        }
        if (length > kMaxLineBytes)
            throw Error(ErrorCode::LimitExceeded,
                        fmt::format("{}: the line is longer than {} MB; this is not a table of samples",
                                    where(m_line + 1), kMaxLineBytes >> 20));
        searched = length;
        if (!fill()) {
            if (length == 0)
                return false;
            line.assign(m_buffer, m_at, length);
            m_at = m_buffer.size();
            break;
        }
    }
    ++m_line;
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    return true;
}

std::string LineReader::where(int64_t line) const {
    return m_shown + ":" + std::to_string(line);
}

} // namespace diptych

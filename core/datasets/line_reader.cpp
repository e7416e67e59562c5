// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/line_reader.h"

#include <fmt/format.h>

#include <utility>

namespace diptych {

LineReader::LineReader(std::filesystem::path path, const RunContext& context)
    : m_source(std::move(path), context) {
    fill();
    const size_t end = m_buffer.find_first_of("\r\n");
    m_carriageReturns = end != std::string::npos && m_buffer[end] == '\r' && end + 1 < m_buffer.size() &&
                        m_buffer[end + 1] != '\n';
}

bool LineReader::fill() {
    m_buffer.erase(0, m_at);
    m_at = 0;
    return m_source.read(m_buffer);
}

size_t LineReader::findEnd(size_t from) const {
    return m_carriageReturns ? m_buffer.find_first_of("\r\n", from) : m_buffer.find('\n', from);
}

bool LineReader::next(std::string& line) {
    size_t searched = 0; // so that a long line is looked through once
    for (;;) {
        const size_t length = m_buffer.size() - m_at;
        const size_t end = findEnd(m_at + searched);
        if (end != std::string::npos) {
            line.assign(m_buffer, m_at, end - m_at);
            m_at = end + 1;
            const bool carriageReturn = m_buffer[end] == '\r';
            if (carriageReturn && (m_at < m_buffer.size() || fill()) && m_buffer[m_at] == '\n')
                ++m_at; // CRLF among lines that end in CR
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
    return m_source.shown() + ":" + std::to_string(line);
}

} // namespace diptych

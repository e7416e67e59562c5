// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/base/encodings.h"

#include <filesystem>
#include <optional>
#include <string>

namespace diptych {

/// Reads a text file piece by piece, so that its size does not matter. A byte order mark is taken off and
/// UTF-16 becomes UTF-8; other bytes pass as they are, UTF-8 or not.
class TextSource {
public:
    /// @throws Error NotFound, Unreadable (also for what is no regular file), Unsupported (UTF-32)
    explicit TextSource(std::filesystem::path path, RunContext context = {});
    ~TextSource();
    TextSource(const TextSource&) = delete;
    TextSource& operator=(const TextSource&) = delete;

    /// Appends the next piece, about a megabyte. @return false at the end. @throws Error Unreadable;
    /// Cancelled
    bool read(std::string& out);
    const std::filesystem::path& path() const { return m_path; }
    const std::string& shown() const { return m_shown; } ///< the path for messages

private:
    bool readBytes(std::string& out);
    void start();

    std::filesystem::path m_path;
    std::string m_shown;
    RunContext m_context;
    int m_fd = -1;
    std::string m_head; ///< the first bytes, looked at for the encoding
    std::optional<Utf16Decoder> m_utf16;
};

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include "core/base/file.h"
#include "core/metrics/number_text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace diptych::cli {
namespace {

constexpr size_t kBarWidth = 24, kDefaultTerminalWidth = 80;

size_t terminalWidth(int descriptor) {
    winsize size{};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kDefaultTerminalWidth;
}

} // namespace

Console::Console(int outputDescriptor, int errorDescriptor)
    : m_output(outputDescriptor), m_error(errorDescriptor), m_errorIsTerminal(isatty(errorDescriptor) == 1) {}

Console::~Console() {
    clearProgress();
}

void Console::writeAll(int descriptor, std::string_view text) {
    if (descriptor == m_output && m_outputClosed)
        return;
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            if (descriptor == m_output) {
                m_outputErrno = errno == EPIPE ? 0 : errno;
                m_outputClosed = true;
            }
            return;
        }
        text.remove_prefix(static_cast<size_t>(written));
    }
}

void Console::print(std::string_view line) {
    printRaw(std::string(line) + '\n');
}

void Console::printRaw(std::string_view text) {
    const std::lock_guard lock(m_mutex);
    clearProgressLocked();
    writeAll(m_output, text);
}

void Console::printJson(const OrderedJson& value) {
    print(value.dump(2, ' ', false, OrderedJson::error_handler_t::replace));
}

void Console::note(std::string_view line) {
    if (m_json)
        return;
    const std::lock_guard lock(m_mutex);
    clearProgressLocked();
    writeAll(m_error, oneLine(line) + '\n');
}

void Console::warn(std::string_view line) {
    const std::lock_guard lock(m_mutex);
    clearProgressLocked();
    writeAll(m_error, "diptych: warning: " + oneLine(line) + '\n');
}

void Console::error(std::string_view message) {
    const std::lock_guard lock(m_mutex);
    clearProgressLocked();
    writeAll(m_error, "diptych: error: " + oneLine(message) + '\n');
}

void Console::showProgress(const ProgressUpdate& update) {
    if (!m_errorIsTerminal)
        return;
    const std::lock_guard lock(m_mutex);
    writeAll(m_error, "\r\x1b[K" + progressLine(update, terminalWidth(m_error) - 1));
    m_progressShown = true;
}

void Console::clearProgress() {
    const std::lock_guard lock(m_mutex);
    clearProgressLocked();
}

void Console::clearProgressLocked() {
    if (m_progressShown)
        writeAll(m_error, "\r\x1b[K");
    m_progressShown = false;
}

std::string oneLine(std::string_view text) {
    std::string out;
    for (const char c : toValidUtf8(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\r' || c == '\t')
            out += ' ';
        else if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

std::string formatDuration(double seconds) {
    const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
    if (whole < 60)
        return fmt::format("{}s", whole);
    if (whole < 3600)
        return fmt::format("{}m {:02}s", whole / 60, whole % 60);
    return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

std::string formatCount(int64_t count) {
    return countText(count);
}

std::string formatBytes(uint64_t bytes) {
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", value, unit == 0 || value >= 99.5 ? 0 : 1, kUnits[unit]);
}

std::string progressLine(const ProgressUpdate& update, size_t width) {
    std::string line = oneLine(update.stage);
    if (update.total > 0) {
        const double share =
            std::clamp(static_cast<double>(update.done) / static_cast<double>(update.total), 0.0, 1.0);
        const auto filled = static_cast<size_t>(share * static_cast<double>(kBarWidth));
        line += "  [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]  " +
                formatCount(update.done) + "/" + formatCount(update.total);
    } else if (update.done > 0) {
        line += "  " + formatCount(update.done);
    }
    if (update.itemsPerSecond > 0)
        line += fmt::format("  {:.{}f}/s", update.itemsPerSecond, update.itemsPerSecond >= 10 ? 0 : 2);
    if (update.secondsLeft >= 0)
        line += "  " + formatDuration(update.secondsLeft) + " left";
    if (!update.message.empty())
        line += "  " + oneLine(update.message);
    // A line that wraps could not be redrawn in place. Cut on a character's border.
    while (displayWidth(line) > width && !line.empty()) {
        while (line.size() > 1 && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80)
            line.pop_back();
        line.pop_back();
    }
    return line;
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace diptych::cli {

/// While it lives, the first Ctrl+C (SIGINT) or SIGTERM requests a stop and the second ends the program at
/// once. Made before any other thread, whose signal masks follow from it. Signals that were ignored when the
/// program started (nohup) stay ignored.
class InterruptGuard {
public:
    /// @throws std::system_error if the system gives no thread
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }
    /// The signal that asked to stop; 0 = none did.
    int signal() const { return m_signal; }

private:
    void watch();

    std::stop_source m_stop;
    std::atomic<int> m_signal{0};
    std::atomic<bool> m_finished{false};
    std::thread m_watcher;
};

} // namespace diptych::cli

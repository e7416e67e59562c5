// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/context.h"

#include <algorithm>
#include <thread>

namespace diptych {

void Progress::begin(std::string stage, int64_t total, int64_t alreadyDone) {
    const std::lock_guard lock(m_mutex);
    if (!m_update.stage.empty()) // the stage before, whose last steps the interval may have swallowed
        report(true);
    m_update = {};
    m_update.stage = std::move(stage);
    m_update.total = total;
    m_update.done = alreadyDone;
    m_alreadyDone = alreadyDone;
    m_started = std::chrono::steady_clock::now();
    report(true);
}

void Progress::advance(int64_t items) {
    const std::lock_guard lock(m_mutex);
    m_update.done += items;
    report(m_update.total > 0 && m_update.done >= m_update.total);
}

void Progress::message(std::string text) {
    const std::lock_guard lock(m_mutex);
    m_update.message = std::move(text);
    report(false);
}

void Progress::end() {
    const std::lock_guard lock(m_mutex);
    if (m_update.stage.empty())
        return;
    report(true);
    m_update.stage.clear();
}

void Progress::report(bool always) {
    const auto now = std::chrono::steady_clock::now();
    if (!always && now - m_reported < m_interval)
        return;
    m_reported = now;
    const double seconds = std::chrono::duration<double>(now - m_started).count();
    const int64_t fresh = m_update.done - m_alreadyDone;
    m_update.itemsPerSecond = seconds > 0.05 ? static_cast<double>(fresh) / seconds : 0;
    m_update.secondsLeft = -1;
    if (m_update.total > 0 && m_update.itemsPerSecond > 0)
        m_update.secondsLeft = static_cast<double>(m_update.total - m_update.done) / m_update.itemsPerSecond;
    if (m_callback)
        m_callback(m_update);
}

unsigned RunContext::threadCount() const {
    return threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
}

} // namespace diptych

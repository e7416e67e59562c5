// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/worker_pool.h"

#include <system_error>
#include <utility>

namespace diptych::ui {

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::start(std::function<void()> work) {
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(work));
        if (m_waiting.size() <= m_idle || m_threads.size() >= static_cast<size_t>(m_most)) {
            m_changed.notify_one();
            return true;
        }
    }
    try {
        m_threads.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
        if (m_threads.empty()) {
            clear();
            return false;
        }
        m_changed.notify_one(); // those there are do it
    }
    return true;
}

void WorkerPool::clear() {
    std::deque<std::function<void()>> dropped; // declared first, so that it goes after the lock
    const std::lock_guard lock(m_mutex);
    dropped.swap(m_waiting);
}

void WorkerPool::stop() {
    clear();
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
    m_threads.clear();
    m_stopping = false;
}

void WorkerPool::run() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        ++m_idle;
        m_changed.wait(lock, [this] { return m_stopping || !m_waiting.empty(); });
        --m_idle;
        if (m_waiting.empty())
            return;
        auto work = std::move(m_waiting.front());
        m_waiting.pop_front();
        lock.unlock();
        work();
        work = nullptr; // what it captured goes before it counts as idle
        lock.lock();
    }
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace diptych::ui {

/// A few threads that take work in the order it comes. They are made when they are first needed and stay. A
/// system that gives no thread is told of, where QThreadPool would wait for one that never comes. Private to
/// ui/jobs.
class WorkerPool {
public:
    WorkerPool() = default;
    ~WorkerPool(); ///< clear(), and waits for what runs
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    void setMaxThreadCount(int count) { m_most = count; }
    int maxThreadCount() const { return m_most; }
    /// @p work must catch what it throws. @return false if there is no thread and none is to be had: then the
    /// work is dropped. Called by one thread.
    [[nodiscard]] bool start(std::function<void()> work);
    /// Drops what has not begun.
    void clear();
    /// clear(), waits for what runs and ends the threads; start() may be called again.
    void stop();

private:
    void run();

    int m_most = 1;
    std::vector<std::thread> m_threads;
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_waiting;
    size_t m_idle = 0;
    bool m_stopping = false;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

namespace diptych {

/// One snapshot of a long operation, for a progress bar.
struct ProgressUpdate {
    std::string stage;         ///< what is being done, e.g. "Encoding images"
    int64_t done = 0;          ///< items finished in this stage
    int64_t total = 0;         ///< items in this stage; 0 = not known
    double itemsPerSecond = 0; ///< over the stage so far, resumed items left out; 0 = not known yet
    double secondsLeft = -1;   ///< -1 = not known
    std::string message;       ///< free text, e.g. the current loss; may be empty
};

/// Receives what long operations report and passes it on at most ~15 times a second (first and last update of
/// a stage always). Thread-safe; the callback is called under a lock, from whichever thread reports.
class Progress {
public:
    using Callback = std::function<void(const ProgressUpdate&)>;
    /// @param interval updates closer together than this are dropped; 0 passes on every one
    explicit Progress(Callback callback, std::chrono::milliseconds interval = std::chrono::milliseconds(66))
        : m_callback(std::move(callback)), m_interval(interval) {}

    /// Starts a stage. @p alreadyDone items came from a cache and do not count towards the rate.
    void begin(std::string stage, int64_t total, int64_t alreadyDone = 0);
    void advance(int64_t items = 1);
    void message(std::string text);
    void end(); ///< reports the stage's last state; nothing if no stage has begun

private:
    void report(bool always);

    std::mutex m_mutex;
    Callback m_callback;
    const std::chrono::milliseconds m_interval;
    ProgressUpdate m_update;
    int64_t m_alreadyDone = 0;
    std::chrono::steady_clock::time_point m_started, m_reported;
};

/// What every long call of the core takes: a way to be stopped, to tell how far it is, and the seed and
/// threads to use. Passed down, never global. Cheap to copy; does not own the progress sink.
struct RunContext {
    std::stop_token stop;
    Progress* progress = nullptr; ///< may be null
    uint64_t seed = 0;
    unsigned threads = 0; ///< CPU threads; 0 = as many as the machine has

    bool cancelled() const { return stop.stop_requested(); }
    /// Called once per batch by everything that loops. @throws Cancelled
    void throwIfCancelled() const {
        if (cancelled())
            throw Cancelled();
    }
    unsigned threadCount() const;
    void begin(std::string stage, int64_t total, int64_t alreadyDone = 0) const {
        if (progress)
            progress->begin(std::move(stage), total, alreadyDone);
    }
    void advance(int64_t items = 1) const {
        if (progress)
            progress->advance(items);
    }
    void message(std::string text) const {
        if (progress)
            progress->message(std::move(text));
    }
    void end() const {
        if (progress)
            progress->end();
    }
};

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace diptych {

void parallelFor(size_t count, unsigned threads, const std::function<void(size_t)>& body,
                 std::stop_token stop) {
    std::atomic<size_t> next{0};
    std::atomic<bool> failed{false};
    std::exception_ptr error;
    std::mutex errorMutex;
    const auto work = [&] {
        for (;;) {
            const size_t i = next.fetch_add(1, std::memory_order_relaxed);
            if (i >= count || failed.load(std::memory_order_relaxed) || stop.stop_requested())
                return;
            try {
                body(i);
            } catch (...) {
                const std::lock_guard lock(errorMutex);
                if (!error)
                    error = std::current_exception();
                failed = true;
            }
        }
    };
    {
        std::vector<std::jthread> helpers;
        const size_t wanted = std::min<size_t>(std::max(1u, threads), count);
        try {
            for (size_t i = 1; i < wanted; ++i)
                helpers.emplace_back(work);
        } catch (const std::system_error&) {
            // No more threads are to be had: those there are do the work.
        }
        work();
    }
    if (error)
        std::rethrow_exception(error);
}

} // namespace diptych

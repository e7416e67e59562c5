// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

namespace diptych {

/// Calls body(i) for every i in [0, count) on up to @p threads threads, the caller's among them; order
/// unspecified; fewer threads where the system gives no more. Stops handing out work once @p stop is
/// requested or a body throws; the first exception is rethrown here after all threads have ended.
void parallelFor(size_t count, unsigned threads, const std::function<void(size_t)>& body,
                 std::stop_token stop = {});

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <new>
#include <string>

namespace diptych {

/// Runs torch code; its exceptions become ours.
template<class Call>
auto torchCall(Call&& call) {
    try {
        return call();
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, "Not enough memory to lay out the map");
    } catch (const c10::Error& error) {
        throw Error(ErrorCode::Internal,
                    std::string("The map's arithmetic failed: ") + error.what_without_backtrace());
    }
}

/// Torch's calls on one thread as long as it lives, so that their sums do not depend on how many there are.
class OneTorchThread {
public:
    OneTorchThread() : m_before(at::get_num_threads()) { at::set_num_threads(1); }
    ~OneTorchThread() { at::set_num_threads(m_before); }
    OneTorchThread(const OneTorchThread&) = delete;
    OneTorchThread& operator=(const OneTorchThread&) = delete;

private:
    int m_before;
};

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace diptych {

/// Memory that several threads take shares of; who finds too little left waits for the others. A share larger
/// than the whole budget is granted when nobody else holds one. A thread that holds a share must not take
/// another: it could wait for itself. Thread-safe.
class MemoryBudget {
public:
    explicit MemoryBudget(uint64_t bytes) : m_total(bytes) {}

    /// Given back when it goes.
    class Share {
    public:
        Share(MemoryBudget& budget, uint64_t bytes) : m_budget(budget), m_bytes(bytes) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { m_budget.giveBack(m_bytes); }

    private:
        MemoryBudget& m_budget;
        uint64_t m_bytes;
    };

    [[nodiscard]] Share take(uint64_t bytes);

private:
    void giveBack(uint64_t bytes);

    std::mutex m_mutex;
    std::condition_variable m_returned;
    uint64_t m_total, m_taken = 0, m_holders = 0;
};

/// The one budget of all decoding: a quarter of the machine's memory, at least 1 GiB.
MemoryBudget& decodingMemory();

} // namespace diptych

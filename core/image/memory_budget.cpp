// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/memory_budget.h"

#include <unistd.h>

#include <algorithm>

namespace diptych {

MemoryBudget::Share MemoryBudget::take(uint64_t bytes) {
    std::unique_lock lock(m_mutex);
    m_returned.wait(lock,
                    [&] { return m_holders == 0 || (m_taken <= m_total && bytes <= m_total - m_taken); });
    m_taken += bytes;
    ++m_holders;
    return {*this, bytes};
}

void MemoryBudget::giveBack(uint64_t bytes) {
    {
        const std::lock_guard lock(m_mutex);
        m_taken -= bytes;
        --m_holders;
    }
    m_returned.notify_all();
}

MemoryBudget& decodingMemory() {
    static MemoryBudget budget([] {
        constexpr uint64_t kLeast = uint64_t{1} << 30;
        const long pages = sysconf(_SC_PHYS_PAGES), pageBytes = sysconf(_SC_PAGESIZE);
        if (pages <= 0 || pageBytes <= 0)
            return kLeast;
        return std::max(kLeast, static_cast<uint64_t>(pages) * static_cast<uint64_t>(pageBytes) / 4);
    }());
    return budget;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/weight_hashes.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

struct Entry {
    uintmax_t size = 0;
    fs::file_time_type changed;
    Hash128 hash;
};

std::mutex mutex;
std::map<fs::path, Entry> remembered;

/// The file as it is now, without a hash; nothing if it cannot be looked at.
std::optional<Entry> look(const fs::path& file) {
    std::error_code failed;
    Entry entry;
    entry.size = fs::file_size(file, failed);
    if (!failed)
        entry.changed = fs::last_write_time(file, failed);
    return failed ? std::nullopt : std::optional(entry);
}

} // namespace

std::optional<Hash128> rememberedWeightHash(const fs::path& file) {
    const auto now = look(file);
    const std::lock_guard lock(mutex);
    const auto found = remembered.find(file);
    if (!now || found == remembered.end() || found->second.size != now->size ||
        found->second.changed != now->changed)
        return std::nullopt;
    return found->second.hash;
}

void rememberWeightHash(const fs::path& file, const Hash128& hash) {
    auto now = look(file);
    if (!now)
        return;
    now->hash = hash;
    const std::lock_guard lock(mutex);
    remembered[file] = *now;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/weight_hashes.h"

#include "core/base/file_stamp.h"

#include <map>
#include <mutex>

namespace diptych {
namespace fs = std::filesystem;
namespace {

struct Entry {
    FileStamp stamp;
    Hash128 hash;
};

std::mutex mutex;
std::map<fs::path, Entry> remembered;

} // namespace

std::optional<Hash128> rememberedWeightHash(const fs::path& file) {
    const auto now = fileStamp(file);
    const std::lock_guard lock(mutex);
    const auto found = remembered.find(file);
    return now && found != remembered.end() && found->second.stamp == *now ? std::optional(found->second.hash)
                                                                           : std::nullopt;
}

void rememberWeightHash(const fs::path& file, const Hash128& hash) {
    const auto now = fileStamp(file);
    if (!now)
        return;
    const std::lock_guard lock(mutex);
    remembered[file] = {*now, hash};
}

} // namespace diptych

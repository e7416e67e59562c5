// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/sample_files.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/video/clip.h"
#include "core/video/media.h"

namespace diptych {
namespace {

/// Of the whole, from those of its files.
Hash128 contentHash(const SampleFiles& sample, std::span<const Hash128> files) {
    if (sample.frames.empty())
        return files.front();
    Hasher hasher;
    hasher.add("frames:");
    for (const Hash128& file : files)
        hasher.add(std::as_bytes(std::span(file.bytes)));
    return hasher.finish();
}

} // namespace

bool SampleFiles::isClip() const {
    return !frames.empty() || hasClipExtension(path);
}

SampleFiles filesOf(const Sample& sample) {
    return {sample.path, sample.frames};
}

std::vector<std::optional<Hash128>> knownContents(const Workspace& workspace,
                                                  std::span<const SampleFiles> samples) {
    std::vector<std::filesystem::path> paths;
    paths.reserve(samples.size());
    for (const SampleFiles& sample : samples)
        paths.insert(paths.end(), sample.all().begin(), sample.all().end());
    const auto known = workspace.cachedContentHashes(paths);
    std::vector<std::optional<Hash128>> contents(samples.size());
    size_t next = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
        std::vector<Hash128> files;
        const size_t count = samples[i].all().size();
        for (size_t j = next; j < next + count && known[j]; ++j)
            files.push_back(*known[j]);
        if (files.size() == count)
            contents[i] = contentHash(samples[i], files);
        next += count;
    }
    return contents;
}

Result<Hash128> readContent(const SampleFiles& sample, std::vector<FileHash>& fresh) {
    std::vector<Hash128> files;
    for (const std::filesystem::path& path : sample.all()) {
        const auto stamp = fileStamp(path);
        const auto hash = hashFile(path);
        if (!hash)
            return tl::unexpected<Error>(hash.error());
        files.push_back(*hash);
        if (stamp)
            fresh.push_back({path, *stamp, *hash});
    }
    return contentHash(sample, files);
}

std::vector<Image> framesOfClip(const SampleFiles& clip, size_t count, const RunContext& context) {
    return clip.frames.empty() ? readClip(clip.path, count, context)
                               : readFrames(clip.frames, count, context);
}

} // namespace diptych

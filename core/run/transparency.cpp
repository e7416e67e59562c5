// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/transparency.h"

#include "core/run/sample_files.h"

#include <algorithm>
#include <unordered_map>

namespace diptych {

std::vector<std::optional<bool>> knownTransparency(Workspace& workspace, std::span<const SampleId> samples) {
    std::unordered_map<SampleId, SampleFiles> filesById;
    for (const Sample& sample : workspace.samples(samples, SampleDetail::Basic))
        filesById.emplace(sample.id, filesOf(sample));
    std::vector<SampleFiles> files;
    for (const SampleId sample : samples)
        files.push_back(filesById[sample]);
    const auto hashes = knownContents(workspace, files);
    std::vector<Hash128> known;
    std::vector<size_t> positions;
    for (size_t i = 0; i < hashes.size(); ++i)
        if (hashes[i]) {
            known.push_back(*hashes[i]);
            positions.push_back(i);
        }
    const bool any =
        std::ranges::any_of(workspace.embeddings().spaces(),
                            [](const EmbeddingSpaceInfo& space) { return space.key == kTransparencyKey; });
    const std::vector<int64_t> rows = any ? workspace.embeddings().space(kTransparencyKey, 1)->find(known)
                                          : std::vector<int64_t>(known.size(), -1);
    std::vector<std::optional<bool>> out(samples.size());
    for (size_t i = 0; i < known.size(); ++i)
        out[positions[i]] = rows[i] >= 0;
    return out;
}

} // namespace diptych

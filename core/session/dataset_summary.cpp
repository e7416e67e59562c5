// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/dataset_summary.h"

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/image/image.h"
#include "core/session/catalog.h"
#include "core/video/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace diptych {
namespace {

constexpr size_t kFilesPerTask = 16;

struct Head {
    std::optional<ImageSize> size;
    uint64_t bytes = 0;
    std::string reason;
};

Head readHead(const std::filesystem::path& path) {
    Head head;
    try {
        const MappedFile file(path);
        head.bytes = file.bytes().size();
        if (hasClipExtension(path)) { // OpenCV alone knows; one frame says it
            const auto still = decodeStill(path);
            if (still)
                head.size = ImageSize{still->width, still->height};
            else
                head.reason = still.error().what();
        } else if (const auto size = probeImageSize(file.bytes(), displayPath(path)))
            head.size = *size;
        else
            head.reason = size.error().what();
    } catch (const Error& error) {
        head.reason = error.what();
    }
    return head;
}

std::vector<Head> readHeads(const std::vector<Sample>& samples, const RunContext& context) {
    std::vector<Head> heads(samples.size());
    context.begin("Reading image sizes", static_cast<int64_t>(samples.size()));
    parallelFor((samples.size() + kFilesPerTask - 1) / kFilesPerTask, context.threadCount(),
                [&](size_t task) {
                    context.throwIfCancelled();
                    const size_t last = std::min(samples.size(), (task + 1) * kFilesPerTask);
                    for (size_t i = task * kFilesPerTask; i < last; ++i)
                        heads[i] = readHead(samples[i].path);
                    context.advance(static_cast<int64_t>(last - task * kFilesPerTask));
                });
    context.end();
    return heads;
}

/// Bins with upper bounds that do not belong to them; the last has none.
class Bins {
public:
    struct Bound {
        double below;
        const char* title;
    };
    Bins(std::span<const Bound> bounds, const char* last) : m_bounds(bounds) {
        for (const Bound& bound : bounds)
            m_bins.push_back({bound.title, {}});
        m_bins.push_back({last, {}});
    }
    void add(double value, SampleId sample) {
        const auto found = std::ranges::find_if(m_bounds, [&](const Bound& b) { return value < b.below; });
        m_bins[static_cast<size_t>(found - m_bounds.begin())].samples.push_back(sample);
    }
    std::vector<SummaryBin> used() {
        std::erase_if(m_bins, [](const SummaryBin& bin) { return bin.samples.empty(); });
        return std::move(m_bins);
    }

private:
    std::span<const Bound> m_bounds;
    std::vector<SummaryBin> m_bins;
};

constexpr std::array kSides{Bins::Bound{32, "below 32 px"},      Bins::Bound{64, "32 to 63 px"},
                            Bins::Bound{128, "64 to 127 px"},    Bins::Bound{224, "128 to 223 px"},
                            Bins::Bound{384, "224 to 383 px"},   Bins::Bound{768, "384 to 767 px"},
                            Bins::Bound{1536, "768 to 1535 px"}, Bins::Bound{3072, "1536 to 3071 px"}};
constexpr std::array kShapes{
    Bins::Bound{1.0 / 3, "taller than 3:1"},           Bins::Bound{1.0 / 1.5, "tall, 1.5:1 to 3:1"},
    Bins::Bound{1.0 / 1.1, "upright, 1.1:1 to 1.5:1"}, Bins::Bound{1.1, "square, within 10 %"},
    Bins::Bound{1.5, "lying, 1.1:1 to 1.5:1"},         Bins::Bound{3.0, "wide, 1.5:1 to 3:1"}};

void addSizes(DatasetSummary& summary, const std::vector<Sample>& samples, const std::vector<Head>& heads) {
    Bins sides(kSides, "3072 px and more"), shapes(kShapes, "3:1 or wider");
    std::vector<int> shorter;
    for (size_t i = 0; i < samples.size(); ++i) {
        summary.bytes += heads[i].bytes;
        if (!heads[i].size) {
            summary.failures.push_back({samples[i].id, heads[i].reason});
            continue;
        }
        const auto [width, height] = *heads[i].size;
        shorter.push_back(std::min(width, height));
        sides.add(shorter.back(), samples[i].id);
        shapes.add(static_cast<double>(width) / height, samples[i].id);
    }
    summary.sizes = sides.used();
    summary.shapes = shapes.used();
    if (shorter.empty())
        return;
    std::ranges::sort(shorter);
    summary.smallestSide = shorter.front();
    summary.medianSide = shorter[shorter.size() / 2];
    summary.largestSide = shorter.back();
}

void addClasses(DatasetSummary& summary, const std::vector<Sample>& samples,
                const std::vector<std::string>& names) {
    std::vector<SummaryBin> bins;
    for (const std::string& name : names)
        bins.push_back({name, {}});
    SummaryBin none{"no label", {}};
    for (const Sample& sample : samples)
        (sample.label < 0 ? none : bins[static_cast<size_t>(sample.label)]).samples.push_back(sample.id);
    for (SummaryBin& bin : bins)
        if (bin.samples.empty())
            summary.emptyClasses.push_back(bin.title);
        else
            summary.classes.push_back(std::move(bin));
    std::ranges::stable_sort(summary.classes, std::greater(),
                             [](const SummaryBin& bin) { return bin.samples.size(); });
    if (!summary.classes.empty())
        summary.imbalance = static_cast<double>(summary.classes.front().samples.size()) /
                            static_cast<double>(summary.classes.back().samples.size());
    if (!none.samples.empty() && !names.empty())
        summary.classes.push_back(std::move(none));
}

void addSplits(DatasetSummary& summary, const std::vector<Sample>& samples) {
    std::map<std::string, std::vector<SampleId>> bySplit;
    for (const Sample& sample : samples)
        bySplit[sample.split].push_back(sample.id);
    std::vector<SampleId> none = std::move(bySplit[""]);
    bySplit.erase("");
    if (bySplit.empty())
        return;
    for (auto& [name, ids] : bySplit)
        summary.splits.push_back({name, std::move(ids)});
    if (!none.empty())
        summary.splits.push_back({"no split", std::move(none)});
}

} // namespace

DatasetSummary summarize(const Workspace& workspace, DatasetId dataset, const std::string& split,
                         const RunContext& context) {
    const auto samples = workspace.samples(workspace.sampleIds(dataset, inSplit(split)), SampleDetail::Basic);
    if (samples.empty() && !split.empty())
        throw Error(ErrorCode::NotFound, fmt::format("Dataset '{}' has no samples in split '{}'",
                                                     workspace.dataset(dataset).name, split));
    DatasetSummary summary;
    summary.samples = samples.size();
    addClasses(summary, samples, workspace.classNames(dataset));
    addSplits(summary, samples);
    addSizes(summary, samples, readHeads(samples, context));
    return summary;
}

} // namespace diptych

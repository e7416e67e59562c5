// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/pair_import.h"

#include "core/base/file.h"
#include "core/datasets/image_finder.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// What may follow a name that is given without its extension.
constexpr std::array<const char*, 5> kExtensions = {"", ".png", ".jpg", ".jpeg", ".webp"};
/// Pairs whose images are looked for to find the folder; each counts once for every extension.
constexpr size_t kPairsTried = 4;

fs::path findImage(ImageFinder& finder, const std::string& name) {
    for (const char* extension : kExtensions) {
        if (auto path = finder.find(name + extension); !path.empty())
            return path;
    }
    return {};
}

size_t imageCount(const PairRow& row) {
    return row.images[1].empty() ? 1 : 2;
}

} // namespace

PairImport::PairImport(fs::path source, const ImportOptions& options)
    : m_source(std::move(source)), m_options(options) {}

void PairImport::add(PairRow row) {
    if (row.id.empty())
        row.id = std::to_string(m_rows.size());
    const auto [known, fresh] = m_whereOfId.emplace(row.id, row.where);
    if (!fresh)
        m_problems.add("ids given twice", row.where,
                       fmt::format("id '{}' was given before ({}); left out", row.id, known->second));
    else
        m_rows.push_back(std::move(row));
}

fs::path PairImport::chooseRoot(const std::vector<std::string>& extraRoots) const {
    std::vector<std::string> names;
    const size_t step = std::max<size_t>(1, m_rows.size() / kPairsTried);
    for (size_t i = 0; i < m_rows.size() && i / step < kPairsTried; i += step) {
        for (const char* extension : kExtensions)
            names.push_back(m_rows[i].images[0] + extension);
    }
    return chooseImageRoot(m_source, m_options.imageRoot, names, extraRoots);
}

void PairImport::requireSamples(const DatasetIndex& index) const {
    const std::string source = displayPath(m_source);
    const std::string reason =
        m_problems.empty() ? std::string()
                           : fmt::format(" ({}: {})", m_problems.first().where, m_problems.first().reason);
    if (m_rows.empty())
        throw Error(ErrorCode::InvalidArgument, fmt::format("{} has no usable pairs{}", source, reason));
    if (index.samples.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format("None of the {} pairs that {} names has its images{}. Say in which folder they are",
                        m_rows.size(), source, reason));
}

DatasetIndex PairImport::finish(const std::vector<std::string>& extraRoots, const RunContext& context) {
    DatasetIndex index;
    index.root = chooseRoot(extraRoots);
    ImageFinder finder(index.root);
    KeySet keys;
    context.begin("Finding the images", static_cast<int64_t>(m_rows.size()));
    for (size_t i = 0; i < m_rows.size(); ++i) {
        if (i % 1000 == 0)
            context.throwIfCancelled();
        context.advance();
        PairRow& row = m_rows[i];
        const size_t count = imageCount(row);
        std::array<fs::path, 2> paths;
        size_t found = 0;
        for (size_t side = 0; side < count; ++side) {
            paths[side] = findImage(finder, row.images[side]);
            if (paths[side].empty())
                m_problems.add("images that do not exist", row.where,
                               fmt::format("{} does not exist; the pair is left out",
                                           displayPath((index.root / row.images[side]).lexically_normal())));
            else
                ++found;
        }
        if (found < count)
            continue;
        row.attributes["pair"] = row.id;
        for (size_t side = 0; side < count; ++side) {
            DatasetSample sample;
            sample.key = keys.unique(count == 2 ? fmt::format("{}/{}", row.id, side) : row.id);
            sample.image = paths[side];
            sample.captions = {row.captions[side]};
            sample.split = row.split;
            sample.attributes = row.attributes;
            if (count == 2)
                sample.attributes["side"] = side;
            else
                sample.attributes["wrong_captions"] = row.wrongCaptions;
            index.samples.push_back(std::move(sample));
        }
    }
    context.end();
    requireSamples(index);
    index.problems = m_problems.take(displayPath(m_source));
    return index;
}

} // namespace diptych

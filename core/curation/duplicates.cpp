// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curation/duplicates.h"

#include "core/base/parallel.h"
#include "core/curation/disjoint_sets.h"
#include "core/metrics/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

namespace diptych {
namespace {

constexpr size_t kBlockRows = 1024;
constexpr size_t kRowsPerTask = 128;
constexpr size_t kWaiting = size_t{1} << 22; ///< pairs held before the forest takes them in

bool moreSimilar(const SimilarPair& a, const SimilarPair& b) {
    if (a.similarity != b.similarity)
        return a.similarity > b.similarity;
    if (a.copy != b.copy) // of equal embeddings, what is known of the files says more
        return a.copy;
    return std::pair(a.first, a.second) < std::pair(b.first, b.second);
}

/// A maximum spanning forest of the pairs seen so far.
class Forest {
public:
    explicit Forest(size_t examples) : m_examples(examples) {}

    void add(std::span<const SimilarPair> pairs) {
        for (const SimilarPair& pair : pairs)
            if (mayMatter(pair))
                m_waiting.push_back(pair);
        if (m_waiting.size() >= kWaiting)
            takeIn();
    }
    std::vector<SimilarPair> finish() {
        takeIn();
        return std::move(m_links);
    }

private:
    /// What closes a circle of more similar links is of no use.
    bool mayMatter(const SimilarPair& pair) const {
        if (m_treeOf.empty() || m_treeOf[pair.first] != m_treeOf[pair.second])
            return true;
        return pair.similarity > m_weakest[m_treeOf[pair.first]];
    }

    void takeIn() {
        m_links.insert(m_links.end(), m_waiting.begin(), m_waiting.end());
        m_waiting.clear();
        std::ranges::sort(m_links, moreSimilar);
        DisjointSets sets(m_examples);
        size_t kept = 0;
        for (const SimilarPair& pair : m_links) {
            const uint32_t a = sets.find(pair.first), b = sets.find(pair.second);
            if (a == b)
                continue;
            sets.merge(a, b);
            m_links[kept++] = pair;
        }
        m_links.resize(kept);
        m_treeOf.resize(m_examples);
        m_weakest.assign(m_examples, std::numeric_limits<float>::infinity());
        for (uint32_t i = 0; i < m_examples; ++i)
            m_treeOf[i] = sets.find(i);
        for (const SimilarPair& pair : m_links)
            m_weakest[m_treeOf[pair.first]] = pair.similarity; // they fall
    }

    size_t m_examples;
    std::vector<SimilarPair> m_links, m_waiting;
    std::vector<uint32_t> m_treeOf; ///< of each example; empty before the first pairs are taken in
    std::vector<float> m_weakest;   ///< by tree: the similarity of its weakest link
};

Matrix blockOf(const Matrix& rows, size_t number) {
    const size_t first = number * kBlockRows, count = std::min(kBlockRows, rows.rows() - first);
    const auto values = rows.values().subspan(first * rows.cols(), count * rows.cols());
    return {count, rows.cols(), {values.begin(), values.end()}};
}

/// Pairs of one block with another (or itself) that reach the floor, a list for each task.
std::vector<std::vector<SimilarPair>> pairsBetween(const Matrix& a, size_t firstA, const Matrix& b,
                                                   size_t firstB, float floor, const RunContext& context) {
    const Matrix products = multiplyTransposed(a, b, context.threadCount());
    const size_t tasks = (products.rows() + kRowsPerTask - 1) / kRowsPerTask;
    std::vector<std::vector<SimilarPair>> found(tasks);
    parallelFor(tasks, context.threadCount(), [&](size_t task) {
        const size_t last = std::min(products.rows(), (task + 1) * kRowsPerTask);
        for (size_t i = task * kRowsPerTask; i < last; ++i) {
            const std::span<const float> row = products.row(i);
            for (size_t j = firstA == firstB ? i + 1 : 0; j < row.size(); ++j)
                if (row[j] >= floor)
                    found[task].push_back({static_cast<uint32_t>(firstA + i),
                                           static_cast<uint32_t>(firstB + j), std::min(row[j], 1.0F), false});
        }
    });
    return found;
}

/// One link from each example to the one before it with the same content.
std::vector<SimilarPair> copyLinks(std::span<const Hash128> contents) {
    std::unordered_map<Hash128, uint32_t> latest;
    std::vector<SimilarPair> links;
    for (uint32_t i = 0; i < contents.size(); ++i) {
        const auto [found, isNew] = latest.try_emplace(contents[i], i);
        if (isNew)
            continue;
        links.push_back({found->second, i, 1, true});
        found->second = i;
    }
    return links;
}

} // namespace

DuplicateLinks findCopies(std::span<const Hash128> contents) {
    DuplicateLinks out{contents.size(), 1, copyLinks(contents)};
    std::ranges::sort(out.links, moreSimilar);
    return out;
}

DuplicateLinks findDuplicateLinks(const Matrix& rows, std::span<const Hash128> contents, double floor,
                                  const RunContext& context) {
    if (!(floor > 0 && floor <= 1))
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The lowest similarity is {}; it must lie above 0 and not above 1", floor));
    if (!contents.empty())
        requireSameLength(rows.rows(), "rows", contents.size(), "contents");
    requireFinite(rows, "Features");
    Forest forest(rows.rows());
    forest.add(copyLinks(contents));
    const size_t blocks = (rows.rows() + kBlockRows - 1) / kBlockRows;
    context.begin("Comparing images", static_cast<int64_t>(blocks * (blocks + 1) / 2));
    for (size_t a = 0; a < blocks; ++a) {
        const Matrix blockA = blockOf(rows, a);
        for (size_t b = a; b < blocks; ++b) {
            context.throwIfCancelled();
            for (const auto& part : pairsBetween(blockA, a * kBlockRows, a == b ? blockA : blockOf(rows, b),
                                                 b * kBlockRows, static_cast<float>(floor), context))
                forest.add(part);
            context.advance();
        }
    }
    context.end();
    return {rows.rows(), floor, forest.finish()};
}

std::vector<DuplicateGroup> duplicateGroups(const DuplicateLinks& links, double threshold) {
    DisjointSets sets(links.examples);
    const auto reaches = [&](const SimilarPair& link) {
        return static_cast<double>(link.similarity) >= threshold;
    };
    for (const SimilarPair& link : links.links)
        if (reaches(link))
            sets.merge(sets.find(link.first), sets.find(link.second));
    std::map<uint32_t, DuplicateGroup> byRoot;
    for (uint32_t i = 0; i < links.examples; ++i)
        if (const uint32_t root = sets.find(i); sets.sizeOf(root) > 1) {
            DuplicateGroup& group = byRoot[root];
            group.members.push_back(i);
            group.similarity = 1;
            group.copies = true;
        }
    for (const SimilarPair& link : links.links)
        if (reaches(link)) {
            DuplicateGroup& group = byRoot[sets.find(link.first)];
            group.similarity = std::min(group.similarity, link.similarity);
            group.copies = group.copies && link.copy;
        }
    std::vector<DuplicateGroup> groups;
    for (auto& [root, group] : byRoot)
        groups.push_back(std::move(group));
    std::ranges::sort(groups, [](const DuplicateGroup& a, const DuplicateGroup& b) {
        if (a.similarity != b.similarity)
            return a.similarity > b.similarity;
        if (a.members.size() != b.members.size())
            return a.members.size() > b.members.size();
        return a.members.front() < b.members.front();
    });
    return groups;
}

namespace {

/// What the members of a set have: nothing, one value, or several.
class Values {
public:
    explicit Values(std::span<const int> of) : m_of(of.begin(), of.end()) {}
    bool mixed(uint32_t root) const { return !m_of.empty() && m_of[root] == kMixed; }
    void merge(uint32_t into, uint32_t other) {
        if (m_of.empty() || m_of[other] == -1 || m_of[into] == kMixed)
            return;
        m_of[into] = m_of[into] == -1 || m_of[into] == m_of[other] ? m_of[other] : kMixed;
    }

private:
    static constexpr int kMixed = -2;
    std::vector<int> m_of;
};

} // namespace

std::vector<DuplicateCounts> duplicateCounts(const DuplicateLinks& links, std::span<const int> splits,
                                             std::span<const int> labels,
                                             std::span<const double> thresholds) {
    DisjointSets sets(links.examples);
    Values split(splits), label(labels);
    DuplicateCounts counts;
    const auto count = [&](uint32_t root, size_t sign) { // sign: 1, or its negative, which wraps
        const size_t size = sets.sizeOf(root);
        if (size < 2)
            return;
        counts.groups += sign;
        counts.examples += sign * size;
        counts.acrossSplits += split.mixed(root) ? sign : 0;
        counts.examplesAcross += split.mixed(root) ? sign * size : 0;
        counts.labelsDiffer += label.mixed(root) ? sign : 0;
    };
    std::vector<DuplicateCounts> out;
    auto link = links.links.begin();
    for (const double threshold : thresholds) {
        for (; link != links.links.end() && static_cast<double>(link->similarity) >= threshold; ++link) {
            uint32_t a = sets.find(link->first), b = sets.find(link->second);
            count(a, size_t{} - 1);
            count(b, size_t{} - 1);
            const uint32_t root = sets.merge(a, b);
            const uint32_t other = root == a ? b : a;
            split.merge(root, other);
            label.merge(root, other);
            count(root, 1);
        }
        out.push_back(counts);
    }
    return out;
}

} // namespace diptych

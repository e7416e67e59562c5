// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/template_scores.h"

#include "core/base/parallel.h"
#include "core/tasks/task_support.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>

namespace diptych {
namespace {

constexpr size_t kNone = SIZE_MAX;
constexpr size_t kRowsPerBlock = 128;
/// What a sum of cosines may differ from the cosine of a sum, for sums that do not cancel out.
constexpr float kRounding = 1e-5f;

void addTo(Matrix& sums, const Matrix& added, float sign) {
    const auto from = added.values();
    const auto to = sums.values();
    for (size_t i = 0; i < from.size(); ++i)
        to[i] += sign * from[i];
}

std::vector<float> lengthsOf(const Matrix& rows) {
    std::vector<float> lengths(rows.rows());
    for (size_t i = 0; i < rows.rows(); ++i) {
        double sum = 0;
        for (const float value : rows.row(i))
            sum += double{value} * double{value};
        lengths[i] = static_cast<float>(std::sqrt(sum));
    }
    return lengths;
}

/// The largest of (base + sign * change) * scale in [first, last); change may be null.
float largest(const float* base, const float* change, float sign, const float* scale, size_t first,
              size_t last) {
    float best = -INFINITY;
    if (!change) {
        for (size_t j = first; j < last; ++j)
            best = std::max(best, base[j] * scale[j]);
        return best;
    }
    for (size_t j = first; j < last; ++j)
        best = std::max(best, (base[j] + sign * change[j]) * scale[j]);
    return best;
}

} // namespace

/// One ensemble of those counted together: the base with one template more (+1) or less (-1).
struct TemplateScores::Change {
    size_t index = kNone; ///< none: the base itself
    float sign = 0;
    std::vector<float> scale = {}; ///< by class: 1 / length of its sum
    float rounding = kRounding;
    size_t right = 0;
    std::vector<size_t> unsure = {}; ///< images within rounding errors of another answer
};

void TemplateScores::keepCosines(Kept& kept, const Kept* before, const RunContext& context) {
    const Matrix& embedding = *kept.embedding;
    const uint64_t bytes = m_images.rows() * embedding.rows() * sizeof(float);
    if (m_used + bytes > m_budget)
        return;
    m_used += bytes;
    std::vector<size_t> changed;
    const bool comparable = before && before->cosines && before->embedding->rows() == embedding.rows();
    for (size_t c = 0; c < embedding.rows(); ++c)
        if (!comparable || !std::ranges::equal(embedding.row(c), before->embedding->row(c)))
            changed.push_back(c);
    if (!comparable || changed.size() > embedding.rows() / 2) {
        kept.cosines =
            std::make_shared<const Matrix>(multiplyTransposed(m_images, embedding, context.threadCount()));
        return;
    }
    const auto cosines = std::make_shared<Matrix>(*before->cosines);
    Matrix rows(changed.size(), embedding.cols());
    for (size_t i = 0; i < changed.size(); ++i)
        std::ranges::copy(embedding.row(changed[i]), rows.row(i).begin());
    const Matrix columns = multiplyTransposed(m_images, rows, context.threadCount());
    for (size_t n = 0; n < m_images.rows(); ++n)
        for (size_t i = 0; i < changed.size(); ++i)
            (*cosines)(n, changed[i]) = columns(n, i);
    kept.cosines = cosines;
}

void TemplateScores::set(const std::vector<std::string>& names, std::vector<Matrix> embeddings, Matrix own,
                         bool ownEverywhere, ExactClasses exact, const RunContext& context) {
    std::unordered_map<std::string, Kept> before = std::move(m_before);
    for (size_t t = 0; t < m_templates.size(); ++t)
        before.insert_or_assign(m_names[t], std::move(m_templates[t]));
    m_templates.clear();
    m_names.clear();
    m_before = std::move(before); // kept whole should this be cancelled
    m_used = 0;
    std::vector<Kept> templates;
    for (size_t t = 0; t < names.size(); ++t) {
        context.throwIfCancelled();
        Kept kept{std::make_shared<const Matrix>(std::move(embeddings[t])), {}};
        const auto found = m_before.find(names[t]);
        const bool same = found != m_before.end() && found->second.cosines &&
                          found->second.embedding->rows() == kept.embedding->rows() &&
                          std::ranges::equal(found->second.embedding->values(), kept.embedding->values());
        if (same) {
            kept.cosines = found->second.cosines;
            m_used += kept.cosines->values().size() * sizeof(float);
        } else {
            keepCosines(kept, found == m_before.end() ? nullptr : &found->second, context);
        }
        templates.push_back(std::move(kept));
    }
    m_before.clear();
    m_templates = std::move(templates);
    m_names = names;
    m_own = std::move(own);
    m_ownEverywhere = ownEverywhere;
    m_exact = std::move(exact);
}

bool TemplateScores::isEmpty(const Ensemble& ensemble) const {
    const bool any = std::ranges::find(ensemble.used, uint8_t{1}) != ensemble.used.end();
    return !any && !(ensemble.own && m_ownEverywhere);
}

Matrix TemplateScores::sumOf(const Ensemble& ensemble) const {
    Matrix sums(m_own.rows(), m_own.cols());
    for (size_t t = 0; t < m_templates.size(); ++t)
        if (ensemble.used[t])
            addTo(sums, *m_templates[t].embedding, 1);
    if (ensemble.own)
        addTo(sums, m_own, 1);
    return sums;
}

void TemplateScores::countChunk(size_t first, const Matrix& images, const Matrix& sums,
                                std::vector<Change>& changes, const RunContext& context) {
    const Matrix base = multiplyTransposed(images, sums, context.threadCount());
    const size_t classes = sums.rows();
    for (Change& change : changes) {
        context.throwIfCancelled();
        Matrix computed;
        const float* cosines = nullptr;
        if (change.index != kNone) {
            const Kept& kept = m_templates[change.index];
            if (!kept.cosines)
                computed = multiplyTransposed(images, *kept.embedding, context.threadCount());
            cosines = kept.cosines ? kept.cosines->row(first).data() : computed.values().data();
        }
        std::mutex mutex;
        parallelFor((images.rows() + kRowsPerBlock - 1) / kRowsPerBlock, context.threadCount(),
                    [&](size_t block) {
                        size_t right = 0;
                        std::vector<size_t> unsure;
                        const size_t last = std::min(images.rows(), (block + 1) * kRowsPerBlock);
                        for (size_t i = block * kRowsPerBlock; i < last; ++i) {
                            const auto label = static_cast<size_t>(m_labels[first + i]);
                            const float* row = base.row(i).data();
                            const float* moved = cosines ? cosines + i * classes : nullptr;
                            const auto best = [&](size_t from, size_t to) {
                                return largest(row, moved, change.sign, change.scale.data(), from, to);
                            };
                            const float other = std::max(best(0, label), best(label + 1, classes));
                            const float margin = best(label, label + 1) - other;
                            if (std::abs(margin) <= change.rounding)
                                unsure.push_back(first + i);
                            else
                                right += margin > 0;
                        }
                        const std::lock_guard lock(mutex);
                        change.right += right;
                        change.unsure.insert(change.unsure.end(), unsure.begin(), unsure.end());
                    });
    }
}

size_t TemplateScores::countUnsure(const Ensemble& ensemble, const std::vector<size_t>& images,
                                   unsigned threads) const {
    if (images.empty())
        return 0;
    Matrix rows(images.size(), m_images.cols());
    for (size_t i = 0; i < images.size(); ++i)
        std::ranges::copy(m_images.row(images[i]), rows.row(i).begin());
    const Matrix cosines = multiplyTransposed(rows, m_exact(ensemble), threads);
    size_t right = 0;
    for (size_t i = 0; i < images.size(); ++i) {
        const auto row = cosines.row(i);
        right += std::ranges::max_element(row) - row.begin() == m_labels[images[i]];
    }
    return right;
}

std::vector<std::optional<size_t>>
TemplateScores::count(const Ensemble& base, const std::vector<Change>& wanted, const RunContext& context) {
    const Matrix sums = sumOf(base);
    const std::vector<float> baseLengths = lengthsOf(sums);
    std::vector<Change> changes;
    std::vector<Ensemble> ensembles;
    std::vector<size_t> at; // of each change in the answer
    std::vector<std::optional<size_t>> answer(wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
        Ensemble ensemble = base;
        Matrix moved = sums;
        if (wanted[i].index != kNone) {
            ensemble.used[wanted[i].index] = wanted[i].sign > 0;
            addTo(moved, *m_templates[wanted[i].index].embedding, wanted[i].sign);
        }
        if (isEmpty(ensemble))
            continue;
        Change& change = changes.emplace_back(wanted[i]);
        change.scale = lengthsOf(moved);
        for (size_t c = 0; c < change.scale.size(); ++c) {
            change.scale[c] = change.scale[c] > 0 ? 1 / change.scale[c] : 0;
            change.rounding = std::max(change.rounding, kRounding * (baseLengths[c] + 1) * change.scale[c]);
        }
        ensembles.push_back(std::move(ensemble));
        at.push_back(i);
    }
    for (size_t first = 0; first < m_images.rows() && !changes.empty(); first += kRowsPerChunk)
        countChunk(first, rowsOf(m_images, first, std::min(kRowsPerChunk, m_images.rows() - first)), sums,
                   changes, context);
    parallelFor(changes.size(), context.threadCount(), [&](size_t i) {
        answer[at[i]] = changes[i].right + countUnsure(ensembles[i], changes[i].unsure, 1);
    });
    return answer;
}

std::optional<size_t> TemplateScores::right(const Ensemble& ensemble, const RunContext& context) {
    return count(ensemble, {Change{}}, context).front();
}

std::vector<std::optional<size_t>> TemplateScores::rightAlone(const RunContext& context) {
    std::vector<Change> changes;
    for (size_t t = 0; t < m_templates.size(); ++t)
        changes.push_back({t, 1});
    return count({std::vector<uint8_t>(m_templates.size()), false}, changes, context);
}

std::vector<std::optional<size_t>> TemplateScores::rightWithOneChanged(const Ensemble& ensemble,
                                                                       std::span<const size_t> changed,
                                                                       const RunContext& context) {
    std::vector<Change> changes;
    for (const size_t t : changed)
        changes.push_back({t, ensemble.used[t] ? -1.0f : 1.0f});
    return count(ensemble, changes, context);
}

} // namespace diptych

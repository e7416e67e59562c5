// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

/// An ensemble: which of the templates, and whether with the classes' own prompts.
struct Ensemble {
    std::vector<uint8_t> used; ///< 1 = used, for each template
    bool own = true;
    friend bool operator==(const Ensemble&, const Ensemble&) = default;
};

/// What single templates bring to an ensemble. Every template has an embedding for each class: the sum over
/// the class's names of the filled-in texts' embeddings of length 1; the class's embedding is the sum over
/// templates and its own prompts, scaled to length 1. Sums of cosines replace the cosines of sums, so that
/// leaving one template out costs a subtraction; where that could decide otherwise than the class embeddings
/// themselves (a margin of rounding errors), those decide. So every count is the one that classMeans() and
/// scoreImages() give. Not thread-safe.
class TemplateScores {
public:
    /// The class embeddings of an ensemble as classMeans() has them: [classes, d].
    using ExactClasses = std::function<Matrix(const Ensemble&)>;

    /// @param images [n, d], rows of length 1; not owned @param labels [n], each a class; not owned
    /// @param budgetBytes what kept cosines may take; what does not fit is computed every time
    TemplateScores(const Matrix& images, std::span<const int> labels, uint64_t budgetBytes)
        : m_images(images), m_labels(labels), m_budget(budgetBytes) {}

    /// Brings the templates to these; what is as it was is not multiplied again, also class by class.
    /// @param names a different one for each, e.g. its text
    /// @param embeddings of each [classes, d], sums as above @param own [classes, d]: sums of the classes'
    /// own prompts
    /// @param ownEverywhere every class has a prompt of its own
    /// @throws Cancelled
    void set(const std::vector<std::string>& names, std::vector<Matrix> embeddings, Matrix own,
             bool ownEverywhere, ExactClasses exact, const RunContext& context);
    size_t count() const { return m_templates.size(); }

    /// Images that are right by the ensemble; nothing where a class is left without any prompt. @throws
    /// Cancelled
    std::optional<size_t> right(const Ensemble& ensemble, const RunContext& context);
    /// The same by each template alone.
    std::vector<std::optional<size_t>> rightAlone(const RunContext& context);
    /// The same with one of the templates in @p changed left out where the ensemble has it, added where not.
    std::vector<std::optional<size_t>>
    rightWithOneChanged(const Ensemble& ensemble, std::span<const size_t> changed, const RunContext& context);

private:
    struct Kept {
        std::shared_ptr<const Matrix> embedding;
        std::shared_ptr<const Matrix> cosines; ///< [n, classes]; null where there is no room
    };
    struct Change; // one template more or less
    bool isEmpty(const Ensemble& ensemble) const;
    std::vector<std::optional<size_t>> count(const Ensemble& base, const std::vector<Change>& changes,
                                             const RunContext& context);
    void countChunk(size_t first, const Matrix& images, const Matrix& sums, std::vector<Change>& changes,
                    const RunContext& context);
    size_t countUnsure(const Ensemble& ensemble, const std::vector<size_t>& images, unsigned threads) const;
    Matrix sumOf(const Ensemble& ensemble) const;
    void keepCosines(Kept& kept, const Kept* before, const RunContext& context);

    const Matrix& m_images;
    std::span<const int> m_labels;
    uint64_t m_budget, m_used = 0;
    std::vector<Kept> m_templates;
    std::vector<std::string> m_names;
    std::unordered_map<std::string, Kept> m_before; ///< templates of before that may come again
    Matrix m_own;
    bool m_ownEverywhere = false;
    ExactClasses m_exact;
};

} // namespace diptych

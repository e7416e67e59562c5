// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/prompt_workbench.h"

#include "core/datasets/split_names.h"
#include "core/metrics/bootstrap.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/task_support.h"
#include "core/tasks/zero_shot_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace diptych {
namespace {

/// What cosines of images and templates may take: 80 templates of 100 classes on 10,000 images are 320 MB.
constexpr uint64_t kCosineBytes = uint64_t{1} << 30;
/// Rows of texts kept beyond those in use, before those not in use are forgotten.
constexpr size_t kSpareTexts = 200'000;

constexpr size_t kOwn = SIZE_MAX;

/// A text of a class: which template it comes from (or its own prompts), and its row.
struct TextPart {
    size_t source, row;
};

void addRow(const std::vector<float>& rows, size_t index, std::span<float> sum) {
    const float* row = rows.data() + index * sum.size();
    std::transform(sum.begin(), sum.end(), row, sum.begin(), std::plus<>());
}

} // namespace

PromptSet usedOf(const PromptSet& prompts, const std::vector<uint8_t>& used) {
    PromptSet out = prompts;
    out.templates.clear();
    for (size_t t = 0; t < prompts.templates.size(); ++t)
        if (used[t])
            out.templates.push_back(prompts.templates[t]);
    return out;
}

PromptWorkbench::PromptWorkbench(WorkbenchImages images, Encode encode)
    : m_images(std::move(images)),
      m_encode(std::move(encode)),
      m_templates(m_images.rows, m_images.labels, kCosineBytes) {}

size_t PromptWorkbench::textsEncoded() const {
    const std::lock_guard lock(m_mutex);
    return m_encoded;
}

/// What was encoded before an error or a cancellation stays.
void PromptWorkbench::encodeMissing(const std::vector<std::string>& texts, const RunContext& context) {
    std::vector<std::string> missing;
    for (const std::string& text : texts)
        if (m_known.try_emplace(text, SIZE_MAX).second)
            missing.push_back(text);
    const size_t d = m_images.rows.cols();
    const auto forgetMissing = [&] {
        for (const std::string& text : missing)
            m_known.erase(text);
    };
    if (missing.empty())
        return;
    try {
        const Matrix rows = m_encode(missing, context);
        for (size_t i = 0; i < missing.size(); ++i)
            m_known[missing[i]] = m_texts.size() / d + i;
        m_texts.insert(m_texts.end(), rows.values().begin(), rows.values().end());
        m_encoded += missing.size();
    } catch (...) {
        forgetMissing();
        throw;
    }
    if (m_known.size() <= texts.size() + kSpareTexts)
        return;
    std::unordered_map<std::string, size_t> known;
    std::vector<float> kept;
    for (const std::string& text : texts)
        if (const auto [at, isNew] = known.try_emplace(text, kept.size() / d); isNew) {
            const float* row = m_texts.data() + m_known[text] * d;
            kept.insert(kept.end(), row, row + d);
        }
    m_known = std::move(known);
    m_texts = std::move(kept);
}

Matrix PromptWorkbench::rowsFor(const std::vector<std::string>& texts) const {
    Matrix rows(texts.size(), m_images.rows.cols());
    for (size_t i = 0; i < texts.size(); ++i)
        std::copy_n(m_texts.data() + m_known.at(texts[i]) * rows.cols(), rows.cols(), rows.row(i).begin());
    return rows;
}

PromptScore PromptWorkbench::score(const PromptSet& prompts, size_t resamples, const RunContext& context) {
    const std::lock_guard lock(m_mutex);
    context.throwIfCancelled(); // while it waited
    const auto start = std::chrono::steady_clock::now();
    PromptScore score;
    score.encoded = m_encoded;
    const ClassTexts texts = classTexts(m_images.classNames, prompts);
    encodeMissing(texts.texts, context);
    score.encoded = m_encoded - score.encoded;
    score.classes = classMeans(rowsFor(texts.texts), texts);
    ClassScores scores =
        scoreImages(m_images.rows, m_images.labels, score.classes, m_images.similarity, 1, context);
    const ClassificationResults results = scores.labelled();
    BootstrapOptions options;
    options.resamples = resamples;
    score.metrics = classificationMetrics(results, m_images.classNames.size(), options, true, context);
    score.right.assign(results.correct.begin(), results.correct.end());
    if (resamples > 0)
        score.metrics.front().interval = bootstrapMean(score.right, options, context);
    score.predictions = std::move(scores.predictions);
    score.classCount.resize(m_images.classNames.size());
    score.classRight.resize(m_images.classNames.size());
    for (size_t i = 0; i < m_images.labels.size(); ++i) {
        const auto label = static_cast<size_t>(m_images.labels[i]);
        ++score.classCount[label];
        score.classRight[label] += score.right[i] > 0;
    }
    score.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return score;
}

void PromptWorkbench::setTemplates(const PromptSet& prompts, const RunContext& context) {
    const size_t classes = m_images.classNames.size(), d = m_images.rows.cols();
    const ClassTexts texts = classTexts(m_images.classNames, prompts);
    encodeMissing(texts.texts, context);
    std::vector<Matrix> sums(prompts.templates.size(), Matrix(classes, d));
    Matrix own(classes, d);
    bool ownEverywhere = true;
    const auto parts = std::make_shared<std::vector<std::vector<TextPart>>>(classes);
    for (size_t c = 0; c < classes; ++c) {
        const size_t names = prompts.namesOf(m_images.classNames[c]).size();
        const size_t filled = names * prompts.templates.size(); // in the order of PromptSet::expand()
        for (size_t i = texts.starts[c]; i < texts.starts[c + 1]; ++i) {
            const size_t at = i - texts.starts[c];
            const TextPart part{at < filled ? at % prompts.templates.size() : kOwn,
                                m_known.at(texts.texts[i])};
            (*parts)[c].push_back(part);
            addRow(m_texts, part.row, (part.source == kOwn ? own : sums[part.source]).row(c));
        }
        ownEverywhere = ownEverywhere && texts.count(c) > filled;
    }
    std::vector<std::string> names;
    std::unordered_map<std::string, size_t> seen;
    for (const std::string& text : prompts.templates) // twice the same may be there
        names.push_back(fmt::format("{}\n{}", seen[text]++, text));
    const auto exact = [this, parts, d](const Ensemble& ensemble) {
        Matrix means(parts->size(), d); // text by text, as classMeans() adds them
        for (size_t c = 0; c < parts->size(); ++c)
            for (const TextPart& part : (*parts)[c])
                if (part.source == kOwn ? ensemble.own : ensemble.used[part.source] != 0)
                    addRow(m_texts, part.row, means.row(c));
        normalizeRows(means);
        return means;
    };
    m_templates.set(names, std::move(sums), std::move(own), ownEverywhere, exact, context);
}

std::vector<TemplateRow> PromptWorkbench::templates(const PromptSet& prompts,
                                                    const std::vector<uint8_t>& used,
                                                    const RunContext& context) {
    const std::lock_guard lock(m_mutex);
    context.throwIfCancelled();
    setTemplates(prompts, context);
    std::vector<size_t> all(prompts.templates.size());
    for (size_t t = 0; t < all.size(); ++t)
        all[t] = t;
    const auto alone = m_templates.rightAlone(context);
    const auto changed = m_templates.rightWithOneChanged({used, true}, all, context);
    const auto share = [&](const std::optional<size_t>& right) {
        return right ? std::optional(static_cast<double>(*right) / static_cast<double>(m_images.ids.size()))
                     : std::nullopt;
    };
    std::vector<TemplateRow> rows;
    for (const size_t t : all)
        rows.push_back({prompts.templates[t], used[t] != 0, share(alone[t]), share(changed[t])});
    return rows;
}

TemplateSelection PromptWorkbench::select(const PromptSet& prompts, size_t most, const RunContext& context) {
    const std::lock_guard lock(m_mutex);
    PromptSet alone = prompts;
    for (auto& [name, words] : alone.classes)
        words.prompts.clear();
    setTemplates(alone, context);
    Ensemble ensemble{std::vector<uint8_t>(prompts.templates.size()), false};
    TemplateSelection selection;
    size_t best = 0;
    const size_t count = std::min(most, prompts.templates.size());
    context.begin("Choosing templates", count);
    for (size_t step = 0; step < count; ++step) {
        std::vector<size_t> candidates;
        for (size_t t = 0; t < ensemble.used.size(); ++t)
            if (!ensemble.used[t])
                candidates.push_back(t);
        const auto right = m_templates.rightWithOneChanged(ensemble, candidates, context);
        const auto found = std::ranges::max_element(right); // the first of equal ones
        const size_t chosen = candidates[static_cast<size_t>(found - right.begin())];
        ensemble.used[chosen] = 1;
        selection.steps.push_back(
            {chosen, static_cast<double>(**found) / static_cast<double>(m_images.ids.size())});
        if (**found > best) {
            best = **found;
            selection.best = selection.steps.size();
        }
        context.advance(1);
    }
    context.end();
    selection.best = std::max<size_t>(selection.best, selection.steps.empty() ? 0 : 1);
    return selection;
}

PromptChange changeFrom(const WorkbenchImages& images, const PromptScore& now, const PromptScore& reference,
                        size_t resamples, const RunContext& context) {
    PromptChange change;
    BootstrapOptions options;
    options.resamples = resamples;
    change.difference = pairedBootstrap(now.right, reference.right, options, context);
    change.classMoved.resize(images.classNames.size());
    for (size_t i = 0; i < images.ids.size(); ++i) {
        const int moved = static_cast<int>(now.right[i]) - static_cast<int>(reference.right[i]);
        if (moved == 0)
            continue;
        (moved > 0 ? change.gained : change.lost).push_back(images.ids[i]);
        change.classMoved[static_cast<size_t>(images.labels[i])] += moved;
    }
    change.mcNemar = mcNemar(change.gained.size(), change.lost.size());
    return change;
}

std::vector<CloseNames> closeNames(const WorkbenchImages& images, const PromptScore& score, double least,
                                   size_t most, const RunContext& context) {
    const Matrix cosines = multiplyTransposed(score.classes, score.classes, context.threadCount());
    std::vector<CloseNames> pairs;
    const auto isCloser = [](const CloseNames& a, const CloseNames& b) {
        return a.cosine != b.cosine ? a.cosine > b.cosine
                                    : std::pair(a.first, a.second) < std::pair(b.first, b.second);
    };
    for (size_t i = 0; i < cosines.rows(); ++i)
        for (size_t j = i + 1; j < cosines.cols(); ++j)
            if (double{cosines(i, j)} >= least)
                pairs.push_back({static_cast<int>(i), static_cast<int>(j), double{cosines(i, j)}});
    std::ranges::sort(pairs, isCloser);
    pairs.resize(std::min(pairs.size(), most));
    std::map<std::pair<int, int>, size_t> taken;
    for (size_t i = 0; i < images.labels.size(); ++i)
        if (score.predictions[i] != images.labels[i])
            ++taken[{images.labels[i], score.predictions[i]}];
    for (CloseNames& pair : pairs) {
        pair.firstAsSecond = taken[{pair.first, pair.second}];
        pair.secondAsFirst = taken[{pair.second, pair.first}];
    }
    return pairs;
}

std::string selectionCaution(const std::string& chosenOn, const std::string& judgedOn) {
    if (chosenOn == judgedOn || chosenOn.empty() || judgedOn.empty())
        return "Chosen and judged on the same images: the number is optimistic, since the templates were "
               "picked "
               "for these. Choose on another split to have an honest one.";
    if (splitPart(chosenOn) == SplitPart::Test)
        return fmt::format(
            "Chosen on '{}', a test split: any number on it is optimistic from now on, since the "
            "templates were picked for it.",
            chosenOn);
    return "";
}

} // namespace diptych

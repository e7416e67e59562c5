// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/pair_matching.h"

#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/store/output_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace {

/// So many pairs, or those of one sample, are matched and kept at once.
constexpr size_t kPairsPerBatch = 64;

/// Of the matches of a model: they depend on the keys of images and of texts.
std::string matchSpaceKey(const Model& model) {
    Hasher hasher;
    hasher.addField(model.info().family).addField(model.info().fingerprint);
    hasher.addField(model.imageKey()).addField(model.textKey());
    hasher.addField(precisionName(model.compute().precision)).addField("match");
    return hasher.finish().hex();
}

/// One item of the cache: a content with a text.
Hash128 pairHash(const Hash128& content, const std::string& text) {
    return Hasher().add(std::as_bytes(std::span(content.bytes))).addField(text).finish();
}

std::string packLogits(std::span<const float> logits) {
    return {reinterpret_cast<const char*>(logits.data()), logits.size_bytes()};
}

/// The pairs of one sample.
struct SamplePairs {
    PendingImage image;
    std::span<const std::string> texts;
    std::vector<Hash128> items;                       ///< by text
    std::vector<std::optional<std::string>> values{}; ///< by text, as the cache has them
    std::vector<size_t> missing{};                    ///< texts without a value
    std::optional<std::string> failure{};
    bool transparent = false;
};

/// The sample as the model takes it; why not, where it cannot be.
Result<Prepared> prepareSample(const SampleFiles& files, const Model& model, bool& transparent,
                               const RunContext& context) {
    const std::filesystem::path& path = files.path;
    const int frames = model.info().frames;
    const bool clip = files.isClip();
    if (clip != (frames > 1))
        return failure(ErrorCode::Unsupported,
                       clip ? fmt::format("{} is a clip; {} matches single pictures with texts",
                                          displayPath(path), model.info().name)
                            : fmt::format("{} is a picture; {} takes clips of {} frames", displayPath(path),
                                          model.info().name, frames));
    if (clip)
        return model.prepare(framesOfClip(files, static_cast<size_t>(frames), context));
    Prepared sample;
    const auto done = withDecodedImage(path, [&](const Image& image) {
        sample = model.prepare({&image, 1});
        transparent = hasTransparency(image);
    });
    if (!done)
        return tl::unexpected<Error>(done.error());
    return sample;
}

class PairMatching {
public:
    PairMatching(Workspace& workspace, Model& model, const Findings& findings)
        : m_workspace(workspace), m_model(model), m_findings(findings), m_space(matchSpaceKey(model)) {}

    void addSamples(std::vector<PendingImage> pending, std::span<const std::vector<std::string>> texts,
                    const RunContext& context);
    size_t missing() const { return m_missing; }
    void matchMissing(const RunContext& context);
    PairMatches take() const;

private:
    void look(SamplePairs& pairs);
    void matchBatch(std::span<SamplePairs* const> batch, const RunContext& context);

    Workspace& m_workspace;
    Model& m_model;
    const Findings& m_findings;
    const std::string m_space;
    std::vector<SamplePairs> m_samples;
    std::unordered_set<Hash128> m_asked;                 ///< items that are missing: none is computed twice
    std::unordered_map<Hash128, std::string> m_failures; ///< by content
    size_t m_pairs = 0, m_missing = 0;
};

void PairMatching::look(SamplePairs& pairs) {
    for (const std::string& text : pairs.texts)
        pairs.items.push_back(pairHash(*pairs.image.hash, text));
    pairs.values = m_workspace.outputs().find(m_space, pairs.items);
    for (size_t i = 0; i < pairs.items.size(); ++i)
        if (!pairs.values[i] && m_asked.insert(pairs.items[i]).second)
            pairs.missing.push_back(i);
    m_pairs += pairs.items.size();
    m_missing += pairs.missing.size();
}

void PairMatching::addSamples(std::vector<PendingImage> pending,
                              std::span<const std::vector<std::string>> texts, const RunContext& context) {
    std::vector<FileHash> fresh;
    for (size_t i = 0; i < pending.size(); ++i) {
        context.throwIfCancelled();
        SamplePairs& pairs = m_samples.emplace_back(SamplePairs{std::move(pending[i]), texts[i], {}});
        if (!pairs.image.hash) {
            const auto hash = readContent(pairs.image.files, fresh);
            if (!hash) {
                pairs.failure = hash.error().what();
                continue;
            }
            pairs.image.hash = *hash;
        }
        look(pairs);
    }
    m_findings.hashes(fresh);
}

void PairMatching::matchBatch(std::span<SamplePairs* const> batch, const RunContext& context) {
    std::vector<Prepared> prepared(batch.size());
    parallelFor(
        batch.size(), context.threadCount(),
        [&](size_t i) {
            try {
                if (auto sample =
                        prepareSample(batch[i]->image.files, m_model, batch[i]->transparent, context))
                    prepared[i] = std::move(*sample);
                else
                    batch[i]->failure = sample.error().what();
            } catch (const Error& error) { // of a clip
                batch[i]->failure = error.what();
            }
        },
        context.stop);
    context.throwIfCancelled();
    std::vector<Hash128> transparent;
    for (const SamplePairs* sample : batch) {
        if (sample->failure)
            m_failures.emplace(*sample->image.hash, *sample->failure);
        if (sample->transparent)
            transparent.push_back(*sample->image.hash);
    }
    if (!transparent.empty()) // before the matches, or a stop between the two would lose it
        m_findings.transparent(transparent);
    std::vector<Prepared> samples;
    std::vector<std::vector<std::string>> texts;
    std::vector<const SamplePairs*> owners;
    for (size_t i = 0; i < batch.size(); ++i) {
        if (batch[i]->failure)
            continue;
        samples.push_back(std::move(prepared[i]));
        owners.push_back(batch[i]);
        std::vector<std::string>& own = texts.emplace_back();
        for (const size_t text : batch[i]->missing)
            own.push_back(batch[i]->texts[text]);
    }
    const std::vector<TextMatches> matches = m_model.matcher()->match(samples, texts);
    std::vector<Hash128> items;
    std::vector<std::string> values;
    for (size_t i = 0; i < owners.size(); ++i)
        for (size_t j = 0; j < owners[i]->missing.size(); ++j) {
            items.push_back(owners[i]->items[owners[i]->missing[j]]);
            values.push_back(packLogits(matches[i].logits.row(j)));
        }
    m_workspace.outputs().append(m_space, items, values);
}

void PairMatching::matchMissing(const RunContext& context) {
    context.begin("Loading the model", 0);
    m_model.load();
    m_workspace.embeddings().describe(
        m_space,
        {m_model.info().name, std::string(precisionName(m_model.compute().precision)), "image-text matches"});
    context.begin("Matching images and texts", static_cast<int64_t>(m_pairs),
                  static_cast<int64_t>(m_pairs - m_missing));
    std::vector<SamplePairs*> batch;
    size_t pairs = 0;
    const auto flush = [&] {
        context.throwIfCancelled();
        if (!batch.empty())
            matchBatch(batch, context);
        context.advance(static_cast<int64_t>(pairs));
        batch.clear();
        pairs = 0;
    };
    for (SamplePairs& sample : m_samples) {
        if (sample.missing.empty())
            continue;
        if (pairs + sample.missing.size() > kPairsPerBatch)
            flush();
        batch.push_back(&sample);
        pairs += sample.missing.size();
    }
    flush();
    context.end();
    const auto hasValue = [](const std::optional<std::string>& value) { return value.has_value(); };
    // Another sample of the same content may have had the pairs matched, or failed.
    for (SamplePairs& sample : m_samples) {
        if (sample.failure || std::ranges::all_of(sample.values, hasValue))
            continue;
        if (const auto failed = m_failures.find(*sample.image.hash); failed != m_failures.end())
            sample.failure = failed->second;
        else
            sample.values = m_workspace.outputs().find(m_space, sample.items);
    }
}

PairMatches PairMatching::take() const {
    const auto width = static_cast<size_t>(m_model.matcher()->logitsPerPair());
    PairMatches out;
    for (const SamplePairs& sample : m_samples) {
        if (sample.failure) {
            out.failures.push_back({sample.image.sample, *sample.failure});
            continue;
        }
        std::vector<double> scores;
        for (const std::optional<std::string>& value : sample.values) {
            std::vector<float> logits(width);
            if (!value || value->size() != width * sizeof(float))
                throw Error(ErrorCode::Corrupt,
                            fmt::format("The kept matches of {} are damaged; empty the cache (diptych cache "
                                        "clear) and run again",
                                        m_model.info().name));
            std::memcpy(logits.data(), value->data(), value->size());
            scores.push_back(matchScore(logits));
        }
        out.ids.push_back(sample.image.sample);
        out.positions.push_back(sample.image.position);
        out.contents.push_back(*sample.image.hash);
        out.scores.push_back(std::move(scores));
    }
    return out;
}

} // namespace

PairMatches matchPairs(Workspace& workspace, Model& model, std::vector<PendingImage> pending,
                       std::span<const std::vector<std::string>> texts, bool mayCompute,
                       const Findings& findings, const RunContext& context) {
    PairMatching matching(workspace, model, findings);
    matching.addSamples(std::move(pending), texts, context);
    if (matching.missing() > 0 && !mayCompute)
        throw Error(ErrorCode::NotFound, fmt::format("{} pairs of images and texts have not been matched "
                                                     "with this model yet",
                                                     matching.missing()));
    if (matching.missing() > 0)
        matching.matchMissing(context);
    return matching.take();
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe_trainer.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/text/added_tokens.h"
#include "core/text/byte_alphabet.h"
#include "core/text/clip_words.h"
#include "core/text/unicode.h"

#include <queue>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace diptych {
namespace {

constexpr const char* kEndOfWord = "</w>";
constexpr const char* kBegin = "<|startoftext|>";
constexpr const char* kEnd = "<|endoftext|>";
constexpr size_t kByteTokens = 512, kSpecialTokens = 2;
/// A word that long is no word; learning from it would cost quadratic time and teach nothing.
constexpr size_t kMaxWordBytes = 512;
constexpr size_t kTextsBetweenChecks = 1024;

using Pair = uint64_t;
constexpr Pair makePair(uint32_t first, uint32_t second) {
    return (static_cast<uint64_t>(first) << 32) | second;
}
constexpr uint32_t firstOf(Pair pair) {
    return static_cast<uint32_t>(pair >> 32);
}
constexpr uint32_t secondOf(Pair pair) {
    return static_cast<uint32_t>(pair);
}

std::unordered_map<std::string, int64_t> countWords(std::span<const std::string> texts,
                                                    const RunContext& context) {
    AddedTokenSplitter splitter;
    for (const char* special : {kBegin, kEnd})
        splitter.add({.content = special, .id = 0});
    std::unordered_map<std::string, int64_t> counts;
    for (size_t i = 0; i < texts.size(); ++i) {
        if (i % kTextsBetweenChecks == 0)
            context.throwIfCancelled();
        for (const auto& piece : splitter.split(texts[i])) {
            if (piece.id >= 0)
                continue;
            forEachClipWord(toLower(toNfc(decodeUtf8(piece.text))), true, [&](std::u32string_view word) {
                std::string bytes = encodeUtf8(word);
                if (bytes.size() <= kMaxWordBytes)
                    ++counts[std::move(bytes)];
                return true;
            });
        }
    }
    return counts;
}

/// Counts of neighbouring symbols, kept up to date while the most frequent pair is merged again and again.
class Trainer {
public:
    explicit Trainer(const std::unordered_map<std::string, int64_t>& counts);

    /// Merges until there are @p vocabularySize tokens (specials left out) or no pair occurs twice.
    void run(size_t vocabularySize, const RunContext& context);

    const std::vector<std::string>& tokens() const { return m_tokens; }
    const std::vector<Pair>& merges() const { return m_merges; }

private:
    struct Word {
        std::vector<uint32_t> symbols;
        int64_t count = 0;
    };
    struct PairState {
        int64_t count = 0;
        std::vector<uint32_t> words; ///< where the pair may occur; may name a word twice or in vain
    };
    struct Candidate {
        int64_t count = 0;
        Pair pair = 0;
    };

    void offer(Pair pair, const PairState& state);
    bool isWorse(const Candidate& a, const Candidate& b) const;
    uint32_t resultOf(Pair pair);
    void apply(Pair pair, uint32_t result);
    bool mergeInWord(Word& word, Pair pair, uint32_t result) const;

    std::vector<std::string> m_tokens;
    std::unordered_map<std::string, uint32_t> m_idOfToken;
    std::vector<Word> m_words;
    std::unordered_map<Pair, PairState> m_pairs;
    std::vector<Candidate> m_heap;
    std::vector<Pair> m_merges;
    std::unordered_set<Pair> m_merged;
};

Trainer::Trainer(const std::unordered_map<std::string, int64_t>& counts) {
    std::vector<uint32_t> idOfByte(256);
    for (const unsigned char byte : byteOrder()) {
        idOfByte[byte] = static_cast<uint32_t>(m_tokens.size());
        m_tokens.push_back(byteToken(byte));
    }
    for (size_t i = 0; i < kByteTokens / 2; ++i)
        m_tokens.push_back(m_tokens[i] + kEndOfWord);
    for (size_t i = 0; i < m_tokens.size(); ++i)
        m_idOfToken.emplace(m_tokens[i], static_cast<uint32_t>(i));
    for (const auto& [bytes, count] : counts) {
        Word word;
        word.count = count;
        for (const char byte : bytes)
            word.symbols.push_back(idOfByte[static_cast<unsigned char>(byte)]);
        word.symbols.back() += kByteTokens / 2;
        m_words.push_back(std::move(word));
    }
    for (size_t i = 0; i < m_words.size(); ++i) {
        const Word& word = m_words[i];
        for (size_t k = 0; k + 1 < word.symbols.size(); ++k) {
            PairState& state = m_pairs[makePair(word.symbols[k], word.symbols[k + 1])];
            state.count += word.count;
            state.words.push_back(static_cast<uint32_t>(i));
        }
    }
    for (const auto& [pair, state] : m_pairs)
        offer(pair, state);
}

bool Trainer::isWorse(const Candidate& a, const Candidate& b) const {
    if (a.count != b.count)
        return a.count < b.count;
    const int first = m_tokens[firstOf(a.pair)].compare(m_tokens[firstOf(b.pair)]);
    return first != 0 ? first > 0 : m_tokens[secondOf(a.pair)] > m_tokens[secondOf(b.pair)];
}

void Trainer::offer(Pair pair, const PairState& state) {
    if (state.count < 2)
        return;
    m_heap.push_back({state.count, pair});
    std::push_heap(m_heap.begin(), m_heap.end(),
                   [this](const auto& a, const auto& b) { return isWorse(a, b); });
}

/// The token a merge makes; two merges may make the same one ("a"+"bc", "ab"+"c").
uint32_t Trainer::resultOf(Pair pair) {
    std::string token = m_tokens[firstOf(pair)] + m_tokens[secondOf(pair)];
    const auto [entry, added] = m_idOfToken.emplace(token, static_cast<uint32_t>(m_tokens.size()));
    if (added)
        m_tokens.push_back(std::move(token));
    return entry->second;
}

bool Trainer::mergeInWord(Word& word, Pair pair, uint32_t result) const {
    auto& symbols = word.symbols;
    size_t out = 0;
    for (size_t i = 0; i < symbols.size(); ++i) {
        const bool here = i + 1 < symbols.size() && makePair(symbols[i], symbols[i + 1]) == pair;
        symbols[out++] = here ? result : symbols[i];
        i += here ? 1 : 0;
    }
    const bool changed = out != symbols.size();
    symbols.resize(out);
    return changed;
}

void Trainer::apply(Pair pair, uint32_t result) {
    const std::vector<uint32_t> words = std::move(m_pairs[pair].words);
    std::vector<Pair> grown;
    for (const uint32_t index : words) {
        Word& word = m_words[index];
        const std::vector<uint32_t> before = word.symbols;
        if (!mergeInWord(word, pair, result))
            continue;
        for (size_t k = 0; k + 1 < before.size(); ++k)
            m_pairs[makePair(before[k], before[k + 1])].count -= word.count;
        for (size_t k = 0; k + 1 < word.symbols.size(); ++k) {
            const Pair next = makePair(word.symbols[k], word.symbols[k + 1]);
            PairState& state = m_pairs[next];
            state.count += word.count;
            if (word.symbols[k] == result || word.symbols[k + 1] == result) {
                state.words.push_back(index);
                grown.push_back(next);
            }
        }
    }
    std::sort(grown.begin(), grown.end());
    grown.erase(std::unique(grown.begin(), grown.end()), grown.end());
    for (const Pair next : grown)
        offer(next, m_pairs[next]);
}

void Trainer::run(size_t vocabularySize, const RunContext& context) {
    const auto worse = [this](const auto& a, const auto& b) { return isWorse(a, b); };
    context.begin("Learning the vocabulary", static_cast<int64_t>(vocabularySize - m_tokens.size()));
    while (m_tokens.size() < vocabularySize && !m_heap.empty()) {
        context.throwIfCancelled();
        std::pop_heap(m_heap.begin(), m_heap.end(), worse);
        const Candidate best = m_heap.back();
        m_heap.pop_back();
        const auto state = m_pairs.find(best.pair);
        if (state->second.count < 2)
            continue;
        if (state->second.count != best.count) { // counted down since it was offered
            if (state->second.count < best.count)
                offer(best.pair, state->second);
            continue;
        }
        const size_t known = m_tokens.size();
        const uint32_t result = resultOf(best.pair);
        // A pair can come up again where a later merge makes one of its tokens another way; the encoder then
        // applies the rule it has.
        if (m_merged.insert(best.pair).second)
            m_merges.push_back(best.pair);
        apply(best.pair, result);
        context.advance(static_cast<int64_t>(m_tokens.size() - known));
    }
    context.end();
}

std::string vocabularyJson(const std::vector<std::string>& tokens) {
    std::string out = "{";
    for (size_t i = 0; i < tokens.size(); ++i)
        out += fmt::format("{}{}:{}", i == 0 ? "" : ",", Json(tokens[i]).dump(), i);
    return out + "}\n";
}

void writeFiles(const std::filesystem::path& directory, const Trainer& trainer) {
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure)
        throw errnoError(failure.value(), "Cannot make the folder", displayPath(directory));
    std::vector<std::string> tokens = trainer.tokens();
    std::string merges = "#version: 0.2\n";
    for (const Pair pair : trainer.merges())
        merges += tokens[firstOf(pair)] + " " + tokens[secondOf(pair)] + "\n";
    tokens.insert(tokens.end(), {kBegin, kEnd});
    const OrderedJson special = {
        {"bos_token", kBegin}, {"eos_token", kEnd}, {"unk_token", kEnd}, {"pad_token", kEnd}};
    OrderedJson config = special;
    config["add_prefix_space"] = false;
    config["do_lower_case"] = true;
    config["errors"] = "replace";
    config["tokenizer_class"] = "CLIPTokenizer";
    writeFileAtomically(directory / "vocab.json", vocabularyJson(tokens));
    writeFileAtomically(directory / "merges.txt", merges);
    writeFileAtomically(directory / "special_tokens_map.json", special.dump(2) + "\n");
    writeFileAtomically(directory / "tokenizer_config.json", config.dump(2) + "\n");
}

} // namespace

void trainBpe(std::span<const std::string> texts, size_t vocabularySize,
              const std::filesystem::path& directory, const RunContext& context) {
    if (vocabularySize < kByteTokens + kSpecialTokens)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("A vocabulary of {} tokens is too small: {} byte tokens and {} special tokens are "
                        "always in it",
                        vocabularySize, kByteTokens, kSpecialTokens));
    Trainer trainer(countWords(texts, context));
    trainer.run(vocabularySize - kSpecialTokens, context);
    writeFiles(directory, trainer);
}

} // namespace diptych

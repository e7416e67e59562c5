// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/unicode.h"

#include "core/text/unicode_differences.h"
#include "core/text/unicode_sets.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <new>
#include <unordered_map>
#include <vector>

namespace diptych {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
// Hangul composes by arithmetic (Unicode Standard, section 3.12).
constexpr char32_t kHangulBase = 0xAC00, kLeadBase = 0x1100, kVowelBase = 0x1161, kTailBase = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr char32_t kHangulCount = kLeadCount * kVowelCount * kTailCount;

template<class Range, size_t N>
const Range* findRange(const Range (&ranges)[N], char32_t codePoint) {
    const Range* found =
        std::upper_bound(std::begin(ranges), std::end(ranges), codePoint,
                         [](char32_t value, const Range& range) { return value < range.first; });
    if (found == std::begin(ranges))
        return nullptr;
    --found;
    return codePoint <= found->last ? found : nullptr;
}

CharClass classOfCategory(utf8proc_category_t category) {
    switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return CharClass::Letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return CharClass::Number;
    default:
        return CharClass::Other;
    }
}

bool isSpace(char32_t c) {
    return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

CharClass classifyUncached(char32_t codePoint) {
    if (isSpace(codePoint))
        return CharClass::Space;
    if (const ClassRange* range = findRange(kClassDifferences, codePoint))
        return range->kind;
    return classOfCategory(utf8proc_category(static_cast<utf8proc_int32_t>(codePoint)));
}

int combiningClass(char32_t codePoint) {
    if (codePoint < 0x300)
        return 0;
    const int value = utf8proc_get_property(static_cast<utf8proc_int32_t>(codePoint))->combining_class;
    return value == 0 || findRange(kNotCombining, codePoint) ? 0 : value;
}

enum class Decomposition { Canonical, Compatibility };

bool staysWhole(char32_t codePoint, Decomposition kind) {
    if (kind == Decomposition::Canonical)
        return codePoint < 0xC0 || findRange(kNotDecomposed, codePoint);
    return codePoint < 0xA0 || findRange(kNotCompatibility, codePoint);
}

/// Full decomposition, not reordered.
void appendDecomposed(char32_t codePoint, std::u32string& out,
                      Decomposition kind = Decomposition::Canonical) {
    if (staysWhole(codePoint, kind)) {
        out.push_back(codePoint);
        return;
    }
    std::array<utf8proc_int32_t, 32> buffer; // the longest decompositions have 4 and 18
    int boundary = 0;
    const auto options = static_cast<utf8proc_option_t>(
        kind == Decomposition::Canonical ? UTF8PROC_DECOMPOSE : UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(codePoint), buffer.data(),
                                               buffer.size(), options, &boundary);
    if (count <= 0 || count > static_cast<utf8proc_ssize_t>(buffer.size())) {
        out.push_back(codePoint);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count; ++i)
        out.push_back(static_cast<char32_t>(buffer[static_cast<size_t>(i)]));
}

/// One code point that utf8proc composes @p parts to, or 0.
char32_t composedByLibrary(std::u32string_view parts) {
    std::vector<utf8proc_int32_t> buffer(parts.begin(), parts.end());
    buffer.push_back(0); // utf8proc writes a terminator
    const auto count =
        utf8proc_normalize_utf32(buffer.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                                 static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
    return count == 1 ? static_cast<char32_t>(buffer[0]) : 0;
}

constexpr uint64_t pairKey(char32_t first, char32_t second) {
    return (static_cast<uint64_t>(first) << 32) | second;
}

/// (first, second) -> primary composite, Hangul left out. utf8proc 2.8 has no call for one pair.
const std::unordered_map<uint64_t, char32_t>& compositions() {
    static const std::unordered_map<uint64_t, char32_t> table = [] {
        std::unordered_map<uint64_t, char32_t> out;
        std::u32string parts;
        for (char32_t c = 0xC0; c < 0x30000; ++c) {
            if (c >= kHangulBase && c < kHangulBase + kHangulCount)
                continue;
            parts.clear();
            appendDecomposed(c, parts);
            if (parts.size() < 2 || composedByLibrary(parts) != c)
                continue;
            const std::u32string_view head = std::u32string_view(parts).substr(0, parts.size() - 1);
            const char32_t first = head.size() == 1 ? head[0] : composedByLibrary(head);
            if (first != 0)
                out.emplace(pairKey(first, parts.back()), c);
        }
        return out;
    }();
    return table;
}

/// The composite of two characters, or 0.
char32_t compose(char32_t first, char32_t second) {
    if (first >= kLeadBase && first < kLeadBase + kLeadCount && second >= kVowelBase &&
        second < kVowelBase + kVowelCount)
        return kHangulBase + ((first - kLeadBase) * kVowelCount + (second - kVowelBase)) * kTailCount;
    if (first >= kHangulBase && first < kHangulBase + kHangulCount &&
        (first - kHangulBase) % kTailCount == 0 && second > kTailBase && second < kTailBase + kTailCount)
        return first + (second - kTailBase);
    const auto& table = compositions();
    const auto found = table.find(pairKey(first, second));
    return found == table.end() ? 0 : found->second;
}

void reorderMarks(std::u32string& text) {
    std::vector<std::pair<int, char32_t>> run;
    for (size_t i = 0; i < text.size();) {
        run.clear();
        for (int kind; i < text.size() && (kind = combiningClass(text[i])) != 0; ++i)
            run.emplace_back(kind, text[i]);
        if (run.size() > 1) {
            std::stable_sort(run.begin(), run.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            std::transform(run.begin(), run.end(), text.begin() + static_cast<ptrdiff_t>(i - run.size()),
                           [](const auto& mark) { return mark.second; });
        }
        if (run.empty())
            ++i;
    }
}

/// Canonical composition in place, of decomposed and reordered text.
void composeInPlace(std::u32string& text) {
    constexpr size_t kNone = SIZE_MAX;
    size_t starter = kNone, out = 0;
    int lastClass = 0; // of the last character kept after the starter; 0 = none kept
    for (size_t i = 0; i < text.size(); ++i) {
        const char32_t c = text[i];
        const int kind = combiningClass(c);
        const bool adjacent = starter != kNone && out == starter + 1;
        if (starter != kNone && (adjacent || (lastClass != 0 && lastClass < kind))) {
            if (const char32_t composite = compose(text[starter], c)) {
                text[starter] = composite;
                continue;
            }
        }
        if (kind == 0) {
            starter = out;
            lastClass = 0;
        } else {
            lastClass = kind;
        }
        text[out++] = c;
    }
    text.resize(out);
}

std::u32string decomposed(std::u32string_view text, Decomposition kind) {
    std::u32string out;
    out.reserve(text.size() + text.size() / 4);
    for (const char32_t c : text)
        appendDecomposed(c, out, kind);
    reorderMarks(out);
    return out;
}

/// Letters with case, as far as sigmas care.
bool isCased(char32_t codePoint) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(codePoint))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
        return true;
    default:
        return false;
    }
}

/// What does not end a word for a sigma: marks, formats, modifiers, apostrophes and dots inside.
bool isCaseIgnorable(char32_t codePoint) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(codePoint))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        return std::u32string_view(U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55"
                                   U"\uFF07\uFF0E\uFF1A")
                   .find(codePoint) != std::u32string_view::npos;
    }
}

bool endsWord(std::u32string_view text, size_t at) {
    size_t before = at, after = at + 1;
    while (before > 0 && isCaseIgnorable(text[before - 1]))
        --before;
    while (after < text.size() && isCaseIgnorable(text[after]))
        ++after;
    return before > 0 && isCased(text[before - 1]) && (after == text.size() || !isCased(text[after]));
}

} // namespace

std::u32string decodeUtf8(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        ++i;
        if (lead < 0x80) {
            out.push_back(lead);
            continue;
        }
        const size_t rest = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        // What the second byte may be excludes overlong forms, surrogates and what lies above U+10FFFF.
        unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        bool valid = lead >= 0xC2 && lead <= 0xF4;
        char32_t codePoint = lead & (0x3Fu >> rest);
        for (size_t k = 0; valid && k < rest; ++k) {
            const unsigned byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
            valid = byte >= low && byte <= high;
            if (valid) {
                codePoint = (codePoint << 6) | (byte & 0x3Fu);
                ++i;
            }
            low = 0x80;
            high = 0xBF;
        }
        out.push_back(valid ? codePoint : kReplacement);
    }
    return out;
}

size_t nextCharacter(std::string_view text, size_t at) {
    do
        ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    return at;
}

std::string encodeUtf8(std::u32string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char32_t c : text)
        appendUtf8(c, out);
    return out;
}

CharClass classify(char32_t codePoint) {
    static const std::array<CharClass, 0x3000> table = [] {
        std::array<CharClass, 0x3000> out{};
        for (char32_t c = 0; c < out.size(); ++c)
            out[c] = classifyUncached(c);
        return out;
    }();
    return codePoint < table.size() ? table[codePoint] : classifyUncached(codePoint);
}

bool isWordChar(char32_t codePoint) {
    if (classify(codePoint) == CharClass::Letter)
        return true;
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(codePoint))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return false;
    }
}

bool isPunctuation(char32_t codePoint) {
    return findRange(kPunctuation, codePoint);
}

bool isRemovedByCleaning(char32_t codePoint) {
    return findRange(kRemovedByCleaning, codePoint);
}

bool isNonspacingMark(char32_t codePoint) {
    return findRange(kNonspacingMarks, codePoint);
}

bool isCombiningMark(char32_t codePoint) {
    return findRange(kCombiningMarks, codePoint);
}

std::u32string toCurrentNfc(std::u32string_view text) {
    const std::string bytes = encodeUtf8(text);
    utf8proc_uint8_t* composed = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                                   static_cast<utf8proc_ssize_t>(bytes.size()), &composed,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0) // out of memory; encodeUtf8() gives nothing that it refuses
        throw std::bad_alloc();
    const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(composed, std::free);
    return decodeUtf8({reinterpret_cast<const char*>(composed), static_cast<size_t>(size)});
}

std::u32string toNfc(std::u32string text) {
    // Below U+0300 nothing combines and every composite is already composed.
    if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; }))
        return text;
    std::u32string out = decomposed(text, Decomposition::Canonical);
    composeInPlace(out);
    return out;
}

std::u32string toNfd(std::u32string_view text) {
    return decomposed(text, Decomposition::Canonical);
}

std::u32string toNfkc(std::u32string_view text) {
    std::u32string out = decomposed(text, Decomposition::Compatibility);
    composeInPlace(out);
    return out;
}

std::u32string toNfkd(std::u32string_view text) {
    return decomposed(text, Decomposition::Compatibility);
}

size_t graphemeLength(std::u32string_view text) {
    utf8proc_int32_t state = 0;
    size_t length = 1;
    while (length < text.size() &&
           !utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(text[length - 1]),
                                             static_cast<utf8proc_int32_t>(text[length]), &state))
        ++length;
    return length;
}

std::u32string toLower(std::u32string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (const char32_t c : text) {
        if (c < 0x80) {
            out.push_back(c >= 'A' && c <= 'Z' ? c + 32 : c);
        } else if (c == 0x130) {
            out.append(U"i\u0307");
        } else if (const LowerRange* range = findRange(kLowerDifferences, c)) {
            out.push_back(static_cast<char32_t>(static_cast<int64_t>(c) + range->offset));
        } else {
            out.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
        }
    }
    return out;
}

std::u32string toLowerText(std::u32string_view text) {
    constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;
    std::u32string out(text);
    for (size_t at = 0; at < text.size(); ++at)
        if (text[at] == kSigma && endsWord(text, at))
            out[at] = kFinalSigma;
    return toLower(out);
}

bool isPythonSpace(char32_t codePoint) {
    return isSpace(codePoint) || (codePoint >= 0x1C && codePoint <= 0x1F);
}

std::u32string singleSpaced(std::u32string_view text) {
    std::u32string out;
    for (const char32_t c : stripPythonSpaces(text, true, true))
        if (!isPythonSpace(c))
            out.push_back(c);
        else if (out.back() != U' ')
            out.push_back(U' ');
    return out;
}

std::u32string_view stripPythonSpaces(std::u32string_view text, bool left, bool right) {
    while (left && !text.empty() && isPythonSpace(text.front()))
        text.remove_prefix(1);
    while (right && !text.empty() && isPythonSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/file.h"
#include "core/base/json.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace diptych::test {

inline const std::filesystem::path kTokenizerFixtures = DIPTYCH_FIXTURES "/tokenizer";

inline std::vector<std::string> linesOf(const std::filesystem::path& path) {
    std::vector<std::string> out;
    std::istringstream in(readTextFile(path));
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

/// A file with one JSON string a line.
inline std::vector<std::string> jsonLinesOf(const std::filesystem::path& path) {
    std::vector<std::string> out = linesOf(path);
    for (std::string& line : out)
        line = parseJson(line, path.native()).get<std::string>();
    return out;
}

/// A file with one text's ids a line.
inline std::vector<std::vector<int64_t>> idLinesOf(const std::filesystem::path& path) {
    std::vector<std::vector<int64_t>> out;
    for (const std::string& line : linesOf(path)) {
        std::istringstream in(line);
        out.emplace_back();
        for (int64_t id; in >> id;)
            out.back().push_back(id);
    }
    return out;
}

/// A tokenizer.json as a checkpoint of CLIP has it, around a vocabulary, merges ("a b") and added tokens.
inline Json clipTokenizerJson(const Json& vocabulary, const Json& merges, const Json& addedTokens) {
    Json file = readJsonFile(kTokenizerFixtures / "clip_tokenizer.json");
    file["added_tokens"] = addedTokens;
    file["model"]["vocab"] = vocabulary;
    file["model"]["merges"] = merges;
    return file;
}

inline Json clipVocabulary() {
    return readJsonFile(kTokenizerFixtures / "clip-vit" / "vocab.json");
}

/// merges.txt as a list.
inline Json mergesOf(const std::filesystem::path& directory) {
    std::vector<std::string> merges = linesOf(directory / "merges.txt");
    merges.erase(merges.begin()); // "#version"
    return merges;
}

} // namespace diptych::test

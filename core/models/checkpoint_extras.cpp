// SPDX-License-Identifier: GPL-3.0-or-later
// What lies beside the weights: tokenizer, image preprocessing, licence.
#include "core/image/image_recipe.h"
#include "core/models/checkpoint.h"
#include "core/models/checkpoint_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxTextBytes = uint64_t{8} << 20;

std::string trimmed(std::string text) {
    const auto isSpace = [](char c) {
        return std::isspace(static_cast<unsigned char>(c)) || c == '"' || c == '\'';
    };
    while (!text.empty() && isSpace(text.back()))
        text.pop_back();
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), isSpace));
    return text;
}

/// The first lines of a text file; empty if it cannot be read: a licence line is not worth failing for.
std::vector<std::string> linesOf(const fs::path& path) {
    const auto bytes = readFile(path, kMaxTextBytes);
    std::vector<std::string> lines;
    if (!bytes)
        return lines;
    std::istringstream stream(toValidUtf8({reinterpret_cast<const char*>(bytes->data()), bytes->size()}));
    for (std::string line; lines.size() < 200 && std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

/// "license: mit" between the two "---" lines a model card begins with.
std::string frontMatterLicence(const std::vector<std::string>& lines) {
    if (lines.empty() || trimmed(lines[0]) != "---")
        return {};
    for (size_t i = 1; i < lines.size() && trimmed(lines[i]) != "---"; ++i)
        if (lines[i].starts_with("license:"))
            return trimmed(lines[i].substr(8));
    return {};
}

} // namespace

std::string Checkpoint::licence() const {
    if (std::string stated = frontMatterLicence(linesOf(m_directory / "README.md")); !stated.empty())
        return stated;
    for (const char* name : {"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"})
        for (const std::string& line : linesOf(m_directory / name))
            if (std::string text = trimmed(line); !text.empty())
                return text.substr(0, 200);
    return {};
}

std::shared_ptr<const Tokenizer> Checkpoint::tokenizer() const {
    return loadTokenizer(m_directory);
}

std::string Checkpoint::tokenizerFingerprint() const {
    return diptych::tokenizerFingerprint(m_directory);
}

namespace {

/// Where a checkpoint says how its pictures are prepared.
struct ImageConfig {
    Json config;
    std::string where; ///< for messages
    bool openClip = false;
};

ImageConfig imageConfig(const Checkpoint& checkpoint) {
    std::error_code error;
    const fs::path& directory = checkpoint.directory();
    if (checkpoint.config().contains("model_cfg")) // OpenCLIP's configuration holds its preprocessing
        return {checkpoint.config(), displayPath(checkpoint.configPath()), true};
    const fs::path own = directory / "preprocessor_config.json";
    if (fs::exists(own, error))
        return {readJsonFile(own, kMaxTextBytes), displayPath(own)};
    const fs::path combined = directory / "processor_config.json";
    if (fs::exists(combined, error)) {
        const Json config = readJsonFile(combined, kMaxTextBytes);
        const auto found = config.is_object() ? config.find("image_processor") : config.end();
        if (config.is_object() && found != config.end())
            return {*found, displayPath(combined) + ", image_processor"};
    }
    throw Error(
        ErrorCode::NotFound,
        fmt::format("{}: no preprocessor_config.json here, so how images are resized and normalised is not "
                    "known; copy it from the model's original folder",
                    displayPath(directory)));
}

/// What kind of tokenizer the files are for, by their own name for it; empty where they have none.
std::string tokenizerKind(const fs::path& directory) {
    std::error_code error;
    const fs::path config = directory / "tokenizer_config.json", whole = directory / "tokenizer.json";
    if (fs::exists(config, error)) {
        const Json json = readJsonFile(config, kMaxTextBytes);
        const auto found = json.is_object() ? json.find("tokenizer_class") : json.end();
        if (json.is_object() && found != json.end() && found->is_string())
            return found->get<std::string>();
    }
    return fs::exists(whole, error) ? "tokenizer.json" : "";
}

} // namespace

ImageProcessor Checkpoint::imageProcessor(OutputSizes sizes) const {
    const ImageConfig found = imageConfig(*this);
    return found.openClip ? ImageProcessor::fromOpenClipConfig(found.config, found.where)
                          : ImageProcessor::fromConfig(found.config, found.where, sizes);
}

Json imageFacts(const Checkpoint& checkpoint) {
    const ImageConfig found = imageConfig(checkpoint);
    return imageSteps(found.openClip ? readOpenClipRecipe(found.config, found.where)
                                     : readTransformersRecipe(found.config, found.where));
}

Json tokenizerFacts(const Checkpoint& checkpoint) {
    const bool openClip = checkpoint.config().contains("model_cfg");
    std::string kind = tokenizerKind(checkpoint.directory());
    if (kind.empty() && openClip)
        kind = "OpenCLIP's";
    return {{"kind", std::move(kind)}, {"hash", checkpoint.tokenizerFingerprint()}};
}

} // namespace diptych

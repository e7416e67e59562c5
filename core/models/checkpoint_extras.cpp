// SPDX-License-Identifier: GPL-3.0-or-later
// What lies beside the weights: tokenizer, image preprocessing, licence.
#include "core/models/checkpoint.h"

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

ImageProcessor Checkpoint::imageProcessor(OutputSizes sizes) const {
    std::error_code error;
    if (m_config.contains("model_cfg")) // OpenCLIP's configuration holds its preprocessing
        return ImageProcessor::fromOpenClipConfig(m_config, displayPath(configPath()));
    const fs::path own = m_directory / "preprocessor_config.json";
    if (fs::exists(own, error))
        return ImageProcessor::fromConfig(readJsonFile(own, kMaxTextBytes), displayPath(own), sizes);
    const fs::path combined = m_directory / "processor_config.json";
    if (fs::exists(combined, error)) {
        const Json config = readJsonFile(combined, kMaxTextBytes);
        const auto found = config.is_object() ? config.find("image_processor") : config.end();
        if (config.is_object() && found != config.end())
            return ImageProcessor::fromConfig(*found, displayPath(combined) + ", image_processor", sizes);
    }
    throw Error(
        ErrorCode::NotFound,
        fmt::format("{}: no preprocessor_config.json here, so how images are resized and normalised is not "
                    "known; copy it from the model's original folder",
                    displayPath(m_directory)));
}

} // namespace diptych

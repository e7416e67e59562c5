// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/image/image_processor.h"
#include "core/tensor/tensor_source.h"
#include "core/text/tokenizer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace diptych {

/// A checkpoint in Hugging Face layout: config.json, model.safetensors (or shards with
/// model.safetensors.index.json), tokenizer files, preprocessor_config.json; or in OpenCLIP's:
/// open_clip_config.json, open_clip_model.safetensors, tokenizer files. Accepts a plain folder, a
/// hub-cache folder (models--org--name, newest or "main" snapshot) or a snapshot inside one. Weights stay
/// mapped. Immutable.
class Checkpoint final : public TensorSource {
public:
    /// Reads config and tensor directory; checks shards against the index. Weights only in pickle form (.bin,
    /// .pt) are refused with why and how to convert. @throws Error naming file and tensor
    static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& directory);

    const std::filesystem::path& directory() const { return m_directory; }
    /// "org/name" for a hub cache, else the folder's name.
    const std::string& name() const { return m_name; }
    const Json& config() const { return m_config; }
    std::string modelType() const; ///< config.json's model_type, e.g. "clip"
    const TensorView* find(const std::string& tensorName) const override;
    std::vector<std::string> tensorNames() const override;
    std::filesystem::path fileOf(const std::string& tensorName) const override;
    /// config.json, or open_clip_config.json where a folder of OpenCLIP's has no other.
    std::filesystem::path configPath() const { return m_directory / m_configName; }
    uint64_t weightBytes() const;
    int64_t parameterCount() const; ///< elements of floating-point tensors
    std::string
    licence() const; ///< as README.md's front matter or a LICENSE file's first line states; empty if not
    /// Content hash of config and all tensor bytes' identity (names, shapes, dtypes, data). Cached by file
    /// size and modification time inside the process; reading weights once costs what reading the files
    /// costs.
    std::string fingerprint() const;

    std::shared_ptr<const Tokenizer> tokenizer() const; ///< @throws Error
    /// Content hash of the tokenizer's files; changes whenever the ids of a text could.
    std::string tokenizerFingerprint() const;
    /// From preprocessor_config.json, or processor_config.json as newer exporters write it. @throws Error
    ImageProcessor imageProcessor(OutputSizes sizes = OutputSizes::Fixed) const;

private:
    Checkpoint() = default;
    void openWeights();
    void openShards(const std::filesystem::path& index);

    std::string_view m_configName = "config.json";
    std::filesystem::path m_directory; ///< the snapshot itself where a hub-cache folder was given
    std::string m_name;
    Json m_config;
    std::filesystem::path m_weights; ///< model.safetensors, or the index of its shards
    std::vector<std::unique_ptr<SafetensorsFile>> m_files;
    std::map<std::string, const SafetensorsFile*> m_fileOfTensor;
};

} // namespace diptych

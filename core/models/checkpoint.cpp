// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/checkpoint.h"

#include "core/base/hash.h"
#include "core/base/mapped_memory.h"
#include "core/models/weight_hashes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxConfigBytes = uint64_t{16} << 20;
constexpr uint64_t kMaxIndexBytes = uint64_t{64} << 20;
constexpr std::string_view kHubPrefix = "models--";

std::vector<fs::path> filesIn(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        files.push_back(it->path());
    if (error)
        throw errnoError(error.value(), "Cannot list", displayPath(directory));
    std::sort(files.begin(), files.end());
    return files;
}

constexpr std::string_view kConfigName = "config.json";
constexpr std::string_view kOpenClipConfigName = "open_clip_config.json";

bool hasConfig(const fs::path& directory) {
    std::error_code error;
    return fs::exists(directory / kConfigName, error) || fs::exists(directory / kOpenClipConfigName, error);
}

bool isHubFolder(const fs::path& directory) {
    std::error_code error;
    return fs::is_directory(directory / "snapshots", error) && !hasConfig(directory);
}

/// Which of the two layouts a folder with both is read in: OpenCLIP's only where Hugging Face's has no
/// weights.
std::string_view configNameOf(const fs::path& directory) {
    std::error_code error;
    if (!fs::exists(directory / kOpenClipConfigName, error))
        return kConfigName;
    const bool complete = fs::exists(directory / kConfigName, error) &&
                          (fs::exists(directory / "model.safetensors", error) ||
                           fs::exists(directory / "model.safetensors.index.json", error));
    return complete ? kConfigName : kOpenClipConfigName;
}

/// "models--org--name" -> "org/name"
std::string hubName(const fs::path& directory) {
    const std::string folder = directory.filename().string();
    if (!folder.starts_with(kHubPrefix))
        return toValidUtf8(folder);
    const std::string name = folder.substr(kHubPrefix.size());
    const size_t at = name.find("--");
    return toValidUtf8(at == std::string::npos ? name : name.substr(0, at) + "/" + name.substr(at + 2));
}

/// The snapshot refs/main names, else the newest one that has a config.json.
fs::path hubSnapshot(const fs::path& directory) {
    std::error_code error;
    if (fs::is_regular_file(directory / "refs" / "main", error)) {
        std::string revision = readTextFile(directory / "refs" / "main", 4096);
        while (!revision.empty() && std::isspace(static_cast<unsigned char>(revision.back())))
            revision.pop_back();
        const bool plain = !revision.empty() && revision.find('/') == std::string::npos && revision != "..";
        if (plain && hasConfig(directory / "snapshots" / revision))
            return directory / "snapshots" / revision;
    }
    fs::path newest;
    fs::file_time_type newestTime;
    for (const fs::path& snapshot : filesIn(directory / "snapshots")) {
        if (!hasConfig(snapshot))
            continue;
        const auto time = fs::last_write_time(snapshot, error);
        if (newest.empty() || (!error && time > newestTime)) {
            newest = snapshot;
            newestTime = time;
        }
    }
    if (newest.empty())
        throw Error(ErrorCode::NotFound,
                    fmt::format("{}: none of its snapshots holds a config.json; download the model again",
                                displayPath(directory)));
    return newest;
}

std::string snapshotName(const fs::path& directory) {
    const fs::path snapshots = directory.parent_path();
    if (snapshots.filename() == "snapshots" &&
        snapshots.parent_path().filename().native().starts_with(kHubPrefix))
        return hubName(snapshots.parent_path());
    return toValidUtf8(directory.filename().string());
}

/// Weights in a form that is not read, the first of each kind found.
std::vector<std::string> unreadWeights(const std::vector<fs::path>& files) {
    std::vector<std::string> found;
    for (const fs::path& file : files)
        for (const char* ending : {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5", ".onnx"})
            if (file.extension() == ending && file.filename() != "training_args.bin")
                found.push_back(displayPath(file.filename()));
    return found;
}

[[noreturn]] void noWeights(const fs::path& directory) {
    const std::string where = displayPath(directory);
    const auto files = filesIn(directory);
    if (const auto unread = unreadWeights(files); !unread.empty())
        throw Error(
            ErrorCode::Unsupported,
            fmt::format("{}: the weights are there only as {}. Pickle files (.bin, .pt, .ckpt) can run any "
                        "code when they are loaded, so they are not read, and neither are .msgpack, .h5 and "
                        ".onnx. Convert once, where you trust the file: python -c \"from transformers import "
                        "AutoModel; AutoModel.from_pretrained('{}').save_pretrained('{}', "
                        "safe_serialization=True)\"",
                        where, fmt::join(unread, ", "), where, where));
    std::string others;
    for (const fs::path& file : files)
        if (file.extension() == ".safetensors")
            others += (others.empty() ? " (it has " : ", ") + displayPath(file.filename());
    throw Error(ErrorCode::NotFound,
                fmt::format("{}: no model.safetensors and no model.safetensors.index.json here{}", where,
                            others.empty() ? "" : others + ")"));
}

bool isPlainFileName(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

/// One file's part of a fingerprint: every tensor's name, dtype, shape and data.
Hash128 hashTensors(const SafetensorsFile& file) {
    Hasher hasher;
    for (const std::string& name : file.names()) {
        const TensorView& tensor = *file.find(name);
        hasher.addField(name).addField(dtypeName(tensor.dtype));
        hasher.addField(fmt::format("{}", fmt::join(tensor.shape, ",")));
        hasher.add(tensor.bytes);
        requireReadable(tensor.bytes, file.path());
    }
    return hasher.finish();
}

Hash128 cachedHash(const SafetensorsFile& file) {
    if (const auto known = rememberedWeightHash(file.path()))
        return *known;
    const Hash128 hash = hashTensors(file);
    rememberWeightHash(file.path(), hash);
    return hash;
}

} // namespace

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& given) {
    std::error_code error;
    // Absolute and without a trailing slash, so that the folder's name is a name.
    fs::path directory = fs::absolute(given, error).lexically_normal();
    if (directory.filename().empty())
        directory = directory.parent_path();
    if (!fs::exists(directory, error))
        throw Error(ErrorCode::NotFound, fmt::format("{}: there is no such folder", displayPath(given)));
    if (!fs::is_directory(directory, error))
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{}: a model is a folder (with config.json and model.safetensors), this is a file",
                        displayPath(given)));
    std::shared_ptr<Checkpoint> checkpoint(new Checkpoint());
    if (isHubFolder(directory)) {
        checkpoint->m_name = hubName(directory);
        directory = hubSnapshot(directory);
    } else {
        checkpoint->m_name = snapshotName(directory);
    }
    checkpoint->m_directory = directory;
    checkpoint->m_configName = configNameOf(directory);
    if (!fs::exists(checkpoint->configPath(), error))
        throw Error(
            ErrorCode::NotFound,
            fmt::format(
                "{}: no config.json here; choose the folder of a model in Hugging Face layout or OpenCLIP's",
                displayPath(directory)));
    checkpoint->m_config = readJsonFile(checkpoint->configPath(), kMaxConfigBytes);
    if (!checkpoint->m_config.is_object())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: should be a JSON object", displayPath(checkpoint->configPath())));
    checkpoint->openWeights();
    return checkpoint;
}

void Checkpoint::openWeights() {
    std::error_code error;
    m_weights = m_directory / "model.safetensors";
    if (m_configName == kOpenClipConfigName && fs::exists(m_directory / "open_clip_model.safetensors", error))
        m_weights = m_directory / "open_clip_model.safetensors";
    if (fs::exists(m_weights, error)) {
        m_files.push_back(std::make_unique<SafetensorsFile>(m_weights));
    } else {
        m_weights = m_directory / "model.safetensors.index.json";
        if (!fs::exists(m_weights, error))
            noWeights(m_directory);
        openShards(m_weights);
    }
    for (const auto& file : m_files)
        for (const std::string& name : file->names()) {
            const auto [at, added] = m_fileOfTensor.emplace(name, file.get());
            if (!added)
                throw Error(ErrorCode::Corrupt,
                            fmt::format("{}: tensor '{}' is in {} too", displayPath(file->path()),
                                        toValidUtf8(name), displayPath(at->second->path().filename())));
        }
}

void Checkpoint::openShards(const fs::path& index) {
    const std::string where = displayPath(index);
    const Json json = readJsonFile(index, kMaxIndexBytes);
    const auto map = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || map == json.end() || !map->is_object() || map->empty())
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{}: 'weight_map' should be an object that gives each tensor its file", where));
    std::map<std::string, SafetensorsFile*> shards;
    for (const auto& [tensor, file] : map->items()) {
        if (!file.is_string() || !isPlainFileName(file.get<std::string>()))
            throw Error(ErrorCode::Corrupt,
                        fmt::format("{}: tensor '{}' should name a file of the same folder", where,
                                    toValidUtf8(tensor)));
        const auto name = file.get<std::string>();
        if (!shards.contains(name)) {
            std::error_code error;
            if (!fs::exists(m_directory / name, error))
                throw Error(ErrorCode::NotFound,
                            fmt::format("{}: names the file {}, which is not there; the download "
                                        "is not complete",
                                        where, toValidUtf8(name)));
            m_files.push_back(std::make_unique<SafetensorsFile>(m_directory / name));
            shards[name] = m_files.back().get();
        }
        if (!shards[name]->find(tensor))
            throw Error(ErrorCode::Corrupt, fmt::format("{}: tensor '{}' should be in {}, where it is not",
                                                        where, toValidUtf8(tensor), toValidUtf8(name)));
    }
}

std::string Checkpoint::modelType() const {
    return jsonString(m_config, "model_type", std::string(), displayPath(configPath()));
}

const TensorView* Checkpoint::find(const std::string& tensorName) const {
    const auto found = m_fileOfTensor.find(tensorName);
    return found == m_fileOfTensor.end() ? nullptr : found->second->find(tensorName);
}

std::vector<std::string> Checkpoint::tensorNames() const {
    std::vector<std::string> names;
    for (const auto& [name, file] : m_fileOfTensor)
        names.push_back(name);
    return names;
}

fs::path Checkpoint::fileOf(const std::string& tensorName) const {
    const auto found = m_fileOfTensor.find(tensorName);
    return found == m_fileOfTensor.end() ? m_weights : found->second->path();
}

uint64_t Checkpoint::weightBytes() const {
    uint64_t bytes = 0;
    for (const auto& [name, file] : m_fileOfTensor)
        bytes += file->find(name)->bytes.size();
    return bytes;
}

int64_t Checkpoint::parameterCount() const {
    int64_t count = 0;
    for (const auto& [name, file] : m_fileOfTensor) {
        const TensorView& tensor = *file->find(name);
        if (tensor.dtype == DType::F64 || tensor.dtype == DType::F32 || tensor.dtype == DType::F16 ||
            tensor.dtype == DType::BF16)
            count += tensor.elementCount();
    }
    return count;
}

std::string Checkpoint::fingerprint() const {
    Hasher hasher;
    hasher.addField(m_config.dump(-1, ' ', true, Json::error_handler_t::replace));
    for (const auto& file : m_files)
        hasher.addField(cachedHash(*file).hex());
    return hasher.finish().hex();
}

} // namespace diptych

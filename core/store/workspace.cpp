// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/workspace.h"

#include "core/base/file.h"
#include "core/base/temporary_files.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDatabaseName = "workspace.sqlite";

fs::path workspaceFolder(const fs::path& path) {
    if (path.empty())
        throw Error(ErrorCode::InvalidArgument, "The workspace's folder has no name");
    return normalPath(path);
}

void makeDirectory(const fs::path& path) {
    std::error_code failed;
    fs::create_directories(path, failed);
    if (failed)
        throw errnoError(failed.value(), "Cannot make the folder", displayPath(path));
}

std::unique_ptr<WorkspaceLock> lockForWriting(const fs::path& directory, WorkspaceMode mode) {
    return mode == WorkspaceMode::ReadOnly ? nullptr : std::make_unique<WorkspaceLock>(directory);
}

} // namespace

fs::path normalPath(const fs::path& path) {
    std::error_code failed;
    fs::path full = fs::absolute(path, failed).lexically_normal();
    return !full.has_filename() && full.has_relative_path() ? full.parent_path() : full;
}

std::string utcNow() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text, length);
}

std::string canonicalJson(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string cleanName(const std::string& name, std::string_view what) {
    std::string clean = toValidUtf8(name);
    const auto first = clean.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        throw Error(ErrorCode::InvalidArgument, fmt::format("The name of {} is empty", what));
    clean = clean.substr(first, clean.find_last_not_of(" \t\r\n") - first + 1);
    if (clean.find('\0') != std::string::npos)
        throw Error(ErrorCode::InvalidArgument,
                    fmt::format("The name of {} has a NUL character in it", what));
    return clean;
}

Workspace::Impl::Impl(fs::path where, const WorkspaceOptions& options)
    : directory(std::move(where)),
      lock(lockForWriting(directory, options.mode)),
      connections(directory / kDatabaseName, options.mode == WorkspaceMode::ReadOnly, options.busyTimeoutMs,
                  [this] { checkInPlace(); }) {
    if (options.mode == WorkspaceMode::ReadWrite) {
        for (const char* part : {"embeddings", "reports"})
            makeDirectory(directory / part);
        std::error_code none;
        fs::remove(directory / "thumbnails", none); // earlier versions made it and left it empty
        sweepTemporaryFiles(directory / "reports");
    }
    embeddings = openEmbeddingStore(connections, directory / "embeddings");
}

void Workspace::Impl::checkInPlace() const {
    if (lock)
        lock->check();
    else if (!exists(directory))
        throw movedWorkspace(directory);
}

Workspace::Workspace(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Workspace::~Workspace() = default;

bool Workspace::exists(const fs::path& directory) {
    std::error_code failed;
    return fs::is_regular_file(directory / kDatabaseName, failed);
}

std::unique_ptr<Workspace> Workspace::create(const fs::path& directory, const WorkspaceOptions& options) {
    const auto full = workspaceFolder(directory);
    if (exists(full))
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} is a workspace already: open it, or choose another folder", displayPath(full)));
    std::error_code failed;
    // A killed creation may have left the lock file behind.
    for (fs::directory_iterator entry(full, failed), end; !failed && entry != end; entry.increment(failed)) {
        if (entry->path().filename() != "lock")
            throw Error(
                ErrorCode::InvalidArgument,
                fmt::format("{} has other files in it: choose an empty or a new folder for the workspace",
                            displayPath(full)));
    }
    makeDirectory(full);
    WorkspaceOptions writing = options;
    writing.mode = WorkspaceMode::ReadWrite;
    return std::unique_ptr<Workspace>(new Workspace(std::make_unique<Impl>(full, writing)));
}

std::unique_ptr<Workspace> Workspace::open(const fs::path& directory, const WorkspaceOptions& options) {
    const auto full = workspaceFolder(directory);
    if (!exists(full))
        throw Error(ErrorCode::NotFound, fmt::format("There is no workspace in {} (no {} there)",
                                                     displayPath(full), kDatabaseName));
    return std::unique_ptr<Workspace>(new Workspace(std::make_unique<Impl>(full, options)));
}

std::unique_ptr<Workspace> Workspace::openOrCreate(const fs::path& directory,
                                                   const WorkspaceOptions& options) {
    return exists(directory) || options.mode == WorkspaceMode::ReadOnly ? open(directory, options)
                                                                        : create(directory, options);
}

const fs::path& Workspace::path() const {
    return m_impl->directory;
}
bool Workspace::readOnly() const {
    return m_impl->connections.readOnly();
}
fs::path Workspace::reportsDirectory() const {
    return m_impl->directory / "reports";
}
EmbeddingStore& Workspace::embeddings() {
    return *m_impl->embeddings;
}
OutputStore& Workspace::outputs() {
    return m_impl->outputs;
}

std::vector<EmbeddingSpaceInfo> Workspace::cachedSpaces() const {
    auto all = m_impl->embeddings->spaces();
    std::ranges::move(m_impl->outputs.spaces(), std::back_inserter(all));
    return all;
}

void Workspace::removeCachedSpace(const std::string& key) {
    m_impl->embeddings->remove(key);
    m_impl->outputs.remove(key);
}

} // namespace diptych

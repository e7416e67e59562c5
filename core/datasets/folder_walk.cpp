// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/folder_walk.h"

#include "core/base/file.h"
#include "core/image/image.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace diptych {
namespace fs = std::filesystem;
namespace {

enum class EntryType { Folder, File, Other, Broken };

struct Entry {
    std::string name;
    EntryType type;
};

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryHandle = std::unique_ptr<DIR, CloseDirectory>;

bool passedOver(const char* name) {
    const std::string_view text(name);
    return text.empty() || text[0] == '.' || text == "__MACOSX" || text == "Thumbs.db" ||
           text == "desktop.ini";
}

EntryType typeOf(int directory, const dirent& entry) {
    if (entry.d_type == DT_DIR)
        return EntryType::Folder;
    if (entry.d_type == DT_REG)
        return EntryType::File;
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN)
        return EntryType::Other;
    struct stat status {};
    if (::fstatat(directory, entry.d_name, &status, 0) != 0)
        return EntryType::Broken;
    return S_ISDIR(status.st_mode)   ? EntryType::Folder
           : S_ISREG(status.st_mode) ? EntryType::File
                                     : EntryType::Other;
}

class Walk {
public:
    Walk(fs::path root, ProblemList& problems, const RunContext& context, int deepest)
        : m_root(std::move(root)), m_problems(problems), m_context(context), m_deepest(deepest) {}

    FolderContent run() {
        m_context.begin("Looking through the folder", 0);
        m_pending.push_back({"", 0});
        while (!m_pending.empty()) {
            m_context.throwIfCancelled();
            const auto [folder, depth] = std::move(m_pending.back());
            m_pending.pop_back();
            visit(folder, depth);
        }
        m_context.end();
        std::sort(m_content.images.begin(), m_content.images.end());
        return std::move(m_content);
    }

private:
    void visit(const std::string& folder, int depth);
    void take(const std::string& folder, const Entry& entry);
    std::string shown(const std::string& relative) const { return displayPath(m_root / relative); }

    const fs::path m_root;
    ProblemList& m_problems;
    const RunContext& m_context;
    const int m_deepest;
    FolderContent m_content;
    std::vector<std::pair<std::string, int>> m_pending; ///< folders ("a/b/"), last first
    std::map<std::pair<dev_t, ino_t>, std::string> m_seen;
};

void Walk::visit(const std::string& folder, int depth) {
    const int fd = ::open((m_root / folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    struct stat status {};
    DirectoryHandle directory(fd >= 0 && ::fstat(fd, &status) == 0 ? ::fdopendir(fd) : nullptr);
    if (!directory) {
        const Error error = errnoError(errno, "Cannot read the folder", shown(folder));
        if (fd >= 0)
            ::close(fd);
        if (folder.empty())
            throw error;
        m_problems.add("folders that cannot be read", shown(folder), error.what());
        return;
    }
    const auto [first, fresh] = m_seen.try_emplace({status.st_dev, status.st_ino}, folder);
    if (!fresh) {
        m_problems.add("links to folders seen already", shown(folder),
                       fmt::format("is the same folder as {}, reached by a symbolic link; left out",
                                   shown(first->second)));
        return;
    }
    std::vector<std::string> folders;
    errno = 0;
    while (const dirent* found = ::readdir(directory.get())) {
        if (passedOver(found->d_name))
            continue;
        Entry entry{found->d_name, typeOf(fd, *found)};
        if (entry.type == EntryType::Folder)
            folders.push_back(folder + entry.name + "/");
        else
            take(folder, entry);
        errno = 0;
    }
    if (errno != 0)
        m_problems.add("folders that cannot be read", shown(folder),
                       errnoError(errno, "Cannot read all of the folder", shown(folder)).what());
    if (depth >= m_deepest)
        return;
    std::sort(folders.rbegin(), folders.rend()); // the first name ends up on top
    for (auto& name : folders)
        m_pending.emplace_back(std::move(name), depth + 1);
}

void Walk::take(const std::string& folder, const Entry& entry) {
    const std::string relative = folder + entry.name;
    const fs::path name(entry.name);
    if (!hasImageExtension(name)) {
        const std::string extension = name.extension().native();
        if (extension == ".txt" && entry.type == EntryType::File)
            m_content.texts.insert(relative);
        else
            ++m_content.others[extension];
        return;
    }
    m_context.advance();
    if (entry.type == EntryType::File)
        m_content.images.push_back(relative);
    else if (entry.type == EntryType::Broken)
        m_problems.add("symbolic links to nothing", shown(relative),
                       "is a symbolic link to a file that is not there");
    else
        m_problems.add("special files", shown(relative), "is not a regular file");
}

} // namespace

FolderContent walkFolder(const fs::path& root, ProblemList& problems, const RunContext& context,
                         int deepest) {
    return Walk(root, problems, context, deepest).run();
}

void reportOthers(const FolderContent& content, const std::string& source, ProblemList& problems) {
    for (const auto& [extension, count] : content.others)
        problems.add(
            "kinds of files", source,
            fmt::format("{} {} {} left out: not an image this program reads", count,
                        count == 1 ? "file" : "files",
                        extension.empty() ? "without an extension" : "ending in " + toValidUtf8(extension)));
}

FolderGlance glanceAt(const fs::path& folder) {
    constexpr int64_t kMostEntries = 20000;
    FolderGlance glance;
    int64_t looked = 0;
    const auto look = [&](const fs::path& path, auto&& onFolder) {
        int64_t images = 0;
        DirectoryHandle directory(::opendir(path.c_str()));
        while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
            if (++looked > kMostEntries) {
                glance.truncated = true;
                break;
            }
            if (passedOver(entry->d_name))
                continue;
            const EntryType type = typeOf(::dirfd(directory.get()), *entry);
            if (type == EntryType::Folder)
                onFolder(entry->d_name);
            else if (type == EntryType::File && hasImageExtension(entry->d_name))
                ++images;
        }
        return images;
    };
    std::vector<std::string> folders;
    glance.images = look(folder, [&](const char* name) { folders.push_back(name); });
    std::sort(folders.begin(), folders.end());
    for (const auto& name : folders) {
        std::vector<std::string> inner;
        int64_t images = look(folder / name, [&](const char* deeper) { inner.push_back(deeper); });
        for (size_t i = 0; i < inner.size() && images == 0; ++i)
            images = look(folder / name / inner[i], [](const char*) {});
        if (images > 0)
            glance.foldersWithImages.push_back(name);
        if (glance.truncated)
            break;
    }
    return glance;
}

} // namespace diptych

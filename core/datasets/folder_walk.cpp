// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/folder_walk.h"

#include "core/base/file.h"
#include "core/image/image.h"
#include "core/video/media.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>
#include <utility>

namespace diptych {
namespace fs = std::filesystem;
namespace {

enum class EntryType { Folder, File, Other, Broken };

struct Entry {
    std::string name;
    EntryType type;
    bool isLink = false;
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

Entry typeOf(int directory, const dirent& entry) {
    if (entry.d_type == DT_DIR)
        return {entry.d_name, EntryType::Folder};
    if (entry.d_type == DT_REG)
        return {entry.d_name, EntryType::File};
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN)
        return {entry.d_name, EntryType::Other};
    struct stat status {};
    const bool isLink =
        entry.d_type == DT_LNK ||
        (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode));
    if (::fstatat(directory, entry.d_name, &status, 0) != 0)
        return {entry.d_name, EntryType::Broken, isLink};
    return {entry.d_name,
            S_ISDIR(status.st_mode)   ? EntryType::Folder
            : S_ISREG(status.st_mode) ? EntryType::File
                                      : EntryType::Other,
            isLink};
}

class Walk {
public:
    Walk(fs::path root, ProblemList& problems, const RunContext& context, int deepest)
        : m_root(std::move(root)), m_problems(problems), m_context(context), m_deepest(deepest) {}

    FolderContent run() {
        m_context.begin("Looking through the folder", 0);
        m_pending.push_back({"", 0});
        while (!m_pending.empty() || !m_links.empty()) {
            m_context.throwIfCancelled();
            // A folder belongs where it is itself, so all links wait until no folder is left.
            auto& queue = m_pending.empty() ? m_links : m_pending;
            const auto [folder, depth] = std::move(queue.front());
            queue.pop_front();
            visit(folder, depth);
        }
        m_context.end();
        if (m_content.images.empty())
            m_content.images = std::move(m_clips);
        else // photographs often lie beside a few clips, which would count as pictures unasked
            for (const std::string& clip : m_clips)
                ++m_content.others[fs::path(clip).extension().native()];
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
    std::vector<std::string> m_clips;
    std::deque<std::pair<std::string, int>> m_pending, m_links; ///< folders ("a/b/") and their depths
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
    std::vector<Entry> folders;
    errno = 0;
    while (const dirent* found = ::readdir(directory.get())) {
        if (passedOver(found->d_name))
            continue;
        Entry entry = typeOf(fd, *found);
        if (entry.type == EntryType::Folder)
            folders.push_back(std::move(entry));
        else
            take(folder, entry);
        errno = 0;
    }
    if (errno != 0)
        m_problems.add("folders that cannot be read", shown(folder),
                       errnoError(errno, "Cannot read all of the folder", shown(folder)).what());
    if (depth >= m_deepest)
        return;
    std::sort(folders.begin(), folders.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (const auto& entry : folders)
        (entry.isLink ? m_links : m_pending).emplace_back(folder + entry.name + "/", depth + 1);
}

void Walk::take(const std::string& folder, const Entry& entry) {
    const std::string relative = folder + entry.name;
    const fs::path name(entry.name);
    if (!hasImageExtension(name)) {
        const std::string extension = name.extension().native();
        if (extension == ".txt" && entry.type == EntryType::File)
            m_content.texts.insert(relative);
        else if (hasClipExtension(name) && entry.type == EntryType::File)
            m_clips.push_back(relative);
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
    static const std::set<std::string> kTables{".csv", ".tsv", ".json", ".jsonl"};
    for (const auto& [extension, count] : content.others)
        problems.add(
            "kinds of files", source,
            fmt::format("{} {} {} left out: {}{}", count, count == 1 ? "file" : "files",
                        extension.empty() ? "without an extension" : "ending in " + toValidUtf8(extension),
                        hasClipExtension("x" + extension)
                            ? "clips beside pictures; a folder of clips alone is a dataset of its own"
                            : "not an image this program reads",
                        kTables.contains(extension)
                            ? ". Where such a file holds labels or captions, import it instead of the folder"
                            : ""));
}

FolderTree treeOf(const std::vector<std::string>& images) {
    FolderTree root;
    FolderTree* last = &root;
    std::string lastFolder;
    for (const auto& image : images) {
        const auto end = image.rfind('/');
        const std::string folder = end == std::string::npos ? std::string() : image.substr(0, end + 1);
        if (folder != lastFolder) {
            last = &root;
            for (size_t at = 0; at < folder.size();) {
                const size_t slash = folder.find('/', at);
                last = &last->folders[folder.substr(at, slash - at)];
                at = slash + 1;
            }
            lastFolder = folder;
        }
        ++last->images;
    }
    return root;
}

namespace {

class Glance {
public:
    FolderTree look(const fs::path& folder, int depth);

private:
    static constexpr int kDeepest = 5;
    static constexpr int64_t kMostInRoot = 20'000, kMostInOne = 500, kMostEntries = 100'000,
                             kMostFolders = 4'000;
    /// Below the second level one image tells as much as a thousand.
    static constexpr int kDepthOfOneImage = 2;
    int64_t m_entries = 0, m_folders = 0;
};

FolderTree Glance::look(const fs::path& folder, int depth) {
    FolderTree tree;
    if (depth > kDeepest || m_entries > kMostEntries || ++m_folders > kMostFolders) {
        tree.images = 1;
        return tree;
    }
    const int64_t most = depth == 0 ? kMostInRoot : kMostInOne;
    std::vector<std::string> inner;
    {
        const DirectoryHandle directory(::opendir(folder.c_str()));
        int64_t here = 0;
        while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
            if (++here > most || ++m_entries > kMostEntries || (depth >= kDepthOfOneImage && tree.images > 0))
                break;
            if (passedOver(entry->d_name))
                continue;
            const EntryType type = typeOf(::dirfd(directory.get()), *entry).type;
            if (type == EntryType::Folder)
                inner.emplace_back(entry->d_name);
            else if (type == EntryType::File &&
                     (hasImageExtension(entry->d_name) || hasClipExtension(entry->d_name)))
                ++tree.images;
        }
    }
    std::sort(inner.begin(), inner.end());
    for (const auto& name : inner) {
        FolderTree below = look(folder / name, depth + 1);
        if (!below.empty())
            tree.folders.emplace(name, std::move(below));
    }
    return tree;
}

} // namespace

FolderTree glanceAt(const fs::path& folder) {
    return Glance().look(folder, 0);
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/architecture/layering.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <sstream>

namespace diptych::architecture {
namespace {

constexpr int kMostLines = 600, kMostTestLines = 900;

/// Headers of a library, and the folders whose files may include them.
struct Room {
    std::regex header;
    const char* library;
    std::vector<std::string> folders;
};

const std::vector<Room>& rooms() {
    static const std::vector<Room> all = {
        {std::regex("^(torch|ATen|c10)/"),
         "LibTorch",
         {"core/models/", "core/probe/", "core/projection/", "core/training/", "tests/core/models/",
          "tests/core/training/"}},
        {std::regex("^lbfgs\\.h$"), "liblbfgs", {"core/probe/"}},
        {std::regex("^opencv2/"),
         "OpenCV",
         {"core/blocks/", "core/explain/", "core/video/", "tests/core/video/"}},
        {std::regex("^(jpeglib|jerror|png|tiffio|zlib)\\.h$|^webp/"),
         "an image format's library",
         {"core/image/"}},
        {std::regex("^sqlite3"), "SQLite", {"core/store/", "tests/core/store/"}},
        {std::regex("^CLI/"), "CLI11", {"app/"}},
        {std::regex("^(Q[A-Z]|Qt|qcustomplot)"), "Qt", {"ui/", "app/gui/", "tests/"}},
    };
    return all;
}

bool startsWith(const std::string& text, const std::string& prefix) {
    return text.compare(0, prefix.size(), prefix) == 0;
}

const Module* moduleOf(const std::vector<Module>& modules, const std::string& path) {
    const Module* best = nullptr;
    for (const auto& module : modules)
        if (startsWith(path, module.folder + "/") && (!best || module.folder.size() > best->folder.size()))
            best = &module;
    return best;
}

std::optional<std::string> projectIncludeFault(const std::vector<Module>& modules, const std::string& path,
                                               const std::string& header) {
    if (!startsWith(header, "core/") && !startsWith(header, "ui/") && !startsWith(header, "app/"))
        return std::nullopt;
    if (startsWith(path, "tests/"))
        return std::nullopt;
    const Module* from = moduleOf(modules, path);
    const Module* to = moduleOf(modules, header);
    if (!from) // app/main.cpp, which joins everything
        return std::nullopt;
    if (!to)
        return "includes \"" + header + "\", which is in no module";
    if (from == to || from->mayUse.count(to->name))
        return std::nullopt;
    return "module '" + from->name + "' includes \"" + header + "\" but does not declare '" + to->name + "'";
}

std::optional<std::string> libraryIncludeFault(const std::string& path, const std::string& header) {
    for (const auto& room : rooms()) {
        if (!std::regex_search(header, room.header))
            continue;
        const bool allowed = std::any_of(room.folders.begin(), room.folders.end(),
                                         [&](const auto& folder) { return startsWith(path, folder); });
        if (!allowed)
            return std::string(room.library) + " header <" + header + "> outside its room";
    }
    return std::nullopt;
}

class FileCheck {
public:
    FileCheck(const std::vector<Module>& modules, const SourceFile& file, std::vector<std::string>& found)
        : m_modules(modules), m_file(file), m_found(found) {}

    void run() {
        std::istringstream lines(m_file.text);
        std::string line;
        bool once = false;
        while (std::getline(lines, line)) {
            ++m_line;
            if (m_line == 1 && line.find("SPDX-License-Identifier: GPL-3.0-or-later") == std::string::npos)
                report("first line does not name the licence (SPDX)");
            once = once || line == "#pragma once";
            checkIncludes(line);
            checkWords(line);
        }
        if (isHeader() && !once)
            report("header without #pragma once");
        const int most = startsWith(m_file.path, "tests/") ? kMostTestLines : kMostLines;
        if (m_line > most)
            report("more than " + std::to_string(most) + " lines");
    }

private:
    bool isHeader() const { return m_file.path.ends_with(".h"); }
    void report(const std::string& what) {
        m_found.push_back(m_file.path + ":" + std::to_string(m_line) + ": " + what);
    }
    void checkIncludes(const std::string& line) {
        static const std::regex include("^\\s*#\\s*include\\s*([\"<])([^\">]+)[\">]");
        std::smatch match;
        if (!std::regex_search(line, match, include))
            return;
        if (const auto fault = projectIncludeFault(m_modules, m_file.path, match[2]))
            report(*fault);
        if (const auto fault = libraryIncludeFault(m_file.path, match[2]))
            report(*fault);
    }
    void checkWords(const std::string& line) {
        // Written in pieces so that this file does not hold them itself.
        static const std::regex unfinished("\\b(TO"
                                           "DO|FIX"
                                           "ME|XX"
                                           "X|HA"
                                           "CK)\\b|/wo"
                                           "rk/|#i"
                                           "f 0");
        static const std::regex usingNamespace("^\\s*using namespace ");
        if (std::regex_search(line, unfinished))
            report("unfinished business or a path of one machine: " + line);
        if (isHeader() && std::regex_search(line, usingNamespace))
            report("'using namespace' in a header");
    }

    const std::vector<Module>& m_modules;
    const SourceFile& m_file;
    std::vector<std::string>& m_found;
    int m_line = 0;
};

} // namespace

std::vector<Module> parseModules(const std::string& text) {
    std::vector<Module> modules;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        Module module;
        std::string dependencies;
        std::getline(fields, module.name, '|');
        std::getline(fields, module.folder, '|');
        std::getline(fields, dependencies);
        std::istringstream words(dependencies);
        for (std::string word; words >> word;)
            module.mayUse.insert(word);
        if (!module.name.empty())
            modules.push_back(std::move(module));
    }
    return modules;
}

std::vector<std::string> findViolations(const std::vector<Module>& modules,
                                        const std::vector<SourceFile>& files) {
    std::vector<std::string> found;
    for (const auto& file : files)
        FileCheck(modules, file, found).run();
    return found;
}

std::vector<std::string> findCycles(const std::vector<Module>& modules) {
    std::map<std::string, const Module*> byName;
    for (const auto& module : modules)
        byName[module.name] = &module;
    std::vector<std::string> found, path;
    std::set<std::string> finished;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
        if (finished.count(name) || !byName.count(name))
            return;
        const auto start = std::find(path.begin(), path.end(), name);
        if (start != path.end()) {
            std::string cycle;
            for (auto it = start; it != path.end(); ++it)
                cycle += *it + " -> ";
            found.push_back(cycle + name);
            return;
        }
        path.push_back(name);
        for (const auto& next : byName.at(name)->mayUse)
            visit(next);
        path.pop_back();
        finished.insert(name);
    };
    for (const auto& module : modules)
        visit(module.name);
    return found;
}

} // namespace diptych::architecture

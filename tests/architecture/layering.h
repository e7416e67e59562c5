// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace diptych::architecture {

/// A module as CMake declared it: name, folder from the project's root, names of the modules it may include.
struct Module {
    std::string name, folder;
    std::set<std::string> mayUse;
};

/// From the lines "name|folder|dep dep" that configuring writes.
std::vector<Module> parseModules(const std::string& text);

/// A source file: its path from the project's root, and its text.
struct SourceFile {
    std::string path, text;
};

/// Every rule broken, as "path:line: what". Rules: includes of "core/...", "ui/..." and "app/..." go only to
/// modules that were declared; torch, OpenCV, SQLite, CLI11 and Qt headers stay in their rooms; files name
/// their licence, keep within the size limit, say "#pragma once", use no namespace in headers and hold no
/// unfinished business.
std::vector<std::string> findViolations(const std::vector<Module>& modules,
                                        const std::vector<SourceFile>& files);

/// Cycles in the declared dependencies, each as "a -> b -> a".
std::vector<std::string> findCycles(const std::vector<Module>& modules);

} // namespace diptych::architecture

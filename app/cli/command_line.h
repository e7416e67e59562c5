// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"
#include "core/base/context.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <span>
#include <stdexcept>
#include <string>

namespace diptych::cli {

/// Options that are each right but do not go together, or a value that names nothing: exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What a command gets when it runs. The context's progress goes to the console's progress line, its stop
/// token follows Ctrl+C.
struct CommandContext {
    Console& console;
    RunContext run;
};

/// What a command does. @return exit code. Throws Error, Cancelled or UsageError; runCommandLine() turns them
/// into one line and an exit code.
using Action = std::function<int(CommandContext&)>;

/// Collects the commands' options and, once the line is parsed, holds the chosen command's action.
class CommandLine {
public:
    explicit CommandLine(CLI::App& root) : m_root(root) {}
    CLI::App& root() { return m_root; }

    /// A command below @p parent with --json and, in its help, @p examples (one a line, without "diptych ").
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& summary,
                  const std::string& examples, Action action);
    /// A command that only groups others.
    CLI::App* addGroup(const std::string& name, const std::string& summary);

    const Action& chosen() const { return m_chosen; }
    bool json() const { return m_json; }

private:
    CLI::App& m_root;
    Action m_chosen;
    bool m_json = false;
};

/// One verb: a function that defines its options and action. Adding one is a file and a line in the table.
using CommandDefinition = void (*)(CommandLine&);

/// Parses the arguments and runs the command. @return the program's exit code: 0 done, 1 failed, 2 usage,
/// 128 + signal when interrupted
int runCommandLine(int argc, char** argv, std::span<const CommandDefinition> commands,
                   const std::string& version, bool hasWindow);

} // namespace diptych::cli

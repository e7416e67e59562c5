// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include "app/cli/help_formatter.h"
#include "app/cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <cstring>
#include <new>
#include <optional>
#include <system_error>

namespace diptych::cli {
namespace {

constexpr int kFailed = 1, kUsage = 2, kSignalBase = 128;

std::string footer(const std::string& examples) {
    std::string text = examples.empty() ? "" : "Examples:\n";
    for (size_t start = 0; start < examples.size();) {
        const size_t end = std::min(examples.find('\n', start), examples.size());
        if (end > start)
            text += "  diptych " + examples.substr(start, end - start) + "\n";
        start = end + 1;
    }
    return text;
}

/// "diptych eval zero-shot" for the command that was being parsed.
std::string fullName(const CLI::App* app) {
    std::string name = app->get_name();
    for (app = app->get_parent(); app; app = app->get_parent())
        name = app->get_name() + " " + name;
    return name;
}

const CLI::App* innermost(const CLI::App* app) {
    for (const auto used = app->get_subcommands(); !used.empty();)
        return innermost(used.front());
    return app;
}

int usageError(Console& console, const CLI::App& app, const std::string& message) {
    console.error(message + " (see '" + fullName(innermost(&app)) + " --help')");
    return kUsage;
}

int runAction(const Action& action, Console& console, const CLI::App& app) {
    std::optional<InterruptGuard> interrupt;
    Progress progress([&](const ProgressUpdate& update) { console.showProgress(update); });
    CommandContext context{console, {}};
    context.run.progress = &progress;
    try {
        interrupt.emplace();
        context.run.stop = interrupt->token();
        return action(context);
    } catch (const Cancelled&) {
        const int signal = interrupt ? interrupt->signal() : 0;
        console.error(signal == SIGTERM ? "stopped" : "interrupted");
        return kSignalBase + (signal ? signal : SIGINT);
    } catch (const UsageError& error) {
        return usageError(console, app, error.what());
    } catch (const std::bad_alloc&) {
        console.error("out of memory");
    } catch (const std::system_error& error) {
        const bool noThread = error.code() == std::errc::resource_unavailable_try_again;
        console.error(noThread ? "the system gives the program no more threads; end other programs, give it "
                                 "fewer threads (--threads), or raise the limit (ulimit -u, ulimit -v)"
                               : error.what());
    } catch (const std::exception& error) {
        console.error(error.what());
    }
    return kFailed;
}

} // namespace

CLI::App* CommandLine::add(CLI::App& parent, const std::string& name, const std::string& summary,
                           const std::string& examples, Action action) {
    CLI::App* command = parent.add_subcommand(name, summary);
    command->footer(footer(examples));
    command->add_flag("--json", m_json, "Print JSON for machines, and nothing else, on standard output");
    command->callback([this, action = std::move(action)] { m_chosen = action; });
    return command;
}

CLI::App* CommandLine::addGroup(const std::string& name, const std::string& summary) {
    CLI::App* group = m_root.add_subcommand(name, summary);
    group->require_subcommand(1);
    group->footer("'diptych " + name + " COMMAND --help' says more of each.");
    return group;
}

int runCommandLine(int argc, char** argv, std::span<const CommandDefinition> commands,
                   const std::string& version, bool hasWindow) {
    std::signal(SIGPIPE, SIG_IGN);
    Console console(STDOUT_FILENO, STDERR_FILENO);
    CLI::App app("Diptych " + version + ": explore and evaluate vision-language models." +
                     (hasWindow ? " Without arguments the window opens." : ""),
                 "diptych");
    app.require_subcommand(1);
    app.formatter(std::make_shared<HelpFormatter>());
    app.set_version_flag("--version", "diptych " + version);
    app.footer("'diptych COMMAND --help' says more of each.");
    CommandLine line(app);
    for (const CommandDefinition define : commands)
        define(line);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForVersion&) {
        console.print("diptych " + version);
    } catch (const CLI::Success&) {
        const CLI::App* command = innermost(&app);
        console.printRaw(command->help(command->get_parent() ? fullName(command->get_parent()) : ""));
    } catch (const CLI::ParseError& error) {
        return usageError(console, app, error.what());
    }
    int code = 0;
    if (line.chosen()) {
        console.setJson(line.json());
        code = runAction(line.chosen(), console, app);
        console.clearProgress();
    }
    if (console.outputErrno() != 0 && code == 0) {
        console.error(std::string("standard output: ") + std::strerror(console.outputErrno()));
        code = kFailed;
    }
    return code;
}

} // namespace diptych::cli

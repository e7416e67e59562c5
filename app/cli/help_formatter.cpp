// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/help_formatter.h"

#include <sstream>

namespace diptych::cli {
namespace {

constexpr size_t kLineWidth = 100, kNameColumn = 30;

std::string entry(const std::string& name, const std::string& description) {
    std::string text = "  " + name;
    if (text.size() + 2 > kNameColumn)
        text += "\n" + std::string(kNameColumn, ' ');
    else
        text.resize(kNameColumn, ' ');
    return text + wrapText(description, kLineWidth - kNameColumn, kNameColumn) + "\n";
}

} // namespace

HelpFormatter::HelpFormatter() {
    column_width(kNameColumn);
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
    return wrapText(app->get_description(), kLineWidth, 0) + "\n\n";
}

std::string HelpFormatter::make_group(std::string group, bool isPositional,
                                      std::vector<const CLI::Option*> options) const {
    std::string text = "\n" + group + ":\n";
    for (const CLI::Option* option : options)
        text += make_option(option, isPositional);
    return text;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
    // CLI11 puts a blank line after each group as well as before it.
    std::string text = Formatter::make_help(app, std::move(name), mode);
    for (size_t at = 0; (at = text.find("\n\n\n", at)) != std::string::npos;)
        text.erase(at, 1);
    return text;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool isPositional) const {
    std::string description = make_option_desc(option);
    if (option->get_required() && !isPositional)
        description += " (required)";
    return entry(make_option_name(option, isPositional) + make_option_opts(option), description);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    std::string text;
    if (option->get_type_size() != 0) {
        const std::string type = option->get_type_name(); // "NAME:what its validators say"
        text = " " + type.substr(0, type.find(':'));
    }
    if (text == " ") // a positional: its name says it
        text.clear();
    if (option->get_expected_max() > 1)
        text += "...";
    if (!option->get_default_str().empty())
        text += " [" + option->get_default_str() + "]";
    return text;
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
    return entry(command->get_name(), command->get_description());
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
    if (app->get_footer().empty())
        return "";
    return "\n" + app->get_footer() + (app->get_footer().back() == '\n' ? "" : "\n");
}

std::string wrapText(const std::string& text, size_t width, size_t indent) {
    std::istringstream words(text);
    std::string out, line;
    for (std::string word; words >> word;) {
        if (!line.empty() && line.size() + 1 + word.size() > width) {
            out += line + "\n" + std::string(indent, ' ');
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return out + line;
}

} // namespace diptych::cli

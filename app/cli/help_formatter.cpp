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
    return wrapText(app->get_description(), kLineWidth, 0) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool isPositional) const {
    return entry(make_option_name(option, isPositional) + make_option_opts(option), make_option_desc(option));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    std::string text;
    if (option->get_type_size() != 0)
        text = " " + option->get_type_name();
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
    return app->get_footer().empty() ? "" : "\n" + app->get_footer();
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

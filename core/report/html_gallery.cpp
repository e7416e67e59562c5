// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/number_text.h"
#include "core/report/html_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diptych::html {
namespace {

using Verdict = ReportLine::Verdict;

std::string picture(const ReportPicture& shown) {
    if (shown.thumbnail.empty())
        return "<span class=\"soft\">image not found</span>";
    return "<img alt=\"" + escape(shown.key) + "\" src=\"" + shown.thumbnail + "\">";
}

/// A mark as well as a colour: print and many eyes have none.
std::string line(const ReportLine& entry) {
    const char* style = entry.verdict == Verdict::Right   ? "hit"
                        : entry.verdict == Verdict::Wrong ? "miss"
                                                          : "";
    const char* mark = entry.verdict == Verdict::Right ? "✓ " : entry.verdict == Verdict::Wrong ? "✗ " : "";
    return fmt::format("<li><span class=\"{}\">{}{}</span><span>{}</span></li>", style, mark,
                       escape(entry.text), escape(entry.value));
}

std::string block(const ReportBlock& entry) {
    std::string out = entry.title.empty() ? "" : "<b class=\"block\">" + escape(entry.title) + "</b>";
    out += "<ol>";
    for (const ReportLine& each : entry.lines)
        out += line(each);
    return out + "</ol>";
}

std::string predictions(const ReportExample& example) {
    if (example.predictions.empty())
        return "";
    ReportBlock out;
    for (size_t i = 0; i < example.predictions.size(); ++i) {
        const auto& [name, score] = example.predictions[i];
        const bool right = std::ranges::find(example.truth, name) != example.truth.end();
        const bool judged = i == 0 && example.correct.has_value();
        out.lines.push_back({name, shareText(score),
                             right    ? Verdict::Right
                             : judged ? Verdict::Wrong
                                      : Verdict::None});
    }
    return block(out);
}

std::string contents(const ReportExample& example) {
    std::string out = fmt::format("<div class=\"picture{}\">", example.pictures.size() > 1 ? " row" : "");
    for (const ReportPicture& shown : example.pictures)
        out += picture(shown);
    out += "</div>";
    if (!example.truth.empty())
        out += "<div>Is <b>" + escape(fmt::format("{}", fmt::join(example.truth, ", "))) + "</b></div>";
    out += predictions(example);
    for (const ReportBlock& each : example.blocks)
        out += block(each);
    std::vector<std::string> keys;
    for (const ReportPicture& shown : example.pictures)
        keys.push_back(shown.key);
    return out + "<div class=\"key\">" + escape(fmt::format("{}", fmt::join(keys, ", "))) + "</div>";
}

std::string count(size_t number, const char* one, const char* many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

} // namespace

std::string gallerySection(const ReportGallery& gallery) {
    if (gallery.examples.empty())
        return gallery.id == "sheet" ? "<h3>" + escape(gallery.title) + "</h3><p class=\"soft\">None.</p>"
                                     : "";
    std::string out = "<h3>" + escape(gallery.title) + "</h3><div class=\"gallery\">";
    for (const ReportExample& example : gallery.examples) {
        const bool wide = example.pictures.size() > 1 || !example.blocks.empty();
        out += fmt::format("<div class=\"card{}\">", wide ? " two" : "") + contents(example) + "</div>";
    }
    return out + "</div>";
}

std::string groupsSection(const ReportRun& run) {
    if (run.groupCount == 0)
        return "";
    std::string out =
        fmt::format("<h3>Confounder groups</h3><p class=\"soft\">{}, {} wholly right.{}</p>",
                    count(run.groupCount, "group", "groups"), run.groupsRight,
                    run.groups.size() < run.groupCount
                        ? fmt::format(" The first {}, those not wholly right first:", run.groups.size())
                        : "");
    for (const ReportGroup& group : run.groups) {
        out += fmt::format("<div class=\"card\"><div class=\"{}\">{} {}</div><div class=\"members\">",
                           group.allRight ? "hit" : "miss", group.allRight ? "✓" : "✗", escape(group.shared));
        for (const ReportExample& member : group.members)
            out += "<div>" + contents(member) + "</div>";
        out += "</div></div>";
    }
    return out;
}

} // namespace diptych::html

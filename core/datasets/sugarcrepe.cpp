// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/names.h"
#include "core/datasets/pair_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <system_error>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// SugarCrepe's name for it first, then ARO's (VG-Relation and VG-Attribution).
constexpr std::initializer_list<const char*> kImage = {"filename", "image_path", "file_name", "image"};
constexpr std::initializer_list<const char*> kCaption = {"caption", "true_caption"};
constexpr std::initializer_list<const char*> kWrong = {"negative_caption", "false_caption", "wrong_caption"};
constexpr std::initializer_list<const char*> kTag = {"tag", "category", "relation_name"};
constexpr int kFilesLooked = 64; ///< JSON files of a folder; there may be one beside every image

bool isOurs(const fs::path& file) {
    return jsonMentions(file, "\"negative_caption\"") || jsonMentions(file, "\"false_caption\"");
}

/// The file, or those of a folder, by name.
std::vector<fs::path> filesOf(const fs::path& source) {
    std::error_code failed;
    if (!fs::is_directory(source, failed))
        return {source};
    std::vector<fs::path> files;
    int looked = 0;
    for (fs::directory_iterator at(source, failed), end; !failed && at != end; at.increment(failed)) {
        if (lowerExtension(at->path()) != ".json")
            continue;
        if (isOurs(at->path()))
            files.push_back(at->path());
        if (++looked == kFilesLooked)
            break;
    }
    std::sort(files.begin(), files.end());
    return files;
}

int detect(const fs::path& source) {
    const auto files = filesOf(source);
    return !files.empty() && isOurs(files.front()) ? 95 : 0;
}

/// The first of the members that is there; empty if none is.
std::string memberOf(const Json& item, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (item.contains(name))
            return name;
    }
    return {};
}

std::string textOf(const Json& item, const std::string& member) {
    const auto found = item.find(member);
    return found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> textsOf(const Json& value) {
    std::vector<std::string> texts;
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        if (!item.is_string() || trimmed(item.get<std::string>()).empty())
            return {};
        texts.push_back(trimmed(item.get<std::string>()));
    }
    return texts;
}

class Reader {
public:
    Reader(PairImport& pairs, bool manyFiles) : m_pairs(pairs), m_manyFiles(manyFiles) {}
    void read(const fs::path& file, const RunContext& context);

private:
    void take(const std::string& stem, const std::string& key, const Json& item, const std::string& where);
    /// @return empty, having said so, where the member is not text
    std::string required(const Json& item, std::initializer_list<const char*> names, const char* expected,
                         const std::string& where);

    PairImport& m_pairs;
    bool m_manyFiles;
    bool m_boxesTold = false;
};

std::string Reader::required(const Json& item, std::initializer_list<const char*> names, const char* expected,
                             const std::string& where) {
    const std::string member = memberOf(item, names);
    std::string text = trimmed(textOf(item, member));
    if (text.empty())
        m_pairs.problems().add("values of a wrong type", where,
                               wrongType(member.empty() ? *names.begin() : member, expected,
                                         member.empty() ? Json() : item.at(member)) +
                                   "; left out");
    return text;
}

void Reader::take(const std::string& stem, const std::string& key, const Json& item,
                  const std::string& where) {
    if (!item.is_object()) {
        m_pairs.problems().add("values of a wrong type", where, "should be an object; left out");
        return;
    }
    PairRow row;
    row.where = where;
    row.id = m_manyFiles ? stem + "/" + key : key;
    row.images[0] = required(item, kImage, "the name of an image", where);
    if (row.images[0].empty())
        return;
    row.captions = {required(item, kCaption, "text", where)};
    if (row.captions[0].empty())
        return;
    const std::string wrong = memberOf(item, kWrong);
    row.wrongCaptions = wrong.empty() ? std::vector<std::string>() : textsOf(item.at(wrong));
    if (row.wrongCaptions.empty()) {
        m_pairs.problems().add("values of a wrong type", where,
                               wrongType(wrong.empty() ? *kWrong.begin() : wrong, "text or a list of texts",
                                         wrong.empty() ? Json() : item.at(wrong)) +
                                   "; left out");
        return;
    }
    const std::string tag = textOf(item, memberOf(item, kTag));
    row.attributes["tag"] = tag.empty() ? stem : tag;
    if (item.contains("bbox_x") && !std::exchange(m_boxesTold, true))
        m_pairs.problems().note("boxes", where,
                                "boxes (bbox_x, ...) are not cut out here: whole images are compared");
    m_pairs.add(std::move(row));
}

void Reader::read(const fs::path& file, const RunContext& context) {
    const std::string stem = toValidUtf8(file.stem().native());
    forEachMember(
        file,
        [&](const std::string& key, const Json& item, const JsonPlace& place) {
            take(stem, key, item, place.text());
        },
        context);
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    const auto files = filesOf(source);
    if (files.empty())
        throw Error(
            ErrorCode::NotFound,
            fmt::format("There is no JSON file with right and wrong captions in {}", displayPath(source)));
    // A folder's images are looked for from inside it, a file's from beside it.
    PairImport pairs(files.front(), options);
    Reader reader(pairs, files.size() > 1);
    for (const auto& file : files)
        reader.read(file, context);
    return pairs.finish({"val2017", "../val2017", "coco/val2017", "../coco/val2017", "images/val2017",
                         "../images/val2017", "../../val2017", "../../coco/val2017"},
                        context);
}

} // namespace

DatasetFormat sugarcrepeFormat() {
    return {"sugarcrepe", "SugarCrepe or ARO",
            "JSON with one image, a right and a wrong caption an item, as SugarCrepe (filename, caption, "
            "negative_caption) and ARO (image_path, true_caption, false_caption) publish them; or a folder "
            "of such files",
            detect, read};
}

} // namespace diptych

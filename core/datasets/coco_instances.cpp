// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/datasets/captioned_images.h"
#include "core/datasets/coco_files.h"
#include "core/datasets/formats.h"
#include "core/datasets/json_items.h"
#include "core/datasets/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace diptych {
namespace fs = std::filesystem;
namespace {

/// COCO's own files end with their categories, after megabytes of annotations.
bool endMentions(const fs::path& source, std::string_view word) {
    constexpr std::streamoff kTail = 1 << 16;
    std::ifstream file(source, std::ios::binary | std::ios::ate);
    const std::streamoff size = file.tellg();
    if (size <= 0)
        return false;
    file.seekg(std::max<std::streamoff>(0, size - kTail));
    std::string tail(static_cast<size_t>(std::min(size, kTail)), '\0');
    file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    std::erase(tail, '\0'); // of UTF-16
    return tail.find(word) != std::string::npos;
}

int detect(const fs::path& source) {
    if (!jsonMentions(source, "\"images\"") || !jsonMentions(source, "\"file_name\""))
        return 0;
    return jsonMentions(source, "\"category_id\"") || endMentions(source, "\"categories\"") ? 80 : 0;
}

/// Numbers in their order, then texts byte-wise.
struct ById {
    bool operator()(const std::string& a, const std::string& b) const {
        const auto first = wholeNumber(a), second = wholeNumber(b);
        return std::tuple(!first, first.value_or(0), std::string_view(a)) <
               std::tuple(!second, second.value_or(0), std::string_view(b));
    }
};

class Reader {
public:
    explicit Reader(const fs::path& source) : m_shown(displayPath(source)), m_images(source, false) {}

    void take(const std::string& section, const Json& item, const JsonPlace& place) {
        if (!item.is_object())
            problems.add("values of a wrong type", place.text(), "should be an object");
        else if (section == "images")
            m_images.take(item, place, problems);
        else if (section == "categories")
            takeCategory(item, place);
        else
            takeAnnotation(item, place);
    }
    /// Images with the attribute "labels", the classes among their annotations, ascending.
    std::vector<CaptionedImage> join();
    /// By category id, as COCO's evaluation orders them.
    std::vector<std::string> classNames() const;

    ProblemList problems;

private:
    /// A category as annotations name it; the names may come later.
    struct Category {
        std::string id;
        int64_t annotations = 0;
        int64_t line = 0, index = 0; ///< of the first
    };
    void takeCategory(const Json& item, const JsonPlace& place);
    void takeAnnotation(const Json& item, const JsonPlace& place);
    std::vector<int> classesOfCategories();

    std::string m_shown;
    CocoImages m_images;
    std::map<std::string, std::string, ById> m_names; ///< of categories, by id
    std::unordered_map<std::string, int> m_numbers;   ///< of ids in m_categories
    std::vector<Category> m_categories;
    std::vector<std::vector<int>> m_shows; ///< numbers of categories, each once, by slot
};

void Reader::takeCategory(const Json& item, const JsonPlace& place) {
    const std::string id = idText(item, "id");
    const auto name = item.find("name");
    if (id.empty())
        problems.add("values of a wrong type", place.text(),
                     wrongType("id", "a whole number or text", item.value("id", Json())));
    else if (name == item.end() || !name->is_string())
        problems.add("values of a wrong type", place.text(),
                     wrongType("name", "text", name == item.end() ? Json() : *name));
    else if (!m_names.emplace(id, name->get<std::string>()).second)
        problems.add("ids given twice", place.text(),
                     fmt::format("category id {} was given before; left out", id));
}

void Reader::takeAnnotation(const Json& item, const JsonPlace& place) {
    const auto slot = m_images.slotOf(item, place, problems);
    if (slot < 0)
        return;
    const std::string id = idText(item, "category_id");
    if (id.empty()) {
        problems.add("values of a wrong type", place.text(),
                     wrongType("category_id", "a whole number or text", item.value("category_id", Json())));
        return;
    }
    const auto [found, fresh] = m_numbers.emplace(id, static_cast<int>(m_categories.size()));
    if (fresh)
        m_categories.push_back({id, 0, place.line, place.index});
    ++m_categories[static_cast<size_t>(found->second)].annotations;
    m_shows.resize(std::max(m_shows.size(), static_cast<size_t>(slot) + 1));
    auto& shows = m_shows[static_cast<size_t>(slot)];
    if (std::find(shows.begin(), shows.end(), found->second) == shows.end())
        shows.push_back(found->second);
}

/// -1, and a problem, for categories without a name.
std::vector<int> Reader::classesOfCategories() {
    std::map<std::string, int> classes;
    for (const auto& [id, name] : m_names)
        classes.emplace(id, static_cast<int>(classes.size()));
    std::vector<int> found;
    for (const Category& category : m_categories) {
        const auto known = classes.find(category.id);
        found.push_back(known == classes.end() ? -1 : known->second);
        if (known == classes.end())
            problems.add("annotations of unknown categories",
                         annotationPlace(m_shown, category.line, category.index),
                         fmt::format("there is no category with the id {}{}", category.id,
                                     category.annotations > 1
                                         ? fmt::format(", nor for {} more", category.annotations - 1)
                                         : std::string()));
    }
    return found;
}

std::vector<CaptionedImage> Reader::join() {
    const auto slots = m_images.slotsOfImages("annotations of unknown images", problems);
    const auto classes = classesOfCategories();
    for (size_t i = 0; i < slots.size(); ++i) {
        std::set<int> labels;
        if (slots[i] < m_shows.size()) {
            for (const int number : m_shows[slots[i]])
                labels.insert(classes[static_cast<size_t>(number)]);
        }
        labels.erase(-1);
        m_images.images[i].attributes["labels"] = labels;
    }
    return std::move(m_images.images);
}

std::vector<std::string> Reader::classNames() const {
    std::vector<std::string> names;
    for (const auto& [id, name] : m_names)
        names.push_back(name);
    return names;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    Reader reader(source);
    forEachItem(
        source, {"images", "annotations", "categories"},
        {"id", "file_name", "name", "image_id", "category_id"},
        [&](const auto& section, const Json& item, const JsonPlace& place) {
            reader.take(section, item, place);
        },
        context);
    if (reader.classNames().empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} names no categories (a list 'categories' of id and name){}", displayPath(source),
                        reader.problems.empty() ? std::string()
                                                : fmt::format(" ({}: {})", reader.problems.first().where,
                                                              reader.problems.first().reason)));
    auto images = reader.join();
    DatasetIndex index = indexCaptionedImages(source, options, std::move(images), cocoImageFolders(source),
                                              reader.problems, context);
    index.classNames = reader.classNames();
    return index;
}

} // namespace

DatasetFormat cocoInstancesFormat() {
    return {
        "coco-instances", "COCO objects",
        "A JSON file with 'images' (id, file_name), 'annotations' (image_id, category_id) and 'categories' "
        "(id, name), as COCO publishes its instances: which objects each image shows",
        detect, read};
}

} // namespace diptych

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
    explicit Reader(const fs::path& source) : m_images(source, false) {}

    void take(const std::string& section, const Json& item, const std::string& where) {
        if (!item.is_object())
            problems.add("values of a wrong type", where, "should be an object");
        else if (section == "images")
            m_images.take(item, where, problems);
        else if (section == "categories")
            takeCategory(item, where);
        else
            takeAnnotation(item, where);
    }
    /// Images with the attribute "labels", the classes among their annotations, ascending.
    std::vector<CaptionedImage> join();
    /// By category id, as COCO's evaluation orders them.
    std::vector<std::string> classNames() const;

    ProblemList problems;

private:
    struct Annotation {
        std::string image, category, where;
    };
    void takeCategory(const Json& item, const std::string& where);
    void takeAnnotation(const Json& item, const std::string& where);

    CocoImages m_images;
    std::map<std::string, std::string, ById> m_categories; ///< names by id
    std::vector<Annotation> m_annotations;
};

void Reader::takeCategory(const Json& item, const std::string& where) {
    const std::string id = idText(item, "id");
    const auto name = item.find("name");
    if (id.empty())
        problems.add("values of a wrong type", where,
                     wrongType("id", "a whole number or text", item.value("id", Json())));
    else if (name == item.end() || !name->is_string())
        problems.add("values of a wrong type", where,
                     wrongType("name", "text", name == item.end() ? Json() : *name));
    else if (!m_categories.emplace(id, name->get<std::string>()).second)
        problems.add("ids given twice", where, fmt::format("category id {} was given before; left out", id));
}

void Reader::takeAnnotation(const Json& item, const std::string& where) {
    std::string image = idText(item, "image_id"), category = idText(item, "category_id");
    if (image.empty())
        problems.add("values of a wrong type", where, "has no 'image_id' that is a whole number or text");
    else if (category.empty())
        problems.add("values of a wrong type", where,
                     wrongType("category_id", "a whole number or text", item.value("category_id", Json())));
    else
        m_annotations.push_back({std::move(image), std::move(category), where});
}

std::vector<CaptionedImage> Reader::join() {
    std::map<std::string, int> classes;
    for (const auto& [id, name] : m_categories)
        classes.emplace(id, static_cast<int>(classes.size()));
    std::vector<std::set<int>> labels(m_images.images.size());
    for (const Annotation& annotation : m_annotations) {
        const auto image =
            m_images.find(annotation.image, annotation.where, "annotations of unknown images", problems);
        const auto category = classes.find(annotation.category);
        if (!image)
            continue;
        if (category == classes.end())
            problems.add("annotations of unknown categories", annotation.where,
                         fmt::format("there is no category with the id {}", annotation.category));
        else
            labels[*image].insert(category->second);
    }
    for (size_t i = 0; i < m_images.images.size(); ++i)
        m_images.images[i].attributes["labels"] = labels[i];
    return std::move(m_images.images);
}

std::vector<std::string> Reader::classNames() const {
    std::vector<std::string> names;
    for (const auto& [id, name] : m_categories)
        names.push_back(name);
    return names;
}

DatasetIndex read(const fs::path& source, const ImportOptions& options, const RunContext& context) {
    Reader reader(source);
    forEachItem(
        source, {"images", "annotations", "categories"},
        [&](const auto& section, const Json& item, const std::string& where) {
            reader.take(section, item, where);
        },
        context);
    if (reader.classNames().empty())
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} names no categories (a list 'categories' of id and name)", displayPath(source)));
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/sample_export.h"

#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/image/image.h"
#include "core/report/sample_table.h"
#include "core/video/media.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

namespace diptych {
namespace fs = std::filesystem;
namespace {

constexpr size_t kSamplesPerStep = 256;

struct Name {
    const char* name;
    ExportForm form;
};
constexpr Name kNames[] = {{"csv", ExportForm::Csv},
                           {"jsonl", ExportForm::JsonLines},
                           {"txt", ExportForm::Paths},
                           {"coco", ExportForm::Coco},
                           {"coco-captions", ExportForm::CocoCaptions},
                           {"folder", ExportForm::Folder}};

/// Samples with the names of the classes of their dataset.
struct Source {
    std::vector<Sample> samples;
    std::map<DatasetId, std::vector<std::string>> names;

    Source(const Workspace& workspace, std::span<const SampleId> ids)
        : samples(workspace.samples(ids, SampleDetail::Full)) {
        for (const Sample& sample : samples)
            if (!names.contains(sample.dataset))
                names.emplace(sample.dataset, workspace.classNames(sample.dataset));
    }
    std::string className(const Sample& sample, int label) const {
        const auto& known = names.at(sample.dataset);
        return label >= 0 && static_cast<size_t>(label) < known.size() ? known[static_cast<size_t>(label)]
                                                                       : std::string();
    }
    /// Its class, or those it shows where it may show several.
    std::vector<std::string> classesOf(const Sample& sample) const {
        std::vector<std::string> out;
        if (sample.label >= 0)
            out.push_back(className(sample, sample.label));
        else if (sample.attributes.is_object() && sample.attributes.contains("labels") &&
                 sample.attributes["labels"].is_array())
            for (const Json& label : sample.attributes["labels"])
                if (label.is_number_integer())
                    out.push_back(className(sample, label.get<int>()));
        std::erase(out, std::string());
        return out;
    }
    bool any(bool (*has)(const Sample&)) const { return std::ranges::any_of(samples, has); }
};

OrderedJson cocoImages(const Source& source, const RunContext& context) {
    OrderedJson images = OrderedJson::array();
    context.begin("Reading image sizes", static_cast<int64_t>(source.samples.size()));
    for (size_t i = 0; i < source.samples.size(); ++i) {
        if (i % kSamplesPerStep == 0)
            context.throwIfCancelled();
        const Sample& sample = source.samples[i];
        OrderedJson image{{"id", i + 1}, {"file_name", displayPath(sample.path)}};
        try {
            const MappedFile file(sample.path);
            if (const auto size = probeImageSize(file.bytes(), displayPath(sample.path))) {
                image["width"] = size->width;
                image["height"] = size->height;
            }
        } catch (const Error&) { // its size is a convenience; whoever reads the list finds out
        }
        images.push_back(std::move(image));
        context.advance();
    }
    context.end();
    return images;
}

std::string cocoObjects(const Source& source, ExportSummary& summary, const RunContext& context) {
    std::map<std::string, size_t> categories; // as the dataset has them, also those that none here shows
    OrderedJson list = OrderedJson::array(), annotations = OrderedJson::array();
    for (const auto& [dataset, names] : source.names)
        for (const std::string& name : names)
            if (categories.emplace(name, categories.size() + 1).second)
                list.push_back({{"id", categories.size()}, {"name", name}});
    size_t unlabelled = 0;
    for (size_t i = 0; i < source.samples.size(); ++i) {
        const auto classes = source.classesOf(source.samples[i]);
        unlabelled += classes.empty();
        for (const std::string& name : classes)
            annotations.push_back(
                {{"id", annotations.size() + 1}, {"image_id", i + 1}, {"category_id", categories.at(name)}});
    }
    if (annotations.empty())
        throw Error(ErrorCode::InvalidArgument,
                    "None of these images has a class, and COCO's objects are lists of them; choose another "
                    "form");
    if (unlabelled > 0)
        summary.notes.push_back(
            fmt::format("Images without a class, written without objects: {}", unlabelled));
    summary.written = source.samples.size();
    const OrderedJson whole{{"images", cocoImages(source, context)},
                            {"annotations", std::move(annotations)},
                            {"categories", std::move(list)}};
    return whole.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

std::string cocoCaptions(const Source& source, ExportSummary& summary, const RunContext& context) {
    OrderedJson annotations = OrderedJson::array();
    for (size_t i = 0; i < source.samples.size(); ++i)
        for (const std::string& caption : source.samples[i].captions)
            annotations.push_back(
                {{"id", annotations.size() + 1}, {"image_id", i + 1}, {"caption", caption}});
    if (annotations.empty())
        throw Error(ErrorCode::InvalidArgument, "None of these images has a caption; choose another form");
    summary.written = source.samples.size();
    const OrderedJson whole{{"images", cocoImages(source, context)}, {"annotations", std::move(annotations)}};
    return whole.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

/// A folder of that name that an import takes for the class.
std::string folderName(std::string name) {
    std::ranges::replace(name, '/', '_');
    if (name.empty() || name.front() == '.')
        name.insert(0, "_");
    return name;
}

/// Writes into a folder beside the target, which takes its place once everything is there.
class FolderExport {
public:
    FolderExport(const Source& source, const fs::path& target, FolderFiles content)
        : m_source(source),
          m_target(fs::absolute(target)),
          m_content(content),
          m_splits(!source.any([](const Sample& sample) { return sample.split.empty(); })),
          m_classes(source.any([](const Sample& sample) { return sample.label >= 0; })) {
        std::error_code failed;
        if (fs::exists(m_target, failed) &&
            (!fs::is_directory(m_target, failed) || !fs::is_empty(m_target, failed)))
            throw Error(ErrorCode::InvalidArgument,
                        fmt::format("{} is there already and not an empty folder; choose another",
                                    displayPath(m_target)));
        m_part = m_target;
        m_part += fmt::format(".part-{}", ::getpid());
    }
    ~FolderExport() {
        std::error_code ignored;
        if (!m_part.empty())
            fs::remove_all(m_part, ignored);
    }
    FolderExport(const FolderExport&) = delete;
    FolderExport& operator=(const FolderExport&) = delete;

    void write(ExportSummary& summary, const RunContext& context) {
        context.begin(m_content == FolderFiles::Links ? "Linking images" : "Copying images",
                      static_cast<int64_t>(m_source.samples.size()));
        make(m_part);
        size_t unlabelled = 0;
        for (const Sample& sample : m_source.samples) {
            context.throwIfCancelled();
            if (!sample.frames.empty())
                ++m_clips;
            else if (m_classes && sample.label < 0)
                ++unlabelled;
            else
                put(sample, summary);
            context.advance();
        }
        context.end();
        std::error_code failed;
        fs::remove(m_target, failed); // where it is an empty folder
        fs::rename(m_part, m_target, failed);
        if (failed)
            throw errnoError(failed.value(), "cannot write", displayPath(m_target));
        m_part.clear();
        addNotes(summary, unlabelled);
    }

private:
    static void make(const fs::path& folder) {
        std::error_code failed;
        fs::create_directories(folder, failed);
        if (failed)
            throw errnoError(failed.value(), "cannot make", displayPath(folder));
    }

    void put(const Sample& sample, ExportSummary& summary) {
        fs::path folder = m_part;
        if (m_splits)
            folder /= folderName(sample.split);
        if (m_classes) {
            const std::string name = m_source.className(sample, sample.label);
            if (folderName(name) != name)
                m_renamed.insert(name);
            folder /= folderName(name);
        }
        make(folder);
        fs::path file = fs::path(sample.key).filename();
        if (!hasImageExtension(file) && !hasClipExtension(file)) // a key that is no file's name
            file += sample.path.extension();
        fs::path target = folder / file;
        std::error_code failed;
        for (int number = 2; fs::symlink_status(target, failed).type() != fs::file_type::not_found; ++number)
            target = folder / fs::path(fmt::format("{}-{}{}", file.stem().string(), number,
                                                   file.extension().string()));
        failed.clear();
        if (!fs::is_regular_file(sample.path, failed))
            throw Error(ErrorCode::NotFound, fmt::format("{}: the image is not there; nothing was written",
                                                         displayPath(sample.path)));
        if (m_content == FolderFiles::Links)
            fs::create_symlink(sample.path, target, failed);
        else
            fs::copy_file(sample.path, target, failed);
        if (failed)
            throw errnoError(failed.value(), "cannot write", displayPath(target));
        ++summary.written;
    }

    void addNotes(ExportSummary& summary, size_t unlabelled) const {
        if (unlabelled > 0)
            summary.notes.push_back(
                fmt::format("Images without a class, for which class folders have no place: {}", unlabelled));
        if (m_clips > 0)
            summary.notes.push_back(
                fmt::format("Clips of single frames, which folders of images have no place "
                            "for; the form jsonl keeps them: {}",
                            m_clips));
        if (!m_splits && m_source.any([](const Sample& sample) { return !sample.split.empty(); }))
            summary.notes.push_back("Some images have no split, so splits were left out");
        for (const std::string& name : m_renamed)
            summary.notes.push_back(fmt::format("Class '{}' is in folder '{}'", name, folderName(name)));
        if (m_source.any([](const Sample& sample) { return !sample.captions.empty(); }))
            summary.notes.push_back("Captions have no place in folders; the forms csv and jsonl keep them");
    }

    const Source& m_source;
    fs::path m_target, m_part; ///< m_part: empty once it is the target
    FolderFiles m_content;
    bool m_splits, m_classes;
    size_t m_clips = 0;
    std::set<std::string> m_renamed;
};

} // namespace

ExportForm exportForm(const fs::path& target) {
    const std::string extension = lowerAscii(target.extension().string());
    if (extension.empty())
        return ExportForm::Folder;
    if (extension == ".json")
        return ExportForm::Coco;
    for (const Name& entry : kNames)
        if (extension.substr(1) == entry.name)
            return entry.form;
    throw Error(ErrorCode::InvalidArgument,
                fmt::format("{}: images are exported as .csv, .jsonl, .txt, .json (COCO) or into a folder",
                            displayPath(target)));
}

ExportForm parseExportForm(std::string_view name) {
    for (const Name& entry : kNames)
        if (name == entry.name)
            return entry.form;
    throw Error(ErrorCode::InvalidArgument, fmt::format("'{}' is no form of export", name));
}

ExportSummary exportSamples(const Workspace& workspace, std::span<const SampleId> samples,
                            const fs::path& target, ExportForm form, FolderFiles content,
                            const RunContext& context) {
    if (samples.empty())
        throw Error(ErrorCode::InvalidArgument, "There are no images to export");
    ExportSummary summary;
    if (form == ExportForm::Csv || form == ExportForm::JsonLines || form == ExportForm::Paths) {
        const SampleTableFormat table = form == ExportForm::Csv         ? SampleTableFormat::Csv
                                        : form == ExportForm::JsonLines ? SampleTableFormat::JsonLines
                                                                        : SampleTableFormat::Paths;
        writeFileAtomically(target, sampleTable(workspace, samples, table));
        summary.written = samples.size();
        return summary;
    }
    const Source source(workspace, samples);
    if (form == ExportForm::Folder)
        FolderExport(source, target, content).write(summary, context);
    else
        writeFileAtomically(target, form == ExportForm::Coco ? cocoObjects(source, summary, context)
                                                             : cocoCaptions(source, summary, context));
    return summary;
}

} // namespace diptych

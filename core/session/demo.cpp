// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/session.h"

#include <fmt/format.h>

#include <cstdlib>

namespace diptych {
namespace {

std::filesystem::path userDataDirectory() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return std::filesystem::path(data) / "diptych";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / ".local" / "share" / "diptych";
    throw Error(ErrorCode::NotFound,
                "Neither XDG_DATA_HOME nor HOME is set; say where the demo workspace should be "
                "(--workspace DIR)");
}

/// A dataset is imported anew only where its source has moved, as after the program was installed elsewhere.
void provideDataset(Session& session, const std::string& name, const std::filesystem::path& source,
                    const ImportOptions& options, const RunContext& context) {
    const auto existing = session.workspace().findDataset(name);
    std::error_code ignored;
    if (!existing || !std::filesystem::equivalent(existing->source, source, ignored))
        session.importDataset(source, name, options, context);
}

std::string provideModel(Session& session, const std::filesystem::path& directory,
                         const RunContext& context) {
    std::error_code ignored;
    for (const ModelRecord& model : session.workspace().models())
        if (std::filesystem::equivalent(model.directory, directory, ignored))
            return model.name;
    return session.workspace().model(session.addModel(directory, context)).name;
}

} // namespace

DemoWorkspace prepareDemoWorkspace(const std::filesystem::path& path, const RunContext& context) {
    const std::filesystem::path resources = resourceDirectory() / "demo";
    const std::filesystem::path manifestPath = resources / "demo.json";
    const Json manifest = readJsonFile(manifestPath);
    const std::string where = displayPath(manifestPath);

    DemoWorkspace demo;
    demo.path = path.empty() ? userDataDirectory() / "demo" : path;
    if (demo.path.has_parent_path())
        std::filesystem::create_directories(demo.path.parent_path());
    const auto session = Session::openOrCreate(demo.path);
    const std::string model =
        provideModel(*session, resources / jsonString(manifest, "model", where), context);
    for (const Json& entry : manifest.at("datasets")) {
        context.throwIfCancelled();
        ImportOptions options;
        options.format = jsonString(entry, "format", "", where);
        provideDataset(*session, jsonString(entry, "name", where),
                       resources / jsonString(entry, "path", where), options, context);
    }
    for (const Json& entry : manifest.at("evaluations")) {
        RunSpec spec;
        spec.task = jsonString(entry, "task", where);
        spec.dataset = jsonString(entry, "dataset", where);
        spec.model = model;
        spec.params = entry.value("params", Json::object());
        demo.evaluations.push_back(std::move(spec));
    }
    return demo;
}

} // namespace diptych

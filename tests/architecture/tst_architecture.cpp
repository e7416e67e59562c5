// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the tree to what docs/architecture.md says of it.
#include "tests/architecture/layering.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace diptych::architecture;
namespace fs = std::filesystem;

namespace {

std::string readAll(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// @param withWindow the build may be one without it, which declares no modules for ui
std::vector<SourceFile> sourceFiles(bool withWindow) {
    const fs::path root = DIPTYCH_SOURCE;
    std::vector<SourceFile> files;
    for (const char* folder : {"core", "app", "tests", "ui"}) {
        if (!withWindow && std::string_view(folder) == "ui")
            continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            const auto path = fs::relative(entry.path(), root).string();
            if (entry.is_regular_file() && (extension == ".h" || extension == ".cpp") &&
                (withWindow || !path.starts_with("app/gui/")))
                files.push_back({path, readAll(entry.path())});
        }
    }
    return files;
}

const char* const kLicence = "// SPDX-License-Identifier: GPL-3.0-or-later\n";

std::vector<Module> sampleModules() {
    return parseModules("base|core/base|\nstore|core/store|base\nstore_index|core/store/index|base store\n");
}

} // namespace

class TestArchitecture : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theTreeKeepsItsRules() {
        const auto modules = parseModules(readAll(DIPTYCH_MODULE_LIST));
        QVERIFY2(modules.size() >= 8, "configuring wrote no module list");
        const bool withWindow = std::any_of(modules.begin(), modules.end(),
                                            [](const Module& module) { return module.folder == "app/gui"; });
        const auto files = sourceFiles(withWindow);
        QVERIFY(files.size() > 30);
        const auto found = findViolations(modules, files);
        for (const auto& line : found)
            qWarning("%s", line.c_str());
        QCOMPARE(found.size(), size_t(0));
        const auto cycles = findCycles(modules);
        for (const auto& line : cycles)
            qWarning("%s", line.c_str());
        QCOMPARE(cycles.size(), size_t(0));
    }

    void filesAreNamedInSnakeCase() {
        for (const auto& file : sourceFiles(true)) {
            const auto name = fs::path(file.path).filename().string();
            const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
            });
            QVERIFY2(plain, file.path.c_str());
        }
    }

    void eachRuleBites_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // empty = nothing wrong
        const QString ok = kLicence;
        QTest::newRow("declared") << "core/store/a.cpp" << ok + "#include \"core/base/error.h\"\n"
                                  << "";
        QTest::newRow("own") << "core/store/a.cpp" << ok + "#include \"core/store/b.h\"\n"
                             << "";
        QTest::newRow("upward") << "core/base/a.cpp" << ok + "#include \"core/store/b.h\"\n"
                                << "does not declare 'store'";
        QTest::newRow("nested module") << "core/store/a.cpp" << ok + "#include \"core/store/index/b.h\"\n"
                                       << "does not declare 'store_index'";
        QTest::newRow("no module") << "core/store/a.cpp" << ok + "#include \"core/nowhere/b.h\"\n"
                                   << "in no module";
        QTest::newRow("torch") << "core/store/a.cpp" << ok + "#include <torch/torch.h>\n"
                               << "LibTorch";
        QTest::newRow("ATen") << "core/run/a.cpp" << ok + "#include <ATen/ATen.h>\n"
                              << "LibTorch";
        QTest::newRow("torch at home") << "core/models/a.cpp" << ok + "#include <ATen/ATen.h>\n"
                                       << "";
        QTest::newRow("opencv") << "ui/a.cpp" << ok + "#include <opencv2/core.hpp>\n"
                                << "OpenCV";
        QTest::newRow("sqlite") << "core/run/a.cpp" << ok + "#include <sqlite3.h>\n"
                                << "SQLite";
        QTest::newRow("qt in core") << "core/base/a.cpp" << ok + "#include <QString>\n"
                                    << "Qt";
        QTest::newRow("qt in ui") << "ui/a.cpp" << ok + "#include <QString>\n"
                                  << "";
        QTest::newRow("licence") << "core/base/a.cpp"
                                 << "int a;\n"
                                 << "licence";
        QTest::newRow("pragma") << "core/base/a.h" << ok << "#pragma once";
        QTest::newRow("namespace") << "core/base/a.h" << ok + "#pragma once\nusing namespace std;\n"
                                   << "namespace";
        QTest::newRow("unfinished") << "core/base/a.cpp" << ok + "// TO" + "DO: later\n"
                                    << "unfinished";
        QTest::newRow("long") << "core/base/a.cpp" << ok + QString(600, '\n') << "more than 600 lines";
        QTest::newRow("long test") << "tests/a.cpp" << ok + QString(600, '\n') << "";
    }
    void eachRuleBites() {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto found = findViolations(sampleModules(), {{path.toStdString(), text.toStdString()}});
        if (expected.isEmpty()) {
            QVERIFY2(found.empty(), found.empty() ? "" : found.front().c_str());
        } else {
            QCOMPARE(found.size(), size_t(1));
            QVERIFY2(QString::fromStdString(found.front()).contains(expected), found.front().c_str());
        }
    }

    void cyclesAreFound() {
        QVERIFY(findCycles(sampleModules()).empty());
        const auto found = findCycles(parseModules("a|core/a|b\nb|core/b|c\nc|core/c|a\n"));
        QCOMPARE(found.size(), size_t(1));
        QCOMPARE(QString::fromStdString(found.front()), QString("a -> b -> c -> a"));
    }
};

QTEST_GUILESS_MAIN(TestArchitecture)
#include "tst_architecture.moc"

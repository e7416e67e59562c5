// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/datasets/datasets_support.h"

#include <QTest>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Clips whose frames are files of their own.
class TestClips : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder.emplace();
        for (const char* name : {"jump/img_1.jpg", "jump/img_2.jpg", "jump/img_10.jpg", "jump/notes.txt",
                                 "jump/.hidden.jpg", "run/f001.png", "run/f002.png", "still.jpg"})
            writeFile(m_folder->path() / name);
    }
    void cleanup() { m_folder.reset(); }

    void listsOfFrames() {
        const auto index = jsonl(R"({"frames": ["run/f001.png", "run/f002.png"], "label": "run"}
{"frames": ["run/f002.png"], "label": "run", "text": "the end"}
{"frames": ["run/f001.png", "run/f002.png"], "text": "someone runs"}
{"frames": ["jump/img_2.jpg"], "id": "hop", "label": "jump"}
)");
        QVERIFY2(index.problems.empty(), problemsOf(index).c_str());
        QCOMPARE(index.samples.size(), size_t(3)); // two clips share a frame and are two; one is named twice
        QCOMPARE(index.samples[0].frames, paths({"run/f001.png", "run/f002.png"}));
        QCOMPARE(index.samples[0].image, path("run/f002.png")); // the one in the middle
        QCOMPARE(index.samples[0].captions, std::vector<std::string>{"someone runs"});
        QVERIFY(index.samples[0].key != index.samples[1].key);
        QCOMPARE(index.samples[2].key, std::string("hop"));
        QCOMPARE(index.classNames, (std::vector<std::string>{"jump", "run"}));
    }

    void foldersByTheirNumbers() {
        const auto index = jsonl(R"({"frames": "jump", "label": "jump"}
)");
        QCOMPARE(index.samples.size(), size_t(1));
        QCOMPARE(index.samples[0].frames, paths({"jump/img_1.jpg", "jump/img_2.jpg", "jump/img_10.jpg"}));
        QCOMPARE(index.samples[0].key, std::string("jump"));
        writeFile(path("t.csv"), "clip,label\njump,a\nrun,b\n");
        ImportOptions options;
        options.columns = {{"frames", "clip"}};
        const auto table = import(path("t.csv"), "csv", options);
        QCOMPARE(table.samples.size(), size_t(2));
        QCOMPARE(table.samples[1].frames, paths({"run/f001.png", "run/f002.png"}));
    }

    void clipsAndPicturesInOneTable() {
        const auto index = jsonl(R"({"image": "still.jpg", "label": "a"}
{"frames": ["jump/img_1.jpg", "jump/img_2.jpg"], "label": "b"}
{"image": "still.jpg", "frames": ["run/f001.png", "run/f002.png"]}
)");
        QCOMPARE(index.samples.size(), size_t(3));
        QVERIFY(index.samples[0].frames.empty());
        QCOMPARE(index.samples[1].frames.size(), size_t(2));
        QCOMPARE(index.samples[2].image, path("still.jpg")); // what people look at
        QCOMPARE(index.samples[2].frames.size(), size_t(2));
    }

    void numbersBesideImagesAreNoFrames() {
        for (const auto& index :
             {jsonl("{\"image\": \"still.jpg\", \"frames\": 120}\n"), csv("image,frames\nstill.jpg,120\n")}) {
            QCOMPARE(index.samples.size(), size_t(1));
            QVERIFY(index.samples[0].frames.empty());
            QVERIFY(index.samples[0].attributes.contains("frames"));
        }
    }

    void whatIsMissing() {
        const auto index = jsonl(R"({"frames": ["run/f001.png", "run/f003.png"]}
{"frames": "walk"}
{"frames": [1, 2]}
{"frames": []}
{"frames": ["run/f001.png"]}
)");
        QCOMPARE(index.samples.size(), size_t(1));
        const auto problems = problemsOf(index);
        QVERIFY2(contains(problems, "f003.png does not exist (frame 2 of 2)"), problems.c_str());
        QVERIFY2(contains(problems, "walk does not exist"), problems.c_str());
        QVERIFY2(contains(problems, "'frames' should be a list of the frames' names"), problems.c_str());
        QVERIFY2(contains(problems, "names no image"), problems.c_str());
    }

    void previewSaysWhatFramesAre() {
        writeFile(path("t.jsonl"), "{\"frames\": [\"run/f001.png\"], \"image\": \"still.jpg\"}\n");
        const auto table = previewTable(path("t.jsonl"), {}, 1);
        QCOMPARE(table->roles.at("frames"), std::string("frames"));
        QCOMPARE(table->roles.at("image"), std::string("image"));
    }

private:
    fs::path path(const char* name) const { return m_folder->path() / name; }
    std::vector<fs::path> paths(std::initializer_list<const char*> names) const {
        std::vector<fs::path> out;
        for (const char* name : names)
            out.push_back(path(name));
        return out;
    }
    DatasetIndex jsonl(const std::string& content) const {
        writeFile(path("t.jsonl"), content);
        return import(path("t.jsonl"));
    }
    DatasetIndex csv(const std::string& content) const {
        writeFile(path("t.csv"), content);
        return import(path("t.csv"));
    }

    std::optional<TemporaryDirectory> m_folder;
};

QTEST_GUILESS_MAIN(TestClips)
#include "tst_clips.moc"

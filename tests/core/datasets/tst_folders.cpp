// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets_support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

/// Folders of class folders, flat folders, and telling formats apart.
class TestFolders : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryDirectory>(); }
    void cleanup() { m_folder.reset(); }

    void classFolders();
    void splitFolders();
    void classNamesFromAList();
    void hiddenAndOtherFiles();
    void emptyClassFoldersAreNoClasses();
    void linksEnd();
    void linkedImagesCount();
    void unreadableFoldersAreProblems();
    void namesInAnyEncoding();
    void foldersThatAreNotUtf8KeepTheirNamesApart();
    void specialFilesAreProblems();
    void nothingToImport();
    void flatFolder();
    void captionsBesideImages();
    void foldersOfClips();
    void detection_data();
    void detection();
    void unknownFormatListsTheKnown();
    void missingSourceIsNamed();
    void cancels();
    void hundredThousandFiles();

private:
    fs::path root() const { return m_folder->path() / "pictures"; }
    std::unique_ptr<TemporaryDirectory> m_folder;
};

void TestFolders::classFolders() {
    for (const char* name : {"dog/2.JPG", "dog/10.jpg", "cat/a.png", "Zebra/deep/er/x.webp", "cat/b.jpeg"})
        writeFile(root() / name);
    const auto index = import(root().native() + "/");
    QCOMPARE(index.format, std::string("imagefolder"));
    QCOMPARE(index.source, root());
    QCOMPARE(index.root, root());
    QCOMPARE(index.classNames,
             (std::vector<std::string>{"Zebra", "cat", "dog"})); // byte-wise, as torchvision
    QCOMPARE(describe(index),
             std::string("Zebra/deep/er/x.webp=0 cat/a.png=1 cat/b.jpeg=1 dog/10.jpg=2 dog/2.JPG=2"));
    QCOMPARE(index.samples[0].image, root() / "Zebra/deep/er/x.webp");
    QVERIFY(index.problems.empty());
    QCOMPARE(describe(import(root())), describe(index));
}

void TestFolders::foldersOfClips() {
    for (const char* name : {"run/v_1.avi", "run/v_2.AVI", "jump/a.mp4"})
        writeFile(root() / name);
    const auto index = import(root());
    QCOMPARE(index.format, std::string("imagefolder"));
    QCOMPARE(describe(index), std::string("jump/a.mp4=0 run/v_1.avi=1 run/v_2.AVI=1"));
    QVERIFY(index.problems.empty());
    writeFile(root() / "labels.csv", "jump/a.mp4,jump\nrun/v_1.avi,run\n");
    QVERIFY(contains(errorOf(root() / "labels.csv"), "'jump/a.mp4,jump', is data"));
    writeFile(root() / "labels.csv", "file,label\njump/a.mp4,jump\nrun/v_1.avi,run\n");
    QCOMPARE(import(root() / "labels.csv").samples.size(), size_t{2});
    // Beside a picture they would count as pictures without anybody asking.
    writeFile(root() / "run/photo.jpg");
    const auto mixed = import(root());
    QCOMPARE(mixed.samples.size(), size_t{1});
    QCOMPARE(mixed.samples.front().key, std::string("run/photo.jpg"));
    QVERIFY2(contains(problemsOf(mixed), "1 file ending in .mp4 left out: clips beside pictures"),
             problemsOf(mixed).c_str());
}

void TestFolders::splitFolders() {
    for (const char* name : {"train/cat/1.jpg", "train/dog/1.jpg", "val/dog/2.jpg", "test/eel/1.jpg"})
        writeFile(root() / name);
    const auto index = import(root());
    QCOMPARE(index.classNames, (std::vector<std::string>{"cat", "dog", "eel"}));
    QCOMPARE(describe(index),
             std::string("test/eel/1.jpg=2/test train/cat/1.jpg=0/train train/dog/1.jpg=1/train "
                         "val/dog/2.jpg=1/val"));
    writeFile(root() / "zoo" / "1.jpg"); // not a split
    const auto mixed = import(root());
    QCOMPARE(describe(mixed), describe(index));
    QVERIFY(contains(problemsOf(mixed), "zoo/1.jpg: the folder 'zoo' lies beside the splits"));
}

void TestFolders::classNamesFromAList() {
    writeFile(root() / "n01" / "1.jpg");
    writeFile(root() / "n02" / "1.jpg");
    writeFile(root() / "classnames.txt", "\xef\xbb\xbfn02 great white shark\r\nn01\ttench\r\nn03 unused\r\n");
    QCOMPARE(import(root()).classNames, (std::vector<std::string>{"tench", "great white shark"}));
    writeFile(root() / "classnames.txt", "first\nsecond\n\n");
    QCOMPARE(import(root()).classNames, (std::vector<std::string>{"first", "second"}));
    writeFile(root() / "classnames.txt", "only one\n");
    const auto index = import(root());
    QCOMPARE(index.classNames, (std::vector<std::string>{"n01", "n02"}));
    QVERIFY(contains(problemsOf(index), "1 lines and there are 2 class folders"));
}

void TestFolders::hiddenAndOtherFiles() {
    for (const char* name : {"cat/1.jpg", "dog/1.jpg", ".hidden/1.jpg", "cat/.thumb.jpg", "cat/notes.doc",
                             "dog/a.doc", "dog/Makefile", "stray.jpg", "__MACOSX/cat/1.jpg", "cat/Thumbs.db"})
        writeFile(root() / name);
    const auto index = import(root());
    QCOMPARE(describe(index), std::string("cat/1.jpg=0 dog/1.jpg=1"));
    const auto problems = problemsOf(index);
    QCOMPARE(index.problems.size(), size_t(3));
    QVERIFY(contains(problems, "stray.jpg: lies outside of any class folder"));
    QVERIFY(contains(problems, "2 files ending in .doc"));
    QVERIFY(contains(problems, "1 file without an extension"));
}

void TestFolders::emptyClassFoldersAreNoClasses() {
    writeFile(root() / "cat" / "1.jpg");
    writeFile(root() / "dog" / "1.jpg");
    fs::create_directories(root() / "eel");
    QCOMPARE(import(root()).classNames, (std::vector<std::string>{"cat", "dog"}));
}

void TestFolders::linksEnd() {
    writeFile(root() / "cat" / "1.jpg");
    writeFile(root() / "dog" / "1.jpg");
    fs::create_directory_symlink(root(), root() / "cat" / "up");
    fs::create_directory_symlink(".", root() / "dog" / "self");
    fs::create_directory_symlink("../dog", root() / "cat" / "other");
    fs::create_symlink("nowhere.jpg", root() / "cat" / "broken.jpg");
    fs::create_symlink("loop.jpg", root() / "cat" / "loop.jpg");
    const auto index = import(root(), "imagefolder");
    QCOMPARE(index.samples.size(), size_t(2));
    const auto problems = problemsOf(index);
    QVERIFY2(contains(problems, "cat/up/: is the same folder as"), problems.c_str());
    QVERIFY(contains(problems, "cat/broken.jpg: is a symbolic link to a file that is not there"));
    QVERIFY(contains(problems, "cat/loop.jpg: is a symbolic link"));
}

void TestFolders::linkedImagesCount() {
    writeFile(m_folder->path() / "elsewhere" / "1.jpg");
    writeFile(root() / "cat" / "1.jpg");
    fs::create_directory_symlink(m_folder->path() / "elsewhere", root() / "dog");
    fs::create_symlink(m_folder->path() / "elsewhere" / "1.jpg", root() / "cat" / "2.jpg");
    QCOMPARE(describe(import(root())), std::string("cat/1.jpg=0 cat/2.jpg=0 dog/1.jpg=1"));
}

void TestFolders::unreadableFoldersAreProblems() {
    writeFile(root() / "cat" / "1.jpg");
    writeFile(root() / "dog" / "1.jpg");
    writeFile(root() / "locked" / "1.jpg");
    fs::permissions(root() / "locked", fs::perms::none);
    fs::permissions(m_folder->path(), static_cast<fs::perms>(0755));
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::setuid(65534) != 0)
            ::_exit(3);
        try {
            const auto index = import(root());
            ::_exit(index.samples.size() == 2 && contains(problemsOf(index), "locked") ? 0 : 1);
        } catch (const Error&) {
            ::_exit(2);
        }
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    fs::permissions(root() / "locked", fs::perms::owner_all);
}

void TestFolders::namesInAnyEncoding() {
    for (const char* name :
         {"k\xe4se/a\xff.jpg", "k\xe4se/a\xfe.jpg", "\xe5\x9b\xbe/\xf0\x9f\x98\x80 x.png", "a b/%20\n.gif"})
        writeFile(root() / name);
    const auto index = import(root());
    QCOMPARE(index.samples.size(), size_t(4));
    std::set<std::string> keys;
    for (const auto& sample : index.samples) {
        QVERIFY(isValidUtf8(sample.key));
        QVERIFY(fs::exists(sample.image));
        keys.insert(sample.key);
    }
    QCOMPARE(keys.size(), size_t(4));
    for (const auto& name : index.classNames)
        QVERIFY(isValidUtf8(name));
}

void TestFolders::foldersThatAreNotUtf8KeepTheirNamesApart() {
    writeFile(root() / "caf\xe9/1.jpg");
    writeFile(root() / "caf\xe8/1.jpg");
    QCOMPARE(import(root()).classNames, (std::vector<std::string>{"caf\xc3\xa8", "caf\xc3\xa9"}));
}

void TestFolders::specialFilesAreProblems() {
    writeFile(root() / "1.jpg");
    QCOMPARE(::mkfifo((root() / "pipe.jpg").c_str(), 0644), 0);
    const auto index = import(root());
    QCOMPARE(index.samples.size(), size_t(1));
    QVERIFY(contains(problemsOf(index), "pipe.jpg: is not a regular file"));
    QVERIFY(contains(errorOf(root() / "pipe.jpg", "csv"), "not a regular file")); // and does not wait
    QVERIFY(contains(errorOf("/dev/zero", "jsonl"), "not a regular file"));
}

void TestFolders::nothingToImport() {
    fs::create_directories(root());
    QVERIFY(contains(errorOf(root()), "Cannot tell what kind of dataset"));
    QVERIFY(contains(errorOf(root(), "flat"), "no images"));
    writeFile(root() / "1.jpg");
    QVERIFY(contains(errorOf(root(), "imagefolder"), "'flat'"));
}

void TestFolders::flatFolder() {
    for (const char* name : {"b.png", "a.jpg", "sub/c.bmp"})
        writeFile(root() / name);
    const auto index = import(root(), "flat");
    QCOMPARE(describe(index), std::string("a.jpg=-1 b.png=-1 sub/c.bmp=-1"));
    QVERIFY(index.classNames.empty());
}

void TestFolders::captionsBesideImages() {
    writeFile(root() / "a.jpg");
    writeFile(root() / "a.txt", "\xef\xbb\xbf one cat \r\n\r\na second line");
    writeFile(root() / "b.jpg");
    writeFile(root() / "c.jpg");
    writeFile(root() / "c.txt", std::string(100'000, 'x'));
    const auto index = import(root());
    QCOMPARE(index.samples[0].captions, (std::vector<std::string>{"one cat", "a second line"}));
    QVERIFY(index.samples[1].captions.empty() && index.samples[2].captions.empty());
    QVERIFY(contains(problemsOf(index), "c.txt"));
}

void TestFolders::detection_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("format");
    QTest::newRow("class folders") << QStringList{"a/1.jpg", "b/1.jpg"} << ""
                                   << "imagefolder";
    QTest::newRow("class folders and a stray") << QStringList{"a/1.jpg", "b/1.jpg", "x.jpg"} << ""
                                               << "imagefolder";
    QTest::newRow("one class") << QStringList{"a/1.jpg"} << ""
                               << "imagefolder";
    QTest::newRow("splits") << QStringList{"train/a/1.jpg", "test/a/1.jpg"} << ""
                            << "imagefolder";
    QTest::newRow("flat") << QStringList{"1.jpg", "2.jpg"} << ""
                          << "flat";
    QTest::newRow("flat with a subfolder") << QStringList{"1.jpg", "more/2.jpg"} << ""
                                           << "flat";
    QTest::newRow("images folder") << QStringList{"images/2.jpg", "readme"} << ""
                                   << "flat";
    QTest::newRow("table") << QStringList{"x.csv", "1.jpg"} << "x.csv"
                           << "csv";
    QTest::newRow("table, capitals") << QStringList{"x.TSV", "1.jpg"} << "x.TSV"
                                     << "csv";
    QTest::newRow("table in the folder") << QStringList{"metadata.csv", "1.jpg"} << ""
                                         << "csv";
    QTest::newRow("lines") << QStringList{"x.jsonl", "1.jpg"} << "x.jsonl"
                           << "jsonl";
    QTest::newRow("unknown") << QStringList{"x.pdf"} << "x.pdf"
                             << "";
}

void TestFolders::detection() {
    QFETCH(QStringList, files);
    QFETCH(QString, source);
    QFETCH(QString, format);
    for (const auto& file : files) {
        const bool lines = file.endsWith(".jsonl");
        writeFile(root() / file.toStdString(), lines ? "{\"image\": \"1.jpg\"}\n" : "image\n1.jpg\n");
    }
    const auto path = source.isEmpty() ? root() : root() / source.toStdString();
    if (format.isEmpty())
        QVERIFY(contains(errorOf(path), "Cannot tell"));
    else
        QCOMPARE(import(path).format, format.toStdString());
}

void TestFolders::unknownFormatListsTheKnown() {
    writeFile(root() / "1.jpg");
    ErrorCode code{};
    const auto message = errorOf(root(), "parquet", {}, &code);
    QCOMPARE(code, ErrorCode::InvalidArgument);
    for (const auto& format : datasetFormats())
        QVERIFY(contains(message, format.id));
}

void TestFolders::missingSourceIsNamed() {
    ErrorCode code{};
    QVERIFY(contains(errorOf(root() / "none", "", {}, &code), "none"));
    QCOMPARE(code, ErrorCode::NotFound);
    errorOf("", "", {}, &code);
    QCOMPARE(code, ErrorCode::InvalidArgument);
    errorOf(root() / std::string(5000, 'x'), "", {}, &code);
}

void TestFolders::cancels() {
    writeFile(root() / "a" / "1.jpg");
    writeFile(root() / "b" / "1.jpg");
    std::stop_source source;
    source.request_stop();
    RunContext context;
    context.stop = source.get_token();
    QVERIFY_THROWS_EXCEPTION(Cancelled, importDataset(root(), {}, context));
}

void TestFolders::hundredThousandFiles() {
    using Clock = std::chrono::steady_clock;
    const auto build = [&](const fs::path& where, int classes, int each) {
        for (int i = 0; i < classes; ++i) {
            const auto folder = where / std::to_string(i);
            fs::create_directories(folder);
            for (int j = 0; j < each; ++j) {
                const int fd =
                    ::open((folder / (std::to_string(j) + ".jpg")).c_str(), O_CREAT | O_WRONLY, 0644);
                ::close(fd);
            }
        }
    };
    const auto timed = [&](const fs::path& where, size_t expected) {
        const auto started = Clock::now();
        const auto index = import(where);
        [&] { QCOMPARE(index.samples.size(), expected); }();
        return std::chrono::duration<double>(Clock::now() - started).count();
    };
    build(root() / "small", 10, 1000);
    const auto started = Clock::now();
    build(root() / "large", 100, 1000);
    const double building = std::chrono::duration<double>(Clock::now() - started).count();
    timed(root() / "small", 10'000);
    const double small = timed(root() / "small", 10'000), large = timed(root() / "large", 100'000);
    qInfo("10,000 in %.3f s, 100,000 in %.3f s; making the files took %.2f s", small, large, building);
    QVERIFY2(large < 40 * small, "indexing must not slow down as the folder grows");
    QVERIFY2(large < building, "indexing asks for less than one system call per file");
}

QTEST_GUILESS_MAIN(TestFolders)
#include "tst_folders.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixtures.h"

#include <QTest>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> bytesOf(const std::string& text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

std::vector<std::byte> fixtureBytes(const std::string& name) {
    auto bytes = readFile(imageFixture(name));
    if (!bytes)
        throw bytes.error();
    return std::move(*bytes);
}

void putBigEndian(std::vector<std::byte>& bytes, size_t at, uint32_t value, int count) {
    for (int i = 0; i < count; ++i)
        bytes[at + static_cast<size_t>(i)] = static_cast<std::byte>(value >> 8 * (count - 1 - i));
}

void putLittleEndian(std::vector<std::byte>& bytes, size_t at, uint32_t value, int count) {
    for (int i = 0; i < count; ++i)
        bytes[at + static_cast<size_t>(i)] = static_cast<std::byte>(value >> 8 * i);
}

size_t find(const std::vector<std::byte>& bytes, const std::string& text) {
    const auto pattern = bytesOf(text);
    return static_cast<size_t>(std::search(bytes.begin(), bytes.end(), pattern.begin(), pattern.end()) -
                               bytes.begin());
}

/// What is written to the process's standard error while it lives.
class StderrCapture {
public:
    StderrCapture() : m_path(m_dir.path() / "stderr"), m_saved(::dup(2)) {
        std::fflush(stderr);
        const int file = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, 2);
        ::close(file);
    }
    ~StderrCapture() {
        std::fflush(stderr);
        ::dup2(m_saved, 2);
        ::close(m_saved);
    }
    std::string text() const {
        std::fflush(stderr);
        return readTextFile(m_path);
    }

private:
    TemporaryDirectory m_dir;
    fs::path m_path;
    int m_saved;
};

} // namespace

class TestDecode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindEqualsPillow_data() {
        QTest::addColumn<QString>("name");
        for (const auto& item : golden().at("decode").items())
            QTest::newRow(item.key().c_str()) << QString::fromStdString(item.key());
        QVERIFY(golden().at("decode").size() > 100);
    }

    void everyKindEqualsPillow() {
        QFETCH(QString, name);
        const Json& expected = golden().at("decode").at(name.toStdString());
        const Image image = decodedFixture(name.toStdString());
        QCOMPARE(image.width, expected.at("width").get<int>());
        QCOMPARE(image.height, expected.at("height").get<int>());
        QCOMPARE(hashOf(image.rgb), expected.at("rgb").get<std::string>());
        if (expected.contains("alpha"))
            QCOMPARE(hashOf(image.alpha), expected.at("alpha").get<std::string>());
    }

    void oddMetadataAndChecksumsAreReadAsPillowDoes_data() {
        QTest::addColumn<QString>("name");
        const Json golden = readJsonFile(fs::path(DIPTYCH_FIXTURES) / "image_odd" / "golden.json");
        for (const auto& item : golden.at("decode").items())
            QTest::newRow(item.key().c_str()) << QString::fromStdString(item.key());
        QVERIFY(golden.at("decode").size() > 50);
    }

    void oddMetadataAndChecksumsAreReadAsPillowDoes() {
        QFETCH(QString, name);
        const fs::path folder = fs::path(DIPTYCH_FIXTURES) / "image_odd";
        const Json expected = readJsonFile(folder / "golden.json").at("decode").at(name.toStdString());
        const auto image = decodeImage(folder / name.toStdString());
        if (expected.contains("refused")) {
            QVERIFY2(!image, "it was read");
            QVERIFY2(image.error().code() == ErrorCode::Corrupt ||
                         image.error().code() == ErrorCode::LimitExceeded,
                     image.error().what());
            return;
        }
        QVERIFY2(image.has_value(), image ? "" : image.error().what());
        QCOMPARE(image->width, expected.at("width").get<int>());
        QCOMPARE(image->height, expected.at("height").get<int>());
        QCOMPARE(hashOf(image->rgb), expected.at("rgb").get<std::string>());
    }

    void aFailureWhileAPictureIsUsedIsItsOwn() {
        const auto narrow = withDecodedImage(imageFixture("rgb_8.png"), [](const Image&) {
            throw Error(ErrorCode::LimitExceeded, "it is too narrow");
        });
        QVERIFY(!narrow);
        QCOMPARE(narrow.error().code(), ErrorCode::LimitExceeded);
        QVERIFY(QString(narrow.error().what()).contains("rgb_8.png: it is too narrow"));
        const auto large =
            withDecodedImage(imageFixture("rgb_8.png"), [](const Image&) { throw std::bad_alloc(); });
        QVERIFY(!large);
        QCOMPARE(large.error().code(), ErrorCode::OutOfMemory);
        bool used = false;
        QVERIFY(withDecodedImage(imageFixture("rgb_8.png"),
                                 [&](const Image& image) { used = image.width == 37; }));
        QVERIFY(used);
        QVERIFY(!withDecodedImage(imageFixture("no_such.png"), [](const Image&) {}));
    }

    void probingAgreesWithDecoding() {
        for (const fs::path& path : imageFixtures()) {
            const auto image = decodeImage(path);
            if (!image)
                continue;
            const auto bytes = readFile(path);
            const auto size = probeImageSize(*bytes, displayPath(path));
            QVERIFY2(size.has_value(), path.c_str());
            QCOMPARE(size->width, image->width);
            QCOMPARE(size->height, image->height);
        }
    }

    void transparentColoursBecomeAlpha() {
        const Image key = decodedFixture("grey_4_key.png");
        QCOMPARE(key.alpha.size(), key.rgb.size() / 3);
        for (size_t i = 0; i < key.alpha.size(); ++i)
            QCOMPARE(key.alpha[i], static_cast<uint8_t>(key.rgb[3 * i] == 7 * 17 ? 0 : 255));
        const Image gif = decodedFixture("offset_transparent.gif");
        QCOMPARE(gif.alpha.front(), uint8_t{0}); // outside the frame
        QVERIFY(std::count(gif.alpha.begin(), gif.alpha.end(), 255) > 0);
        QVERIFY(decodedFixture("rgb_8.png").alpha.empty());
    }

    void contentDecidesNotTheName() {
        const TemporaryDirectory dir;
        const fs::path path = dir.path() / "really_a_png.jpg";
        writeFileAtomically(path, fixtureBytes("rgb_8.png"));
        QCOMPARE(decodeImage(path)->rgb, decodedFixture("rgb_8.png").rgb);
    }

    void whatIsNoImageIsRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("These are the notes of a meeting, not a picture.\n");
        QTest::newRow("one byte") << QByteArray("\xFF");
        QTest::newRow("only magic, JPEG") << QByteArray("\xFF\xD8\xFF");
        QTest::newRow("only magic, PNG") << QByteArray("\x89PNG\r\n\x1A\n");
        QTest::newRow("only magic, GIF") << QByteArray("GIF89a");
        QTest::newRow("only magic, BMP") << QByteArray("BM");
        QTest::newRow("only magic, TIFF") << QByteArray("II*\0", 4);
        QTest::newRow("only magic, WebP") << QByteArray("RIFF\x10\0\0\0WEBPVP8 ", 16);
    }

    void whatIsNoImageIsRefused() {
        QFETCH(QByteArray, bytes);
        const TemporaryDirectory dir;
        const fs::path path = dir.path() / "notes.jpg";
        writeFileAtomically(path, std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
        const auto image = decodeImage(path);
        QVERIFY(!image.has_value());
        QCOMPARE(image.error().code(), ErrorCode::Corrupt);
        QVERIFY(std::string(image.error().what()).find("notes.jpg") != std::string::npos);
    }

    void missingFilesAndFoldersAreNamed() {
        const TemporaryDirectory dir;
        QCOMPARE(decodeImage(dir.path() / "none.png").error().code(), ErrorCode::NotFound);
        QCOMPARE(decodeImage(dir.path()).error().code(), ErrorCode::Unreadable);
    }

    void anEnormousFileIsNotEvenRead() {
        const TemporaryDirectory dir;
        const fs::path path = dir.path() / "disk.jpg";
        writeFileAtomically(path, fixtureBytes("rgb_444.jpg"));
        fs::resize_file(path, uint64_t{3} << 30); // sparse
        QCOMPARE(decodeImage(path).error().code(), ErrorCode::LimitExceeded);
        QCOMPARE(decodeThumbnail(path, 64).error().code(), ErrorCode::LimitExceeded);
    }

    void largePicturesAreTurnedToo_data() {
        QTest::addColumn<int>("orientation");
        for (int orientation = 1; orientation <= 8; ++orientation)
            QTest::addRow("%d", orientation) << orientation;
    }

    void largePicturesAreTurnedToo() {
        QFETCH(int, orientation);
        const size_t width = 150, height = 90;
        auto bytes = encodeJpeg(noise(width, height, 5), 90);
        const Image stored = *decodeImage(bytes, "stored");
        auto exif =
            bytesOf(std::string("\xFF\xE1\x00\x22"
                                "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0",
                                36));
        exif[29] = static_cast<std::byte>(orientation);
        bytes.insert(bytes.begin() + 2, exif.begin(), exif.end());
        const Image turned = *decodeImage(bytes, "turned");
        const bool sideways = orientation >= 5;
        QCOMPARE(turned.width, static_cast<int>(sideways ? height : width));
        for (size_t y = 0; y < height; ++y)
            for (size_t x = 0; x < width; ++x) {
                // Where EXIF's definition puts the stored pixel (x, y).
                const size_t right = orientation == 2 || orientation == 3   ? width - 1 - x
                                     : orientation == 5 || orientation == 8 ? y
                                     : sideways                             ? height - 1 - y
                                                                            : x;
                const size_t down = orientation == 3 || orientation == 4   ? height - 1 - y
                                    : orientation == 5 || orientation == 6 ? x
                                    : sideways                             ? width - 1 - x
                                                                           : y;
                QCOMPARE(turned.rgb[(down * static_cast<size_t>(turned.width) + right) * 3],
                         stored.rgb[(y * width + x) * 3]);
            }
    }

    void aFileCutOffIsRefused() {
        for (const fs::path& path : imageFixtures()) {
            // The first of several pictures may be whole before the cut.
            if (path.filename() == "animated.gif" || path.filename() == "two_pages.tif")
                continue;
            const auto bytes = readFile(path);
            for (const size_t percent : {10, 40, 60}) {
                const auto part = std::span(*bytes).first(bytes->size() * percent / 100);
                const auto image = decodeImage(part, path.filename().string());
                QVERIFY2(!image.has_value(),
                         qPrintable(QString("%1 at %2 %").arg(path.c_str()).arg(percent)));
                QVERIFY2(image.error().code() == ErrorCode::Corrupt ||
                             image.error().code() == ErrorCode::Unsupported,
                         image.error().what());
            }
        }
    }

    void aCutOffJpegOrPngSaysTruncated() {
        for (const char* name : {"rgb_420.jpg", "progressive.jpg", "grey.jpg", "rgb_8.png",
                                 "interlaced_rgb.png", "lossless.webp", "rgb_24.bmp", "palette.gif"}) {
            const auto bytes = fixtureBytes(name);
            const auto image = decodeImage(std::span(bytes).first(bytes.size() * 7 / 10), name);
            QVERIFY2(!image.has_value(), name);
            QVERIFY2(std::string(image.error().what()).find("truncated") != std::string::npos,
                     image.error().what());
        }
    }

    void aDecompressionBombIsRefusedByItsHeader_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"rgb_8.png", "rgb_444.jpg", "progressive.jpg", "palette.gif", "rgb_24.bmp",
                                 "strips_big_endian.tif"})
            QTest::newRow(name) << name;
    }

    void aDecompressionBombIsRefusedByItsHeader() {
        QFETCH(QString, name);
        auto bytes = fixtureBytes(name.toStdString());
        constexpr uint32_t kSide = 60000;
        if (name.endsWith(".png")) {
            putBigEndian(bytes, 16, kSide, 4);
            putBigEndian(bytes, 20, kSide, 4);
        } else if (name.endsWith(".jpg")) {
            const size_t frame = std::min(find(bytes, "\xFF\xC0"), find(bytes, "\xFF\xC2"));
            putBigEndian(bytes, frame + 5, kSide, 2);
            putBigEndian(bytes, frame + 7, kSide, 2);
        } else if (name.endsWith(".gif")) {
            putLittleEndian(bytes, 6, kSide, 2);
            putLittleEndian(bytes, 8, kSide, 2);
        } else if (name.endsWith(".bmp")) {
            putLittleEndian(bytes, 18, kSide, 4);
            putLittleEndian(bytes, 22, kSide, 4);
        } else {
            const size_t table = find(bytes, std::string("\x01\x00\x00\x04\x00\x00\x00\x01", 8));
            putBigEndian(bytes, table + 8, kSide, 4);
            putBigEndian(bytes, table + 20, kSide, 4);
        }
        const auto image = decodeImage(bytes, "bomb");
        QVERIFY(!image.has_value());
        QCOMPARE(image.error().code(), ErrorCode::LimitExceeded);
        const std::string message = image.error().what();
        QVERIFY2(message.find("60000 x 60000") != std::string::npos, message.c_str());
        QVERIFY2(message.find("178956970") != std::string::npos, message.c_str());
    }

    void theLimitHoldsForEveryKind() {
        for (const fs::path& path : imageFixtures()) {
            const auto whole = decodeImage(path);
            if (!whole || whole->width * whole->height < 2)
                continue;
            const int64_t pixels = int64_t{whole->width} * whole->height;
            QVERIFY2(decodeImage(path, pixels).has_value(), path.c_str());
            QCOMPARE(decodeImage(path, pixels - 1).error().code(), ErrorCode::LimitExceeded);
        }
    }

    void aSizeOfZeroIsCorrupt() {
        auto bytes = fixtureBytes("rgb_24.bmp");
        putLittleEndian(bytes, 18, 0, 4);
        QCOMPARE(decodeImage(bytes, "zero").error().code(), ErrorCode::Corrupt);
    }

    void aDamagedChunkIsRefused() {
        auto bytes = fixtureBytes("rgb_8.png");
        const size_t data = find(bytes, "IDAT");
        bytes[data + 40] ^= std::byte{0x55};
        QCOMPARE(decodeImage(bytes, "damaged").error().code(), ErrorCode::Corrupt);
    }

    void unsupportedKindsSaySo() {
        const auto image = decodeImage(imageFixture("unsupported_float.tif"));
        QCOMPARE(image.error().code(), ErrorCode::Unsupported);
        QVERIFY(std::string(image.error().what()).find("32 bits") != std::string::npos);
    }

    void theLibrariesKeepQuiet() {
        const StderrCapture capture;
        for (const fs::path& path : imageFixtures()) {
            auto bytes = *readFile(path);
            for (size_t at = bytes.size() / 3; at < bytes.size(); at += bytes.size() / 7 + 1)
                bytes[at] ^= std::byte{0xFF};
            (void)decodeImage(bytes, "damaged");
            (void)decodeImage(std::span(bytes).first(bytes.size() / 2), "cut");
        }
        QCOMPARE(capture.text(), std::string());
    }

    void extensionsOfAnyCase() {
        for (const char* name : {"a.jpg", "a.JPEG", "b.Png", "c.webp", "d.BMP", "e.tiff", "e.tif", "f.GIF"})
            QVERIFY2(hasImageExtension(name), name);
        for (const char* name : {"a.txt", "jpg", ".jpg", "a.jpg.txt", "a.", "", "a.jpgg"})
            QVERIFY2(!hasImageExtension(name), name);
    }
};

QTEST_GUILESS_MAIN(TestDecode)
#include "tst_decode.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixtures.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cmath>

using namespace diptych;
using namespace diptych::test;

namespace {

double meanDifference(const Image& a, const Image& b) {
    double sum = 0;
    for (size_t i = 0; i < a.rgb.size(); ++i)
        sum += std::abs(a.rgb[i] - b.rgb[i]);
    return sum / static_cast<double>(a.rgb.size());
}

/// Smooth, so that ways of reducing it agree.
Image gradient(int width, int height) {
    Image image{width, height, {}, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (const int value : {x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height)})
                image.rgb.push_back(static_cast<uint8_t>(value));
    return image;
}

} // namespace

class TestImage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cropFillsOutsideWithBlack() {
        const Image image = noise(5, 4, 1);
        const Image inside = crop(image, 1, 2, 3, 2);
        QCOMPARE(inside.rgb[0], image.rgb[(2 * 5 + 1) * 3]);
        const Image around = crop(image, -2, -1, 9, 7);
        QCOMPARE(around.width, 9);
        QCOMPARE(around.rgb[0], uint8_t{0});
        QCOMPARE(around.rgb[(1 * 9 + 2) * 3 + 1], image.rgb[1]);
        QCOMPARE(crop(around, 2, 1, 5, 4).rgb, image.rgb);
        QCOMPARE(crop(image, 50, 0, 2, 2).rgb, std::vector<uint8_t>(12, 0));
        QCOMPARE(errorCodeOf([&] { (void)crop(image, 0, 0, 0, 2); }), ErrorCode::InvalidArgument);
    }

    void cropKeepsAlpha() {
        Image image = noise(3, 1, 1);
        image.alpha = {10, 20, 30};
        QCOMPARE(crop(image, 1, 0, 4, 1).alpha, (std::vector<uint8_t>{20, 30, 0, 0}));
    }

    void compositeBlendsByAlpha() {
        const Image image{3, 1, {200, 100, 0, 200, 100, 0, 200, 100, 0}, {0, 255, 128}};
        const Image out = compositeOver(image, 0, 100, 255);
        QVERIFY(out.alpha.empty());
        QCOMPARE(out.rgb, (std::vector<uint8_t>{0, 100, 255, 200, 100, 0, 100, 100, 127}));
        const Image opaque = noise(4, 4, 2);
        QCOMPARE(compositeOver(opaque, 1, 2, 3).rgb, opaque.rgb);
    }

    void thumbnailsFitAndNeverGrow() {
        const Image wide = makeThumbnail(noise(300, 100, 3), 60);
        QCOMPARE(wide.width, 60);
        QCOMPARE(wide.height, 20);
        const Image line = makeThumbnail(noise(2, 500, 3), 50);
        QCOMPARE(line.width, 1);
        QCOMPARE(line.height, 50);
        const Image small = noise(20, 30, 4);
        QCOMPARE(makeThumbnail(small, 60).rgb, small.rgb);
        QCOMPARE(errorCodeOf([&] { (void)makeThumbnail(small, 0); }), ErrorCode::InvalidArgument);
    }

    void transparentThumbnailsShowAChecker() {
        Image image{64, 64, std::vector<uint8_t>(size_t{64} * 64 * 3, 10),
                    std::vector<uint8_t>(size_t{64} * 64, 0)};
        const Image clear = makeThumbnail(image, 32);
        QVERIFY(clear.alpha.empty());
        QCOMPARE(clear.rgb[0], uint8_t{255});
        QCOMPARE(clear.rgb[8 * 3], uint8_t{224});
        std::fill(image.alpha.begin(), image.alpha.end(), uint8_t{255});
        QCOMPARE(makeThumbnail(image, 32).rgb, std::vector<uint8_t>(size_t{32} * 32 * 3, 10));
    }

    void aQuickThumbnailLooksLikeTheSlowOne() {
        const TemporaryDirectory dir;
        const auto path = dir.path() / "large.jpg";
        const Image image = gradient(640, 410);
        writeFileAtomically(path, encodeJpeg(image, 95));
        const auto quick = decodeThumbnail(path, 64);
        QVERIFY(quick.has_value());
        QCOMPARE(quick->width, 64);
        QCOMPARE(quick->height, 41);
        QVERIFY(meanDifference(*quick, makeThumbnail(image, 64)) < 2);
    }

    void thumbnailsTurnAndFailAsImagesDo() {
        const auto turned = decodeThumbnail(imageFixture("orientation_6.jpg"), 12);
        QCOMPARE(turned->height, 12);
        QVERIFY(turned->width < 12);
        QCOMPARE(decodeThumbnail(imageFixture("none.jpg"), 12).error().code(), ErrorCode::NotFound);
        QCOMPARE(decodeThumbnail(imageFixture("rgb_8.png"), 0).error().code(), ErrorCode::InvalidArgument);
    }

    void pngKeepsEveryBit() {
        Image image = noise(33, 21, 5);
        QCOMPARE(decodeImage(encodePng(image), "png")->rgb, image.rgb);
        image.alpha.resize(image.rgb.size() / 3);
        for (size_t i = 0; i < image.alpha.size(); ++i)
            image.alpha[i] = static_cast<uint8_t>(i);
        const auto again = decodeImage(encodePng(image), "png");
        QCOMPARE(again->rgb, image.rgb);
        QCOMPARE(again->alpha, image.alpha);
    }

    void jpegComesClose() {
        const Image image = gradient(120, 80);
        const auto again = decodeImage(encodeJpeg(image, 95), "jpeg");
        QCOMPARE(again->width, 120);
        QVERIFY(meanDifference(image, *again) < 2);
        QVERIFY(encodeJpeg(image, 30).size() < encodeJpeg(image, 95).size());
    }

    void whatCannotBeWrittenIsRefused() {
        QCOMPARE(errorCodeOf([&] { (void)encodePng(Image{}); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)encodeJpeg(Image{}, 90); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)encodeJpeg(noise(4, 4, 1), 0); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)encodeJpeg(noise(70000, 1, 1), 90); }), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestImage)
#include "tst_image.moc"

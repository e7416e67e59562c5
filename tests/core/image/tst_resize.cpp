// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/resample.h"
#include "fixtures.h"
#include "tests/support/error_code.h"

#include <QTest>

using namespace diptych;
using namespace diptych::test;

namespace {

constexpr Resample kFilters[] = {Resample::Nearest, Resample::Lanczos, Resample::Bilinear,
                                 Resample::Bicubic, Resample::Box,     Resample::Hamming};

/// Weights as a resampler has them: sums of about one in 22 bits, some of them negative.
resample::Weights randomWeights(int inputs, int outputs, Random& random) {
    resample::Weights weights;
    const int longest = std::min(inputs, 1 + static_cast<int>(random.below(19)));
    weights.stride = (longest + 3) / 4 * 4;
    weights.weights.assign(static_cast<size_t>(outputs) * static_cast<size_t>(weights.stride), 0);
    weights.inputEnd = inputs;
    for (int i = 0; i < outputs; ++i) {
        const int count = 1 + static_cast<int>(random.below(static_cast<uint64_t>(longest)));
        weights.counts.push_back(count);
        weights.starts.push_back(static_cast<int>(random.below(static_cast<uint64_t>(inputs - count + 1))));
        for (int k = 0; k < count; ++k)
            weights.weights[static_cast<size_t>(i * weights.stride + k)] =
                static_cast<int32_t>((random.uniform(-0.5, 1.5) / (count > 2 ? count * 0.4 : 1)) *
                                     (1 << resample::kPrecisionBits));
    }
    return weights;
}

} // namespace

class TestResize : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsPillowBitForBit() {
        QVERIFY(golden().at("resize").size() > 90);
        for (const Json& item : golden().at("resize")) {
            const Image image = decodedFixture(item.at("source").get<std::string>());
            const Image out = resize(image, item.at("width").get<int>(), item.at("height").get<int>(),
                                     static_cast<Resample>(item.at("filter").get<int>()));
            QVERIFY2(hashOf(out.rgb) == item.at("rgb").get<std::string>(), item.dump().c_str());
        }
    }

    void aWindowIsTheCropOfTheWhole() {
        Random random(7);
        for (int round = 0; round < 300; ++round) {
            const auto upTo = [&](uint64_t n) { return 1 + static_cast<int>(random.below(n)); };
            const Image image = noise(upTo(70), upTo(70), random());
            const int width = upTo(90), height = upTo(90);
            const Resample filter = kFilters[random.below(6)];
            const ResizeWindow window{upTo(100) - 10, upTo(100) - 10, upTo(60), upTo(60)};
            const Image part = resizeWindow(image, width, height, filter, window);
            const Image whole = resize(image, width, height, filter);
            QCOMPARE(part.rgb, crop(whole, window.left, window.top, window.width, window.height).rgb);
        }
    }

    void thePortableLoopsAgreeWithTheFastOnes() {
        Random random(11);
        for (int round = 0; round < 300; ++round) {
            const int width = 1 + static_cast<int>(random.below(round % 8 == 0 ? 400 : 60));
            const int height = 1 + static_cast<int>(random.below(40));
            const Image image = noise(width, height, random());
            const resample::Source source{image.rgb.data(), static_cast<size_t>(width) * 3,
                                          image.rgb.data() + image.rgb.size()};
            const auto outputs = static_cast<int>(1 + random.below(50));
            const auto across = randomWeights(width, outputs, random);
            std::vector<uint8_t> fast(static_cast<size_t>(outputs * height) * 3), portable = fast;
            const size_t rowBytes = static_cast<size_t>(outputs) * 3;
            resample::horizontal(source, height, across, fast.data(), rowBytes);
            resample::horizontalPortable(source, height, across, portable.data(), rowBytes);
            QCOMPARE(fast, portable);

            const auto down = randomWeights(height, outputs, random);
            fast.assign(static_cast<size_t>(outputs) * source.rowBytes, 0);
            portable = fast;
            resample::vertical(source, 0, source.rowBytes, down, fast.data(), source.rowBytes);
            resample::verticalPortable(source, 0, source.rowBytes, down, portable.data(), source.rowBytes);
            QCOMPARE(fast, portable);
        }
    }

    void theSameSizeIsACopy() {
        const Image image = noise(13, 17, 3);
        for (const Resample filter : kFilters)
            QCOMPARE(resize(image, 13, 17, filter).rgb, image.rgb);
    }

    void aFlatPictureStaysFlat() {
        Image image{50, 40, std::vector<uint8_t>(50 * 40 * 3, 201), {}};
        for (const Resample filter : kFilters)
            for (const int side : {1, 7, 120})
                QCOMPARE(resize(image, side, side, filter).rgb,
                         std::vector<uint8_t>(static_cast<size_t>(side * side * 3), 201));
    }

    void longThinPicturesAreReduced() {
        const Image image = noise(1, 300000, 5);
        QCOMPARE(resize(image, 1, 1, Resample::Lanczos).rgb.size(), size_t{3});
        QCOMPARE(resize(image, 3, 2, Resample::Bicubic).rgb.size(), size_t{18});
    }

    void impossibleSizesAreRefused() {
        const Image image = noise(4, 4, 1);
        QCOMPARE(errorCodeOf([&] { (void)resize(image, 0, 4, Resample::Bicubic); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)resize(image, 4, -1, Resample::Nearest); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)resize(Image{}, 4, 4, Resample::Bicubic); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorCodeOf([&] { (void)resize(image, 5, 5, static_cast<Resample>(9)); }),
                 ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestResize)
#include "tst_resize.moc"

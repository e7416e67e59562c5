// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixtures.h"

#include <QTest>

using namespace diptych;
using namespace diptych::test;

/// Damaged files must end in an image or an error, whatever the damage; run it with the address sanitizer to
/// see what it is worth.
class TestMutations : public QObject {
    Q_OBJECT

private:
    static void damage(std::vector<std::byte>& bytes, Random& random) {
        const auto position = [&] {
            // Headers decide more than pixels do: half of the hits go there.
            const size_t reach = random.below(2) == 0 ? std::min<size_t>(bytes.size(), 128) : bytes.size();
            return static_cast<size_t>(random.below(reach));
        };
        for (uint64_t hits = 1 + random.below(6); hits > 0; --hits) {
            const size_t at = position();
            switch (random.below(4)) {
            case 0:
                bytes[at] ^= static_cast<std::byte>(1u << random.below(8));
                break;
            case 1:
                bytes[at] = random.below(2) == 0 ? std::byte{0xFF} : std::byte{0};
                break;
            case 2:
                bytes[at] = static_cast<std::byte>(random());
                break;
            default:
                bytes[at] = bytes[position()];
            }
        }
        if (random.below(8) == 0)
            bytes.resize(1 + random.below(bytes.size()));
    }

private Q_SLOTS:
    void damagedFilesEndInAnImageOrAnError() {
        constexpr int64_t kMaxPixels = 1 << 18;
        constexpr int kRounds = 60;
        Random random(20240607);
        int decoded = 0, refused = 0;
        for (const std::filesystem::path& path : imageFixtures()) {
            const auto whole = readFile(path);
            for (int round = 0; round < kRounds; ++round) {
                auto bytes = *whole;
                damage(bytes, random);
                const auto image = decodeImage(bytes, "damaged", kMaxPixels);
                (void)probeImageSize(bytes, "damaged");
                if (!image) {
                    ++refused;
                    QVERIFY(std::string(image.error().what()).size() > 10);
                    QVERIFY2(image.error().code() != ErrorCode::Internal, image.error().what());
                    continue;
                }
                ++decoded;
                const size_t pixels = static_cast<size_t>(image->width) * static_cast<size_t>(image->height);
                QVERIFY(pixels > 0 && pixels <= static_cast<size_t>(kMaxPixels));
                QCOMPARE(image->rgb.size(), pixels * 3);
                QVERIFY(image->alpha.empty() || image->alpha.size() == pixels);
            }
        }
        // Both happen, or the damage tests nothing.
        QVERIFY2(decoded > 500 && refused > 500, qPrintable(QString("%1 %2").arg(decoded).arg(refused)));
    }
};

QTEST_GUILESS_MAIN(TestMutations)
#include "tst_mutations.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/video/clip.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include <algorithm>

using namespace diptych;
using test::errorCodeOf;
namespace fs = std::filesystem;

namespace {

constexpr int kWidth = 64, kHeight = 48;

/// What frame @p i of the clips looks like: red above, and the left half of what is below in a grey of its
/// own, so that swapped channels and a frame upside down show.
cv::Vec3b blueGreenRed(int i, int row, int column) {
    if (row < kHeight / 2)
        return {0, 0, 255};
    const auto grey = static_cast<uint8_t>(column < kWidth / 2 ? 8 * i : 0);
    return {grey, grey, grey};
}

/// A clip of @p count frames. FFV1 keeps every value.
void writeClip(const fs::path& path, int count, const char (&codec)[5]) {
    cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), 25,
                           cv::Size(kWidth, kHeight));
    QVERIFY(writer.isOpened());
    for (int i = 0; i < count; ++i) {
        cv::Mat frame(kHeight, kWidth, CV_8UC3);
        for (int row = 0; row < kHeight; ++row)
            for (int column = 0; column < kWidth; ++column)
                frame.at<cv::Vec3b>(row, column) = blueGreenRed(i, row, column);
        writer.write(frame);
    }
}

/// Which frame of a clip this is, by its grey; the colours are checked by a tolerance.
int numberOf(const Image& image, int tolerance) {
    const auto at = [&](int row, int column) {
        return image.rgb.data() + 3 * (static_cast<size_t>(row) * kWidth + static_cast<size_t>(column));
    };
    const uint8_t* red = at(4, 40);
    if (image.width != kWidth || image.height != kHeight || std::abs(red[0] - 255) > tolerance ||
        red[1] > tolerance || red[2] > tolerance || at(44, 60)[0] > tolerance)
        return -1;
    const int grey = at(40, 10)[1];
    return (grey + 4) / 8;
}

} // namespace

class TestClip : public QObject {
    Q_OBJECT

    TemporaryDirectory m_dir;
    fs::path path(const char* name) const { return m_dir.path() / name; }

private Q_SLOTS:
    void framesInTheMiddleOfEqualParts() {
        QCOMPARE(sampledFrames(8, 8), (std::vector<size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
        QCOMPARE(sampledFrames(10, 1), std::vector<size_t>{5});
        QCOMPARE(sampledFrames(300, 4), (std::vector<size_t>{37, 112, 187, 262}));
        QCOMPARE(sampledFrames(2, 4), (std::vector<size_t>{0, 0, 1, 1}));
    }

    void theFramesAskedFor() {
        writeClip(path("clip.avi"), 20, "FFV1");
        const std::vector<Image> frames = readClip(path("clip.avi"), 4, {});
        QCOMPARE(frames.size(), size_t{4});
        const std::vector<int> wanted = {2, 7, 12, 17};
        for (size_t i = 0; i < frames.size(); ++i)
            QCOMPARE(numberOf(frames[i], 2), wanted[i]);
        for (const Image& frame : readClip(path("clip.avi"), 50, {})) // more than there are
            QVERIFY(numberOf(frame, 2) >= 0);
    }

    /// A stream without an index says nothing, or something wrong, of its length.
    void aClipThatDoesNotKnowItsLength() {
        writeClip(path("clip.mjpeg"), 20, "MJPG");
        QVERIFY(cv::VideoCapture(path("clip.mjpeg").string(), cv::CAP_FFMPEG).get(cv::CAP_PROP_FRAME_COUNT) !=
                20);
        const std::vector<Image> frames = readClip(path("clip.mjpeg"), 2, {});
        QCOMPARE(numberOf(frames.at(0), 12), 5);
        QCOMPARE(numberOf(frames.at(1), 12), 15);
    }

    void whatIsNoClip() {
        writeFileAtomically(path("text.mp4"), "these are words");
        writeFileAtomically(path("empty.mp4"), "");
        QCOMPARE(errorCodeOf([&] { readClip(path("text.mp4"), 4, {}); }), ErrorCode::Corrupt);
        QCOMPARE(errorCodeOf([&] { readClip(path("empty.mp4"), 4, {}); }), ErrorCode::Corrupt);
        QCOMPARE(errorCodeOf([&] { readClip(path("absent.mp4"), 4, {}); }), ErrorCode::NotFound);
        QCOMPARE(errorCodeOf([&] { readClip(m_dir.path(), 4, {}); }), ErrorCode::Unreadable);
    }

    void whatWasCutOffInTheMiddle() {
        writeClip(path("whole.mjpeg"), 20, "MJPG");
        fs::copy_file(path("whole.mjpeg"), path("part.mjpeg"));
        fs::resize_file(path("part.mjpeg"), fs::file_size(path("whole.mjpeg")) / 2);
        const std::vector<Image> frames = readClip(path("part.mjpeg"), 1, {}); // of the frames there are
        const int number = numberOf(frames.at(0), 12);
        QVERIFY2(number >= 4 && number <= 6, qPrintable(QString::number(number)));
    }

    void stopsWhenAsked() {
        writeClip(path("long.avi"), 20, "FFV1");
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(readClip(path("long.avi"), 4, context), Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestClip)
#include "tst_clip.moc"

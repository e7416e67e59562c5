// SPDX-License-Identifier: GPL-3.0-or-later
// Clips by OpenCV's VideoCapture, as a library of its own: see clip.cpp.
#include "core/video/frame_reader.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <memory>

namespace diptych {
namespace {

class OpenCvReader final : public FrameReader {
public:
    /// FFmpeg alone: the other backends are for cameras and streams.
    explicit OpenCvReader(const char* path) : m_capture(path, cv::CAP_FFMPEG) {}
    bool isOpen() const { return m_capture.isOpened(); }

    int64_t statedCount() const override {
        return static_cast<int64_t>(m_capture.get(cv::CAP_PROP_FRAME_COUNT));
    }
    void jumpTo(int64_t number) override {
        m_capture.set(cv::CAP_PROP_POS_FRAMES, static_cast<double>(number));
    }
    bool next() override {
        try {
            return m_capture.grab();
        } catch (const std::exception&) {
            return false;
        }
    }
    Image frame() override {
        try {
            cv::Mat bgr, rgb;
            if (!m_capture.retrieve(bgr) || bgr.empty() || bgr.type() != CV_8UC3)
                return {};
            cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
            return {rgb.cols, rgb.rows, {rgb.datastart, rgb.dataend}, {}};
        } catch (const std::exception&) {
            return {};
        }
    }

private:
    cv::VideoCapture m_capture;
};

} // namespace

extern "C" [[gnu::visibility("default")]] FrameReader* openFrameReader(const char* path) {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    try {
        auto reader = std::make_unique<OpenCvReader>(path);
        return reader->isOpen() ? reader.release() : nullptr;
    } catch (const std::exception&) {
        return nullptr;
    }
}

} // namespace diptych

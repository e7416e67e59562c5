// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/video/clip.h"

#include "core/base/file.h"
#include "core/video/frame_reader.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace diptych {
namespace {

constexpr const char* kLibrary = "libdiptych_video_opencv.so";

/// OpenCV's video library brings 166 others (FFmpeg and what it needs), which take 0.15 s to load: only
/// whoever has clips should wait for them, or need them.
OpenFrameReader loadReader() {
    // FFmpeg writes to stderr what is said better here; OpenCV has no call for it.
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
    void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* reason = ::dlerror();
        throw Error(ErrorCode::Unsupported,
                    fmt::format("Clips cannot be read here ({}); install libopencv-videoio406, or give the "
                                "frames as pictures",
                                toValidUtf8(reason ? reason : "no reason given")));
    }
    return reinterpret_cast<OpenFrameReader>(::dlsym(library, "openFrameReader"));
}

std::unique_ptr<FrameReader> openClip(const std::filesystem::path& path) {
    const std::filesystem::path file = std::filesystem::absolute(path); // never "http:" or another protocol
    const MappedFile readable(file);                                    // throws if it is not
    static const OpenFrameReader open = loadReader();                   // tried again if it threw
    std::unique_ptr<FrameReader> reader(open(file.c_str()));
    if (!reader)
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: is no video that OpenCV's FFmpeg can read", displayPath(path)));
    return reader;
}

/// The clip read once, on the assumption that it has so many frames.
struct Pass {
    std::vector<Image> frames; ///< at sampledFrames(assumed); those behind the end are empty
    size_t total = 0;          ///< frames there were
};

void checkFrame(const Image& frame, const std::filesystem::path& path, size_t number) {
    if (frame.empty())
        throw Error(ErrorCode::Corrupt,
                    fmt::format("{}: frame {} cannot be decoded", displayPath(path), number + 1));
    if (int64_t{frame.width} * frame.height > kDefaultMaxPixels)
        throw Error(ErrorCode::LimitExceeded, fmt::format("{}: frames of {} x {} pixels are too large",
                                                          displayPath(path), frame.width, frame.height));
}

Pass readOnce(FrameReader& reader, const std::filesystem::path& path, size_t assumed, size_t count,
              const RunContext& context) {
    const std::vector<size_t> wanted = sampledFrames(assumed, count);
    Pass pass{std::vector<Image>(count), 0};
    for (size_t i = 0; reader.next(); ++pass.total) {
        context.throwIfCancelled();
        for (; i < count && wanted[i] == pass.total; ++i) {
            Image& frame = pass.frames[i] =
                i > 0 && wanted[i - 1] == wanted[i] ? pass.frames[i - 1] : reader.frame();
            checkFrame(frame, path, pass.total);
        }
    }
    return pass;
}

} // namespace

std::vector<size_t> sampledFrames(size_t total, size_t count) {
    DIPTYCH_ASSERT(total > 0);
    std::vector<size_t> positions(count);
    for (size_t i = 0; i < count; ++i)
        positions[i] = (2 * i + 1) * total / (2 * count);
    return positions;
}

std::vector<Image> readClip(const std::filesystem::path& path, size_t count, const RunContext& context) {
    auto reader = openClip(path);
    const int64_t stated = reader->statedCount();
    Pass pass = readOnce(*reader, path, static_cast<size_t>(std::max<int64_t>(stated, 1)), count, context);
    if (pass.total == 0)
        throw Error(ErrorCode::Corrupt, fmt::format("{}: holds no frame", displayPath(path)));
    if (static_cast<int64_t>(pass.total) != stated) {
        reader = openClip(path);
        pass = readOnce(*reader, path, pass.total, count, context);
    }
    return std::move(pass.frames);
}

std::vector<Image> readFrames(std::span<const std::filesystem::path> files, size_t count,
                              const RunContext& context) {
    std::vector<Image> frames;
    const std::vector<size_t> wanted = sampledFrames(files.size(), count);
    for (size_t i = 0; i < count; ++i) {
        context.throwIfCancelled();
        if (i > 0 && wanted[i - 1] == wanted[i]) {
            frames.push_back(frames.back());
            continue;
        }
        auto frame = decodeImage(files[wanted[i]]);
        if (!frame)
            throw frame.error();
        frames.push_back(std::move(*frame));
    }
    return frames;
}

Image stillOfClip(const std::filesystem::path& path) {
    auto reader = openClip(path);
    const int64_t middle = reader->statedCount() / 2;
    if (middle > 0)
        reader->jumpTo(middle);
    if (!reader->next()) {
        reader = openClip(path);
        if (!reader->next())
            throw Error(ErrorCode::Corrupt, fmt::format("{}: holds no frame", displayPath(path)));
    }
    Image frame = reader->frame();
    checkFrame(frame, path, static_cast<size_t>(std::max<int64_t>(middle, 0)));
    return frame;
}

} // namespace diptych

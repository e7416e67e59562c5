// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/format.h"

#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>
#include <string>
#include <vector>

namespace diptych {
namespace {

void check(VP8StatusCode status) {
    switch (status) {
    case VP8_STATUS_OK:
        return;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
        throwTruncated();
    case VP8_STATUS_OUT_OF_MEMORY:
        throw std::bad_alloc();
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        throwUnsupported("this kind of WebP");
    default:
        throwCorrupt("its WebP stream is not valid");
    }
}

WebPBitstreamFeatures featuresOf(ImageBytes bytes) {
    WebPBitstreamFeatures features;
    check(WebPGetFeatures(asOctets(bytes), bytes.size(), &features));
    return features;
}

ImageBytes metadata(const WebPDemuxer* demuxer, const char* fourcc) {
    WebPChunkIterator chunk;
    ImageBytes found;
    if (WebPDemuxGetChunk(demuxer, fourcc, 1, &chunk) != 0) // points into the file's own bytes
        found = {reinterpret_cast<const std::byte*>(chunk.chunk.bytes), chunk.chunk.size};
    WebPDemuxReleaseChunkIterator(&chunk);
    return found;
}

bool accepts(ImageBytes bytes) {
    const std::string_view text = asText(bytes);
    return text.size() >= 16 && text.starts_with("RIFF") && text.substr(8, 7) == "WEBPVP8";
}

ImageHeader readHeader(ImageBytes bytes) {
    const WebPBitstreamFeatures features = featuresOf(bytes);
    ImageHeader header{features.width, features.height};
    const WebPData data{asOctets(bytes), bytes.size()};
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&data), WebPDemuxDelete);
    if (demuxer)
        header.orientation = chooseOrientation(orientationFromExif(metadata(demuxer.get(), "EXIF")),
                                               orientationFromXmp(asText(metadata(demuxer.get(), "XMP "))));
    return header;
}

void splitRgba(const uint8_t* rgba, Image& image) {
    const size_t pixels = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
    for (size_t i = 0; i < pixels; ++i) {
        image.rgb[3 * i] = rgba[4 * i];
        image.rgb[3 * i + 1] = rgba[4 * i + 1];
        image.rgb[3 * i + 2] = rgba[4 * i + 2];
        if (!image.alpha.empty())
            image.alpha[i] = rgba[4 * i + 3];
    }
}

/// The first frame on its canvas.
void decodeAnimation(ImageBytes bytes, Image& image) {
    const WebPData data{asOctets(bytes), bytes.size()};
    WebPAnimDecoderOptions options;
    if (WebPAnimDecoderOptionsInit(&options) == 0)
        throw Error(ErrorCode::Internal, "libwebp's versions do not fit each other");
    options.color_mode = MODE_RGBA;
    const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(
        WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
    WebPAnimInfo info;
    if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0)
        throwCorrupt("its WebP animation is damaged or cut off");
    if (info.canvas_width != static_cast<uint32_t>(image.width) ||
        info.canvas_height != static_cast<uint32_t>(image.height))
        throwCorrupt("its WebP headers contradict each other");
    uint8_t* rgba = nullptr;
    int timestamp = 0;
    if (WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp) == 0)
        throwCorrupt("the first frame of its WebP animation cannot be decoded");
    splitRgba(rgba, image);
}

Image decode(ImageBytes bytes, const DecodeOptions& options) {
    const WebPBitstreamFeatures features = featuresOf(bytes);
    Image image = allocateImage(features.width, features.height, options.maxPixels, features.has_alpha != 0);
    const size_t width = static_cast<size_t>(image.width), height = static_cast<size_t>(image.height);
    if (features.has_animation != 0) {
        decodeAnimation(bytes, image);
        return image;
    }
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0)
        throw Error(ErrorCode::Internal, "libwebp's versions do not fit each other");
    std::vector<uint8_t> rgba(image.alpha.empty() ? 0 : width * height * 4);
    config.output.colorspace = image.alpha.empty() ? MODE_RGB : MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = image.alpha.empty() ? image.rgb.data() : rgba.data();
    config.output.u.RGBA.stride = static_cast<int>(width * (image.alpha.empty() ? 3 : 4));
    config.output.u.RGBA.size = image.alpha.empty() ? image.rgb.size() : rgba.size();
    check(WebPDecode(asOctets(bytes), bytes.size(), &config));
    if (!image.alpha.empty())
        splitRgba(rgba.data(), image);
    return image;
}

} // namespace

const ImageFormat kWebpFormat{"WebP", accepts, readHeader, decode};

} // namespace diptych

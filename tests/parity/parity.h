// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image.h"
#include "core/models/model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

/// What the parity tests of all families share: inputs as the fixtures' scripts make them, and differences.
namespace diptych::parity {

namespace fs = std::filesystem;

inline Matrix matrixFrom(const TensorView& view) {
    Matrix matrix(static_cast<size_t>(view.shape.at(0)), static_cast<size_t>(view.shape.at(1)));
    std::memcpy(matrix.values().data(), view.bytes.data(), view.bytes.size());
    return matrix;
}

/// @param mask of the same shape, int64; null = every token counts
inline TokenBatch tokensFrom(const TensorView& view, const TensorView* mask = nullptr) {
    TokenBatch tokens{static_cast<size_t>(view.shape.at(0)), static_cast<size_t>(view.shape.at(1)), {}, {}};
    tokens.ids.resize(tokens.count * tokens.length);
    std::memcpy(tokens.ids.data(), view.bytes.data(), view.bytes.size());
    tokens.attentionMask.assign(tokens.ids.size(), 1);
    if (mask) {
        std::vector<int64_t> values(tokens.ids.size());
        std::memcpy(values.data(), mask->bytes.data(), mask->bytes.size());
        std::ranges::transform(values, tokens.attentionMask.begin(),
                               [](int64_t value) { return static_cast<uint8_t>(value); });
    }
    return tokens;
}

/// pattern() of the generator scripts: [3, size, size] each.
inline std::vector<Prepared> pattern(size_t count, int size) {
    const size_t length = 3 * static_cast<size_t>(size) * static_cast<size_t>(size);
    std::vector<Prepared> samples(count, {{3, size, size}, std::vector<float>(length)});
    for (size_t i = 0; i < count * length; ++i) {
        const auto hashed = static_cast<uint32_t>(i * 2654435761u);
        samples[i / length].values[i % length] =
            static_cast<float>(static_cast<double>(hashed) / 1073741824.0 - 2.0);
    }
    return samples;
}

/// The pictures of a folder in name order.
inline std::vector<fs::path> pictureFiles(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// The same, as the model takes them.
inline std::vector<Prepared> preparedPictures(const Model& model, const fs::path& folder) {
    std::vector<Prepared> samples;
    for (const fs::path& file : pictureFiles(folder)) {
        const Image image = decodeImage(file).value();
        samples.push_back(model.prepare({&image, 1}));
    }
    return samples;
}

inline double worstDifference(const Matrix& a, const Matrix& b) {
    if (a.rows() != b.rows() || a.cols() != b.cols() || a.empty())
        return INFINITY;
    double worst = 0;
    for (size_t i = 0; i < a.values().size(); ++i) {
        const double difference = std::abs(double{a.values()[i]} - double{b.values()[i]});
        worst = std::max(worst, std::isnan(difference) ? INFINITY : difference);
    }
    return worst;
}

inline Matrix normalised(Matrix matrix) {
    normalizeRows(matrix);
    return matrix;
}

inline std::unique_ptr<Model> load(const fs::path& directory, Precision precision = Precision::Fp32) {
    return openModel(Checkpoint::open(directory), {Device::Cpu, precision, 1});
}

} // namespace diptych::parity

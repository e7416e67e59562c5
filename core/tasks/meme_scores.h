// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/context.h"
#include "core/tensor/matrix.h"

#include <optional>
#include <string>
#include <vector>

namespace diptych {

/// A way to tell how likely a meme is of the second class, of its image, its text, or both.
struct MemeMethod {
    enum class Kind { ZeroShot, Mismatch, Probe, Matching };
    enum class Features { Image, Text, Concatenated, Multiplied };
    std::string id; ///< "probe-image", "zero-shot-text", ...
    std::string title;
    Kind kind = Kind::ZeroShot;
    Features features = Features::Image;
};
/// Zero-shot: how much nearer the image, the text, or on average both lie to the second class's prompt than
/// to the first's, times the model's scale. Mismatch: how little image and text fit each other. Probe:
/// logistic regression on the image's features, the text's, both side by side [n, 2 d], or their product
/// scaled to length 1 [n, d]. Matching: what a model that looks at image and text together says of the image
/// with the second class's prompt before the text, less that with the first's.
const std::vector<MemeMethod>& memeMethods();

/// Memes that could be read.
struct Memes {
    Matrix images, texts;             ///< [n, d], rows of length 1
    std::vector<int> labels;          ///< [n]; -1 = none
    std::vector<double> matches = {}; ///< [n], where the method is Matching
};

struct MemeScores {
    std::vector<double> train, eval; ///< higher = more likely of the second class
    std::optional<double> c;         ///< the probe's, given or found
};

struct MemeScoring {
    Matrix prompts;   ///< [2, d]: of the first class and of the second, rows of length 1
    double scale = 1; ///< multiplies cosines
    double c = 0;     ///< of probes; 0 = searched by accuracy on a fifth of train
};

/// @param train every meme of it has a label; may be empty for what is no probe
/// @throws Error InvalidArgument: a probe without examples of both classes to train on; Cancelled
MemeScores scoreMemes(const MemeMethod& method, const Memes& train, const Memes& eval,
                      const MemeScoring& scoring, const RunContext& context);

/// The score as a probability in [0, 1], for those who want one: the probe's own, the softmax of the two
/// prompts, or of a mismatch (1 - cosine) / 2.
double memeProbability(const MemeMethod& method, double score);

} // namespace diptych

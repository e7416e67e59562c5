// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/results/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diptych {

// What examples keep besides predictions (ExampleResult::parts), as docs/file-formats.md has it. read() takes
// what other versions wrote: it never throws; what is absent or of another type comes back empty, and nothing
// comes back where the parts are of another kind.

/// A pair of pictures with a caption each, or one picture with a right caption and wrong ones: caption 0 is
/// right for picture 0, caption 1 for picture 1.
struct PairPart {
    std::string id;
    std::vector<SampleId> images;            ///< 1 or 2
    std::vector<std::string> captions;       ///< 2, or with one picture the right one and then the wrong ones
    std::vector<std::vector<double>> scores; ///< [captions][images]
    bool text = false;                       ///< whether the text score's inequalities hold
    std::optional<bool> image, group;        ///< likewise; none with one picture
    std::string tag;
    bool matching = false; ///< scores are a matcher's log-odds, not cosines

    Json toJson() const;
    static std::optional<PairPart> read(const Json& parts);
    /// NaN where it is not stored.
    double score(size_t caption, size_t picture) const;
};

/// A picture's places in retrieval.
struct RankingPart {
    struct Caption {
        SampleId sample; ///< whose caption it is
        int number = 0;  ///< which of that sample's
        double score = 0;
    };
    struct Image {
        SampleId sample;
        double score = 0;
    };
    int64_t rank = 0;                             ///< of its best caption among all; 0 = it has none
    std::vector<Caption> best;                    ///< the captions that fit it best
    std::vector<int64_t> captionRanks;            ///< place of the picture among all, by caption
    std::vector<std::vector<Image>> imagesBefore; ///< by caption: pictures that fit it better, best first
    bool matching = false;                        ///< scores are a matcher's log-odds, not cosines

    Json toJson() const;
    static std::optional<RankingPart> read(const Json& parts);
};

/// How well a candidate caption fits.
struct CaptionScorePart {
    std::string candidate;
    double clipScore = 0;
    std::optional<double> refClipScore; ///< none without references

    Json toJson() const;
    static std::optional<CaptionScorePart> read(const Json& parts);
};

/// The classes a picture shows, where it may show several.
struct LabelsPart {
    std::vector<int> labels;

    Json toJson() const;
    static std::optional<LabelsPart> read(const Json& parts);
};

/// A line of a predictions file.
struct ProbabilityPart {
    Json id; ///< as the dataset has it: a number or a text
    double probability = 0;
    int label = 0;

    Json toJson() const;
    static std::optional<ProbabilityPart> read(const Json& parts);
};

} // namespace diptych

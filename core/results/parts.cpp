// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/parts.h"

#include "core/results/json_read.h"

#include <cmath>

namespace diptych {
namespace {

std::optional<bool> flagOf(const Json& value) {
    return value.is_boolean() ? std::optional<bool>(value.get<bool>()) : std::nullopt;
}

Json orNull(const std::optional<bool>& value) {
    return value ? Json(*value) : Json();
}

const char* scorerName(bool matching) {
    return matching ? "matching" : "cosine";
}

bool isMatching(const Json& json) {
    return memberOf(json, "scorer") == "matching";
}

Json idsOf(const std::vector<SampleId>& samples) {
    Json ids = Json::array();
    for (const SampleId sample : samples)
        ids.push_back(sample.value);
    return ids;
}

} // namespace

Json PairPart::toJson() const {
    return {{"pair",
             {{"id", id},
              {"images", idsOf(images)},
              {"captions", captions},
              {"scores", scores},
              {"text", text},
              {"image", orNull(image)},
              {"group", orNull(group)},
              {"tag", tag},
              {"scorer", scorerName(matching)}}}};
}

std::optional<PairPart> PairPart::read(const Json& parts) {
    const Json& json = memberOf(parts, "pair");
    if (!json.is_object())
        return std::nullopt;
    PairPart pair;
    const Json& id = memberOf(json, "id");
    pair.id = id.is_number() ? id.dump() : textOf(id);
    for (const Json& image : listOf(json, "images"))
        pair.images.push_back(sampleOf(image));
    for (const Json& caption : listOf(json, "captions"))
        pair.captions.push_back(textOf(caption));
    for (const Json& row : listOf(json, "scores")) {
        pair.scores.emplace_back();
        for (size_t i = 0; i < row.size() && row.is_array(); ++i)
            pair.scores.back().push_back(numberOf(row[i]));
    }
    pair.text = flagOf(memberOf(json, "text")).value_or(false);
    pair.image = flagOf(memberOf(json, "image"));
    pair.group = flagOf(memberOf(json, "group"));
    pair.tag = textOf(memberOf(json, "tag"));
    pair.matching = isMatching(json);
    return pair;
}

double PairPart::score(size_t caption, size_t picture) const {
    return caption < scores.size() && picture < scores[caption].size() ? scores[caption][picture]
                                                                       : std::nan("");
}

Json RankingPart::toJson() const {
    Json bestJson = Json::array(), before = Json::array();
    for (const Caption& caption : best)
        bestJson.push_back({caption.sample.value, caption.number, caption.score});
    for (const std::vector<Image>& images : imagesBefore) {
        Json& list = before.emplace_back(Json::array());
        for (const Image& image : images)
            list.push_back({image.sample.value, image.score});
    }
    return {{"rank", rank > 0 ? Json(rank) : Json()},
            {"best", std::move(bestJson)},
            {"caption_ranks", captionRanks},
            {"images_before", std::move(before)},
            {"scorer", scorerName(matching)}};
}

std::optional<RankingPart> RankingPart::read(const Json& parts) {
    if (!memberOf(parts, "best").is_array() && !memberOf(parts, "rank").is_number_integer())
        return std::nullopt;
    RankingPart ranking;
    ranking.rank = wholeOf(memberOf(parts, "rank"));
    ranking.matching = isMatching(parts);
    for (const Json& entry : listOf(parts, "best"))
        ranking.best.push_back({sampleOf(itemOf(entry, 0)), static_cast<int>(wholeOf(itemOf(entry, 1))),
                                numberOf(itemOf(entry, 2))});
    for (const Json& rank : listOf(parts, "caption_ranks"))
        ranking.captionRanks.push_back(wholeOf(rank));
    for (const Json& list : listOf(parts, "images_before")) {
        ranking.imagesBefore.emplace_back();
        for (size_t i = 0; i < list.size() && list.is_array(); ++i)
            ranking.imagesBefore.back().push_back(
                {sampleOf(itemOf(list[i], 0)), numberOf(itemOf(list[i], 1))});
    }
    return ranking;
}

Json CaptionScorePart::toJson() const {
    Json json = {{"candidate", candidate}, {"clipscore", clipScore}};
    if (refClipScore)
        json["refclipscore"] = *refClipScore;
    return json;
}

std::optional<CaptionScorePart> CaptionScorePart::read(const Json& parts) {
    if (!memberOf(parts, "clipscore").is_number())
        return std::nullopt;
    CaptionScorePart part{textOf(memberOf(parts, "candidate")), numberOf(memberOf(parts, "clipscore")), {}};
    if (const Json& reference = memberOf(parts, "refclipscore"); reference.is_number())
        part.refClipScore = numberOf(reference);
    return part;
}

Json LabelsPart::toJson() const {
    return {{"labels", labels}};
}

std::optional<LabelsPart> LabelsPart::read(const Json& parts) {
    if (!memberOf(parts, "labels").is_array())
        return std::nullopt;
    LabelsPart part;
    for (const Json& label : listOf(parts, "labels"))
        part.labels.push_back(label.is_number_integer() ? static_cast<int>(wholeOf(label)) : -1);
    return part;
}

Json ProbabilityPart::toJson() const {
    return {{"id", id}, {"proba", probability}, {"label", label}};
}

std::optional<ProbabilityPart> ProbabilityPart::read(const Json& parts) {
    const Json &id = memberOf(parts, "id"), &probability = memberOf(parts, "proba");
    const Json& label = memberOf(parts, "label");
    if (id.is_null() || !probability.is_number() || !label.is_number_integer())
        return std::nullopt;
    return ProbabilityPart{id, numberOf(probability), static_cast<int>(wholeOf(label))};
}

} // namespace diptych

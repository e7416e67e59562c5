// SPDX-License-Identifier: GPL-3.0-or-later
// Source: CLIP_benchmark at 48de38c (June 2025): cli.py, metrics/*.py, datasets/builder.py; open_clip 3.3,
// transform.py. Only what their code does is said here.
#include "core/report/clip_benchmark_rules.h"

#include "core/results/json_read.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace diptych::clip_benchmark {
namespace {

bool isOpenAi(const Json& image) {
    constexpr std::array kMean = {0.48145466, 0.4578275, 0.40821073},
                         kStd = {0.26862954, 0.26130258, 0.27577711};
    for (size_t i = 0; i < 3; ++i)
        if (!(std::abs(numberOf(itemOf(memberOf(image, "mean"), i)) - kMean[i]) < 1e-6 &&
              std::abs(numberOf(itemOf(memberOf(image, "std"), i)) - kStd[i]) < 1e-6))
            return false;
    return true;
}

void comparePictures(const Json& image, ProtocolCard& card) {
    if (textOf(memberOf(image, "crop_middle")) == "floor")
        card.differs.push_back({"Middle of the crop",
                                "an odd margin is cut down to whole pixels, as transformers does",
                                "rounded to the even pixel, as torchvision's CenterCrop does"});
    if (textOf(memberOf(image, "alpha")) == "white")
        card.differs.push_back({"Transparency", "over white", "dropped"});
    const std::string filter = textOf(memberOf(image, "filter")), resize = textOf(memberOf(image, "resize"));
    if (!filter.empty() && filter != "bicubic")
        card.check.push_back(
            {"Resize filter", filter,
             "what open_clip's configuration of the model says; bicubic where it says nothing"});
    if (!resize.empty() && !resize.starts_with("shorter side to"))
        card.check.push_back(
            {"Resize", resize,
             "what open_clip's configuration of the model says; the shorter side where it says nothing"});
    if (image.contains("mean") && !isOpenAi(image))
        card.check.push_back(
            {"Mean and standard deviation", "the checkpoint's",
             "what open_clip's configuration of the model says; OpenAI's where it says nothing"});
}

void compareSamples(const RunRecord& run, const Json& samples, ProtocolCard& card) {
    const Json& all = memberOf(samples, "all");
    if (all.is_boolean() && !all.get<bool>())
        card.differs.push_back({"Images", "a part of the data set that was chosen", "a whole split"});
    if (textOf(memberOf(samples, "labels")) == "corrected" && wholeOf(memberOf(samples, "corrected")) > 0)
        card.differs.push_back({"Labels",
                                fmt::format("{} corrected by hand", wholeOf(memberOf(samples, "corrected"))),
                                "as published"});
    if (run.failureCount > 0)
        card.differs.push_back({"Unreadable images", fmt::format("{} left out", run.failureCount),
                                "an unreadable image ends the evaluation"});
}

void comparePrompts(const Json& facts, ProtocolCard& card) {
    if (!card.clipBenchmark.starts_with("zeroshot_classification"))
        return;
    const Json& prompts = memberOf(facts, "prompts");
    const std::string set = textOf(memberOf(prompts, "set"));
    card.check.push_back({"Prompts",
                          set.empty()
                              ? fmt::format("{} of the run's own", listOf(prompts, "templates").size())
                              : fmt::format("the set '{}'", set),
                          "those of the data set in en_zeroshot_classification_templates.json"});
    card.check.push_back({"Class names", "the data set's, as imported",
                          "those of the data set in en_classnames.json where it is there"});
}

void compareModel(const Json& model, const std::string& precision, ProtocolCard& card) {
    const std::string activation = textOf(memberOf(model, "activation")),
                      family = textOf(memberOf(model, "family"));
    card.differs.push_back(
        {"Precision", precision + " throughout", "mixed, by torch.autocast, unless --no_amp is given"});
    if (family == "CLIP" || family == "OpenCLIP")
        card.check.push_back({"Activation", activation,
                              "what open_clip's configuration under the name given says: ViT-B-32 and "
                              "ViT-B-32-quickgelu are two"});
}

} // namespace

void compare(const RunRecord& run, ProtocolCard& card) {
    const Json& facts = memberOf(run.details, "protocol");
    const Json& told = memberOf(memberOf(facts, "rules"), "clip_benchmark");
    card.clipBenchmark = textOf(memberOf(told, "task"));
    if (card.clipBenchmark.empty())
        return;
    compareModel(memberOf(facts, "model"), run.precision, card);
    comparePictures(memberOf(facts, "image"), card);
    for (const Json& each : listOf(told, "differs"))
        card.differs.push_back({textOf(memberOf(each, "what")), textOf(memberOf(each, "here")),
                                textOf(memberOf(each, "there"))});
    compareSamples(run, memberOf(facts, "samples"), card);
    comparePrompts(facts, card);
}

} // namespace diptych::clip_benchmark

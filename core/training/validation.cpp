// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/validation.h"

#include "core/base/parallel.h"
#include "core/blocks/render.h"
#include "core/blocks/sets.h"

#include <c10/core/GradMode.h>

namespace diptych {

namespace {

constexpr int64_t kImagesAtOnce = 128;

std::string filledIn(const std::string& promptTemplate, const std::string& className) {
    std::string out = promptTemplate;
    return out.replace(out.find("{}"), 2, className);
}

} // namespace

Validator::Validator(const TrainingRecipe& recipe, const Tokenizer& tokenizer,
                     const ImageProcessor& processor, unsigned threads) {
    const auto size = static_cast<int>(recipe.imageSize);
    for (const blocks::ClassSet& set : blocks::classSets()) {
        Problem problem;
        problem.id = set.id;
        const auto n = static_cast<size_t>(recipe.validationScenes);
        problem.pixels = at::empty({recipe.validationScenes, 3, size, size}, at::kFloat);
        problem.labels = at::empty({recipe.validationScenes}, at::kLong);
        float* pixels = problem.pixels.data_ptr<float>();
        int64_t* labels = problem.labels.data_ptr<int64_t>();
        parallelFor(n, threads, [&](size_t i) {
            labels[i] = static_cast<int64_t>(i % set.classNames.size());
            const blocks::Scene scene = set.scene(static_cast<int>(labels[i]), i, blocks::Split::Validation);
            const size_t length = size_t{3} * static_cast<size_t>(size) * static_cast<size_t>(size);
            processor.process(blocks::renderScene(scene, size), {pixels + i * length, length});
        });
        std::vector<std::string> prompts;
        for (const std::string& className : set.classNames)
            prompts.push_back(filledIn(set.templates.front(), className));
        const TokenBatch tokens = tokenizer.encodeBatch(prompts, static_cast<size_t>(recipe.contextLength));
        problem.prompts =
            at::empty({static_cast<int64_t>(tokens.count), static_cast<int64_t>(tokens.length)}, at::kLong);
        std::copy(tokens.ids.begin(), tokens.ids.end(), problem.prompts.data_ptr<int64_t>());
        m_problems.push_back(std::move(problem));
    }
}

std::map<std::string, double> Validator::accuracies(const ClipNetwork& network) const {
    const at::NoGradGuard noGradients;
    std::map<std::string, double> out;
    for (const Problem& problem : m_problems) {
        const at::Tensor texts = network.embedTexts(problem.prompts, {}).to(at::kFloat);
        const at::Tensor directions = texts / texts.norm(2, -1, true);
        int64_t right = 0;
        for (int64_t at = 0; at < problem.pixels.size(0); at += kImagesAtOnce) {
            const int64_t n = std::min(kImagesAtOnce, problem.pixels.size(0) - at);
            const at::Tensor images = network.encodeImages(problem.pixels.narrow(0, at, n)).to(at::kFloat);
            const at::Tensor guesses = at::matmul(images, directions.t()).argmax(1);
            right += guesses.eq(problem.labels.narrow(0, at, n)).sum().item<int64_t>();
        }
        out[problem.id] = static_cast<double>(right) / static_cast<double>(problem.pixels.size(0));
    }
    return out;
}

} // namespace diptych

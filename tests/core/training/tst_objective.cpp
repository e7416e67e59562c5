// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/objective.h"
#include "core/training/optimizer.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

using namespace diptych;

namespace {

at::Tensor matrix(std::vector<float> values, int64_t rows, int64_t cols) {
    return at::tensor(values).reshape({rows, cols}).clone();
}

} // namespace

class TestObjective : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Two pairs in the plane, worked out by hand. Unit vectors: images (1,0), (0,1); texts (0.6,0.8), (1,0);
    /// scale s = 2. Logits s*cos = [[1.2, 2], [1.6, 0]].
    void lossEqualsTheHandComputedOne() {
        const at::Tensor images = matrix({3, 0, 0, 5}, 2, 2); // lengths must not matter
        const at::Tensor texts = matrix({0.6F, 0.8F, 2, 0}, 2, 2);
        const at::Tensor scale = at::tensor(std::log(2.0F));
        const double byImage =
            -(1.2 - std::log(std::exp(1.2) + std::exp(2.0)) + 0 - std::log(std::exp(1.6) + 1)) / 2;
        const double byText =
            -(1.2 - std::log(std::exp(1.2) + std::exp(1.6)) + 0 - std::log(std::exp(2.0) + 1)) / 2;
        const double loss = contrastiveLoss(images, texts, scale, {}).item<double>();
        QVERIFY(std::abs(loss - (byImage + byText) / 2) < 1e-6);
    }

    /// d loss / d log-scale is the mean over both directions of sum(p * logit) - logit on the diagonal.
    void gradientOfTheScaleEqualsTheHandComputedOne() {
        const at::Tensor images = matrix({1, 0, 0, 1}, 2, 2), texts = matrix({0.6F, 0.8F, 1, 0}, 2, 2);
        at::Tensor scale = at::tensor(std::log(2.0F)).requires_grad_();
        contrastiveLoss(images, texts, scale, {}).backward();
        const double logits[2][2] = {{1.2, 2.0}, {1.6, 0.0}};
        double expected = 0;
        for (int i = 0; i < 2; ++i) {
            const double a = logits[i][0], b = logits[i][1], own = logits[i][i];
            const double p = std::exp(a) / (std::exp(a) + std::exp(b));
            expected += (p * a + (1 - p) * b - own) / 4;
            const double c = logits[0][i], d = logits[1][i];
            const double q = std::exp(c) / (std::exp(c) + std::exp(d));
            expected += (q * c + (1 - q) * d - own) / 4;
        }
        QVERIFY(std::abs(scale.grad().item<double>() - expected) < 1e-6);
    }

    /// Numerical derivative with respect to an image's embedding.
    void gradientOfAnEmbeddingEqualsTheDifferenceQuotient() {
        at::Tensor images = matrix({1, 0.2F, -0.4F, 0.3F, 1, 0.1F}, 2, 3).requires_grad_();
        const at::Tensor texts = matrix({0.5F, -0.1F, 0.2F, 0.4F, 0.9F, -0.3F}, 2, 3);
        const at::Tensor scale = at::tensor(1.0F);
        contrastiveLoss(images, texts, scale, {}).backward();
        const at::NoGradGuard noGradients;
        for (int64_t j = 0; j < 3; ++j) {
            const auto lossAt = [&](double shift) {
                at::Tensor moved = images.detach().to(at::kDouble).clone();
                moved[0][j] += shift;
                return contrastiveLoss(moved, texts.to(at::kDouble), scale.to(at::kDouble), {})
                    .item<double>();
            };
            const double slope = (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
            QVERIFY(std::abs(images.grad()[0][j].item<double>() - slope) < 1e-5);
        }
    }

    void truePairsOffTheDiagonalAreNoNegatives() {
        const at::Tensor images = matrix({1, 0, 0.9F, 0.1F, 0, 1}, 3, 2);
        const at::Tensor texts = matrix({1, 0, 0.9F, 0.1F, 0, 1}, 3, 2);
        const at::Tensor scale = at::tensor(std::log(10.0F));
        at::Tensor trueOf = at::eye(3, at::kBool);
        const double strict = contrastiveLoss(images, texts, scale, trueOf).item<double>();
        QCOMPARE(strict, contrastiveLoss(images, texts, scale, {}).item<double>());
        trueOf[0][1] = true;
        trueOf[1][0] = true;
        const double masked = contrastiveLoss(images, texts, scale, trueOf).item<double>();
        QVERIFY(masked < strict - 0.1);
        QVERIFY(contrastiveLoss(images, texts, scale, at::ones({3, 3}, at::kBool)).item<double>() == 0.0);
    }

    void objectivesAreFoundById() {
        QVERIFY(makeObjective("contrastive") != nullptr);
        QCOMPARE(test::errorCodeOf([&] { (void)makeObjective("guessing"); }), ErrorCode::NotFound);
    }

    /// The first AdamW step: moments cancel to the gradient's sign; weight decay on matrices alone.
    void firstStepOfAdamW() {
        TrainingRecipe recipe;
        recipe.weightDecay = 0.5;
        recipe.clipNorm = 0;
        recipe.epsilon = 1e-12;
        ParameterMap parameters;
        parameters["matrix"] = matrix({1, -2}, 1, 2).requires_grad_();
        parameters["bias"] = at::tensor({1.0F, -2.0F}).requires_grad_();
        AdamW optimizer(recipe, parameters);
        (parameters["matrix"].sum() * 3 - parameters["bias"].sum()).backward();
        const double length = optimizer.step(0.1);
        QVERIFY(std::abs(length - std::sqrt(9 + 9 + 1 + 1.0)) < 1e-5);
        const auto value = [&](const char* name, int64_t i) {
            return parameters[name].detach().flatten()[i].item<double>();
        };
        QVERIFY(std::abs(value("matrix", 0) - (1 * (1 - 0.05) - 0.1)) < 1e-6);
        QVERIFY(std::abs(value("matrix", 1) - (-2 * (1 - 0.05) - 0.1)) < 1e-6);
        QVERIFY(std::abs(value("bias", 0) - 1.1) < 1e-6);
        QVERIFY(std::abs(value("bias", 1) - -1.9) < 1e-6);
        QVERIFY(!parameters["bias"].grad().defined());
    }

    void longGradientsAreClippedTogether() {
        TrainingRecipe recipe;
        recipe.clipNorm = 1;
        recipe.beta1 = 0;
        recipe.beta2 = 0;
        recipe.epsilon = 1; // so that the step shows the gradient's size: g / (|g| + 1)
        ParameterMap parameters;
        parameters["a"] = at::zeros({1}).requires_grad_();
        parameters["b"] = at::zeros({1}).requires_grad_();
        AdamW optimizer(recipe, parameters);
        (parameters["a"] * 3 + parameters["b"] * 4).sum().backward();
        QVERIFY(std::abs(optimizer.step(1) - 5) < 1e-6);
        QVERIFY(std::abs(parameters["a"].item<double>() + 0.6 / 1.6) < 1e-5);
        QVERIFY(std::abs(parameters["b"].item<double>() + 0.8 / 1.8) < 1e-5);
    }

    void gradientsThatAreNoNumbersStopTheRun() {
        ParameterMap parameters;
        parameters["a"] = at::ones({1}).requires_grad_();
        AdamW optimizer(TrainingRecipe(), parameters);
        (parameters["a"] * std::nan("")).sum().backward();
        QCOMPARE(test::errorCodeOf([&] { (void)optimizer.step(1); }), ErrorCode::Internal);
        QCOMPARE(parameters["a"].item<double>(), 1.0);
    }
};

QTEST_GUILESS_MAIN(TestObjective)
#include "tst_objective.moc"

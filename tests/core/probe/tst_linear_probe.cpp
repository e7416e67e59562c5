// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/probe/linear_probe.h"
#include "core/probe/logistic_objective.h"
#include "core/probe/minimize.h"
#include "tests/core/metrics/metric_test_support.h"

using namespace diptych;
using namespace diptych::test;

namespace {

struct Labelled {
    Matrix features;
    std::vector<int> labels;
};

Labelled load(const std::string& fixture, const std::string& part) {
    const auto folder = metricFixture(fixture);
    return {readNpyMatrix(folder / (part + "_features.npy")), readLabels(folder / (part + "_labels.npy"))};
}

} // namespace

class TestLinearProbe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void minimumOfRosenbrock() {
        const Objective rosenbrock = [](std::span<const double> x, std::span<double> g) {
            const double a = 1 - x[0], b = x[1] - x[0] * x[0];
            g[0] = -2 * a - 400 * x[0] * b;
            g[1] = 200 * b;
            return a * a + 100 * b * b;
        };
        const Minimum minimum = minimize(rosenbrock, {-1.2, 1}, {1000, 1e-8});
        QVERIFY(minimum.converged);
        QCOMPARE_NEAR(minimum.x[0], 1, 1e-6);
        QCOMPARE_NEAR(minimum.x[1], 1, 1e-6);
        QVERIFY(minimum.value < 1e-12);
        QVERIFY(minimum.iterations > 5 && minimum.iterations < 100);
        QVERIFY(!minimize(rosenbrock, {-1.2, 1}, {3, 1e-8}).converged);
        QCOMPARE(minimize(rosenbrock, {-1.2, 1}, {3, 1e-8}).iterations, 3);
        QCOMPARE(minimize(rosenbrock, {1, 1}, {1000, 1e-8}).iterations, 0);
    }

    void exceptionsOfTheObjectivePassThrough() {
        int calls = 0;
        const Objective failing = [&](std::span<const double> x, std::span<double> g) {
            if (++calls == 4)
                throw Cancelled();
            g[0] = 4 * x[0] * x[0] * x[0];
            return x[0] * x[0] * x[0] * x[0];
        };
        QVERIFY_EXCEPTION_THROWN(minimize(failing, {3}, {1000, 1e-9}), Cancelled);
        QCOMPARE(calls, 4);
    }

    void gradientIsTheObjectives_data() {
        QTest::addColumn<int>("classes");
        QTest::addColumn<size_t>("doubleBelow");
        QTest::addColumn<size_t>("blockScores");
        QTest::newRow("two classes") << 2 << size_t(1 << 20) << size_t(1 << 20);
        QTest::newRow("four classes") << 4 << size_t(1 << 20) << size_t(1 << 20);
        QTest::newRow("four classes, blocks of 3 rows") << 4 << size_t(1 << 20) << size_t(12);
        QTest::newRow("two classes, a row at a time") << 2 << size_t(1 << 20) << size_t(1);
        QTest::newRow("two classes, float32") << 2 << size_t(0) << size_t(1 << 20);
        QTest::newRow("four classes, float32, blocks") << 4 << size_t(0) << size_t(28);
    }
    void gradientIsTheObjectives() {
        QFETCH(int, classes);
        QFETCH(size_t, doubleBelow);
        QFETCH(size_t, blockScores);
        Random random(2);
        Matrix features(23, 5);
        std::vector<int64_t> targets;
        for (float& value : features.values())
            value = float(random.uniform(-2, 2));
        for (size_t i = 0; i < features.rows(); ++i)
            targets.push_back(int64_t(random.below(uint64_t(classes))));
        const RunContext context;
        const LogisticObjective reference(features, targets, size_t(classes), 0.3, context);
        const LogisticObjective tested(features, targets, size_t(classes), 0.3, context,
                                       {doubleBelow, blockScores});
        std::vector<double> x(reference.parameterCount()), gradient(x.size()), ignored(x.size());
        QCOMPARE(x.size(), size_t(classes == 2 ? 6 : 24));
        for (double& value : x)
            value = random.uniform(-1, 1);
        QCOMPARE_NEAR(tested(x, gradient), reference(x, ignored), 1e-6);
        for (size_t k = 0; k < x.size(); ++k) {
            const double step = 1e-5, at = x[k];
            x[k] = at + step;
            const double above = reference(x, ignored);
            x[k] = at - step;
            const double below = reference(x, ignored);
            x[k] = at;
            QCOMPARE_NEAR(gradient[k], (above - below) / (2 * step), 1e-6);
        }
    }

    void sameMinimumAsTheReference_data() {
        QTest::addColumn<QString>("fixture");
        QTest::newRow("five classes") << "probe";
        QTest::newRow("two classes") << "probe_binary";
    }
    void sameMinimumAsTheReference() {
        QFETCH(QString, fixture);
        const std::string name = fixture.toStdString();
        const Labelled train = load(name, "train"), test = load(name, "test");
        const Json values = expectedValues(name);
        for (const Json& expected : values["by_c"]) {
            ProbeOptions options;
            options.c = expected["c"];
            options.tolerance = 1e-8;
            const ProbeModel model = fitProbe(train.features, train.labels, options, {});
            const double objective = expected["objective"];
            QCOMPARE_NEAR(model.objective, objective, 1e-6 * objective);
            const ProbeScore score = scoreProbe(model, test.features, test.labels);
            // Nothing is gained over the reference's minimum, and nothing lost.
            QVERIFY(double(model.objective) <= objective * (1 + 1e-9));
            // The reference itself stops where the gradient is 1e-8, not at the minimum. At C = 100 five
            // classes leave a direction along which the objective moves by 1e-11 of itself and the log loss
            // of other data by a third; where on it a program stops says nothing.
            if (options.c < 100 || model.classes.size() == 2)
                QCOMPARE_NEAR(score.logLoss, expected["test_log_loss"], 1e-4 * score.logLoss);
            QCOMPARE_NEAR(score.accuracy, expected["test_accuracy"], 1e-9);
            QCOMPARE_NEAR(scoreProbe(model, train.features, train.labels).accuracy,
                          expected["train_accuracy"], 1e-9);
        }
    }

    void sameStopAsTheReference_data() { sameMinimumAsTheReference_data(); }
    void sameStopAsTheReference() {
        QFETCH(QString, fixture);
        const std::string name = fixture.toStdString();
        const Labelled train = load(name, "train"), test = load(name, "test");
        const Json expected = expectedValues(name);
        ProbeOptions options;
        options.c = 0.316;
        const ProbeModel model = fitProbe(train.features, train.labels, options, {});
        QVERIFY(model.converged);
        const ProbeScore score = scoreProbe(model, test.features, test.labels);
        QCOMPARE_NEAR(score.logLoss, expected["test_log_loss"], 1e-3 * score.logLoss);
        QCOMPARE_NEAR(score.accuracy, expected["test_accuracy"], 0.002);
        QCOMPARE_NEAR(scoreProbe(model, train.features, train.labels).accuracy, expected["train_accuracy"],
                      0.002);
    }

    void probabilitiesAddUpAndPredictionsAreTheirLargest() {
        for (const std::string name : {"probe", "probe_binary"}) {
            const Labelled train = load(name, "train");
            const ProbeModel model = fitProbe(train.features, train.labels, {}, {});
            const Matrix logProba = model.predictLogProba(train.features);
            const std::vector<int> predicted = model.predict(train.features);
            QCOMPARE(logProba.cols(), model.classes.size());
            for (size_t i = 0; i < logProba.rows(); ++i) {
                double sum = 0;
                size_t best = 0;
                for (size_t j = 0; j < logProba.cols(); ++j) {
                    sum += std::exp(double(logProba(i, j)));
                    best = logProba(i, j) > logProba(i, best) ? j : best;
                }
                QCOMPARE_NEAR(sum, 1, 1e-6);
                QCOMPARE(predicted[i], model.classes[best]);
            }
        }
    }

    void separableDataWithHugeCEnd() {
        const Matrix features(4, 1, {-2, -1, 1, 2});
        const std::vector<int> labels{7, 7, -3, -3};
        ProbeOptions options;
        options.c = 1e6;
        const ProbeModel model = fitProbe(features, labels, options, {});
        QCOMPARE(model.classes, (std::vector<int>{-3, 7}));
        QCOMPARE(model.predict(features), labels);
        QVERIFY(std::isfinite(model.objective));
        const ProbeScore score = scoreProbe(model, Matrix(1, 1, {1e30f}), std::vector<int>{7});
        QVERIFY(std::isfinite(score.logLoss) && score.logLoss > 1e10);
    }

    void interceptIsNotPenalised() {
        // Constant features: only the intercept can fit the class shares, whatever the penalty.
        const Matrix features(8, 1, {0, 0, 0, 0, 0, 0, 0, 0});
        const std::vector<int> labels{0, 0, 0, 0, 0, 0, 1, 2};
        ProbeOptions options;
        options.c = 1e-6;
        options.tolerance = 1e-9;
        const ProbeModel model = fitProbe(features, labels, options, {});
        const Matrix logProba = model.predictLogProba(Matrix(1, 1));
        QCOMPARE_NEAR(std::exp(double(logProba(0, 0))), 0.75, 1e-5);
        QCOMPARE_NEAR(std::exp(double(logProba(0, 2))), 0.125, 1e-5);
    }

    void badInputIsRefused() {
        const Matrix features(2, 2, {1, 2, 3, 4});
        const std::vector<int> labels{0, 1};
        const auto refused = [&](const Matrix& f, const std::vector<int>& l, double c = 1) {
            ProbeOptions options;
            options.c = c;
            return errorOf([&] { fitProbe(f, l, options, {}); });
        };
        QVERIFY(refused(features, labels).empty());
        QVERIFY(refused(features, {1, 1}).find("two classes") != std::string::npos);
        QVERIFY(!refused(features, {1}).empty());
        QVERIFY(!refused(Matrix(0, 2), {}).empty());
        QVERIFY(!refused(Matrix(2, 0), labels).empty());
        QVERIFY(!refused(features, labels, 0).empty());
        QVERIFY(!refused(features, labels, NAN).empty());
        QVERIFY(!refused(features, labels, -1).empty());
        QVERIFY(!refused(Matrix(2, 1, {1, NAN}), labels).empty());
        const ProbeModel model = fitProbe(features, labels, {}, {});
        QVERIFY(!errorOf([&] { model.predict(Matrix(1, 3)); }).empty());
        QVERIFY(errorOf([&] {
                    scoreProbe(model, features, std::vector<int>{0, 5});
                }).find("Label 1 is 5") != std::string::npos);
        QVERIFY(model.predict(Matrix(0, 2)).empty());
        std::stop_source source;
        source.request_stop();
        RunContext stopped;
        stopped.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(fitProbe(features, labels, {}, stopped), Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestLinearProbe)
#include "tst_linear_probe.moc"

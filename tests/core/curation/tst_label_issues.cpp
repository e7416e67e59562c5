// SPDX-License-Identifier: GPL-3.0-or-later
// Confident learning against cleanlab (tests/fixtures/curation), and on a probe of known geometry.
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/curation/label_issues.h"
#include "core/tensor/npy.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

using namespace diptych;
using test::errorCodeOf;

namespace {

struct Blobs {
    Matrix rows;
    std::vector<int> labels;
    std::set<size_t> wrong;
};

/// Three classes that a line can tell apart; @p every n-th label is another class's.
Blobs blobs(size_t perClass, size_t every) {
    Random random(5);
    Blobs out{Matrix(3 * perClass, 3), {}, {}};
    for (size_t i = 0; i < out.rows.rows(); ++i) {
        for (size_t j = 0; j < 3; ++j)
            out.rows(i, j) = static_cast<float>((i % 3 == j ? 1 : 0) + random.uniform(-0.3, 0.3));
        out.labels.push_back(static_cast<int>(i % 3));
        if (i % every == 0) {
            out.labels[i] = static_cast<int>((i + 1) % 3);
            out.wrong.insert(i);
        }
    }
    return out;
}

} // namespace

class TestLabelIssues : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void issuesAreThoseOfCleanlab_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"even", "uneven", "two"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void issuesAreThoseOfCleanlab() {
        QFETCH(QString, name);
        const auto folder = std::filesystem::path(DIPTYCH_FIXTURES) / "curation" / name.toStdString();
        const Matrix probabilities = readNpyMatrix(folder / "probabilities.npy");
        const auto stored = readNpyIntegers(folder / "labels.npy");
        const std::vector<int> labels(stored.begin(), stored.end());
        const Json expected = readJsonFile(folder / "expected.json");
        const size_t classes = probabilities.cols();
        for (const auto& [method, choice] : {std::pair("confident_learning", IssueChoice::OffDiagonal),
                                             std::pair("prune_by_noise_rate", IssueChoice::NoiseRate)}) {
            const LabelIssues found = findLabelIssues(probabilities, labels, choice);
            std::vector<size_t> indices;
            for (const LabelIssue& issue : found.issues)
                indices.push_back(issue.example);
            QCOMPARE(indices, expected[method].get<std::vector<size_t>>());
            for (size_t i = 0; i < classes; ++i) {
                const Json& threshold = expected["thresholds"][i];
                QCOMPARE(std::isinf(found.thresholds[i]), threshold.is_null());
                if (!threshold.is_null())
                    QVERIFY(std::abs(found.thresholds[i] - threshold.get<double>()) < 1e-12);
                for (size_t j = 0; j < classes; ++j)
                    QCOMPARE(found.confidentJoint[i * classes + j],
                             expected["confident_joint"][i][j].get<int64_t>());
            }
        }
    }

    void foldsSpreadEveryClass() {
        std::vector<int> labels(103, 1);
        std::fill_n(labels.begin(), 20, 0);
        const auto folds = stratifiedFolds(labels, 5, 3);
        for (size_t fold = 0; fold < 5; ++fold) {
            QCOMPARE(std::count(folds.begin(), folds.begin() + 20, fold), 4);
            const auto rest = std::count(folds.begin() + 20, folds.end(), fold);
            QVERIFY(rest == 16 || rest == 17);
        }
        QCOMPARE(stratifiedFolds(labels, 5, 3), folds);
        QVERIFY(stratifiedFolds(labels, 5, 4) != folds);
        QVERIFY(errorCodeOf([&] { stratifiedFolds(labels, 1, 0); }) == ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] { stratifiedFolds({}, 5, 0); }) == ErrorCode::InvalidArgument);
    }

    void plantedErrorsAreFoundByAProbeThatHasNotSeenThem() {
        const Blobs data = blobs(60, 20);
        const OutOfFold folds = outOfFoldProbabilities(data.rows, data.labels, 3, {}, {});
        QVERIFY(folds.c > 0);
        QCOMPARE(std::llround(folds.accuracy * 180), 180 - std::ssize(data.wrong));
        const LabelIssues found = findLabelIssues(folds.probabilities, data.labels, IssueChoice::OffDiagonal);
        std::set<size_t> indices;
        for (const LabelIssue& issue : found.issues) {
            indices.insert(issue.example);
            QCOMPARE(issue.suggested, static_cast<int>(issue.example % 3));
            QVERIFY(issue.margin < 0);
        }
        QCOMPARE(indices, data.wrong);
    }

    void aClassOfOneIsNoHindrance() {
        Blobs data = blobs(20, 100);
        data.labels[7] = 3; // the only one of its class: no other fold can have learned it
        const OutOfFold folds = outOfFoldProbabilities(data.rows, data.labels, 4, {.c = 10}, {});
        QCOMPARE(folds.c, 10.0);
        QCOMPARE(folds.probabilities(7, 3), 0.0F);
        size_t known = 0;
        for (size_t i = 0; i < folds.probabilities.rows(); ++i)
            known += folds.probabilities(i, 3) > 0;
        QCOMPARE(known, size_t(48)); // those of the other folds
    }

    void whatCannotBeCheckedIsRefused() {
        const Matrix rows(4, 2);
        const std::vector<int> one{0, 0, 0, 0}, singles{0, 1, 2, 3}, outside{0, 1, 2, 0};
        QVERIFY(errorCodeOf([&] { outOfFoldProbabilities(rows, one, 1, {}, {}); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] { outOfFoldProbabilities(rows, singles, 4, {}, {}); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] { findLabelIssues(rows, outside, IssueChoice::OffDiagonal); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] { findLabelIssues(rows, {}, IssueChoice::OffDiagonal); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] {
                    findLabelIssues(rows, std::vector<int>{0, 1}, IssueChoice::OffDiagonal);
                }) == ErrorCode::InvalidArgument);
        Matrix broken(2, 2);
        broken(0, 1) = std::nanf("");
        QVERIFY(errorCodeOf([&] {
                    findLabelIssues(broken, std::vector<int>{0, 1}, IssueChoice::OffDiagonal);
                }) == ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestLabelIssues)
#include "tst_label_issues.moc"

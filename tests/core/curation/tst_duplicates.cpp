// SPDX-License-Identifier: GPL-3.0-or-later
// Near-duplicates and unusual rows, against every pair looked at one by one.
#include "core/base/random.h"
#include "core/curation/duplicates.h"
#include "core/curation/unusual.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace diptych;
using test::errorCodeOf;

namespace {

Matrix unitRows(size_t count, size_t columns, uint64_t seed) {
    Random random(seed);
    Matrix rows(count, columns);
    for (float& value : rows.values())
        value = static_cast<float>(random.uniform(-1, 1));
    normalizeRows(rows);
    return rows;
}

/// Rows that lie near a few centres, so that components of several sizes come about.
Matrix clusteredRows(size_t count, uint64_t seed) {
    const Matrix centres = unitRows(40, 12, seed);
    Matrix rows = unitRows(count, 12, seed + 1);
    for (size_t i = 0; i < count; ++i)
        for (size_t j = 0; j < 12; ++j)
            rows(i, j) = centres(i % 40, j) + 0.3F * rows(i, j);
    normalizeRows(rows);
    return rows;
}

/// Components of all pairs that reach the threshold, as lists of members, by spreading from each row.
std::vector<std::vector<uint32_t>> componentsByHand(const Matrix& rows, double threshold) {
    const Matrix cosines = multiplyTransposed(rows, rows);
    std::vector<std::vector<uint32_t>> all;
    std::vector<uint8_t> seen(rows.rows());
    for (uint32_t start = 0; start < rows.rows(); ++start) {
        std::vector<uint32_t> members;
        if (!std::exchange(seen[start], 1))
            members.push_back(start);
        for (size_t at = 0; at < members.size(); ++at)
            for (uint32_t j = 0; j < rows.rows(); ++j)
                if (static_cast<double>(std::min(1.0F, cosines(members[at], j))) >= threshold &&
                    !std::exchange(seen[j], 1))
                    members.push_back(j);
        std::ranges::sort(members);
        if (members.size() > 1)
            all.push_back(members);
    }
    return all;
}

std::vector<std::vector<uint32_t>> membersOf(const DuplicateLinks& links, double threshold) {
    std::vector<std::vector<uint32_t>> all;
    for (const DuplicateGroup& group : duplicateGroups(links, threshold))
        all.push_back(group.members);
    std::ranges::sort(all);
    return all;
}

Hash128 content(uint8_t number) {
    Hash128 hash;
    hash.bytes[0] = number;
    return hash;
}

} // namespace

class TestDuplicates : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void groupsAreTheComponentsOfAllPairs() {
        const Matrix rows = clusteredRows(1500, 7); // more than one block
        const DuplicateLinks links = findDuplicateLinks(rows, {}, 0.8, {});
        QVERIFY(links.links.size() < 1500);
        size_t sizes = 0;
        for (const double threshold : {0.8, 0.9, 0.93, 0.95, 0.97, 0.99}) {
            const auto expected = componentsByHand(rows, threshold);
            QCOMPARE(membersOf(links, threshold), expected);
            sizes += expected.size();
        }
        QVERIFY(sizes > 100);
    }

    void countsFollowTheThreshold() {
        const Matrix rows = clusteredRows(600, 9);
        const DuplicateLinks links = findDuplicateLinks(rows, {}, 0.8, {});
        std::vector<int> splits(600), labels(600);
        for (size_t i = 0; i < 600; ++i) {
            splits[i] = static_cast<int>(i / 40 % 3) - 1; // one in three has none
            labels[i] = static_cast<int>(i % 80 / 40);
        }
        const std::vector<double> thresholds{1, 0.97, 0.96, 0.95, 0.94, 0.9, 0.8};
        const auto counts = duplicateCounts(links, splits, labels, thresholds);
        QCOMPARE(counts.size(), thresholds.size());
        const auto differ = [](const DuplicateGroup& group, const std::vector<int>& values) {
            std::vector<int> found;
            for (const uint32_t i : group.members)
                if (values[i] >= 0)
                    found.push_back(values[i]);
            return !found.empty() && std::ranges::count(found, found[0]) != std::ssize(found);
        };
        for (size_t t = 0; t < thresholds.size(); ++t) {
            DuplicateCounts expected;
            for (const DuplicateGroup& group : duplicateGroups(links, thresholds[t])) {
                ++expected.groups;
                expected.examples += group.members.size();
                expected.acrossSplits += differ(group, splits);
                expected.examplesAcross += differ(group, splits) ? group.members.size() : 0;
                expected.labelsDiffer += differ(group, labels);
            }
            QCOMPARE(counts[t], expected);
        }
        QVERIFY(counts[1].acrossSplits > 0 && counts[1].acrossSplits < counts[1].labelsDiffer);
    }

    void copiesAreToldFromEqualEmbeddings() {
        Matrix rows = unitRows(6, 8, 3);
        for (const size_t i : {2, 4, 5}) // 2 is another file that looks the same to the model
            std::ranges::copy(rows.row(1), rows.row(i).begin());
        const std::vector<Hash128> contents{content(1), content(2), content(3),
                                            content(4), content(2), content(2)};
        const DuplicateLinks links = findDuplicateLinks(rows, contents, 0.99, {});
        QCOMPARE(membersOf(links, 0.99), (std::vector<std::vector<uint32_t>>{{1, 2, 4, 5}}));
        QCOMPARE(std::ranges::count_if(links.links, &SimilarPair::copy), 2);
        QVERIFY(!duplicateGroups(links, 0.99).front().copies);
        const auto copies = duplicateGroups(findCopies(contents), 1);
        QCOMPARE(copies.size(), size_t(1));
        QCOMPARE(copies[0].members, (std::vector<uint32_t>{1, 4, 5}));
        QVERIFY(copies[0].copies);
    }

    void aThousandCopiesCostOneLinkEach() {
        Matrix rows(3000, 4);
        for (size_t i = 0; i < rows.rows(); ++i)
            rows(i, i < 2900 ? 0 : 1) = 1;
        const DuplicateLinks links = findDuplicateLinks(rows, {}, 0.5, {});
        QCOMPARE(links.links.size(), size_t(2998));
        QCOMPARE(duplicateGroups(links, 0.5).size(), size_t(2));
    }

    void theResultDoesNotDependOnThreads() {
        const Matrix rows = clusteredRows(700, 5);
        RunContext one, four;
        one.threads = 1;
        four.threads = 4;
        QCOMPARE(findDuplicateLinks(rows, {}, 0.7, one).links, findDuplicateLinks(rows, {}, 0.7, four).links);
    }

    void wrongInputIsNamed() {
        const Matrix rows = unitRows(4, 3, 1);
        for (const double floor : {0.0, -0.5, 1.5, std::nan("")})
            QVERIFY(errorCodeOf([&] { findDuplicateLinks(rows, {}, floor, {}); }) ==
                    ErrorCode::InvalidArgument);
        Matrix broken = rows;
        broken(2, 1) = std::nanf("");
        QVERIFY(errorCodeOf([&] { findDuplicateLinks(broken, {}, 0.9, {}); }) == ErrorCode::InvalidArgument);
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_THROWS_EXCEPTION(Cancelled, findDuplicateLinks(rows, {}, 0.9, context));
        QVERIFY(findDuplicateLinks(Matrix(0, 3), {}, 0.9, {}).links.empty());
    }

    void unusualIsTheMeanOfTheNearestCosines() {
        const Matrix rows = clusteredRows(200, 11);
        const Matrix cosines = multiplyTransposed(rows, rows);
        const std::vector<double> means = neighbourSimilarity(rows, 5, {});
        for (size_t i = 0; i < rows.rows(); ++i) {
            std::vector<float> others(cosines.row(i).begin(), cosines.row(i).end());
            others.erase(others.begin() + static_cast<ptrdiff_t>(i));
            std::ranges::sort(others, std::greater());
            const double expected = std::accumulate(others.begin(), others.begin() + 5, 0.0) / 5;
            QVERIFY(std::abs(means[i] - expected) < 1e-5);
        }
        QCOMPARE(neighbourSimilarity(unitRows(1, 4, 2), 5, {}), std::vector<double>{1});
        QVERIFY(errorCodeOf([&] { neighbourSimilarity(rows, 0, {}); }) == ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestDuplicates)
#include "tst_duplicates.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/tensor/npy.h"

#include <QTest>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

/// Compares doubles by absolute difference; both values are shown when it fails.
#define QCOMPARE_NEAR(actual, expected, tolerance)                                                           \
    QVERIFY2(std::abs(double(actual) - double(expected)) <= (tolerance),                                     \
             qPrintable(QStringLiteral("%1 is %2, expected %3")                                              \
                            .arg(QLatin1String(#actual))                                                     \
                            .arg(double(actual), 0, 'g', 17)                                                 \
                            .arg(double(expected), 0, 'g', 17)))

namespace diptych::test {

/// Exact arithmetic on doubles: only the order of additions differs from the reference.
inline constexpr double kExact = 1e-9;

inline std::filesystem::path metricFixture(const std::string& name) {
    return std::filesystem::path(DIPTYCH_FIXTURES) / "metrics" / name;
}

inline Json expectedValues(const std::string& name) {
    return readJsonFile(metricFixture(name) / "expected.json");
}

inline std::vector<int> readLabels(const std::filesystem::path& path) {
    const std::vector<int64_t> values = readNpyIntegers(path);
    return {values.begin(), values.end()};
}

/// What a fixture's scores.csv has: a score and a label, 1 = positive, a line.
struct FixtureScores {
    std::vector<double> scores;
    std::vector<uint8_t> labels;
};
inline FixtureScores readFixtureScores(const std::filesystem::path& path) {
    FixtureScores out;
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string id, score, label;
        std::getline(fields, id, ',');
        std::getline(fields, score, ',');
        std::getline(fields, label, ',');
        out.scores.push_back(std::stod(score));
        out.labels.push_back(static_cast<uint8_t>(std::stoi(label)));
    }
    return out;
}

/// Runs the call and returns the message of the Error it throws; empty if it throws none.
template<class Call>
std::string errorOf(Call&& call, ErrorCode* code = nullptr) {
    try {
        call();
    } catch (const Error& error) {
        if (code)
            *code = error.code();
        return error.what();
    }
    return {};
}

} // namespace diptych::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/example_rows.h"

#include "core/store/row_checksum.h"
#include "core/store/workspace_impl.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace diptych {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs and shards are little-endian");

/// Per prediction: int32 index, float32 score.
std::string packPredictions(const std::vector<ScoredIndex>& predictions) {
    std::string blob(predictions.size() * 8, '\0');
    for (size_t i = 0; i < predictions.size(); ++i) {
        const auto index = static_cast<int32_t>(predictions[i].index);
        std::memcpy(blob.data() + 8 * i, &index, 4);
        std::memcpy(blob.data() + 8 * i + 4, &predictions[i].score, 4);
    }
    return blob;
}

std::vector<ScoredIndex> unpackPredictions(std::string_view blob) {
    if (blob.size() % 8 != 0)
        throw Error(ErrorCode::Corrupt, "The stored predictions of an example are damaged");
    std::vector<ScoredIndex> predictions(blob.size() / 8);
    for (size_t i = 0; i < predictions.size(); ++i) {
        int32_t index = 0;
        std::memcpy(&index, blob.data() + 8 * i, 4);
        std::memcpy(&predictions[i].score, blob.data() + 8 * i + 4, 4);
        predictions[i].index = index;
    }
    return predictions;
}

} // namespace

std::string exampleColumns() {
    return "e.sample_id, e.status, e.message, e.target, e.correct, e.predictions, e.parts, e.score, "
           "e.cluster, e.run_id, " +
           sql::rowIsIntact("e", sql::kExampleRow);
}

ExampleResult readExample(const sql::Statement& row, int column) {
    if (row.integer(column + 10) == 0)
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("A result of run {} is damaged in the workspace's database. Remove the run and "
                        "evaluate again, or restore the workspace from a backup",
                        row.integer(column + 9)));
    ExampleResult example;
    example.sample = {row.integer(column)};
    const int64_t status = row.integer(column + 1);
    example.status = status == 1   ? ExampleStatus::Unreadable
                     : status == 2 ? ExampleStatus::Skipped
                                   : ExampleStatus::Ok;
    example.message = row.text(column + 2);
    example.target = static_cast<int>(row.integer(column + 3));
    if (!row.isNull(column + 4))
        example.correct = row.integer(column + 4) != 0;
    example.predictions = unpackPredictions(row.blob(column + 5));
    if (!row.isNull(column + 6))
        example.parts = parseJson(row.text(column + 6), "the stored result of an example");
    if (!row.isNull(column + 7))
        example.score = row.real(column + 7);
    example.cluster = row.integer(column + 8);
    return example;
}

void writeExamples(sql::Database& database, RunId run, std::span<const ExampleResult> examples) {
    sql::Statement known(database, "SELECT 1 FROM samples WHERE id=?");
    sql::Statement insert(database, sql::insertWithChecksum("examples", sql::kExampleRow));
    int64_t position = 0;
    for (const auto& example : examples) {
        if (!known.bind(example.sample.value).step())
            throw Error(ErrorCode::NotFound,
                        fmt::format("Sample number {} is not in the workspace (any more); the "
                                    "run's result cannot be stored",
                                    example.sample.value));
        const int predicted = example.predictions.empty() ? -1 : example.predictions.front().index;
        std::optional<double> confidence;
        if (!example.predictions.empty())
            confidence = example.predictions.front().score;
        const std::string packed = packPredictions(example.predictions);
        const auto parts =
            example.parts.is_null() ? std::optional<std::string>() : canonicalJson(example.parts);
        insert.run(run.value, position++, example.sample.value, static_cast<int>(example.status),
                   example.message, example.target, predicted, confidence, example.correct,
                   std::as_bytes(std::span(packed.data(), packed.size())), parts, example.score,
                   example.cluster != 0 ? example.cluster : example.sample.value);
    }
}

std::string exampleCondition(const ExampleFilter& filter) {
    std::string condition = " WHERE e.run_id=?1";
    if (filter.target)
        condition += " AND e.target=?2";
    if (filter.predicted)
        condition += " AND e.predicted=?3";
    if (filter.correct)
        condition += " AND e.correct=?4";
    // Mentions the last parameter in either case, so that five can always be bound.
    condition += filter.status ? " AND e.status=?5" : " AND ?5 IS NULL";
    return condition;
}

std::string exampleOrder(ExampleSort sort) {
    if (sort.by == ExampleOrder::Confidence)
        return sort.descending ? " ORDER BY e.confidence DESC, e.position"
                               : " ORDER BY e.confidence, e.position";
    return sort.descending ? " ORDER BY e.position DESC" : " ORDER BY e.position";
}

} // namespace diptych

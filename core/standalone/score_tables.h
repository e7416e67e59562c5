// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/pairs.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace diptych {

/// Files larger than this are refused (LimitExceeded).
inline constexpr uint64_t kMaxTableBytes = uint64_t{1} << 30;

/// A comma-separated file with a header line, in the order of the file.
struct BinaryScores {
    std::vector<std::string> ids;
    std::vector<double> scores;
    std::vector<uint8_t> labels;
};

/// Columns id, score, label in any order; others are passed over. Fields may be quoted ("" for a quote
/// inside); a byte order mark, CRLF line ends and blank lines are taken as they come. Errors name file and
/// line: columns missing or repeated, too few or many fields, a score that is no finite number, a label other
/// than 0 and 1, an empty or repeated id, NUL bytes, a quote that does not end.
/// @throws Error NotFound, Unreadable, Corrupt, LimitExceeded
BinaryScores readBinaryScores(const std::filesystem::path& path);

struct PairTable {
    std::vector<std::string> ids;
    std::vector<std::string> tags; ///< empty where a line has none
    std::vector<PairScores> scores;
};

/// One JSON object a line: id, c0_i0, c0_i1, c1_i0, c1_i1 (cA_iB scores caption A with image B) and, if
/// given, tag. Blank lines are passed over. Errors name file and line: no JSON, a key that is missing or of
/// another type, a repeated id.
/// @throws as readBinaryScores
PairTable readPairScores(const std::filesystem::path& path);

} // namespace diptych

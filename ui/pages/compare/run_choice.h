// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <QString>

#include <utility>
#include <vector>

class QComboBox;

namespace diptych::ui {

/// "12 · tiny-clip · shapes · zero-shot · 97.8 %"
QString runChoiceText(const RunRecord& run);
/// Whether the run kept what a comparison takes: examples, whole.
bool isComparable(const RunRecord& run);
/// Offers @p runs; those on the dataset of @p beside, if one is given, come first and the run itself is left
/// out. Keeps what is chosen where it is still offered, and says nothing to anybody.
void offerRuns(QComboBox& box, const std::vector<RunRecord>& runs, const RunRecord* beside);
RunId chosenRun(const QComboBox& box); ///< none = none
/// Two runs worth opening with: the newest that have dataset and task in common, else the dataset; else none.
std::pair<RunId, RunId> likelyPair(const std::vector<RunRecord>& runs);

} // namespace diptych::ui

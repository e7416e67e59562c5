// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// What the samples of a split are for.
enum class SplitPart { None, Train, Validation, Test };

/// By the words of its name, in any letter case: "train", "Training", "train2017", "test_set", "seg_train",
/// "valid", "dev_seen", "eval". Validation goes by "val", "dev" or "eval" and their longer forms. None: the
/// name has no such word, or words of two kinds ("train_test").
SplitPart splitPart(std::string_view name);

/// Whether a folder of this name is a split wherever it stands: a word as above, alone or with what only
/// says that it is data ("train_set", "images-val", "test 2017").
bool isSplitName(std::string_view name);

/// Which folders of one level are splits: those named so (isSplitName()), and those that differ in the word
/// alone ("seg_train", "seg_test"). In the order given.
std::vector<std::string> splitsAmong(const std::vector<std::string>& names);

} // namespace diptych

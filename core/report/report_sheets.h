// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/ids.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// How the examples of a sheet are chosen. The rule stands above the sheet, so that nobody takes a choice for
/// the whole.
struct SheetRule {
    enum class By {
        Wrong,     ///< wrong, the surest first
        Unsure,    ///< right, the least sure first
        Random,    ///< drawn with the seed
        EachClass, ///< of every class the first ones, in the data set's order
        Tag,       ///< with a tag
        Samples    ///< those of a saved view, or selected in the window
    };
    By by = By::Wrong;
    size_t count = 10; ///< at most so many; of EachClass so many of every class
    uint64_t seed = 0;
    std::string name = {};              ///< of the tag or view; for Samples what they are, for people
    std::vector<SampleId> samples = {}; ///< of Samples; filled in by who knows the view
};

/// "wrong", "unsure:20", "random:12:7" (count, seed), "class:3", "tag:odd", "tag:odd:12", "view:night:12".
/// @throws Error InvalidArgument that lists the forms
SheetRule parseSheetRule(std::string_view text);
/// The forms above, for help texts.
std::string sheetRuleForms();
/// The rule in a sentence: "Wrong, the surest first: 10 at most".
std::string sheetRuleText(const SheetRule& rule);

} // namespace diptych

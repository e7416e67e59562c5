// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace diptych {

/// A sentence for each name that several classes have, so that no prompt can tell them apart; blanks at the
/// ends do not count. Empty = every class has a name of its own.
std::vector<std::string> equalNameWarnings(const std::vector<std::string>& classNames);

} // namespace diptych

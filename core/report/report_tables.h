// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace diptych {

/// A table of a run's details, its values written for people.
struct ReportTable {
    struct Column {
        std::string title;
        bool isText = false; ///< else a number
    };
    std::string title;
    std::string note; ///< how to read it; may be empty
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows; ///< each as long as columns; "–" where there is no value
};

/// details["tables"]. What does not fit is left out: details come from a database that other versions write
/// too.
std::vector<ReportTable> reportTables(const Json& details);

/// "37 of 180: class cat" for an evaluation of part of the dataset; empty for others. @param details of the
/// run
std::string runSamplesText(const Json& details);

} // namespace diptych

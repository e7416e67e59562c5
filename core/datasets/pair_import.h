// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/dataset.h"
#include "core/datasets/problem_list.h"

#include <array>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace diptych {

/// Private to core/datasets: one example of a dataset of pairs. Either two images with a caption each, or
/// one image (images[1] empty) with a caption that is true of it and others that are not.
struct PairRow {
    std::string where;                      ///< file:line
    std::string id;                         ///< empty = the number of the row among those added, from 0
    std::array<std::string, 2> images;      ///< names relative to the images' folder, extension optional
    std::vector<std::string> captions;      ///< of images[0] and images[1], or of the one image
    std::vector<std::string> wrongCaptions; ///< of the one image
    std::string split;
    Json attributes = Json::object(); ///< "tag" and whatever else the file says
};

/// Turns rows into samples, one an image, with the attributes that core/tasks' pairs are found by: "pair"
/// (the id) and, of two images, "side" 0 or 1; of one, "wrong_captions". A pair one of whose images is
/// missing is left out as a whole, since neither half means anything alone.
class PairImport {
public:
    PairImport(std::filesystem::path source, const ImportOptions& options);
    void add(PairRow row);
    ProblemList& problems() { return m_problems; }
    /// @param extraRoots folders where the images may lie, relative to the source's.
    /// @throws Error InvalidArgument if no row is left, NotFound if none of the images exists; Cancelled
    DatasetIndex finish(const std::vector<std::string>& extraRoots, const RunContext& context);

private:
    std::filesystem::path chooseRoot(const std::vector<std::string>& extraRoots) const;
    void requireSamples(const DatasetIndex& index) const;

    std::filesystem::path m_source;
    ImportOptions m_options;
    ProblemList m_problems;
    std::vector<PairRow> m_rows;
    std::unordered_map<std::string, std::string> m_whereOfId;
};

} // namespace diptych

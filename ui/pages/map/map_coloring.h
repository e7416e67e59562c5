// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/map/map_data.h"
#include "ui/plots/point_canvas.h"
#include "ui/plots/point_legend.h"
#include "ui/plots/point_palettes.h"

#include <vector>

namespace diptych::ui {

/// What the colours of a map can say.
enum class ColorBy {
    Nothing,
    Class,
    Tag,
    Split,
    Column,
    Kind,         ///< image or text
    Preservation, ///< share of a point's nearest neighbours that the map keeps
    Prediction,   ///< of a run, like those below
    Correct,
    Confidence, ///< score of the first prediction
    Margin      ///< by how much it is ahead of the second
};

struct ColorChoice {
    ColorBy by = ColorBy::Nothing;
    std::string column; ///< for ColorBy::Column
    friend bool operator==(const ColorChoice&, const ColorChoice&) = default;
};
bool ofRun(ColorBy by);

/// What is there to colour by.
struct ColorOptions {
    struct Run {
        RunId id;
        QString title;
        bool predictions = false, correct = false; ///< what its examples have
    };
    bool classes = false, splits = false, tags = false;
    QStringList columns;
    QStringList groups;    ///< the columns among them that have a few values
    std::vector<Run> runs; ///< newest first
};
/// Reads the workspace: on a worker.
ColorOptions colorOptions(const Workspace& workspace, DatasetId dataset);

/// Category or value of each point; colours come with the theme.
struct Coloring {
    bool values = false;
    QStringList names;        ///< of categories; the last one is that of points without, if hasUnknown
    std::vector<uint16_t> of; ///< by point: the category
    bool hasUnknown = false;
    std::vector<float> value; ///< by point; NaN = unknown
    double low = 0, high = 1;

    /// For people: the point's category or value; empty = unknown.
    QString textOf(int point) const;
};
/// Reads the workspace: on a worker. @param run for those of ofRun()
Coloring colorPoints(const Workspace& workspace, const MapData& data, const ColorChoice& choice, RunId run);

/// In the colours of the theme. @param ramp for values
PointColors pointColors(const Coloring& coloring, Ramp ramp);
/// Of categories, by colour.
std::vector<LegendEntry> legendOf(const Coloring& coloring, const PointColors& colors);
/// Values in equal parts of the range, for a legend.
std::vector<qint64> histogramOf(const Coloring& coloring, size_t parts);

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/map/map_coloring.h"

#include "ui/models/formatting.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

namespace diptych::ui {

namespace {

constexpr size_t kMostCategories = 400; // the rest becomes one
constexpr int64_t kMostNumbersAsNames = 10;
constexpr int64_t kMostGroups = 24;
constexpr int64_t kMostRuns = 30;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::MapColoring", text);
}

/// Categories by name; an empty one is unknown. @param ordered names in the order wished for, else the most
/// frequent come first
Coloring byName(const std::vector<QString>& nameOf, const QStringList& ordered, const QString& unknown) {
    std::map<QString, int64_t> counts;
    for (const QString& name : nameOf)
        if (!name.isEmpty())
            ++counts[name];
    std::vector<QString> names;
    for (const QString& name : ordered)
        if (const auto found = counts.find(name); found != counts.end()) {
            names.push_back(name);
            counts.erase(found);
        }
    const size_t kept = names.size();
    for (const auto& [name, count] : counts)
        names.push_back(name);
    std::stable_sort(names.begin() + static_cast<ptrdiff_t>(kept), names.end(),
                     [&](const QString& a, const QString& b) { return counts[a] > counts[b]; });
    const bool many = names.size() > kMostCategories;
    if (many)
        names.resize(kMostCategories);
    Coloring coloring;
    std::map<QString, uint16_t> indexOf;
    for (const QString& name : names) {
        indexOf.emplace(name, static_cast<uint16_t>(coloring.names.size()));
        coloring.names << name;
    }
    const auto last = static_cast<uint16_t>(coloring.names.size());
    for (const QString& name : nameOf) {
        const auto found = indexOf.find(name);
        coloring.of.push_back(found == indexOf.end() ? last : found->second);
        coloring.hasUnknown = coloring.hasUnknown || found == indexOf.end();
    }
    if (coloring.hasUnknown)
        coloring.names << (many ? tr("others") : unknown);
    return coloring;
}

Coloring byValue(std::vector<float> values) {
    Coloring coloring;
    coloring.values = true;
    coloring.low = std::numeric_limits<double>::max();
    coloring.high = std::numeric_limits<double>::lowest();
    for (const float value : values)
        if (std::isfinite(value)) {
            coloring.low = std::min(coloring.low, static_cast<double>(value));
            coloring.high = std::max(coloring.high, static_cast<double>(value));
        }
    if (coloring.low > coloring.high)
        coloring.low = coloring.high = 0;
    coloring.value = std::move(values);
    return coloring;
}

QStringList classList(const std::vector<std::string>& names) {
    QStringList list;
    for (const std::string& name : names)
        list << toQString(name);
    return list;
}

Coloring byClass(const MapData& data) {
    const QStringList classes = classList(data.classNames);
    std::vector<QString> names;
    for (const MapPoint& point : data.map.points)
        names.push_back(point.label >= 0 && point.label < classes.size() ? classes[point.label] : QString());
    return byName(names, classes, tr("no class"));
}

Coloring byKind(const MapData& data) {
    const QStringList kinds{tr("image"), tr("class"), tr("caption")};
    std::vector<QString> names;
    for (const MapPoint& point : data.map.points)
        names.push_back(kinds[static_cast<int>(point.kind)]);
    return byName(names, kinds, {});
}

/// By point what @p ofSample has for its sample.
template<class Value>
std::vector<Value> spread(const MapData& data, const std::unordered_map<SampleId, Value>& ofSample,
                          const Value& none) {
    std::vector<Value> values(data.size(), none);
    for (const auto& [sample, point] : data.ofSample)
        if (const auto found = ofSample.find(sample); found != ofSample.end())
            values[static_cast<size_t>(point)] = found->second;
    return values;
}

Coloring byTag(const Workspace& workspace, const MapData& data) {
    std::unordered_map<SampleId, QString> tags;
    for (const TagInfo& tag : workspace.tags()) {
        SampleFilter filter;
        filter.tags = {tag.name};
        for (const SampleId sample : workspace.sampleIds(data.dataset, filter)) {
            QString& name = tags[sample]; // several tags are a category of their own
            name += (name.isEmpty() ? QString() : QStringLiteral(" + ")) + toQString(tag.name);
        }
    }
    return byName(spread(data, tags, QString()), {}, tr("no tag"));
}

std::vector<SampleId> samplesIn(const MapData& data) {
    std::vector<SampleId> ids;
    for (const auto& [sample, point] : data.ofSample)
        if (ids.empty() || ids.back() != sample)
            ids.push_back(sample);
    return ids;
}

Coloring bySplit(const Workspace& workspace, const MapData& data) {
    std::unordered_map<SampleId, QString> splits;
    for (const Sample& sample : workspace.samples(samplesIn(data), SampleDetail::Basic))
        splits.emplace(sample.id, toQString(sample.split));
    return byName(spread(data, splits, QString()), {}, tr("no split"));
}

Coloring byColumn(const Workspace& workspace, const MapData& data, const std::string& column) {
    bool numbers = false;
    for (const ColumnInfo& info : workspace.columns(data.dataset))
        if (info.name == column)
            numbers = info.numeric && info.distinctCount > kMostNumbersAsNames;
    std::unordered_map<SampleId, QString> names;
    std::unordered_map<SampleId, float> values;
    for (const Sample& sample : workspace.samples(samplesIn(data), SampleDetail::Full)) {
        if (!sample.attributes.is_object())
            continue;
        const auto found = sample.attributes.find(column);
        if (found == sample.attributes.end() || found->is_null())
            continue;
        const QString text = toQString(attributeText(*found));
        bool isNumber = false;
        const float value = text.toFloat(&isNumber);
        if (numbers && isNumber)
            values.emplace(sample.id, value);
        else if (!numbers)
            names.emplace(sample.id, text);
    }
    return numbers ? byValue(spread(data, values, kUnknown))
                   : byName(spread(data, names, QString()), {}, tr("no value"));
}

Coloring byRun(const Workspace& workspace, const MapData& data, ColorBy by, RunId run) {
    const std::vector<std::string> classNames = workspace.run(run).classNames;
    const QStringList classes = classList(classNames);
    const QString right = tr("right"), wrong = tr("wrong");
    std::unordered_map<SampleId, QString> names;
    std::unordered_map<SampleId, float> values;
    for (const ExampleResult& example : workspace.examples(run)) {
        if (by == ColorBy::Correct) {
            if (example.correct)
                names.emplace(example.sample, *example.correct ? right : wrong);
            continue;
        }
        if (example.predictions.empty())
            continue;
        const ScoredIndex& first = example.predictions.front();
        if (by == ColorBy::Prediction)
            names.emplace(example.sample, first.index >= 0 && first.index < classes.size()
                                              ? classes[first.index]
                                              : QString::number(first.index));
        else if (by == ColorBy::Confidence)
            values.emplace(example.sample, first.score);
        else if (example.predictions.size() > 1)
            values.emplace(example.sample, first.score - example.predictions[1].score);
    }
    if (by == ColorBy::Confidence || by == ColorBy::Margin)
        return byValue(spread(data, values, kUnknown));
    return byName(spread(data, names, QString()),
                  by == ColorBy::Correct ? QStringList{right, wrong} : classes, tr("not in this run"));
}

} // namespace

bool ofRun(ColorBy by) {
    return by >= ColorBy::Prediction;
}

ColorOptions colorOptions(const Workspace& workspace, DatasetId dataset) {
    ColorOptions options;
    options.classes = workspace.dataset(dataset).classCount > 0;
    options.splits = !workspace.splits(dataset).empty();
    options.tags = !workspace.tags().empty();
    for (const ColumnInfo& column : workspace.columns(dataset)) {
        options.columns << toQString(column.name);
        if (column.distinctCount > 1 && column.distinctCount <= kMostGroups)
            options.groups << toQString(column.name);
    }
    RunFilter filter;
    filter.dataset = dataset;
    filter.limit = kMostRuns;
    for (const RunRecord& run : workspace.runs(filter)) {
        if (run.status != RunStatus::Finished)
            continue;
        ExampleFilter right, wrong;
        right.correct = true;
        wrong.correct = false;
        const auto first = workspace.examples(run.id, {}, {}, 0, 1);
        ColorOptions::Run choice;
        choice.id = run.id;
        choice.title =
            QStringLiteral("%1  %2, %3")
                .arg(run.id.value)
                .arg(toQString(run.title.empty() ? run.task : run.title), toQString(run.modelName));
        choice.predictions = !first.empty() && !first.front().predictions.empty();
        choice.correct =
            workspace.exampleCount(run.id, right) > 0 || workspace.exampleCount(run.id, wrong) > 0;
        if (choice.predictions || choice.correct)
            options.runs.push_back(std::move(choice));
    }
    return options;
}

Coloring colorPoints(const Workspace& workspace, const MapData& data, const ColorChoice& choice, RunId run) {
    switch (choice.by) {
    case ColorBy::Class:
        return byClass(data);
    case ColorBy::Tag:
        return byTag(workspace, data);
    case ColorBy::Split:
        return bySplit(workspace, data);
    case ColorBy::Column:
        return byColumn(workspace, data, choice.column);
    case ColorBy::Kind:
        return byKind(data);
    case ColorBy::Preservation: {
        Coloring coloring = byValue(data.map.preservation);
        coloring.low = 0; // shares: the same colours on every map
        coloring.high = 1;
        return coloring;
    }
    case ColorBy::Prediction:
    case ColorBy::Correct:
    case ColorBy::Confidence:
    case ColorBy::Margin:
        return byRun(workspace, data, choice.by, run);
    case ColorBy::Nothing:
        break;
    }
    return byName(std::vector<QString>(data.size(), tr("all")), {}, {});
}

QString Coloring::textOf(int point) const {
    const auto at = static_cast<size_t>(point);
    if (values)
        return at < value.size() && std::isfinite(value[at])
                   ? QString::number(static_cast<double>(value[at]), 'g', 4)
                   : QString();
    if (at >= of.size() || (hasUnknown && of[at] + 1 == names.size()))
        return {};
    return names[of[at]];
}

PointColors pointColors(const Coloring& coloring, Ramp ramp) {
    PointColors colors;
    if (!coloring.values) {
        colors.of = coloring.of;
        colors.palette =
            categoryColors(static_cast<int>(coloring.names.size()) - (coloring.hasUnknown ? 1 : 0));
        if (coloring.hasUnknown)
            colors.palette.push_back(unknownColor());
    } else {
        colors.palette = rampColors(ramp);
        colors.palette.push_back(unknownColor());
        const double range = coloring.high - coloring.low;
        for (const float value : coloring.value) {
            const double share = range > 0 ? (static_cast<double>(value) - coloring.low) / range : 0.5;
            colors.of.push_back(std::isfinite(value) ? static_cast<uint16_t>(std::lround(
                                                           std::clamp(share, 0.0, 1.0) * (kRampColors - 1)))
                                                     : static_cast<uint16_t>(kRampColors));
        }
    }
    colors.hidden.assign(colors.palette.size(), 0);
    return colors;
}

std::vector<LegendEntry> legendOf(const Coloring& coloring, const PointColors& colors) {
    std::vector<LegendEntry> entries;
    for (qsizetype i = 0; !coloring.values && i < coloring.names.size(); ++i)
        entries.push_back({coloring.names[i], colors.palette[static_cast<size_t>(i)], 0, 0});
    for (const uint16_t color : coloring.of)
        ++entries[color].count;
    return entries;
}

std::vector<qint64> histogramOf(const Coloring& coloring, size_t parts) {
    std::vector<qint64> counts(parts, 0);
    const double range = coloring.high - coloring.low;
    for (const float value : coloring.value)
        if (std::isfinite(value)) {
            const double share = range > 0 ? (static_cast<double>(value) - coloring.low) / range : 0.5;
            ++counts[std::min(parts - 1,
                              static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(parts)))];
        }
    return counts;
}

} // namespace diptych::ui

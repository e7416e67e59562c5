// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/group_models.h"

#include "ui/models/formatting.h"
#include "ui/models/json_fields.h"
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace diptych::ui {
namespace {

QString className(const std::vector<std::string>& names, int index) {
    return index >= 0 && index < static_cast<int>(names.size()) ? toQString(names[static_cast<size_t>(index)])
                                                                : QString();
}

void addResult(GroupMember& member, const ExampleResult& result, const RunRecord& run) {
    member.label = className(run.classNames, result.target);
    member.correct = result.correct;
    if (result.predictions.empty())
        return;
    member.predicted = className(run.classNames, result.predictions.front().index);
    member.score = static_cast<double>(result.predictions.front().score);
}

} // namespace

int ConfounderGroup::rightCount() const {
    return static_cast<int>(std::count_if(members.begin(), members.end(), [](const GroupMember& member) {
        return member.correct.value_or(false);
    }));
}

QString ConfounderGroup::title() const {
    if (members.empty())
        return {};
    return kind == Kind::SameText ? members.front().caption : members.front().name;
}

std::vector<ConfounderGroup> groupsOf(const Workspace& workspace, const RunRecord& run) {
    const Json& stored = listOf(run.details, "groups");
    std::vector<SampleId> ids;
    for (const Json& group : stored)
        for (const Json& sample : listOf(group, "samples"))
            ids.push_back(sampleOf(sample));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::unordered_map<SampleId, GroupMember> known;
    for (const Sample& sample : workspace.samples(ids)) {
        GroupMember& member = known[sample.id];
        member.sample = sample.id;
        member.score = std::nan("");
        member.name = toQString(sample.key).section(QLatin1Char('/'), -1);
        member.caption = sample.captions.empty() ? QString() : toQString(sample.captions.front());
    }
    for (const ExampleResult& result : workspace.examples(run.id))
        if (const auto found = known.find(result.sample); found != known.end())
            addResult(found->second, result, run);

    std::vector<ConfounderGroup> groups;
    for (const Json& entry : stored) {
        ConfounderGroup group;
        group.kind = toText(memberOf(entry, "kind")) == QLatin1String("same_image")
                         ? ConfounderGroup::Kind::SameImage
                         : ConfounderGroup::Kind::SameText;
        group.allRight = toFlag(memberOf(entry, "all_right"));
        for (const Json& sample : listOf(entry, "samples"))
            if (const auto found = known.find(sampleOf(sample)); found != known.end())
                group.members.push_back(found->second);
        if (!group.members.empty())
            groups.push_back(std::move(group));
    }
    return groups;
}

QVariant GroupsModel::header(int column) const {
    return column == Shared ? tr("What they share") : column == Kind ? tr("Group") : tr("Right");
}

QVariant GroupsModel::cell(const ConfounderGroup& row, int column, int role) const {
    const int right = row.rightCount(), size = static_cast<int>(row.members.size());
    if (role == Qt::ForegroundRole && column == Right)
        return row.allRight ? theme::colors().success : theme::colors().danger;
    if (role == Qt::ToolTipRole && column == Shared)
        return row.title();
    if (role == kSortRole && column == Right)
        return static_cast<double>(right) / size;
    if (role != Qt::DisplayRole && role != kSortRole)
        return {};
    if (column == Shared)
        return row.title();
    if (column == Kind)
        return row.kind == ConfounderGroup::Kind::SameText ? tr("same text") : tr("same image");
    return tr("%1 %2 of %3")
        .arg(row.allRight ? QStringLiteral("✓") : QStringLiteral("✗"))
        .arg(right)
        .arg(size);
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/class_results.h"

#include "core/session/run_part.h"
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/results/run_filter.h"
#include "ui/state/app_state.h"

#include <QEvent>

#include <unordered_set>

namespace diptych::ui {
namespace {

struct Loaded {
    std::vector<ClassResults::Member> members;
    size_t all = 0;
    std::optional<Json>
        details; ///< of what the filter leaves; none without a filter, or where none can be told
};

Loaded loadMembers(const Workspace& workspace, const RunRecord& run, const SampleList& filter) {
    Loaded out;
    const std::vector<ExampleResult> examples = workspace.examples(run.id);
    std::unordered_set<SampleId> wanted;
    if (filter)
        wanted.insert(filter->begin(), filter->end());
    std::vector<uint32_t> part;
    for (size_t i = 0; i < examples.size(); ++i) {
        const ExampleResult& example = examples[i];
        if (filter && !wanted.contains(example.sample))
            continue;
        part.push_back(static_cast<uint32_t>(i));
        out.members.push_back({example.sample, example.target,
                               example.predictions.empty() ? -1 : example.predictions.front().index});
    }
    out.all = examples.size();
    if (filter)
        out.details = classDetailsOn(run, examples, part);
    return out;
}

} // namespace

ClassResults::ClassResults(const ResultContext& context, ResultView& view, RunFilter& filter)
    : QObject(&view), m_context(context), m_view(view), m_filter(filter), m_loading(context.jobs, this) {
    view.installEventFilter(this);
    connect(&filter, &RunFilter::changed, this, [this] {
        m_stale = true;
        if (m_view.isVisible())
            load();
    });
}

void ClassResults::setRun(std::shared_ptr<const RunRecord> run) {
    m_run = std::move(run);
    m_loading.cancel();
    m_members.clear();
    m_stale = true;
    m_filter.setRun(*m_run);
    Q_EMIT shown(m_run->details);
    Q_EMIT membersChanged();
    if (m_view.isVisible())
        load();
}

bool ClassResults::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show && m_stale && m_run)
        load();
    return QObject::eventFilter(watched, event);
}

void ClassResults::load() {
    const auto session = m_context.state.session();
    if (!session || !m_run)
        return;
    m_stale = false;
    m_loading.start(
        JobSpec(tr("Load results by class")).setShown(false),
        [session, run = m_run, filter = m_filter.members()](const RunContext&) {
            return loadMembers(session->workspace(), *run, filter);
        },
        [this, filtered = m_filter.members() != nullptr](Loaded loaded) {
            m_members = std::move(loaded.members);
            if (!filtered || loaded.details) {
                m_filter.setCount(m_members.size(), loaded.all, tr("examples"));
                Q_EMIT shown(filtered ? *loaded.details : m_run->details);
            } else {
                m_filter.setUnfiltered(
                    tr("all %1 examples; this run keeps too little to tell of a part of them")
                        .arg(exactCountText(static_cast<long long>(loaded.all))));
                Q_EMIT shown(m_run->details);
            }
            Q_EMIT membersChanged();
        });
}

} // namespace diptych::ui

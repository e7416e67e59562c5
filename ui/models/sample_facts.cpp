// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sample_facts.h"

#include "core/base/file.h"
#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"

#include <map>

namespace diptych::ui {

namespace {

constexpr int kKept = 20000;
constexpr int kLongestValue = 200; // characters of a column's value that are shown

using Facts = std::vector<std::pair<SampleId, SampleFact>>;

Facts fetchFacts(Workspace& workspace, const std::vector<SampleId>& ids) {
    std::map<DatasetId, std::vector<std::string>> classNames;
    std::map<DatasetId, std::map<SampleId, int>> corrected;
    Facts facts;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Full)) {
        SampleFact fact;
        fact.dataset = sample.dataset;
        fact.key = toQString(sample.key);
        fact.path = toQString(displayPath(sample.path));
        fact.split = toQString(sample.split);
        fact.note = toQString(sample.note);
        auto names = classNames.find(sample.dataset);
        if (names == classNames.end()) {
            names = classNames.emplace(sample.dataset, workspace.classNames(sample.dataset)).first;
            corrected.emplace(sample.dataset, workspace.correctedLabels(sample.dataset));
        }
        if (const auto label = corrected[sample.dataset].find(sample.id);
            label != corrected[sample.dataset].end())
            fact.corrected = label->second < 0 ? SampleFacts::tr("no label")
                                               : toQString(names->second[static_cast<size_t>(label->second)]);
        if (sample.label >= 0 && static_cast<size_t>(sample.label) < names->second.size())
            fact.className = toQString(names->second[static_cast<size_t>(sample.label)]);
        for (const std::string& tag : sample.tags)
            fact.tags << toQString(tag);
        if (sample.attributes.is_object())
            for (const auto& [name, value] : sample.attributes.items())
                if (!value.is_null()) {
                    QString text = toQString(attributeText(value));
                    if (text.size() > kLongestValue)
                        text = text.left(kLongestValue) + QStringLiteral("…");
                    fact.columns << QStringLiteral("%1: %2").arg(toQString(name), text);
                }
        facts.emplace_back(sample.id, std::move(fact));
    }
    return facts;
}

} // namespace

QString SampleFact::text() const {
    QStringList lines{key};
    if (!className.isEmpty())
        lines << SampleFacts::tr("Class: %1").arg(className);
    if (!corrected.isEmpty())
        lines << SampleFacts::tr("Corrected to: %1").arg(corrected);
    if (!split.isEmpty())
        lines << SampleFacts::tr("Split: %1").arg(split);
    lines << columns;
    if (!tags.isEmpty())
        lines << SampleFacts::tr("Tags: %1").arg(tags.join(QStringLiteral(", ")));
    if (!note.isEmpty())
        lines << SampleFacts::tr("Note: %1").arg(note);
    return lines.join(QLatin1Char('\n'));
}

QString SampleFact::richText() const {
    return text().toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

SampleFacts::SampleFacts(AppState& state, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_state(state), m_jobs(jobs), m_known(kKept) {
    m_collecting.setSingleShot(true);
    m_collecting.setInterval(0); // once for all that one paint asks for
    connect(&m_collecting, &QTimer::timeout, this, &SampleFacts::fetch);
    connect(&state, &AppState::tagsChanged, this, &SampleFacts::expire);
    connect(&state, &AppState::datasetsChanged, this, &SampleFacts::expire);
    connect(&state, &AppState::workspaceChanged, this, [this] {
        m_known.clear();
        expire();
    });
}

void SampleFacts::expire() {
    ++m_generation; // what is shown stays until what is new has arrived
    m_wanted.clear();
    m_fetching.clear();
    Q_EMIT arrived(); // so that views paint, and by that ask again
}

const SampleFact* SampleFacts::find(SampleId sample) {
    const Known* known = m_known.object(sample.value);
    const bool fresh = known && known->generation == m_generation;
    if (!fresh && sample && m_state.session() && !m_fetching.contains(sample.value)) {
        m_wanted.insert(sample.value);
        if (!m_collecting.isActive())
            m_collecting.start();
    }
    return known ? &known->fact : nullptr;
}

void SampleFacts::fetch() {
    const auto session = m_state.session();
    if (!session || m_wanted.isEmpty())
        return;
    std::vector<SampleId> ids;
    for (const qint64 id : std::as_const(m_wanted))
        ids.push_back({id});
    m_fetching.unite(m_wanted);
    m_wanted.clear();
    m_jobs.start(
        JobSpec(tr("Load tags and notes")).setShown(false),
        [session, ids](const RunContext&) { return fetchFacts(session->workspace(), ids); }, this,
        [this, session, ids, generation = m_generation](Facts facts) {
            if (generation != m_generation || session != m_state.session())
                return;
            for (const SampleId id : ids) { // one that is gone says nothing, and is not asked for again
                m_fetching.remove(id.value);
                m_known.insert(id.value, new Known{{}, generation});
            }
            for (auto& [id, fact] : facts)
                m_known.insert(id.value, new Known{std::move(fact), generation});
            Q_EMIT arrived();
        });
}

} // namespace diptych::ui

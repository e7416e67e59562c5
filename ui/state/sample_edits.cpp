// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/sample_edits.h"

#include "core/session/session.h"
#include "ui/jobs/job_runner.h"
#include "ui/state/app_state.h"

#include <QLocale>

#include <set>
#include <utility>

namespace diptych::ui {

namespace {

constexpr int kUndoLimit = 100;

template<class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template<class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

size_t countIn(const SampleEdits::Change& change) {
    return std::visit(Overloaded{[](const SampleEdits::TagChange& tag) { return tag.samples.size(); },
                                 [](const SampleEdits::NoteChange& note) { return note.before.size(); },
                                 [](const SampleEdits::LabelChange& label) { return label.made.size(); },
                                 [](const SampleEdits::LabelTakenBack& label) { return label.taken.size(); },
                                 [](const SampleEdits::PositiveChange& marks) { return marks.pairs.size(); }},
                      change);
}

QString textOf(const SampleEdits::Change& change) {
    const size_t count = countIn(change);
    const QString number = QLocale().toString(static_cast<qulonglong>(count));
    if (const auto* tag = std::get_if<SampleEdits::TagChange>(&change)) {
        const QString name = QString::fromStdString(tag->tag);
        if (count == 0)
            return tag->added ? SampleEdits::tr("All have the tag “%1” already").arg(name)
                              : SampleEdits::tr("None has the tag “%1”").arg(name);
        return (tag->added ? SampleEdits::tr("%1 tagged “%2”") : SampleEdits::tr("%1 no longer tagged “%2”"))
            .arg(number, name);
    }
    if (const auto* label = std::get_if<SampleEdits::LabelChange>(&change)) {
        if (count == 0)
            return SampleEdits::tr("The label is the same as before");
        return count == 1 ? SampleEdits::tr("Label corrected to “%1”")
                                .arg(QString::fromStdString(label->made.front().to))
                          : SampleEdits::tr("%1 labels corrected").arg(number);
    }
    if (const auto* back = std::get_if<SampleEdits::LabelTakenBack>(&change))
        return count == 0 ? SampleEdits::tr("There is a later correction; take that back first")
                          : SampleEdits::tr("Correction to “%1” taken back")
                                .arg(QString::fromStdString(back->taken.front().to));
    if (const auto* marks = std::get_if<SampleEdits::PositiveChange>(&change)) {
        if (count == 0)
            return marks->added ? SampleEdits::tr("Marked as right already")
                                : SampleEdits::tr("Not marked as right");
        if (count == 1)
            return marks->added ? SampleEdits::tr("Caption marked as right for this image")
                                : SampleEdits::tr("Mark taken back");
        return (marks->added ? SampleEdits::tr("%1 captions marked as right")
                             : SampleEdits::tr("%1 marks taken back"))
            .arg(number);
    }
    if (count == 0)
        return SampleEdits::tr("The note is the same as before");
    const auto& notes = std::get<SampleEdits::NoteChange>(change);
    if (notes.after.front().text.empty())
        return count == 1 ? SampleEdits::tr("Note removed") : SampleEdits::tr("%1 notes removed").arg(number);
    return count == 1 ? SampleEdits::tr("Note stored")
                      : SampleEdits::tr("Note stored for %1 images").arg(number);
}

/// The corrections as the workspace keeps them now: made again, they have other numbers.
std::vector<LabelCorrection> storedAs(const Workspace& workspace, const std::vector<LabelCorrection>& made) {
    std::vector<SampleId> ids;
    for (const LabelCorrection& correction : made)
        ids.push_back(correction.sample);
    std::map<SampleId, LabelCorrection> last;
    std::set<DatasetId> datasets;
    for (const Sample& sample : workspace.samples(ids, SampleDetail::Basic))
        if (datasets.insert(sample.dataset).second)
            for (LabelCorrection& correction : workspace.labelCorrections(sample.dataset))
                last[correction.sample] = std::move(correction);
    std::vector<LabelCorrection> stored;
    for (const LabelCorrection& correction : made)
        if (const auto found = last.find(correction.sample);
            found != last.end() && found->second.from == correction.from && found->second.to == correction.to)
            stored.push_back(found->second);
    return stored;
}

void makeAgain(Workspace& workspace, const std::vector<LabelCorrection>& made) {
    std::map<std::pair<std::string, std::string>, std::vector<SampleId>> byClass;
    for (const LabelCorrection& correction : made)
        byClass[{correction.to, correction.note}].push_back(correction.sample);
    for (const auto& [what, samples] : byClass)
        workspace.correctLabels(samples, what.first, what.second);
}

} // namespace

/// What was done is done already when it comes onto the stack: its first redo does nothing.
class SampleEdits::Command : public QUndoCommand {
public:
    Command(SampleEdits& edits, Change change)
        : QUndoCommand(textOf(change)), m_edits(edits), m_change(std::move(change)) {}
    void undo() override { m_edits.apply(m_change, false); }
    void redo() override {
        if (m_stored)
            m_edits.apply(m_change, true);
        m_stored = true;
    }

private:
    SampleEdits& m_edits;
    Change m_change;
    bool m_stored = false;
};

SampleEdits::SampleEdits(AppState& state, JobRunner& jobs, QObject* parent)
    : QObject(parent), m_state(state), m_jobs(jobs) {
    m_undo.setUndoLimit(kUndoLimit);
    connect(&state, &AppState::workspaceChanged, this, [this] {
        m_waiting.clear();
        m_undo.clear();
    });
    // Ids stay those of the samples when a dataset is read again, but a removed one's are gone.
    connect(&state, &AppState::datasetsChanged, &m_undo, &QUndoStack::clear);
}

SampleEdits::~SampleEdits() = default;

void SampleEdits::addTag(std::vector<SampleId> samples, const QString& tag) {
    enqueue({tr("Add tag %1").arg(tag),
             [samples = std::move(samples), name = tag.toStdString()](Workspace& workspace) -> Change {
                 return TagChange{name, true, workspace.addTag(samples, name)};
             }});
}

void SampleEdits::removeTag(std::vector<SampleId> samples, const QString& tag) {
    enqueue({tr("Remove tag %1").arg(tag),
             [samples = std::move(samples), name = tag.toStdString()](Workspace& workspace) -> Change {
                 return TagChange{name, false, workspace.removeTag(samples, name)};
             }});
}

void SampleEdits::toggleTag(std::vector<SampleId> samples, const QString& tag) {
    enqueue({tr("Tag %1").arg(tag),
             [samples = std::move(samples), name = tag.toStdString()](Workspace& workspace) -> Change {
                 std::vector<SampleId> added = workspace.addTag(samples, name);
                 if (!added.empty())
                     return TagChange{name, true, std::move(added)};
                 return TagChange{name, false, workspace.removeTag(samples, name)};
             }});
}

void SampleEdits::setNote(std::vector<SampleId> samples, const QString& text) {
    enqueue(
        {tr("Note"),
         [samples = std::move(samples), text = text.trimmed().toStdString()](Workspace& workspace) -> Change {
             std::vector<SampleNote> after;
             for (const SampleId sample : samples)
                 after.push_back({sample, text});
             NoteChange change{workspace.setNotes(after), {}};
             for (const SampleNote& before : change.before)
                 change.after.push_back({before.sample, text});
             return change;
         }});
}

void SampleEdits::correctLabels(std::map<QString, std::vector<SampleId>> byClass, const QString& note) {
    enqueue({tr("Correct labels"),
             [byClass = std::move(byClass), text = note.toStdString()](Workspace& workspace) -> Change {
                 LabelChange change;
                 for (const auto& [name, samples] : byClass)
                     for (LabelCorrection& made : workspace.correctLabels(samples, name.toStdString(), text))
                         change.made.push_back(std::move(made));
                 return change;
             }});
}

void SampleEdits::takeBackCorrection(const LabelCorrection& correction) {
    enqueue({tr("Take a correction back"), [correction](Workspace& workspace) -> Change {
                 LabelTakenBack change{storedAs(workspace, {correction})};
                 workspace.removeCorrections(change.taken);
                 return change;
             }});
}

void SampleEdits::markPositives(std::vector<PositivePair> pairs, bool right) {
    enqueue({right ? tr("Mark as right") : tr("Take a mark back"),
             [pairs = std::move(pairs), right](Workspace& workspace) -> Change {
                 return PositiveChange{right, right ? workspace.addPositives(pairs)
                                                    : workspace.removePositives(pairs)};
             }});
}

void SampleEdits::apply(const Change& change, bool forward) {
    enqueue({forward ? tr("Redo") : tr("Undo"),
             [change, forward](Workspace& workspace) {
                 std::visit(Overloaded{[&](const TagChange& tag) {
                                           if (tag.added == forward)
                                               workspace.addTag(tag.samples, tag.tag);
                                           else
                                               workspace.removeTag(tag.samples, tag.tag);
                                       },
                                       [&](const NoteChange& note) {
                                           workspace.setNotes(forward ? note.after : note.before);
                                       },
                                       [&](const LabelChange& label) {
                                           if (forward)
                                               makeAgain(workspace, label.made);
                                           else
                                               workspace.removeCorrections(storedAs(workspace, label.made));
                                       },
                                       [&](const LabelTakenBack& label) {
                                           if (forward)
                                               workspace.removeCorrections(storedAs(workspace, label.taken));
                                           else
                                               workspace.restoreCorrections(label.taken);
                                       },
                                       [&](const PositiveChange& marks) {
                                           if (marks.added == forward)
                                               workspace.addPositives(marks.pairs);
                                           else
                                               workspace.removePositives(marks.pairs);
                                       }},
                            change);
                 return change;
             },
             false});
}

void SampleEdits::enqueue(Request request) {
    if (!m_state.session() || m_state.readOnly())
        return;
    m_waiting.push_back(std::move(request));
    if (!m_running)
        startNext();
}

void SampleEdits::startNext() {
    const auto session = m_state.session();
    if (m_waiting.empty() || !session)
        return;
    Request next = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_running = true;
    m_jobs.start(
        JobSpec(next.title).setShown(false).setFinally([this] {
            m_running = false;
            startNext();
        }),
        [session, work = std::move(next.work)](const RunContext&) { return work(session->workspace()); },
        this,
        [this, session, title = next.title, byHand = next.byHand](Change change) {
            if (session == m_state.session())
                finish(title, byHand, std::move(change));
        },
        [this, title = next.title, byHand = next.byHand](const Error& error) {
            if (!byHand) // the stack no longer says what is stored
                m_undo.clear();
            Q_EMIT failed(title, error);
        });
}

void SampleEdits::finish(const QString& title, bool byHand, Change change) {
    const QString text = textOf(change);
    const bool changed = countIn(change) > 0;
    const bool positives = std::holds_alternative<PositiveChange>(change);
    if (byHand && changed)
        m_undo.push(new Command(*this, std::move(change)));
    if (changed && positives)
        m_state.notifyPositivesChanged();
    else if (changed)
        m_state.notifyTagsChanged();
    if (byHand)
        Q_EMIT done(text, changed);
    else
        Q_EMIT done(tr("%1: %2").arg(title, text), false);
}

} // namespace diptych::ui

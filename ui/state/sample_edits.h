// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/label_correction.h"
#include "core/store/positive_pair.h"
#include "core/store/records.h"

#include <QObject>
#include <QString>
#include <QUndoStack>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <variant>
#include <vector>

namespace diptych {
class Workspace;
}

namespace diptych::ui {

class AppState;
class JobRunner;

/// Changes what a person keeps beside samples, tags, notes, corrected labels and captions that are right for
/// other images too, and undoes it. Every change
/// is a job; they run one after the other in the order asked for. GUI thread only.
class SampleEdits : public QObject {
    Q_OBJECT
public:
    /// What a change did: exactly that is undone.
    struct TagChange {
        std::string tag;
        bool added = true;
        std::vector<SampleId> samples; ///< those that did not have the tag, or had it
    };
    struct NoteChange {
        std::vector<SampleNote> before, after;
    };
    struct LabelChange {
        std::vector<LabelCorrection> made;
    };
    /// A correction out of the history, which undo makes again at its end.
    struct LabelTakenBack {
        std::vector<LabelCorrection> taken;
    };
    struct PositiveChange {
        bool added = true;
        std::vector<PositivePair> pairs;
    };
    using Change = std::variant<TagChange, NoteChange, LabelChange, LabelTakenBack, PositiveChange>;

    /// Both outlive this.
    SampleEdits(AppState& state, JobRunner& jobs, QObject* parent = nullptr);
    ~SampleEdits() override;

    void addTag(std::vector<SampleId> samples, const QString& tag);
    void removeTag(std::vector<SampleId> samples, const QString& tag);
    /// Takes the tag off if all have it, else gives it to all.
    void toggleTag(std::vector<SampleId> samples, const QString& tag);
    /// @param text empty = no note
    void setNote(std::vector<SampleId> samples, const QString& text);
    /// Corrects labels, beside those that were imported, in one step. @param byClass samples under the name
    /// of the class that is right; an empty name = no label
    void correctLabels(std::map<QString, std::vector<SampleId>> byClass, const QString& note);

    /// Takes a correction back, the last of its sample.
    void takeBackCorrection(const LabelCorrection& correction);
    /// Marks captions as right for another image than their own, or takes such marks back.
    void markPositives(std::vector<PositivePair> pairs, bool right);

    QUndoStack& undoStack() { return m_undo; }
    bool busy() const { return m_running; }

Q_SIGNALS:
    /// A change is stored. @param undoable false if there was nothing to change
    void done(const QString& text, bool undoable);
    void failed(const QString& title, const diptych::Error& error);

private:
    class Command;
    using Work = std::function<Change(Workspace&)>;
    struct Request {
        QString title;
        Work work;
        bool byHand = true; ///< not an undo or redo: goes onto the stack
    };
    void enqueue(Request request);
    void apply(const Change& change, bool forward);
    void startNext();
    void finish(const QString& title, bool byHand, Change change);

    AppState& m_state;
    JobRunner& m_jobs;
    QUndoStack m_undo;
    std::deque<Request> m_waiting;
    bool m_running = false;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/sample_export.h"
#include "ui/jobs/job_runner.h"
#include "ui/state/app_state.h"

#include <QHash>
#include <QObject>
#include <QPoint>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

class QContextMenuEvent;
class QKeyEvent;
class QMenu;
class QMimeData;
class QMouseEvent;

namespace diptych::ui {

class SampleEdits;
class SampleFacts;
class SamplePicture;
class Settings;
class ThumbnailGrid;

/// What a menu or a key acts on.
struct SampleTarget {
    std::vector<SampleId> samples;        ///< empty = nothing to act on
    SampleId current;                     ///< the one that is opened, searched with, copied as an image
    RunId run;                            ///< whose result is looked at, if any
    std::function<SampleList()> siblings; ///< for stepping on from there; may be empty
};

/// What can be done with a picture, the same wherever one is shown: one context menu, one set of keys. Views
/// are attached once; nothing else is needed of them. Owned by the shell, GUI thread only.
class SampleActions : public QObject {
    Q_OBJECT
public:
    static constexpr int kTagKeys = 9;

    /// All outlive this.
    SampleActions(AppState& state, JobRunner& jobs, SampleEdits& edits, SampleFacts& facts,
                  Settings& settings, QObject* parent = nullptr);

    /// Menu, keys, badges, tool tips, dragging out, and the Inspector for what is activated. @param run which
    /// run the pictures are results of; may be empty
    void attach(ThumbnailGrid* grid, std::function<RunId()> run = {});
    /// Menu and keys for one picture. @param siblings as in SampleTarget
    void attach(SamplePicture* picture, std::function<RunId()> run = {},
                std::function<SampleList()> siblings = {});
    /// Menu and keys for any other view, e.g. one that paints many samples itself.
    void attach(QWidget* view, std::function<SampleTarget()> target);
    /// Lets files be dragged out of the window by that widget. @param samples whose files they are
    void attachDrag(QWidget* handle, std::function<std::vector<SampleId>()> samples);

    SampleEdits& edits() { return m_edits; }
    SampleFacts& facts() { return m_facts; }
    const QStringList& tags() const { return m_tags; } ///< all in use, by name
    /// The tag that the key @p number (1 to 9) gives; empty = none yet.
    QString tagOfKey(int number) const;
    void setTagOfKey(int number, const QString& tag);

    /// The menu for these samples, not yet shown; deletes itself when closed.
    QMenu* makeMenu(const SampleTarget& target, QWidget* parent);
    /// Fills a menu with the tags, checked where all have it. @param samples of what is tagged
    void fillTagMenu(QMenu* menu, const std::vector<SampleId>& samples, QWidget* parent);
    void askNewTag(const std::vector<SampleId>& samples, QWidget* parent);
    void askNote(const SampleTarget& target, QWidget* parent);
    /// Asks for the class that is right, among those of the current sample's dataset.
    void askLabel(const SampleTarget& target, QWidget* parent);
    void open(const SampleTarget& target);
    void findSimilar(SampleId sample);
    void copyImage(SampleId sample);
    void copyPaths(const std::vector<SampleId>& samples);
    void reveal(SampleId sample);
    /// Asks for a file or folder and a form, and writes the samples there.
    void askExport(const std::vector<SampleId>& samples, QWidget* parent);
    void exportTo(const std::vector<SampleId>& samples, const QString& path, ExportForm form,
                  FolderFiles content = FolderFiles::Links);

Q_SIGNALS:
    void dragging(const QMimeData& files); ///< a drag out of the window begins
    void message(const QString& text);     ///< what was done, for the status bar

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool keyPressed(const QKeyEvent& event, const SampleTarget& target, QWidget* view);
    bool showMenu(const QContextMenuEvent& event, QWidget* view);
    void useTagKey(int number, const std::vector<SampleId>& samples, QWidget* parent);
    void editTagKeys(QWidget* parent);
    void dragOut(QWidget* source, const std::vector<SampleId>& samples);
    void mouseOnHandle(QWidget* handle, const QMouseEvent& event);
    void loadTags();
    template<class Done>
    void withPaths(const std::vector<SampleId>& samples, Done done);

    AppState& m_state;
    JobRunner& m_jobs;
    SampleEdits& m_edits;
    SampleFacts& m_facts;
    Settings& m_settings;
    LatestOnly m_tagLoading;
    QStringList m_tags;
    QHash<QObject*, std::function<SampleTarget()>> m_targets; ///< of attached views
    QHash<QObject*, std::function<std::vector<SampleId>()>> m_handles;
    std::optional<QPoint> m_pressedAt; ///< where a handle was taken hold of
};

} // namespace diptych::ui

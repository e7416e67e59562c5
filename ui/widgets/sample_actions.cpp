// SPDX-License-Identifier: GPL-3.0-or-later
// The menu and the keys of a picture; what they do is in sample_action_steps.cpp.
#include "ui/widgets/sample_actions.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/models/sample_facts.h"
#include "ui/state/sample_edits.h"
#include "ui/state/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_picture.h"
#include "ui/widgets/tag_keys_dialog.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr size_t kMostLookedAt = 500; // samples whose tags are looked at before a menu says "all have it"

/// A name as the text of a menu entry, with the key that does the same at its right.
QString menuText(QString name, const QString& key) {
    name.replace(QLatin1Char('&'), QStringLiteral("&&"));
    return key.isEmpty() ? name : name + QLatin1Char('\t') + key;
}

QString tagKeySetting() {
    return QStringLiteral("tags/keys");
}

} // namespace

SampleActions::SampleActions(AppState& state, JobRunner& jobs, SampleEdits& edits, SampleFacts& facts,
                             Settings& settings, QObject* parent)
    : QObject(parent),
      m_state(state),
      m_jobs(jobs),
      m_edits(edits),
      m_facts(facts),
      m_settings(settings),
      m_tagLoading(jobs, this) {
    for (const auto signal :
         {&AppState::workspaceChanged, &AppState::tagsChanged, &AppState::datasetsChanged})
        connect(&state, signal, this, &SampleActions::loadTags);
}

void SampleActions::loadTags() {
    const auto session = m_state.session();
    if (!session) {
        m_tags.clear();
        return;
    }
    m_tagLoading.start(
        JobSpec(tr("List tags")).setShown(false),
        [session](const RunContext&) { return session->workspace().tags(); },
        [this](const std::vector<TagInfo>& tags) {
            m_tags.clear();
            for (const TagInfo& tag : tags)
                m_tags << toQString(tag.name);
        });
}

void SampleActions::attach(ThumbnailGrid* grid, std::function<RunId()> run) {
    const auto target = [grid, run = std::move(run)] {
        SampleTarget target;
        target.samples = grid->selectedSamples();
        target.current = grid->sampleOf(grid->currentIndex());
        if (target.samples.empty() && target.current) // where the keyboard stands counts as chosen
            target.samples = {target.current};
        if (target.current &&
            std::find(target.samples.begin(), target.samples.end(), target.current) == target.samples.end())
            target.current = target.samples.empty() ? SampleId{} : target.samples.front();
        target.run = run ? run() : RunId{};
        target.siblings = [grid] { return grid->allSamples(); };
        return target;
    };
    attach(static_cast<QWidget*>(grid), target);
    grid->viewport()->installEventFilter(this); // the menu's event goes there
    grid->setFacts(&m_facts);
    grid->setDragOut(true);
    connect(grid, &ThumbnailGrid::dragStarted, this,
            [this, grid] { dragOut(grid, grid->selectedSamples()); });
    connect(grid, &QAbstractItemView::activated, this, [this, grid, target](const QModelIndex& index) {
        SampleTarget opened = target();
        opened.current = grid->sampleOf(index);
        open(opened);
    });
}

void SampleActions::attach(SamplePicture* picture, std::function<RunId()> run,
                           std::function<SampleList()> siblings) {
    picture->setToolTip({}); // it says what is known of the sample instead
    attach(static_cast<QWidget*>(picture), [picture, run = std::move(run), siblings = std::move(siblings)] {
        SampleTarget target;
        if (picture->sample())
            target.samples = {picture->sample()};
        target.current = picture->sample();
        target.run = run ? run() : RunId{};
        target.siblings = siblings;
        return target;
    });
    picture->setFacts(&m_facts);
    attachDrag(picture, [picture] { return std::vector<SampleId>(1, picture->sample()); });
}

void SampleActions::attachDrag(QWidget* handle, std::function<std::vector<SampleId>()> samples) {
    m_handles.insert(handle, std::move(samples));
    handle->installEventFilter(this);
    connect(handle, &QObject::destroyed, this, [this](QObject* gone) { m_handles.remove(gone); });
}

void SampleActions::attach(QWidget* view, std::function<SampleTarget()> target) {
    m_targets.insert(view, std::move(target));
    view->installEventFilter(this);
    connect(view, &QObject::destroyed, this, [this](QObject* gone) { m_targets.remove(gone); });
}

bool SampleActions::eventFilter(QObject* watched, QEvent* event) {
    auto* widget = qobject_cast<QWidget*>(watched);
    const bool mouse = event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseMove ||
                       event->type() == QEvent::MouseButtonRelease;
    if (mouse && widget && m_handles.contains(widget))
        mouseOnHandle(widget, *static_cast<QMouseEvent*>(event));
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ContextMenu)
        return false;
    QWidget* view = widget && !m_targets.contains(widget) ? widget->parentWidget() : widget;
    const auto found = m_targets.constFind(view);
    if (found == m_targets.constEnd())
        return false;
    if (event->type() == QEvent::KeyPress)
        return watched == view && keyPressed(*static_cast<QKeyEvent*>(event), (*found)(), view);
    return showMenu(*static_cast<QContextMenuEvent*>(event), view);
}

bool SampleActions::showMenu(const QContextMenuEvent& event, QWidget* view) {
    QPoint place = event.globalPos();
    if (auto* grid = qobject_cast<ThumbnailGrid*>(view)) {
        const bool byKey = event.reason() == QContextMenuEvent::Keyboard;
        const QModelIndex index =
            byKey ? grid->currentIndex() : grid->indexAt(grid->viewport()->mapFromGlobal(place));
        if (!index.isValid())
            return true;
        if (byKey)
            place = grid->viewport()->mapToGlobal(grid->visualRect(index).center());
        if (!grid->selectionModel()->isSelected(index))
            grid->setCurrentIndex(index);
    }
    const SampleTarget target = m_targets.value(view)();
    if (target.samples.empty())
        return true;
    makeMenu(target, view)->popup(place);
    return true;
}

QMenu* SampleActions::makeMenu(const SampleTarget& target, QWidget* parent) {
    auto* menu = new QMenu(parent);
    menu->setObjectName(QStringLiteral("sampleMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool writable = m_state.session() && !m_state.readOnly();
    const auto samples = target.samples;
    const auto add = [&](const char* icon, const QString& text, const QString& key, auto act) {
        QAction* action = menu->addAction(menuText(text, key), this, act);
        if (*icon != '\0')
            action->setIcon(theme::icon(QString::fromLatin1(icon)));
        return action;
    };
    add("inspector", tr("Show in Inspector"), tr("Return"), [this, target] { open(target); });
    add("search", tr("Find similar images"), tr("S"), [this, target] { findSimilar(target.current); });
    menu->addSeparator();
    QMenu* tagMenu = menu->addMenu(theme::icon(QStringLiteral("tag")), tr("Tag"));
    fillTagMenu(tagMenu, samples, parent);
    tagMenu->setEnabled(writable);
    add("", tr("Note…"), tr("N"), [this, target, parent] { askNote(target, parent); })->setEnabled(writable);
    add("", tr("Correct label…"), tr("C"), [this, target, parent] {
        askLabel(target, parent);
    })->setEnabled(writable);
    menu->addSeparator();
    add("image", tr("Copy image"), tr("Ctrl+C"), [this, target] { copyImage(target.current); });
    add("copy", samples.size() > 1 ? tr("Copy %1 paths").arg(samples.size()) : tr("Copy path"),
        tr("Ctrl+Shift+C"), [this, samples] { copyPaths(samples); });
    add("folder", tr("Open file location"), tr("O"), [this, target] { reveal(target.current); });
    add("file", tr("Export…"), tr("Ctrl+Shift+E"), [this, samples, parent] { askExport(samples, parent); });
    if (auto* grid = qobject_cast<ThumbnailGrid*>(parent)) {
        menu->addSeparator();
        add("", tr("Select all"), tr("Ctrl+A"), [grid] { grid->selectAll(); });
    }
    return menu;
}

void SampleActions::fillTagMenu(QMenu* menu, const std::vector<SampleId>& samples, QWidget* parent) {
    menu->clear();
    const bool few = samples.size() <= kMostLookedAt;
    for (const QString& tag : std::as_const(m_tags)) {
        QString key;
        for (int number = 1; number <= kTagKeys; ++number)
            if (tagOfKey(number) == tag)
                key = QString::number(number);
        QAction* action = menu->addAction(menuText(tag, key), this,
                                          [this, samples, tag] { m_edits.toggleTag(samples, tag); });
        action->setCheckable(true);
        action->setChecked(few && std::all_of(samples.begin(), samples.end(), [&](SampleId sample) {
                               const SampleFact* fact = m_facts.find(sample);
                               return fact && fact->tags.contains(tag);
                           }));
    }
    if (!m_tags.isEmpty())
        menu->addSeparator();
    menu->addAction(theme::icon(QStringLiteral("plus")), menuText(tr("New tag…"), tr("T")), this,
                    [this, samples, parent] { askNewTag(samples, parent); });
    menu->addAction(tr("Keys for tags…"), this, [this, parent] { editTagKeys(parent); });
}

bool SampleActions::keyPressed(const QKeyEvent& event, const SampleTarget& target, QWidget* view) {
    if (target.samples.empty())
        return false;
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const int key = event.key();
    if (modifiers == Qt::ControlModifier && key == Qt::Key_C)
        copyImage(target.current);
    else if (modifiers == (Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_C)
        copyPaths(target.samples);
    else if (modifiers == (Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_E)
        askExport(target.samples, view);
    else if (modifiers != Qt::NoModifier)
        return false;
    else if (key >= Qt::Key_1 && key <= Qt::Key_9)
        useTagKey(key - Qt::Key_0, target.samples, view);
    else if (key == Qt::Key_T)
        askNewTag(target.samples, view);
    else if (key == Qt::Key_N)
        askNote(target, view);
    else if (key == Qt::Key_C)
        askLabel(target, view);
    else if (key == Qt::Key_S)
        findSimilar(target.current);
    else if (key == Qt::Key_O)
        reveal(target.current);
    else
        return false;
    return true;
}

QString SampleActions::tagOfKey(int number) const {
    const QStringList keys = m_settings.value(tagKeySetting()).toStringList();
    return number >= 1 && number <= keys.size() ? keys[number - 1] : QString();
}

void SampleActions::setTagOfKey(int number, const QString& tag) {
    QStringList keys = m_settings.value(tagKeySetting()).toStringList();
    keys.resize(kTagKeys);
    keys[number - 1] = tag;
    m_settings.setValue(tagKeySetting(), keys);
}

void SampleActions::editTagKeys(QWidget* parent) {
    QStringList keys;
    for (int number = 1; number <= kTagKeys; ++number)
        keys << tagOfKey(number);
    auto* dialog = new TagKeysDialog(keys, m_tags, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { m_settings.setValue(tagKeySetting(), dialog->keys()); });
    dialog->open();
}

} // namespace diptych::ui

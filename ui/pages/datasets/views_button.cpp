// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/views_button.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/datasets/views_dialog.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"

#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

#include <algorithm>

namespace diptych::ui {

namespace {

/// As a menu shows it: & would underline the letter after it.
QString plain(QString text) {
    return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

} // namespace

ViewsButton::ViewsButton(const PageContext& context, QWidget* parent)
    : QToolButton(parent), m_context(context), m_loading(context.jobs, this) {
    setObjectName(QStringLiteral("viewsButton"));
    setPopupMode(QToolButton::InstantPopup);
    setToolTip(tr("Saved views: filters and selections under a name"));
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    auto* menu = new QMenu(this);
    setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, &ViewsButton::fillMenu);
    connect(&context.state, &AppState::savedViewsChanged, this, &ViewsButton::load);
    connect(&context.state, &AppState::datasetsChanged, this, &ViewsButton::load);
    connect(&context.state, &AppState::runsChanged, this, &ViewsButton::load);
    updateText();
}

void ViewsButton::bindView(DatasetView* view) {
    if (view == m_view)
        return;
    if (m_view)
        m_view->disconnect(this);
    m_view = view;
    m_known.clear();
    if (view)
        connect(view, &DatasetView::changed, this, &ViewsButton::updateText);
    updateText();
    load();
}

QStringList ViewsButton::names() const {
    QStringList names;
    for (const Known& known : m_known)
        names << toQString(known.view.name);
    return names;
}

void ViewsButton::load() {
    const std::shared_ptr<Session> session = m_context.state.session();
    if (!session || !m_view)
        return;
    m_loading.start(
        JobSpec(tr("List views")).setShown(false),
        [session, dataset = m_view->dataset()](const RunContext&) {
            std::vector<Known> all;
            for (SavedView& view : session->workspace().views(dataset)) {
                Known known{std::move(view), {}};
                try {
                    known.filter = session->workspace().viewFilter(known.view);
                } catch (const Error&) {
                    // Its class is gone: applying it says so.
                }
                all.push_back(std::move(known));
            }
            return all;
        },
        [this](std::vector<Known> known) {
            m_known = std::move(known);
            updateText();
        });
}

void ViewsButton::updateText() {
    QString text = tr("Views");
    if (m_view && !m_view->spec().ids)
        for (const Known& known : m_known)
            if (known.filter == m_view->filter() && m_view->spec().narrows())
                text = toQString(known.view.name);
    setText(plain(fontMetrics().elidedText(text, Qt::ElideMiddle, fontMetrics().averageCharWidth() * 16)));
    setAccessibleName(tr("Saved views: %1").arg(text));
}

void ViewsButton::addViews(QMenu* menu) {
    for (const Known& known : m_known) {
        const QString name = toQString(known.view.name);
        const QString count =
            known.view.isSelection()
                ? tr("  (%1)").arg(countOf(known.view.sampleCount, tr("image"), tr("images")))
                : QString();
        QAction* action = menu->addAction(plain(name) + count, this, [this, name] { apply(name); });
        action->setCheckable(true);
        action->setChecked(known.filter && m_view->spec() == ViewSpec{*known.filter});
    }
    if (m_known.empty())
        menu->addAction(tr("No views saved yet"))->setEnabled(false);
}

void ViewsButton::fillMenu() {
    QMenu* menu = this->menu();
    menu->clear();
    if (!m_view)
        return;
    addViews(menu);
    menu->addSeparator();
    const bool writable = !m_context.state.readOnly();
    const std::vector<SampleId>& selected = m_context.state.selection(m_view->dataset()).samples();
    const SampleList shown = m_view->samples();
    QAction* filter = menu->addAction(tr("Save this filter…"), this, [this] {
        if (const auto name = askName(tr("Save this filter")))
            saveFilter(*name);
    });
    filter->setEnabled(writable && m_view->filter() != SampleFilter() && !m_view->spec().ids);
    const auto offer = [&](const QString& text, std::vector<SampleId> samples) {
        const bool any = writable && !samples.empty();
        menu->addAction(text, this,
                        [this, samples = std::move(samples)] {
                            if (const auto name = askName(tr("Save a selection")))
                                saveSamples(*name, samples);
                        })
            ->setEnabled(any);
    };
    offer(tr("Save the %1 selected…")
              .arg(countOf(static_cast<qlonglong>(selected.size()), tr("image"), tr("images"))),
          selected);
    if (m_view->spec().narrows() && shown)
        offer(tr("Save the %1 shown…")
                  .arg(countOf(static_cast<qlonglong>(shown->size()), tr("image"), tr("images"))),
              *shown);
    menu->addSeparator();
    menu->addAction(tr("Rename or remove…"), this, &ViewsButton::manage)
        ->setEnabled(writable && !m_known.empty());
}

std::optional<QString> ViewsButton::askName(const QString& title) {
    bool accepted = false;
    const QString name =
        QInputDialog::getText(this, title, tr("Name"), QLineEdit::Normal, {}, &accepted).trimmed();
    return accepted && !name.isEmpty() ? std::optional(name) : std::nullopt;
}

bool ViewsButton::mayReplace(const QString& name) {
    if (!names().contains(name))
        return true;
    QMessageBox question(QMessageBox::Question, tr("Replace view"), tr("Replace the view “%1”?").arg(name),
                         QMessageBox::Cancel, this);
    QPushButton* replace = question.addButton(tr("Replace"), QMessageBox::AcceptRole);
    question.exec();
    return question.clickedButton() == replace;
}

void ViewsButton::change(const QString& title, std::function<void(Workspace&)> work) {
    const std::shared_ptr<Session> session = m_context.state.session();
    if (!session)
        return;
    m_context.jobs.start(
        JobSpec(title).setShown(false),
        [session, work = std::move(work)](const RunContext&) { work(session->workspace()); }, this,
        [this] { m_context.state.notifySavedViewsChanged(); },
        [this, title](const Error& error) { Q_EMIT failed(title, error); });
}

void ViewsButton::saveFilter(const QString& name) {
    if (m_view && mayReplace(name))
        change(tr("Save view"), [dataset = m_view->dataset(), name = name.toStdString(),
                                 filter = m_view->filter()](Workspace& workspace) {
            workspace.saveView(dataset, name, filter, Workspace::IfTaken::Replace);
        });
}

void ViewsButton::saveSamples(const QString& name, std::vector<SampleId> samples) {
    if (m_view && mayReplace(name))
        change(tr("Save view"), [dataset = m_view->dataset(), name = name.toStdString(),
                                 samples = std::move(samples)](Workspace& workspace) {
            workspace.saveSelection(dataset, name, samples, Workspace::IfTaken::Replace);
        });
}

void ViewsButton::apply(const QString& name) {
    const std::shared_ptr<Session> session = m_context.state.session();
    if (!session || !m_view)
        return;
    m_context.jobs.start(
        JobSpec(tr("Open view")).setShown(false),
        [session, dataset = m_view->dataset(), name = name.toStdString()](const RunContext&) {
            const auto view = session->workspace().findView(dataset, name);
            if (!view)
                throw Error(ErrorCode::NotFound, "The view '" + name + "' is no longer there");
            return session->workspace().viewFilter(*view);
        },
        m_view.data(), [view = m_view.data()](SampleFilter filter) { view->set({std::move(filter)}); },
        [this, name](const Error& error) {
            Q_EMIT failed(tr("The view “%1” cannot be shown").arg(name), error);
        });
}

void ViewsButton::manage() {
    auto* dialog = new ViewsDialog(names(), this);
    const auto idOf = [this](const QString& name) {
        for (const Known& known : m_known)
            if (toQString(known.view.name) == name)
                return known.view.id;
        return ViewId();
    };
    connect(dialog, &ViewsDialog::renamed, this, [this, idOf](const QString& before, const QString& after) {
        change(tr("Rename view"), [id = idOf(before), name = after.toStdString()](Workspace& workspace) {
            workspace.renameView(id, name);
        });
    });
    connect(dialog, &ViewsDialog::removed, this, [this, idOf](const QString& name) {
        change(tr("Remove view"), [id = idOf(name)](Workspace& workspace) { workspace.removeView(id); });
    });
    dialog->open();
}

} // namespace diptych::ui

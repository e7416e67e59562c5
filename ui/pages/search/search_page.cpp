// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/search/search_page.h"

#include "ui/models/formatting.h"
#include "ui/pages/search/term_list.h"
#include "ui/plots/score_histogram.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr int kTypingMs = 120;
constexpr size_t kMostHits = 200;

std::filesystem::path nativePath(const QString& path) {
    return QFile::encodeName(path).toStdString();
}

QString droppedFile(const QMimeData& mime) {
    for (const QUrl& url : mime.urls())
        if (url.isLocalFile() && QFileInfo(url.toLocalFile()).isFile())
            return url.toLocalFile();
    return {};
}

} // namespace

SearchPage::SearchPage(const PageContext& context)
    : Page(context),
      m_loading(context.jobs, this),
      m_searching(context.jobs, this),
      m_selecting(context.jobs, this) {
    setAcceptDrops(true);
    buildPage();
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connectQuery();
    connectState();
    changed();
}

void SearchPage::connectQuery() {
    connect(&m_typing, &QTimer::timeout, this, &SearchPage::search);
    connect(m_text, &QLineEdit::textEdited, this, [this] { m_typing.start(); });
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        const bool some = !text.trimmed().isEmpty() && !m_terms->full();
        m_add->setEnabled(some);
        m_subtract->setEnabled(some);
        if (text.isEmpty()) // the clear button edits without textEdited
            changed();
    });
    connect(m_text, &QLineEdit::returnPressed, this, &SearchPage::changed);
    connect(m_add, &QToolButton::clicked, this, [this] { addTyped(1); });
    connect(m_subtract, &QToolButton::clicked, this, [this] { addTyped(-1); });
    connect(m_choose, &QPushButton::clicked, this, &SearchPage::choosePicture);
    connect(m_terms, &TermList::changed, this, &SearchPage::changed);
    connect(m_weight, &QDoubleSpinBox::valueChanged, this, [this] { m_typing.start(); });
    connect(m_encode, &QPushButton::clicked, this, &SearchPage::encode);
    connect(m_dataset, &QComboBox::currentIndexChanged, this, [this] {
        resetScope();
        followFilter();
        changed();
    });
    connect(m_scopeChoice, &QComboBox::activated, this, &SearchPage::takeScope);
    connect(m_model, &QComboBox::currentIndexChanged, this, &SearchPage::changed);
    connect(m_alpha, &QComboBox::currentIndexChanged, this, &SearchPage::changed);
    connect(m_scores, &ScoreHistogram::cutChanged, this, &SearchPage::showCut);
    connect(m_select, &QPushButton::clicked, this, &SearchPage::selectAboveCut);
    connect(m_suggest, &QPushButton::clicked, this, &SearchPage::cutAsSuggested);
}

void SearchPage::connectState() {
    actions().attach(m_grid);
    connect(m_grid->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& current) {
                const auto row = static_cast<size_t>(std::max(0, current.row()));
                const bool there = current.isValid() && row < m_found.result.hits.size();
                m_scores->setMark(there ? std::optional(m_found.result.hits[row].cosine) : std::nullopt);
            });
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_searching.cancel();
        m_selecting.cancel();
        m_grid->bindSelection(nullptr); // of the workspace before, as samples are
        m_terms->clear();
        resetScope();
        m_indexBegun.clear();
        showNothing({});
        reload();
    });
    connect(&state(), &AppState::datasetsChanged, this, &SearchPage::reload);
    connect(&state(), &AppState::modelsChanged, this, &SearchPage::reload);
    connect(&state(), &AppState::similarRequested, this, [this](SampleId sample, DatasetId dataset) {
        m_wantedDataset = dataset;
        resetScope();
        {
            const QSignalBlocker quiet(m_text);
            m_text->clear();
        }
        m_terms->clear();
        m_terms->add({.sample = sample}, tr("the image"));
        reload();
    });
    connect(&jobs(), &JobRunner::event, this, [this](const JobEvent& event) {
        if (m_waitsForModel && event.lane == JobLane::Model && event.state != JobState::Queued &&
            event.state != JobState::Running)
            changed();
    });
}

void SearchPage::activated() {
    m_text->setFocus();
    nameScopes();
}

void SearchPage::refresh() {
    reload();
}

void SearchPage::focusSearch() {
    m_text->setFocus();
    m_text->selectAll();
}

bool SearchPage::cancel() {
    for (JobHandle* job : {&m_encoding, &m_indexing})
        if (job->active()) {
            job->cancel();
            return true;
        }
    if (m_text->text().isEmpty() && m_terms->terms().empty())
        return false;
    m_terms->clear();
    m_text->clear();
    changed();
    return true;
}

void SearchPage::reload() {
    const auto session = state().session();
    if (!session) {
        fillChoices({});
        return;
    }
    m_loading.start(
        JobSpec(tr("Load datasets and models")).setShown(false),
        [session](const RunContext&) {
            return Choices{session->workspace().datasets(), session->workspace().models()};
        },
        [this](Choices choices) { fillChoices(std::move(choices)); });
}

void SearchPage::fillChoices(Choices choices) {
    const QSignalBlocker blockDataset(m_dataset), blockModel(m_model);
    const QString model = m_model->currentText();
    const DatasetId current = dataset();
    const DatasetId wanted = m_wantedDataset ? m_wantedDataset : current ? current : state().currentDataset();
    m_wantedDataset = {};
    m_dataset->clear();
    for (const DatasetInfo& info : choices.datasets)
        m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
    m_dataset->setCurrentIndex(
        std::max(0, m_dataset->findData(QVariant::fromValue<qlonglong>(wanted.value))));
    if (dataset() != current)
        resetScope();
    m_model->clear();
    for (const ModelRecord& record : choices.models)
        m_model->addItem(toQString(record.name));
    m_model->setCurrentIndex(std::max(0, m_model->findText(model)));
    followFilter();
    changed();
}

DatasetId SearchPage::dataset() const {
    return {m_dataset->currentData().toLongLong()};
}

void SearchPage::choosePicture() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Picture to find the like of"), {},
        tr("Pictures (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff);;All files (*)"));
    if (!path.isEmpty())
        addPicture(path);
}

void SearchPage::addPicture(const QString& path) {
    m_terms->add({.image = nativePath(path)}, QFileInfo(path).fileName());
    changed();
}

/// The words typed become a part of the search, and the field is free for others.
void SearchPage::addTyped(double weight) {
    const QString text = m_text->text().trimmed();
    m_terms->add({.text = text.toStdString(), .weight = weight}, text);
    {
        const QSignalBlocker quiet(m_text);
        m_text->clear();
    }
    m_add->setEnabled(false);
    m_subtract->setEnabled(false);
    m_text->setFocus();
    changed();
}

QString SearchPage::missing() const {
    if (!state().session())
        return tr("Open a workspace first.");
    if (m_dataset->count() == 0)
        return tr("There is no dataset yet: import one on the Datasets page.");
    if (m_model->count() == 0)
        return tr("There is no model yet: add a checkpoint folder on the Models page.");
    return {};
}

void SearchPage::changed() {
    m_typing.stop();
    const QString why = missing();
    m_text->setEnabled(why.isEmpty());
    m_choose->setEnabled(why.isEmpty() && !m_terms->full());
    m_grid->bindSelection(why.isEmpty() ? &state().selection(dataset()) : nullptr);
    if (!why.isEmpty()) {
        m_searching.cancel();
        m_encode->hide();
        showNothing(why);
        return;
    }
    search();
}

SearchQuery SearchPage::query() const {
    SearchQuery query;
    query.dataset = m_dataset->currentText().toStdString();
    query.model = m_model->currentText().toStdString();
    query.terms = m_terms->terms();
    for (SearchTerm& term : query.terms)
        if (term.text.empty())
            term.weight *= m_weight->value();
    if (const QString text = m_text->text().trimmed(); !text.isEmpty())
        query.terms.push_back({.text = text.toStdString()});
    if (scope() == Scope::Selected)
        query.within = m_scope;
    if (scope() == Scope::Filtered && m_filter && m_filter->spec().narrows())
        query.within = m_filter->members();
    query.alpha = m_alpha->alpha();
    query.limit = kMostHits;
    query.encodeMissing = false; // neither wait for a run nor begin minutes of work: only when asked for
    return query;
}

void SearchPage::dragEnterEvent(QDragEnterEvent* event) {
    // Folders are for the window: they are imported.
    if (m_choose->isEnabled() && !droppedFile(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void SearchPage::dropEvent(QDropEvent* event) {
    const QString path = droppedFile(*event->mimeData());
    if (path.isEmpty())
        return;
    event->acceptProposedAction();
    addPicture(path);
}

} // namespace diptych::ui

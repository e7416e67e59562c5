// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/search/search_page.h"

#include "core/image/image.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QElapsedTimer>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <unordered_map>

namespace diptych::ui {
namespace {

constexpr int kTypingMs = 120;
constexpr int kQueryPictureSide = 72;
constexpr size_t kMostHits = 200;

QComboBox* makeCombo(const char* objectName, const QString& accessibleName) {
    auto* box = new QComboBox;
    box->setObjectName(QString::fromLatin1(objectName));
    box->setAccessibleName(accessibleName);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
    return box;
}

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
    : Page(context), m_loading(context.jobs, this), m_searching(context.jobs, this) {
    setAcceptDrops(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::kHuge, theme::kHuge, theme::kHuge, theme::kMedium);
    layout->setSpacing(theme::kMedium);
    auto* heading = new QLabel(tr("Search"));
    theme::style(heading, theme::Text::Title);
    layout->addWidget(heading);
    layout->addLayout(buildQuery());
    layout->addLayout(buildPlace());
    layout->addLayout(buildNote());
    m_empty =
        new EmptyState(QStringLiteral("search"), tr("Search by what images show"),
                       tr("Type a few words, or drop a picture here: the images of the dataset that the "
                          "model finds nearest appear at once, best first."));
    m_grid = new ThumbnailGrid(thumbnails());
    m_grid->setObjectName(QStringLiteral("searchGrid"));
    m_grid->setAccessibleName(tr("Nearest images"));
    m_grid->setModel(&m_cards);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_grid);
    layout->addWidget(m_stack, 1);
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connectState();
    changed();
}

QLayout* SearchPage::buildQuery() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    m_picture = new QLabel;
    m_picture->setObjectName(QStringLiteral("queryPicture"));
    m_picture->setFixedSize(kQueryPictureSide, kQueryPictureSide);
    m_picture->setAlignment(Qt::AlignCenter);
    m_picture->hide();
    m_text = new QLineEdit;
    m_text->setObjectName(QStringLiteral("searchText"));
    m_text->setAccessibleName(tr("What to find"));
    m_text->setPlaceholderText(tr("What the image should show, e.g. “two dogs on a beach”"));
    m_text->setClearButtonEnabled(true);
    m_text->addAction(theme::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_text->setAcceptDrops(false); // else a dropped picture would become its address as text
    m_choose = new QPushButton(QLatin1Char(' ') + tr("Picture…"));
    m_choose->setObjectName(QStringLiteral("choosePicture"));
    m_choose->setIcon(theme::icon(QStringLiteral("image")));
    m_choose->setToolTip(tr("Find images like a picture; it can be dropped here as well"));
    row->addWidget(m_picture);
    row->addWidget(m_text, 1);
    row->addWidget(m_choose);
    return row;
}

QLayout* SearchPage::buildPlace() {
    auto* row = new QHBoxLayout;
    row->setSpacing(theme::kSmall);
    m_dataset = makeCombo("searchDataset", tr("Dataset to search"));
    m_model = makeCombo("searchModel", tr("Model that compares"));
    row->addWidget(theme::fieldLabel(tr("in"), m_dataset));
    row->addWidget(m_dataset);
    row->addWidget(theme::fieldLabel(tr("with"), m_model));
    row->addWidget(m_model);
    m_alpha = new AlphaChoice;
    m_alpha->setObjectName(QStringLiteral("searchAlpha"));
    row->addWidget(theme::fieldLabel(tr("transparency"), m_alpha));
    row->addWidget(m_alpha);
    row->addStretch(1);
    return row;
}

QLayout* SearchPage::buildNote() {
    auto* row = new QHBoxLayout;
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("searchNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    theme::style(m_note, theme::Text::Caption);
    m_encode = new QPushButton(tr("Encode the images now"));
    m_encode->setObjectName(QStringLiteral("searchEncode"));
    m_encode->hide();
    row->addWidget(m_note, 1);
    row->addWidget(m_encode);
    return row;
}

void SearchPage::connectState() {
    connect(&m_typing, &QTimer::timeout, this, &SearchPage::search);
    connect(m_text, &QLineEdit::textEdited, this, [this] {
        setPicture({});
        m_typing.start();
    });
    // The clear button edits without textEdited.
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty() && !hasPicture())
            changed();
    });
    connect(m_text, &QLineEdit::returnPressed, this, &SearchPage::changed);
    connect(m_choose, &QPushButton::clicked, this, &SearchPage::choosePicture);
    connect(m_encode, &QPushButton::clicked, this, &SearchPage::encode);
    connect(m_dataset, &QComboBox::currentIndexChanged, this, &SearchPage::changed);
    connect(m_model, &QComboBox::currentIndexChanged, this, &SearchPage::changed);
    connect(m_alpha, &QComboBox::currentIndexChanged, this, &SearchPage::changed);
    actions().attach(m_grid);
    connect(&state(), &AppState::workspaceChanged, this, [this] {
        m_searching.cancel();
        m_cards.setCards({});
        if (m_sample)
            setSample({}); // of the workspace before
        reload();
    });
    connect(&state(), &AppState::datasetsChanged, this, &SearchPage::reload);
    connect(&state(), &AppState::modelsChanged, this, &SearchPage::reload);
    connect(&state(), &AppState::similarRequested, this, [this](SampleId sample, DatasetId dataset) {
        m_wantedDataset = dataset;
        setSample(sample);
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
}

void SearchPage::refresh() {
    reload();
}

void SearchPage::focusSearch() {
    m_text->setFocus();
    m_text->selectAll();
}

bool SearchPage::cancel() {
    if (m_encoding.active()) {
        m_encoding.cancel();
        return true;
    }
    if (m_text->text().isEmpty() && !hasPicture())
        return false;
    setPicture({});
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
    const DatasetId current{m_dataset->currentData().toLongLong()};
    const DatasetId dataset = m_wantedDataset ? m_wantedDataset
                              : current       ? current
                                              : state().currentDataset();
    m_wantedDataset = {};
    m_dataset->clear();
    for (const DatasetInfo& info : choices.datasets)
        m_dataset->addItem(toQString(info.name), QVariant::fromValue<qlonglong>(info.id.value));
    m_dataset->setCurrentIndex(
        std::max(0, m_dataset->findData(QVariant::fromValue<qlonglong>(dataset.value))));
    m_model->clear();
    for (const ModelRecord& record : choices.models)
        m_model->addItem(toQString(record.name));
    m_model->setCurrentIndex(std::max(0, m_model->findText(model)));
    changed();
}

void SearchPage::choosePicture() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Picture to find the like of"), {},
        tr("Pictures (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.tif *.tiff);;All files (*)"));
    if (path.isEmpty())
        return;
    setPicture(path);
    changed();
}

void SearchPage::setPicture(const QString& path) {
    m_picturePath = path;
    m_sample = {};
    showQueryPicture(!path.isEmpty(), QFileInfo(path).fileName());
    m_picture->setToolTip(path);
}

void SearchPage::setSample(SampleId sample) {
    m_picturePath.clear();
    m_sample = sample;
    showQueryPicture(bool(sample), tr("the image"));
}

void SearchPage::showQueryPicture(bool shown, const QString& name) {
    m_picture->setVisible(shown);
    m_picture->setPixmap({});
    m_picture->setToolTip(name);
    m_text->setPlaceholderText(shown ? tr("Like %1; type to search for words instead").arg(name)
                                     : tr("What the image should show, e.g. “two dogs on a beach”"));
    if (shown) {
        const QSignalBlocker quiet(m_text);
        m_text->clear();
    }
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
    m_choose->setEnabled(why.isEmpty());
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
    if (m_sample)
        query.sample = m_sample;
    else if (!m_picturePath.isEmpty())
        query.image = nativePath(m_picturePath);
    else
        query.text = m_text->text().trimmed().toStdString();
    query.alpha = m_alpha->alpha();
    query.limit = kMostHits;
    query.encodeMissing = false; // neither wait for a run nor begin minutes of work: only when asked for
    return query;
}

SearchPage::Found SearchPage::findNearest(Session& session, const SearchQuery& query,
                                          const RunContext& context) {
    QElapsedTimer clock;
    clock.start();
    const auto [answer, hits] = session.search(query, context);
    Found found;
    found.answer = answer;
    found.milliseconds = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    if (!query.image.empty())
        if (const auto picture = decodeThumbnail(query.image, 2 * kQueryPictureSide))
            found.picture = toQImage(*picture);
    if (query.sample) {
        if (const auto picture = session.thumbnail(query.sample, 2 * kQueryPictureSide))
            found.picture = toQImage(*picture);
        found.pictureName =
            toQString(session.workspace().sample(query.sample).key).section(QLatin1Char('/'), -1);
    }
    std::vector<SampleId> ids;
    for (const SearchHit& hit : hits)
        ids.push_back(hit.sample);
    std::unordered_map<SampleId, QString> names;
    for (const Sample& sample : session.workspace().samples(ids, SampleDetail::Basic))
        names.emplace(sample.id, toQString(sample.key).section(QLatin1Char('/'), -1));
    for (const SearchHit& hit : hits)
        found.cards.push_back({hit.sample, cosineText(static_cast<double>(hit.cosine)), names[hit.sample]});
    return found;
}

void SearchPage::search() {
    const auto session = state().session();
    SearchQuery wanted = query();
    m_encode->hide();
    m_waitsForModel = false;
    if (!session || (wanted.text.empty() && !hasPicture())) {
        m_searching.cancel();
        showNothing({});
        return;
    }
    m_searching.start(
        JobSpec(tr("Search")).setShown(false),
        [session, wanted = std::move(wanted)](const RunContext& context) {
            return findNearest(*session, wanted, context);
        },
        [this](Found found) { show(std::move(found)); },
        [this](const Error& error) { showNothing(QString::fromUtf8(error.what())); });
}

void SearchPage::show(Found found) {
    if (!found.pictureName.isEmpty())
        showQueryPicture(true, found.pictureName);
    if (!found.picture.isNull())
        m_picture->setPixmap(QPixmap::fromImage(
            found.picture.scaled(m_picture->size(), Qt::KeepAspectRatio, Qt::SmoothTransformation)));
    if (found.answer == Answer::Busy) {
        m_waitsForModel = true;
        showNothing(tr("The model is busy with a run. What you look for appears here when it is free."));
        return;
    }
    if (found.answer == Answer::NotEncoded) {
        m_encode->setVisible(!state().readOnly());
        m_encode->setEnabled(!m_encoding.active());
        showNothing(tr("These images have not been encoded with this model yet. Once they are, every search "
                       "is answered at once."));
        return;
    }
    m_note->setText(tr("The %1 nearest, in %2. The number is the cosine of the two embeddings.")
                        .arg(exactCountText(static_cast<long long>(found.cards.size())),
                             durationText(found.milliseconds / 1000)));
    m_cards.setCards(std::move(found.cards));
    m_stack->setCurrentIndex(1);
    m_grid->scrollToTop();
}

void SearchPage::showNothing(const QString& why) {
    m_note->setText(why);
    m_cards.setCards({});
    m_stack->setCurrentIndex(0);
}

void SearchPage::encode() {
    const auto session = state().session();
    if (!session)
        return;
    RunSpec spec;
    spec.dataset = m_dataset->currentText().toStdString();
    spec.model = m_model->currentText().toStdString();
    spec.alpha = m_alpha->alpha();
    m_encode->setEnabled(false);
    m_encoding = jobs().start(
        JobSpec(tr("Encode %1").arg(m_dataset->currentText()), JobLane::Model).setFinally([this] {
            m_encode->setEnabled(true);
            changed();
        }),
        [session, spec](const RunContext& context) { return session->encode(spec, context); }, this,
        [](const std::vector<ItemFailure>&) {});
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
    setPicture(path);
    changed();
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/neighbours_panel.h"

#include "core/session/session.h"
#include "core/session/text_neighbours.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <unordered_map>

namespace diptych::ui {

namespace {

constexpr size_t kNeighbours = 24;
constexpr int kSide = 88;

QString lastName(const std::string& key) {
    return toQString(key).section(QLatin1Char('/'), -1);
}

} // namespace

struct NeighboursPanel::Found {
    Answer answer = Answer::Ready;
    QString model, note;
    std::vector<SampleCard> cards;
};

NeighboursPanel::NeighboursPanel(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_finding(context.jobs, this),
      m_space(new QComboBox(this)),
      m_note(new QLabel(this)),
      m_encode(new QPushButton(tr("Encode now"), this)),
      m_grid(new ThumbnailGrid(context.thumbnails, this)) {
    m_space->setObjectName(QStringLiteral("neighbourSpace"));
    m_space->setAccessibleName(tr("Near in what"));
    m_space->addItem(tr("Images alike"));
    m_space->addItem(tr("Captions or classes alike"));
    m_note->setObjectName(QStringLiteral("neighbourNote"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    theme::style(m_note, theme::Text::Caption);
    m_encode->setObjectName(QStringLiteral("neighbourEncode"));
    m_encode->hide();
    m_grid->setObjectName(QStringLiteral("neighbourGrid"));
    m_grid->setAccessibleName(tr("Nearest images"));
    m_grid->setModel(&m_cards);
    m_grid->setThumbnailSide(kSide);
    context.actions.attach(m_grid);
    auto* top = new QHBoxLayout;
    top->addWidget(m_space, 1);
    top->addWidget(m_encode);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, theme::kSmall, 0, 0);
    layout->setSpacing(theme::kSmall);
    layout->addLayout(top);
    layout->addWidget(m_note);
    layout->addWidget(m_grid, 1);
    layout->addStretch(0);
    connect(m_space, &QComboBox::currentIndexChanged, this, &NeighboursPanel::find);
    connect(m_encode, &QPushButton::clicked, this, &NeighboursPanel::encode);
    connect(&context.jobs, &JobRunner::event, this, [this](const JobEvent& event) {
        if (m_waitsForModel && isVisible() && event.lane == JobLane::Model &&
            event.state != JobState::Queued && event.state != JobState::Running)
            find();
    });
}

NeighboursPanel::Space NeighboursPanel::space() const {
    return static_cast<Space>(m_space->currentIndex());
}

void NeighboursPanel::show(const Inspected& inspected) {
    if (inspected == m_inspected)
        return;
    m_inspected = inspected;
    m_stale = !isVisible();
    if (!m_stale)
        find();
}

void NeighboursPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale)
        find();
}

NeighboursPanel::Found NeighboursPanel::findByImage(Session& session, const Inspected& inspected,
                                                    const RunContext& context) {
    SearchQuery query;
    query.dataset = inspected.datasetName;
    query.model = lookingModel(session.workspace(), inspected).name;
    query.terms = {{.sample = inspected.sample}};
    query.limit = kNeighbours + 1; // it is its own nearest
    query.alpha = inspected.alpha;
    query.encodeMissing = false;
    const SearchResult result = session.search(query, context);
    Found found{result.answer, toQString(query.model), {}, {}};
    found.note = tr("The number is the cosine of two images' embeddings, by %1.").arg(found.model);
    std::vector<SampleId> ids;
    for (const SearchHit& hit : result.hits)
        ids.push_back(hit.sample);
    std::unordered_map<SampleId, QString> names;
    for (const Sample& sample : session.workspace().samples(ids, SampleDetail::Basic))
        names.emplace(sample.id, lastName(sample.key));
    for (const SearchHit& hit : result.hits)
        if (hit.sample != inspected.sample && found.cards.size() < kNeighbours)
            found.cards.push_back(
                {hit.sample, cosineText(static_cast<double>(hit.cosine)), names[hit.sample]});
    return found;
}

NeighboursPanel::Found NeighboursPanel::findByText(Session& session, const Inspected& inspected, bool encode,
                                                   const RunContext& context) {
    TextNeighbourQuery query;
    query.sample = inspected.sample;
    query.model = lookingModel(session.workspace(), inspected).name;
    query.limit = kNeighbours;
    query.encodeMissing = encode;
    query.compute.alpha = inspected.alpha;
    const TextNeighbours result = session.textNeighbours(query, context);
    Found found{result.answer, toQString(query.model), {}, {}};
    QStringList classes;
    for (const TextNeighbour& near : result.nearest) {
        const QString cosine = cosineText(static_cast<double>(near.cosine));
        if (near.sample)
            found.cards.push_back({near.sample, cosine, toQString(near.text)});
        else
            classes << tr("%1 (%2)").arg(toQString(near.text), cosine);
    }
    const QString own = result.own.empty() ? QString() : toQString(result.own.front());
    if (!classes.isEmpty())
        found.note = tr("Classes near “%1” in the text space of %2: %3")
                         .arg(own, found.model, QStringList(classes.mid(0, 12)).join(QStringLiteral(", ")));
    else
        found.note = tr("Captions near “%1”. The number is the cosine of two captions' embeddings, by %2.")
                         .arg(own, found.model);
    return found;
}

void NeighboursPanel::find() {
    m_stale = false;
    m_waitsForModel = false;
    const auto session = m_context.state.session();
    if (!session || !m_inspected.sample) {
        m_finding.cancel();
        m_cards.setCards({});
        showNote({}, false);
        return;
    }
    m_finding.start(
        JobSpec(tr("Find neighbours")).setShown(false),
        [session, inspected = m_inspected, space = space()](const RunContext& context) {
            return space == ByImage ? findByImage(*session, inspected, context)
                                    : findByText(*session, inspected, false, context);
        },
        [this](const Found& found) { showFound(found); },
        [this](const Error& error) {
            m_cards.setCards({});
            m_grid->hide();
            showNote(QString::fromUtf8(error.what()), false);
        });
}

void NeighboursPanel::showFound(const Found& found) {
    m_waitsForModel = found.answer == Answer::Busy;
    m_cards.setCards(found.cards);
    m_grid->setVisible(!found.cards.empty());
    m_grid->scrollToTop();
    if (found.answer == Answer::Busy)
        showNote(tr("The model is busy with a run; the neighbours follow when it is free."), false);
    else if (found.answer == Answer::NotEncoded)
        showNote(space() == ByImage
                     ? tr("These images have not been encoded with %1 yet.").arg(found.model)
                     : tr("There are many captions; %1 encodes them once and keeps them.").arg(found.model),
                 true);
    else
        showNote(found.note, false);
}

void NeighboursPanel::showNote(const QString& note, bool offersEncoding) {
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    m_encode->setVisible(offersEncoding && !m_context.state.readOnly());
    m_encode->setEnabled(!m_encoding.active());
}

void NeighboursPanel::encode() {
    const auto session = m_context.state.session();
    if (!session)
        return;
    m_encode->setEnabled(false);
    const JobSpec spec = JobSpec(tr("Encode %1").arg(toQString(m_inspected.datasetName)), JobLane::Model);
    if (space() == ByText) {
        m_encoding = m_context.jobs.start(
            spec,
            [session, inspected = m_inspected](const RunContext& context) {
                return findByText(*session, inspected, true, context);
            },
            this,
            [this, inspected = m_inspected](const Found& found) {
                if (inspected == m_inspected && space() == ByText)
                    showFound(found);
            });
        return;
    }
    m_encoding = m_context.jobs.start(
        JobSpec(spec).setFinally([this] { find(); }),
        [session, inspected = m_inspected](const RunContext& context) {
            RunSpec run;
            run.dataset = inspected.datasetName;
            run.model = lookingModel(session->workspace(), inspected).name;
            run.alpha = inspected.alpha;
            return session->encode(run, context);
        },
        this, [](const std::vector<ItemFailure>&) {});
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"
#include "ui/models/formatting.h"
#include "ui/pages/search/search_page.h"
#include "ui/pages/search/term_list.h"
#include "ui/plots/score_histogram.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/widgets/alpha_choice.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace diptych::ui {
namespace {

constexpr int kQueryPictureSide = 96;

} // namespace

SearchPage::Found SearchPage::findNearest(Session& session, const SearchQuery& query,
                                          const RunContext& context) {
    QElapsedTimer clock;
    clock.start();
    Found found;
    found.result = session.search(query, context);
    found.milliseconds = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    for (const SearchTerm& term : query.terms) {
        found.pictures.emplace_back();
        found.names.emplace_back();
        if (!term.image.empty())
            if (const auto picture = decodeThumbnail(term.image, kQueryPictureSide))
                found.pictures.back() = toQImage(*picture);
        if (!term.sample)
            continue;
        if (const auto picture = session.thumbnail(term.sample, kQueryPictureSide))
            found.pictures.back() = toQImage(*picture);
        found.names.back() =
            toQString(session.workspace().sample(term.sample).key).section(QLatin1Char('/'), -1);
    }
    std::vector<SampleId> ids;
    for (const SearchHit& hit : found.result.hits)
        ids.push_back(hit.sample);
    std::unordered_map<SampleId, QString> names;
    for (const Sample& sample : session.workspace().samples(ids, SampleDetail::Basic))
        names.emplace(sample.id, toQString(sample.key).section(QLatin1Char('/'), -1));
    for (const SearchHit& hit : found.result.hits)
        found.cards.push_back({hit.sample, cosineText(static_cast<double>(hit.cosine)), names[hit.sample]});
    return found;
}

void SearchPage::search() {
    const auto session = state().session();
    SearchQuery wanted = query();
    m_encode->hide();
    m_waitsForModel = false;
    const bool words = std::ranges::any_of(wanted.terms, [](const auto& term) { return !term.text.empty(); });
    m_weightRow->setVisible(words && m_terms->hasPictures());
    if (!session || wanted.terms.empty()) {
        m_searching.cancel();
        showNothing({});
        return;
    }
    if (const QString why = scopeProblem(); !why.isEmpty()) {
        m_searching.cancel();
        m_filterSearched.reset();
        showNothing(why);
        return;
    }
    m_filterSearched = scope() == Scope::Filtered && m_filter ? m_filter->samples() : SampleList();
    m_searching.start(
        JobSpec(tr("Search")).setShown(false),
        [session, wanted](const RunContext& context) { return findNearest(*session, wanted, context); },
        [this, wanted](Found found) {
            m_asked = wanted;
            show(std::move(found));
        },
        [this](const Error& error) { showNothing(QString::fromUtf8(error.what())); });
}

void SearchPage::show(Found found) {
    m_found = std::move(found);
    showPictures();
    if (m_found.result.answer == Answer::Busy) {
        m_waitsForModel = true;
        showNothing(tr("The model is busy with a run. What you look for appears here when it is free."));
        return;
    }
    if (m_found.result.answer == Answer::NotEncoded) {
        m_encode->setVisible(!state().readOnly());
        m_encode->setEnabled(!m_encoding.active());
        showNothing(tr("These images have not been encoded with this model yet. Once they are, every search "
                       "is answered at once."));
        return;
    }
    if (m_found.cards.empty()) {
        showNothing(tr("None of the images searched can be read."));
        return;
    }
    m_note->setText(noteText());
    m_scores->setScores(m_found.result.scores);
    m_stack->setCurrentIndex(1);
    showCut();
    m_grid->scrollToTop();
    if (m_found.result.wantsIndex)
        buildIndex();
}

void SearchPage::showPictures() {
    for (size_t i = 0; i < m_found.pictures.size() && i < m_terms->terms().size(); ++i)
        if (!m_found.pictures[i].isNull() && m_terms->picture(i).isNull())
            m_terms->setPicture(i, m_found.pictures[i], m_found.names[i]);
}

QString SearchPage::noteText() const {
    const SearchResult& result = m_found.result;
    QString note = tr("The %1 nearest of %2 images, in %3. The number is the cosine of the two embeddings.")
                       .arg(exactCountText(static_cast<long long>(m_found.cards.size())),
                            exactCountText(static_cast<long long>(result.scores.total())),
                            durationText(m_found.milliseconds / 1000));
    if (result.method == SearchMethod::Hnsw)
        note += QLatin1Char(' ') +
                tr("Found by a graph (HNSW), which finds %1 of the 10 nearest; the scores "
                   "are those of %2 images drawn from all.")
                    .arg(shareText(result.recallAt10),
                         exactCountText(static_cast<long long>(result.scores.scores().size())));
    return note;
}

/// The hits above the cut, of those that were asked for.
void SearchPage::showCards() {
    const std::optional<float> cut = m_scores->cut();
    std::vector<SampleCard> cards;
    for (size_t i = 0; i < m_found.cards.size(); ++i)
        if (!cut || m_found.result.hits[i].cosine >= *cut)
            cards.push_back(m_found.cards[i]);
    bool same = static_cast<size_t>(m_cards.rowCount()) == cards.size();
    for (size_t i = 0; same && i < cards.size(); ++i)
        same = m_cards.card(static_cast<int>(i)).sample == cards[i].sample &&
               m_cards.card(static_cast<int>(i)).text == cards[i].text;
    if (!same) // a cut that moves below them changes nothing
        m_cards.setCards(std::move(cards));
}

void SearchPage::showCut() {
    const std::optional<float> cut = m_scores->cut();
    const ScoreDistribution& scores = m_found.result.scores;
    m_select->setEnabled(cut && scores.countFrom(*cut) > 0);
    const auto suggested = scores.suggestedCut();
    m_suggest->setEnabled(suggested.has_value());
    if (!cut) {
        const float least = m_found.result.hits.empty() ? 0 : m_found.result.hits.back().cosine;
        const QString shown = tr("Shown: above %1 of the images.").arg(shareText(scores.shareBelow(least)));
        m_cut->setText(shown + QLatin1Char(' ') +
                       (suggested ? tr("Drag over the scores to cut.")
                                  : tr("None stand out from the rest; drag over the scores to cut.")));
    } else if (suggested && suggested->score == *cut) {
        m_cut->setText(tr("Suggested: %1 %2 or more, about %3 of them by chance")
                           .arg(countOf(static_cast<long long>(suggested->count), tr("image scores"),
                                        tr("images score")),
                                cosineText(static_cast<double>(*cut)),
                                QString::number(suggested->byChance, 'f', 1)));
    } else {
        const auto from = static_cast<long long>(scores.countFrom(*cut));
        const QString count = countOf(from, tr("image scores"), tr("images score"));
        m_cut->setText(
            (scores.sampled() ? tr("About %1 %2 or more (%3 score less)")
                              : tr("%1 %2 or more (%3 score less)"))
                .arg(count, cosineText(static_cast<double>(*cut)), shareText(scores.shareBelow(*cut))));
    }
    showCards();
}

void SearchPage::showNothing(const QString& why) {
    m_note->setText(why);
    m_cards.setCards({});
    m_found.cards.clear();
    m_found.result.hits.clear();
    m_scores->setMark(std::nullopt);
    m_stack->setCurrentIndex(0);
}

void SearchPage::cutAsSuggested() {
    if (const auto suggested = m_found.result.scores.suggestedCut())
        m_scores->setCut(suggested->score);
}

void SearchPage::selectAboveCut() {
    const auto session = state().session();
    if (!session || !m_scores->cut())
        return;
    SearchQuery wanted = m_asked;
    wanted.cut = m_scores->cut();
    wanted.limit = std::numeric_limits<size_t>::max();
    m_select->setEnabled(false);
    m_selecting.start(
        JobSpec(tr("Select what was found")).setShown(false).setFinally([this] {
            m_select->setEnabled(m_scores->cut().has_value());
        }),
        [session, wanted](const RunContext& context) { return session->search(wanted, context); },
        [this, dataset = dataset()](const SearchResult& result) {
            if (result.answer != Answer::Ready || result.hits.empty())
                return;
            std::vector<SampleId> samples;
            for (const SearchHit& hit : result.hits)
                samples.push_back(hit.sample);
            state().selection(dataset).set(samples, samples.front());
        });
}

void SearchPage::buildIndex() {
    const QString key = m_dataset->currentText() + QLatin1Char('\n') + m_model->currentText();
    if (m_indexing.active() || key == m_indexBegun)
        return;
    m_indexBegun = key; // once by itself; what is there afterwards is used
    m_indexing = jobs().start(
        JobSpec(tr("Build the search index of %1").arg(m_dataset->currentText())),
        [session = state().session(), wanted = m_asked](const RunContext& context) {
            return session->buildSearchIndex(wanted, context);
        },
        this, [this](Answer) { changed(); });
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

} // namespace diptych::ui

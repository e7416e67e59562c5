// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with what the Curate page found.
#include "ui/pages/curate/curate_page.h"
#include "ui/state/sample_edits.h"
#include "ui/state/selection.h"
#include "ui/widgets/sample_actions.h"

#include <QSlider>

namespace diptych::ui {

void CuratePage::selectShown() {
    std::vector<SampleId> samples = shownSamples();
    if (!m_result || samples.empty())
        return;
    const SampleId first = samples.front();
    state().selection(m_result->dataset).set(std::move(samples), first);
}

void CuratePage::correctShown() {
    std::map<QString, std::vector<SampleId>> byClass;
    for (const CurateGroup* group : chosenGroups())
        for (const SampleCard& card : group->cards)
            byClass[group->likely].push_back(card.sample);
    if (!byClass.empty())
        actions().edits().correctLabels(std::move(byClass), tr("likely wrong, by confident learning"));
}

void CuratePage::acceptSure(bool asTags) {
    auto sure = sureOnes(chosenGroups(), confidenceAt(m_threshold->value()));
    if (!asTags)
        actions().edits().correctLabels(std::move(sure), tr("accepted from a probe"));
    else
        for (auto& [tag, samples] : sure)
            actions().edits().addTag(std::move(samples), tag);
}

void CuratePage::tagShown() {
    std::vector<SampleId> samples;
    if (m_result && m_result->duplicates)
        for (const CurateGroup* group : chosenGroups())
            samples.insert(samples.end(), group->surplus.begin(), group->surplus.end());
    else
        samples = shownSamples();
    if (!samples.empty())
        actions().askNewTag(samples, this);
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/curate/curate_page.h"
#include "ui/pages/datasets/datasets_page.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/pages/inspector/inspector_page.h"
#include "ui/pages/map/map_page.h"
#include "ui/pages/models/models_page.h"
#include "ui/pages/page.h"
#include "ui/pages/prompts/prompts_page.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/search/search_page.h"

#include <QCoreApplication>

namespace diptych::ui {

namespace {

template<class PageType>
Page* make(const PageContext& context) {
    return new PageType(context);
}

PageEntry entry(const char* id, const char* title, Page* (*create)(const PageContext&)) {
    return {QString::fromLatin1(id), QCoreApplication::translate("diptych::ui::pages", title),
            QString::fromLatin1(id), create};
}

} // namespace

const std::vector<PageEntry>& pageEntries() {
    static const std::vector<PageEntry> entries{
        entry("datasets", QT_TRANSLATE_NOOP("diptych::ui::pages", "Datasets"), make<DatasetsPage>),
        entry("map", QT_TRANSLATE_NOOP("diptych::ui::pages", "Map"), make<MapPage>),
        entry("search", QT_TRANSLATE_NOOP("diptych::ui::pages", "Search"), make<SearchPage>),
        entry("curate", QT_TRANSLATE_NOOP("diptych::ui::pages", "Curate"), make<CuratePage>),
        entry("models", QT_TRANSLATE_NOOP("diptych::ui::pages", "Models"), make<ModelsPage>),
        entry("evaluate", QT_TRANSLATE_NOOP("diptych::ui::pages", "Evaluate"), make<EvaluatePage>),
        entry("prompts", QT_TRANSLATE_NOOP("diptych::ui::pages", "Prompts"), make<PromptsPage>),
        entry("runs", QT_TRANSLATE_NOOP("diptych::ui::pages", "Runs"), make<RunsPage>),
        entry("compare", QT_TRANSLATE_NOOP("diptych::ui::pages", "Diptych"), make<ComparePage>),
        entry("inspector", QT_TRANSLATE_NOOP("diptych::ui::pages", "Inspector"), make<InspectorPage>),
    };
    return entries;
}

} // namespace diptych::ui

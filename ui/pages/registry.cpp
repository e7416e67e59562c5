// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets/datasets_page.h"
#include "ui/pages/page.h"

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
    };
    return entries;
}

} // namespace diptych::ui

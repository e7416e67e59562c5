// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "ui/jobs/job_runner.h"
#include "ui/pages/page.h"

#include <QPointer>
#include <QToolButton>

#include <functional>
#include <optional>
#include <vector>

namespace diptych {
class Workspace;
}

namespace diptych::ui {

class DatasetView;

/// The saved views of a dataset: apply one, save what is looked at or selected, rename and remove.
class ViewsButton : public QToolButton {
    Q_OBJECT
public:
    explicit ViewsButton(const PageContext& context, QWidget* parent = nullptr);
    void bindView(DatasetView* view); ///< null = no dataset

    QStringList names() const; ///< of the views there are, in order

    /// What the menu does. Saving under a name that is taken asks first.
    void apply(const QString& name);
    void saveFilter(const QString& name);
    void saveSamples(const QString& name, std::vector<SampleId> samples);

Q_SIGNALS:
    void failed(const QString& title, const diptych::Error& error);

private:
    struct Known {
        SavedView view;
        std::optional<SampleFilter> filter; ///< none where it asks for what is gone
    };
    void load();
    void fillMenu();
    void addViews(QMenu* menu);
    void manage();
    std::optional<QString> askName(const QString& title);
    bool mayReplace(const QString& name);
    void change(const QString& title, std::function<void(Workspace&)> work);
    void updateText();

    PageContext m_context;
    LatestOnly m_loading;
    QPointer<DatasetView> m_view;
    std::vector<Known> m_known;
};

} // namespace diptych::ui

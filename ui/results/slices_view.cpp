// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/metrics/metric_text.h"
#include "core/session/session.h"
#include "core/session/slice_tables.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/formatting.h"
#include "ui/results/slice_models.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/interval_delegate.h"
#include "ui/widgets/table_view.h"

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

/// What the two lists are called, which are slices too.
constexpr const char *kSelected = "selected", *kFiltered = "in the filter", *kList = "list:";
constexpr int kLeastCharacters = 8;
constexpr int64_t kMany = 20'000; ///< examples that take long enough for the job panel

/// What one look at the workspace brings.
struct LoadedSlices {
    std::vector<std::string> keys; ///< what the run can be cut by
    RunSlices slices;
};

/// What to cut by where nobody has chosen: classes, else the first column, else splits.
std::string defaultKey(const RunRecord& run, const std::vector<std::string>& keys) {
    if (!run.classNames.empty())
        return "class";
    const auto last = std::ranges::find(keys, "transparency");
    return last != keys.end() && last + 1 != keys.end() ? *(last + 1) : "split";
}

LoadedSlices load(Session& session, const RunRecord& run, SliceSpec spec, const RunContext& context) {
    LoadedSlices out;
    out.keys = sliceKeyNames(session.workspace(), run);
    std::erase_if(spec.by, [&](const std::string& key) {
        return !key.starts_with(kList) && std::ranges::find(out.keys, key) == out.keys.end();
    });
    if (spec.by.empty())
        spec.by.push_back(defaultKey(run, out.keys));
    out.slices = sliceRun(session.workspace(), spec, context);
    return out;
}

QString keyTitle(const std::string& key) {
    const QString name = toQString(key);
    const std::pair<std::string, QString> known[] = {
        {"class", SlicesModel::tr("Class")},
        {"split", SlicesModel::tr("Split")},
        {"tag", SlicesModel::tr("Tag")},
        {"note", SlicesModel::tr("Note")},
        {"transparency", SlicesModel::tr("Transparency")},
        {"view", SlicesModel::tr("Saved view")},
        {"selection", SlicesModel::tr("Saved selection")},
        {std::string(kList) + kSelected, SlicesModel::tr("Selected or not")},
        {std::string(kList) + kFiltered, SlicesModel::tr("In the filter or not")},
    };
    for (const auto& [id, title] : known)
        if (key == id)
            return title;
    return name.startsWith(QLatin1String("column:")) ? name.mid(7) : name;
}

/// Where the run is worse than elsewhere: its metric by class, split, tag or column, worst first, each with
/// its interval and the difference to the rest; a slice is a double click away from its pictures.
class SlicesView : public ResultView {
public:
    explicit SlicesView(const ResultContext& context) : ResultView(context), m_loading(context.jobs, this) {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kMedium);
        layout->addLayout(buildBar());
        m_table = new TableView;
        m_table->setObjectName(QStringLiteral("slicesTable"));
        m_table->setAccessibleName(tr("Slices, worst first"));
        m_table->setSource(&m_slices);
        m_table->setItemDelegate(new IntervalDelegate(m_table));
        m_table->setStretchColumn(SlicesModel::Range);
        m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
        layout->addWidget(m_table, 1);
        m_note = new ElidedLabel(Qt::ElideRight);
        m_note->setObjectName(QStringLiteral("slicesNote"));
        theme::style(m_note, theme::Text::Caption);
        auto* below = new QHBoxLayout;
        below->setSpacing(theme::kSmall);
        below->addWidget(m_note, 1);
        for (QPushButton* button : makeButtons())
            below->addWidget(button);
        layout->addLayout(below);
        addActions();
        connect(m_table, &TableView::sourceRowActivated, this, &SlicesView::showPictures);
        connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
                &SlicesView::updateActions);
        updateActions();
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_run = std::move(run);
        follow();
        m_loading.cancel();
        m_slices.setSlices({});
        say({});
        m_stale = true;
        if (isVisible())
            start();
    }

protected:
    void showEvent(QShowEvent* event) override {
        ResultView::showEvent(event);
        if (m_stale) // computed only for who looks at it
            start();
    }

private:
    QHBoxLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        bar->setSpacing(theme::kSmall);
        const auto combo = [&](const char* objectName, const QString& label, const QString& name) {
            auto* box = new ChoiceBox(objectName, name, kLeastCharacters);
            box->setMaxVisibleItems(24);
            // So that large text and a small window leave them all in sight.
            box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
            box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
            auto* text = new QLabel(label);
            text->setBuddy(box);
            bar->addWidget(text);
            bar->addWidget(box, 1);
            return box;
        };
        m_first = combo("sliceBy", tr("By"), tr("Cut by"));
        m_second = combo("sliceAndBy", tr("and"), tr("And by"));
        m_metric = combo("sliceMetric", tr("Metric"), tr("Metric"));
        for (QComboBox* box : {m_first, m_second})
            connect(box, &QComboBox::activated, this, &SlicesView::start);
        connect(m_metric, &QComboBox::activated, this, [this] {
            m_metricChosen = m_run ? m_run->task : std::string();
            start();
        });
        bar->addStretch(1);
        return bar;
    }

    QList<QPushButton*> makeButtons() {
        m_show = new QPushButton(tr("Show pictures"));
        m_show->setObjectName(QStringLiteral("showSlice"));
        m_show->setToolTip(
            tr("The pictures of the slices chosen, in the Datasets page (double click, Return)"));
        m_select = new QPushButton(tr("Select"));
        m_select->setObjectName(QStringLiteral("selectSlice"));
        m_select->setToolTip(tr("Select the pictures of the slices chosen, in every view and on the map"));
        m_report = new QPushButton(tr("Report…"));
        m_report->setObjectName(QStringLiteral("reportSlices"));
        m_report->setToolTip(tr("Write these slices as a web page, as Markdown or as a table (CSV)"));
        connect(m_report, &QPushButton::clicked, this, &SlicesView::exportReport);
        connect(m_show, &QPushButton::clicked, this, &SlicesView::showPictures);
        connect(m_select, &QPushButton::clicked, this, &SlicesView::selectPictures);
        return {m_show, m_select, m_report};
    }

    void addActions() {
        const auto action = [this](const QString& text, const char* name, void (SlicesView::*slot)()) {
            auto* made = new QAction(text, m_table);
            made->setObjectName(QLatin1String(name));
            connect(made, &QAction::triggered, this, slot);
            m_table->addAction(made);
            m_actions.push_back(made);
        };
        action(tr("Show the pictures"), "showSliceAction", &SlicesView::showPictures);
        action(tr("Select the pictures"), "selectSliceAction", &SlicesView::selectPictures);
        action(tr("Select them and show the map"), "mapSliceAction", &SlicesView::showOnMap);
    }

    void updateActions() {
        const bool any = !m_table->selectedSourceRows().empty() && m_run && m_run->datasetId;
        m_show->setEnabled(any);
        m_select->setEnabled(any);
        for (QAction* action : m_actions)
            action->setEnabled(any);
        m_report->setEnabled(m_slices.rowCount() > 0);
    }

    /// What is wrong is said whole, however little room that leaves.
    void say(const QString& text, bool whole = false) {
        m_note->setWordWrap(whole);
        m_note->setFullText(text);
    }

    /// What the boxes say; empty where they have not been filled yet.
    SliceSpec spec() const {
        SliceSpec spec;
        spec.run = m_run->id;
        spec.others = false;
        for (const QComboBox* box : {m_first, m_second})
            if (const QString key = box->currentData().toString(); !key.isEmpty())
                spec.by.push_back(key.toStdString());
        if (spec.by.size() == 2 && spec.by[0] == spec.by[1])
            spec.by.pop_back();
        // Another task's metric means nothing here.
        const std::string metric = m_metric->currentData().toString().toStdString();
        if (findMetric(m_run->metrics, metric) && m_metricChosen == m_run->task)
            spec.metric = metric;
        if (cutBy(kSelected))
            spec.lists.push_back({kSelected, context().state.selection(m_run->datasetId).samples()});
        if (cutBy(kFiltered))
            spec.lists.push_back({kFiltered, context().state.view(m_run->datasetId).members()});
        return spec;
    }
    /// Whether what is selected, or filtered, is what the run is cut by.
    bool cutBy(const char* list) const {
        const QString key = QLatin1String(kList) + QLatin1String(list);
        return m_run->datasetId &&
               (m_first->currentData().toString() == key || m_second->currentData().toString() == key);
    }
    /// Slices of what is selected and filtered follow both; saved views that come and go can be chosen.
    void follow() {
        for (const QMetaObject::Connection& connection : m_followed)
            disconnect(connection);
        m_followed.clear();
        if (!m_run->datasetId)
            return;
        const auto again = [this](const char* list) {
            if (!cutBy(list))
                return;
            m_stale = true;
            if (isVisible())
                start();
        };
        m_followed = {connect(&context().state.selection(m_run->datasetId), &Selection::changed, this,
                              [again] { again(kSelected); }),
                      connect(&context().state.view(m_run->datasetId), &DatasetView::samplesChanged, this,
                              [again] { again(kFiltered); }),
                      connect(&context().state, &AppState::savedViewsChanged, this, [this] {
                          m_stale = true;
                          if (isVisible())
                              start();
                      })};
    }

    void start() {
        const auto session = context().state.session();
        if (!session || !m_run)
            return;
        m_stale = false;
        say(tr("Computing…"));
        m_loading.start(
            JobSpec(tr("Slices of run %1").arg(m_run->id.value)).setShown(m_run->exampleCount > kMany),
            [session, run = m_run, spec = spec()](const RunContext& context) {
                return load(*session, *run, spec, context);
            },
            [this](LoadedSlices loaded) { show(std::move(loaded)); },
            [this](const Error& error) {
                m_slices.setSlices({});
                say(toQString(error.what()), true);
                updateActions();
            });
    }

    void show(LoadedSlices loaded) {
        fillKeys(loaded);
        const QSignalBlocker quiet(m_metric);
        m_metric->clear();
        for (const std::string& name : loaded.slices.metrics)
            m_metric->addItem(toQString(metricTitle(name)), toQString(name));
        m_metric->setCurrentIndex(m_metric->findData(toQString(loaded.slices.whole.name)));
        QString note = toQString(slicesNote(loaded.slices));
        const bool empty = loaded.slices.slices.empty();
        say(empty ? tr("There is nothing to cut.") : note);
        m_slices.setSlices(std::move(loaded.slices));
        m_table->sortByColumn(-1, Qt::AscendingOrder); // worst first
        m_table->scrollToTop();
        updateActions();
    }

    /// Keeps what is chosen.
    void fillKeys(const LoadedSlices& loaded) {
        const QString second = m_second->currentData().toString();
        QString first = m_first->currentData().toString();
        m_first->clear();
        m_second->clear();
        m_second->addItem(tr("nothing else"), QString());
        std::vector<std::string> keys = loaded.keys;
        for (const char* list : {kSelected, kFiltered})
            keys.push_back(std::string(kList) + list);
        for (const std::string& key : keys)
            for (QComboBox* box : {m_first, m_second})
                box->addItem(keyTitle(key), toQString(key));
        if (m_first->findData(first) < 0)
            first = toQString(defaultKey(*m_run, loaded.keys));
        m_first->setCurrentIndex(m_first->findData(first));
        m_second->setCurrentIndex(std::max(0, m_second->findData(second)));
    }

    void exportReport() {
        if (!m_run)
            return;
        QStringList by;
        for (const std::string& key : spec().by)
            by.append(toQString(key).section(QLatin1Char(':'), -1));
        QString name = tr("slices-%1-by-%2").arg(m_run->id.value).arg(by.join(QLatin1Char('-')));
        name.replace(QLatin1Char('/'), QLatin1Char('-'));
        QString chosen;
        QString file =
            QFileDialog::getSaveFileName(this, tr("Write the slices"), name + QStringLiteral(".html"),
                                         tr("Web page (*.html);;Markdown (*.md);;Table (*.csv)"), &chosen);
        if (file.isEmpty())
            return;
        if (QFileInfo(file).suffix().isEmpty())
            file += QLatin1Char('.') + chosen.section(QStringLiteral("*."), -1).chopped(1);
        write(file);
    }
    void write(const QString& file) {
        const auto session = context().state.session();
        if (!session)
            return;
        context().jobs.start(
            JobSpec(tr("Write the slices")),
            [session, spec = spec(),
             path = std::filesystem::path(QFile::encodeName(file).toStdString())](const RunContext& context) {
                const std::string ending = path.extension().string();
                writeFileAtomically(path, std::string_view(slicesDocument(
                                              session->workspace(), spec,
                                              ending.empty() ? ending : ending.substr(1), context)));
            },
            this, [this, file] { say(tr("Written to %1. %2").arg(file, m_note->text())); });
    }

    /// Of the slices chosen, each once.
    std::vector<SampleId> chosenSamples() const {
        std::vector<SampleId> samples;
        for (const int row : m_table->selectedSourceRows())
            samples.insert(samples.end(), m_slices.row(row).samples.begin(), m_slices.row(row).samples.end());
        std::ranges::sort(samples);
        samples.erase(std::ranges::unique(samples).begin(), samples.end());
        return samples;
    }

    void showPictures() {
        if (!m_show->isEnabled())
            return;
        QStringList titles;
        for (const int row : m_table->selectedSourceRows())
            titles.append(toQString(m_slices.row(row).title()));
        DatasetRequest request;
        request.dataset = m_run->datasetId;
        request.ids = std::make_shared<const std::vector<SampleId>>(chosenSamples());
        request.title = titles.join(QStringLiteral(", "));
        request.run = m_run->id;
        context().state.showDatasetFiltered(request);
    }

    void selectPictures() {
        const std::vector<SampleId> samples = chosenSamples();
        if (!samples.empty() && m_run->datasetId)
            context().state.selection(m_run->datasetId).set(samples, samples.front());
    }

    void showOnMap() {
        selectPictures();
        context().state.setCurrentDataset(m_run->datasetId);
        context().state.showPage(QStringLiteral("map"));
    }

    std::shared_ptr<const RunRecord> m_run;
    std::vector<QMetaObject::Connection> m_followed;
    bool m_stale = false;       ///< the table is not of this run yet
    std::string m_metricChosen; ///< the task for which somebody chose a metric
    SlicesModel m_slices;
    LatestOnly m_loading;
    QComboBox *m_first, *m_second, *m_metric;
    QPushButton *m_show, *m_select, *m_report;
    std::vector<QAction*> m_actions; // Qt parent: m_table
    TableView* m_table;
    ElidedLabel* m_note;
};

} // namespace

ResultView* makeSlicesView(const ResultContext& context) {
    return new SlicesView(context);
}

} // namespace diptych::ui

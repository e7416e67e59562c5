// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/confusion_order.h"
#include "ui/models/formatting.h"
#include "ui/plots/heat_map.h"
#include "ui/plots/plot_export.h"
#include "ui/results/class_results.h"
#include "ui/results/run_filter.h"
#include "ui/results/views.h"
#include "ui/state/app_state.h"
#include "ui/state/selection.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPointer>
#include <QShowEvent>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

namespace diptych::ui {
namespace {

constexpr size_t kMistakesListed = 50;
constexpr double kZoomStep = 1.4;

/// The confusion matrix, and its largest mistakes as a list; a cell shows its images, and says whether some
/// of them are selected.
class ConfusionView : public ResultView {
public:
    explicit ConfusionView(const ResultContext& context) : ResultView(context) {
        auto* outer = new QVBoxLayout(this);
        outer->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        outer->setSpacing(theme::kMedium);
        m_map = new HeatMap;
        m_map->setObjectName(QStringLiteral("confusionMap"));
        m_map->setMinimumSize(300, 220);
        outer->addLayout(buildBar());
        auto* filter = new RunFilter(context);
        outer->addWidget(filter);
        m_results = new ClassResults(context, *this, *filter);
        connect(m_results, &ClassResults::shown, this, &ConfusionView::show);
        connect(m_results, &ClassResults::membersChanged, this, &ConfusionView::markSelected);
        auto* layout = new QHBoxLayout;
        layout->setSpacing(theme::kHuge);
        outer->addLayout(layout, 1);
        layout->addWidget(m_map, 3);
        auto* side = new QVBoxLayout;
        auto* heading = new QLabel(tr("Most frequent mistakes"));
        theme::style(heading, theme::Text::Heading);
        auto* hint = new QLabel(tr("Click a cell or a line to see its images."));
        hint->setWordWrap(true);
        theme::style(hint, theme::Text::Caption);
        m_mistakes = new QListWidget;
        m_mistakes->setObjectName(QStringLiteral("mistakes"));
        m_mistakes->setAccessibleName(tr("Most frequent mistakes"));
        side->addWidget(heading);
        side->addWidget(hint);
        side->addWidget(m_mistakes, 1);
        layout->addLayout(side, 2);
        connect(m_map, &HeatMap::cellActivated, this, &ConfusionView::showCell);
        connect(m_mistakes, &QListWidget::itemActivated, this, &ConfusionView::showItem);
        connect(m_mistakes, &QListWidget::itemClicked, this, &ConfusionView::showItem);
    }

    void setRun(std::shared_ptr<const RunRecord> run) override {
        m_names.clear();
        for (const std::string& name : run->classNames)
            m_names.append(toQString(name));
        if (m_selection)
            m_selection->disconnect(this);
        m_selection = run->datasetId ? &context().state.selection(run->datasetId) : nullptr;
        if (m_selection)
            connect(m_selection, &Selection::changed, this, &ConfusionView::markSelected);
        m_results->setRun(std::move(run));
    }

protected:
    void showEvent(QShowEvent* event) override {
        ResultView::showEvent(event);
        markSelected();
    }

private:
    enum class Order { Listed, Cluster, Worst };
    struct Mistake {
        int row, column, count;
    };

    void show(const Json& details) {
        const int n = static_cast<int>(m_names.size());
        std::vector<int> counts(static_cast<size_t>(n) * static_cast<size_t>(n), 0);
        std::vector<Mistake> mistakes;
        const auto confusion = details.find("confusion");
        if (confusion != details.end() && confusion->contains("cells")) {
            for (const Json& cell : (*confusion)["cells"]) {
                const int row = cell.at(0), column = cell.at(1), count = cell.at(2);
                if (row < 0 || column < 0 || row >= n || column >= n)
                    continue;
                counts[place(row, column)] = count;
                if (row != column)
                    mistakes.push_back({row, column, count});
            }
        }
        if (counts == m_counts && m_names == m_shownNames)
            return; // where somebody has zoomed to stays
        m_shownNames = m_names;
        m_counts = counts;
        m_map->setMatrix(m_names, std::move(counts));
        applyOrder();
        listMistakes(std::move(mistakes));
    }
    void listMistakes(std::vector<Mistake> mistakes) {
        std::stable_sort(mistakes.begin(), mistakes.end(),
                         [](const Mistake& a, const Mistake& b) { return a.count > b.count; });
        mistakes.resize(std::min(mistakes.size(), kMistakesListed));
        m_mistakes->clear();
        for (const Mistake& mistake : mistakes) {
            auto* item = new QListWidgetItem(tr("%1 taken for %2: %3")
                                                 .arg(m_names[mistake.row], m_names[mistake.column])
                                                 .arg(mistake.count),
                                             m_mistakes);
            item->setData(Qt::UserRole, mistake.row);
            item->setData(Qt::UserRole + 1, mistake.column);
        }
        if (mistakes.empty()) {
            auto* none = new QListWidgetItem(tr("None: every prediction is right."), m_mistakes);
            none->setFlags(Qt::NoItemFlags);
        }
    }

    QHBoxLayout* buildBar() {
        auto* bar = new QHBoxLayout;
        bar->setSpacing(theme::kSmall);
        m_order = new QComboBox;
        m_order->setObjectName(QStringLiteral("confusionOrder"));
        m_order->setAccessibleName(tr("Order of the classes"));
        m_order->addItem(tr("Classes as listed"), static_cast<int>(Order::Listed));
        m_order->addItem(tr("Alike together"), static_cast<int>(Order::Cluster));
        m_order->addItem(tr("Worst first"), static_cast<int>(Order::Worst));
        m_order->setToolTip(tr("Alike together: classes that are taken for each other stand side by side"));
        auto* scale = new QComboBox;
        scale->setObjectName(QStringLiteral("confusionScale"));
        scale->setAccessibleName(tr("What colours mean"));
        scale->addItem(tr("Share of the true class"), static_cast<int>(HeatScale::TrueClass));
        scale->addItem(tr("Share of the prediction"), static_cast<int>(HeatScale::Prediction));
        scale->addItem(tr("Number of images"), static_cast<int>(HeatScale::Count));
        auto* mistakes = new QCheckBox(tr("Mistakes only"));
        mistakes->setObjectName(QStringLiteral("mistakesOnly"));
        bar->addWidget(m_order);
        bar->addWidget(scale);
        bar->addWidget(mistakes);
        bar->addStretch(1);
        const auto button = [&](const QString& text, const QString& tip, auto act) {
            auto* tool = new QToolButton;
            tool->setText(text);
            tool->setToolTip(tip);
            tool->setAccessibleName(tip);
            connect(tool, &QToolButton::clicked, m_map, act);
            bar->addWidget(tool);
        };
        button(QStringLiteral("+"), tr("Zoom in (wheel, +)"), [this] { m_map->zoom(kZoomStep); });
        button(QStringLiteral("−"), tr("Zoom out (wheel, -)"), [this] { m_map->zoom(1 / kZoomStep); });
        button(tr("All"), tr("Show the whole matrix (0)"), [this] { m_map->showAll(); });
        bar->addWidget(plotMenuButton(*m_map));
        connect(m_order, &QComboBox::currentIndexChanged, this, &ConfusionView::applyOrder);
        connect(scale, &QComboBox::currentIndexChanged, m_map,
                [this, scale] { m_map->setScale(static_cast<HeatScale>(scale->currentData().toInt())); });
        connect(mistakes, &QCheckBox::toggled, m_map, &HeatMap::setMistakesOnly);
        return bar;
    }
    size_t place(int row, int column) const {
        return static_cast<size_t>(row) * static_cast<size_t>(m_names.size()) + static_cast<size_t>(column);
    }
    /// How many of each cell's images are selected, in any view.
    void markSelected() {
        if (!isVisible())
            return;
        std::vector<int> marks(m_counts.size(), 0);
        const auto n = static_cast<int>(m_names.size());
        if (m_selection && !m_selection->samples().empty())
            for (const ClassResults::Member& member : m_results->members())
                if (member.target >= 0 && member.predicted >= 0 && member.target < n &&
                    member.predicted < n && m_selection->contains(member.sample))
                    ++marks[place(member.target, member.predicted)];
        m_map->setMarks(std::move(marks));
    }
    void applyOrder() {
        const auto n = static_cast<size_t>(m_names.size());
        std::vector<int> order(n);
        std::iota(order.begin(), order.end(), 0);
        switch (static_cast<Order>(m_order->currentData().toInt())) {
        case Order::Cluster:
            order = confusionClusterOrder(m_counts, n);
            break;
        case Order::Worst:
            std::stable_sort(order.begin(), order.end(),
                             [this](int a, int b) { return recall(a) < recall(b); });
            break;
        case Order::Listed:
            break;
        }
        m_map->setOrder(std::move(order));
    }
    /// Above 1 for a class without examples, which has none to get wrong.
    double recall(int row) const {
        const auto n = static_cast<ptrdiff_t>(m_names.size());
        const auto first = m_counts.begin() + row * n;
        const int sum = std::accumulate(first, first + n, 0);
        return sum > 0 ? static_cast<double>(*(first + row)) / sum : 2;
    }
    void showItem(QListWidgetItem* item) {
        if (item->data(Qt::UserRole).isValid())
            showCell(item->data(Qt::UserRole).toInt(), item->data(Qt::UserRole + 1).toInt());
    }
    void showCell(int row, int column) {
        ExampleFilter filter;
        filter.target = row;
        filter.predicted = column;
        Q_EMIT examplesRequested(filter, row == column
                                             ? tr("%1, recognised").arg(m_names[row])
                                             : tr("%1 taken for %2").arg(m_names[row], m_names[column]));
    }

    QStringList m_names, m_shownNames;
    std::vector<int> m_counts; ///< [n, n] row-major
    QPointer<Selection> m_selection;
    ClassResults* m_results; // Qt parent: this
    QComboBox* m_order;
    HeatMap* m_map;
    QListWidget* m_mistakes;
};

} // namespace

ResultView* makeConfusionView(const ResultContext& context) {
    return new ConfusionView(context);
}

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/formatting.h"
#include "ui/plots/heat_map.h"
#include "ui/results/views.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace diptych::ui {
namespace {

constexpr size_t kMistakesListed = 50;

/// The confusion matrix, and its largest mistakes as a list; a cell shows its images.
class ConfusionView : public ResultView {
public:
    explicit ConfusionView(const ResultContext& context) : ResultView(context) {
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(theme::kLarge, theme::kLarge, theme::kLarge, theme::kLarge);
        layout->setSpacing(theme::kHuge);
        m_map = new HeatMap;
        m_map->setObjectName(QStringLiteral("confusionMap"));
        m_map->setMinimumSize(420, 360);
        layout->addWidget(m_map, 3);
        auto* side = new QVBoxLayout;
        auto* heading = new QLabel(tr("Most frequent mistakes"));
        theme::style(heading, theme::Text::Heading);
        auto* hint = new QLabel(tr("Click a cell or a line to see its images."));
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
        const int n = static_cast<int>(m_names.size());
        std::vector<int> counts(static_cast<size_t>(n) * static_cast<size_t>(n), 0);
        struct Mistake {
            int row, column, count;
        };
        std::vector<Mistake> mistakes;
        const auto confusion = run->details.find("confusion");
        if (confusion != run->details.end() && confusion->contains("cells")) {
            for (const Json& cell : (*confusion)["cells"]) {
                const int row = cell.at(0), column = cell.at(1), count = cell.at(2);
                if (row < 0 || column < 0 || row >= n || column >= n)
                    continue;
                counts[static_cast<size_t>(row) * static_cast<size_t>(n) + static_cast<size_t>(column)] =
                    count;
                if (row != column)
                    mistakes.push_back({row, column, count});
            }
        }
        m_map->setMatrix(m_names, std::move(counts));
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

private:
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

    QStringList m_names;
    HeatMap* m_map;
    QListWidget* m_mistakes;
};

} // namespace

ResultView* makeConfusionView(const ResultContext& context) {
    return new ConfusionView(context);
}

} // namespace diptych::ui

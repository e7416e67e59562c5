// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/pages/compare/pair_list_model.h"
#include "ui/pages/compare/two_maps.h"
#include "ui/pages/page.h"
#include "ui/plots/point_canvas.h"

#include <QPointer>
#include <QWidget>

#include <memory>
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace diptych::ui {

class EmptyState;
class Selection;

/// Where two models put the same pictures: two maps side by side whose selection and pointer are linked, or
/// both in one with a line from A's place of a picture to B's; and how alike the spaces are, in words.
class SpacesView : public QWidget {
    Q_OBJECT

public:
    SpacesView(const PageContext& context, QWidget* parent = nullptr);
    ~SpacesView() override;
    /// @param pair null = none; maps are made when the view is looked at
    void show(ComparedPairPtr pair);

protected:
    void showEvent(QShowEvent* event) override;

private:
    class Source;
    enum Side { First, Second, Overlaid, SideCount };
    void build();
    PointCanvas* addCanvas(Side side, const char* name);
    void make(bool encodeMissing);
    void showNothing(const QString& heading, const QString& sentence, bool encode = false);
    void showMaps(std::shared_ptr<const TwoMaps> maps);
    void showArrangement();
    void recolor();
    int sampleOfPoint(Side side, int point) const; ///< -1 = none
    void giveSelection(Side side, const std::vector<int>& points, SelectMode mode, int current);
    void takeSelection();
    void follow(Side side, int point);
    void open(Side side, int point);
    void selectMoved();

    PageContext m_context;
    LatestOnly m_making;
    ComparedPairPtr m_pair;
    std::shared_ptr<const TwoMaps> m_maps;
    bool m_wanted = false; ///< to be made when it is looked at
    QPointer<Selection> m_selection;
    std::vector<std::unique_ptr<Source>> m_sources; ///< by Side
    std::vector<PointCanvas*> m_canvases;           ///< by Side
    QComboBox *m_method, *m_arrangement, *m_colors;
    QPushButton* m_moved;
    QLabel *m_words, *m_firstName, *m_secondName, *m_legend;
    QStackedWidget *m_stack, *m_shown; ///< nothing | maps; side by side | overlaid
    EmptyState* m_empty;
};

} // namespace diptych::ui

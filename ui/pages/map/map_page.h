// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/pages/map/map_coloring.h"
#include "ui/pages/map/map_data.h"
#include "ui/pages/map/map_setup.h"
#include "ui/pages/map/map_source.h"
#include "ui/pages/map/turned_view.h"
#include "ui/pages/page.h"
#include "ui/plots/point_canvas.h"
#include "ui/state/app_state.h"

#include <QPointer>

#include <functional>
#include <memory>
#include <mutex>

class QActionGroup;
class QBoxLayout;
class QLabel;
class QLineEdit;
class QMenu;
class QStackedWidget;
class QToolButton;

namespace diptych::ui {

class EmptyState;
class MapSide;
class Selection;

/// A dataset's images and texts as points that lie near each other where a model finds them alike. What is
/// selected here is selected in every view of the dataset, and the other way round.
class MapPage : public Page {
    Q_OBJECT

public:
    explicit MapPage(const PageContext& context);
    ~MapPage() override;
    void activated() override;
    void refresh() override;
    void focusSearch() override;
    bool cancel() override;
    /// Writes the map as it is shown (.png, .svg) or its points (.csv, .json, .jsonl), in the background.
    void exportMap(const QString& file);

private:
    /// Positions on their way from the worker that computes them; the newest alone counts.
    struct LiveFrames {
        std::mutex mutex;
        std::vector<float> x, y;
        size_t iteration = 0, iterations = 0;
        bool underWay = false;         ///< the GUI thread has been told of a frame it has not fetched
        std::vector<uint16_t> classes; ///< by image, where all points are images
        int classCount = 0;
    };
    struct Wanted {
        MapSpec spec;
        ColorChoice choice;
        RunId run;
    };
    struct Made {
        Answer answer = Answer::Ready;
        MapDataPtr data;
        std::shared_ptr<const Coloring> coloring;
    };
    struct Loaded {
        MapSetup::Choices choices;
        DatasetId optionsOf;
        ColorOptions options;
    };
    // map_page_layout.cpp
    void buildPage();
    QWidget* buildCanvas();
    QBoxLayout* buildTools();
    void buildFields(QBoxLayout* row);
    QToolButton* addTool(QBoxLayout* row, const char* icon, const char* name, const QString& tip);
    QToolButton* addToolChoice(QBoxLayout* row, PointCanvas::Tool tool, const char* icon, const char* name,
                               const QString& tip);
    void connectAll();
    void connectState();
    void connectCanvas();

    void reload();
    void show(Loaded loaded);
    void loadColorOptions();
    void setupChanged();

    // map_page_compute.cpp
    void makeIfQuick();
    void make(bool encodeMissing);
    void stopMaking();
    void showLast(const QString& why); ///< the map before, or that there is none
    void showFrame(LiveFrames& frames);
    void finishMaking(Made made, const MapSpec& spec);
    static Made compute(Session& session, const Wanted& wanted, const RunContext& context,
                        const FrameCallback& onFrame);
    static void readClasses(Workspace& workspace, const MapSpec& spec, LiveFrames& frames);
    void showMap(Made made);
    void showNothing(const QString& heading, const QString& sentence, const QString& action = {});
    void showPoints();
    QString mapNote() const;

    // map_page_selection.cpp
    void recolor();
    void showColoring(std::shared_ptr<const Coloring> coloring);
    void bindSelection();
    void takeSelection();
    void bindView();
    void takeFilter(); ///< points of samples that are not looked at are hidden
    void giveSelection(const std::vector<int>& points, SelectMode mode, int current);
    void selectWhere(const std::function<bool(size_t point)>& wanted, bool add);
    void showSelected();
    void find(bool backwards);
    void open(int point);
    void askExport();

    // map_page_words.cpp
    void nameSelected();
    void placeText();
    void clearPlaced();
    void showPlaced();

    LatestOnly m_loading, m_coloring, m_optionsLoading, m_naming, m_placing;
    JobHandle m_making;
    std::shared_ptr<LiveFrames> m_frames; ///< of what is being made
    MapDataPtr m_data;                    ///< shown; null while there is no map or another one is being made
    MapDataPtr m_last;                    ///< shown before what is being made
    std::shared_ptr<const Coloring> m_shown; ///< the colours of m_data
    std::unique_ptr<MapSource> m_source;
    TurnedView m_turned;               ///< of a map with three dimensions; else empty
    std::vector<PlacedPoint> m_placed; ///< texts placed into the map, in the order they were typed
    QPointer<Selection> m_selection;
    QPointer<DatasetView> m_view;
    DatasetId m_wantedDataset;
    ColorOptions m_options;
    bool m_waitsForModel = false, m_selectionIsOld = false, m_filterIsOld = false, m_listed = false;
    bool m_mayBeOld = false; ///< the dataset may have changed since its map was made

    // Owned by their Qt parents.
    MapSetup* m_setup;
    QStackedWidget* m_stack; ///< why there is no map | the map
    EmptyState* m_empty;
    PointCanvas* m_canvas;
    MapSide* m_side;
    QLineEdit *m_find, *m_place;
    QToolButton *m_turn, *m_pictures, *m_pairs, *m_export;
    QLabel* m_note;
    QWidget* m_filtered; ///< that some are hidden
    QLabel* m_filteredText;
};

} // namespace diptych::ui

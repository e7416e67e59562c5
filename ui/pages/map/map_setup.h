// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/embedding_map.h"
#include "ui/models/formatting.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QFrame;
class QPushButton;
class QToolButton;

namespace diptych::ui {

class ParamForm;

/// What a map can be made of, and the choice of it: dataset, model, images or texts, method and its settings.
/// GUI thread.
class MapSetup : public QWidget {
    Q_OBJECT

public:
    struct Choices {
        std::vector<DatasetInfo> datasets;
        std::vector<std::vector<std::string>> splits;     ///< of each dataset
        std::vector<std::vector<std::string>> classNames; ///< of each dataset, the first two
        std::vector<ModelRecord> models;
    };

    explicit MapSetup(QWidget* parent = nullptr);
    /// Keeps what is chosen where it is still there. @param wanted dataset to choose instead; none = as it is
    void setChoices(Choices choices, DatasetId wanted);
    void chooseDataset(DatasetId id);
    /// What the method is called in the settings of the program; one that is not there changes nothing.
    QString methodName() const;
    void setMethodName(const QString& name);
    DatasetId dataset() const;
    int64_t imageCount() const; ///< of the dataset
    ProjectionMethod method() const;
    MapContent content() const;
    /// Encodes nothing unless asked to.
    MapSpec spec() const;
    /// What is not there yet, for people; empty = nothing.
    QString missing() const;
    /// While a map is made the button stops it.
    void setMaking(bool making);
    bool making() const { return m_making; }

Q_SIGNALS:
    void changed();                            ///< another choice, by whomever
    void datasetChosen(diptych::DatasetId id); ///< by the person
    void makeRequested();
    void cancelRequested();

private:
    QComboBox* addCombo(const char* name, const QString& title, int characters);
    void buildSettings();
    void fillSettings();
    std::vector<ParamSpec> settingSpecs() const;
    void addMethodSpecs(std::vector<ParamSpec>& specs) const;
    void addTextSpecs(std::vector<ParamSpec>& specs) const;
    void addAxisSpecs(std::vector<ParamSpec>& specs) const;
    bool byText() const; ///< texts span the map
    std::vector<TextAxis> axes() const;
    void showSettings();
    void edited();
    size_t datasetIndex() const;

    Choices m_choices;
    QComboBox *m_dataset, *m_model, *m_content, *m_method;
    QToolButton* m_settings;
    QPushButton* m_make;
    QFrame* m_panel; ///< a window of its own below the settings button
    ParamForm* m_form;
    Json m_kept = Json::object(); ///< settings that the form does not show now
    bool m_making = false;
};

} // namespace diptych::ui

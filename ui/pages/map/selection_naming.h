// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/embedding_map.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;

namespace diptych::ui {

/// What may tell the selected images from all: a vocabulary, a button, and the words nearest to them. GUI
/// thread.
class SelectionNaming : public QWidget {
    Q_OBJECT

public:
    static constexpr size_t kShown = 5;

    explicit SelectionNaming(QWidget* parent = nullptr);
    void setHasClasses(bool has); ///< whether the dataset's classes can be chosen
    void setPossible(bool possible);
    /// "classes", kCommonWords or a file.
    std::string vocabulary() const;
    void showNames(const std::vector<SelectionName>& names);
    void showWords(const QString& words); ///< instead of names, e.g. why there are none; empty = nothing

Q_SIGNALS:
    void requested();

private:
    void choose(int row);

    QComboBox* m_vocabulary;
    QPushButton* m_name;
    QLabel* m_names;
    int m_chosen = 0;
};

} // namespace diptych::ui

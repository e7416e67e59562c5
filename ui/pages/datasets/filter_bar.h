// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <QStringList>
#include <QTimer>
#include <QWidget>

#include <map>
#include <utility>
#include <vector>

class QBoxLayout;
class QComboBox;
class QLineEdit;
class QSlider;

namespace diptych::ui {

class MultiChoice;

/// What of a dataset is shown and in which order. Text is taken over a moment after the last key.
class FilterBar : public QWidget {
    Q_OBJECT
public:
    /// What there is to choose from.
    struct Choices {
        QStringList classNames;
        std::vector<std::pair<QString, int64_t>> splits; ///< with their counts
        std::vector<TagInfo> tags;
        int64_t noteCount = 0;
        std::map<int, int64_t> labelCounts; ///< as Workspace::labelCounts()
        std::vector<ColumnInfo> columns;
    };
    explicit FilterBar(QWidget* parent = nullptr);

    /// Keeps what is chosen where it still exists. Emits nothing.
    void setChoices(const Choices& choices);
    /// Emits nothing. Text that is being typed stays as it is.
    void setFilter(const SampleFilter& filter);
    void setSort(const SampleSort& sort); ///< emits nothing
    /// What was set, with what was changed here since; conditions that are not shown here stay.
    SampleFilter filter() const;
    SampleSort sort() const;
    void focusSearch();
    void setThumbnailSide(int side);
    /// Whether classes, columns, tags and splits can be chosen here, where a dataset has them.
    void setChoicesShown(bool shown);
    /// At the end of the first line. @param tool is this widget's from now on
    void addTool(QWidget* tool);
    /// That of two lines, so that one line never keeps the window wide.
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void changed();
    void thumbnailSideChanged(int side);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void buildControls();
    void showChoices();
    void arrange();
    void connectControls();
    void emitNow();
    void takeClasses();
    void takeColumns();
    void takeTags();
    void takeSplits();
    static QStringList chosenOf(const MultiChoice* choice, const QStringList& set);
    void fillClasses(const Choices& choices);
    void fillColumns(const std::vector<ColumnInfo>& columns);
    void fillOrders(const std::vector<ColumnInfo>& columns);

    // In the order of reading, which Tab follows.
    QLineEdit* m_search;
    QComboBox* m_sort;
    QSlider* m_size;
    MultiChoice* m_class;
    MultiChoice* m_columns;
    MultiChoice* m_tag;
    MultiChoice* m_split;
    QBoxLayout* m_lines; ///< what is found | what is shown of it
    QBoxLayout* m_find;  ///< the first of them
    bool m_choicesShown = true;
    QTimer m_typing;
    QStringList m_shownColumns; ///< in the order list
    SampleFilter m_set;         ///< all of it but the text, which is in the search field
};

} // namespace diptych::ui

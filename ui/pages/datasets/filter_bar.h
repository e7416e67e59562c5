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
        QStringList classNames, splits;
        std::vector<TagInfo> tags;
        bool anyNotes = false;
        std::map<int, int64_t> labelCounts; ///< as Workspace::labelCounts()
        std::vector<ColumnInfo> columns;
    };
    explicit FilterBar(QWidget* parent = nullptr);

    /// Keeps what is chosen where it still exists. Emits nothing.
    void setChoices(const Choices& choices);
    /// Emits nothing.
    void setFilter(const SampleFilter& filter);
    SampleFilter filter() const;
    SampleSort sort() const;
    bool filtering() const; ///< anything beyond "all"
    void clear();           ///< shows all again; emits changed() if that is a change
    void focusSearch();
    void setThumbnailSide(int side);
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
    void arrange();
    void connectControls();
    void emitNow();
    void fillClasses(const Choices& choices);
    void fillColumns(const std::vector<ColumnInfo>& columns);
    void fillOrders(const std::vector<ColumnInfo>& columns);
    /// One line each, and one for all at the top. @param names what is stored, and what is shown
    static void fill(QComboBox* box, const QString& all,
                     const std::vector<std::pair<QString, QString>>& names);

    // In the order of reading, which Tab follows.
    QLineEdit* m_search;
    QComboBox* m_sort;
    QSlider* m_size;
    MultiChoice* m_class;
    MultiChoice* m_columns;
    QComboBox* m_tag;
    QComboBox* m_split;
    QBoxLayout* m_lines; ///< what is found | what is shown of it
    QTimer m_typing;
    QStringList m_shownColumns; ///< in the order list
};

} // namespace diptych::ui

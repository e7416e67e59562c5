// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"

#include <QStringList>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QSlider;

namespace diptych::ui {

/// What of a dataset is shown and in which order. Text is taken over a moment after the last key.
class FilterBar : public QWidget {
    Q_OBJECT
public:
    /// What there is to choose from.
    struct Choices {
        QStringList classNames, tags, splits;
        bool hasUnlabelled = false;
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

Q_SIGNALS:
    void changed();
    void thumbnailSideChanged(int side);

private:
    void buildControls();
    void connectControls();
    void emitNow();
    static void fill(QComboBox* box, const QString& all, const QStringList& names);

    QLineEdit* m_search;
    QComboBox* m_class;
    QComboBox* m_tag;
    QComboBox* m_split;
    QComboBox* m_sort;
    QSlider* m_size;
    QTimer m_typing;
    QStringList m_classNames;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/records.h"
#include "ui/pages/page.h"

class QLabel;
class QLineEdit;

namespace diptych::ui {

class CorrectionHistory;

/// A sample's corrected labels, tags and note, to read and to change.
class MarksEditor : public QWidget {
    Q_OBJECT
public:
    explicit MarksEditor(const PageContext& context, QWidget* parent = nullptr);
    void show(const Sample& sample);

private:
    void follow(const QString& link);
    void addTag();

    PageContext m_context;
    Sample m_sample;
    QLabel *m_tags, *m_note;
    QLineEdit* m_newTag;
    CorrectionHistory* m_corrections;
};

} // namespace diptych::ui

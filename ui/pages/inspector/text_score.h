// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/pages/inspector/inspected.h"
#include "ui/pages/page.h"

#include <QTimer>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace diptych::ui {

/// The score of a text that is typed with the image shown, and where it stands among the dataset's images;
/// follows typing and the image.
class TextScoreField : public QWidget {
    Q_OBJECT
public:
    explicit TextScoreField(const PageContext& context, QWidget* parent = nullptr);
    void show(const Inspected& inspected);
    /// Puts a button beside the text.
    void addButton(QToolButton* button);

Q_SIGNALS:
    void textSettled(const QString& text); ///< without blanks around it, when typing pauses

private:
    void score();

    PageContext m_context;
    LatestOnly m_scoring;
    Inspected m_inspected;
    QTimer m_typing;
    QHBoxLayout* m_line;
    QLineEdit* m_text;
    QLabel* m_score;
    bool m_waitsForModel = false;
};

} // namespace diptych::ui

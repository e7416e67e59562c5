// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/pages/inspector/inspected.h"
#include "ui/pages/page.h"

#include <QTimer>

class QLabel;
class QLineEdit;

namespace diptych::ui {

/// The score of a text that is typed with the image shown, and where it stands among the dataset's images;
/// follows typing and the image.
class TextScoreField : public QWidget {
    Q_OBJECT
public:
    explicit TextScoreField(const PageContext& context, QWidget* parent = nullptr);
    void show(const Inspected& inspected);

private:
    void score();

    PageContext m_context;
    LatestOnly m_scoring;
    Inspected m_inspected;
    QTimer m_typing;
    QLineEdit* m_text;
    QLabel* m_score;
    bool m_waitsForModel = false;
};

} // namespace diptych::ui

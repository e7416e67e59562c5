// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QTextBrowser;

namespace diptych::ui {

/// The program's own documentation, from its resources: docs/window.md, docs/metrics.md and docs/map.md.
class Guide : public QDialog {
    Q_OBJECT
public:
    explicit Guide(QWidget* parent = nullptr);
    /// Shows the guide at the part with this heading, at its start if there is none.
    void showPart(const QString& heading);
    QString text() const; ///< of the document shown
    /// The heading that stands at the top of the view.
    QString currentHeading() const;

private:
    void openDocument(const QString& name);

    QTextBrowser* m_browser;
};

} // namespace diptych::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>

class QCustomPlot;
class QPagedPaintDevice;
class QPaintDevice;
class QPainter;
class QToolButton;
class QWidget;

namespace diptych::ui {

/// Gives a chart the actions "Copy picture", "Copy values", "Save as…" and "Print…" in its context menu.
/// Owned by the chart. GUI thread.
class PlotExport : public QObject {
    Q_OBJECT

public:
    /// @param chart the widget that people see; @param plot inside it
    /// @param values makes comma-separated text of what is shown, a header first
    PlotExport(QWidget& chart, QCustomPlot& plot, std::function<QString()> values);
    /// For a chart that paints itself.
    PlotExport(QWidget& chart, std::function<QString()> values);
    /// Writes the plot as shown: .png (twice as dense as the screen), .svg, or its values as .csv.
    /// @throws Error InvalidArgument for another ending; what could not be written
    void save(const QString& file) const;
    /// As large as the page allows, its proportions kept, in vectors.
    void print(QPagedPaintDevice& printer) const;

private:
    void addActions();
    void addAction(const QString& text, const char* name, void (PlotExport::*act)());
    QSize size() const;
    /// @param scale device units for a pixel of the chart
    void paint(QPaintDevice& device, double scale) const;
    QImage image() const; ///< twice as dense as the screen
    QByteArray svg() const;
    void copyPicture();
    void copyValues();
    void askAndSave();
    void askAndPrint();

    QWidget& m_chart;
    QCustomPlot* m_plot = nullptr; ///< null: the chart paints itself
    std::function<QString()> m_values;
};

/// A button with the actions of @p chart, for people who do not look for a context menu.
QToolButton* plotMenuButton(QWidget& chart);

/// What @p paint draws, as an SVG file of that size in pixels.
QByteArray svgBytes(const QSize& size, const QString& title, const std::function<void(QPainter&)>& paint);

/// One line of comma-separated text with its end, quoted where need be (RFC 4180); what a spreadsheet would
/// run as a formula gets an apostrophe, as in all tables.
QString csvLine(const QStringList& fields);

} // namespace diptych::ui

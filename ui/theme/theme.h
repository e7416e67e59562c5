// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QString>

class QAbstractButton;
class QApplication;
class QFrame;
class QLabel;
class QPushButton;
class QWidget;

namespace diptych::ui::theme {

/// Distances in device-independent pixels; nothing in the window uses others.
inline constexpr int kTiny = 4, kSmall = 8, kMedium = 12, kLarge = 16, kHuge = 24;
inline constexpr int kRadius = 6;

/// Colours by what they are for; contrast of every text role on the surfaces is at least 4.5:1.
struct Colors {
    bool dark = false;
    QColor window;     ///< behind everything
    QColor surface;    ///< lists, tables, fields, cards
    QColor raised;     ///< hovered rows, headers
    QColor sunken;     ///< behind pictures
    QColor border;     ///< hairlines
    QColor text;       ///< body
    QColor mutedText;  ///< secondary text, captions
    QColor accent;     ///< selection, primary buttons, focus
    QColor accentText; ///< on accent
    QColor accentSoft; ///< selected rows, hints
    QColor success, warning, danger;
    QColor dangerSoft, warningSoft; ///< backgrounds of banners
};

enum class Mode { System, Light, Dark };

/// Sets style, palette and style sheet of the whole program; may be called again at any time.
void apply(QApplication& app, Mode mode);
/// Text of the whole program at so many hundredths of the system's size. Labels styled before keep their
/// proportion to each other. May be called again at any time, after apply() too.
void setTextPercent(int percent);
/// Of the theme in use; read it when painting, do not keep it.
const Colors& colors();
/// Categories in plots: Okabe and Ito's eight colours, told apart with all common colour deficiencies,
/// adjusted in lightness for the background in use. Index wraps around.
QColor chartColor(int index);
/// 0..1 to a colour of a perceptually even, colour-blind safe ramp from the surface (0) to the accent (1);
/// for heat maps.
QColor heatColor(double value);
/// Black or white, whichever reads better on @p background.
QColor textOn(const QColor& background);

/// resources/icons/<name>.svg tinted to the palette, with a paler form for disabled; follows theme changes.
QIcon icon(const QString& name);
/// In its own colours.
QIcon applicationIcon();

/// The main action of a page or dialog: filled with the accent. One per view.
void makePrimary(QPushButton* button);
/// A button or tool button without a frame until hovered.
void makeFlat(QAbstractButton* button);
/// A bordered, rounded surface for a group of things.
void makeCard(QFrame* frame);

/// The label of a field in a grid or form: as high as the field, so that their texts are on one line.
QLabel* fieldLabel(const QString& text, QWidget* field);

/// Typographic steps on top of the system's font.
enum class Text { Title, Heading, Body, Caption, Number, Mono };
QFont font(Text step);
/// Gives a label its step's font; Caption also the muted colour. Follows theme changes.
void style(QLabel* label, Text step);

/// Tells widgets that paint themselves when to paint again.
class Notifier : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
Q_SIGNALS:
    void changed();
};
/// Lives as long as the application object; null before apply().
Notifier* notifier();

} // namespace diptych::ui::theme

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/style_sheet.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFrame>
#include <QLabel>
#include <QPalette>
#include <QPointer>
#include <QPushButton>
#include <QStyle>
#include <QStyleFactory>

#include <algorithm>
#include <array>
#include <cmath>

namespace diptych::ui::theme {

namespace {

const Colors kLight{false,
                    QColor(0xf4, 0xf5, 0xf7),
                    QColor(0xff, 0xff, 0xff),
                    QColor(0xeb, 0xed, 0xf1),
                    QColor(0xe7, 0xe9, 0xed),
                    QColor(0xd6, 0xda, 0xe0),
                    QColor(0x1c, 0x20, 0x26),
                    QColor(0x5a, 0x62, 0x70),
                    QColor(0x2f, 0x5f, 0xd0),
                    QColor(0xff, 0xff, 0xff),
                    QColor(0xe1, 0xe9, 0xfb),
                    QColor(0x1b, 0x78, 0x4a),
                    QColor(0x8a, 0x5a, 0x00),
                    QColor(0xb3, 0x26, 0x1e),
                    QColor(0xfb, 0xe9, 0xe7),
                    QColor(0xff, 0xf3, 0xd9)};

const Colors kDark{true,
                   QColor(0x1a, 0x1c, 0x20),
                   QColor(0x22, 0x25, 0x2a),
                   QColor(0x2d, 0x31, 0x38),
                   QColor(0x15, 0x17, 0x1a),
                   QColor(0x3a, 0x3f, 0x47),
                   QColor(0xe6, 0xe8, 0xeb),
                   QColor(0xa3, 0xaa, 0xb5),
                   QColor(0x7a, 0xa2, 0xff),
                   QColor(0x0e, 0x15, 0x25),
                   QColor(0x2a, 0x39, 0x5c),
                   QColor(0x5b, 0xc9, 0x8f),
                   QColor(0xe8, 0xb0, 0x4a),
                   QColor(0xff, 0x8a, 0x80),
                   QColor(0x42, 0x27, 0x29),
                   QColor(0x3d, 0x33, 0x1e)};

// Okabe and Ito, "Color Universal Design" (2008), reordered; yellow and black give way to tones that show on
// the background in use.
const std::array<QColor, 8> kChartLight{
    QColor(0x00, 0x72, 0xb2), QColor(0xe6, 0x9f, 0x00), QColor(0x00, 0x9e, 0x73), QColor(0xcc, 0x79, 0xa7),
    QColor(0xd5, 0x5e, 0x00), QColor(0x56, 0xb4, 0xe9), QColor(0x9c, 0x8f, 0x00), QColor(0x5a, 0x62, 0x70)};
const std::array<QColor, 8> kChartDark{
    QColor(0x4b, 0xa3, 0xe3), QColor(0xf0, 0xb0, 0x3c), QColor(0x2f, 0xc4, 0x98), QColor(0xe3, 0x9c, 0xc4),
    QColor(0xf0, 0x82, 0x3a), QColor(0x8f, 0xd0, 0xf7), QColor(0xf0, 0xe4, 0x42), QColor(0xb4, 0xba, 0xc4)};

struct State {
    const Colors* colors = &kLight;
    QPointer<Notifier> notifier;
    bool systemDark = false;
    bool systemKnown = false;
    QFont systemFont;
    bool fontKnown = false;
};

State& themeState() {
    static State state;
    return state;
}

QPalette paletteOf(const Colors& c) {
    QPalette p;
    p.setColor(QPalette::Window, c.window);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.surface);
    p.setColor(QPalette::AlternateBase, c.window);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::PlaceholderText, c.mutedText);
    p.setColor(QPalette::Button, c.dark ? c.raised : c.surface);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.danger);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.accentText);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    p.setColor(QPalette::ToolTipBase, c.raised);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Light, c.surface);
    p.setColor(QPalette::Midlight, c.raised);
    p.setColor(QPalette::Mid, c.border);
    p.setColor(QPalette::Dark, c.border.darker(120));
    p.setColor(QPalette::Shadow, c.dark ? QColor(0, 0, 0) : QColor(0x80, 0x86, 0x90));
    QColor faint = c.mutedText;
    faint.setAlphaF(0.6F);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, faint);
    return p;
}

double luminance(const QColor& color) {
    auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

void apply(QApplication& app, Mode mode) {
    State& state = themeState();
    if (!state.systemKnown) {
        // Qt 6.4 does not tell the system's scheme; its own palette, before ours, does.
        const QPalette system = QApplication::palette();
        state.systemDark =
            luminance(system.color(QPalette::Window)) < luminance(system.color(QPalette::WindowText));
        state.systemKnown = true;
    }
    if (!state.notifier)
        state.notifier = new Notifier(&app);
    const bool dark = mode == Mode::Dark || (mode == Mode::System && state.systemDark);
    state.colors = dark ? &kDark : &kLight;
    if (QApplication::style()->objectName() != QLatin1String("fusion") || app.styleSheet().isEmpty())
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(paletteOf(*state.colors));
    QApplication::setWindowIcon(applicationIcon());
    app.setStyleSheet(styleSheet(*state.colors));
    Q_EMIT state.notifier->changed();
}

void setTextPercent(int percent) {
    State& state = themeState();
    if (!state.fontKnown) {
        state.systemFont = QApplication::font();
        state.fontKnown = true;
    }
    QFont font = state.systemFont;
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * percent / 100);
    const double ratio = font.pointSizeF() / QApplication::font().pointSizeF();
    QApplication::setFont(font);
    // Fonts that were set on a widget do not follow the program's.
    for (QWidget* widget : QApplication::allWidgets())
        if (widget->testAttribute(Qt::WA_SetFont) && widget->font().pointSizeF() > 0) {
            QFont own = widget->font();
            own.setPointSizeF(own.pointSizeF() * ratio);
            widget->setFont(own);
        }
    if (state.notifier)
        Q_EMIT state.notifier->changed();
}

const Colors& colors() {
    return *themeState().colors;
}

Notifier* notifier() {
    return themeState().notifier;
}

QColor chartColor(int index) {
    const auto& palette = colors().dark ? kChartDark : kChartLight;
    const int n = static_cast<int>(palette.size());
    return palette[static_cast<size_t>(((index % n) + n) % n)];
}

QColor heatColor(double value) {
    // Lightness falls evenly from the surface through the accent's hue; a single hue keeps order readable
    // without colour vision.
    const std::array<QColor, 4> light{QColor(0xf7, 0xf9, 0xfd), QColor(0xb6, 0xcb, 0xf2),
                                      QColor(0x5c, 0x8a, 0xdf), QColor(0x1b, 0x3f, 0x96)};
    const std::array<QColor, 4> dark{QColor(0x26, 0x2a, 0x31), QColor(0x2c, 0x46, 0x7d),
                                     QColor(0x4d, 0x7c, 0xd9), QColor(0xb9, 0xd0, 0xff)};
    const auto& stops = colors().dark ? dark : light;
    const double scaled = std::clamp(std::isnan(value) ? 0.0 : value, 0.0, 1.0) * 3;
    const auto i = std::min<size_t>(2, static_cast<size_t>(scaled));
    const double t = scaled - static_cast<double>(i);
    auto mix = [t](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * t)); };
    return {mix(stops[i].red(), stops[i + 1].red()), mix(stops[i].green(), stops[i + 1].green()),
            mix(stops[i].blue(), stops[i + 1].blue())};
}

QColor textOn(const QColor& background) {
    // Above this luminance black has the higher contrast ratio (WCAG 2).
    return luminance(background) > 0.179 ? QColor(Qt::black) : QColor(Qt::white);
}

namespace {
/// Style sheets look at properties when a widget is polished, which may have been before.
void setKind(QWidget* widget, const QString& kind) {
    widget->setProperty("kind", kind);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}
} // namespace

void makePrimary(QPushButton* button) {
    setKind(button, QStringLiteral("primary"));
}

void makeFlat(QAbstractButton* button) {
    setKind(button, QStringLiteral("flat"));
}

QLabel* fieldLabel(const QString& text, QWidget* field) {
    auto* label = new QLabel(text, field->parentWidget());
    label->setBuddy(field);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    label->setMinimumHeight(field->sizeHint().height());
    return label;
}

void makeCard(QFrame* frame) {
    frame->setFrameShape(QFrame::NoFrame);
    frame->setProperty("card", true);
}

QFont font(Text step) {
    QFont f = QApplication::font();
    const double size = f.pointSizeF() > 0 ? f.pointSizeF() : 10;
    switch (step) {
    case Text::Title:
        f.setPointSizeF(size * 1.6);
        f.setWeight(QFont::DemiBold);
        break;
    case Text::Heading:
        f.setPointSizeF(size * 1.15);
        f.setWeight(QFont::DemiBold);
        break;
    case Text::Caption:
        f.setPointSizeF(std::max(size * 0.9, 7.5));
        break;
    case Text::Number:
        f.setPointSizeF(size * 2.0);
        f.setWeight(QFont::DemiBold);
        break;
    case Text::Mono:
        f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        f.setPointSizeF(size * 0.95);
        break;
    case Text::Body:
        break;
    }
    return f;
}

void style(QLabel* label, Text step) {
    label->setFont(font(step));
    label->setForegroundRole(step == Text::Caption ? QPalette::PlaceholderText : QPalette::WindowText);
}

} // namespace diptych::ui::theme

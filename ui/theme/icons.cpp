// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

// Outside any namespace, as Q_INIT_RESOURCE wants it: resources in a static library must be asked for.
static void initIconResources() {
    Q_INIT_RESOURCE(icons);
}

namespace diptych::ui::theme {

namespace {

QColor tintFor(QIcon::Mode mode, QIcon::State state) {
    const Colors& c = colors();
    if (mode == QIcon::Disabled) {
        QColor faint = c.mutedText;
        faint.setAlphaF(0.5F);
        return faint;
    }
    return state == QIcon::On ? c.accent : (mode == QIcon::Selected ? c.text : c.mutedText);
}

/// Draws the shape of an SVG in a colour of the theme, whatever colour the file has.
class TintedIconEngine : public QIconEngine {
public:
    explicit TintedIconEngine(QString name) : m_name(std::move(name)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
        const double scale = painter->device() ? painter->device()->devicePixelRatio() : 1.0;
        painter->drawPixmap(rect, scaledPixmap(rect.size() * scale, mode, state, scale));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        return scaledPixmap(size, mode, state, 1.0);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal) override {
        const QColor tint = tintFor(mode, state);
        const QString key = QStringLiteral("diptych-icon/%1/%2/%3x%4")
                                .arg(m_name, tint.name(QColor::HexArgb))
                                .arg(size.width())
                                .arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap))
            return pixmap;
        QImage image(size, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        QSvgRenderer renderer(QStringLiteral(":/icons/%1.svg").arg(m_name));
        renderer.render(&painter, QRectF(QPointF(0, 0), QSizeF(size)));
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(image.rect(), tint);
        painter.end();
        pixmap = QPixmap::fromImage(image);
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }
    QIconEngine* clone() const override { return new TintedIconEngine(m_name); }

private:
    QString m_name;
};

} // namespace

QIcon icon(const QString& name) {
    initIconResources();
    Q_ASSERT(QFile::exists(QStringLiteral(":/icons/%1.svg").arg(name)));
    return QIcon(new TintedIconEngine(name));
}

QIcon applicationIcon() {
    initIconResources();
    return QIcon(QStringLiteral(":/icons/diptych.svg"));
}

} // namespace diptych::ui::theme

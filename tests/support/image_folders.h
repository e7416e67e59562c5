// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QDir>
#include <QFile>
#include <QImage>
#include <QPainter>
#include <QString>
#include <QStringList>

namespace diptych::test {

/// Writes a picture whose colour follows from its name, so that pictures can be told apart.
inline void writePicture(const QString& path, QSize size = {48, 32}) {
    QImage image(size, QImage::Format_RGB32);
    image.fill(QColor::fromHsv(static_cast<int>(qHash(path) % 360), 160, 220));
    QPainter painter(&image);
    painter.fillRect(QRect(size.width() / 4, size.height() / 4, size.width() / 2, size.height() / 2),
                     QColor::fromHsv(static_cast<int>(qHash(path, 7) % 360), 200, 120));
    painter.end();
    image.save(path);
}

/// A folder for each class with @p perClass pictures "<class>_000.png" in it.
inline void writeImageFolder(const QString& root, const QStringList& classNames, int perClass) {
    for (const QString& name : classNames) {
        QDir().mkpath(root + QLatin1Char('/') + name);
        for (int i = 0; i < perClass; ++i)
            writePicture(QStringLiteral("%1/%2/%2_%3.png").arg(root, name).arg(i, 3, 10, QLatin1Char('0')));
    }
}

inline void writeText(const QString& path, const QByteArray& text) {
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(text);
}

} // namespace diptych::test

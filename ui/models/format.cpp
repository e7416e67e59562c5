// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace diptych::ui {

namespace {
QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui::format", text);
}
} // namespace

QString countText(int64_t count) {
    return QLocale().toString(static_cast<qlonglong>(count));
}

QString countText(int64_t count, const QString& one, const QString& many) {
    return countText(count) + QLatin1Char(' ') + (count == 1 ? one : many);
}

QString durationText(double seconds) {
    if (!(seconds >= 0) || seconds > 1e9)
        return {};
    const auto whole = static_cast<qlonglong>(std::llround(seconds));
    if (whole < 60)
        return tr("%1 s").arg(whole);
    if (whole < 3600)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString rateText(double perSecond) {
    if (perSecond >= 100)
        return countText(std::llround(perSecond));
    return QLocale().toString(perSecond, 'f', perSecond >= 10 ? 1 : 2);
}

QString bytesText(uint64_t bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

} // namespace diptych::ui

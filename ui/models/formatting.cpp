// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/formatting.h"

#include "core/metrics/metric_help.h"
#include "core/metrics/metric_text.h"
#include "core/metrics/number_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace diptych::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("diptych::ui", text);
}

} // namespace

QString toQString(const std::string& text) {
    return QString::fromStdString(text);
}

QString asContinuation(const QString& title) {
    const bool name = title.size() > 1 && !title[1].isLower(); // "ECE", "F1", "mAP"
    return title.isEmpty() || name ? title : title[0].toLower() + title.mid(1);
}

QString shareText(double value) {
    return toQString(diptych::shareText(value));
}

QString cosineText(double value) {
    return toQString(diptych::cosineText(value));
}

QString scoreText(double score, bool matching) {
    return toQString(diptych::scoreText(score, matching));
}

QString scoreName(bool matching) {
    return matching ? tr("Match logit") : tr("Cosine");
}

QString numberText(double value) {
    return toQString(diptych::numberText(value));
}

QString metricToolTip(const std::string& name) {
    QString text = QStringLiteral("<b>%1</b>").arg(toQString(metricTitle(name)).toHtmlEscaped());
    if (const std::string help = metricHelpText(name); !help.empty())
        text += QStringLiteral("<p>%1</p>")
                    .arg(toQString(help).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
    return text;
}

QString durationText(double seconds) {
    if (seconds < 0)
        return QStringLiteral("–");
    if (seconds < 1)
        return tr("%1 ms").arg(std::lround(seconds * 1000));
    if (seconds < 60)
        return tr("%1 s").arg(QLocale().toString(seconds, 'f', 1));
    const long long whole = std::llround(seconds);
    if (whole < 3600)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60, 2, 10, QLatin1Char('0'));
}

QString timeText(const std::string& isoUtc) {
    QDateTime time = QDateTime::fromString(toQString(isoUtc), Qt::ISODate);
    if (!time.isValid())
        return toQString(isoUtc);
    time.setTimeSpec(Qt::UTC);
    return QLocale().toString(time.toLocalTime(), QStringLiteral("d MMM yyyy, HH:mm"));
}

QString countText(long long count) {
    if (count < 10'000)
        return QLocale().toString(count);
    if (count < 1'000'000)
        return tr("%1 k").arg(QLocale().toString(static_cast<double>(count) / 1e3, 'f', 1));
    if (count < 1'000'000'000)
        return tr("%1 M").arg(QLocale().toString(static_cast<double>(count) / 1e6, 'f', 1));
    return tr("%1 B").arg(QLocale().toString(static_cast<double>(count) / 1e9, 'f', 2));
}

QString exactCountText(long long count) {
    return QLocale().toString(count);
}

QString countOf(long long count, const QString& one, const QString& many) {
    return exactCountText(count) + QLatin1Char(' ') + (count == 1 ? one : many);
}

QString rateText(double perSecond) {
    if (perSecond >= 100)
        return exactCountText(std::llround(perSecond));
    return QLocale().toString(perSecond, 'f', perSecond >= 10 ? 1 : 2);
}

QString bytesText(unsigned long long bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

} // namespace diptych::ui

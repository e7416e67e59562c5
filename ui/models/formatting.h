// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>

namespace diptych::ui {

QString toQString(const std::string& text);
/// A title after other words: "Top-1 accuracy" as "top-1 accuracy", "ROC curve" as it is.
QString asContinuation(const QString& title);
/// As core/metrics/number_text.h writes them: "93.4 %", "0.2431", "1.025"; "–" where there is no number.
QString shareText(double value);
QString cosineText(double value);
QString numberText(double value);
/// How well an image and a text fit: "0.2431" for a cosine, "1.025" for a matcher's logit (log-odds where it
/// has one for each answer).
QString scoreText(double score, bool matching);
/// What such scores are: "Cosine", "Match logit".
QString scoreName(bool matching);
/// Title, definition, range, formula and source of a metric, as rich text for a tool tip.
QString metricToolTip(const std::string& name);
/// "1.4 s", "2 min 05 s"
QString durationText(double seconds);
/// "24 Nov 2026, 21:03" in local time from ISO 8601 UTC.
QString timeText(const std::string& isoUtc);
/// "151 M", "3.2 k"
QString countText(long long count);
/// Every digit, grouped: "100,000".
QString exactCountText(long long count);
/// "1 image", "100,000 images"
QString countOf(long long count, const QString& one, const QString& many);
/// Items a second in three figures: "0.42", "7.5", "340"
QString rateText(double perSecond);
/// "578 MB"
QString bytesText(unsigned long long bytes);

} // namespace diptych::ui

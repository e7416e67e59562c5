// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace diptych {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kTitles = {{
    {"top1", "Top-1 accuracy"},
    {"top5", "Top-5 accuracy"},
    {"mean_per_class_recall", "Mean per-class recall"},
    {"ece", "Calibration error (ECE)"},
    {"mce", "Largest calibration error"},
    {"log_loss", "Log loss"},
    {"roc_auc", "Area under the ROC curve"},
    {"average_precision", "Average precision"},
    {"groups_right", "Confounder groups all right"},
    {"map", "Mean average precision"},
    {"image_retrieval_recall@1", "Text to image, recall at 1"},
    {"image_retrieval_recall@5", "Text to image, recall at 5"},
    {"image_retrieval_recall@10", "Text to image, recall at 10"},
    {"text_retrieval_recall@1", "Image to text, recall at 1"},
    {"text_retrieval_recall@5", "Image to text, recall at 5"},
    {"text_retrieval_recall@10", "Image to text, recall at 10"},
    {"text_to_image_median_rank", "Text to image, median rank"},
    {"image_to_text_median_rank", "Image to text, median rank"},
    {"map_at_r", "Image to text, mAP at R"},
    {"lp_acc1", "Top-1 accuracy (probe)"},
    {"lp_acc5", "Top-5 accuracy (probe)"},
    {"lp_mean_per_class_recall", "Mean per-class recall (probe)"},
    {"lp_train_acc1", "Accuracy on training images"},
    {"lp_acc1_spread", "Spread over draws"},
    {"zero_shot_acc1", "Top-1 accuracy (zero-shot)"},
    {"top1_among_labels", "Best class is among the labels"},
    {"accuracy_at_0.5", "Accuracy at 0.5"},
    {"accuracy_at_threshold", "Accuracy at the chosen threshold"},
    {"clipscore", "CLIPScore"},
    {"refclipscore", "RefCLIPScore"},
    {"paired_difference", "Difference of two runs"},
    {"mcnemar", "McNemar's test"},
}};

std::string text(double value, Unit unit) {
    if (!std::isfinite(value))
        return "undefined";
    if (unit == Unit::Share)
        return fmt::format("{:.1f}", 100 * value);
    return std::abs(value) < 1 ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

const char* suffix(Unit unit) {
    return unit == Unit::Share ? " %" : "";
}

} // namespace

std::string metricTitle(std::string_view name) {
    for (const auto& [key, title] : kTitles)
        if (key == name)
            return std::string(title);
    // lp_acc1_16_shots
    constexpr std::string_view kShotsBefore = "lp_acc1_", kShotsAfter = "_shots";
    if (name.starts_with(kShotsBefore) && name.ends_with(kShotsAfter)) {
        name.remove_prefix(kShotsBefore.size());
        name.remove_suffix(kShotsAfter.size());
        return fmt::format("Top-1 accuracy, {} of each class", name);
    }
    std::string title(name);
    std::replace(title.begin(), title.end(), '_', ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    return title;
}

std::string metricValueText(const Metric& metric) {
    const bool finite = std::isfinite(metric.value);
    return text(metric.value, metric.unit) + (finite ? suffix(metric.unit) : "");
}

std::string metricIntervalText(const Metric& metric) {
    if (!metric.interval)
        return "";
    return text(metric.interval->low, metric.unit) + " – " + text(metric.interval->high, metric.unit) +
           suffix(metric.unit);
}

std::string metricChanceText(const Metric& metric) {
    if (!metric.chance)
        return "";
    return text(*metric.chance, metric.unit) + suffix(metric.unit);
}

} // namespace diptych

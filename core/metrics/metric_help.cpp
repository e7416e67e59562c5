// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/metric_help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diptych {
namespace {

constexpr const char* kShareHigh = "0 to 1 (0 to 100 %); higher is better.";
constexpr const char* kRadford =
    "Radford et al.: Learning Transferable Visual Models From Natural Language Supervision, ICML 2021.";
constexpr const char* kGuo =
    "Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017.";
constexpr const char* kThrush =
    "Thrush et al.: Winoground: Probing Vision and Language Models for Visio-Linguistic Compositionality, "
    "CVPR 2022.";
constexpr const char* kHessel =
    "Hessel et al.: CLIPScore: A Reference-free Evaluation Metric for Image Captioning, EMNLP 2021.";
constexpr const char* kKiela =
    "Kiela et al.: The Hateful Memes Challenge: Detecting Hate Speech in Multimodal Memes, NeurIPS 2020.";
constexpr const char* kRecallSource = "As CLIP's paper and CLIP_benchmark count it for COCO and Flickr30k.";

std::vector<MetricHelp> classification() {
    return {
        {{"top1", "lp_acc1", "lp_acc1_#_shots", "zero_shot_acc1", "test_accuracy"},
         "Top-1 accuracy",
         "The share of images whose right class has the highest score. Among equal scores the first class is "
         "the prediction. Of a probe (lp_) it is measured on test images; with so many shots it is the mean "
         "over draws of training images.",
         kShareHigh,
         "1/n sum [prediction = label]",
         kRadford},
        {{"top5", "lp_acc5"},
         "Top-5 accuracy",
         "The share of images whose right class is among the five highest scores.",
         kShareHigh,
         "1/n sum [place of the label <= 5]",
         kRadford},
        {{"mean_per_class_recall", "lp_mean_per_class_recall"},
         "Mean per-class recall",
         "The share of each class's images that is recognised, averaged over classes, so that rare classes "
         "count as much as frequent ones. Classes without images are left out.",
         kShareHigh,
         "1/C sum over classes of (right in the class / images of the class)",
         "CLIP_benchmark's mean_per_class_recall, scikit-learn's balanced_accuracy_score."},
        {{"lp_train_acc1", "train_accuracy"},
         "Accuracy on training images",
         "How well the probe names the images it learnt from. Much above the accuracy on test images, it "
         "remembers rather than generalises.",
         kShareHigh,
         "1/n sum [prediction = label]",
         kRadford},
        {{"lp_acc1_spread"},
         "Spread over draws",
         "The standard deviation of the accuracy between draws of training images.",
         "0 to 1; lower is steadier.",
         "Standard deviation of the draws' accuracies",
         kRadford},
        {{"test_log_loss", "log_loss"},
         "Log loss",
         "How improbable the right classes are to the model, on average.",
         "0 and above; lower is better.",
         "-1/n sum ln p(label)",
         "scikit-learn's log_loss."},
        {{"ece"},
         "Expected calibration error",
         "How far confidence is from the share that is right, on average over 15 bins of equal width, each "
         "weighted by its images.",
         "0 to 1; lower is better.",
         "sum over bins of (images in the bin / n) |share right - mean confidence|",
         kGuo},
        {{"mce"},
         "Largest calibration error",
         "The gap between confidence and the share that is right, in the bin where it is widest.",
         "0 to 1; lower is better.",
         "max over bins of |share right - mean confidence|",
         kGuo},
    };
}

std::vector<MetricHelp> rankings() {
    return {
        {{"roc_auc"},
         "Area under the ROC curve",
         "The chance that an example of the second class scores higher than one of the first. Equal scores "
         "count half. Undefined where one class is missing.",
         "0 to 1, 0.5 for guessing; higher is better.",
         "P(s+ > s-) + P(s+ = s-) / 2",
         "Hanley, McNeil: The Meaning and Use of the Area under a ROC Curve, Radiology 1982; scikit-learn's "
         "roc_auc_score."},
        {{"average_precision", "ap"},
         "Average precision",
         "The precision at every step of the ranking, weighted by the recall it adds; not interpolated. "
         "Undefined without positives.",
         "0 to 1, the share of positives for guessing; higher is better.",
         "sum over thresholds of (R_k - R_(k-1)) P_k",
         "scikit-learn's average_precision_score."},
        {{"map"},
         "Mean average precision",
         "The average precision of ranking the images for each class, averaged over the classes that occur.",
         "0 to 1; higher is better.",
         "1/C sum over classes of AP",
         "CLIP_benchmark; classes without positives are left out where scikit-learn counts them as 0."},
        {{"top1_among_labels"},
         "Best class is among the labels",
         "The share of images whose highest-scoring class is one that they show. Images that show none are "
         "left out.",
         kShareHigh,
         "1/n sum [prediction in labels]",
         "Top-1 accuracy where an image has several labels."},
        {{"accuracy_at_0.5"},
         "Accuracy at 0.5",
         "The share of images on the right side of 0.5; a score of exactly 0.5 counts as positive.",
         kShareHigh,
         "1/n sum [(score >= 0.5) = label]",
         "scikit-learn's accuracy_score."},
        {{"accuracy_at_threshold", "accuracy"},
         "Accuracy at a threshold",
         "The share of examples on the right side of the threshold. A run chooses it for the best accuracy "
         "on "
         "the split 'train' (a warning says so where there is none); 'diptych metric binary' takes 0.5.",
         kShareHigh,
         "1/n sum [(score >= threshold) = label]",
         kKiela},
        {{"groups_right"},
         "Confounder groups all right",
         "The share of groups of memes with the same text or the same image, but other labels, in which "
         "every "
         "meme is told right.",
         kShareHigh,
         "1/groups sum [all of the group right]",
         kKiela},
    };
}

std::vector<MetricHelp> retrieval() {
    return {
        {{"image_retrieval_recall@#", "text_to_image_r#"},
         "Text to image, recall at K",
         "The share of captions that find their image among the first K of all images. Ties count against "
         "the model.",
         kShareHigh,
         "1/captions sum [place of the image <= K]",
         kRecallSource},
        {{"text_retrieval_recall@#", "image_to_text_r#"},
         "Image to text, recall at K",
         "The share of images that find at least one of their captions among the first K of all captions. "
         "Ties count against the model; images without captions are left out.",
         kShareHigh,
         "1/images sum [place of its best caption <= K]",
         kRecallSource},
        {{"text_to_image_median_rank"},
         "Text to image, median rank",
         "The place at which half of the captions have found their image.",
         "1 to the number of images; lower is better.",
         "median of the places, 1 = first",
         "Of an even number the mean of the middle two, as numpy.median; older programs round down."},
        {{"image_to_text_median_rank"},
         "Image to text, median rank",
         "The place at which half of the images have found their first own caption.",
         "1 to the number of captions; lower is better.",
         "median of the places, 1 = first",
         "Of an even number the mean of the middle two, as numpy.median; older programs round down."},
        {{"map_at_r"},
         "Image to text, mAP at R",
         "Of an image with R captions, the average precision over the first R places; averaged over images.",
         "0 to 1; higher is better.",
         "1/R sum over i <= R of P(i) [caption i is its own]",
         "Musgrave, Belongie, Lim: A Metric Learning Reality Check, ECCV 2020."},
    };
}

std::vector<MetricHelp> pairsAndCaptions() {
    return {
        {{"text_score", "text", "text_TAG"},
         "Text score",
         "The share of pairs in which each image scores higher with its own caption than with the other. "
         "Ties "
         "are wrong.",
         "0 to 1, 0.25 for guessing; higher is better.",
         "[s(c0,i0) > s(c1,i0) and s(c1,i1) > s(c0,i1)]",
         kThrush},
        {{"image_score", "image", "image_TAG"},
         "Image score",
         "The share of pairs in which each caption scores higher with its own image than with the other. "
         "Ties "
         "are wrong.",
         "0 to 1, 0.25 for guessing; higher is better.",
         "[s(c0,i0) > s(c0,i1) and s(c1,i1) > s(c1,i0)]",
         kThrush},
        {{"group_score", "group", "group_TAG"},
         "Group score",
         "The share of pairs for which both the text score and the image score hold.",
         "0 to 1, 1/6 for guessing; higher is better.",
         "[text and image]",
         kThrush},
        {{"clipscore", "per_item"},
         "CLIPScore",
         "How well a caption fits its image: their cosine, never below 0, times w. Averaged over captions.",
         "0 to w (2.5); higher is better. Real captions seldom exceed 1.",
         "w max(cos(image, caption), 0), w = 2.5",
         kHessel},
        {{"refclipscore"},
         "RefCLIPScore",
         "The harmonic mean of CLIPScore and the cosine with the closest reference caption.",
         "0 to 1.43 with w = 2.5; higher is better.",
         "2 a b / (a + b), a = CLIPScore, b = max(max over references of cos(reference, caption), 0)",
         kHessel},
    };
}

std::vector<MetricHelp> maps() {
    return {
        {{"explained_variance"},
         "Explained variance",
         "The variance of the features along each principal component, largest first. A single point has "
         "none.",
         "0 upwards, in the features' unit squared; neither way is better.",
         "eigenvalues of XᵀX / (n - 1), X the features less their mean",
         "Hotelling, 1933; scikit-learn's PCA."},
        {{"explained_variance_ratio"},
         "Share of the variance",
         "The part of the features' whole variance that lies along each principal component. Features that "
         "are all "
         "equal have none.",
         "0 to 1; the higher the sum over a map's axes, the less the map leaves out.",
         "explained variance / sum of the variances of all columns",
         "scikit-learn's PCA."},
        {{"trustworthiness_#"},
         "Trustworthiness of a map",
         "How far points that are near each other on a map are near each other in the features too. Each of "
         "a "
         "point's K nearest on the map that is not among its K nearest in the features costs by how far down "
         "it "
         "comes there. Needs more than 2 K points.",
         "0 to 1; higher is better.",
         "1 - 2 / (n K (2n - 3K - 1)) sum max(0, rank in the features - K)",
         "Venna, Kaski: Neighborhood Preservation in Nonlinear Projection Methods, ICANN 2001."},
        {{"label_agreement_#nn"},
         "Label agreement on a map",
         "The share of points whose K nearest on the map, the most of them, have the point's own label. "
         "Among equal "
         "numbers of votes the lowest label wins.",
         kShareHigh,
         "1/n sum [vote of the K nearest = label]",
         "Leave-one-out nearest-neighbour accuracy, as in van der Maaten: Accelerating t-SNE, JMLR 2014."},
    };
}

/// '#' in the pattern stands for one digit or more.
bool matches(std::string_view pattern, std::string_view name) {
    const size_t hash = pattern.find('#');
    if (hash == std::string_view::npos)
        return pattern == name;
    const std::string_view before = pattern.substr(0, hash), after = pattern.substr(hash + 1);
    if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
        return false;
    const std::string_view number = name.substr(before.size(), name.size() - before.size() - after.size());
    return std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<MetricHelp> comparisons() {
    return {
        {{"paired_difference"},
         "Difference of two runs",
         "The share of examples that the first run has right less that of the second, on the examples that "
         "both "
         "judge. Its interval is from the paired bootstrap: examples are drawn once for both runs, so that "
         "what "
         "is hard for both does not widen it. Where the interval leaves out 0, one run is better on such "
         "examples.",
         "-1 to 1 (-100 to 100 points); above 0 the first run is better.",
         "1/n sum ([first right] - [second right])",
         "Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapters 13 and 16."},
        {{"mcnemar"},
         "McNemar's test",
         "Whether the examples that only one of two runs has right fall to one side more often than chance: "
         "with "
         "b and c of them, p is the probability of a split at least as uneven if both runs were equally "
         "good. "
         "Below 25 such examples it is exact (binomial), from 25 on by the chi-square distribution with "
         "continuity correction; without any p is 1.",
         "0 to 1; small values speak against runs that are equally good.",
         "min(1, 2 P(X <= min(b, c))), X ~ Binomial(b + c, 1/2); from 25 on chi2 = (|b - c| - 1)^2 / (b + c)",
         "McNemar: Note on the sampling error of the difference between correlated proportions or "
         "percentages, "
         "Psychometrika 1947."},
        {{"holm"},
         "Holm's adjustment",
         "p-values of several tests, made larger so that the chance of finding any difference where "
         "there is none stays below 5 %: classes of two runs, slices of one, runs against the best of "
         "a table.",
         "0 to 1; below 0.05 it holds among all tests of the table.",
         "max over j <= i of min(1, (m - j + 1) p_j), of the i-th smallest of m",
         "Holm: A simple sequentially rejective multiple test procedure, Scandinavian Journal of "
         "Statistics 1979."},
        {{"cka", "cka_biased"},
         "Linear CKA",
         "How alike two models' embeddings of the same pictures are, whatever turns, mirrors or "
         "scales one of them. cka uses the unbiased estimate of HSIC, which is about 0 for unrelated "
         "spaces however few the pictures; cka_biased is that of the paper, too high where pictures "
         "are not many more than dimensions. Undefined for fewer than 4 pictures or a space that does "
         "not vary.",
         "cka_biased 0 to 1, cka at most 1 and maybe a little below 0; 1 is the same space up to a "
         "turn and a scale.",
         "HSIC(XX', YY') / sqrt(HSIC(XX', XX') HSIC(YY', YY')); biased: ||Y'X||^2 / (||X'X|| ||Y'Y||) "
         "of centred columns",
         "Kornblith et al.: Similarity of Neural Network Representations Revisited, ICML 2019; Song "
         "et al.: Feature Selection via Dependence Maximization, JMLR 2012, eq. 5; Nguyen et al., "
         "ICLR 2021."},
        {{"neighbours_in_common", "jaccard"},
         "Neighbours in common",
         "Of a picture's k nearest others in each of two spaces (k = 10), the share that is the same, "
         "as the mean over pictures: mutual k-nearest-neighbour alignment. jaccard is the mean of "
         "those in common by those in either list. By chance k / (n - 1) are in common.",
         "0 to 1; 1 is the same neighbours everywhere.",
         "1/n sum |A_i and B_i| / k; jaccard: 1/n sum |A_i and B_i| / |A_i or B_i|",
         "Huh et al.: The Platonic Representation Hypothesis, ICML 2024."},
    };
}

} // namespace

const std::vector<MetricHelp>& metricHelpTable() {
    static const std::vector<MetricHelp> table = [] {
        std::vector<MetricHelp> all;
        for (const auto& part :
             {classification(), rankings(), retrieval(), pairsAndCaptions(), maps(), comparisons()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return table;
}

const MetricHelp* findMetricHelp(std::string_view name) {
    for (const MetricHelp& help : metricHelpTable())
        for (const std::string& pattern : help.names)
            if (matches(pattern, name))
                return &help;
    return nullptr;
}

std::string metricHelpText(std::string_view name) {
    const MetricHelp* help = findMetricHelp(name);
    return help ? fmt::format("{}\nRange: {}\nFormula: {}\nSource: {}", help->definition, help->range,
                              help->formula, help->source)
                : "";
}

std::string metricHelpMarkdown() {
    std::string out =
        "# Metrics\n\nThis is what the window shows when the pointer rests on a metric, and what "
        "`diptych metric NAME --help` prints.\nNames are those in `--json`; K and N stand for "
        "numbers. Intervals are 95 % bootstrap percentile intervals over examples.\n";
    for (const MetricHelp& help : metricHelpTable()) {
        std::vector<std::string> names;
        for (std::string name : help.names) {
            std::ranges::replace(name, '#', name.starts_with("lp_") ? 'N' : 'K');
            names.push_back("`" + name + "`");
        }
        out += fmt::format("\n## {}\n\n{}\n\n- Names: {}\n- Range: {}\n- Formula: `{}`\n- Source: {}\n",
                           help.title, help.definition, fmt::join(names, ", "), help.range, help.formula,
                           help.source);
    }
    return out;
}

} // namespace diptych

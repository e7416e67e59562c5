// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/metrics/metric_help.h"

#include <QTest>

#include <set>

using namespace diptych;

/// The table that explains metrics in the window, in help and in docs/metrics.md.
class TestMetricHelp : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyEntryIsWhole() {
        std::set<std::string> names;
        for (const MetricHelp& help : metricHelpTable()) {
            for (const std::string& text :
                 {help.title, help.definition, help.range, help.formula, help.source})
                QVERIFY2(!text.empty(), help.names.front().c_str());
            for (const std::string& name : help.names)
                QVERIFY2(names.insert(name).second, name.c_str()); // each name means one thing
        }
    }

    void namesWithNumbersAreFound() {
        QCOMPARE(findMetricHelp("image_retrieval_recall@10")->title,
                 std::string("Text to image, recall at K"));
        QCOMPARE(findMetricHelp("image_to_text_r5")->title, std::string("Image to text, recall at K"));
        QCOMPARE(findMetricHelp("lp_acc1_16_shots"), findMetricHelp("lp_acc1"));
        for (const char* name :
             {"image_retrieval_recall@", "image_retrieval_recall@x", "lp_acc1__shots", "", "recall", "top1 "})
            QVERIFY2(!findMetricHelp(name), name);
        QVERIFY(metricHelpText("no such metric").empty());
    }

    void everyMetricOfATaskIsExplained() {
        for (const char* name : {"top1",
                                 "top5",
                                 "mean_per_class_recall",
                                 "ece",
                                 "map",
                                 "top1_among_labels",
                                 "roc_auc",
                                 "average_precision",
                                 "accuracy_at_0.5",
                                 "accuracy_at_threshold",
                                 "accuracy",
                                 "groups_right",
                                 "lp_acc1",
                                 "lp_acc5",
                                 "lp_mean_per_class_recall",
                                 "lp_train_acc1",
                                 "lp_acc1_spread",
                                 "lp_acc1_4_shots",
                                 "zero_shot_acc1",
                                 "image_retrieval_recall@1",
                                 "text_retrieval_recall@5",
                                 "text_to_image_median_rank",
                                 "image_to_text_median_rank",
                                 "map_at_r",
                                 "clipscore",
                                 "refclipscore",
                                 "text_score",
                                 "image_score",
                                 "group_score",
                                 "paired_difference",
                                 "mcnemar",
                                 "holm",
                                 "cka",
                                 "neighbours_in_common"})
            QVERIFY2(findMetricHelp(name), name);
        const std::string text = metricHelpText("ece");
        for (const char* part : {"Range: ", "Formula: ", "Source: ", "15 bins"})
            QVERIFY2(text.find(part) != std::string::npos, part);
    }

    void theDocumentSaysTheSame() {
        QCOMPARE(readTextFile(DIPTYCH_SOURCE "/docs/metrics.md"), metricHelpMarkdown());
    }
};

QTEST_GUILESS_MAIN(TestMetricHelp)
#include "tst_metric_help.moc"

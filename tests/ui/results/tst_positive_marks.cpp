// SPDX-License-Identifier: GPL-3.0-or-later
// Hits of retrieval that are right although the dataset does not say so: marked, undone, listed, counted.
#include "tests/support/result_view_fixture.h"
#include "ui/results/positives_dialog.h"
#include "ui/state/sample_edits.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QLabel>
#include <QPushButton>
#include <QTableView>

using namespace diptych;
using namespace diptych::ui;
using test::ResultViewFixture;

class PositiveMarksTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<ResultViewFixture> m_world;
    QTableView* m_found = nullptr;
    QPushButton* m_mark = nullptr;

    std::vector<PositivePair> marks() { return m_world->session->workspace().positives(m_world->dataset); }
    QString text(const QTableView* table, int row, int column) {
        return table->model()->index(row, column).data().toString();
    }
    void click(QTableView* table, int row) {
        const QRect rect = table->visualRect(table->model()->index(row, 1));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, rect.center());
    }

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void init() {
        m_world = std::make_unique<ResultViewFixture>(3);
        ResultViewFixture& world = *m_world;
        world.task = "retrieval";
        world.metrics = {{"image_retrieval_recall@1", 0.5, {}, 6, true, {}},
                         {"image_retrieval_recall@5", 1.0, {}, 6, true, {}},
                         {"text_retrieval_recall@1", 1.0 / 3, {}, 3, true, {}},
                         {"text_retrieval_recall@5", 1.0, {}, 3, true, {}}};
        std::vector<ExampleResult> examples;
        const auto add = [&](size_t image, Json parts) {
            ExampleResult& example = examples.emplace_back();
            example.sample = world.samples[image];
            example.parts = std::move(parts);
        };
        add(0, {{"rank", 2},
                {"best", {{world.id(1), 0, 0.4}, {world.id(0), 0, 0.3}, {world.id(1), 1, 0.2}}},
                {"caption_ranks", {1, 3}},
                {"images_before", {Json::array(), {{world.id(2), 0.45}, {world.id(1), 0.4}}}}});
        add(1, {{"rank", 1},
                {"best", {{world.id(1), 0, 0.9}}},
                {"caption_ranks", {1, 2}},
                {"images_before", {Json::array(), {{world.id(0), 0.2}}}}});
        add(2, {{"rank", 3},
                {"best", {{world.id(0), 1, 0.5}, {world.id(0), 0, 0.4}, {world.id(2), 0, 0.3}}},
                {"caption_ranks", {1, 2}},
                {"images_before", {Json::array(), {{world.id(0), 0.2}}}}});
        world.show(QStringLiteral("ranking"), Json::object(), examples);
        m_found = world.find<QTableView>("foundCaptions");
        m_mark = world.find<QPushButton>("markPositive");
        QTRY_COMPARE(m_found->model()->rowCount(), 3);
    }
    void cleanup() { m_world.reset(); }

    void aFoundCaptionIsMarkedByKeyAndUndone() {
        QVERIFY(!m_mark->isEnabled());
        click(m_found, 1); // its own
        QVERIFY(!m_mark->isEnabled());
        click(m_found, 0);
        QVERIFY(m_mark->isEnabled());
        QTest::keyClick(m_found, Qt::Key_R);
        QTRY_COMPARE(marks().size(), size_t(1));
        QCOMPARE(marks()[0].image, m_world->samples[0]);
        QCOMPARE(marks()[0].captionOf, m_world->samples[1]);
        QCOMPARE(marks()[0].caption, std::string("caption 1 a"));
        QTRY_COMPARE(text(m_found, 0, 1), QStringLiteral("(✓) caption 1 a"));
        QTRY_COMPARE(m_mark->text(), QStringLiteral("Take mark back")); // it is still the one looked at
        auto* summary = m_world->find<QLabel>("positivesSummary");
        QVERIFY2(summary->text().startsWith(QStringLiteral("With 1 mark: ")), qPrintable(summary->text()));
        QUndoStack& undo = m_world->services->edits.undoStack();
        QTRY_VERIFY(undo.canUndo());
        undo.undo();
        QTRY_VERIFY(marks().empty());
        QTRY_COMPARE(text(m_found, 0, 1), QStringLiteral("caption 1 a"));
        undo.redo();
        QTRY_COMPARE(marks().size(), size_t(1));
        QTRY_COMPARE(m_mark->text(), QStringLiteral("Take mark back"));
        QTest::mouseClick(m_mark, Qt::LeftButton);
        QTRY_VERIFY(marks().empty());
    }

    void anImageThatACaptionFindsFirstIsMarked() {
        auto* before = m_world->find<ThumbnailGrid>("imagesBefore");
        QTRY_COMPARE(before->model()->rowCount(), 2);
        QTest::mouseClick(before->viewport(), Qt::LeftButton, {},
                          before->visualRect(before->model()->index(0, 0)).center());
        QVERIFY(m_mark->isEnabled());
        QTest::mouseClick(m_mark, Qt::LeftButton);
        QTRY_COMPARE(marks().size(), size_t(1));
        QCOMPARE(marks()[0].image, m_world->samples[2]);
        QCOMPARE(marks()[0].caption, std::string("caption 0 b"));
        QTRY_COMPARE(before->model()->index(0, 0).data().toString(), QStringLiteral("(✓) 0.4500"));
        QTRY_COMPARE(m_mark->text(), QStringLiteral("Take mark back"));
    }

    void theListShowsTheMetricsWithAndWithout() {
        auto* list = m_world->find<QPushButton>("listPositives");
        QVERIFY(!list->isEnabled());
        click(m_found, 0);
        QTest::mouseClick(m_mark, Qt::LeftButton);
        QTRY_COMPARE(list->text(), QStringLiteral("Marks (1)…"));
        QTest::mouseClick(list, Qt::LeftButton);
        auto* dialog = m_world->view->findChild<PositivesDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        auto* metrics = dialog->findChild<QTableView*>(QStringLiteral("correctedMetrics"));
        QCOMPARE(metrics->model()->rowCount(), 4);
        const int text1 = 2; // text_retrieval_recall@1: the first image's best caption is right now
        QCOMPARE(text(metrics, text1, CorrectedMetricsModel::Without), QStringLiteral("33.3 %"));
        QCOMPARE(text(metrics, text1, CorrectedMetricsModel::With), QStringLiteral("66.7 %"));
        QCOMPARE(text(metrics, text1, CorrectedMetricsModel::Change), QStringLiteral("+33.3 points"));
        auto* table = dialog->findChild<QTableView*>(QStringLiteral("positiveMarks"));
        QCOMPARE(text(table, 0, PositivesModel::Image), QStringLiteral("p0.png"));
        QCOMPARE(text(table, 0, PositivesModel::CaptionOf), QStringLiteral("p1.png"));
        auto* back = dialog->findChild<QPushButton*>(QStringLiteral("takeMarksBack"));
        QVERIFY(!back->isEnabled());
        click(table, 0);
        QTest::mouseClick(back, Qt::LeftButton);
        QTRY_VERIFY(marks().empty());
        QTRY_COMPARE(table->model()->rowCount(), 0);
        const RunRecord run = m_world->session->workspace().runs().front();
        QCOMPARE(run.metrics[2].value, 1.0 / 3); // as stored
    }
};

QTEST_MAIN(PositiveMarksTest)
#include "tst_positive_marks.moc"

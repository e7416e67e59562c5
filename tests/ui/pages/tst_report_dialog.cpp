// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "ui/pages/runs/report_dialog.h"
#include "ui/pages/runs/report_preview.h"
#include "ui/theme/theme.h"
#include "ui/widgets/error_banner.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// The report dialog on a workspace of two runs. How it is reached: tst_run_actions.
class ReportDialogTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    std::shared_ptr<Session> m_session;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<QWidget> m_parent;
    QPointer<ReportDialog> m_dialog;
    std::vector<SampleId> m_samples;

    ReportDialog* dialog() { return m_dialog; }
    template<class T>
    T* child(const char* name) {
        return m_dialog->findChild<T*>(QLatin1String(name));
    }
    QString position() { return child<QLabel>("pagePosition")->text(); }
    QString path(const QString& name) { return m_folder.filePath(name); }

    void open(std::vector<SampleId> selected = {}) {
        ReportChoice choice;
        choice.runs = m_session->workspace().runs();
        choice.chosen = {choice.runs.front().id};
        choice.selected = std::move(selected);
        m_dialog = new ReportDialog(m_session, *m_jobs, std::move(choice), m_parent.get());
        m_dialog->open();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog));
        QTRY_VERIFY(position().startsWith(QStringLiteral("Page 1 of")));
    }
    static void tick(QListWidget* list, int row) {
        list->scrollToItem(list->item(row));
        list->setFocus();
        list->setCurrentRow(row);
        QTest::keyClick(list, Qt::Key_Space);
    }

private Q_SLOTS:
    void initTestCase() {
        QLocale::setDefault(QLocale::c());
        theme::apply(*qApp, theme::Mode::Light);
        for (const char* name : {"cat", "dog"}) {
            QDir(m_folder.path()).mkpath(QStringLiteral("pictures/") + QLatin1String(name));
            for (int i = 0; i < 3; ++i)
                test::writePicture(
                    path(QStringLiteral("pictures/%1/%2.png").arg(QLatin1String(name)).arg(i)));
        }
        m_session = Session::openOrCreate(path(QStringLiteral("w")).toStdString());
        const DatasetId dataset =
            m_session->importDataset(path(QStringLiteral("pictures")).toStdString(), "animals", {}, {});
        m_samples = m_session->workspace().sampleIds(dataset);
        for (int i = 0; i < 2; ++i) {
            RunRecord run;
            run.task = "zero-shot";
            run.datasetId = dataset;
            run.datasetName = "animals";
            run.modelName = i ? "large" : "tiny";
            run.classNames = {"cat", "dog"};
            run.metrics = {{"top1", 0.5, {}, 4, true, {}}};
            run.spec = run.details = Json::object();
            run.startedAt = "2026-01-02T03:04:05Z";
            std::vector<ExampleResult> examples;
            for (size_t s = 0; s < m_samples.size(); ++s) {
                ExampleResult example;
                example.sample = m_samples[s];
                example.target = 0;
                example.predictions = {{static_cast<int>(s % 2), 0.9f}};
                example.correct = s % 2 == 0;
                example.cluster = m_samples[s].value;
                examples.push_back(example);
            }
            m_session->workspace().addRun(run, examples);
        }
    }
    void init() {
        m_jobs = std::make_unique<JobRunner>();
        m_parent = std::make_unique<QWidget>();
    }
    void cleanup() {
        m_parent.reset();
        m_jobs->shutdown();
        m_jobs.reset();
    }

    void thePreviewFollowsTheChoice() {
        open();
        auto* sections = child<QListWidget>("reportSections");
        QTest::mouseClick(child<QPushButton>("nextPage"), Qt::LeftButton);
        QTRY_VERIFY(position().startsWith(QStringLiteral("Page 2")));
        auto* preview = dialog()->findChild<ReportPreview*>();
        QTest::keyClick(preview, Qt::Key_PageUp);
        QCOMPARE(preview->page(), 0);
        QTest::keyClick(preview, Qt::Key_PageDown);
        QCOMPARE(preview->page(), 1);
        const auto widthNow = [&] { return child<QLabel>("pagePicture")->pixmap().width(); };
        const int width = widthNow();
        QTest::keyClick(preview, Qt::Key_Plus);
        QVERIFY(widthNow() > width);
        QTest::mouseClick(child<QPushButton>("zoomOut"), Qt::LeftButton);
        QTRY_VERIFY(std::abs(widthNow() - width) <= 2);
        for (int row = 1; row < sections->count(); ++row) // all but the summary
            if (sections->item(row)->checkState() == Qt::Checked)
                tick(sections, row);
        QTRY_COMPARE(position(), QStringLiteral("Page 1 of 1"));
        tick(child<QListWidget>("reportRuns"), 0);
        QTRY_VERIFY(child<QPushButton>("saveReport")->isEnabled() == !position().isEmpty());
    }

    void aCommentBelongsToItsSectionAndIsSaved() {
        open();
        auto* sections = child<QListWidget>("reportSections");
        sections->setFocus();
        QTest::keyClick(sections, Qt::Key_Down); // protocol
        auto* comment = child<QPlainTextEdit>("reportComment");
        comment->setFocus();
        QTest::keyClicks(comment, QStringLiteral("As in the paper."));
        sections->setFocus();
        QTest::keyClick(sections, Qt::Key_Down);
        QVERIFY(comment->toPlainText().isEmpty());
        QTest::keyClick(sections, Qt::Key_Up);
        QCOMPARE(comment->toPlainText(), QStringLiteral("As in the paper."));
        QSignalSpy saved(dialog(), &ReportDialog::saved);
        const QString file = path(QStringLiteral("r.html"));
        dialog()->saveTo(file);
        QTRY_COMPARE(saved.count(), 1);
        QVERIFY(readTextFile(file.toStdString()).find("<p class=\"comment\">As in the paper.</p>") !=
                std::string::npos);
        const QString pdf = path(QStringLiteral("r.pdf"));
        dialog()->saveTo(pdf);
        QTRY_COMPARE(saved.count(), 2);
        QVERIFY(readTextFile(pdf.toStdString()).starts_with("%PDF"));
    }

    void examplesAreChosenByARule() {
        open();
        auto* rule = child<QComboBox>("sheetRule");
        rule->setFocus();
        QTest::keyClick(rule, Qt::Key_Down); // wrong, the surest first
        QSignalSpy saved(dialog(), &ReportDialog::saved);
        const QString file = path(QStringLiteral("r.md"));
        dialog()->saveTo(file);
        QTRY_COMPARE(saved.count(), 1);
        const std::string text = readTextFile(file.toStdString());
        QVERIFY(text.find("Wrong, the surest first: 10 at most:") != std::string::npos);
        QVERIFY(text.find("Right, most confident first") == std::string::npos);
    }

    void twoRunsAreComparedOnSharedExamples() {
        open();
        auto* list = child<QListWidget>("reportRuns");
        tick(list, list->item(0)->checkState() == Qt::Checked ? 1 : 0);
        QSignalSpy saved(dialog(), &ReportDialog::saved);
        const QString file = path(QStringLiteral("r.tex"));
        dialog()->saveTo(file);
        QTRY_COMPARE(saved.count(), 1);
        const std::string text = readTextFile(file.toStdString());
        QVERIFY(text.find("Pairs of runs") != std::string::npos);
        QVERIFY(text.find("tiny on animals") != std::string::npos);
    }

    void whatIsSelectedCanBeASheet() {
        open({m_samples[1], m_samples[4]});
        auto* rule = child<QComboBox>("sheetRule");
        rule->setFocus();
        QTest::keyClick(rule, Qt::Key_End);
        QCOMPARE(rule->currentText(), QStringLiteral("Selected images (2)"));
        QSignalSpy saved(dialog(), &ReportDialog::saved);
        dialog()->saveTo(path(QStringLiteral("s.json")));
        QTRY_COMPARE(saved.count(), 1);
        const Json json = parseJson(readTextFile(path(QStringLiteral("s.json")).toStdString()), "report");
        const Json& gallery = json["runs"][0]["galleries"][0];
        QCOMPARE(gallery["title"].get<std::string>(),
                 std::string("Of the images selected, in the data set's order: 10 at most"));
        QCOMPARE(gallery["examples"].size(), size_t{2});
    }

    void aFileThatCannotBeWrittenIsSaid() {
        open();
        dialog()->saveTo(QStringLiteral("/proc/none/r.html"));
        QTRY_VERIFY(dialog()->findChild<ErrorBanner*>()->text().contains(QStringLiteral("/proc/none")));
    }
};

QTEST_MAIN(ReportDialogTest)
#include "tst_report_dialog.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"
#include "tests/support/window_fixture.h"
#include "ui/state/selection.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// Evaluating what is selected, and again.
class EvaluateSamplesTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    MainWindow& window() { return *m_fixture->window; }
    AppState& state() { return m_fixture->services->state; }
    template<class T>
    T* find(const char* name) {
        T* found = m_fixture->find<T>(name);
        if (!found)
            qFatal("no widget named %s", name);
        return found;
    }
    Workspace& workspace() { return state().session()->workspace(); }
    RunRecord runOnce() {
        QSignalSpy changed(&state(), &AppState::runsChanged);
        while (!find<QPushButton>("run")->isEnabled() && changed.isEmpty())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QTest::mouseClick(find<QPushButton>("run"), Qt::LeftButton);
        changed.wait(60000);
        return workspace().run(workspace().runs().front().id);
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 4);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(window().showPage(QStringLiteral("evaluate")));
        QTRY_COMPARE(find<QComboBox>("model")->count(), 1);
        QTRY_VERIFY(find<QPushButton>("run")->isEnabled());
    }
    void cleanup() { m_fixture.reset(); }

    void whatIsSelectedIsEvaluatedAndAgain() {
        auto* samples = find<QComboBox>("samples");
        QCOMPARE(samples->count(), 1);
        QVERIFY(!samples->isEnabled());
        const DatasetId dataset = workspace().datasets().front().id;
        const auto ids = workspace().sampleIds(dataset);
        const std::vector<SampleId> chosen(ids.begin() + 1, ids.begin() + 8);
        state().selection(dataset).set(chosen, {});
        QCOMPARE(samples->count(), 2);
        QCOMPARE(samples->itemText(1), QStringLiteral("Selected samples (7)"));
        QCOMPARE(samples->currentIndex(), 0); // nobody asked for them yet
        samples->setCurrentIndex(1);
        const RunRecord run = runOnce();
        QCOMPARE(run.exampleCount, int64_t{7});
        QVERIFY2(run.title.ends_with("7 of 12 samples"), run.title.c_str());

        state().selection(dataset).clear();
        QCOMPARE(samples->currentText(), QStringLiteral("All of them"));
        state().evaluateAgain(run.id);
        QTRY_COMPARE(samples->currentText(), QStringLiteral("As in the run: 7 named samples"));
        const RunRecord again = runOnce();
        QCOMPARE(again.exampleCount, int64_t{7});
        QVERIFY(again.id != run.id);
        samples->setCurrentIndex(0);
        QTRY_VERIFY(find<QLabel>("againText")->text().contains(QStringLiteral("Samples")));
    }

    void theFilterIsEvaluatedAndUndone() {
        auto* samples = find<QComboBox>("samples");
        const DatasetId dataset = workspace().datasets().front().id;
        const auto ids = workspace().sampleIds(dataset);
        DatasetView& view = state().view(dataset);
        view.setFilter({.labels = {0, 2}});
        QTRY_COMPARE(samples->findText(QStringLiteral("Current filter (8)")), 1);
        QCOMPARE(samples->currentIndex(), 0);
        samples->setFocus();
        QTest::keyClick(samples, Qt::Key_Down);
        QCOMPARE(samples->currentText(), QStringLiteral("Current filter (8)"));
        view.setFilter({.labels = {0}}); // what is evaluated is what it is then
        QTRY_COMPARE(samples->currentText(), QStringLiteral("Current filter (4)"));
        RunRecord run = runOnce();
        QCOMPARE(run.exampleCount, int64_t{4});
        QVERIFY2(run.title.ends_with("4 of 12 samples"), run.title.c_str());
        QCOMPARE(run.details.at("samples").at("choice").get<std::string>(), std::string("class cat"));

        // A list that a page shows, and what of it is in the filter.
        state().showDatasetFiltered(
            {dataset,
             {.labels = {1}},
             std::make_shared<const std::vector<SampleId>>(ids.begin() + 2, ids.begin() + 6),
             QStringLiteral("In between"),
             {}});
        window().showPage(QStringLiteral("evaluate"));
        QTRY_COMPARE(samples->currentText(), QStringLiteral("Current filter (2)"));
        run = runOnce();
        QCOMPARE(run.exampleCount, int64_t{2});
        QCOMPARE(run.details.at("samples").at("choice").get<std::string>(),
                 std::string("class dog, In between"));

        view.setFilter({.text = "nothing is called so"});
        QTRY_VERIFY(find<QLabel>("problem")->text().contains(QStringLiteral("filter leaves no sample")));
        QVERIFY(!find<QPushButton>("run")->isEnabled());
        find<QPushButton>("run")->setFocus();
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(samples->currentText(), QStringLiteral("Current filter (2)"));
        view.clear();
        QCOMPARE(samples->currentText(), QStringLiteral("All of them"));
    }
};

QTEST_MAIN(EvaluateSamplesTest)
#include "tst_evaluate_samples.moc"

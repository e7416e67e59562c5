// SPDX-License-Identifier: GPL-3.0-or-later
// A family of models of 80 lines goes through import, encoding, evaluation, search, report and window without
// an edit anywhere else.
#include "core/base/file.h"
#include "core/models/scoped_family.h"
#include "core/report/report_writers.h"
#include "core/session/searcher.h"
#include "core/tensor/safetensors.h"
#include "tests/support/mean_colour_family.h"
#include "tests/support/window_fixture.h"
#include "ui/widgets/table_view.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>

using namespace diptych;
using namespace diptych::ui;
namespace fs = std::filesystem;

class NewFamilyTest : public QObject {
    Q_OBJECT

    test::WindowFixture m_fixture;
    fs::path m_model, m_workspace;

    static Image plain(std::array<uint8_t, 3> colour) {
        Image image;
        image.width = image.height = 24;
        for (int i = 0; i < 24 * 24; ++i)
            image.rgb.insert(image.rgb.end(), colour.begin(), colour.end());
        return image;
    }
    void writeCheckpoint() {
        fs::create_directories(m_model);
        writeFileAtomically(m_model / "config.json", std::string_view(R"({"model_type": "mean_colour"})"));
        writeFileAtomically(m_model / "preprocessor_config.json",
                            std::string_view(R"({"image_processor_type": "ViTImageProcessor",
                                "size": {"height": 8, "width": 8}, "do_normalize": false})"));
        const float one = 1;
        const TensorView tensor{"scale", DType::F32, {1}, std::as_bytes(std::span(&one, 1))};
        writeFileAtomically(m_model / "model.safetensors", safetensorsBytes({tensor}, {}));
    }
    void writePictures(const fs::path& folder) {
        const std::array<std::pair<const char*, std::array<uint8_t, 3>>, 3> classes = {
            {{"red", {200, 20, 30}}, {"green", {30, 180, 20}}, {"blue", {10, 40, 220}}}};
        for (const auto& [name, colour] : classes) {
            fs::create_directories(folder / name);
            for (uint8_t i = 0; i < 4; ++i)
                writeFileAtomically(
                    folder / name / (std::to_string(i) + ".png"),
                    encodePng(plain({colour[0], static_cast<uint8_t>(colour[1] + i), colour[2]})));
        }
    }

private Q_SLOTS:
    void initTestCase() {
        m_model = m_fixture.path(QStringLiteral("colours")).toStdString();
        m_workspace = m_fixture.path(QStringLiteral("work")).toStdString();
        writeCheckpoint();
        writePictures(m_fixture.path(QStringLiteral("pictures")).toStdString());
    }

    void isNotKnownWithoutItsLine() {
        const auto session = Session::openOrCreate(m_workspace);
        try {
            session->addModel(m_model, {});
            QFAIL("an unknown model_type was read");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Unsupported);
        }
    }

    void goesThroughTheWholeProgram() {
        const ScopedModelFamily family(test::meanColourFamily());
        RunId run;
        {
            const auto session = Session::openOrCreate(m_workspace);
            session->importDataset(m_fixture.path(QStringLiteral("pictures")).toStdString(), "pictures", {},
                                   {});
            session->addModel(m_model, {});
            RunSpec spec;
            spec.task = "zero-shot";
            spec.dataset = "pictures";
            spec.model = "colours";
            spec.params = {{"templates", "none"}, {"resamples", 100}};
            QVERIFY(session->encode(spec, {}).empty());
            run = session->run(spec, {});
            const RunRecord record = session->workspace().run(run);
            QCOMPARE(findMetric(record.metrics, "top1")->value, 1.0);
            SearchQuery query;
            query.dataset = "pictures";
            query.model = "colours";
            query.terms = {{.text = "something blue"}};
            const SampleId best = session->search(query, {}).hits.front().sample;
            QVERIFY(session->workspace().sample(best).key.starts_with("blue/"));
            const RunId ids[] = {run};
            const std::string report = reportDocument(buildReport(session->workspace(), ids, {}, {}), "html");
            QVERIFY(report.find("colours") != std::string::npos && report.find("100.0") != std::string::npos);
        }
        inTheWindow();
    }

private:
    void inTheWindow() {
        m_fixture.openWith(QStringLiteral("work"));
        m_fixture.window->showPage(QStringLiteral("models"));
        const auto shows = [&](const QString& text) {
            for (const QLabel* label : m_fixture.window->findChildren<QLabel*>())
                if (label->text() == text)
                    return true;
            return false;
        };
        QTRY_VERIFY(shows(QStringLiteral("Mean colour")));
        QVERIFY(shows(QStringLiteral("one colour")));
        m_fixture.window->showPage(QStringLiteral("evaluate"));
        QTRY_COMPARE(m_fixture.find<QComboBox>("model")->currentText(), QStringLiteral("colours"));
        QTRY_VERIFY(m_fixture.find<QPushButton>("run")->isEnabled());
        QTRY_VERIFY(m_fixture.find<QLabel>("preview_top1"));
        m_fixture.window->showPage(QStringLiteral("runs"));
        QTRY_COMPARE(m_fixture.find<TableView>("runsTable")->model()->rowCount(), 1);
        m_fixture.close();
    }
};

QTEST_MAIN(NewFamilyTest)
#include "tst_new_family.moc"

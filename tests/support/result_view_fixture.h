// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "tests/support/image_folders.h"
#include "ui/results/result_view.h"
#include "ui/shell/services.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace diptych::test {

/// One result view on a run that is stored in a workspace of its own, beside a few pictures with captions.
struct ResultViewFixture {
    QTemporaryDir folder;
    std::unique_ptr<ui::Services> services;
    std::shared_ptr<Session> session;
    std::vector<SampleId> samples; ///< "p0.png", "p1.png", ...
    DatasetId dataset;
    std::unique_ptr<ui::ResultView> view;
    std::string task = "made-up";                                  ///< of the run that show() stores
    std::vector<std::string> classNames = {"harmless", "hateful"}; ///< of the same
    std::vector<Metric> metrics;                                   ///< of the same

    /// Sample i has the captions "caption i a" and "caption i b".
    explicit ResultViewFixture(int pictures) {
        ui::theme::apply(*qApp, ui::theme::Mode::Light);
        QByteArray table = "image,caption\n";
        for (int i = 0; i < pictures; ++i) {
            const QString name = QStringLiteral("p%1.png").arg(i);
            writePicture(folder.filePath(name));
            for (const char* which : {"a", "b"})
                table += name.toUtf8() + ",caption " + QByteArray::number(i) + ' ' + which + '\n';
        }
        writeText(folder.filePath(QStringLiteral("pictures.csv")), table);
        services = std::make_unique<ui::Services>(folder.filePath(QStringLiteral("settings.ini")));
        session = Session::openOrCreate(folder.filePath(QStringLiteral("w")).toStdString());
        dataset = session->importDataset(folder.filePath(QStringLiteral("pictures.csv")).toStdString(),
                                         "pictures", {}, {});
        samples = session->workspace().sampleIds(dataset);
        services->state.setSession(session);
    }
    ~ResultViewFixture() {
        view.reset();
        services->state.setSession(nullptr);
        services->jobs.shutdown();
    }

    int64_t id(size_t picture) const { return samples[picture].value; }

    /// Stores the run and shows it in the view of that id.
    void show(const QString& viewId, Json details, const std::vector<ExampleResult>& examples) {
        RunRecord run;
        run.task = task;
        run.datasetId = dataset;
        run.datasetName = "pictures";
        run.classNames = classNames;
        run.metrics = metrics;
        run.spec = Json::object();
        run.startedAt = "2026-01-02T03:04:05Z";
        run.details = std::move(details);
        const RunId stored = session->workspace().addRun(run, examples);
        const ui::ResultContext context{services->state, services->jobs, services->thumbnails,
                                        services->actions};
        for (const ui::ResultViewEntry& entry : ui::resultViewEntries())
            if (entry.id == viewId)
                view.reset(entry.create(context));
        QVERIFY(view);
        view->resize(1100, 640);
        view->setRun(std::make_shared<const RunRecord>(session->workspace().run(stored)));
        view->show();
        QVERIFY(QTest::qWaitForWindowExposed(view.get()));
    }

    template<class T>
    T* find(const char* objectName) const {
        return view->findChild<T*>(QString::fromLatin1(objectName));
    }
};

} // namespace diptych::test

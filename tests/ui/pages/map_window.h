// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/window_fixture.h"
#include "ui/plots/point_canvas.h"
#include "ui/plots/point_legend.h"
#include "ui/state/selection.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include <set>

namespace diptych::test {

/// The window with a map of eighteen images of three classes, and what tests ask of it.
struct MapWindow {
    std::unique_ptr<WindowFixture> m_fixture;
    std::vector<SampleId> m_samples;
    ui::MainWindow& window() { return *m_fixture->window; }
    ui::AppState& state() { return m_fixture->services->state; }
    Workspace& workspace() { return state().session()->workspace(); }
    ui::PointCanvas& canvas() { return *m_fixture->find<ui::PointCanvas>("mapCanvas"); }
    ui::CategoryLegend& legend() { return *m_fixture->find<ui::CategoryLegend>("mapLegend"); }
    QComboBox& combo(const char* name) { return *m_fixture->find<QComboBox>(name); }
    QPushButton& makeButton() { return *m_fixture->find<QPushButton>("makeMap"); }
    QString note() { return m_fixture->find<QLabel>("mapNote")->text(); }
    ui::Selection& selection() { return state().selection(workspace().datasets()[0].id); }
    static constexpr int kImages = 18;

    void openWorkspace(bool encoded) {
        m_fixture->makeWorkspace(QStringLiteral("w"), kImages / 3);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
            RunSpec spec;
            spec.dataset = "animals";
            spec.model = "openai";
            if (encoded)
                session->encode(spec, {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        QVERIFY(window().showPage(QStringLiteral("map")));
        m_samples = workspace().sampleIds(workspace().datasets()[0].id);
    }
    void openMap() {
        openWorkspace(true);
        QTRY_COMPARE_WITH_TIMEOUT(canvas().pointCount(), size_t(kImages), 30000);
        QTRY_COMPARE(legend().entries().size(), size_t(3));
        canvas().setPicturesShown(false); // so that a click is about a point, not a picture over it
    }
    /// A line round the left half of the map; @return the samples that lie there.
    std::set<SampleId> lassoLeftHalf(Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        const int middle = canvas().width() / 2, low = canvas().height() - 3;
        const QList<QPoint> way{{3, 3}, {middle, 3}, {middle, low}, {3, low}};
        QTest::mousePress(&canvas(), Qt::LeftButton, modifiers, way.first());
        for (const QPoint& point : way) {
            QMouseEvent move(QEvent::MouseMove, point, canvas().mapToGlobal(point), Qt::NoButton,
                             Qt::LeftButton, modifiers);
            QApplication::sendEvent(&canvas(), &move);
        }
        QTest::mouseRelease(&canvas(), Qt::LeftButton, modifiers, way.last());
        std::set<SampleId> inside;
        for (int point = 0; point < kImages; ++point)
            if (canvas().position(point).x() < middle)
                inside.insert(m_samples[static_cast<size_t>(point)]);
        return inside;
    }
    void colorBy(const char* what) {
        const QString title = QString::fromLatin1(what);
        QTRY_VERIFY_WITH_TIMEOUT(combo("mapColorBy").findText(title) >= 0, 30000);
        combo("mapColorBy").setCurrentText(title);
    }
    std::set<SampleId> selected() { return {selection().samples().begin(), selection().samples().end()}; }
    std::set<SampleId> lit() {
        std::set<SampleId> samples;
        for (size_t point = 0; point < canvas().pointCount(); ++point)
            if (canvas().selectedPoints()[point] != 0)
                samples.insert(m_samples[point]);
        return samples;
    }
};

} // namespace diptych::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/embedding_map.h"
#include "tests/ui/pages/map_window.h"
#include "ui/models/formatting.h"

#include <QLineEdit>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// Words on the map, and its third dimension.
class MapWordsTest : public QObject, private test::MapWindow {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void whatIsSelectedIsNamed() {
        openMap();
        const auto inside = lassoLeftHalf();
        auto* button = m_fixture->find<QPushButton>("mapName");
        auto* names = m_fixture->find<QLabel>("mapNames");
        QVERIFY(button->isEnabled() && !names->isVisible());
        combo("mapVocabulary").setCurrentIndex(1);
        Q_EMIT combo("mapVocabulary").activated(1);
        QTest::mouseClick(button, Qt::LeftButton);
        MapSpec spec;
        spec.dataset = "animals";
        spec.model = "openai";
        spec.encodeMissing = false; // or the page would be told that the model is busy
        const std::vector<SampleId> samples(inside.begin(), inside.end());
        const std::vector<std::string> classes = workspace().classNames(workspace().datasets()[0].id);
        const SelectionNames expected = state().session()->nameSelection(spec, samples, classes, 5, {});
        const auto first = [&] {
            return names->text().indexOf(QString::fromStdString(expected.names[0].word));
        };
        const auto last = [&] {
            return names->text().indexOf(QString::fromStdString(expected.names[2].word));
        };
        QTRY_VERIFY_WITH_TIMEOUT(first() >= 0 && last() > first(), 30000);
        QVERIFY(names->text().contains(ui::cosineText(expected.names[0].cosine)));
        combo("mapVocabulary").setCurrentIndex(0);
        Q_EMIT combo("mapVocabulary").activated(0);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(names->text().count(QStringLiteral("<tr>")), 5, 30000);
        QTest::keyClick(&canvas(), Qt::Key_A, Qt::ControlModifier); // others are selected: the words go
        QVERIFY(!names->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(names->text().contains(QStringLiteral("All pictures are selected")), 30000);
    }

    void aTextIsPlaced() {
        openMap();
        auto* place = m_fixture->find<QLineEdit>("mapPlace");
        const QImage before = canvas().grab().toImage();
        QTest::keyClicks(place, QStringLiteral("a dog"));
        QTest::keyClick(place, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("Nearest to “a dog”")), 30000);
        QCOMPARE(canvas().marks().size(), size_t(1));
        QCOMPARE(canvas().marks()[0].name, QStringLiteral("a dog"));
        MapSpec spec;
        spec.dataset = "animals";
        spec.model = "openai";
        spec.placeTexts = {"a dog"};
        const EmbeddingMap map = state().session()->embeddingMap(spec, {});
        QVERIFY(map.fromCache);
        QCOMPARE(canvas().marks()[0].place.x(), static_cast<double>(map.placed[0].position[0]));
        QVERIFY(canvas().rect().contains(canvas().positionOf(canvas().marks()[0]).toPoint()));
        QVERIFY(canvas().grab().toImage() != before);
        QTest::keyClicks(place, QStringLiteral("snow"));
        QTest::keyClick(place, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(canvas().marks().size(), size_t(2), 30000);
        QTest::keyClick(place, Qt::Key_Return); // empty
        QVERIFY(canvas().marks().empty());
    }

    void threeDimensionsAreTurnedByDragging() {
        openMap();
        QVERIFY(!m_fixture->find<QToolButton>("mapTurn")->isVisible());
        QTest::mouseClick(m_fixture->find<QToolButton>("mapSettings"), Qt::LeftButton);
        auto* dimensions = window().findChild<QComboBox*>(QStringLiteral("param_dimensions"));
        QVERIFY(dimensions);
        dimensions->setCurrentText(QStringLiteral("3"));
        dimensions->window()->hide();
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->find<QToolButton>("mapTurn")->isVisible(), 30000);
        QTest::mouseClick(m_fixture->find<QToolButton>("mapTurn"), Qt::LeftButton);
        std::vector<QPointF> before;
        for (int point = 0; point < kImages; ++point)
            before.push_back(canvas().position(point));
        const QPoint middle = canvas().rect().center();
        const auto drag = [&](const QPoint& by) {
            QTest::mousePress(&canvas(), Qt::LeftButton, {}, middle);
            QMouseEvent move(QEvent::MouseMove, middle + by, canvas().mapToGlobal(middle + by), Qt::NoButton,
                             Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(&canvas(), &move);
            QTest::mouseRelease(&canvas(), Qt::LeftButton, {}, middle + by);
        };
        drag({90, 0});
        double across = 0, upwards = 0;
        for (int point = 0; point < kImages; ++point) {
            const QPointF way = canvas().position(point) - before[static_cast<size_t>(point)];
            across += std::abs(way.x());
            upwards += std::abs(way.y());
        }
        QVERIFY(across > 20);
        QVERIFY(upwards < 1e-6 * across + 1e-3); // about the upright axis alone
        drag({-90, 0});                          // and back
        for (int point = 0; point < kImages; ++point)
            QVERIFY((canvas().position(point) - before[static_cast<size_t>(point)]).manhattanLength() < 1e-2);
        QVERIFY(selected().empty()); // turning selects nothing
        // A lasso is about what is seen.
        QTest::mouseClick(m_fixture->find<QToolButton>("mapLasso"), Qt::LeftButton);
        const auto inside = lassoLeftHalf();
        QCOMPARE(selected(), inside);
    }
};

QTEST_MAIN(MapWordsTest)
#include "tst_map_words.moc"

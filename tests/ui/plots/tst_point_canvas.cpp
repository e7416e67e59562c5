// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plots/point_clouds.h"
#include "ui/plots/lasso.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>
#include <memory>
#include <set>

using namespace diptych;
using namespace diptych::ui;

namespace {

/// Whatever is marked is selected, as the map's page does it.
class Marking : public QObject {
public:
    explicit Marking(PointCanvas& canvas) {
        connect(&canvas, &PointCanvas::marked, this,
                [this, &canvas](const std::vector<int>& points, SelectMode mode, int current) {
                    std::vector<uint8_t> selected = canvas.selectedPoints();
                    if (mode == SelectMode::Replace)
                        selected.assign(canvas.pointCount(), 0);
                    for (const int point : points) {
                        auto& one = selected[static_cast<size_t>(point)];
                        one = mode == SelectMode::Remove ? 0 : mode == SelectMode::Toggle ? !one : 1;
                    }
                    modes.push_back(mode);
                    canvas.setSelected(std::move(selected));
                    if (current >= 0)
                        canvas.setCurrent(current);
                });
        connect(&canvas, &PointCanvas::moved, &canvas, &PointCanvas::setCurrent);
    }
    std::vector<SelectMode> modes;
};

std::set<int> selectedOf(const PointCanvas& canvas) {
    std::set<int> points;
    for (size_t i = 0; i < canvas.pointCount(); ++i)
        if (canvas.selectedPoints()[i] != 0)
            points.insert(static_cast<int>(i));
    return points;
}

/// A picture of one colour for every point.
class Pictures : public PointSource {
public:
    QImage picture(int, int side) override {
        QImage image(side, side, QImage::Format_RGB32);
        image.fill(qRgb(200, 30, 30));
        return image;
    }
    PointCard card(int point) override {
        return {QStringLiteral("point %1").arg(point), {QStringLiteral("a line")}};
    }
    void setInSight(const std::vector<int>& points) override { inSight = points; }
    std::vector<int> inSight;
};

} // namespace

class TestPointCanvas : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<PointCanvas> canvas;
    std::unique_ptr<Marking> marking;

    /// Nine points on a lattice: 0 1 2 in the lowest row.
    void showLattice() {
        std::vector<float> x, y;
        for (int i = 0; i < 9; ++i) {
            x.push_back(static_cast<float>(i % 3));
            y.push_back(static_cast<float>(i / 3));
        }
        canvas->setPoints(x, y);
    }
    QPoint at(int point) const { return canvas->position(point).toPoint(); }
    void drag(const QList<QPoint>& way, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
              Qt::MouseButton button = Qt::LeftButton) {
        QTest::mousePress(canvas.get(), button, modifiers, way.first());
        for (const QPoint& point : way) {
            QMouseEvent move(QEvent::MouseMove, point, canvas->mapToGlobal(point), Qt::NoButton, button,
                             modifiers);
            QApplication::sendEvent(canvas.get(), &move);
        }
        QTest::mouseRelease(canvas.get(), button, modifiers, way.last());
    }
    /// Round one corner of the lattice after the other.
    QList<QPoint> round(const std::vector<int>& points) const {
        QRect area;
        for (const int point : points)
            area |= QRect(at(point) - QPoint(20, 20), QSize(41, 41));
        return {area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft()};
    }

private Q_SLOTS:
    void init() {
        theme::apply(*qApp, theme::Mode::Light);
        canvas = std::make_unique<PointCanvas>();
        canvas->resize(600, 480);
        marking = std::make_unique<Marking>(*canvas);
        canvas->show();
        QVERIFY(QTest::qWaitForWindowExposed(canvas.get()));
        showLattice();
    }
    void cleanup() {
        canvas.reset();
        marking.reset();
    }

    void lassoAnswersAsTheWindingNumberDoes() {
        std::mt19937_64 random(7);
        std::uniform_real_distribution<double> even(-1, 1);
        QPolygonF outline;
        for (int i = 0; i < 40; ++i)
            outline.append(QPointF(even(random), even(random)));
        const Lasso lasso(outline);
        int inside = 0;
        for (int i = 0; i < 4000; ++i) {
            const QPointF point(1.2 * even(random), 1.2 * even(random));
            QCOMPARE(lasso.contains(point.x(), point.y()), outline.containsPoint(point, Qt::WindingFill));
            inside += lasso.contains(point.x(), point.y()) ? 1 : 0;
        }
        QVERIFY(inside > 500 && inside < 3500);
    }

    void theIndexFindsWhatASearchOfAllFinds() {
        const test::PointCloud cloud(3000, 5);
        std::vector<float> x = cloud.x;
        x[17] = std::numeric_limits<float>::quiet_NaN();
        PointIndex index;
        index.build(x, cloud.y);
        QCOMPARE(index.size(), size_t(2999));
        std::mt19937_64 random(3);
        for (int i = 0; i < 200; ++i) {
            const QPointF where(std::uniform_real_distribution<double>(-2, 22)(random),
                                std::uniform_real_distribution<double>(-2, 16)(random));
            double best = 0.8;
            int64_t expected = -1;
            for (size_t k = 0; k < x.size(); ++k) {
                const double far = std::hypot(double(x[k]) - where.x(), double(cloud.y[k]) - where.y());
                if (k != 17 && far < best) {
                    best = far;
                    expected = static_cast<int64_t>(k);
                }
            }
            const int64_t place = index.nearest(where, 0.8, [](uint32_t) { return true; });
            QCOMPARE(place < 0 ? -1 : int64_t(index.points()[size_t(place)]), expected);
        }
    }

    void drawingRoundPointsSelectsThem() {
        drag(round({0, 1, 3, 4}));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{0, 1, 3, 4}));
        drag(round({2}), Qt::ShiftModifier);
        QCOMPARE(selectedOf(*canvas), (std::set<int>{0, 1, 2, 3, 4}));
        drag(round({0, 3}), Qt::AltModifier);
        QCOMPARE(selectedOf(*canvas), (std::set<int>{1, 2, 4}));
        drag(round({8}));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{8}));
    }

    void aLassoFollowsItsLineNotItsFrame() {
        // A triangle about 0, 1 and 3; the corner opposite, 4, is in its frame alone.
        const int step = at(1).x() - at(0).x();
        drag({at(0) + QPoint(-30, 30), at(1) + QPoint(step / 4, 30), at(3) + QPoint(-30, -step / 4)});
        QCOMPARE(selectedOf(*canvas), (std::set<int>{0, 1, 3}));
    }

    void rectangleTool() {
        QTest::keyClick(canvas.get(), Qt::Key_R);
        QCOMPARE(canvas->tool(), PointCanvas::Tool::Rectangle);
        drag({at(4) - QPoint(20, 20), at(2) + QPoint(20, 20)});
        QCOMPARE(selectedOf(*canvas), (std::set<int>{1, 2, 4, 5}));
    }

    void clicksSelectAddAndTakeAway() {
        QTest::mouseClick(canvas.get(), Qt::LeftButton, Qt::NoModifier, at(4));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{4}));
        QCOMPARE(canvas->current(), 4);
        QTest::mouseClick(canvas.get(), Qt::LeftButton, Qt::ControlModifier, at(5));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{4, 5}));
        QTest::mouseClick(canvas.get(), Qt::LeftButton, Qt::ControlModifier, at(4));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{5}));
        QTest::mouseClick(canvas.get(), Qt::LeftButton, Qt::NoModifier, (at(4) + at(0)) / 2);
        QCOMPARE(selectedOf(*canvas), std::set<int>{});
    }

    void theWheelKeepsWhatIsUnderThePointer() {
        const QPointF pointer(123, 321);
        const QPointF before = canvas->planeAt(pointer);
        const double scale = canvas->scale();
        for (int i = 0; i < 5; ++i) {
            QWheelEvent turn(pointer, canvas->mapToGlobal(pointer), {}, {0, 120}, Qt::NoButton,
                             Qt::NoModifier, Qt::NoScrollPhase, false);
            QApplication::sendEvent(canvas.get(), &turn);
        }
        QVERIFY(canvas->scale() > 2 * scale);
        const QPointF after = canvas->planeAt(pointer);
        QVERIFY(std::abs(before.x() - after.x()) < 1e-9 && std::abs(before.y() - after.y()) < 1e-9);
        QTest::keyClick(canvas.get(), Qt::Key_F);
        QCOMPARE(canvas->scale(), scale);
    }

    void middleButtonSpaceAndHandMoveTheView() {
        const QPointF before = canvas->position(4);
        drag({QPoint(100, 100), QPoint(140, 130)}, Qt::NoModifier, Qt::MiddleButton);
        QCOMPARE(canvas->position(4), before + QPointF(40, 30));
        QTest::keyPress(canvas.get(), Qt::Key_Space);
        drag({QPoint(140, 130), QPoint(100, 100)});
        QTest::keyRelease(canvas.get(), Qt::Key_Space);
        QCOMPARE(canvas->position(4), before);
        QTest::keyClick(canvas.get(), Qt::Key_H);
        drag({QPoint(300, 300), QPoint(310, 280)});
        QCOMPARE(canvas->position(4), before + QPointF(10, -20));
        QVERIFY(marking->modes.empty());
    }

    void aMovedPictureIsThatDrawnAfresh() {
        for (const size_t count : {size_t{2000}, size_t{300000}}) { // points, and density
            const test::PointCloud cloud(count, 6);
            canvas->setPoints(cloud.x, cloud.y);
            PointColors colors;
            colors.of = cloud.cluster;
            for (int i = 0; i < 6; ++i)
                colors.palette.push_back(theme::chartColor(i).rgb());
            colors.hidden.assign(6, 0);
            canvas->setColors(colors);
            canvas->grab();
            for (const QPointF way : {QPointF(37, 0), QPointF(-90, 21), QPointF(5, -64), QPointF(-3, -2)}) {
                canvas->panBy(way);
                const QImage moved = canvas->grab().toImage();
                canvas->setHidden(std::vector<uint8_t>(6, 0)); // has it drawn afresh
                QCOMPARE(moved, canvas->grab().toImage());
            }
        }
    }

    void hiddenColoursAreNeitherSeenNorSelected() {
        PointColors colors;
        colors.of = {0, 1, 0, 1, 0, 1, 0, 1, 0};
        colors.palette = {qRgb(255, 0, 0), qRgb(0, 0, 255)};
        colors.hidden = {0, 0};
        canvas->setColors(colors);
        const auto pixel = [&](int point) { return canvas->grab().toImage().pixelColor(at(point)); };
        QVERIFY(pixel(4).red() > 200 && pixel(4).blue() < 80);
        QVERIFY(pixel(5).blue() > 200);
        canvas->setHidden({0, 1});
        QCOMPARE(pixel(5), theme::colors().surface);
        drag(round({0, 1, 2, 3, 4, 5, 6, 7, 8}));
        QCOMPARE(selectedOf(*canvas), (std::set<int>{0, 2, 4, 6, 8}));
        QCOMPARE(canvas->pointAt(at(5)), -1);
    }

    void whatIsNotSelectedStandsBack() {
        canvas->setSelected({0, 0, 0, 0, 1, 0, 0, 0, 0});
        const QImage shown = canvas->grab().toImage();
        const auto contrast = [&](int point) {
            return theme::colors().surface.lightness() - shown.pixelColor(at(point)).lightness();
        };
        QVERIFY2(contrast(4) > 2 * contrast(5),
                 qPrintable(QStringLiteral("%1 %2").arg(contrast(4)).arg(contrast(5))));
    }

    void theNearestPointIsHovered() {
        Pictures pictures;
        canvas->setPicturesShown(false);
        canvas->setSource(&pictures);
        QSignalSpy spy(canvas.get(), &PointCanvas::hoveredChanged);
        QTest::mouseMove(canvas.get(), at(7) + QPoint(3, 2));
        QCOMPARE(canvas->hovered(), 7);
        QCOMPARE(canvas->describe(7), QStringLiteral("point 7, a line"));
        // Its card, with the picture, lies beside it.
        const QImage shown = canvas->grab().toImage();
        QCOMPARE(shown.pixelColor(at(7) + QPoint(3 + 18 + 60, 2 + 18 + 60)), QColor(200, 30, 30));
        QTest::mouseMove(canvas.get(), (at(7) + at(3)) / 2);
        QCOMPARE(canvas->hovered(), -1);
        QCOMPARE(spy.count(), 2);
        canvas->setSource(nullptr);
    }

    void picturesDoNotOverlapAndStayWhileMoving() {
        Pictures pictures;
        const test::PointCloud cloud(400, 3);
        canvas->setPoints(cloud.x, cloud.y);
        canvas->setSource(&pictures);
        for (int i = 0; i < 20 && canvas->pictures().size() < 8; ++i)
            canvas->zoom(1.2, canvas->position(0));
        QVERIFY(canvas->pictures().size() >= 8);
        const auto placed = canvas->pictures();
        QCOMPARE(pictures.inSight.size(), placed.size());
        for (size_t i = 0; i < placed.size(); ++i)
            for (size_t k = i + 1; k < placed.size(); ++k)
                QVERIFY(!placed[i].area.intersects(placed[k].area));
        canvas->panBy({13, -9});
        std::set<int> now;
        for (const PlacedPicture& picture : canvas->pictures())
            now.insert(picture.point);
        for (const PlacedPicture& picture : placed)
            if (canvas->rect().contains(picture.area.translated(13, -9).toAlignedRect()))
                QVERIFY(now.contains(picture.point));
        canvas->setPicturesShown(false);
        QVERIFY(canvas->pictures().empty());
        canvas->setSource(nullptr);
    }

    void namesStandBesidePoints() {
        const auto darkPixels = [&] {
            const QImage shown = canvas->grab(QRect(at(4) + QPoint(9, -8), QSize(40, 16))).toImage();
            int dark = 0;
            for (int y = 0; y < shown.height(); ++y)
                for (int x = 0; x < shown.width(); ++x)
                    dark += shown.pixelColor(x, y).lightness() < 100 ? 1 : 0;
            return dark;
        };
        QCOMPARE(darkPixels(), 0);
        canvas->setLabels({{4, QStringLiteral("middle")}});
        QVERIFY(darkPixels() > 20);
    }

    void keysGoFromPointToPoint() {
        QSignalSpy activated(canvas.get(), &PointCanvas::activated);
        canvas->setCurrent(4);
        QTest::keyClick(canvas.get(), Qt::Key_Right);
        QCOMPARE(canvas->current(), 5);
        QTest::keyClick(canvas.get(), Qt::Key_Up); // y points up
        QCOMPARE(canvas->current(), 8);
        QTest::keyClick(canvas.get(), Qt::Key_Space);
        QCOMPARE(selectedOf(*canvas), (std::set<int>{8}));
        QTest::keyClick(canvas.get(), Qt::Key_Left, Qt::ShiftModifier);
        QCOMPARE(selectedOf(*canvas), (std::set<int>{7, 8}));
        QTest::keyClick(canvas.get(), Qt::Key_Return);
        QCOMPARE(activated.takeFirst().first().toInt(), 7);
        QTest::keyClick(canvas.get(), Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(selectedOf(*canvas).size(), size_t(9));
    }

    void doubleClickOpensOrShowsAll() {
        QSignalSpy activated(canvas.get(), &PointCanvas::activated);
        QTest::mouseDClick(canvas.get(), Qt::LeftButton, Qt::NoModifier, at(3));
        QCOMPARE(activated.size(), 1);
        const double all = canvas->scale();
        canvas->zoom(2, QPointF(10, 10));
        QTest::mouseDClick(canvas.get(), Qt::LeftButton, Qt::NoModifier, QPoint(590, 5));
        QCOMPARE(canvas->scale(), all);
        QCOMPARE(activated.size(), 1);
    }

    void escapeDropsALineBeingDrawn() {
        QTest::mousePress(canvas.get(), Qt::LeftButton, Qt::NoModifier, QPoint(20, 20));
        QTest::mouseMove(canvas.get(), QPoint(400, 30));
        QTest::keyClick(canvas.get(), Qt::Key_Escape);
        QTest::mouseRelease(canvas.get(), Qt::LeftButton, Qt::NoModifier, QPoint(400, 400));
        QVERIFY(marking->modes.empty());
    }

    void isNamedForAssistivePrograms() {
        Pictures pictures;
        canvas->setSource(&pictures);
        canvas->setAccessibleName(QStringLiteral("Map"));
        canvas->setCurrent(2);
        canvas->setSelected({1, 1, 0, 0, 0, 0, 0, 0, 0});
        const QAccessibleInterface* seen = QAccessible::queryAccessibleInterface(canvas.get());
        QVERIFY(seen);
        QCOMPARE(seen->role(), QAccessible::Chart);
        QCOMPARE(seen->text(QAccessible::Name), QStringLiteral("Map"));
        QCOMPARE(seen->text(QAccessible::Value), QStringLiteral("point 2, a line. 2 of 9 points selected"));
        canvas->setSource(nullptr);
    }

    void pointsOnOnePlaceAndNoPointsAtAll() {
        canvas->setPoints({}, {});
        canvas->grab();
        drag({QPoint(10, 10), QPoint(200, 10), QPoint(200, 200)});
        QVERIFY(selectedOf(*canvas).empty());
        canvas->setPoints({1, 1, 1}, {2, 2, 2});
        canvas->grab();
        drag({QPoint(10, 10), QPoint(590, 10), QPoint(590, 470), QPoint(10, 470)});
        QCOMPARE(selectedOf(*canvas).size(), size_t(3));
    }

    void workGrowsNoFasterThanThePoints() {
        const auto cost = [&](size_t count) {
            const test::PointCloud cloud(count, 6);
            canvas->setPoints(cloud.x, cloud.y);
            qint64 best = std::numeric_limits<qint64>::max();
            for (int i = 0; i < 5; ++i) {
                QElapsedTimer clock;
                clock.start();
                canvas->setHidden({0});
                canvas->grab();
                best = std::min(best, clock.nsecsElapsed());
            }
            return static_cast<double>(best);
        };
        const double few = cost(20000), many = cost(200000);
        QVERIFY2(many < 30 * few, qPrintable(QStringLiteral("%1 %2").arg(few).arg(many)));
    }
};

QTEST_MAIN(TestPointCanvas)
#include "tst_point_canvas.moc"

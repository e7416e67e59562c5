// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/searcher.h"
#include "tests/support/file_drags.h"
#include "tests/ui/pages/map_window.h"
#include "ui/pages/map/map_page.h"
#include "ui/plots/heat_map.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QTabWidget>
#include <QToolButton>

#include <algorithm>

using namespace diptych;
using namespace diptych::ui;

class MapPageTest : public QObject, private test::MapWindow {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void appearsAtOnceWhereImagesAreEncoded() {
        openMap();
        QVERIFY(note().contains(QStringLiteral("nearest")));
        QCOMPARE(legend().entries()[1].name, QStringLiteral("dog"));
        QCOMPARE(legend().entries()[1].count, kImages / 3);
    }

    void offersToEncodeFirst() {
        openWorkspace(false);
        auto* stack = canvas().window();
        QVERIFY(stack);
        const auto buttons = window().page(QStringLiteral("map"))->findChildren<QPushButton*>();
        const auto offers = [&]() -> QPushButton* {
            for (QPushButton* button : buttons)
                if (button->isVisible() && button->text().startsWith(QStringLiteral("Encode")))
                    return button;
            return nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(offers(), 30000);
        QTest::mouseClick(offers(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(canvas().pointCount(), size_t(kImages), 60000);
        QVERIFY(canvas().isVisible());
    }

    void aLassoSelectsInTheGridToo() {
        openMap();
        const auto inside = lassoLeftHalf();
        QVERIFY(!inside.empty() && inside.size() < size_t(kImages));
        QCOMPARE(selected(), inside);
        QCOMPARE(lit(), inside);
        auto* said = m_fixture->find<QLabel>("mapSelected");
        QVERIFY(said->text().contains(QString::number(inside.size())));
        QCOMPARE(test::filesDragged(m_fixture->services->actions, said, {5, 5}).size(),
                 static_cast<qsizetype>(inside.size()));
        window().showPage(QStringLiteral("datasets"));
        auto* grid = window().page(QStringLiteral("datasets"))->findChild<ThumbnailGrid*>();
        QTRY_COMPARE(grid->model()->rowCount(), kImages);
        QTRY_COMPARE(grid->selectedSamples().size(), inside.size());
        const auto inGrid = grid->selectedSamples();
        QCOMPARE((std::set<SampleId>{inGrid.begin(), inGrid.end()}), inside);
    }

    void oneImageDoesNotSetTheOthersBack() {
        openMap();
        const auto shown = [&] {
            canvas().setCurrent(-1);
            return canvas().grab().toImage();
        };
        const QImage before = shown();
        selection().set({m_samples[3]}, m_samples[3]);
        QCOMPARE(lit(), std::set<SampleId>{m_samples[3]});
        QCOMPARE(shown(), before);
        selection().set({m_samples[3], m_samples[9]}, m_samples[3]);
        QVERIFY(shown() != before);
    }

    void whatIsSelectedInTheGridLightsUp() {
        openMap();
        window().showPage(QStringLiteral("datasets"));
        auto* grid = window().page(QStringLiteral("datasets"))->findChild<ThumbnailGrid*>();
        QTRY_COMPARE(grid->model()->rowCount(), kImages);
        grid->setFocus();
        const auto click = [&](int row, Qt::KeyboardModifiers modifiers) {
            QTest::mouseClick(grid->viewport(), Qt::LeftButton, modifiers,
                              grid->visualRect(grid->model()->index(row, 0)).center());
        };
        click(2, Qt::NoModifier);
        click(4, Qt::ControlModifier);
        window().showPage(QStringLiteral("map"));
        QCOMPARE(lit(), (std::set<SampleId>{m_samples[2], m_samples[4]}));
        QCOMPARE(canvas().current(), 4);
    }

    void aCellOfTheConfusionMatrixLightsUp() {
        openMap();
        RunRecord run;
        run.task = "zero-shot";
        run.datasetId = workspace().datasets()[0].id;
        run.datasetName = "animals";
        run.classNames = {"cat", "dog", "owl"};
        run.spec = Json::object();
        run.startedAt = "2026-01-02T03:04:05Z";
        run.details["confusion"]["cells"] = Json::array({{0, 0, 4}, {0, 2, 2}, {1, 1, 6}, {2, 2, 6}});
        std::vector<ExampleResult> examples;
        for (int i = 0; i < kImages; ++i) {
            ExampleResult example;
            example.sample = m_samples[static_cast<size_t>(i)];
            example.target = i / 6;
            example.predictions = {{i == 1 || i == 4 ? 2 : i / 6, 0.9F}};
            example.correct = i != 1 && i != 4;
            examples.push_back(example);
        }
        const RunId stored = workspace().addRun(run, examples);
        state().notifyRunsChanged();
        state().showRun(stored);
        HeatMap* cells = nullptr;
        QTRY_VERIFY((cells = window().page(QStringLiteral("runs"))->findChild<HeatMap*>()) &&
                    cells->size() == 3);
        auto* tabs = window().page(QStringLiteral("runs"))->findChild<QTabWidget*>();
        for (int i = 0; i < tabs->count(); ++i)
            if (tabs->widget(i)->isAncestorOf(cells))
                tabs->setCurrentIndex(i);
        QTRY_VERIFY(cells->isVisible() && cells->width() > 100);
        auto* plot = cells->findChild<QWidget*>();
        QTest::mouseClick(plot, Qt::LeftButton, Qt::NoModifier,
                          plot->mapFrom(cells, cells->cellCenter(0, 2)));
        const std::set<SampleId> expected{m_samples[1], m_samples[4]};
        QTRY_COMPARE(selected(), expected);
        window().showPage(QStringLiteral("map"));
        QCOMPARE(lit(), expected);
        // What the run made of the images colours the map.
        QTRY_VERIFY(combo("mapColorBy").findText(QStringLiteral("Right or wrong")) >= 0);
        colorBy("Right or wrong");
        QTRY_COMPARE(legend().entries().size(), size_t(2));
        QCOMPARE(legend().entries()[1].name, QStringLiteral("wrong"));
        QCOMPARE(legend().entries()[1].count, 2);
        QCOMPARE(legend().entries()[1].selected, 2);
    }

    void selectionsCanBeUndone() {
        openMap();
        const auto inside = lassoLeftHalf();
        QTest::mouseClick(&canvas(), Qt::LeftButton, Qt::NoModifier, QPoint(2, 2)); // astray
        QVERIFY(selected().empty());
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(selected(), inside);
        QCOMPARE(lit(), inside);
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(selected().empty());
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(selected(), inside);
        // Escape leaves it.
        QTest::keyClick(&window(), Qt::Key_Escape);
        QVERIFY(selected().empty());
    }

    void aKeyTagsAndRecolours() {
        openMap();
        workspace().addTag(std::vector<SampleId>{m_samples[0]}, "odd");
        state().notifyTagsChanged();
        m_fixture->services->actions.setTagOfKey(1, QStringLiteral("odd"));
        QTRY_VERIFY(combo("mapColorBy").findText(QStringLiteral("Tag")) >= 0);
        colorBy("Tag");
        QTRY_COMPARE(legend().entries().size(), size_t(2));
        QCOMPARE(legend().entries()[0].name, QStringLiteral("odd"));
        QCOMPARE(legend().entries()[0].count, 1);
        const auto inside = lassoLeftHalf();
        std::set<SampleId> tagged = inside;
        tagged.insert(m_samples[0]);
        QTest::keyClick(&canvas(), Qt::Key_1);
        QTRY_COMPARE(legend().entries()[0].count, qint64(tagged.size()));
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(legend().entries()[0].count, 1);
        QCOMPARE(selected(), inside);
    }

    void theLegendHidesAndShowsAlone() {
        openMap();
        const auto row = [&](int i) { return legend().visualRect(legend().model()->index(i, 0)).center(); };
        QTest::mouseClick(legend().viewport(), Qt::LeftButton, Qt::NoModifier, row(1));
        QVERIFY(canvas().isHidden(6) && !canvas().isHidden(0));
        QTest::mouseClick(legend().viewport(), Qt::LeftButton, Qt::NoModifier, row(1));
        QVERIFY(!canvas().isHidden(6));
        QTest::mousePress(legend().viewport(), Qt::LeftButton, Qt::NoModifier, row(2));
        QTest::mouseDClick(legend().viewport(), Qt::LeftButton, Qt::NoModifier, row(2));
        QVERIFY(canvas().isHidden(0) && canvas().isHidden(6) && !canvas().isHidden(12));
        legend().setFocus();
        legend().setCurrentIndex(legend().model()->index(2, 0));
        QTest::keyClick(&legend(), Qt::Key_Return);
        QVERIFY(!canvas().isHidden(0));
        QTest::keyClick(&legend(), Qt::Key_Space);
        QVERIFY(canvas().isHidden(12));
    }

    void theLegendSelects() {
        openMap();
        const auto row = [&](int i) { return legend().visualRect(legend().model()->index(i, 0)).center(); };
        QTest::mouseClick(legend().viewport(), Qt::LeftButton, Qt::ControlModifier, row(1));
        QCOMPARE(selected(), (std::set<SampleId>{m_samples.begin() + 6, m_samples.begin() + 12}));
        QTest::mouseClick(legend().viewport(), Qt::LeftButton, Qt::ControlModifier | Qt::ShiftModifier,
                          row(2));
        QCOMPARE(selected(), (std::set<SampleId>{m_samples.begin() + 6, m_samples.end()}));
        QVERIFY(!canvas().isHidden(6));
        colorBy("Neighbours kept");
        auto* values = m_fixture->find<ValueLegend>("mapValues");
        QTRY_VERIFY(values->isVisible());
        QTest::mousePress(values, Qt::LeftButton, Qt::NoModifier, QPoint(1, 40));
        QTest::mouseMove(values, QPoint(values->width() - 1, 40));
        QTest::mouseRelease(values, Qt::LeftButton, Qt::NoModifier, QPoint(values->width() - 1, 40));
        QCOMPARE(selected(), (std::set<SampleId>{m_samples.begin(), m_samples.end()}));
        values->setFocus();
        QTest::keyClick(values, Qt::Key_Left); // the bar of those that keep the most, without the last
        QTest::keyClick(values, Qt::Key_Space);
        QVERIFY(selected().size() < m_samples.size());
    }

    void theFilterHidesPoints() {
        openMap();
        DatasetView& view = state().view(workspace().datasets()[0].id);
        view.setFilter({.labels = {1}});
        const auto shown = [this] {
            std::set<SampleId> samples;
            for (int point = 0; point < kImages; ++point)
                if (!canvas().isHidden(point))
                    samples.insert(m_samples[static_cast<size_t>(point)]);
            return samples;
        };
        const auto dogs = workspace().sampleIds(view.dataset(), {.labels = {1}});
        QTRY_COMPARE(shown(), std::set<SampleId>(dogs.begin(), dogs.end()));
        auto* filtered = m_fixture->find<QWidget>("mapFiltered");
        QVERIFY(filtered->isVisible());
        lassoLeftHalf(); // marks only what is in sight
        for (const SampleId sample : selected())
            QVERIFY(std::binary_search(dogs.begin(), dogs.end(), sample));
        QTest::mouseClick(filtered->findChild<QPushButton*>(), Qt::LeftButton);
        QTRY_COMPARE(shown().size(), size_t(kImages));
        QVERIFY(!filtered->isVisible());
        QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(shown().size(), dogs.size());
        window().showPage(QStringLiteral("datasets"));
        view.clear();
        QTRY_VERIFY(view.current());
        window().showPage(QStringLiteral("map")); // follows when it is seen again
        QTRY_COMPARE(shown().size(), size_t(kImages));
    }

    void opensTheInspector() {
        openMap();
        QTest::mouseClick(&canvas(), Qt::LeftButton, Qt::NoModifier, canvas().position(7).toPoint());
        QCOMPARE(selection().current(), m_samples[static_cast<size_t>(canvas().current())]);
        QTest::keyClick(&canvas(), Qt::Key_Return);
        QCOMPARE(window().currentPage(), QStringLiteral("inspector"));
        QCOMPARE(state().currentSample(), selection().current());
    }

    void findsByName() {
        openMap();
        auto* field = m_fixture->find<QLineEdit>("mapFind");
        QTest::keyClick(&window(), Qt::Key_F, Qt::ControlModifier);
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("owl"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(canvas().current(), 12);
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(canvas().current(), 13);
        QVERIFY(canvas().rect().contains(canvas().position(13).toPoint()));
        QCOMPARE(selected(), std::set<SampleId>{m_samples[13]});
        field->setText(QStringLiteral("no such thing"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(note().contains(QStringLiteral("no such thing")));
    }

    void coloursByValueAndByClass() {
        openMap();
        colorBy("Neighbours kept");
        QTRY_VERIFY(m_fixture->find<ValueLegend>("mapValues")->isVisible());
        QVERIFY(!legend().isVisible());
        colorBy("Class");
        QTRY_VERIFY(legend().isVisible());
        QCOMPARE(legend().entries().size(), size_t(3));
    }

    void imagesAndTextsInOneMap() {
        openMap();
        combo("mapContent").setCurrentText(QStringLiteral("Both"));
        QTRY_COMPARE_WITH_TIMEOUT(canvas().pointCount(), size_t(kImages + 3), 30000);
        QTRY_VERIFY(note().contains(QStringLiteral("apart")));
        QVERIFY2(note().contains(QStringLiteral("find their text first")) &&
                     note().contains(QStringLiteral("with the means taken away")),
                 qPrintable(note()));
        QTRY_VERIFY(combo("mapColorBy").findText(QStringLiteral("Image or text")) >= 0);
        // The prompt of a class stands for its images.
        QTest::mouseClick(&canvas(), Qt::LeftButton, Qt::NoModifier,
                          canvas().position(kImages + 1).toPoint());
        if (canvas().current() == kImages + 1)
            QCOMPARE(selected(), (std::set<SampleId>{m_samples.begin() + 6, m_samples.begin() + 12}));
    }

    void textsSpanAMap() {
        openMap();
        combo("mapMethod").setCurrentText(QStringLiteral("Text axes"));
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("cosine")), 30000);
        QCOMPARE(canvas().pointCount(), size_t(kImages));
        // The same numbers as a search for the text.
        const auto check = [&](const std::string& text, bool across) {
            SearchQuery query;
            query.dataset = "animals";
            query.model = "openai";
            query.terms = {{.text = text}};
            for (const SearchHit& hit : state().session()->search(query, {}).hits) {
                const auto at = std::find(m_samples.begin(), m_samples.end(), hit.sample) - m_samples.begin();
                const QPointF place = canvas().planeAt(canvas().position(static_cast<int>(at)));
                QVERIFY(std::abs((across ? place.x() : place.y()) - static_cast<double>(hit.cosine)) < 1e-5);
            }
        };
        check("a photo of a cat", true);
        check("a photo of a dog", false);
        QTest::mouseClick(m_fixture->find<QToolButton>("mapSettings"), Qt::LeftButton);
        auto* text = window().findChild<QLineEdit*>(QStringLiteral("param_x_text"));
        QVERIFY(text && text->isVisible());
        text->selectAll();
        QTest::keyClicks(text, QStringLiteral("a tree"));
        QTRY_VERIFY_WITH_TIMEOUT(!makeButton().text().contains(QStringLiteral("Cancel")), 30000);
        const auto follows = [&] {
            SearchQuery query;
            query.dataset = "animals";
            query.model = "openai";
            query.terms = {{.text = "a tree"}};
            const SearchHit best = state().session()->search(query, {}).hits.front();
            const auto at = std::find(m_samples.begin(), m_samples.end(), best.sample) - m_samples.begin();
            const QPointF place = canvas().planeAt(canvas().position(static_cast<int>(at)));
            return std::abs(place.x() - static_cast<double>(best.cosine)) < 1e-5;
        };
        QTRY_VERIFY_WITH_TIMEOUT(follows(), 30000);
        text->window()->hide();
        auto* page = qobject_cast<MapPage*>(window().page(QStringLiteral("map")));
        page->exportMap(m_fixture->path(QStringLiteral("axes.csv")));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_fixture->path(QStringLiteral("axes.csv"))), 10000);
        QFile table(m_fixture->path(QStringLiteral("axes.csv")));
        QVERIFY(table.open(QIODevice::ReadOnly));
        QCOMPARE(table.readAll().count('\n'), kImages + 1);
    }

    void aMapThatIsMadeCanBeStopped() {
        openMap();
        const QPointF before = canvas().position(3);
        combo("mapMethod").setCurrentText(QStringLiteral("t-SNE"));
        QCOMPARE(makeButton().text(), QStringLiteral("Cancel"));
        QTest::mouseClick(&makeButton(), Qt::LeftButton); // before anything of it can arrive
        QCOMPARE(makeButton().text(), QStringLiteral("Make map"));
        QTRY_COMPARE(m_fixture->services->jobs.activeCount(), 0);
        QCOMPARE(canvas().position(3), before);
        const auto inside = lassoLeftHalf();
        QTest::mouseClick(&makeButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("distances between clusters")), 60000);
        QCOMPARE(makeButton().text(), QStringLiteral("Make map"));
        QVERIFY(canvas().position(3) != before);
        QCOMPARE(lit(), inside); // what is selected stays so, wherever it lies now
    }

    void umapIsShown() {
        openMap();
        combo("mapMethod").setCurrentText(QStringLiteral("UMAP"));
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(QStringLiteral("distances between clusters")), 60000);
        QCOMPARE(canvas().pointCount(), size_t(kImages));
        QTRY_COMPARE(legend().entries().size(), size_t(3));
    }

    void saysWhatIsMissing() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
        window().showPage(QStringLiteral("map"));
        QTRY_VERIFY(!makeButton().isEnabled());
        QVERIFY(!canvas().isVisible());
    }

    void isSavedAsPictureAndAsTable() {
        openMap();
        auto* page = qobject_cast<MapPage*>(window().page(QStringLiteral("map")));
        for (const QString& name : {QStringLiteral("map.png"), QStringLiteral("map.svg"),
                                    QStringLiteral("map.csv"), QStringLiteral("map.json")}) {
            const QString file = m_fixture->path(name);
            page->exportMap(file);
            QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), 10000);
        }
        const QImage picture(m_fixture->path(QStringLiteral("map.png")));
        QCOMPARE(picture.height(), 2 * canvas().height());
        QFile table(m_fixture->path(QStringLiteral("map.csv")));
        QVERIFY(table.open(QIODevice::ReadOnly));
        QCOMPARE(table.readAll().count('\n'), kImages + 1);
        QFile shapes(m_fixture->path(QStringLiteral("map.svg")));
        QVERIFY(shapes.open(QIODevice::ReadOnly));
        QVERIFY(shapes.readAll().contains("owl"));
        page->exportMap(m_fixture->path(QStringLiteral("map.jsonl")));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_fixture->path(QStringLiteral("map.jsonl"))), 10000);
        QFile lines(m_fixture->path(QStringLiteral("map.jsonl")));
        QVERIFY(lines.open(QIODevice::ReadOnly));
        const QJsonObject first = QJsonDocument::fromJson(lines.readLine()).object();
        QCOMPARE(first[QLatin1String("neighbors")][QLatin1String("ids")].toArray().size(), 10);
        for (const char* column : {"x", "y", "image"})
            QVERIFY(first.contains(QLatin1String(column)));
    }
};

QTEST_MAIN(MapPageTest)
#include "tst_map_page.moc"

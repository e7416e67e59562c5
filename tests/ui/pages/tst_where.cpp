// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/heat.h"
#include "core/session/explanation.h"
#include "tests/support/error_code.h"
#include "tests/support/window_fixture.h"
#include "ui/pages/inspector/where_curves.h"
#include "ui/pages/inspector/where_panel.h"
#include "ui/pages/inspector/where_text.h"
#include "ui/plots/curve_plot.h"
#include "ui/widgets/image_view.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>

using namespace diptych;
using namespace diptych::ui;

/// Where in the picture its similarity with a text comes from, in the Inspector.
class WhereTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    std::vector<SampleId> m_ids;
    ModelId m_clip, m_align;

    AppState& state() { return m_fixture->services->state; }
    template<class T>
    T& find(const char* name) {
        T* found = m_fixture->find<T>(name);
        if (!found)
            qFatal("no %s", name);
        return *found;
    }
    QWidget* page() { return m_fixture->window->page(QStringLiteral("inspector")); }
    WherePanel& panel() { return *page()->findChild<WherePanel*>(); }
    ImageView& view() { return *page()->findChild<ImageView*>(); }
    QLabel& note() { return find<QLabel>("whereNote"); }
    QToolButton& where() { return find<QToolButton>("where"); }

    void open() {
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            m_clip = session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
            m_align = session->addModel(DIPTYCH_FIXTURES "/families/align", {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        Workspace& workspace = state().session()->workspace();
        m_ids = workspace.sampleIds(workspace.datasets().front().id);
        state().setCurrentModel(m_clip);
        state().showSample(m_ids[1]);
        QTRY_COMPARE(find<QLabel>("inspectorTitle").text(), QStringLiteral("cat_001.png"));
        QTRY_VERIFY(where().isEnabled());
    }
    Explanation answer(SampleId sample, const std::string& text, ExplainOptions options = {}) {
        ExplainQuery query{.sample = sample, .model = m_clip, .text = text};
        query.options = options;
        return state().session()->explain(query, {});
    }
    static QImage painted(const Explanation& found, const char* colours, double opacity) {
        return toQImage(
            withHeat(found.seen, found.relevance, {colours, opacity, heatEnlargement(found.seen)}));
    }

private Q_SLOTS:
    void init() { m_fixture = std::make_unique<test::WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void theHeatLiesOverThePicture() {
        open();
        QTest::keyClicks(&find<QLineEdit>("scoreText"), QStringLiteral("a cat"));
        QTest::mouseClick(&where(), Qt::LeftButton);
        const Explanation wanted = answer(m_ids[1], "a cat");
        QTRY_COMPARE(view().image(), painted(wanted, "viridis", 0.6));
        QVERIFY(find<QLabel>("whereWords").isVisible());
        QCOMPARE(find<QLabel>("whereWords").text(), tintedWords(wanted.relevance, theme::colors().accent));
        const QString highest =
            patchText(wanted.relevance, highestPatch(wanted.relevance)).mid(1); // "Row" goes on a sentence
        QVERIFY2(note().text().contains(highest), qPrintable(note().text()));

        QSlider& opacity = find<QSlider>("whereOpacity");
        opacity.setFocus();
        QTest::keyClick(&opacity, Qt::Key_Home);
        QTRY_COMPARE(view().image(), painted(wanted, "viridis", 0));
        QTest::keyClick(&opacity, Qt::Key_End);
        QComboBox& colours = find<QComboBox>("whereColours");
        colours.setFocus();
        QTest::keyClick(&colours, Qt::Key_End);
        QTRY_COMPARE(view().image(), painted(wanted, "jet", 1));

        QTest::mouseMove(&view(), QPoint(3, 3)); // beside the picture
        QTest::mouseMove(&view(), view().rect().center());
        QTRY_VERIFY2(note().text().startsWith(QStringLiteral("Row ")), qPrintable(note().text()));

        QTest::mouseClick(&where(), Qt::LeftButton);
        QTRY_COMPARE(view().image().size(), QSize(48, 32));
        QVERIFY(!panel().isVisible());
    }

    void itFollowsTheTextThePictureAndTheMethod() {
        open();
        page()->setFocus();
        QTest::keyClick(page(), Qt::Key_W);
        QTRY_VERIFY(panel().isVisible());
        QVERIFY2(note().text().contains(QStringLiteral("Type the text")), qPrintable(note().text()));
        QTest::keyClicks(&find<QLineEdit>("scoreText"), QStringLiteral("a dog"));
        QTRY_COMPARE(view().image(), painted(answer(m_ids[1], "a dog"), "viridis", 0.6));
        QTest::mouseClick(&find<QToolButton>("nextExample"), Qt::LeftButton);
        QTRY_COMPARE(view().image(), painted(answer(m_ids[2], "a dog"), "viridis", 0.6));
        QComboBox& method = find<QComboBox>("whereMethod");
        method.setFocus();
        for (const ExplainMethod wanted :
             {ExplainMethod::Occlusion, ExplainMethod::PatchText, ExplainMethod::Attention}) {
            QTest::keyClick(&method, Qt::Key_Down);
            QTRY_COMPARE(view().image(),
                         painted(answer(m_ids[2], "a dog", {.method = wanted}), "viridis", 0.6));
        }
        QVERIFY(!find<QLabel>("whereWords").isVisible());
        QSpinBox& head = find<QSpinBox>("whereHead");
        QVERIFY(head.isVisible() && find<QSpinBox>("whereLayer").isVisible());
        head.setFocus();
        QTest::keyClick(&head, Qt::Key_Up);
        QTRY_COMPARE(view().image(),
                     painted(answer(m_ids[2], "a dog", {.method = ExplainMethod::Attention, .head = 1}),
                             "viridis", 0.6));
        find<QLineEdit>("scoreText").clear(); // attention asks for no text
        QTRY_COMPARE(view().image().width(), view().image().height());
    }

    void itIsWrittenAsPictureAndValues() {
        open();
        QTest::keyClicks(&find<QLineEdit>("scoreText"), QStringLiteral("a cat"));
        QTest::mouseClick(&where(), Qt::LeftButton);
        QTRY_VERIFY(find<QToolButton>("whereExport").isEnabled());
        const QString png = m_fixture->path(QStringLiteral("heat.png"));
        const QString csv = m_fixture->path(QStringLiteral("heat.csv"));
        panel().save(png);
        QCOMPARE(QImage(png).convertToFormat(QImage::Format_RGB32), view().image());
        panel().save(csv);
        QFile file(csv);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(file.readAll()),
                 QString::fromStdString(relevanceCsv(answer(m_ids[1], "a cat").relevance)));
        QCOMPARE(test::errorCodeOf([&] { panel().save(m_fixture->path(QStringLiteral("heat.txt"))); }),
                 ErrorCode::InvalidArgument);
    }

    void whatWasFoundIsCheckedOnThePair() {
        open();
        QTest::keyClicks(&find<QLineEdit>("scoreText"), QStringLiteral("a cat"));
        QTest::mouseClick(&where(), Qt::LeftButton);
        QTRY_VERIFY(find<QToolButton>("whereCurves").isEnabled());
        QTest::mouseClick(&find<QToolButton>("whereCurves"), Qt::LeftButton);
        auto* curves = m_fixture->window->findChild<WhereCurves*>();
        QVERIFY(curves);
        auto* plot = curves->findChild<CurvePlot*>();
        QTRY_COMPARE(plot->chart().series.size(), size_t{2});
        const auto &deletion = plot->chart().series[0].points, &insertion = plot->chart().series[1].points;
        QCOMPARE(deletion.size(), size_t{21});
        QCOMPARE(deletion.back().x(), 1.0);
        // Nothing covered and everything shown are the same picture, and so are the other two ends.
        QVERIFY(std::abs(deletion.front().y() - insertion.back().y()) < 1e-5);
        QVERIFY(std::abs(deletion.back().y() - insertion.front().y()) < 1e-5);
        QVERIFY(curves->findChild<QLabel*>(QStringLiteral("curvesNote"))
                    ->text()
                    .contains(QStringLiteral("Area under")));
        QTest::keyClick(curves, Qt::Key_Escape);
        QTRY_VERIFY(!m_fixture->window->findChild<WhereCurves*>());
    }

    void aModelThatCannotSayWhereSaysWhy() {
        open();
        QTest::mouseClick(&where(), Qt::LeftButton);
        QVERIFY(panel().isVisible());
        state().setCurrentModel(m_align);
        state().showSample(m_ids[0]);
        QTRY_VERIFY(!where().isEnabled());
        QVERIFY2(where().toolTip().contains(QStringLiteral("align")) &&
                     where().toolTip().contains(QStringLiteral("patches")),
                 qPrintable(where().toolTip()));
        QVERIFY(!panel().isVisible());
    }

    void wordsOfEveryTokenizer() {
        Relevance relevance;
        relevance.tokens = {"<|startoftext|>", "a</w>", "ele", "phant</w>", "<|endoftext|>"};
        relevance.tokenValues = {9, 0, 0.5F, 1, 9};
        QCOMPARE(spokenWords(relevance), QStringLiteral("a 0, ele 0.5, phant 1"));
        const QColor tint(10, 20, 30);
        const auto span = [](int alpha, const char* text) {
            return QStringLiteral("<span style=\"background-color: rgba(10, 20, 30, %1);\">%2</span>")
                .arg(alpha)
                .arg(QString::fromUtf8(text));
        };
        QCOMPARE(tintedWords(relevance, tint), span(0, "a") + u' ' + span(95, "ele") + span(191, "phant"));
        relevance.tokens = {"[CLS]", "ele", "##phant", "\xe2\x96\x81<b>", "[SEP]"};
        relevance.tokenValues = {9, 1, 0, 0, 9};
        QCOMPARE(tintedWords(relevance, tint),
                 span(191, "ele") + span(0, "phant") + u' ' + span(0, "&lt;b&gt;"));
    }
};

QTEST_MAIN(WhereTest)
#include "tst_where.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/support/window_fixture.h"
#include "ui/pages/prompts/prompts_page.h"
#include "ui/state/selection.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/thumbnail_grid.h"

#include <QComboBox>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableWidget>
#include <QTest>
#include <QTimer>

using namespace diptych;
using namespace diptych::ui;

/// The Prompts page by hand: numbers that follow the typing, templates, classes, flips, kept prompts, a true
/// run.
class PromptsPageTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;

    template<class T>
    T* find(const char* name) {
        T* found = m_fixture->find<T>(name);
        if (!found)
            qFatal("no widget named %s", name);
        return found;
    }
    Workspace& workspace() { return m_fixture->services->state.session()->workspace(); }
    PromptsPage* page() {
        return static_cast<PromptsPage*>(m_fixture->window->page(QStringLiteral("prompts")));
    }
    TableView* templates() { return find<TableView>("promptTemplatesTable"); }
    TableView* classes() { return find<TableView>("promptClasses"); }
    QString number() { return find<QLabel>("promptNumber")->text(); }
    QString change() { return find<QLabel>("promptChange")->text(); }
    static QString cell(TableView* view, int row, int column) {
        return view->model()->index(row, column).data().toString();
    }
    void press(const char* button) { QTest::mouseClick(find<QPushButton>(button), Qt::LeftButton); }

    void startEditing(TableView* view, int row, int column) {
        const QModelIndex index = view->model()->index(row, column);
        view->scrollTo(index);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    }
    QLineEdit* editor() { return qobject_cast<QLineEdit*>(QApplication::focusWidget()); }
    void edit(TableView* view, int row, int column, const QString& text) {
        startEditing(view, row, column);
        QVERIFY(editor());
        editor()->selectAll();
        QTest::keyClicks(editor(), text);
        finishEditing();
    }
    /// What was typed is taken a moment after Return.
    void finishEditing() {
        QTest::keyClick(editor(), Qt::Key_Return);
        QTRY_VERIFY(!editor());
    }
    /// Types @p text into the question that comes next and accepts it.
    void answer(const QString& text) {
        auto* timer = new QTimer(this);
        connect(timer, &QTimer::timeout, this, [timer, text] {
            auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget());
            if (!dialog)
                return;
            timer->deleteLater();
            dialog->setTextValue(text);
            dialog->accept();
        });
        timer->start(10);
    }
    /// The accuracy that the task itself finds with these prompts.
    double evaluated(const PromptSet& prompts) {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "animals";
        spec.model = workspace().models().front().name;
        spec.params = {{"templates", promptSetJson(prompts)}};
        const Preview preview = m_fixture->services->state.session()->preview(spec, {});
        return preview.metrics.front().value;
    }
    QString shown(double share) { return QLocale().toString(share * 100, 'f', 1); }

    void open(bool encoded = true) {
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
        m_fixture->window->showPage(QStringLiteral("prompts"));
        if (encoded)
            QTRY_VERIFY_WITH_TIMEOUT(number().contains(QLatin1Char('%')), 30000);
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 6);
    }
    void cleanup() { m_fixture.reset(); }

    void imagesAreEncodedOnAsking() {
        open(false);
        QTRY_VERIFY(page()->findChild<QPushButton*>() != nullptr);
        QPushButton* encode = nullptr;
        QTRY_VERIFY([&] {
            for (auto* button : page()->findChildren<QPushButton*>())
                if (button->text() == QStringLiteral("Encode the images") && button->isVisible())
                    encode = button;
            return encode != nullptr;
        }());
        QTest::mouseClick(encode, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(number().contains(QLatin1Char('%')), 60000);
    }

    void numbersFollowTheTyping() {
        open();
        QCOMPARE(templates()->model()->rowCount(), 1);
        QVERIFY(change().contains(QStringLiteral("The same answers")));
        startEditing(templates(), 0, TemplatesTable::Text);
        QVERIFY(editor());
        editor()->selectAll();
        QTest::keyClicks(editor(), QStringLiteral("zebra crossing {} by night"));
        PromptSet typed;
        typed.templates = {"zebra crossing {} by night"};
        // Nothing is committed yet.
        QTRY_VERIFY2(number().startsWith(shown(evaluated(typed))), qPrintable(number()));
        QVERIFY(!find<QPushButton>("undoPrompts")->isEnabled());
        // What is not a template is said; Esc brings the old one back.
        editor()->selectAll();
        QTest::keyClicks(editor(), QStringLiteral("no place"));
        QTRY_VERIFY(find<QLabel>("promptProblem")->isVisible());
        QTest::keyClick(editor(), Qt::Key_Escape);
        QTRY_VERIFY(!find<QLabel>("promptProblem")->isVisible());
        QTRY_VERIFY(change().contains(QStringLiteral("The same answers")));
        QCOMPARE(cell(templates(), 0, TemplatesTable::Text), QStringLiteral("a photo of a {}."));
    }

    void editsAreUndone() {
        open();
        edit(templates(), 0, TemplatesTable::Text, QStringLiteral("the <b>{}</b>"));
        QCOMPARE(cell(templates(), 0, TemplatesTable::Text).left(10), QStringLiteral("the <b>{}<"));
        QTest::keyClick(templates(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(cell(templates(), 0, TemplatesTable::Text), QStringLiteral("a photo of a {}."));
        press("redoPrompts");
        QVERIFY(cell(templates(), 0, TemplatesTable::Text).startsWith(QStringLiteral("the <b>")));
        press("addTemplate");
        QCOMPARE(templates()->model()->rowCount(), 2);
        QVERIFY(editor());
        finishEditing();
        QTest::keyClick(templates(), Qt::Key_Delete);
        QCOMPARE(templates()->model()->rowCount(), 1);
        press("undoPrompts");
        QCOMPARE(templates()->model()->rowCount(), 2);
    }

    void ticksClassesAndWhatTheyChange() {
        open();
        press("addTemplate");
        finishEditing();
        edit(templates(), 1, TemplatesTable::Text, QStringLiteral("art of the {}"));
        edit(classes(), 0, ClassWordsTable::Called, QStringLiteral("tabby | kitten"));
        edit(classes(), 1, ClassWordsTable::Own, QStringLiteral("it barks"));
        PromptSet prompts;
        prompts.templates = {"a photo of a {}.", "art of the {}"};
        prompts.classes["cat"].names = {"tabby", "kitten"};
        prompts.classes["dog"].prompts = {"it barks"};
        QTRY_VERIFY2(number().startsWith(shown(evaluated(prompts))), qPrintable(number()));
        QTRY_VERIFY(cell(templates(), 1, TemplatesTable::Alone).contains(QLatin1Char('%')));
        PromptSet alone = prompts;
        alone.templates = {"art of the {}"};
        alone.classes["dog"].prompts.clear();
        QVERIFY(cell(templates(), 1, TemplatesTable::Alone).startsWith(shown(evaluated(alone))));
        // A tick sets the template aside.
        const QModelIndex tick = templates()->model()->index(1, TemplatesTable::Used);
        QTest::mouseClick(templates()->viewport(), Qt::LeftButton, {},
                          templates()->visualRect(tick).center() - QPoint(4, 0));
        if (tick.data(Qt::CheckStateRole).toInt() == Qt::Checked) // where the style draws the box elsewhere
            QTest::keyClick(templates(), Qt::Key_Space);
        QCOMPARE(tick.data(Qt::CheckStateRole).toInt(), static_cast<int>(Qt::Unchecked));
        prompts.templates.pop_back();
        QTRY_VERIFY2(number().startsWith(shown(evaluated(prompts))), qPrintable(number()));
        int images = 0;
        for (int row = 0; row < 3; ++row)
            images += cell(classes(), row, ClassWordsTable::Images).toInt();
        QCOMPARE(images, 18);
    }

    void flippedPicturesShareTheSelection() {
        open();
        edit(classes(), 0, ClassWordsTable::Called, QStringLiteral("dog"));
        edit(classes(), 1, ClassWordsTable::Called, QStringLiteral("cat"));
        auto* gained = find<ThumbnailGrid>("promptsGained");
        auto* lost = find<ThumbnailGrid>("promptsLost");
        QTRY_VERIFY(gained->model()->rowCount() + lost->model()->rowCount() > 0);
        ThumbnailGrid* grid = gained->model()->rowCount() > 0 ? gained : lost;
        const QModelIndex first = grid->model()->index(0, 0);
        QTRY_VERIFY(!grid->visualRect(first).isEmpty());
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, grid->visualRect(first).center());
        const DatasetId dataset = workspace().datasets().front().id;
        QCOMPARE(m_fixture->services->state.selection(dataset).samples(), std::vector{grid->sampleOf(first)});
        QTRY_COMPARE(find<QTableWidget>("closeNames")->rowCount(), 3);
        QVERIFY(change().contains(QStringLiteral("points against")));
    }

    void keptRenamedAndEvaluated() {
        open();
        edit(templates(), 0, TemplatesTable::Text, QStringLiteral("my {}"));
        answer(QStringLiteral("mine <i>"));
        press("savePromptsAs");
        QTRY_VERIFY(workspace().findPrompts("mine <i>").has_value());
        QTRY_COMPARE(find<QComboBox>("promptSets")->currentText(), QStringLiteral("mine <i>"));
        QTRY_VERIFY(find<QPushButton>("renameKept")->isEnabled());
        answer(QStringLiteral("ours"));
        press("renameKept");
        QTRY_VERIFY(workspace().findPrompts("ours").has_value());
        QTRY_COMPARE(find<QComboBox>("promptSets")->currentText(), QStringLiteral("ours"));
        // Evaluate lists them.
        QTRY_VERIFY(find<QComboBox>("promptSet")->findText(QStringLiteral("ours")) >= 0);
        press("evaluateThese");
        QTRY_COMPARE_WITH_TIMEOUT(workspace().runs().size(), size_t{1}, 60000);
        const RunRecord run = workspace().run(workspace().runs().front().id);
        QCOMPARE(run.details["templates"][0].get<std::string>(), std::string("my {}"));
        QVERIFY2(number().startsWith(shown(run.metrics.front().value)), qPrintable(number()));
    }

    void filesAndAChoiceAmongTemplates() {
        open();
        const QString file = m_fixture->path(QStringLiteral("theirs.json"));
        writeFileAtomically(
            file.toStdString(),
            std::string_view(R"({"animals": ["a {c}", "one {c}", "art of {c}"], "b": ["{c}"]})"));
        page()->importFile(file, QStringLiteral("animals"));
        QTRY_COMPARE(templates()->model()->rowCount(), 3);
        const QString out = m_fixture->path(QStringLiteral("out.json"));
        page()->exportFile(out, PromptFileKind::Templates);
        QTRY_VERIFY(QFile::exists(out));
        QVERIFY(readTextFile(out.toStdString(), 10'000).find("art of {c}") != std::string::npos);
        find<QTabWidget>("promptResults")->setCurrentIndex(2);
        press("selectTemplates");
        QTRY_COMPARE(find<QTableWidget>("selectionSteps")->rowCount(), 3);
        QVERIFY(find<QLabel>("selectionText")->text().contains(QStringLiteral("optimistic")));
        press("useChosen");
        int used = 0, best = 0;
        for (int row = 0; row < 3; ++row) {
            used += templates()->model()->index(row, TemplatesTable::Used).data(Qt::CheckStateRole).toInt() ==
                    Qt::Checked;
            if (find<QTableWidget>("selectionSteps")->item(row, 1)->text().contains(QStringLiteral("best")))
                best = row + 1;
        }
        QVERIFY(best > 0);
        QCOMPARE(used, best);
    }
};

QTEST_MAIN(PromptsPageTest)
#include "tst_prompts_page.moc"

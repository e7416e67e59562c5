// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image.h"
#include "ui/theme/theme.h"
#include "ui/widgets/choice_box.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/mnemonics.h"
#include "ui/widgets/param_form.h"
#include "ui/widgets/prompt_editor.h"
#include "ui/widgets/wheel_guard.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QInputDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <cmath>

using namespace diptych;
using namespace diptych::ui;

namespace {

double luminance(const QColor& color) {
    auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

} // namespace

class WidgetsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { theme::apply(*qApp, theme::Mode::Light); }

    void longNamesAreElidedInTheMiddle() {
        QWidget host;
        auto* row = new QHBoxLayout(&host);
        const QString name = QStringLiteral("blocks-candidates-second-round");
        std::vector<ChoiceBox*> boxes;
        for (int i = 0; i < 3; ++i) {
            boxes.push_back(new ChoiceBox("box", QStringLiteral("Dataset"), 7));
            boxes.back()->addItems({name, QStringLiteral("pets")});
            row->addWidget(boxes.back());
        }
        row->addStretch(1);
        host.resize(1400, 60);
        host.show();
        QVERIFY(QTest::qWaitForWindowExposed(&host));
        QCOMPARE(boxes[0]->shownText(), name); // there is room
        host.resize(row->minimumSize().width(), 60);
        QTRY_VERIFY(boxes[0]->shownText() != name);
        const QString shown = boxes[0]->shownText();
        QVERIFY2(shown.startsWith(QStringLiteral("bl")) && shown.endsWith(QStringLiteral("nd")) &&
                     shown.contains(QChar(0x2026)),
                 qPrintable(shown));
        QHelpEvent ask(QEvent::ToolTip, {5, 5}, boxes[0]->mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(boxes[0], &ask);
        QCOMPARE(QToolTip::text(), QStringLiteral("Dataset: ") + name);
        boxes[0]->showPopup();
        QVERIFY(boxes[0]->view()->viewport()->width() >= boxes[0]->view()->sizeHintForColumn(0));
        boxes[0]->hidePopup();
        host.resize(1400, 60);
        boxes[1]->setCurrentIndex(1);
        QTRY_COMPARE(boxes[1]->shownText(), QStringLiteral("pets"));
    }

    void mnemonicsAreLettersOfTheirOwn() {
        Mnemonics mnemonics(QStringLiteral("f"));
        QCOMPARE(mnemonics.mark(QStringLiteral("Features")), QStringLiteral("F&eatures")); // f is a menu's
        QCOMPARE(mnemonics.mark(QStringLiteral("Shots")), QStringLiteral("&Shots"));
        QCOMPARE(mnemonics.mark(QStringLiteral("Seeds & runs")), QStringLiteral("Seeds && &runs"));
        QCOMPARE(mnemonics.mark(QStringLiteral("42")), QStringLiteral("42"));
    }

    void parametersAreReachedByAlt() {
        ParamForm form;
        form.setSpecs({{"first", "First", "", ParamSpec::Type::Int, 1, 0, 9, {}},
                       {"second", "Neighbours", "", ParamSpec::Type::Int, 1, 0, 9, {}}});
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        auto* field = form.findChild<QWidget*>(QStringLiteral("param_second"));
        form.findChild<QWidget*>(QStringLiteral("param_first"))->setFocus();
        QVERIFY(!field->hasFocus());
        QTest::keyClick(&form, Qt::Key_N, Qt::AltModifier);
        QTRY_VERIFY(field->hasFocus());
    }

    void theWheelChangesOnlyWhatHasTheFocus() {
        WheelGuard guard;
        qApp->installEventFilter(&guard);
        QScrollArea area;
        auto* host = new QWidget;
        auto* layout = new QVBoxLayout(host);
        auto* number = new QDoubleSpinBox;
        number->setValue(0.5);
        auto* choice = new QComboBox;
        choice->addItems({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
        choice->setCurrentIndex(1);
        auto* other = new QLineEdit;
        for (QWidget* widget : std::initializer_list<QWidget*>{number, choice, other})
            layout->addWidget(widget);
        layout->addSpacing(2000);
        area.setWidget(host);
        area.resize(300, 200);
        area.show();
        QVERIFY(QTest::qWaitForWindowExposed(&area));
        other->setFocus();
        const auto wheelOver = [&](QWidget* widget) {
            const QPointF at = widget->rect().center();
            QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, -120), Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QSpontaneKeyEvent::setSpontaneous(&event); // as from the window system: it may give the focus
            qApp->notify(widget, &event);
        };
        for (QWidget* widget : std::initializer_list<QWidget*>{number, choice}) {
            area.verticalScrollBar()->setValue(0);
            wheelOver(widget);
            QVERIFY(!widget->hasFocus());
            QVERIFY(area.verticalScrollBar()->value() > 0); // it scrolls what is around instead
        }
        QCOMPARE(number->value(), 0.5);
        QCOMPARE(choice->currentIndex(), 1);
        area.verticalScrollBar()->setValue(0);
        number->setFocus();
        wheelOver(number);
        QVERIFY(number->value() < 0.5);
        QCOMPARE(area.verticalScrollBar()->value(), 0);
    }

    void savedPromptsComeBackByName() {
        PromptEditor editor;
        editor.setValue("none");
        auto* text = editor.findChild<QPlainTextEdit*>();
        auto* choice = editor.findChild<QComboBox*>();
        text->setPlainText(QStringLiteral("one {}\ntwo {}"));
        QCOMPARE(choice->currentText(), QStringLiteral("Your own"));
        Json saved;
        connect(&editor, &PromptEditor::savedChanged, this, [&](const Json& now) { saved = now; });
        QTest::mouseClick(editor.findChild<QToolButton*>(QStringLiteral("savePrompts")), Qt::LeftButton);
        auto* dialog = editor.findChild<QInputDialog*>();
        QVERIFY(dialog);
        dialog->setTextValue(QStringLiteral("mine"));
        dialog->accept();
        QVERIFY((saved == Json{{"mine", {"one {}", "two {}"}}}));
        QCOMPARE(choice->currentText(), QStringLiteral("mine"));
        QVERIFY((editor.value() == Json{"one {}", "two {}"})); // a run is complete in itself

        PromptEditor other;
        other.setSaved(saved);
        other.setValue(Json{"one {}", "two {}"}); // of a run: known by its name
        QCOMPARE(other.findChild<QComboBox*>()->currentText(), QStringLiteral("mine"));
        other.findChild<QPlainTextEdit*>()->setPlainText(QStringLiteral("three {}"));
        QCOMPARE(other.findChild<QComboBox*>()->currentText(), QStringLiteral("Your own"));
        other.setValue("simple");
        other.setSaved(Json::object());
        QVERIFY(other.value() == Json("simple"));
    }

    void aFormGivesBackWhatItWasGiven() {
        ParamForm form;
        const ParamSpec c{"c", "C", "", ParamSpec::Type::Float, 0.316, 1e-9, 1e6, {}};
        const ParamSpec yes{"yes", "Yes", "", ParamSpec::Type::Bool, true, 0, 0, {}};
        form.setSpecs({c, yes});
        const Json values{{"c", 0.123456789}, {"yes", false}};
        form.setValues(values);
        QVERIFY(form.values() == values);
        form.setBaseline(values);
        QVERIFY(form.changedTitles().isEmpty());
        form.findChild<QDoubleSpinBox*>()->setValue(0.5);
        form.setBaseline(values);
        QCOMPARE(form.changedTitles(), QStringList{QStringLiteral("C")});
    }

    void textIsLegible_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textIsLegible() {
        QFETCH(bool, dark);
        theme::apply(*qApp, dark ? theme::Mode::Dark : theme::Mode::Light);
        const theme::Colors& c = theme::colors();
        QCOMPARE(c.dark, dark);
        for (const QColor& back : {c.window, c.surface, c.raised, c.accentSoft}) {
            QVERIFY2(contrast(c.text, back) >= 7, qPrintable(back.name()));
            QVERIFY2(contrast(c.mutedText, back) >= 4.5, qPrintable(back.name()));
        }
        QVERIFY(contrast(c.accentText, c.accent) >= 4.5);
        QVERIFY(contrast(c.text, c.dangerSoft) >= 7);
        QVERIFY(contrast(c.text, c.warningSoft) >= 7);
        for (const QColor& signal : {c.success, c.warning, c.danger, c.accent})
            QVERIFY2(contrast(signal, c.surface) >= 4.5, qPrintable(signal.name()));
        for (int i = 0; i < 8; ++i)
            QVERIFY2(contrast(theme::chartColor(i), c.surface) >= 2, qPrintable(theme::chartColor(i).name()));
        for (double v = 0; v <= 1; v += 0.05)
            QVERIFY(contrast(theme::textOn(theme::heatColor(v)), theme::heatColor(v)) >= 4.5);
        theme::apply(*qApp, theme::Mode::Light);
    }

    void heatRampIsMonotonic() {
        for (const auto mode : {theme::Mode::Light, theme::Mode::Dark}) {
            theme::apply(*qApp, mode);
            const double sign = theme::colors().dark ? 1 : -1;
            for (double v = 0.02; v <= 1; v += 0.02)
                QVERIFY(sign * (luminance(theme::heatColor(v)) - luminance(theme::heatColor(v - 0.02))) > 0);
            QCOMPARE(theme::heatColor(std::nan("")), theme::heatColor(0));
        }
        theme::apply(*qApp, theme::Mode::Light);
    }

    void everyIconDrawsAndFollowsTheTheme() {
        const QDir folder(QStringLiteral(DIPTYCH_SOURCE "/resources/icons"));
        const QStringList files = folder.entryList({QStringLiteral("*.svg")});
        QVERIFY(files.size() > 20);
        for (const QString& file : files) {
            const QIcon icon = theme::icon(file.chopped(4));
            const QImage light = icon.pixmap(24, 24).toImage();
            int drawn = 0;
            for (int y = 0; y < light.height(); ++y)
                for (int x = 0; x < light.width(); ++x)
                    drawn += light.pixelColor(x, y).alpha() > 0 ? 1 : 0;
            QVERIFY2(drawn > 2, qPrintable(file));
            theme::apply(*qApp, theme::Mode::Dark);
            QVERIFY2(icon.pixmap(24, 24).toImage() != light, qPrintable(file));
            theme::apply(*qApp, theme::Mode::Light);
        }
    }

    void imageKeepsAlpha() {
        Image image;
        image.width = 2;
        image.height = 1;
        image.rgb = {255, 0, 0, 0, 0, 255};
        image.alpha = {255, 0};
        const QImage converted = toQImage(image);
        QCOMPARE(converted.pixelColor(0, 0), QColor(255, 0, 0));
        QCOMPARE(converted.pixelColor(1, 0).alpha(), 0);
        image.alpha.clear();
        QVERIFY(!toQImage(image).hasAlphaChannel());
        QVERIFY(toQImage(Image{}).isNull());
    }

    void imageViewZoomsAboutThePointer() {
        ImageView view;
        view.resize(400, 300);
        QImage image(800, 600, QImage::Format_RGB32);
        image.fill(Qt::red);
        view.setImage(image);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QVERIFY(view.fitted());
        QCOMPARE(view.zoom(), 0.5);
        QTest::keyClick(&view, Qt::Key_Plus);
        QVERIFY(!view.fitted());
        QVERIFY(view.zoom() > 0.5);
        QTest::keyClick(&view, Qt::Key_Z);
        QCOMPARE(view.zoom(), 1.0 / view.devicePixelRatioF());
        QTest::keyClick(&view, Qt::Key_0);
        QCOMPARE(view.zoom(), 0.5);
        view.setZoom(4, QPointF(0, 0));
        QTest::mouseDClick(&view, Qt::LeftButton);
        QVERIFY(view.fitted());
        for (int i = 0; i < 100; ++i)
            QTest::keyClick(&view, Qt::Key_Plus);
        QVERIFY(view.zoom() <= 32);
        for (int i = 0; i < 100; ++i)
            QTest::keyClick(&view, Qt::Key_Minus);
        QVERIFY(view.zoom() >= 0.49);
    }

    void imageViewShowsCheckerboardUnderAlpha() {
        ImageView view;
        view.resize(200, 200);
        QImage image(100, 100, QImage::Format_ARGB32);
        image.fill(Qt::transparent);
        view.setImage(image);
        const QImage shot = view.grab().toImage();
        QSet<QRgb> colours;
        for (int x = 60; x < 140; ++x)
            colours.insert(shot.pixel(x, 100));
        QCOMPARE(colours.size(), 2);
    }

    void bannerSaysWhatToDo() {
        QWidget window;
        ErrorBanner banner(&window);
        window.show();
        QVERIFY(banner.text().isEmpty());
        banner.showError(QStringLiteral("Import birds"),
                         Error(ErrorCode::DiskFull, "no space left on /data"));
        QVERIFY(banner.isVisible());
        QVERIFY(banner.text().contains(QStringLiteral("no space left on /data")));
        QVERIFY(banner.text().contains(QStringLiteral("Free some space")));
        for (QToolButton* button : banner.findChildren<QToolButton*>())
            if (button->objectName() != QStringLiteral("dismissBanner"))
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), banner.text());
        QTest::keyClick(&banner, Qt::Key_Escape);
        QVERIFY(!banner.isVisible());
        QVERIFY(banner.text().isEmpty());
    }

    void bannerActionRunsOnce() {
        QWidget window;
        ErrorBanner banner(&window);
        window.show();
        int ran = 0;
        banner.show(QStringLiteral("Locked"), QStringLiteral("in use"), ErrorBanner::Level::Warning);
        banner.setAction(QStringLiteral("Open read-only"), [&] { ++ran; });
        QTest::mouseClick(banner.findChild<QPushButton*>(), Qt::LeftButton);
        QCOMPARE(ran, 1);
        QVERIFY(!banner.isVisible());
    }

    void everyErrorCodeHasADefinedAdvice() {
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
            (void)adviceFor(Error(static_cast<ErrorCode>(code), "x"));
        QVERIFY(!adviceFor(Error(ErrorCode::Locked, "x")).isEmpty());
        QVERIFY(!adviceFor(Error(ErrorCode::NewerVersion, "x")).isEmpty());
    }

    void emptyStateOffersItsAction() {
        EmptyState state(QStringLiteral("datasets"), QStringLiteral("Nothing here"),
                         QStringLiteral("Import."), QStringLiteral("Import…"));
        state.resize(600, 400);
        state.show();
        QSignalSpy triggered(&state, &EmptyState::actionTriggered);
        QTest::mouseClick(state.button(), Qt::LeftButton);
        QCOMPARE(triggered.count(), 1);
    }
};

QTEST_MAIN(WidgetsTest)
#include "tst_widgets.moc"

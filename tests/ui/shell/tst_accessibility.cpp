// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/pages/page.h"
#include "ui/widgets/elided_label.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QLabel>
#include <QTest>

using namespace diptych;
using namespace diptych::ui;

/// The window without eyes or mouse: names of what can have the focus, and the order in which Tab goes there.
class AccessibilityTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;

    /// What Tab reaches on the page, in its order.
    static std::vector<QWidget*> tabStops(QWidget* page) {
        std::vector<QWidget*> stops;
        for (QWidget* widget = page->nextInFocusChain(); widget != page; widget = widget->nextInFocusChain())
            if (page->isAncestorOf(widget) && widget->isVisibleTo(page) && widget->isEnabled() &&
                (widget->focusPolicy() & Qt::TabFocus) && !widget->focusProxy() && !widget->size().isEmpty())
                stops.push_back(widget);
        return stops;
    }
    static QString nameOf(const QWidget* widget) {
        return QStringLiteral("%1 \"%2\"")
            .arg(QString::fromLatin1(widget->metaObject()->className()), widget->objectName());
    }

    /// What of the window's words has less room than it needs.
    QStringList cutWords() const {
        QStringList cut;
        for (QWidget* widget : m_fixture->window->findChildren<QWidget*>()) {
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            const auto* label = qobject_cast<QLabel*>(widget);
            const bool words = (button && !button->text().isEmpty()) || (label && !label->text().isEmpty());
            const bool givesWay = qobject_cast<ElidedLabel*>(widget) || (label && label->wordWrap());
            if (widget->isVisible() && words && !givesWay &&
                widget->width() < widget->minimumSizeHint().width())
                cut << QStringLiteral("%1: %2").arg(nameOf(widget), button ? button->text() : label->text());
        }
        return cut;
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 3);
        const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
        session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
    }
    void cleanup() {
        theme::setTextPercent(100);
        m_fixture.reset();
    }

    void tabFollowsReadingOrder_data() {
        QTest::addColumn<QString>("page");
        for (const PageEntry& entry : pageEntries())
            QTest::newRow(entry.id.toLatin1().constData()) << entry.id;
    }
    void tabFollowsReadingOrder() {
        QFETCH(QString, page);
        m_fixture->openWith(QStringLiteral("w"));
        AppState& state = m_fixture->services->state;
        Workspace& workspace = state.session()->workspace();
        const auto ids = workspace.sampleIds(workspace.datasets().front().id);
        state.showSample(ids[1], {}, std::make_shared<const std::vector<SampleId>>(ids));
        m_fixture->window->showPage(page);
        QTRY_COMPARE(m_fixture->services->jobs.activeCount(), 0);
        QWidget* shown = m_fixture->window->page(page);
        QTRY_VERIFY(shown->isVisible());
        QTest::qWait(0);
        const std::vector<QWidget*> stops = tabStops(shown);
        for (size_t i = 1; i < stops.size(); ++i) {
            const QWidget *before = stops[i - 1], *after = stops[i];
            if (before->parentWidget() != after->parentWidget())
                continue; // side by side or one below the other: the pages' own layout says
            const QRect a = before->geometry(), b = after->geometry();
            const bool above = b.bottom() < a.top();
            const bool sameLine = b.top() < a.bottom() && a.top() < b.bottom();
            QVERIFY2(!above && !(sameLine && b.left() < a.left()),
                     qPrintable(QStringLiteral("%1 comes after %2").arg(nameOf(after), nameOf(before))));
        }
        for (const QWidget* stop : stops) {
            QAccessibleInterface* accessible =
                QAccessible::queryAccessibleInterface(const_cast<QWidget*>(stop));
            QVERIFY(accessible);
            QVERIFY2(!accessible->text(QAccessible::Name).isEmpty(), qPrintable(nameOf(stop)));
        }
    }

    void largeTextIsNotCut_data() { tabFollowsReadingOrder_data(); }
    void largeTextIsNotCut() {
        QFETCH(QString, page);
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->window->resize(1024, 700);
        theme::setTextPercent(150);
        AppState& state = m_fixture->services->state;
        Workspace& workspace = state.session()->workspace();
        const auto ids = workspace.sampleIds(workspace.datasets().front().id);
        state.showSample(ids[1], {}, std::make_shared<const std::vector<SampleId>>(ids));
        m_fixture->window->showPage(page);
        QTRY_COMPARE(m_fixture->services->jobs.activeCount(), 0);
        QTRY_VERIFY(m_fixture->window->page(page)->isVisible());
        QTRY_COMPARE(cutWords(), QStringList());
    }
};

QTEST_MAIN(AccessibilityTest)
#include "tst_accessibility.moc"

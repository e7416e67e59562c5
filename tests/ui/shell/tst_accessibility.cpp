// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/pages/page.h"

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

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 3);
        const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
        session->addModel(DIPTYCH_FIXTURES "/clip/openai", {});
    }
    void cleanup() { m_fixture.reset(); }

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
};

QTEST_MAIN(AccessibilityTest)
#include "tst_accessibility.moc"

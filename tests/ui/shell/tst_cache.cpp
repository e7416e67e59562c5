// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "tests/support/window_fixture.h"
#include "ui/models/run_models.h"
#include "ui/shell/cache_dialog.h"

#include <QAction>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QTimer>

using namespace diptych;
using namespace diptych::ui;

/// The embedding cache in the window, and runs whose entry is damaged.
class CacheTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    Workspace& workspace() { return m_fixture->services->state.session()->workspace(); }
    CacheDialog* dialog() { return m_fixture->find<CacheDialog>("cacheDialog"); }
    template<class T>
    T* inDialog(const char* name) {
        return dialog()->findChild<T*>(QString::fromLatin1(name));
    }
    /// Presses a button of the question that the click on @p button asks.
    void clickAndAnswer(QPushButton* button, QMessageBox::StandardButton answer) {
        QTimer::singleShot(0, this, [answer] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            QVERIFY(box);
            QCOMPARE(box->standardButton(box->defaultButton()), QMessageBox::No);
            QTest::mouseClick(box->button(answer), Qt::LeftButton);
        });
        QTest::mouseClick(button, Qt::LeftButton);
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 2);
        m_fixture->openWith(QStringLiteral("w"));
    }
    void cleanup() {
        m_fixture->close();
        m_fixture.reset();
    }

    void showsAndEmptiesTheCache() {
        const auto hash = hashText("a");
        workspace().embeddings().space("k", 4)->append(std::span(&hash, 1), Matrix(1, 4));
        workspace().embeddings().describe("k", {"tiny", "fp32", "images"});
        m_fixture->find<QAction>("cacheAction")->trigger();
        QTRY_VERIFY(dialog() && dialog()->isVisible());
        auto* table = inDialog<QTableView>("cacheTable");
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, CacheModel::Model).data().toString(), QStringLiteral("tiny"));
        QCOMPARE(table->model()->index(0, CacheModel::Rows).data().toString(), QStringLiteral("1"));
        QVERIFY(inDialog<QLabel>("cacheTotal")->text().startsWith(QStringLiteral("1 embedding")));
        auto* all = inDialog<QPushButton>("removeAllEmbeddings");
        clickAndAnswer(all, QMessageBox::No);
        QCOMPARE(workspace().embeddings().spaces().size(), size_t(1));
        clickAndAnswer(all, QMessageBox::Yes);
        QTRY_COMPARE(table->model()->rowCount(), 0);
        QVERIFY(workspace().embeddings().spaces().empty());
        QTRY_VERIFY(!all->isEnabled());
        QTest::keyClick(dialog(), Qt::Key_Escape);
        QTRY_VERIFY(!dialog());
    }

    void readsImagesAgain() {
        const auto samples = workspace().samples(workspace().sampleIds(workspace().datasets()[0].id));
        const FileHash known{samples[0].path, fileStamp(samples[0].path).value(), hashText("x")};
        workspace().storeContentHashes(std::span(&known, 1));
        QVERIFY(workspace().cachedContentHash(samples[0].path));
        m_fixture->find<QAction>("cacheAction")->trigger();
        QTRY_VERIFY(dialog() && dialog()->isVisible());
        auto* again = inDialog<QPushButton>("readImagesAgain");
        QTRY_VERIFY(again->isEnabled());
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_VERIFY(!workspace().cachedContentHash(samples[0].path));
        QTRY_VERIFY(inDialog<QLabel>("cacheTotal")->text().contains(QStringLiteral("every image again")));
    }

    void damagedRunsAreNamedSo() {
        RunRecord damaged;
        damaged.id = {7};
        damaged.status = RunStatus::Damaged;
        damaged.title = "Run 7 is damaged";
        RunsModel model;
        model.setRows({damaged});
        QCOMPARE(model.index(0, RunsModel::Number).data().toInt(), 7);
        QCOMPARE(model.index(0, RunsModel::Result).data().toString(), QStringLiteral("damaged"));
        QVERIFY(model.index(0, RunsModel::Task).data().toString().isEmpty());
        QCOMPARE(model.index(0, RunsModel::Task).data(Qt::ToolTipRole).toString(),
                 QStringLiteral("Run 7 is damaged"));
    }
};

QTEST_MAIN(CacheTest)
#include "tst_cache.moc"

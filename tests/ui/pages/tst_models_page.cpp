// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/window_fixture.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/table_view.h"

#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include <filesystem>

using namespace diptych;
using namespace diptych::ui;
namespace fs = std::filesystem;

/// A model gets another name, and is found again where it was moved to.
class ModelsPageTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<test::WindowFixture> m_fixture;
    TableView* models() { return m_fixture->find<TableView>("modelsTable"); }
    QString nameShown() { return models()->model()->index(0, 0).data().toString(); }
    std::vector<ModelRecord> stored() { return m_fixture->services->state.session()->workspace().models(); }
    void press(const char* button) {
        auto* found = m_fixture->find<QPushButton>(button);
        QVERIFY(found && found->isEnabled());
        QTest::mouseClick(found, Qt::LeftButton);
    }
    void copyModel(const char* from, const QString& to) {
        fs::copy(fs::path(DIPTYCH_FIXTURES "/clip") / from, m_fixture->path(to).toStdString(),
                 fs::copy_options::recursive);
    }
    /// Pastes the folder's path into the dialog and accepts.
    void locateIn(const QString& folder) {
        press("locateModel");
        auto* dialog = m_fixture->window->findChild<QFileDialog*>(QStringLiteral("modelFolder"));
        QVERIFY(dialog);
        auto* field = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        QVERIFY(field);
        field->setFocus();
        field->selectAll();
        QApplication::clipboard()->setText(m_fixture->path(folder));
        QTest::keyClick(field, Qt::Key_V, Qt::ControlModifier);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY(!m_fixture->window->findChild<QFileDialog*>(QStringLiteral("modelFolder")));
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<test::WindowFixture>();
        m_fixture->makeWorkspace(QStringLiteral("w"), 0);
        copyModel("openai", QStringLiteral("here"));
        {
            const auto session = Session::openOrCreate(m_fixture->path(QStringLiteral("w")).toStdString());
            session->addModel(m_fixture->path(QStringLiteral("here")).toStdString(), {});
        }
        m_fixture->openWith(QStringLiteral("w"));
        m_fixture->window->showPage(QStringLiteral("models"));
        QTRY_COMPARE(models()->model()->rowCount(), 1);
    }
    void cleanup() { m_fixture.reset(); }

    void rename() {
        press("renameModel");
        auto* dialog = m_fixture->window->findChild<QInputDialog*>(QStringLiteral("modelName"));
        QVERIFY(dialog);
        auto* field = dialog->findChild<QLineEdit*>();
        QCOMPARE(field->text(), QStringLiteral("here"));
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("baseline"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(nameShown(), QStringLiteral("baseline"));
        QCOMPARE(stored().at(0).name, std::string("baseline"));
    }

    void renameToAnotherModelsNameIsExplained() {
        copyModel("laion", QStringLiteral("other"));
        const auto session = m_fixture->services->state.session();
        session->addModel(m_fixture->path(QStringLiteral("other")).toStdString(), {});
        m_fixture->services->state.notifyModelsChanged();
        QTRY_COMPARE(models()->model()->rowCount(), 2);
        press("renameModel");
        auto* dialog = m_fixture->window->findChild<QInputDialog*>(QStringLiteral("modelName"));
        dialog->setTextValue(dialog->textValue() == QStringLiteral("here") ? QStringLiteral("other")
                                                                           : QStringLiteral("here"));
        dialog->accept();
        QTRY_VERIFY(m_fixture->find<ErrorBanner>("errorBanner")->text().contains(QStringLiteral("other")) ||
                    m_fixture->find<ErrorBanner>("errorBanner")->text().contains(QStringLiteral("here")));
        QCOMPARE(stored().size(), size_t{2});
        QVERIFY(stored()[0].name != stored()[1].name);
    }

    void locate() {
        QVERIFY(
            QDir().rename(m_fixture->path(QStringLiteral("here")), m_fixture->path(QStringLiteral("there"))));
        m_fixture->window->page(QStringLiteral("models"))->refresh();
        QTRY_COMPARE(nameShown(), QStringLiteral("⚠ here: folder not found"));
        auto* missing = m_fixture->find<QLabel>("modelMissing");
        QVERIFY(missing->isVisible() && missing->text().contains(m_fixture->path(QStringLiteral("here"))));
        locateIn(QStringLiteral("there"));
        QTRY_COMPARE(nameShown(), QStringLiteral("here"));
        QVERIFY(!missing->isVisible());
        QCOMPARE(stored().at(0).directory.string(), m_fixture->path(QStringLiteral("there")).toStdString());
    }

    void locateRefusesAnotherCheckpoint() {
        copyModel("laion", QStringLiteral("other"));
        locateIn(QStringLiteral("other"));
        auto* banner = m_fixture->find<ErrorBanner>("errorBanner");
        QTRY_VERIFY2(banner->text().contains(QStringLiteral("is not the one of model 'here'")),
                     qPrintable(banner->text()));
        QCOMPARE(stored().at(0).directory.string(), m_fixture->path(QStringLiteral("here")).toStdString());
    }
};

QTEST_MAIN(ModelsPageTest)
#include "tst_models_page.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"
#include "store_support.h"

using namespace diptych;
using namespace diptych::test;

/// Prompts that a workspace keeps under a name.
class TestKeptPrompts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void keepsRenamesAndRemoves() {
        const Json photos{{"templates", {"a photo of a {}."}},
                          {"classes", {{"owl", {{"names", {"strix"}}}}}}};
        m_workspace->savePrompts("  photos ", photos);
        m_workspace->savePrompts("art", {{"templates", {"art of {}"}}});
        m_workspace.reset();
        m_workspace = Workspace::open(m_folder->path() / "w");
        QCOMPARE(names(), (std::vector<std::string>{"art", "photos"}));
        QVERIFY(m_workspace->findPrompts("photos").value().content == photos);
        QVERIFY(!m_workspace->findPrompts("photos").value().changedAt.empty());
        QVERIFY(!m_workspace->findPrompts("none"));
        m_workspace->renamePrompts("art", "paintings");
        QCOMPARE(names(), (std::vector<std::string>{"paintings", "photos"}));
        m_workspace->renamePrompts("paintings", "paintings");
        m_workspace->removePrompts("paintings");
        QCOMPARE(names(), std::vector<std::string>{"photos"});
    }

    void replacesOnlyWhereAsked() {
        m_workspace->savePrompts("a", {{"templates", {"1 {}"}}});
        std::string message;
        QCOMPARE(errorOf([&] { m_workspace->savePrompts("a", Json::object()); }, &message),
                 ErrorCode::InvalidArgument);
        QVERIFY2(message.find("'a'") != std::string::npos, message.c_str());
        m_workspace->savePrompts("a", {{"templates", {"2 {}"}}}, Workspace::IfTaken::Replace);
        QCOMPARE(m_workspace->findPrompts("a").value().content["templates"][0].get<std::string>(),
                 std::string("2 {}"));
    }

    void refuses() {
        m_workspace->savePrompts("a", Json::object());
        m_workspace->savePrompts("b", Json::object());
        QCOMPARE(errorOf([&] { m_workspace->savePrompts("  ", Json::object()); }),
                 ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->savePrompts("c", Json::array()); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->renamePrompts("a", "b"); }), ErrorCode::InvalidArgument);
        QCOMPARE(errorOf([&] { m_workspace->renamePrompts("x", "y"); }), ErrorCode::NotFound);
        QCOMPARE(errorOf([&] { m_workspace->removePrompts("x"); }), ErrorCode::NotFound);
        QCOMPARE(names(), (std::vector<std::string>{"a", "b"}));
    }

    void flippedBitsAreNoticed() {
        m_workspace->savePrompts("a", {{"templates", {"1 {}"}}});
        sql::Database(m_folder->path() / "w" / "workspace.sqlite", sql::Access::ReadWrite, 1000)
            .execute("UPDATE prompt_variants SET content=replace(content, '1', '2')");
        std::string message;
        QCOMPARE(errorOf([&] { m_workspace->findPrompts("a"); }, &message), ErrorCode::Corrupt);
        QVERIFY2(message.find("prompts remove") != std::string::npos, message.c_str());
        m_workspace->removePrompts("a"); // as the message says
        QVERIFY(names().empty());
    }

private:
    std::vector<std::string> names() {
        std::vector<std::string> names;
        for (const PromptVariant& variant : m_workspace->prompts())
            names.push_back(variant.name);
        return names;
    }
    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
};

QTEST_GUILESS_MAIN(TestKeptPrompts)
#include "tst_prompts.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"
#include "store_support.h"

using namespace diptych;
using namespace diptych::test;

/// Values that models made of items.
class TestOutputs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void valuesAreFoundByItem() {
        TemporaryDirectory folder;
        const std::vector<Hash128> items = {hashText("a"), hashText("b"), hashText("c")};
        const std::string bytes("\0x\xff", 3);
        {
            const auto workspace = Workspace::create(folder.path() / "w");
            workspace->outputs().append("k", std::span(items).first(2), std::vector<std::string>{bytes, ""});
            workspace->outputs().append("other", items, std::vector<std::string>{"1", "2", "3"});
        }
        const auto workspace = Workspace::open(folder.path() / "w");
        using Values = std::vector<std::optional<std::string>>;
        QCOMPARE(workspace->outputs().find("k", items), (Values{bytes, "", std::nullopt}));
        QCOMPARE(workspace->outputs().find("none", items), Values(3));
        workspace->outputs().append("k", std::span(items).first(1), std::vector<std::string>{"new"});
        QCOMPARE(workspace->outputs().find("k", items)[0], std::optional<std::string>("new"));
        QCOMPARE(workspace->cachedSpaces().size(), size_t(2));
        workspace->removeCachedSpace("k");
        QCOMPARE(workspace->outputs().find("k", items), Values(3));
        QCOMPARE(workspace->outputs().find("other", items)[2], std::optional<std::string>("3"));
        workspace->removeCachedSpace("k"); // no error
    }

    void damagedValuesAreMissing() {
        TemporaryDirectory folder;
        const auto workspace = Workspace::create(folder.path() / "w");
        const std::vector<Hash128> items = {hashText("a"), hashText("b")};
        workspace->outputs().append("k", items, std::vector<std::string>{"1", "2"});
        {
            sql::Database other(folder.path() / "w" / "workspace.sqlite", sql::Access::ReadWrite, 100);
            other.execute("UPDATE outputs SET value=x'33' WHERE value=x'32'");
        }
        const auto found = workspace->outputs().find("k", items);
        QCOMPARE(found[0], std::optional<std::string>("1"));
        QVERIFY(!found[1]);
        workspace->outputs().append("k", std::span(items).last(1), std::vector<std::string>{"2"});
        QCOMPARE(workspace->outputs().find("k", items)[1], std::optional<std::string>("2"));
    }

    void readersMayLookAlone() {
        TemporaryDirectory folder;
        Workspace::create(folder.path() / "w");
        const auto reader = Workspace::open(folder.path() / "w", {WorkspaceMode::ReadOnly});
        const Hash128 item = hashText("a");
        QVERIFY(!reader->outputs().find("k", std::span(&item, 1))[0]);
        QCOMPARE(errorOf([&] {
                     reader->outputs().append("k", std::span(&item, 1), std::vector<std::string>{"1"});
                 }),
                 ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestOutputs)
#include "tst_outputs.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/report/protocol_card.h"
#include "core/session/session.h"
#include "core/tasks/task.h"

#include <QTest>

#include <algorithm>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

Image plain(uint8_t red) {
    Image image;
    image.width = image.height = 40;
    for (int i = 0; i < 1600; ++i)
        image.rgb.insert(image.rgb.end(), {red, 20, 30});
    return image;
}

struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "pictures", workspace = directory.path() / "ws";
    fs::path model = directory.path() / "clip";
    std::shared_ptr<Session> session;

    World() {
        fs::copy(DIPTYCH_FIXTURES "/clip/openai", model, fs::copy_options::recursive);
        for (const char* name : {"dark", "light"})
            fs::create_directories(pictures / name);
        for (uint8_t i = 0; i < 3; ++i) {
            writeFileAtomically(pictures / "dark" / ("d" + std::to_string(i) + ".png"), encodePng(plain(i)));
            writeFileAtomically(pictures / "light" / ("l" + std::to_string(i) + ".png"),
                                encodePng(plain(static_cast<uint8_t>(200 + i))));
        }
        session = Session::openOrCreate(workspace);
        session->importDataset(pictures, "pictures", {}, {});
    }
    RunRecord run(const Json& params = {{"templates", "simple"}}) const {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "pictures";
        spec.model = model;
        spec.params = params;
        return session->workspace().run(session->run(spec, {}));
    }
};

std::string valueOf(const ProtocolCard& card, const char* name) {
    for (const ProtocolGroup& group : card.groups)
        for (const ProtocolRow& row : group.rows)
            if (row.name == name)
                return row.value;
    return "no such row";
}

} // namespace

class TestRunCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTaskStatesItsRules() {
        for (const Task& task : tasks()) {
            QVERIFY2(task.info.rules, task.info.id.c_str());
            const TaskRules rules = task.info.rules(completeParams(task.info, Json::object()));
            QVERIFY2(!rules.features.empty() && !rules.ties.empty() && !rules.counting.empty(),
                     task.info.id.c_str());
            QVERIFY2(rules.clipBenchmark.empty() == rules.deviations.empty(), task.info.id.c_str());
            for (const Deviation& each : rules.deviations)
                QVERIFY2(!each.what.empty() && !each.here.empty() && !each.there.empty(),
                         task.info.id.c_str());
        }
    }

    void theCardStaysTrueWhenModelAndPicturesAreGone() {
        World world;
        const RunRecord run = world.run();
        fs::remove_all(world.model);
        fs::remove_all(world.pictures);
        const ProtocolCard card = protocolCard(world.session->workspace().run(run.id));
        QVERIFY(card.recorded);
        for (const ProtocolGroup& group : card.groups)
            for (const ProtocolRow& row : group.rows)
                QVERIFY2(!row.value.empty() && row.value != "not recorded", row.name.c_str());
        QCOMPARE(valueOf(card, "Activation"), std::string("quick_gelu"));
        QVERIFY2(valueOf(card, "Resize").find("bicubic") != std::string::npos,
                 valueOf(card, "Resize").c_str());
        QVERIFY2(valueOf(card, "Mean").starts_with("0.4814547, "), valueOf(card, "Mean").c_str());
        QVERIFY2(valueOf(card, "Prompts").starts_with("1 template of the set 'simple', digest "),
                 valueOf(card, "Prompts").c_str());
        QVERIFY2(valueOf(card, "Libraries").find("LibTorch 2.") != std::string::npos,
                 valueOf(card, "Libraries").c_str());
        QCOMPARE(card.prompts, std::vector<std::string>{"a photo of a {}."});
    }

    void theDigestIsOfThePicturesNotOfTheirNames() {
        World world;
        const Json first = world.run().details.at("protocol").at("samples");
        QCOMPARE(first.at("hashed").get<int>(), 6);
        fs::rename(world.pictures / "dark" / "d0.png", world.pictures / "dark" / "z9.png");
        world.session->importDataset(world.pictures, "pictures", {}, {});
        const Json renamed = world.run().details.at("protocol").at("samples");
        QVERIFY(renamed.at("contents") == first.at("contents"));
        writeFileAtomically(world.pictures / "dark" / "d1.png", encodePng(plain(99)));
        const Json changed = world.run().details.at("protocol").at("samples");
        QVERIFY(changed.at("contents") != first.at("contents"));
    }

    void promptsHaveADigestAndTheirOwnWords() {
        World world;
        const Json one =
            world.run({{"templates", Json::array({"a {}", "the {}"})}}).details.at("protocol").at("prompts");
        const Json other =
            world.run({{"templates", Json::array({"the {}", "a {}"})}}).details.at("protocol").at("prompts");
        QVERIFY(!one.contains("set"));
        QCOMPARE(one.at("templates").size(), size_t{2});
        QVERIFY(one.at("digest") != other.at("digest"));
    }

    void whatTheTaskDoesOtherwiseFollowsItsParameters() {
        const auto names = [](const char* task, const Json& params) {
            std::vector<std::string> out;
            for (const Deviation& each :
                 findTask(task).info.rules(completeParams(findTask(task).info, params)).deviations)
                out.push_back(each.what);
            return out;
        };
        const auto has = [](const std::vector<std::string>& list, const char* name) {
            return std::ranges::find(list, name) != list.end();
        };
        QVERIFY(!has(names("zero-shot", Json::object()), "Scores"));
        QVERIFY(has(names("zero-shot", {{"scorer", "matching"}}), "Scores"));
        QVERIFY(has(names("linear-probe", Json::object()), "Length of features"));
        QVERIFY(!has(names("linear-probe", {{"unit_length", true}}), "Length of features"));
        QVERIFY(has(names("retrieval", {{"captions_per_image", 5}}), "Captions of an image"));
        QVERIFY(has(names("zero-shot-multilabel", {{"score", "softmax"}}), "Scores"));
    }
};

QTEST_APPLESS_MAIN(TestRunCard)
#include "tst_run_card.moc"

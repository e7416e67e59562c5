// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/checkpoint.h"
#include "core/models/model.h"
#include "tests/support/edit_weights.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "clip";

} // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

    /// A fresh copy of a fixture that the test may spoil.
    struct Copy {
        TemporaryDirectory dir;
        fs::path folder;
        explicit Copy(const char* name) : folder(dir.path() / name) {
            fs::copy(kFixtures / name, folder, fs::copy_options::recursive);
        }
        fs::path weights() const { return folder / "model.safetensors"; }
    };

    static std::string refusal(const fs::path& folder, ErrorCode* code = nullptr) {
        try {
            inspectModel(*Checkpoint::open(folder));
        } catch (const Error& error) {
            if (code)
                *code = error.code();
            return error.what();
        }
        return {};
    }
    static bool says(const std::string& message, const char* part) {
        if (message.find(part) == std::string::npos)
            qWarning("'%s' does not say '%s'", message.c_str(), part);
        return message.find(part) != std::string::npos;
    }

private Q_SLOTS:
    /// As when it is downloaded anew in place.
    void weightsCutWhileTheyAreOpen() {
        const Copy copy("openai");
        const auto checkpoint = Checkpoint::open(copy.folder);
        fs::resize_file(copy.weights(), fs::file_size(copy.weights()) / 2);
        for (const auto& use : std::vector<std::function<void()>>{
                 [&] { checkpoint->fingerprint(); },
                 [&] {
                     openModel(checkpoint, resolveCompute({Device::Cpu, Precision::Fp32, 1}))->load();
                 }}) {
            std::string message;
            try {
                use();
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::Unreadable);
                message = error.what();
            }
            QVERIFY2(message.find("cut short") != std::string::npos, message.c_str());
        }
    }

    void whatIsInside() {
        const auto checkpoint = Checkpoint::open(kFixtures / "laion");
        const ModelInfo info = inspectModel(*checkpoint);
        QCOMPARE(info.family, std::string("clip"));
        QCOMPARE(info.name, std::string("laion"));
        QCOMPARE(info.embeddingDim, 28);
        QCOMPARE(info.imageSize, 32);
        QCOMPARE(info.patchSize, 16);
        QCOMPARE(info.contextLength, 16);
        QCOMPARE(info.visionLayers, 2);
        QCOMPARE(info.visionWidth, 20);
        QCOMPARE(info.textLayers, 3);
        QCOMPARE(info.textWidth, 16);
        QVERIFY(info.faces.imageEmbeddings && info.faces.textEmbeddings);
        QCOMPARE(info.weightPrecision, std::string("fp32"));
        QCOMPARE(info.weightBytes, static_cast<uint64_t>(info.parameterCount) * 4);
        QVERIFY(info.memoryNeededBytes > info.weightBytes);
        QCOMPARE(inspectModel(*Checkpoint::open(kFixtures / "half")).weightPrecision, std::string("fp16"));
        QCOMPARE(inspectModel(*Checkpoint::open(kFixtures / "bfloat")).weightPrecision, std::string("bf16"));
        QVERIFY(checkpoint->fileOf("text_projection.weight").filename().string().starts_with("model-0000"));
    }

    void pathsWithSlashOrRelative() {
        QCOMPARE(Checkpoint::open(kFixtures / "odd" / "")->name(), std::string("odd"));
        QCOMPARE(Checkpoint::open(kFixtures / "odd" / ".." / "odd")->name(), std::string("odd"));
        const fs::path before = fs::current_path();
        fs::current_path(kFixtures / "odd");
        QCOMPARE(Checkpoint::open(".")->name(), std::string("odd"));
        fs::current_path(before);
    }

    void hubCache() {
        const TemporaryDirectory dir;
        const fs::path hub = dir.path() / "models--some-org--tiny-clip";
        fs::create_directories(hub / "snapshots");
        fs::create_directories(hub / "refs");
        fs::copy(kFixtures / "odd", hub / "snapshots" / "aaaa", fs::copy_options::recursive);
        fs::copy(kFixtures / "openai", hub / "snapshots" / "bbbb", fs::copy_options::recursive);
        fs::last_write_time(hub / "snapshots" / "aaaa", fs::file_time_type::clock::now());
        fs::last_write_time(hub / "snapshots" / "bbbb",
                            fs::file_time_type::clock::now() - std::chrono::hours(1));
        writeFileAtomically(hub / "refs" / "main", "bbbb\n");
        QCOMPARE(Checkpoint::open(hub)->name(), std::string("some-org/tiny-clip"));
        QCOMPARE(Checkpoint::open(hub)->directory().filename(), fs::path("bbbb"));
        QCOMPARE(Checkpoint::open(hub / "snapshots" / "aaaa")->name(), std::string("some-org/tiny-clip"));
        // A reference to a revision that is not here, or that leads outside: the newest one.
        for (const char* reference : {"cccc", "../../..", "..", ""}) {
            writeFileAtomically(hub / "refs" / "main", reference);
            QCOMPARE(Checkpoint::open(hub)->directory().filename(), fs::path("aaaa"));
        }
        fs::remove_all(hub / "snapshots" / "aaaa");
        fs::remove_all(hub / "snapshots" / "bbbb");
        QVERIFY(says(refusal(hub), "none of its snapshots"));
    }

    void notAModel() {
        const TemporaryDirectory dir;
        ErrorCode code{};
        QVERIFY(says(refusal(dir.path() / "absent", &code), "no such folder"));
        QCOMPARE(code, ErrorCode::NotFound);
        QVERIFY(says(refusal(dir.path()), "no config.json"));
        writeFileAtomically(dir.path() / "config.json", "{");
        QVERIFY(says(refusal(dir.path()), "not valid JSON"));
        writeFileAtomically(dir.path() / "config.json", "[]");
        QVERIFY(says(refusal(dir.path()), "should be a JSON object"));
        writeFileAtomically(dir.path() / "config.json", "{}");
        QVERIFY(says(refusal(dir.path()), "no model.safetensors"));
        QVERIFY(says(refusal(dir.path() / "config.json"), "this is a file"));
    }

    void picklesAreRefusedWithTheWayOut_data() {
        QTest::addColumn<QString>("file");
        for (const char* name :
             {"pytorch_model.bin", "open_clip.pt", "last.ckpt", "flax_model.msgpack", "tf_model.h5"})
            QTest::newRow(name) << name;
    }
    void picklesAreRefusedWithTheWayOut() {
        QFETCH(QString, file);
        const Copy copy("odd");
        fs::remove(copy.weights());
        writeFileAtomically(copy.folder / file.toStdString(), "x");
        ErrorCode code{};
        const std::string message = refusal(copy.folder, &code);
        QVERIFY(says(message, file.toStdString().c_str()));
        QVERIFY(says(message, "can run any code"));
        QVERIFY(says(message, "safe_serialization=True"));
        QCOMPARE(code, ErrorCode::Unsupported);
    }

    void missingTensorsAreNamed() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) { t.erase("text_model.final_layer_norm.bias"); });
        ErrorCode code{};
        const std::string message = refusal(copy.folder, &code);
        QVERIFY(says(message, "model.safetensors: a tensor is missing: 'text_model.final_layer_norm.bias'"));
        QVERIFY(says(message, "config.json"));
        QCOMPARE(code, ErrorCode::NotFound);
    }

    void renamedTensorsAreNamedBothWays() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) {
            for (const char* name : {"visual_projection.weight", "text_projection.weight", "logit_scale",
                                     "vision_model.pre_layrnorm.weight", "vision_model.pre_layrnorm.bias"}) {
                t[std::string("clip.") + name] = t.at(name);
                t.erase(name);
            }
        });
        const std::string message = refusal(copy.folder);
        QVERIFY(says(message, "5 tensors are missing: 'logit_scale', 'vision_model.pre_layrnorm.weight', "
                              "'vision_model.pre_layrnorm.bias' and 2 more"));
        QVERIFY(says(message, "'clip.logit_scale'"));
    }

    void misshapenTensorsAreNamed() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) {
            t.at("visual_projection.weight").view.shape = {18, 10};
            t.at("text_projection.weight").view.shape = {120};
        });
        const std::string message = refusal(copy.folder);
        QVERIFY(says(message,
                     "tensor 'visual_projection.weight' has shape [18, 10], config.json needs [10, 18]"));
        QVERIFY(says(message, "(1 more tensors do not fit either)"));
    }

    void truncatedFile() {
        const Copy copy("odd");
        fs::resize_file(copy.weights(), fs::file_size(copy.weights()) - 100);
        const std::string message = refusal(copy.folder);
        QVERIFY(says(message, "model.safetensors: tensor '"));
        QVERIFY(says(message, "truncated"));
        fs::resize_file(copy.weights(), 0);
        QVERIFY(says(refusal(copy.folder), "too few"));
    }

    void quantisedWeightsAreRefused() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) {
            EditableTensor& tensor = t.at("visual_projection.weight");
            tensor.view.dtype = DType::I8;
            tensor.bytes.resize(tensor.bytes.size() / 4);
        });
        QVERIFY(says(refusal(copy.folder), "'visual_projection.weight' is stored as I8"));
    }

    void textTowersAloneAreRefused() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) {
            std::erase_if(t, [](const auto& entry) { return !entry.first.starts_with("text_"); });
        });
        QVERIFY(says(refusal(copy.folder), "holds the text tower alone"));
        Json config = readJsonFile(copy.folder / "config.json");
        config["model_type"] = "clip_text_model";
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(says(refusal(copy.folder), "'clip_text_model' is a text tower alone"));
    }

    void otherFamiliesAreRefused() {
        const Copy copy("odd");
        Json config = readJsonFile(copy.folder / "config.json");
        config["model_type"] = "blip";
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(says(refusal(copy.folder),
                     "model_type 'blip' is not supported; families that can be loaded: clip"));
        config.erase("model_type");
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(says(refusal(copy.folder), "'model_type' is missing"));
        config["model_type"] = 5;
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(says(refusal(copy.folder), "'model_type' should be a text"));
    }

    void extraTensors() {
        const Copy copy("odd");
        editWeights(copy.weights(), [](EditableTensors& t) { t["classifier.weight"] = t.at("logit_scale"); });
        QCOMPARE(refusal(copy.folder), std::string());
        // One layer more than config.json tells of: computing without it would give wrong numbers quietly.
        Json config = readJsonFile(copy.folder / "config.json");
        config["vision_config"]["num_hidden_layers"] = 2;
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(says(refusal(copy.folder), "it describes a smaller model"));
    }

    void shards() {
        const Copy copy("laion");
        const fs::path index = copy.folder / "model.safetensors.index.json";
        const Json good = readJsonFile(index);
        const auto with = [&](const std::function<void(Json&)>& change) {
            Json json = good;
            change(json);
            writeFileAtomically(index, json.dump());
            return refusal(copy.folder);
        };
        QVERIFY(says(with([](Json& j) { j.erase("weight_map"); }), "'weight_map' should be"));
        QVERIFY(says(with([](Json& j) { j["weight_map"] = Json::array(); }), "'weight_map' should be"));
        QVERIFY(says(with([](Json& j) { j = 3; }), "'weight_map' should be"));
        QVERIFY(says(with([](Json& j) { j["weight_map"]["logit_scale"] = 3; }),
                     "'logit_scale' should name a file"));
        QVERIFY(
            says(with([](Json& j) { j["weight_map"]["logit_scale"] = "../x.safetensors"; }), "same folder"));
        QVERIFY(says(with([](Json& j) { j["weight_map"]["logit_scale"] = "gone.safetensors"; }),
                     "names the file gone.safetensors, which is not there"));
        QVERIFY(says(with([](Json& j) { j["weight_map"]["not_there"] = j["weight_map"]["logit_scale"]; }),
                     "tensor 'not_there' should be in"));
        QCOMPARE(with([](Json&) {}), std::string());
        // The same tensor in two shards.
        const std::string first = good["weight_map"]["logit_scale"];
        for (const auto& [name, file] : good["weight_map"].items())
            if (file != first) {
                editWeights(copy.folder / file.get<std::string>(), [](EditableTensors& t) {
                    t["logit_scale"] = {{"", DType::F32, {}, {}}, std::vector<std::byte>(4)};
                });
                break;
            }
        QVERIFY(says(refusal(copy.folder), "tensor 'logit_scale' is in"));
        fs::remove(copy.folder / first);
        QVERIFY(says(refusal(copy.folder), "is not complete"));
    }

    void fingerprintFollowsTheContent() {
        const Copy copy("odd"), same("odd");
        const auto print = [](const fs::path& folder) { return Checkpoint::open(folder)->fingerprint(); };
        const std::string before = print(copy.folder);
        QCOMPARE(before.size(), size_t{32});
        QCOMPARE(print(same.folder), before);
        QVERIFY(print(kFixtures / "openai") != before);
        editWeights(copy.weights(), [](EditableTensors& t) { t.at("logit_scale").bytes[0] ^= std::byte{1}; });
        const std::string weightsChanged = print(copy.folder);
        QVERIFY(weightsChanged != before);
        Json config = readJsonFile(copy.folder / "config.json");
        config["text_config"]["hidden_act"] = "gelu";
        writeFileAtomically(copy.folder / "config.json", config.dump());
        QVERIFY(print(copy.folder) != weightsChanged);
    }

    void licenceIsRead() {
        const Copy copy("odd");
        QCOMPARE(Checkpoint::open(copy.folder)->licence(), std::string());
        writeFileAtomically(copy.folder / "LICENSE", "\n  MIT License\n\nCopyright");
        QCOMPARE(Checkpoint::open(copy.folder)->licence(), std::string("MIT License"));
        writeFileAtomically(copy.folder / "README.md",
                            "---\ntags: x\nlicense: \"apache-2.0\"\n---\nlicense: no\n");
        QCOMPARE(Checkpoint::open(copy.folder)->licence(), std::string("apache-2.0"));
        writeFileAtomically(copy.folder / "README.md", "# A model\nlicense: no\n");
        QCOMPARE(Checkpoint::open(copy.folder)->licence(), std::string("MIT License"));
    }

    void preprocessingFiles() {
        const Copy copy("odd");
        const Json own = readJsonFile(copy.folder / "preprocessor_config.json");
        fs::remove(copy.folder / "preprocessor_config.json");
        const auto checkpoint = Checkpoint::open(copy.folder);
        try {
            checkpoint->imageProcessor();
            QFAIL("no preprocessing, no error");
        } catch (const Error& error) {
            QVERIFY(says(error.what(), "no preprocessor_config.json"));
        }
        writeFileAtomically(copy.folder / "processor_config.json", Json{{"image_processor", own}}.dump());
        QCOMPARE(checkpoint->imageProcessor().outputWidth(), 60);
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"

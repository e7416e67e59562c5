// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/parity/parity.h"
#include "tests/support/edit_weights.h"

#include <QTest>

using namespace diptych;
using namespace diptych::parity;

namespace {

const fs::path kFixtures = fs::path(DIPTYCH_FIXTURES) / "families";
const fs::path kPictures = fs::path(DIPTYCH_FIXTURES) / "clip" / "images";

/// TEXTS of make_matching_fixtures.py.
const std::vector<std::string> kTexts = {"a red cube", "two green balls", "cat", "a photo of a dog"};

/// A checkpoint, how close its embeddings must be, and what it is.
struct Case {
    const char* name;
    const char* family;
    double tolerance;
    bool texts;
};
/// Convolutions add up in another order than transformers', hence ALIGN's wider bound.
constexpr Case kCases[] = {{"siglip", "siglip", 5e-6, true},
                           {"siglip2_fixed", "siglip", 5e-6, true},
                           {"siglip_vision", "siglip", 5e-6, false},
                           {"align", "align", 3e-5, true},
                           {"flava", "flava", 5e-6, true},
                           {"chinese_clip", "chinese_clip", 5e-6, true},
                           {"alt_clip", "altclip", 5e-6, true},
                           {"metaclip_2", "clip", 5e-6, true},
                           {"clip_vision", "clip_vision", 5e-6, false},
                           {"clip_vision_projected", "clip_vision", 5e-6, false},
                           {"vit", "vit", 5e-6, false},
                           {"vit_classifier", "vit", 5e-6, false},
                           {"dinov2", "vit", 5e-6, false},
                           {"open_clip", "open_clip", 5e-6, true},
                           {"open_clip_siglip", "open_clip_siglip", 5e-6, true}};

const Case& caseNamed(const QString& name) {
    return *std::ranges::find_if(kCases, [&](const Case& one) { return name == one.name; });
}

/// Of the largest value there.
double relativeDifference(const Matrix& got, const Matrix& wanted) {
    float largest = 0;
    for (const float value : wanted.values())
        largest = std::max(largest, std::abs(value));
    return worstDifference(got, wanted) / static_cast<double>(largest);
}

/// A copy of a case with its config.json changed.
fs::path changedConfig(const char* name, const fs::path& to, const std::function<void(Json&)>& change) {
    fs::copy(kFixtures / name, to, fs::copy_options::recursive);
    Json config = readJsonFile(to / "config.json");
    change(config);
    writeFileAtomically(to / "config.json", config.dump());
    return to;
}

double worstImages(Model& model, const SafetensorsFile& expected) {
    const auto images = [&](const std::vector<Prepared>& samples) {
        return normalised(model.embedder()->embedImages(samples, ImageFeature::Projected));
    };
    const auto size = static_cast<int>(expected.find("pixel_values")->shape.at(2));
    return std::max(worstDifference(images(pattern(3, size)), matrixFrom(*expected.find("pattern_embeds"))),
                    worstDifference(images(preparedPictures(model, kPictures)),
                                    matrixFrom(*expected.find("image_embeds"))));
}

Matrix textEmbeddings(Model& model, const SafetensorsFile& expected) {
    return normalised(model.embedder()->embedTokens(
        tokensFrom(*expected.find("input_ids"), expected.find("attention_mask"))));
}

/// Patches, grids and masks as transformers' processor gives them.
void checkPatches(std::span<const Prepared> samples, const SafetensorsFile& expected) {
    const TensorView &pixels = *expected.find("pixel_values"), &grids = *expected.find("spatial_shapes");
    QCOMPARE(samples.size(), static_cast<size_t>(pixels.shape.at(0)));
    const size_t length = pixels.bytes.size() / sizeof(float) / samples.size();
    const auto* values = reinterpret_cast<const float*>(pixels.bytes.data());
    for (size_t i = 0; i < samples.size(); ++i) {
        QVERIFY(samples[i].shape == std::vector<int64_t>(pixels.shape.begin() + 1, pixels.shape.end()));
        int64_t grid[2];
        std::memcpy(grid, grids.bytes.data() + i * sizeof grid, sizeof grid);
        QCOMPARE(int64_t{samples[i].gridHeight}, grid[0]);
        QCOMPARE(int64_t{samples[i].gridWidth}, grid[1]);
        QVERIFY(std::equal(samples[i].values.begin(), samples[i].values.end(), values + i * length));
    }
}

} // namespace

class TestFamilyParity : public QObject {
    Q_OBJECT

    void addCases(bool withTexts) const {
        QTest::addColumn<QString>("name");
        for (const Case& one : kCases)
            if (one.texts || !withTexts)
                QTest::newRow(one.name) << QString(one.name);
    }

private Q_SLOTS:
    void images_data() { addCases(false); }
    void images() {
        QFETCH(QString, name);
        const Case& one = caseNamed(name);
        const SafetensorsFile expected(kFixtures / one.name / "expected.safetensors");
        const auto model = load(kFixtures / one.name);
        const double worst = worstImages(*model, expected);
        qInfo("%s: largest difference of images %.1e", one.name, worst);
        QVERIFY2(worst <= one.tolerance, qPrintable(QString::number(worst)));
        const auto size = static_cast<int>(expected.find("pixel_values")->shape.at(2));
        const Matrix pooled = model->embedder()->embedImages(pattern(3, size), ImageFeature::Pooled);
        QVERIFY(relativeDifference(pooled, matrixFrom(*expected.find("pattern_pooled"))) <= 2e-5);
        QCOMPARE(model->info().family, std::string(one.family));
        QCOMPARE(model->info().faces.textEmbeddings, one.texts);
    }

    void picturesInTheirOwnProportions_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("siglip2") << "siglip2";
        QTest::newRow("image tower alone") << "siglip2_vision";
    }
    void picturesInTheirOwnProportions() {
        QFETCH(QString, name);
        const fs::path folder = kFixtures / name.toStdString();
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto model = load(folder);
        QCOMPARE(model->info().family, std::string("siglip2"));
        std::vector<Prepared> samples = preparedPictures(*model, kPictures);
        Image strip = decodeImage(pictureFiles(kPictures).front()).value();
        strip.height /= 5;
        strip.rgb.resize(3 * static_cast<size_t>(strip.width) * static_cast<size_t>(strip.height));
        samples.push_back(model->prepare({&strip, 1}));
        checkPatches(samples, expected);
        if (QTest::currentTestFailed())
            return;
        const Matrix wanted = matrixFrom(*expected.find("image_embeds"));
        const Matrix together = normalised(model->embedder()->embedImages(samples, ImageFeature::Projected));
        const double worst = worstDifference(together, wanted);
        qInfo("%s: largest difference of images %.1e", qPrintable(name), worst);
        QVERIFY2(worst <= 5e-6, qPrintable(QString::number(worst)));
        // What a picture stands beside has no influence.
        for (size_t i = 0; i < samples.size(); ++i) {
            const Matrix alone =
                normalised(model->embedder()->embedImages(std::span(&samples[i], 1), ImageFeature::Pooled));
            for (size_t c = 0; c < wanted.cols(); ++c)
                QVERIFY(std::abs(alone(0, c) - wanted(i, c)) <= 5e-6f);
        }
        if (!model->info().faces.textEmbeddings)
            return;
        const auto words = readJsonFile(kFixtures / "texts.json").get<std::vector<std::string>>();
        QVERIFY(model->embedder()->tokenize(words).ids == tokensFrom(*expected.find("texts_ids")).ids);
        const Matrix texts = normalised(model->embedder()->embedTexts(words));
        QVERIFY(worstDifference(texts, matrixFrom(*expected.find("texts_embeds"))) <= 5e-6);
        Matrix logits = multiplyTransposed(together, texts, 1);
        for (float& value : logits.values())
            value = static_cast<float>(model->info().similarity.logit(value));
        QVERIFY(relativeDifference(logits, matrixFrom(*expected.find("logits_per_image"))) <= 2e-5);
    }

    void patchesOfAnotherSizeAreRefused() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "siglip2", dir.path() / "m", fs::copy_options::recursive);
        const fs::path path = dir.path() / "m" / "preprocessor_config.json";
        Json config = readJsonFile(path);
        config["patch_size"] = 4;
        writeFileAtomically(path, config.dump());
        try {
            load(dir.path() / "m");
            QFAIL("patches of 4 pixels went into a model of 8");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Corrupt);
            QVERIFY2(
                std::string(error.what()).find("cuts patches of 4 pixels, the model takes patches of 8") !=
                    std::string::npos,
                error.what());
        }
    }

    void flavaMatchesImagesAndTexts() {
        const fs::path folder = kFixtures / "flava_itm";
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto model = load(folder);
        QVERIFY(model->info().faces.matching && model->matcher());
        QCOMPARE(model->matcher()->logitsPerPair(), 2);
        const auto samples = pattern(3, 32);
        const auto matches =
            model->matcher()->match(samples, std::vector<std::vector<std::string>>(3, kTexts));
        const auto* wanted = reinterpret_cast<const float*>(expected.find("itm_logits")->bytes.data());
        QCOMPARE(matches.size(), size_t{3});
        for (const TextMatches& match : matches) {
            QCOMPARE(match.logits.rows(), kTexts.size());
            for (const float logit : match.logits.values()) {
                QVERIFY2(std::abs(logit - *wanted) <= 2e-6f, qPrintable(QString::number(logit - *wanted)));
                ++wanted;
            }
        }
        // Its embeddings are what they are without the head.
        const Matrix images =
            normalised(model->embedder()->embedImages(std::span(samples).last(1), ImageFeature::Projected));
        QVERIFY(worstDifference(images, matrixFrom(*expected.find("image_embeds"))) <= 5e-6);
        const Matrix texts = normalised(model->embedder()->embedTexts(kTexts));
        QVERIFY(worstDifference(texts, matrixFrom(*expected.find("text_embeds"))) <= 5e-6);
        QVERIFY(!load(kFixtures / "flava")->matcher());
    }

    void xClipComparesClipsWithTexts() {
        const fs::path folder = kFixtures / "xclip";
        const SafetensorsFile expected(folder / "expected.safetensors");
        const auto model = load(folder);
        QCOMPARE(model->info().frames, 3);
        QVERIFY(!model->info().faces.textEmbeddings);
        std::vector<Image> frames;
        for (const fs::path& file : pictureFiles(kPictures))
            frames.push_back(decodeImage(file).value());
        frames.resize(3);
        const Prepared clip = model->prepare(frames);
        const TensorView& pixels = *expected.find("pixel_values");
        QVERIFY(std::equal(clip.values.begin(), clip.values.end(),
                           reinterpret_cast<const float*>(pixels.bytes.data())));
        const Matrix video =
            normalised(model->embedder()->embedImages(std::span(&clip, 1), ImageFeature::Projected));
        QVERIFY(worstDifference(video, matrixFrom(*expected.find("video_embeds"))) <= 5e-6);
        const TokenBatch tokens = model->embedder()->tokenize(kTexts);
        QVERIFY(tokens.ids == tokensFrom(*expected.find("input_ids")).ids);
        const TextMatches match = model->matcher()->match(std::span(&clip, 1), std::span(&kTexts, 1)).front();
        const auto* texts = reinterpret_cast<const float*>(expected.find("text_embeds")->bytes.data());
        const Matrix seenTexts = normalised(match.texts);
        QCOMPARE(seenTexts.rows(), kTexts.size());
        for (const float value : seenTexts.values())
            QVERIFY(std::abs(value - *texts++) <= 5e-6f);
        const Matrix logits = matrixFrom(*expected.find("logits_per_video"));
        for (size_t i = 0; i < kTexts.size(); ++i)
            QVERIFY(std::abs(match.logits(i, 0) - logits(0, i)) <= 2e-5f * 1.3f);
        try {
            model->prepare(std::span(frames).first(2));
            QFAIL("two frames went for three");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::InvalidArgument);
        }
        try {
            model->embedder()->embedTexts(kTexts);
            QFAIL("a text was embedded without a clip");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Unsupported);
        }
    }

    void texts_data() { addCases(true); }
    void texts() {
        QFETCH(QString, name);
        const Case& one = caseNamed(name);
        const SafetensorsFile expected(kFixtures / one.name / "expected.safetensors");
        const auto model = load(kFixtures / one.name);
        const Matrix embeddings = textEmbeddings(*model, expected);
        const double worst = worstDifference(embeddings, matrixFrom(*expected.find("text_embeds")));
        qInfo("%s: largest difference of texts %.1e", one.name, worst);
        QVERIFY2(worst <= one.tolerance, qPrintable(QString::number(worst)));

        const auto size = static_cast<int>(expected.find("pixel_values")->shape.at(2));
        const Matrix images =
            normalised(model->embedder()->embedImages(pattern(3, size), ImageFeature::Projected));
        Matrix logits = multiplyTransposed(images, embeddings, 1);
        for (float& value : logits.values())
            value = static_cast<float>(model->info().similarity.logit(value));
        const double difference = relativeDifference(logits, matrixFrom(*expected.find("logits_per_image")));
        QVERIFY2(difference <= 2e-5, qPrintable(QString::number(difference)));
    }

    void textsByTheirTokenizers_data() { addCases(true); }
    /// From words to embeddings, through the kind of tokenizer that the family has.
    void textsByTheirTokenizers() {
        QFETCH(QString, name);
        const Case& one = caseNamed(name);
        const SafetensorsFile expected(kFixtures / one.name / "expected.safetensors");
        const auto model = load(kFixtures / one.name);
        const auto texts = readJsonFile(kFixtures / "texts.json").get<std::vector<std::string>>();
        const TokenBatch tokens = model->embedder()->tokenize(texts);
        const TokenBatch wanted = tokensFrom(*expected.find("texts_ids"), expected.find("texts_mask"));
        QCOMPARE(tokens.length, wanted.length);
        QVERIFY(tokens.ids == wanted.ids);
        QVERIFY(tokens.attentionMask == wanted.attentionMask);
        const double worst = worstDifference(normalised(model->embedder()->embedTexts(texts)),
                                             matrixFrom(*expected.find("texts_embeds")));
        qInfo("%s: largest difference of texts %.1e", one.name, worst);
        QVERIFY2(worst <= one.tolerance, qPrintable(QString::number(worst)));
    }

    void lowerPrecisionStaysClose_data() { addCases(false); }
    void lowerPrecisionStaysClose() {
        QFETCH(QString, name);
        const SafetensorsFile expected(kFixtures / name.toStdString() / "expected.safetensors");
        const auto model = load(kFixtures / name.toStdString(), Precision::Bf16);
        const double worst = worstImages(*model, expected);
        QVERIFY2(worst <= 0.08, qPrintable(QString::number(worst)));
        QVERIFY(worst > 1e-6); // it did compute in another precision
    }

    /// The published checkpoint was written before transformers renamed the image tower's layers.
    void altClipsLayersUnderTheirFirstName() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "alt_clip", dir.path() / "m", fs::copy_options::recursive);
        size_t renamed = 0;
        editWeights(dir.path() / "m" / "model.safetensors", [&](EditableTensors& tensors) {
            const std::string now = "vision_model.encoder.layer.", then = "vision_model.encoder.layers.";
            EditableTensors all;
            for (auto& [name, tensor] : tensors) {
                const bool isLayer = name.starts_with(now);
                renamed += isLayer;
                all[isLayer ? then + name.substr(now.size()) : name] = std::move(tensor);
            }
            tensors = std::move(all);
        });
        QVERIFY(renamed > 0);
        const SafetensorsFile expected(kFixtures / "alt_clip" / "expected.safetensors");
        QVERIFY(worstImages(*load(dir.path() / "m"), expected) <= 5e-6);
    }

    /// What is left of a whole CLIP without its texts embeds images as the whole does.
    void anImageTowerOutOfAWholeModel() {
        const TemporaryDirectory dir;
        const fs::path whole = kFixtures.parent_path() / "clip" / "openai";
        fs::copy(whole, dir.path() / "m", fs::copy_options::recursive);
        editWeights(dir.path() / "m" / "model.safetensors", [](EditableTensors& tensors) {
            std::erase_if(tensors, [](const auto& entry) { return entry.first.starts_with("text_"); });
        });
        const auto part = load(dir.path() / "m"), all = load(whole);
        QCOMPARE(part->info().family, std::string("clip_vision"));
        QCOMPARE(part->info().embeddingDim, all->info().embeddingDim);
        const auto samples = preparedPictures(*all, kPictures);
        QVERIFY(std::ranges::equal(part->embedder()->embedImages(samples, ImageFeature::Projected).values(),
                                   all->embedder()->embedImages(samples, ImageFeature::Projected).values()));
    }

    void imageTowersHaveNoTexts() {
        const auto model = load(kFixtures / "dinov2");
        const std::vector<std::string> texts = {"a cat"};
        try {
            model->embedder()->embedTexts(texts);
            QFAIL("an image tower embedded a text");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Unsupported);
            QVERIFY(std::string(error.what()).find("no text tower") != std::string::npos);
        }
    }

    void sigmoidProbabilitiesDoNotAddUp() {
        const Similarity similarity = load(kFixtures / "siglip")->info().similarity;
        QVERIFY(similarity.kind == Similarity::Kind::Sigmoid);
        const std::vector<float> cosines = {0.9f, 0.1f};
        const auto probabilities = similarity.probabilities(cosines);
        const double scale = std::exp(2.1), bias = -3.7;
        for (size_t i = 0; i < cosines.size(); ++i)
            QVERIFY(std::abs(probabilities[i] - 1 / (1 + std::exp(-(scale * double{cosines[i]} + bias)))) <
                    1e-6);
    }

    // The tests above could not see these if they did not move what they compare.
    void whatTheConfigurationSaysCounts_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("section");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("siglip activation") << "siglip"
                                           << "vision_config"
                                           << "hidden_act"
                                           << "\"gelu\"";
        QTest::newRow("flava epsilon") << "flava"
                                       << "image_config"
                                       << "layer_norm_eps"
                                       << "0.01";
        QTest::newRow("align padding") << "align"
                                       << "vision_config"
                                       << "depthwise_padding"
                                       << "[]";
        QTest::newRow("chinese activation") << "chinese_clip"
                                            << "vision_config"
                                            << "hidden_act"
                                            << "\"gelu\"";
    }
    void whatTheConfigurationSaysCounts() {
        QFETCH(QString, name);
        QFETCH(QString, section);
        QFETCH(QString, key);
        QFETCH(QString, value);
        const TemporaryDirectory dir;
        const fs::path folder = changedConfig(qPrintable(name), dir.path() / "m", [&](Json& config) {
            config[section.toStdString()][key.toStdString()] = Json::parse(value.toStdString());
        });
        const SafetensorsFile expected(folder / "expected.safetensors");
        QVERIFY(worstImages(*load(folder), expected) > 5e-5);
    }

    /// What open_clip pads with, not the end token of the tokenizer's files.
    void openClipPadsWithZero() {
        const std::vector<std::string> texts = {"a red cube"};
        const TokenBatch tokens = load(kFixtures / "open_clip")->embedder()->tokenize(texts);
        QCOMPARE(tokens.length, size_t{16});
        QCOMPARE(tokens.ids.back(), int64_t{0});
        QVERIFY(tokens.ids.front() != 0);
    }

    void theFirstSiglipNeedsItsOwnTokenizer() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "siglip", dir.path() / "m", fs::copy_options::recursive);
        fs::remove(dir.path() / "m" / "spiece.model");
        try {
            load(dir.path() / "m");
            QFAIL("token ids would be other than the reference's");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::NotFound);
            QVERIFY2(std::string(error.what()).find("spiece.model") != std::string::npos, error.what());
        }
    }

    void otherOpenClipTowersAreRefused() {
        const TemporaryDirectory dir;
        fs::copy(kFixtures / "open_clip", dir.path() / "m", fs::copy_options::recursive);
        const fs::path path = dir.path() / "m" / "open_clip_config.json";
        Json config = readJsonFile(path);
        config["model_cfg"]["vision_cfg"]["timm_model_name"] = "convnext_base";
        writeFileAtomically(path, config.dump());
        try {
            load(dir.path() / "m");
            QFAIL("a timm tower was read as OpenCLIP's own");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Unsupported);
            QVERIFY2(std::string(error.what()).find("timm_model_name") != std::string::npos, error.what());
        }
    }

    void largerCheckpointsAreNotReadInPart() {
        for (const auto& [name, section, key] : {std::tuple("siglip", "vision_config", "num_hidden_layers"),
                                                 std::tuple("flava", "text_config", "num_hidden_layers")}) {
            const TemporaryDirectory dir;
            const fs::path folder =
                changedConfig(name, dir.path() / "m", [&](Json& config) { config[section][key] = 1; });
            try {
                load(folder);
                QFAIL("a layer was left out without a word");
            } catch (const Error& error) {
                QVERIFY2(std::string(error.what()).find("it describes a smaller model") != std::string::npos,
                         error.what());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestFamilyParity)
#include "tst_family_parity.moc"

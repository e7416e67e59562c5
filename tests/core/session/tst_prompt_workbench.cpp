// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/random.h"
#include "core/image/image.h"
#include "core/session/prompt_variants.h"
#include "core/session/prompt_workbench.h"
#include "core/session/session.h"
#include "core/tasks/class_prompts.h"
#include "core/tasks/zero_shot_scores.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <numeric>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

constexpr size_t kDimension = 6;

/// A text's embedding: numbers drawn by its hash, of length 1.
std::vector<float> rowOf(const std::string& text) {
    Random random(std::hash<std::string>()(text));
    Matrix row(1, kDimension);
    for (float& value : row.values())
        value = static_cast<float>(random.uniform()) - 0.4f;
    normalizeRows(row);
    return {row.values().begin(), row.values().end()};
}

/// Images near the embeddings of their class's name, so that prompts matter but do not settle everything.
WorkbenchImages madeImages(size_t count, Similarity::Kind kind) {
    WorkbenchImages images;
    images.dataset = "made";
    images.classNames = {"cat", "dog", "owl", "fox"};
    images.rows = Matrix(count, kDimension);
    Random random(7);
    for (size_t i = 0; i < count; ++i) {
        images.ids.push_back({static_cast<int64_t>(i) + 1});
        images.labels.push_back(static_cast<int>(i % 4));
        const auto name = rowOf("a photo of a " + images.classNames[i % 4]);
        for (size_t d = 0; d < kDimension; ++d)
            images.rows(i, d) = name[d] + 0.9f * (static_cast<float>(random.uniform()) - 0.5f);
    }
    normalizeRows(images.rows);
    images.similarity = {kind, 10, kind == Similarity::Kind::Sigmoid ? -5.0f : 0.0f};
    return images;
}

PromptSet photos() {
    PromptSet prompts;
    prompts.templates = {"a photo of a {}", "{}", "art of the {}", "a {} at night", "{}", "the {}!"};
    prompts.classes["dog"].names = {"dog", "hound"};
    prompts.classes["owl"].prompts = {"it hoots", "a {} in a tree"};
    return prompts;
}

struct Bench {
    size_t calls = 0, texts = 0;
    PromptWorkbench workbench;
    explicit Bench(WorkbenchImages images)
        : workbench(std::move(images),
                    [this](std::span<const std::string> wanted, const RunContext& context) {
                        context.throwIfCancelled();
                        ++calls;
                        texts += wanted.size();
                        Matrix rows(wanted.size(), kDimension);
                        for (size_t i = 0; i < wanted.size(); ++i)
                            std::ranges::copy(rowOf(wanted[i]), rows.row(i).begin());
                        return rows;
                    }) {}
};

/// The slow way: class embeddings as the task makes them, every image scored.
std::optional<double> plainShare(const WorkbenchImages& images, PromptSet prompts) {
    Matrix rows;
    ClassTexts texts;
    try {
        texts = classTexts(images.classNames, prompts);
    } catch (const Error&) {
        return std::nullopt;
    }
    rows = Matrix(texts.texts.size(), kDimension);
    for (size_t i = 0; i < texts.texts.size(); ++i)
        std::ranges::copy(rowOf(texts.texts[i]), rows.row(i).begin());
    const auto scores =
        scoreImages(images.rows, images.labels, classMeans(rows, texts), images.similarity, 1, {});
    const auto right = scores.labelled().correct;
    return std::accumulate(right.begin(), right.end(), 0.0) / static_cast<double>(right.size());
}

PromptSet withoutOwn(PromptSet prompts) {
    for (auto& [name, words] : prompts.classes)
        words.prompts.clear();
    return prompts;
}

void compareTemplates(const WorkbenchImages& images, const PromptSet& prompts,
                      const std::vector<uint8_t>& used, const std::vector<TemplateRow>& rows) {
    QCOMPARE(rows.size(), prompts.templates.size());
    for (size_t t = 0; t < rows.size(); ++t) {
        std::vector<uint8_t> one(used.size()), changed = used;
        one[t] = 1;
        changed[t] = !changed[t];
        QCOMPARE(rows[t].text, prompts.templates[t]);
        QCOMPARE(rows[t].alone, plainShare(images, withoutOwn(usedOf(prompts, one))));
        QCOMPARE(rows[t].changed, plainShare(images, usedOf(prompts, changed)));
    }
}

Image plain(uint8_t red, uint8_t green, uint8_t blue) {
    Image image;
    image.width = image.height = 40;
    for (int i = 0; i < 1600; ++i)
        image.rgb.insert(image.rgb.end(), {red, green, blue});
    return image;
}

} // namespace

/// The prompt workbench: the same numbers as zero-shot classification, quickly and again.
class TestPromptWorkbench : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyNumberIsTheTasks_data() {
        QTest::addColumn<QString>("model");
        QTest::newRow("softmax") << DIPTYCH_FIXTURES "/clip/openai";
        QTest::newRow("sigmoid") << DIPTYCH_FIXTURES "/families/siglip";
    }
    void everyNumberIsTheTasks() {
        QFETCH(QString, model);
        TemporaryDirectory folder;
        const fs::path pictures = folder.path() / "pictures";
        uint8_t shade = 0;
        for (const char* name : {"dark", "light", "red"}) {
            fs::create_directories(pictures / name);
            for (int i = 0; i < 4; ++i, shade = static_cast<uint8_t>(shade + 21))
                writeFileAtomically(pictures / name / (std::to_string(i) + ".png"),
                                    encodePng(plain(shade, static_cast<uint8_t>(255 - shade), 90)));
        }
        const auto session = Session::openOrCreate(folder.path() / "ws");
        session->importDataset(pictures, "pictures", {}, {});
        PromptSet prompts;
        prompts.templates = {"a photo of a {}.", "a {}"};
        prompts.classes["red"] = {{"red", "crimson"}, {"the colour of blood"}};
        keepPrompts(session->workspace(), "mine", prompts);
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "pictures";
        spec.model = model.toStdString();
        spec.params = {{"templates", "mine"}};
        QCOMPARE(session->openWorkbench(withAddedModel(*session, spec), false, {}).answer,
                 Answer::NotEncoded);
        const auto opened = session->openWorkbench(spec, true, {});
        QVERIFY(opened.workbench);
        const PromptScore score = opened.workbench->score(prompts, 1000, {});
        const RunRecord run = session->workspace().run(session->run(spec, {}));
        QCOMPARE(score.metrics.size(), run.metrics.size());
        for (size_t i = 0; i < run.metrics.size(); ++i) {
            QCOMPARE(score.metrics[i].name, run.metrics[i].name);
            QCOMPARE(score.metrics[i].value, run.metrics[i].value);
        }
        QCOMPARE(score.metrics[0].interval->low, run.metrics[0].interval->low);
        QCOMPARE(score.metrics[0].interval->high, run.metrics[0].interval->high);
        const auto examples = session->workspace().examples(run.id);
        QCOMPARE(examples.size(), score.predictions.size());
        for (size_t i = 0; i < examples.size(); ++i) {
            QCOMPARE(examples[i].sample, opened.workbench->images().ids[i]);
            QCOMPARE(examples[i].predictions[0].index, score.predictions[i]);
            QCOMPARE(*examples[i].correct, score.right[i] > 0);
        }
        // The run says what it was prompted with, whatever becomes of the name.
        QVERIFY(run.spec["params"]["templates"]["classes"].contains("red"));
        QVERIFY2(run.command.find("prompts/") != std::string::npos, run.command.c_str());
        const fs::path file = promptFile(run.spec["params"]["templates"], session->workspace().path());
        QVERIFY(loadPromptSet(file.native()).classes == prompts.classes);
        QCOMPARE(session->openWorkbench(spec, false, {}).answer, Answer::Ready);
    }

    void templatesAloneAndLeftOut_data() {
        QTest::addColumn<bool>("sigmoid");
        QTest::newRow("softmax") << false;
        QTest::newRow("sigmoid") << true;
    }
    void templatesAloneAndLeftOut() {
        QFETCH(bool, sigmoid);
        Bench bench(madeImages(300, sigmoid ? Similarity::Kind::Sigmoid : Similarity::Kind::Softmax));
        const WorkbenchImages& images = bench.workbench.images();
        PromptSet prompts = photos();
        const std::vector<std::vector<uint8_t>> choices{
            {1, 1, 1, 1, 1, 1}, {1, 0, 1, 0, 0, 1}, {0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 0}};
        for (const auto& used : choices)
            compareTemplates(images, prompts, used, bench.workbench.templates(prompts, used, {}));
        // Edits: another template, another name of one class, another order, a class's own prompt less.
        prompts.templates[2] = "a sketch of {}";
        compareTemplates(images, prompts, choices[1], bench.workbench.templates(prompts, choices[1], {}));
        prompts.classes["dog"].names = {"puppy"};
        std::swap(prompts.templates[0], prompts.templates[3]);
        compareTemplates(images, prompts, choices[0], bench.workbench.templates(prompts, choices[0], {}));
        for (const std::string& name : images.classNames)
            prompts.classes[name].prompts = {"the " + name + " itself"};
        compareTemplates(images, prompts, choices[2], bench.workbench.templates(prompts, choices[2], {}));
    }

    /// Images on the border between two classes, where sums of cosines could tip the other way.
    void tiesGoAsTheTaskHasThem() {
        WorkbenchImages images = madeImages(64, Similarity::Kind::Softmax);
        PromptSet prompts;
        prompts.templates = {"a {}", "b {}", "c {}"};
        prompts.classes["dog"].names = {"cat"}; // the same words: equal scores everywhere
        const auto a = rowOf("a owl"), b = rowOf("a fox");
        for (size_t i = 0; i < 32; ++i)
            for (size_t d = 0; d < kDimension; ++d)
                images.rows(i, d) = a[d] + b[d];
        normalizeRows(images.rows);
        Bench bench(images);
        const std::vector<uint8_t> used{1, 1, 1};
        compareTemplates(images, prompts, used, bench.workbench.templates(prompts, used, {}));
    }

    void anEditEncodesOnlyWhatIsNew() {
        Bench bench(madeImages(40, Similarity::Kind::Softmax));
        PromptSet prompts = photos();
        bench.workbench.score(prompts, 0, {});
        const size_t first = bench.texts;
        // Four classes, five names, five templates that differ, and two prompts of the owl's own.
        QCOMPARE(first, size_t{5 * 5 + 2});
        prompts.templates[3] = "a {} in the snow";
        QCOMPARE(bench.workbench.score(prompts, 0, {}).encoded, size_t{5});
        QCOMPARE(bench.texts, first + 5);
        bench.workbench.templates(prompts, std::vector<uint8_t>(6, 1), {});
        prompts.templates[3] = "a {} at night";
        QCOMPARE(bench.workbench.score(prompts, 0, {}).encoded, size_t{0});
        QCOMPARE(bench.texts, first + 5);
        QCOMPARE(bench.workbench.textsEncoded(), bench.texts);
        prompts.classes["fox"].names = {"vixen"};
        QCOMPARE(bench.workbench.score(prompts, 0, {}).encoded, size_t{5});
    }

    void cancelledIsAsIfNeverAsked() {
        Bench bench(madeImages(40, Similarity::Kind::Softmax));
        std::stop_source stop;
        stop.request_stop();
        RunContext context;
        context.stop = stop.get_token();
        QVERIFY_EXCEPTION_THROWN(bench.workbench.score(photos(), 0, context), Cancelled);
        QCOMPARE(bench.workbench.textsEncoded(), size_t{0});
        QCOMPARE(bench.workbench.score(photos(), 0, {}).right.size(), size_t{40});
    }

    void whatChanges() {
        Bench bench(madeImages(200, Similarity::Kind::Softmax));
        PromptSet other = photos();
        other.templates = {"art of the {}"};
        const PromptScore now = bench.workbench.score(photos(), 0, {}),
                          before = bench.workbench.score(other, 0, {});
        const PromptChange change = changeFrom(bench.workbench.images(), now, before, 500, {});
        QVERIFY(!change.gained.empty() && !change.lost.empty());
        const double moved =
            static_cast<double>(change.gained.size()) - static_cast<double>(change.lost.size());
        QVERIFY(std::abs(change.difference.difference - moved / 200) < 1e-12);
        QVERIFY(change.difference.interval.low <= change.difference.difference);
        QVERIFY(change.difference.interval.high >= change.difference.difference);
        QCOMPARE(std::accumulate(change.classMoved.begin(), change.classMoved.end(), 0),
                 static_cast<int>(moved));
        QCOMPARE(change.mcNemar.onlyFirst, uint64_t{change.gained.size()});
        for (const SampleId id : change.gained) {
            const auto i = static_cast<size_t>(id.value - 1);
            QVERIFY(now.right[i] == 1 && before.right[i] == 0);
        }
        const PromptChange none = changeFrom(bench.workbench.images(), now, now, 500, {});
        QVERIFY(none.gained.empty() && none.lost.empty() && none.difference.difference == 0);
    }

    void forwardSelectionIsGreedy() {
        Bench bench(madeImages(200, Similarity::Kind::Softmax));
        const WorkbenchImages& images = bench.workbench.images();
        const PromptSet prompts = photos();
        const TemplateSelection selection = bench.workbench.select(prompts, 4, {});
        QCOMPARE(selection.steps.size(), size_t{4});
        std::vector<uint8_t> used(prompts.templates.size());
        double best = -1;
        size_t shortest = 0;
        for (size_t step = 0; step < 4; ++step) {
            double most = -1;
            size_t chosen = 0;
            for (size_t t = 0; t < used.size(); ++t) {
                std::vector<uint8_t> with = used;
                with[t] = 1;
                const double share = used[t] ? -1 : *plainShare(images, withoutOwn(usedOf(prompts, with)));
                if (share > most) {
                    most = share;
                    chosen = t;
                }
            }
            QCOMPARE(selection.steps[step].template_, chosen);
            QCOMPARE(selection.steps[step].chosenOn, most);
            used[chosen] = 1;
            if (most > best) {
                best = most;
                shortest = step + 1;
            }
        }
        QCOMPARE(selection.best, shortest);
        QVERIFY(selectionCaution("train", "test").empty());
        QVERIFY(selectionCaution("test", "train").find("optimistic") != std::string::npos);
        QVERIFY(selectionCaution("", "test").find("optimistic") != std::string::npos);
        QVERIFY(selectionCaution("val", "val").find("optimistic") != std::string::npos);
    }

    void namesTooClose() {
        WorkbenchImages images = madeImages(80, Similarity::Kind::Softmax);
        PromptSet prompts;
        prompts.templates = {"a {}"};
        prompts.classes["fox"].names = {"dog"};
        for (size_t i = 0; i < images.labels.size(); ++i)
            if (images.labels[i] == 3) // as like it as can be
                std::ranges::copy(rowOf("a dog"), images.rows.row(i).begin());
        Bench bench(images);
        const PromptScore score = bench.workbench.score(prompts, 0, {});
        const auto pairs = closeNames(images, score, -1, 100, {});
        QCOMPARE(pairs.size(), size_t{6});
        QCOMPARE(std::pair(pairs[0].first, pairs[0].second), std::pair(1, 3));
        QVERIFY(std::abs(pairs[0].cosine - 1) < 1e-6);
        QCOMPARE(pairs[0].firstAsSecond, size_t{0}); // of equal scores the first class wins
        size_t taken = 0;
        for (size_t i = 0; i < images.labels.size(); ++i)
            taken += images.labels[i] == 3 && score.predictions[i] == 1;
        QVERIFY(taken > 0);
        QCOMPARE(pairs[0].secondAsFirst, taken);
        QVERIFY(std::ranges::is_sorted(pairs, std::greater<>(), &CloseNames::cosine));
        QCOMPARE(closeNames(images, score, 0.999, 100, {}).size(), size_t{1});
        QCOMPARE(closeNames(images, score, -1, 2, {}).size(), size_t{2});
    }

    void namesOfKeptPromptsAreUnmistakable() {
        TemporaryDirectory folder;
        const auto workspace = Workspace::create(folder.path() / "w");
        keepPrompts(*workspace, "mine", photos());
        QCOMPARE(findPrompts(*workspace, "mine").templates, photos().templates);
        QCOMPARE(findPrompts(*workspace, "simple").id, std::string("simple"));
        QCOMPARE(findPrompts(*workspace, "a {}").templates, std::vector<std::string>{"a {}"});
        for (const char* name : {"simple", "a {}", "[x", " "})
            QCOMPARE(test::errorCodeOf([&] { keepPrompts(*workspace, name, photos()); }),
                     ErrorCode::InvalidArgument);
        QCOMPARE(test::errorCodeOf([&] { renameKeptPrompts(*workspace, "mine", "none"); }),
                 ErrorCode::InvalidArgument);
        try {
            findPrompts(*workspace, "mein");
            QFAIL("found");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("keeps: mine") != std::string::npos, error.what());
        }
    }

private:
    /// The spec with its model in the workspace, not yet used.
    static RunSpec withAddedModel(Session& session, RunSpec spec) {
        session.addModel(spec.model, {});
        return spec;
    }
};

QTEST_GUILESS_MAIN(TestPromptWorkbench)
#include "tst_prompt_workbench.moc"

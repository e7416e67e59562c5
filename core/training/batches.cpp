// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/batches.h"

#include "core/blocks/render.h"

#include <algorithm>
#include <set>

namespace diptych {

using namespace blocks;

namespace {

constexpr size_t kBatchesAhead = 3;

SceneKind drawKind(const TrainingRecipe& recipe, Random& random) {
    const double shares[] = {recipe.singleShare, recipe.pairShare, recipe.countShare, recipe.severalShare};
    double at = random.uniform() * (shares[0] + shares[1] + shares[2] + shares[3]);
    for (int i = 0; i < 4; ++i) {
        at -= shares[i];
        if (at < 0)
            return static_cast<SceneKind>(i);
    }
    return recipe.singleShare > 0 ? SceneKind::Single : SceneKind::Pair;
}

/// A scene that differs from another in one thing, and the statement that this changes.
struct Twin {
    Scene scene;
    Statement before, after; ///< true of the one scene and of the other
};

/// Another shape, or now and then another size or material.
Twin singleTwin(const Scene& scene, Statement statement, Random& random) {
    Twin twin{scene, std::move(statement), {}};
    Object& object = twin.scene.objects.front();
    Phrase& said = twin.before.phrases.front();
    const uint64_t what = random.below(6);
    if (what == 0) {
        said.material = object.material;
        object.material = object.material == Material::Matte ? Material::Shiny : Material::Matte;
    } else if (what == 1) {
        said.size = object.size;
        object.size = object.size == Size::Small ? Size::Large : Size::Small;
        object.radius = object.radius * (object.size == Size::Large ? 157 : 64) / 100;
    } else {
        said.shape = object.shape;
        object.shape = static_cast<Shape>(
            (static_cast<int>(object.shape) + 1 + static_cast<int>(random.below(kShapeCount - 1))) %
            kShapeCount);
        object.turn = object.shape == Shape::Ring ? static_cast<int>(random.below(9)) - 4 : object.turn;
    }
    twin.after = twin.before;
    Phrase& told = twin.after.phrases.front();
    told.shape = said.shape ? std::optional(object.shape) : std::nullopt;
    told.size = said.size ? std::optional(object.size) : std::nullopt;
    told.material = said.material ? std::optional(object.material) : std::nullopt;
    return twin;
}

/// Places or colours exchanged: the same words in another order.
Twin pairTwin(const Scene& scene, Statement statement, Random& random) {
    const bool places = random.below(2) == 0;
    Twin twin{places ? placesSwapped(scene) : coloursSwapped(scene), statement, std::move(statement)};
    if (places)
        twin.after.relation = opposite(twin.after.relation);
    else if (twin.after.phrases.size() == 2)
        std::swap(twin.after.phrases[0].colour, twin.after.phrases[1].colour);
    return twin;
}

/// One object less.
Twin countTwin(const Scene& scene, Statement statement) {
    Twin twin{scene, statement, std::move(statement)};
    if (twin.scene.objects.size() > 1)
        twin.scene.objects.pop_back();
    if (twin.after.kind == Statement::Kind::Number)
        twin.after.count = static_cast<int>(
            std::count_if(twin.scene.objects.begin(), twin.scene.objects.end(),
                          [&](const Object& object) { return twin.after.phrases[0].matches(object); }));
    return twin;
}

Twin makeTwin(const Scene& scene, Random& random) {
    Statement statement = trueStatement(scene, random);
    switch (scene.kind) {
    case SceneKind::Single:
        return singleTwin(scene, std::move(statement), random);
    case SceneKind::Pair:
        return pairTwin(scene, std::move(statement), random);
    default:
        return countTwin(scene, std::move(statement));
    }
}

class Drawer {
public:
    explicit Drawer(uint64_t seed) : m_random(seed) {}

    void add(const Scene& scene, const Statement& wished) {
        CaptionedScene out{scene, wished, {}};
        for (int tries = 0; tries < 8; ++tries) {
            if (tries > 4 || !holds(out.statement, scene))
                out.statement = trueStatement(scene, m_random);
            out.caption = inWords(out.statement, static_cast<int>(m_random.below(kWordings)));
            if (!m_captions.contains(out.caption))
                break; // else worded otherwise, and in the end something else is said
        }
        m_captions.insert(out.caption);
        scenes.push_back(std::move(out));
    }

    void addWithTwin(const Scene& scene) {
        const Twin twin = makeTwin(scene, m_random);
        add(scene, twin.before);
        // The twin may belong to another part of the world; then it stays there.
        if (splitOf(twin.scene) == Split::Train)
            add(twin.scene, twin.after);
    }

    Random& random() { return m_random; }
    std::vector<CaptionedScene> scenes;

private:
    Random m_random;
    std::set<std::string> m_captions;
};

} // namespace

std::vector<CaptionedScene> drawScenes(const TrainingRecipe& recipe, int64_t step) {
    Drawer drawer(Random(recipe.seed)() ^ static_cast<uint64_t>(step) * 0xD1B54A32D192ED03ull);
    const auto size = static_cast<size_t>(recipe.batchSize);
    while (drawer.scenes.size() < size) {
        const SceneKind kind = drawKind(recipe, drawer.random());
        const bool twin = drawer.random().uniform() < recipe.twinShare;
        const Scene scene = makeScene(drawer.random()() >> 2, kind, Split::Train);
        if (kind != SceneKind::Several && twin && drawer.scenes.size() + 2 <= size)
            drawer.addWithTwin(scene);
        else
            drawer.add(scene, trueStatement(scene, drawer.random()));
    }
    return std::move(drawer.scenes);
}

std::vector<std::string> tokenizerCorpus(const TrainingRecipe& recipe) {
    std::vector<std::string> out;
    TrainingRecipe wide = recipe;
    wide.batchSize = 256;
    for (int64_t step = 1; step <= 24; ++step) {
        for (const CaptionedScene& item : drawScenes(wide, -step))
            out.push_back(item.caption);
    }
    return out;
}

BatchProducer::BatchProducer(const TrainingRecipe& recipe, std::shared_ptr<const Tokenizer> tokenizer,
                             const ImageProcessor& processor, int64_t firstStep)
    : m_recipe(recipe),
      m_tokenizer(std::move(tokenizer)),
      m_processor(processor),
      m_thread([this, firstStep](const std::stop_token& stop) { produce(stop, firstStep); }) {}

BatchProducer::~BatchProducer() {
    m_thread.request_stop();
}

void BatchProducer::produce(const std::stop_token& stop, int64_t step) {
    try {
        for (; step <= m_recipe.steps && !stop.stop_requested(); ++step) {
            TrainingBatch batch = make(step);
            std::unique_lock lock(m_mutex);
            if (!m_changed.wait(lock, stop, [this] { return m_ready.size() < kBatchesAhead; }))
                return;
            m_ready.push_back(std::move(batch));
            m_changed.notify_all();
        }
    } catch (...) {
        const std::lock_guard lock(m_mutex);
        m_failure = std::current_exception();
        m_changed.notify_all();
    }
}

TrainingBatch BatchProducer::next() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return !m_ready.empty() || m_failure; });
    if (m_ready.empty())
        std::rethrow_exception(m_failure);
    TrainingBatch batch = std::move(m_ready.front());
    m_ready.pop_front();
    m_changed.notify_all();
    return batch;
}

TrainingBatch BatchProducer::make(int64_t step) const {
    const std::vector<CaptionedScene> items = drawScenes(m_recipe, step);
    TrainingBatch batch;
    batch.pixels.count = items.size();
    batch.pixels.width = batch.pixels.height = static_cast<int>(m_recipe.imageSize);
    batch.pixels.values.resize(items.size() * batch.pixels.imageSize());
    std::vector<std::string> captions;
    batch.trueOf.resize(items.size() * items.size());
    for (size_t i = 0; i < items.size(); ++i) {
        const Image image = renderScene(items[i].scene, static_cast<int>(m_recipe.imageSize));
        m_processor.process(image, batch.pixels.image(i));
        captions.push_back(items[i].caption);
        for (size_t j = 0; j < items.size(); ++j)
            batch.trueOf[i * items.size() + j] = i == j || holds(items[j].statement, items[i].scene) ? 1 : 0;
    }
    batch.tokens = m_tokenizer->encodeBatch(captions, static_cast<size_t>(m_recipe.contextLength));
    return batch;
}

} // namespace diptych

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

/// Scenes of a family differ from the first in one thing each, and so do the statements made of them: only
/// who sees and reads that thing can tell which belongs to which.
struct Member {
    Scene scene;
    Statement statement;
};
using Family = std::vector<Member>;

enum class Change { Shape, OtherShape, Size, Material, Place };

void changeShape(Object& object, Phrase& said, Random& random) {
    takeAnotherShape(object, random);
    said.shape = object.shape;
}

void changeSize(Object& object, Phrase& said) {
    const bool grows = object.size == Size::Small;
    object.size = grows ? Size::Large : Size::Small;
    object.radius = object.radius * (grows ? 157 : 64) / 100;
    said.size = object.size;
}

void changeMaterial(Object& object, Phrase& said) {
    object.material = object.material == Material::Matte ? Material::Shiny : Material::Matte;
    said.material = object.material;
}

/// To the other side, or from the front to the back.
void changePlace(Object& object, std::optional<Place>& said) {
    switch (*said) {
    case Place::Left:
    case Place::Right:
        object.x = -object.x;
        said = *said == Place::Left ? Place::Right : Place::Left;
        break;
    default:
        object.y = -object.y;
        said = *said == Place::Front ? Place::Back : Place::Front;
    }
}

void apply(Change change, Member& member, Random& random) {
    Object& object = member.scene.objects.front();
    Phrase& said = member.statement.phrases.front();
    switch (change) {
    case Change::Shape:
    case Change::OtherShape:
        return changeShape(object, said, random);
    case Change::Size:
        return changeSize(object, said);
    case Change::Material:
        return changeMaterial(object, said);
    case Change::Place:
        return changePlace(object, member.statement.place);
    }
}

/// One object, said to be what it is in all that the family varies: shape always, and two of the other
/// things.
Family singleFamily(const Scene& scene, Random& random) {
    const Object& object = scene.objects.front();
    Member first{scene, {}};
    Phrase said;
    said.shape = object.shape;
    if (random.below(4) > 0)
        said.colour = object.colour;
    std::vector<Change> others = {Change::Size, Change::Material};
    for (const Place place : {Place::Left, Place::Right, Place::Front, Place::Back}) {
        if (isAt(object, place) && (!first.statement.place || random.below(2) == 0))
            first.statement.place = place;
    }
    if (first.statement.place)
        others.push_back(Change::Place);
    const uint64_t dropped = random.below(3);
    if (dropped < others.size())
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(dropped));
    std::vector<Change> changes = {Change::Shape, Change::OtherShape};
    for (const Change change : others) {
        changes.push_back(change);
        if (change == Change::Size)
            said.size = object.size;
        if (change == Change::Material)
            said.material = object.material;
    }
    if (std::find(others.begin(), others.end(), Change::Place) == others.end())
        first.statement.place.reset();
    first.statement.phrases = {said};
    Family family = {first};
    for (const Change change : changes) {
        family.push_back(first);
        apply(change, family.back(), random);
    }
    return family;
}

/// Two objects; places exchanged, colours exchanged, and both: the same words in another order.
Family pairFamily(const Scene& scene, Random& random) {
    Member first{scene, {}};
    first.statement.kind = Statement::Kind::Related;
    for (int i = 0; i < kRelationCount; ++i) {
        const auto relation = static_cast<Relation>(i);
        if (stands(scene.objects[0], relation, scene.objects[1]))
            first.statement.relation = relation; // of a Pair scene's two objects exactly one holds
    }
    const uint64_t style = random.below(10);
    for (size_t i = 0; i < 2; ++i) {
        Phrase phrase;
        if (style > 0)
            phrase.shape = scene.objects[i].shape;
        if (style == 0 || style > 3)
            phrase.colour = scene.objects[i].colour;
        first.statement.phrases.push_back(phrase);
    }
    Family family = {first};
    const auto placesExchanged = [](Member member) {
        member.scene = placesSwapped(member.scene);
        member.statement.relation = opposite(member.statement.relation);
        return member;
    };
    const auto coloursExchanged = [](Member member) {
        member.scene = coloursSwapped(member.scene);
        std::swap(member.statement.phrases[0].colour, member.statement.phrases[1].colour);
        return member;
    };
    family.push_back(placesExchanged(first));
    if (style > 3) {
        family.push_back(coloursExchanged(first));
        family.push_back(placesExchanged(coloursExchanged(first)));
    }
    return family;
}

/// The same objects, one after the other taken away.
Family countFamily(const Scene& scene, Random& random) {
    Member member{scene, {}};
    member.statement.kind = Statement::Kind::Number;
    Phrase said;
    if (random.below(2) == 0)
        said.shape = scene.objects.front().shape;
    if (said.shape && random.below(2) == 0)
        said.colour = scene.objects.front().colour;
    member.statement.phrases = {said};
    Family family;
    for (int i = 0; i < 4 && !member.scene.objects.empty(); ++i) {
        const std::vector<Object>& objects = member.scene.objects;
        member.statement.count = static_cast<int>(
            std::count_if(objects.begin(), objects.end(), [&](const Object& o) { return said.matches(o); }));
        family.push_back(member);
        member.scene.objects.pop_back();
    }
    return family;
}

Family makeFamily(const Scene& scene, Random& random) {
    switch (scene.kind) {
    case SceneKind::Single:
        return singleFamily(scene, random);
    case SceneKind::Pair:
        return pairFamily(scene, random);
    default:
        return countFamily(scene, random);
    }
}

/// A scene and a statement of one word about it: its shape, place, size, material or number.
Member simpleMember(uint64_t seed, Random& random) {
    const uint64_t draw = random.below(20);
    Member member;
    member.scene = makeScene(seed, draw < 16 ? SceneKind::Single : SceneKind::Count, Split::Train);
    const Object& object = member.scene.objects.front();
    Phrase said;
    if (draw < 10) {
        said.shape = object.shape;
    } else if (draw < 13) {
        for (const Place place : {Place::Left, Place::Right, Place::Front, Place::Back}) {
            if (isAt(object, place) && (!member.statement.place || random.below(2) == 0))
                member.statement.place = place;
        }
    } else if (draw == 13) {
        said.size = object.size;
    } else if (draw == 14) {
        said.material = object.material;
    } else if (draw == 15) {
        said.colour = object.colour;
    } else {
        member.statement.kind = Statement::Kind::Number;
        member.statement.count = static_cast<int>(member.scene.objects.size());
    }
    member.statement.phrases = {said};
    return member;
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

    /// Captions of one word repeat: what is true of several pictures is no counter-example to them.
    void addSimple(uint64_t seed) {
        Member member = simpleMember(seed, m_random);
        const int wording = static_cast<int>(m_random.below(kWordings));
        std::string caption = inWords(member.statement, wording);
        scenes.push_back({std::move(member.scene), std::move(member.statement), std::move(caption)});
    }

    void addFamily(const Scene& scene, size_t limit) {
        for (const Member& member : makeFamily(scene, m_random)) {
            // Some members may belong to another part of the world; there they stay.
            if (scenes.size() < limit && splitOf(member.scene) == Split::Train)
                add(member.scene, member.statement);
        }
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
    const double simple = simpleShareAt(recipe, step);
    while (drawer.scenes.size() < size) {
        if (drawer.random().uniform() < simple) {
            drawer.addSimple(drawer.random()() >> 2);
            continue;
        }
        const SceneKind kind = drawKind(recipe, drawer.random());
        const bool alone = drawer.random().uniform() >= recipe.familyShare;
        const Scene scene = makeScene(drawer.random()() >> 2, kind, Split::Train);
        if (alone || kind == SceneKind::Several)
            drawer.add(scene, trueStatement(scene, drawer.random()));
        else
            drawer.addFamily(scene, size);
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

// SPDX-License-Identifier: GPL-3.0-or-later
// Duplicates, wrong labels, hard and unusual images of the demo's own world, with errors planted in it.
#include "core/base/file.h"
#include "core/image/image.h"
#include "core/session/curator.h"
#include "core/session/dataset_summary.h"
#include "core/session/session.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace diptych;
using test::errorCodeOf;
namespace fs = std::filesystem;

namespace {

/// 144 scenes of six shapes in train, four of them under another class's name; in test a re-encoded copy of
/// three and a copy of one, byte for byte.
struct World {
    TemporaryDirectory directory;
    fs::path pictures = directory.path() / "shapes";
    std::shared_ptr<Session> session = Session::openOrCreate(directory.path() / "ws");
    std::set<std::string> wrong;   ///< keys
    std::set<std::string> similar; ///< of train, with a copy in test
    CurationSpec spec;

    World() {
        const fs::path source = DIPTYCH_SOURCE "/resources/demo/datasets/blocks-shape";
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(source))
            if (entry.is_directory())
                names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        for (size_t k = 0; k < names.size(); ++k) {
            std::vector<fs::path> files;
            for (const auto& entry : fs::directory_iterator(source / names[k]))
                files.push_back(entry.path());
            std::ranges::sort(files);
            for (size_t i = 0; i < 24; ++i)
                add(files[i], names, k, i);
        }
        session->importDataset(pictures, "shapes", {}, {});
        spec.dataset = "shapes";
        spec.model = DIPTYCH_SOURCE "/resources/demo/blocks-tiny";
    }
    void add(const fs::path& file, const std::vector<std::string>& names, size_t k, size_t i) {
        const bool isWrong = k < 4 && i == 2 + k;
        const std::string& label = names[isWrong ? (k + 2) % names.size() : k];
        const std::string key = "train/" + label + "/" + names[k] + std::to_string(i) + ".jpg";
        put(file, key);
        if (isWrong)
            wrong.insert(key);
        if (i == 23 && k < 3) {
            const Image image = decodeImage(file).value();
            fs::create_directories(pictures / "test" / label);
            writeFileAtomically(pictures / "test" / label / (std::to_string(k) + "again.jpg"),
                                encodeJpeg(image, 70));
            similar.insert(key);
        }
        if (i == 23 && k == 3) {
            put(file, "test/" + label + "/same.jpg");
            similar.insert(key);
        }
    }
    void put(const fs::path& file, const std::string& key) const {
        fs::create_directories((pictures / key).parent_path());
        fs::copy_file(file, pictures / key);
    }
    std::string key(SampleId sample) const { return session->workspace().sample(sample).key; }
};

} // namespace

class TestCurator : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_world = std::make_unique<World>(); }
    void cleanup() { m_world.reset(); }

    void plantedDuplicatesAreFoundAsLeakage() {
        const DuplicateFindings found = m_world->session->curator().duplicates(m_world->spec, 0.9, {});
        QCOMPARE(found.samples.size(), size_t(148));
        QCOMPARE(found.splitNames.size(), size_t(2));
        std::set<std::string> train;
        size_t copies = 0;
        const auto groups = duplicateGroups(found.links, 0.997);
        for (const DuplicateGroup& group : groups) {
            QVERIFY(acrossSplits(found, group));
            QCOMPARE(group.members.size(), size_t(2));
            copies += group.copies;
            for (const uint32_t member : group.members)
                if (const std::string key = m_world->key(found.samples[member]); key.starts_with("train/"))
                    train.insert(key);
            QCOMPARE(surplusOf(found, group).size(), size_t(1));
        }
        QCOMPARE(train, m_world->similar);
        QCOMPARE(copies, size_t(1));
    }

    void copiesNeedNoModel() {
        m_world->spec.model.clear();
        const DuplicateFindings found = m_world->session->curator().copies(m_world->spec, {});
        const auto groups = duplicateGroups(found.links, 1);
        QCOMPARE(groups.size(), size_t(1));
        QVERIFY(groups[0].copies && acrossSplits(found, groups[0]));
        m_world->spec.split = "train";
        const DuplicateFindings train = m_world->session->curator().copies(m_world->spec, {});
        QVERIFY(train.links.links.empty());
        QCOMPARE(train.samples.size(), size_t(144));
    }

    void plantedWrongLabelsAreFound() {
        const LabelFindings found =
            m_world->session->curator().labelIssues(m_world->spec, IssueChoice::OffDiagonal, {}, {});
        QCOMPARE(found.checked, size_t(148));
        // Of so few images a probe is sure of some only; those are right.
        QVERIFY(found.suspects.size() >= m_world->wrong.size() / 2);
        for (const LabelSuspect& suspect : found.suspects)
            QVERIFY(m_world->wrong.contains(m_world->key(suspect.sample)));
        QVERIFY(found.by.find("probe") != std::string::npos);
    }

    void aRunsProbabilitiesDoAsWell() {
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "shapes";
        spec.model = m_world->spec.model;
        spec.params = {{"keep", 6}, {"resamples", 100}};
        const RunId run = m_world->session->run(spec, {});
        Curator& curator = m_world->session->curator();
        const LabelFindings found = curator.labelIssues(run, IssueChoice::NoiseRate, {});
        for (size_t i = 0; i + 1 < m_world->wrong.size(); ++i) // the surest first
            QVERIFY(m_world->wrong.contains(m_world->key(found.suspects[i].sample)));
        const auto hardest = curator.hardest(run, {});
        QCOMPARE(hardest.size(), size_t(148));
        for (size_t i = 0; i + 1 < m_world->wrong.size(); ++i) {
            QVERIFY(m_world->wrong.contains(m_world->key(hardest[i].sample)));
            QVERIFY(hardest[i].margin < 0 && hardest[i].loss > 0.69 && !hardest[i].bound);
        }
        spec.params["keep"] = 1; // then of a wrong one only bounds are known
        const RunId few = m_world->session->run(spec, {});
        QVERIFY(errorCodeOf([&] { curator.labelIssues(few, IssueChoice::OffDiagonal, {}); }) ==
                ErrorCode::InvalidArgument);
        const auto bounds = curator.hardest(few, {});
        QVERIFY(bounds.front().bound && bounds.front().margin <= 0);
        QVERIFY(!bounds.back().bound && bounds.back().margin > 0.9);
    }

    void theOddOneIsUnusual() {
        Image noise;
        noise.width = noise.height = 64;
        for (int i = 0; i < 64 * 64 * 3; ++i)
            noise.rgb.push_back(static_cast<uint8_t>(i * 2654435761U >> 24));
        fs::create_directories(m_world->pictures / "train" / "odd");
        writeFileAtomically(m_world->pictures / "train/odd/noise.png", encodePng(noise));
        m_world->session->importDataset(m_world->pictures, "shapes", {}, {});
        const UnusualFindings found = m_world->session->curator().unusual(m_world->spec, 5, {});
        QCOMPARE(found.samples.size(), size_t(149));
        QCOMPARE(m_world->key(found.samples.front().sample), std::string("train/odd/noise.png"));
        const LabelFindings labels =
            m_world->session->curator().labelIssues(m_world->spec, IssueChoice::OffDiagonal, {}, {});
        QCOMPARE(labels.checked, size_t(148)); // the only one of its class says nothing
        QCOMPARE(labels.notes.size(), size_t(1));
    }

    void nothingIsEncodedUnlessAsked() {
        m_world->session->addModel(m_world->spec.model, {});
        m_world->spec.model = "blocks-tiny";
        m_world->spec.encodeMissing = false;
        Curator& curator = m_world->session->curator();
        QVERIFY(curator.duplicates(m_world->spec, 0.9, {}).answer == Answer::NotEncoded);
        QVERIFY(curator.unusual(m_world->spec, 5, {}).answer == Answer::NotEncoded);
        QVERIFY(curator.labelIssues(m_world->spec, IssueChoice::OffDiagonal, {}, {}).answer ==
                Answer::NotEncoded);
    }

    void theSummarySaysWhatThereIs() {
        writeFileAtomically(m_world->pictures / "test/cube/broken.png", std::string_view("no picture"));
        m_world->session->importDataset(m_world->pictures, "shapes", {}, {});
        const DatasetId dataset = m_world->session->workspace().findDataset("shapes")->id;
        const DatasetSummary found = summarize(m_world->session->workspace(), dataset, "", {});
        QCOMPARE(found.samples, size_t(149));
        QCOMPARE(found.failures.size(), size_t(1));
        QCOMPARE(found.classes.size(), size_t(6));
        QCOMPARE(found.splits.size(), size_t(2));
        QCOMPARE(found.splits[1].samples.size(), size_t(144));
        QCOMPARE(found.sizes.size(), size_t(1)); // all are of one size
        QCOMPARE(found.sizes[0].samples.size(), size_t(148));
        QCOMPARE(found.shapes[0].title, std::string("square, within 10 %"));
        QVERIFY(found.smallestSide == found.largestSide && found.bytes > 0);
        QVERIFY(found.imbalance > 1);
        QVERIFY(errorCodeOf([&] { summarize(m_world->session->workspace(), dataset, "none", {}); }) ==
                ErrorCode::NotFound);
    }

    void correctedLabelsAreUsedByChoiceAndSaidSo() {
        Workspace& workspace = m_world->session->workspace();
        const DatasetInfo dataset = *workspace.findDataset("shapes");
        const SampleId wrong = sampleOf(*m_world->wrong.begin());
        workspace.correctLabels(std::span(&wrong, 1), shapeOf(wrong), "seen");
        RunSpec spec;
        spec.task = "zero-shot";
        spec.dataset = "shapes";
        spec.model = m_world->spec.model;
        spec.params = {{"resamples", 100}};
        const RunRecord imported = workspace.run(m_world->session->run(spec, {}));
        spec.labels = Labels::Corrected;
        const RunRecord corrected = workspace.run(m_world->session->run(spec, {}));
        QCOMPARE(imported.datasetFingerprint, dataset.fingerprint);
        QVERIFY(corrected.datasetFingerprint != dataset.fingerprint);
        QVERIFY(imported.title.find("corrected") == std::string::npos && !imported.spec.contains("labels"));
        QVERIFY(corrected.title.ends_with(", labels as corrected: 1 of 148"));
        QVERIFY(corrected.command.find(" --labels corrected") != std::string::npos);
        QVERIFY(RunSpec::fromJson(corrected.spec, "run").labels == Labels::Corrected);
        QVERIFY(workspace.exampleFor(imported.id, wrong)->target !=
                workspace.exampleFor(corrected.id, wrong)->target);
        QVERIFY(corrected.metrics[0].value > imported.metrics[0].value);
        // Whoever corrected it does not want to hear of it again.
        const LabelFindings found =
            m_world->session->curator().labelIssues(m_world->spec, IssueChoice::NoiseRate, {}, {});
        for (const LabelSuspect& suspect : found.suspects)
            QVERIFY(suspect.sample != wrong);
    }

    void aFewExamplesTeachAProbe() {
        const auto samples = m_world->session->workspace().samples(
            m_world->session->workspace().sampleIds(m_world->session->workspace().findDataset("shapes")->id),
            SampleDetail::Basic);
        ProbeClass cubes{"box", {}}, spheres{"ball", {}};
        std::map<SampleId, int> truth;
        for (const Sample& sample : samples) {
            const std::string shape = shapeOf(sample.id);
            if (sample.split == "test" || (shape != "cube" && shape != "sphere"))
                continue;
            truth[sample.id] = shape == "sphere";
            ProbeClass& its = shape == "cube" ? cubes : spheres;
            if (its.samples.size() < 8)
                its.samples.push_back(sample.id);
        }
        Curator& curator = m_world->session->curator();
        const ProbeFindings found =
            curator.probe(m_world->spec, std::vector{cubes, spheres}, kLiveProbeC, {});
        QCOMPARE(found.trained, size_t(16));
        QCOMPARE(found.guesses.size(), size_t(148 - 16));
        QVERIFY(std::ranges::is_sorted(found.guesses, std::less(), &ProbeGuess::margin));
        size_t right = 0, known = 0;
        for (const ProbeGuess& guess : found.guesses)
            if (const auto its = truth.find(guess.sample); its != truth.end()) {
                ++known;
                right += guess.predicted == its->second;
                QVERIFY(std::abs(guess.margin - (2 * guess.confidence - 1)) < 1e-5); // of two classes
            }
        QCOMPARE(known, size_t(32));
        QVERIFY2(right >= 29, qPrintable(QString::number(right)));
        spheres.samples.push_back(cubes.samples.front());
        const ProbeFindings mixed = curator.probe(m_world->spec, std::vector{cubes, spheres}, 1, {});
        QCOMPARE(mixed.ambiguous, size_t(1));
        QCOMPARE(mixed.trained, size_t(15));
        QVERIFY(errorCodeOf([&] { curator.probe(m_world->spec, std::vector{cubes}, 1, {}); }) ==
                ErrorCode::InvalidArgument);
        QVERIFY(errorCodeOf([&] {
                    curator.probe(m_world->spec, std::vector{cubes, ProbeClass{"none", {}}}, 1, {});
                }) == ErrorCode::InvalidArgument);
    }

    void whatIsNotThereIsNamed() {
        Curator& curator = m_world->session->curator();
        m_world->spec.dataset = "none";
        QVERIFY(errorCodeOf([&] { curator.copies(m_world->spec, {}); }) == ErrorCode::NotFound);
        m_world->spec.dataset = "shapes";
        m_world->spec.split = "none";
        QVERIFY(errorCodeOf([&] { curator.duplicates(m_world->spec, 0.9, {}); }) == ErrorCode::NotFound);
        QVERIFY(errorCodeOf([&] { curator.hardest(RunId{7}, {}); }) == ErrorCode::NotFound);
    }

private:
    SampleId sampleOf(const std::string& key) const {
        Workspace& workspace = m_world->session->workspace();
        for (const Sample& sample :
             workspace.samples(workspace.sampleIds(workspace.findDataset("shapes")->id)))
            if (sample.key == key)
                return sample.id;
        return {};
    }
    /// What the picture really shows: its file is called after that.
    std::string shapeOf(SampleId sample) const {
        const std::string name = fs::path(m_world->key(sample)).filename().string();
        return name.substr(0, name.find_first_of("0123456789"));
    }

    std::unique_ptr<World> m_world;
};

QTEST_GUILESS_MAIN(TestCurator)
#include "tst_curator.moc"

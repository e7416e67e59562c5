// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/store/facet_table.h"
#include "store_support.h"

#include <algorithm>
#include <set>

using namespace diptych;
using namespace diptych::test;

/// Counts beside filters: what the table counts in memory is what the database finds.
class TestFacets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<TemporaryDirectory>();
        m_workspace = Workspace::create(m_folder->path() / "w");
        auto index = makeIndex(200);
        const char* cameras[] = {"north", "south", "east"};
        for (size_t i = 0; i < 200; ++i) {
            auto& sample = index.samples[i];
            sample.split = i % 7 == 0 ? "" : i % 3 == 0 ? "val" : "train";
            if (i % 11 == 0)
                sample.label = -1;
            if (i % 5 != 0)
                sample.attributes = {{"camera", cameras[i % 3]},
                                     {"weight", i % 4 == 0 ? Json(std::to_string(i)) : Json(i * 0.5)},
                                     {"year", static_cast<int>(2000 + i % 3)},
                                     {"night", i % 2 == 0}};
        }
        m_dataset = m_workspace->addDataset("pictures", index, {});
        m_ids = m_workspace->sampleIds(m_dataset);
        for (size_t i = 0; i < 200; i += 6)
            m_workspace->addTag(std::vector{m_ids[i]}, i % 12 == 0 ? "a" : "b");
        m_workspace->addTag(std::vector{m_ids[0], m_ids[1]}, "b");
        m_workspace->setNotes(std::vector<SampleNote>{{m_ids[3], "look"}, {m_ids[4], "look"}});
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 150; ++i)
            examples.push_back(makeExample(m_ids[i], static_cast<int>(i) % 3, static_cast<int>(i * i) % 3,
                                           static_cast<float>(i) / 150));
        m_run = m_workspace->addRun(makeRun(m_dataset), examples);
    }
    void cleanup() {
        m_workspace.reset();
        m_folder.reset();
    }

    void countsAreWhatTheFiltersFind_data() {
        QTest::addColumn<int>("which");
        for (int i = 0; i < 9; ++i)
            QTest::addRow("%d", i) << i;
    }
    void countsAreWhatTheFiltersFind() {
        QFETCH(int, which);
        const SampleFilter filters[] = {
            {},
            {.labels = {1, -1}},
            {.tags = {"a", ""}, .splits = {"val", ""}},
            {.labels = {0, 2}, .columns = {{"camera", {"north", "east"}}, {"night", {"true"}}}},
            {.ranges = {{"weight", {10, 60.5}}}},
            {.labels = {1}, .columns = {{"year", {"2001"}}}, .ranges = {{"weight", {{}, 50}}}},
            {.text = "picture 1", .splits = {"train"}, .noted = false},
            {.outcome = OutcomeFilter{m_run, Verdict::Wrong, {0, 1}, {0.2, 0.9}}},
            {.labels = {0, 1}, .tags = {"b"}, .outcome = OutcomeFilter{m_run, Verdict::Right}},
        };
        const SampleFilter filter = filters[which];
        const FacetTable table = m_workspace->facetTable(m_dataset, m_run);
        const FacetCounts counts = count(table, filter);
        QCOMPARE(counts.total, int64_t(200));
        QCOMPARE(counts.count, found(filter));
        QCOMPARE(counts.facets.size(), size_t(10));
        for (const Facet& facet : counts.facets) {
            for (const FacetValue& value : facet.values) {
                QCOMPARE(value.total, found(only({}, facet, value)));
                QCOMPARE(value.count, found(only(filter, facet, value)));
            }
            if (facet.histogram) {
                QCOMPARE(sum(facet.histogram->total), found(open({}, facet)));
                QCOMPARE(sum(facet.histogram->count), found(open(filter, facet)));
            }
        }
    }

    void aSampleOfSeveralResultsCountsForEachOfThem() {
        std::vector<ExampleResult> examples;
        for (size_t i = 0; i < 90; ++i)
            for (size_t k = 0; k <= i % 3; ++k)
                examples.push_back(makeExample(m_ids[i], static_cast<int>(i) % 3,
                                               static_cast<int>(i / 3 + k) % 3,
                                               static_cast<float>((i * 7 + k * 31) % 100) / 100));
        m_run = m_workspace->addRun(makeRun(m_dataset), examples);
        const FacetTable table = m_workspace->facetTable(m_dataset, m_run);
        const SampleFilter filters[] = {
            {},
            {.outcome = OutcomeFilter{m_run, Verdict::Right}},
            {.labels = {0, 1}, .outcome = OutcomeFilter{m_run, Verdict::Wrong, {0, 1}, {0.2, 0.6}}},
            {.outcome = OutcomeFilter{m_run, Verdict::Any, {2}, {{}, 0.5}}}};
        for (const SampleFilter& filter : filters) {
            const FacetCounts counts = count(table, filter);
            QCOMPARE(counts.count, found(filter));
            for (const Facet& facet : counts.facets)
                for (const FacetValue& value : facet.values) {
                    QCOMPARE(value.total, found(only({}, facet, value)));
                    QCOMPARE(value.count, found(only(filter, facet, value)));
                }
        }
        const FacetCounts all = count(table, {});
        const Facet& verdicts = facetOf(all, FacetKind::Verdict);
        QVERIFY(verdicts.values[0].total + verdicts.values[1].total > 90); // both, of some samples
    }

    void aListIsCountedAlone() {
        const FacetTable table = m_workspace->facetTable(m_dataset);
        const std::vector<SampleId> list(m_ids.begin() + 10, m_ids.begin() + 30);
        const FacetCounts counts = table.count({.labels = {1}}, &list);
        QCOMPARE(counts.count, int64_t(std::count_if(list.begin(), list.end(), [&](SampleId id) {
                     return m_workspace->sample(id).label == 1;
                 })));
        QCOMPARE(counts.facets.size(), size_t(7)); // none of a run
    }

    void conditionsThatAreNotInTheTableAreLeftToTheDatabase() {
        const FacetTable table = m_workspace->facetTable(m_dataset);
        const SampleFilter filter{.labels = {1}, .text = "x", .noted = true, .outcome = OutcomeFilter{m_run}};
        const SampleFilter rest = table.rest(filter);
        QVERIFY(rest.labels.empty() && rest.text == "x" && rest.noted && rest.outcome == filter.outcome);
        QVERIFY(!m_workspace->facetTable(m_dataset, m_run).rest(filter).outcome);
    }

    void wholeNumbersHaveWholeBins() {
        auto index = makeIndex(90);
        for (size_t i = 0; i < 90; ++i)
            index.samples[i].attributes = {{"n", i % 30}, {"one", 3}};
        const DatasetId id = m_workspace->addDataset("numbers", index, {});
        const FacetCounts counts = m_workspace->facetTable(id).count({});
        const Facet& facet = counts.facets.at(2);
        QCOMPARE(facet.name, std::string("n"));
        QVERIFY(facet.histogram && facet.histogram->whole);
        QCOMPARE(facet.histogram->low, -0.5);
        QCOMPARE(facet.histogram->high, 29.5);
        QCOMPARE(facet.histogram->total, std::vector<int64_t>(15, 6)); // two numbers in each
        QVERIFY(!counts.facets.at(3).histogram);                       // one value is a list of one
    }

    void chosenValuesThatAreGoneStayToBeTakenBack() {
        m_workspace->removeTag(m_ids, "a");
        const FacetCounts counts =
            m_workspace->facetTable(m_dataset).count({.columns = {{"removed", {"x"}}}});
        QCOMPARE(counts.count, int64_t(0));
        const FacetCounts year = m_workspace->facetTable(m_dataset).count({.splits = {"val"}});
        QVERIFY(facetOf(year, FacetKind::Split).values.size() == 3);
    }

    void aHundredThousandSamples() {
        auto index = makeIndex(100'000, 1000, 0);
        for (size_t i = 0; i < index.samples.size(); ++i)
            index.samples[i].attributes = {{"a", i % 10},
                                           {"b", i % 1000},
                                           {"c", i * 0.25},
                                           {"d", "x" + std::to_string(i % 50)},
                                           {"e", i % 2 == 0}};
        const DatasetId id = m_workspace->addDataset("many", index, {});
        QElapsedTimer timer;
        timer.start();
        const FacetTable table = m_workspace->facetTable(id);
        const auto read = timer.restart();
        const SampleFilter filter{
            .labels = {1, 2, 3}, .columns = {{"a", {"1"}}}, .ranges = {{"b", {0, 500}}, {"c", {100, {}}}}};
        const FacetCounts counts = table.count(filter);
        const auto counted = timer.restart();
        const auto found = m_workspace->sampleIds(id, filter).size();
        qInfo("reading %lld ms, counting %lld ms, the database %lld ms", static_cast<long long>(read),
              static_cast<long long>(counted), static_cast<long long>(timer.restart()));
        m_workspace->sampleIds(id, {.ranges = {{"c", {100, {}}}}});
        qInfo("a range over all in the database %lld ms", static_cast<long long>(timer.elapsed()));
        QCOMPARE(counts.count, static_cast<int64_t>(found));
        QCOMPARE(counts.total, int64_t(100'000));
        QCOMPARE(counts.facets.size(), size_t(7));
    }

private:
    FacetCounts count(const FacetTable& table, const SampleFilter& filter) const {
        const SampleFilter rest = table.rest(filter);
        if (rest == SampleFilter())
            return table.count(filter);
        const auto within = m_workspace->sampleIds(m_dataset, rest);
        return table.count(filter, &within);
    }
    int64_t found(const SampleFilter& filter) const {
        return static_cast<int64_t>(m_workspace->sampleIds(m_dataset, filter).size());
    }
    static int64_t sum(const std::vector<int64_t>& counts) {
        int64_t all = 0;
        for (const int64_t count : counts)
            all += count;
        return all;
    }
    static const Facet& facetOf(const FacetCounts& counts, FacetKind kind) {
        return *std::find_if(counts.facets.begin(), counts.facets.end(),
                             [&](const Facet& facet) { return facet.kind == kind; });
    }
    /// The filter without the facet's own condition, and only samples that have any value of it.
    SampleFilter open(SampleFilter filter, const Facet& facet) const {
        if (facet.kind == FacetKind::Column) {
            drop(filter, facet.name);
            filter.ranges.push_back({facet.name, {}});
        } else {
            filter.outcome = ownOutcome(filter);
            filter.outcome->confidence = {-1, 2};
        }
        return filter;
    }
    static void drop(SampleFilter& filter, const std::string& column) {
        std::erase_if(filter.columns, [&](const ColumnFilter& one) { return one.column == column; });
        std::erase_if(filter.ranges, [&](const ColumnRange& one) { return one.column == column; });
    }
    OutcomeFilter ownOutcome(const SampleFilter& filter) const {
        return filter.outcome.value_or(OutcomeFilter{m_run});
    }
    /// The filter with @p value alone in the place of the facet's own condition.
    SampleFilter only(SampleFilter filter, const Facet& facet, const FacetValue& value) const {
        switch (facet.kind) {
        case FacetKind::Class:
            filter.labels = {value.index};
            break;
        case FacetKind::Split:
            filter.splits = {value.text};
            break;
        case FacetKind::Tag:
            filter.tags = {value.text};
            break;
        case FacetKind::Column:
            drop(filter, facet.name);
            filter.columns.push_back({facet.name, {value.text}});
            break;
        case FacetKind::Verdict:
            filter.outcome = ownOutcome(filter);
            filter.outcome->verdict = value.index == 1 ? Verdict::Right : Verdict::Wrong;
            break;
        case FacetKind::Prediction:
            filter.outcome = ownOutcome(filter);
            filter.outcome->predicted = {value.index};
            break;
        case FacetKind::Confidence:
            break;
        }
        return filter;
    }

    std::unique_ptr<TemporaryDirectory> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    DatasetId m_dataset;
    std::vector<SampleId> m_ids;
    RunId m_run;
};

QTEST_GUILESS_MAIN(TestFacets)
#include "tst_facets.moc"

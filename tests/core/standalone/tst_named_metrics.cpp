// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/standalone/named_metrics.h"
#include "core/standalone/score_tables.h"
#include "tests/core/metrics/metric_test_support.h"

#include <algorithm>
#include <fstream>
#include <set>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

/// A .npy file, format 1.0: what the tests need of it.
template<class T>
void writeArray(const fs::path& path, const std::string& descr, const std::string& shape,
                const std::vector<T>& values) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize((header.size() + 11) / 64 * 64 + 64 - 11, ' ');
    header += '\n';
    std::ofstream file(path, std::ios::binary);
    const auto length = static_cast<uint16_t>(header.size());
    file.write("\x93NUMPY\x01\x00", 8);
    file.put(char(length & 0xff)).put(char(length >> 8));
    file << header;
    file.write(reinterpret_cast<const char*>(values.data()), std::streamsize(values.size() * sizeof(T)));
}

void copyFixture(const std::string& name, const fs::path& to) {
    fs::copy(metricFixture(name), to, fs::copy_options::recursive);
}

} // namespace

class TestNamedMetrics : public QObject {
    Q_OBJECT

    static Json computeFixture(const std::string& name) {
        return computeNamedMetric(name, metricFixture(name), {});
    }
    /// Every expected key that the result has must agree; @return how many did.
    static int compared(const Json& result, const Json& expected, double tolerance) {
        int count = 0;
        for (const auto& [key, value] : result.items()) {
            if (!expected.contains(key) || !value.is_number())
                continue;
            if (std::abs(value.get<double>() - expected[key].get<double>()) > tolerance)
                return -1;
            ++count;
        }
        return count;
    }

private Q_SLOTS:
    void numbersEqualTheReference_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("keys");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("zeroshot") << "zeroshot" << 3 << kExact;
        QTest::newRow("binary") << "binary" << 3 << kExact;
        QTest::newRow("mean_ap") << "mean_ap" << 1 << kExact;
        QTest::newRow("probe") << "probe" << 3 << 1.3e-3; // 1e-3 of a loss of 1.3
        QTest::newRow("retrieval") << "retrieval" << 7 << kExact;
        QTest::newRow("winoground") << "winoground" << 12 << kExact;
        QTest::newRow("clipscore") << "clipscore" << 2 << kExact;
    }
    void numbersEqualTheReference() {
        QFETCH(QString, name);
        QFETCH(int, keys);
        QFETCH(double, tolerance);
        const Json result = computeFixture(name.toStdString());
        const Json expected = expectedValues(name.toStdString());
        QVERIFY2(compared(result, expected, tolerance) == keys, result.dump(1).c_str());
        for (const char* list : {"ap", "per_item"}) {
            if (!result.contains(list))
                continue;
            QCOMPARE(result[list].size(), expected[list].size());
            for (size_t i = 0; i < expected[list].size(); ++i) {
                QCOMPARE(result[list][i].is_null(), expected[list][i].is_null());
                if (!expected[list][i].is_null())
                    QCOMPARE_NEAR(result[list][i].get<double>(), expected[list][i], tolerance);
            }
        }
    }

    void componentsEqualTheReference() {
        const Json result = computeFixture("pca"), expected = expectedValues("pca");
        for (const char* key : {"explained_variance", "explained_variance_ratio"}) {
            QCOMPARE(result[key].size(), size_t{10});
            for (size_t i = 0; i < 10; ++i)
                QCOMPARE_NEAR(result[key][i].get<double>(), expected[key][i], 1e-6);
        }
    }

    void aTsneMapOfDigitsIsAsGoodAsOpenTsnes() {
        const Json result = computeFixture("tsne"), peer = expectedValues("tsne")["tsne"];
        for (const char* key : {"trustworthiness_12", "label_agreement_10nn"})
            QVERIFY2(result[key].get<double>() > peer[key].get<double>() - 0.01, result.dump().c_str());
        QVERIFY(computeFixture("tsne") == result); // the same map every time
    }

    void tableSaysWhatIsComputed() {
        for (const NamedMetric& metric : namedMetrics()) {
            const Json result = computeFixture(metric.name);
            std::set<std::string> stated(metric.keys.begin(), metric.keys.end());
            for (const auto& [key, value] : result.items()) {
                const std::string general = key.substr(0, key.find('_')) + "_TAG";
                QVERIFY2(stated.contains(key) || stated.contains(general), key.c_str());
            }
            for (const std::string& key : metric.keys)
                QVERIFY2(key.ends_with("_TAG") || result.contains(key), key.c_str());
            QVERIFY(!metric.summary.empty());
        }
    }

    void missingFilesAreNamed() {
        for (const NamedMetric& metric : namedMetrics())
            for (const NamedMetric::File& file : metric.files) {
                const TemporaryDirectory dir;
                copyFixture(metric.name, dir.path());
                fs::remove(dir.path() / file.name);
                ErrorCode code{};
                const std::string message =
                    errorOf([&] { computeNamedMetric(metric.name, dir.path(), {}); }, &code);
                QCOMPARE(message.empty(), file.optional);
                if (!file.optional) {
                    QVERIFY2(message.find(file.name) != std::string::npos, message.c_str());
                    QCOMPARE(code, ErrorCode::NotFound);
                }
            }
    }

    void referencesAreOptional() {
        const TemporaryDirectory dir;
        copyFixture("clipscore", dir.path());
        fs::remove(dir.path() / "reference_embeds.npy");
        const Json result = computeNamedMetric("clipscore", dir.path(), {});
        QVERIFY(result.contains("clipscore") && !result.contains("refclipscore"));
    }

    void unknownNamesListWhatThereIs() {
        const std::string message = errorOf([] { computeNamedMetric("bleu", "/", {}); });
        QVERIFY(message.find("'bleu'") != std::string::npos &&
                message.find("winoground") != std::string::npos);
        QVERIFY(!errorOf([] { computeNamedMetric("binary", "/no/such/folder", {}); }).empty());
    }

    void singleClassIsNull() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "scores.csv", "id,score,label\na,0.7,0\nb,0.2,0\n");
        const Json result = computeNamedMetric("binary", dir.path(), {});
        QVERIFY(result["roc_auc"].is_null() && result["average_precision"].is_null());
        QCOMPARE(result["accuracy"].get<double>(), 0.5);
    }

    void csvIsReadAsPeopleWriteIt() {
        const TemporaryDirectory dir;
        const fs::path path = dir.path() / "scores.csv";
        writeFileAtomically(path, "\xEF\xBB\xBF"
                                  "label,note,\"score\",id\r\n"
                                  "1,\"a, \"\"b\"\"\nc\", 5e-1,\"x,1\"\r\n"
                                  "\r\n"
                                  "0.0,,+.25 ,2"); // no line end after the last row
        const BinaryScores table = readBinaryScores(path);
        QCOMPARE(table.ids, (std::vector<std::string>{"x,1", "2"}));
        QCOMPARE(table.scores, (std::vector<double>{0.5, 0.25}));
        QCOMPARE(table.labels, (std::vector<uint8_t>{1, 0}));
    }

    void badCsvIsRefusedByLine_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("expected");
        const QByteArray head = "id,score,label\n1,0.5,1\n";
        QTest::newRow("empty") << QByteArray() << ":1: the file is empty";
        QTest::newRow("header alone") << QByteArray("id,score,label\n") << "no rows";
        QTest::newRow("no header") << QByteArray("1,0.5,1\n") << ":1: no column 'id'";
        QTest::newRow("missing column") << QByteArray("id,score\n1,2\n") << ":1: no column 'label'";
        QTest::newRow("column twice") << QByteArray("id,score,label,id\n") << ":1: two columns 'id'";
        QTest::newRow("text score") << head + "2,high,1\n"
                                    << ":3: score 'high'";
        QTest::newRow("empty score") << head + "2,,1\n"
                                     << ":3: score ''";
        QTest::newRow("nan score") << head + "2,nan,1\n"
                                   << ":3: score 'nan'";
        QTest::newRow("infinite score") << head + "2,-inf,1\n"
                                        << ":3: score '-inf'";
        QTest::newRow("huge score") << head + "2,1e999,1\n"
                                    << ":3: score '1e999'";
        QTest::newRow("trailing text") << head + "2,0.5x,1\n"
                                       << ":3: score '0.5x'";
        QTest::newRow("hex") << head + "2,0x10,1\n"
                             << ":3: score '0x10'";
        QTest::newRow("label 2") << head + "2,0.5,2\n"
                                 << ":3: label '2'";
        QTest::newRow("label half") << head + "2,0.5,0.5\n"
                                    << ":3: label '0.5'";
        QTest::newRow("label text") << head + "2,0.5,yes\n"
                                    << ":3: label 'yes'";
        QTest::newRow("few fields") << head + "2,0.5\n"
                                    << ":3: 2 fields; the header has 3";
        QTest::newRow("many fields") << head + "2,0.5,1,9\n"
                                     << ":3: 4 fields";
        QTest::newRow("same id") << head + "2,0.5,1\n1,0.1,0\n"
                                 << ":4: id '1' was used before, on line 2";
        QTest::newRow("empty id") << head + ",0.5,1\n"
                                  << ":3: the id is empty";
        QTest::newRow("NUL") << head + QByteArray("2,0.5\0,1\n", 9) << ":3: a NUL byte";
        QTest::newRow("open quote") << head + "\"2,0.5,1\n3,1,1\n"
                                    << ":3: a quoted field";
        QTest::newRow("after blank and quoted lines") << head + "\n\"a\nb\",0.1,0\n2,x,1\n"
                                                      << ":6: score 'x'";
    }
    void badCsvIsRefusedByLine() {
        QFETCH(QByteArray, content);
        QFETCH(QString, expected);
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "scores.csv", content.toStdString());
        ErrorCode code{};
        const std::string message = errorOf([&] { computeNamedMetric("binary", dir.path(), {}); }, &code);
        QVERIFY2(message.find("scores.csv" + (expected[0] == ':' ? expected.toStdString() : "")) !=
                         std::string::npos &&
                     message.find(expected.toStdString()) != std::string::npos,
                 message.c_str());
        QCOMPARE(code, ErrorCode::Corrupt);
    }

    void pairsWithoutTagAndWithTextIds() {
        const TemporaryDirectory dir;
        writeFileAtomically(
            dir.path() / "scores.jsonl",
            "\xEF\xBB\xBF{\"id\": \"a\", \"c0_i0\": 1, \"c0_i1\": 0, \"c1_i0\": 0, \"c1_i1\": 1}\r\n\r\n"
            "{\"id\": 2, \"tag\": \"Object\", \"c0_i0\": 0, \"c0_i1\": 0, \"c1_i0\": 0, \"c1_i1\": 1}");
        const Json result = computeNamedMetric("winoground", dir.path(), {});
        QCOMPARE(result["text"].get<double>(), 0.5);
        QCOMPARE(result["group_Object"].get<double>(), 0.0);
        QCOMPARE(result.size(), size_t(6));
    }

    void badPairsAreRefusedByLine_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("expected");
        const auto row = [](const QByteArray& id, const QByteArray& score) {
            return "{\"id\": " + id + ", \"tag\": \"A\", \"c0_i0\": " + score +
                   ", \"c0_i1\": 0, \"c1_i0\": 0, \"c1_i1\": 1}";
        };
        QTest::newRow("no JSON") << QByteArray("{\"id\": ") << "not valid JSON";
        QTest::newRow("NaN") << row("2", "NaN") << "not valid JSON";
        QTest::newRow("huge") << row("2", "1e999") << "not valid JSON";
        QTest::newRow("list") << QByteArray("[1, 2]") << "a JSON object";
        QTest::newRow("text score") << row("2", "\"0.3\"") << "'c0_i0' should be a number";
        QTest::newRow("null score") << row("2", "null") << "'c0_i0' is missing";
        QTest::newRow("missing score") << QByteArray("{\"id\": 2, \"c0_i0\": 1}") << "'c0_i1' is missing";
        QTest::newRow("same id") << row("1", "0.5") << "was used before, on line 1";
        QTest::newRow("no id") << row("null", "0.5") << "'id' should be";
        QTest::newRow("fraction as id") << row("1.5", "0.5") << "'id' should be";
        QTest::newRow("NUL") << QByteArray("\0\0", 2) << "not valid JSON";
    }
    void badPairsAreRefusedByLine() {
        QFETCH(QByteArray, line);
        QFETCH(QString, expected);
        const TemporaryDirectory dir;
        const QByteArray good =
            "{\"id\": 1, \"tag\": \"A\", \"c0_i0\": 1, \"c0_i1\": 0, \"c1_i0\": 0, \"c1_i1\": 1}\n\n";
        writeFileAtomically(dir.path() / "scores.jsonl", (good + line + "\n").toStdString());
        ErrorCode code{};
        const std::string message = errorOf([&] { computeNamedMetric("winoground", dir.path(), {}); }, &code);
        QVERIFY2(message.find("scores.jsonl:3: ") != std::string::npos, message.c_str());
        QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
        QCOMPARE(code, ErrorCode::Corrupt);
    }

    void emptyPairFileIsRefused() {
        const TemporaryDirectory dir;
        writeFileAtomically(dir.path() / "scores.jsonl", "\n \n");
        QVERIFY(!errorOf([&] { computeNamedMetric("winoground", dir.path(), {}); }).empty());
    }

    void badArraysAreRefusedByFile_data() {
        QTest::addColumn<QString>("metric");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("descr");
        QTest::addColumn<QString>("shape");
        QTest::addColumn<QList<double>>("values");
        QTest::addColumn<QString>("expected");
        const QList<double> none;
        const auto zeros = [](int n) { return QList<double>(n, 0.0); };
        const double nan = std::nan("");
        QTest::newRow("logits 1-d") << "zeroshot"
                                    << "logits.npy"
                                    << "<f8"
                                    << "(240,)" << zeros(240) << "";
        QTest::newRow("logits NaN") << "zeroshot"
                                    << "logits.npy"
                                    << "<f8"
                                    << "(1, 2)" << QList{0.0, nan} << "";
        QTest::newRow("logits infinite") << "zeroshot"
                                         << "logits.npy"
                                         << "<f8"
                                         << "(1, 2)" << QList{0.0, HUGE_VAL} << "";
        QTest::newRow("logits empty") << "zeroshot"
                                      << "logits.npy"
                                      << "<f8"
                                      << "(0, 3)" << none << "no values";
        QTest::newRow("labels short") << "zeroshot"
                                      << "labels.npy"
                                      << "<i8"
                                      << "(3,)" << zeros(3) << "240 rows of logits but 3 labels";
        QTest::newRow("label too large") << "zeroshot"
                                         << "labels.npy"
                                         << "<i8"
                                         << "(240,)" << QList<double>(240, 12.0) << "Label 0 is 12";
        QTest::newRow("label negative") << "zeroshot"
                                        << "labels.npy"
                                        << "<i8"
                                        << "(240,)" << QList<double>(240, -1.0) << "Label 0 is -1";
        QTest::newRow("label huge") << "zeroshot"
                                    << "labels.npy"
                                    << "<i8"
                                    << "(240,)" << QList<double>(240, 5e9) << "5000000000";
        QTest::newRow("labels fractional") << "zeroshot"
                                           << "labels.npy"
                                           << "<f8"
                                           << "(240,)" << QList<double>(240, 0.5) << "";
        QTest::newRow("targets of another shape") << "mean_ap"
                                                  << "targets.npy"
                                                  << "<i8"
                                                  << "(7, 90)" << zeros(630) << "[7, 90]";
        QTest::newRow("target 2") << "mean_ap"
                                  << "targets.npy"
                                  << "<i8"
                                  << "(90, 7)" << QList<double>(630, 2.0) << "row 0, column 0";
        QTest::newRow("score NaN") << "mean_ap"
                                   << "scores.npy"
                                   << "<f8"
                                   << "(90, 7)" << QList<double>(630, nan) << "nan";
        QTest::newRow("scores 3-d") << "mean_ap"
                                    << "scores.npy"
                                    << "<f8"
                                    << "(90, 7, 1)" << zeros(630) << "2 dimensions";
        QTest::newRow("probe labels short") << "probe"
                                            << "train_labels.npy"
                                            << "<i8"
                                            << "(2,)" << zeros(2) << "2 labels";
        QTest::newRow("probe one class") << "probe"
                                         << "train_labels.npy"
                                         << "<i8"
                                         << "(240,)" << zeros(240) << "two classes";
        QTest::newRow("probe unknown label") << "probe"
                                             << "test_labels.npy"
                                             << "<i8"
                                             << "(120,)" << zeros(120) << "Label 0 is 0";
        QTest::newRow("probe width") << "probe"
                                     << "test_features.npy"
                                     << "<f8"
                                     << "(120, 2)" << zeros(240) << "test_features.npy";
        QTest::newRow("retrieval index") << "retrieval"
                                         << "text_image_index.npy"
                                         << "<i8"
                                         << "(2,)" << zeros(2) << "2 image indices";
        QTest::newRow("retrieval width") << "retrieval"
                                         << "image_embeds.npy"
                                         << "<f8"
                                         << "(1, 2)" << QList{1.0, 2.0} << "embedding";
        QTest::newRow("map labels short") << "tsne"
                                          << "labels.npy"
                                          << "<i8"
                                          << "(2,)" << zeros(2) << "2 labels";
        QTest::newRow("map of few") << "tsne"
                                    << "digits.npy"
                                    << "<f8"
                                    << "(1, 2)" << zeros(2) << "labels";
        QTest::newRow("components NaN") << "pca"
                                        << "features.npy"
                                        << "<f8"
                                        << "(1, 1)" << QList<double>{nan} << "NaN";
        QTest::newRow("clipscore lengths") << "clipscore"
                                           << "text_embeds.npy"
                                           << "<f8"
                                           << "(2, 12)" << zeros(24) << "[2, 12]";
        QTest::newRow("clipscore references") << "clipscore"
                                              << "reference_embeds.npy"
                                              << "<f8"
                                              << "(30, 1, 3)" << zeros(90) << "[30, r, 12]";
    }
    void badArraysAreRefusedByFile() {
        QFETCH(QString, metric);
        QFETCH(QString, file);
        QFETCH(QString, descr);
        QFETCH(QString, shape);
        QFETCH(QList<double>, values);
        QFETCH(QString, expected);
        const TemporaryDirectory dir;
        copyFixture(metric.toStdString(), dir.path());
        const fs::path path = dir.path() / file.toStdString();
        if (descr == "<i8")
            writeArray(path, "<i8", shape.toStdString(), std::vector<int64_t>(values.begin(), values.end()));
        else
            writeArray(path, "<f8", shape.toStdString(), std::vector<double>(values.begin(), values.end()));
        const std::string message =
            errorOf([&] { computeNamedMetric(metric.toStdString(), dir.path(), {}); });
        QVERIFY2(message.find(dir.path().string()) != std::string::npos, message.c_str());
        QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
        if (metric != "retrieval") // there the arrays disagree, so the folder is named
            QVERIFY2(message.find(file.toStdString()) != std::string::npos, message.c_str());
    }

    void cancelIsHeard() {
        std::stop_source source;
        source.request_stop();
        RunContext stopped;
        stopped.stop = source.get_token();
        QVERIFY_EXCEPTION_THROWN(computeNamedMetric("probe", metricFixture("probe"), stopped), Cancelled);
        QVERIFY_EXCEPTION_THROWN(computeNamedMetric("retrieval", metricFixture("retrieval"), stopped),
                                 Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestNamedMetrics)
#include "tst_named_metrics.moc"

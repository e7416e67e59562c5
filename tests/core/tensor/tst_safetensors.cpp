// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/tensor/safetensors.h"
#include "tests/support/error_code.h"

#include <QTest>

#include <cstring>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

/// Header length, header, data: whatever they say. The header is written with ' for ".
std::string fileBytes(std::string header, size_t dataBytes) {
    std::replace(header.begin(), header.end(), '\'', '"');
    const uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + std::string(dataBytes, '\x11');
}

const std::string kGood =
    "{'__metadata__':{'format':'pt'},'b':{'dtype':'F32','shape':[2,3],'data_offsets':[4,28]},"
    "'a':{'dtype':'F16','shape':[2],'data_offsets':[0,4]},'none':{'dtype':'I64','shape':[0,7],'data_offsets':"
    "[28,28]}}";
constexpr size_t kGoodData = 28;

} // namespace

class TestSafetensors : public QObject {
    Q_OBJECT

    TemporaryDirectory m_dir;

    /// The message of the Error that reading @p bytes gives; empty if it is accepted.
    std::string refusal(const std::string& bytes, ErrorCode* code = nullptr) {
        const fs::path path = m_dir.path() / "x.safetensors";
        writeFileAtomically(path, bytes);
        try {
            const SafetensorsFile file(path);
        } catch (const Error& error) {
            if (code)
                *code = error.code();
            return error.what();
        }
        return {};
    }

private Q_SLOTS:
    void readsWhatIsThere() {
        const fs::path path = m_dir.path() / "good.safetensors";
        writeFileAtomically(path, fileBytes(kGood + "   ", kGoodData));
        const SafetensorsFile file(path);
        QCOMPARE(file.names(), (std::vector<std::string>{"a", "b", "none"}));
        QCOMPARE(file.metadata().at("format"), std::string("pt"));
        const TensorView* b = file.find("b");
        QVERIFY(b && b->dtype == DType::F32);
        QCOMPARE(b->shape, (std::vector<int64_t>{2, 3}));
        QCOMPARE(b->elementCount(), int64_t{6});
        QCOMPARE(b->bytes.size(), size_t{24});
        QCOMPARE(file.find("none")->elementCount(), int64_t{0});
        QVERIFY(!file.find("c"));
    }

    void refusesWhatLies_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(says);
        };
        const auto tensor = [](const std::string& fields) { return "{'w':{" + fields + "}}"; };
        row("no bytes", "", "too few");
        row("seven bytes", "1234567", "too few");
        row("header of length 0", std::string(8, '\0'), "begin with '{'");
        row("header beyond the file", fileBytes("{}", 0).substr(0, 9), "says its header has 2 bytes");
        row("header of 100 MB and one", std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10), "at most 100000000");
        row("header of 2^63", std::string("\0\0\0\0\0\0\0\x80{}", 10), "at most 100000000");
        row("not JSON", fileBytes("{'a':", 0), "not valid JSON");
        row("not UTF-8", fileBytes("{'\xff':1}", 0), "not valid JSON");
        row("a list", fileBytes("[]", 0), "begin with '{'");
        row("text after it", fileBytes("{}{}", 0), "not valid JSON");
        row("nested lists", fileBytes("{'w':{'shape':[[[1]]]}}", 0), "a list at 'w', 'shape'");
        row("nested objects", fileBytes("{'w':{'x':{'y':{}}}}", 0), "an object at 'w', 'x'");
        row("a million brackets", fileBytes("{'w':" + std::string(1'000'000, '['), 0), "a list");
        row("tensor is a number", fileBytes("{'w':1}", 0), "a number");
        row("tensor is null", fileBytes("{'w':null}", 0), "null");
        row("no dtype", fileBytes(tensor("'shape':[1],'data_offsets':[0,4]"), 4), "'dtype', 'shape'");
        row("no offsets", fileBytes(tensor("'dtype':'F32','shape':[1]"), 4), "is missing");
        row("dtype is a number", fileBytes(tensor("'dtype':3,'shape':[1],'data_offsets':[0,4]"), 4),
            "a number");
        row("unknown dtype", fileBytes(tensor("'dtype':'F4','shape':[8],'data_offsets':[0,4]"), 4),
            "'w' has dtype 'F4'");
        row("negative extent", fileBytes(tensor("'dtype':'F32','shape':[-1],'data_offsets':[0,4]"), 4),
            "negative");
        row("fractional extent", fileBytes(tensor("'dtype':'F32','shape':[1.0],'data_offsets':[0,4]"), 4),
            "whole number");
        row("extent of 2^64",
            fileBytes(tensor("'dtype':'F32','shape':[18446744073709551616],'data_offsets':[0,4]"), 4),
            "whole number");
        row("extent of 2^63",
            fileBytes(tensor("'dtype':'U8','shape':[9223372036854775808],'data_offsets':[0,4]"), 4),
            "overflows");
        row("shape that overflows",
            fileBytes(tensor("'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]"), 0),
            "overflows");
        row("overflow hidden by a zero",
            fileBytes(tensor("'dtype':'F32','shape':[4294967296,4294967296,0],'data_offsets':[0,0]"), 0),
            "overflows");
        row("33 dimensions",
            fileBytes(tensor("'dtype':'U8','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
                             "1,1,1,1,1,1,1,1,1,1,1,1],'data_offsets':[0,1]"),
                      1),
            "dimensions");
        row("reversed offsets", fileBytes(tensor("'dtype':'F32','shape':[1],'data_offsets':[4,0]"), 4),
            "begin <= end");
        row("one offset", fileBytes(tensor("'dtype':'F32','shape':[1],'data_offsets':[4]"), 4),
            "begin <= end");
        row("beyond the data", fileBytes(tensor("'dtype':'F32','shape':[2],'data_offsets':[0,8]"), 7),
            "truncated");
        row("size is not the shape's", fileBytes(tensor("'dtype':'F32','shape':[2],'data_offsets':[0,4]"), 4),
            "has 4 bytes of data, its shape and dtype need 8");
        row("scalar too long", fileBytes(tensor("'dtype':'F32','shape':[],'data_offsets':[0,8]"), 8),
            "need 4");
        row("hole at the start", fileBytes(tensor("'dtype':'U8','shape':[2],'data_offsets':[1,3]"), 3),
            "1 bytes before tensor 'w'");
        row("bytes behind", fileBytes(tensor("'dtype':'U8','shape':[2],'data_offsets':[0,2]"), 3),
            "1 bytes after the last tensor");
        row("overlap",
            fileBytes("{'u':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},"
                      "'v':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}",
                      4),
            "'v' overlaps");
        row("the same data twice",
            fileBytes("{'u':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},"
                      "'v':{'dtype':'U8','shape':[3],'data_offsets':[0,3]}}",
                      3),
            "overlaps");
        row("hole between",
            fileBytes("{'u':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                      "'v':{'dtype':'U8','shape':[1],'data_offsets':[2,3]}}",
                      3),
            "before tensor 'v'");
        row("a name twice",
            fileBytes("{'u':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                      "'u':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
                      1),
            "tensor 'u' twice");
        row("a field twice",
            fileBytes(tensor("'dtype':'U8','dtype':'U8','shape':[1],'data_offsets':[0,1]"), 1),
            "'dtype' twice");
        row("metadata that is a number", fileBytes("{'__metadata__':{'a':1}}", 0), "a number");
        row("data but no tensor", fileBytes("{}", 1), "belong to no tensor");
    }
    void refusesWhatLies() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const std::string message = refusal(bytes.toStdString());
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find("x.safetensors") != std::string::npos, message.c_str());
    }

    void refusalsHaveTheirCodes() {
        ErrorCode code{};
        refusal(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10), &code);
        QCOMPARE(code, ErrorCode::LimitExceeded);
        refusal(fileBytes("{'w':{'dtype':'F4','shape':[8],'data_offsets':[0,4]}}", 4), &code);
        QCOMPARE(code, ErrorCode::Unsupported);
        refusal("", &code);
        QCOMPARE(code, ErrorCode::Corrupt);
        QCOMPARE(test::errorCodeOf([&] { (void)SafetensorsFile(m_dir.path() / "absent"); }),
                 ErrorCode::NotFound);
    }

    void longNamesAreShortenedInMessages() {
        const std::string name(100'000, 'n');
        const std::string message =
            refusal(fileBytes("{'" + name + "':{'dtype':'F4','shape':[8],'data_offsets':[0,4]}}", 4));
        QVERIFY(!message.empty() && message.size() < 1000);
    }

    /// Whatever bytes are changed, reading ends in a file whose tensors lie inside it, or in an Error.
    void mutationsNeverEscape() {
        const std::string good = fileBytes(kGood, kGoodData);
        QVERIFY(refusal(good).empty());
        Random random(20240607);
        const std::string pieces[] = {"[",    "]", "{", "}", "\"", ",", "-1", "99999999999999999999",
                                      "null", "0", "e9"};
        int accepted = 0, refused = 0;
        const fs::path path = m_dir.path() / "mutated.safetensors";
        for (int round = 0; round < 4000; ++round) {
            std::string bytes = good;
            for (uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
                const size_t at = random.below(bytes.size());
                switch (random.below(4)) {
                case 0:
                    bytes[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    bytes.erase(at, 1 + random.below(20));
                    break;
                case 2:
                    bytes.insert(at, pieces[random.below(std::size(pieces))]);
                    break;
                default:
                    bytes.resize(at + 1);
                }
            }
            std::remove(path.c_str()); // writing over it would make ext4 sync each time
            FILE* out = std::fopen(path.c_str(), "wb");
            QVERIFY(out && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size());
            std::fclose(out);
            try {
                const SafetensorsFile file(path);
                ++accepted;
                unsigned sum = 0;
                for (const std::string& name : file.names())
                    for (const std::byte b : file.find(name)->bytes)
                        sum += static_cast<unsigned>(b);
                QVERIFY(sum < 1'000'000);
            } catch (const Error&) {
                ++refused;
            }
        }
        QVERIFY(accepted > 20); // changes in the data or in a name
        QVERIFY(refused > 2000);
    }

    void writesWhatItReads() {
        const std::vector<float> floats = {1, 2, 3, 4, 5, 6};
        const std::vector<int64_t> numbers = {-1};
        const std::vector<TensorView> tensors = {
            {"z \"quoted\" \xC3\xA9", DType::F32, {3, 2}, std::as_bytes(std::span(floats))},
            {"a", DType::I64, {1, 1}, std::as_bytes(std::span(numbers))},
            {"empty", DType::BF16, {0}, {}},
            {"scalar", DType::I64, {}, std::as_bytes(std::span(numbers))}};
        const fs::path path = m_dir.path() / "w.safetensors";
        writeSafetensors(path, tensors, {{"format", "pt"}});
        const SafetensorsFile file(path);
        QCOMPARE(file.metadata().at("format"), std::string("pt"));
        QCOMPARE(file.names().size(), tensors.size());
        for (const TensorView& wanted : tensors) {
            const TensorView* found = file.find(wanted.name);
            QVERIFY(found && found->dtype == wanted.dtype && found->shape == wanted.shape);
            QVERIFY(std::equal(found->bytes.begin(), found->bytes.end(), wanted.bytes.begin(),
                               wanted.bytes.end()));
        }
        const MappedFile raw(path);
        uint64_t length = 0;
        std::memcpy(&length, raw.bytes().data(), 8);
        QCOMPARE(length % 8, uint64_t{0});
        writeSafetensors(path, {}); // nothing at all is a valid file
        QVERIFY(SafetensorsFile(path).names().empty());
    }

    void typesHaveNamesAndSizes() {
        QCOMPARE(dtypeName(DType::BF16), std::string_view("BF16"));
        QCOMPARE(dtypeName(DType::Bool), std::string_view("BOOL"));
        QCOMPARE(dtypeSize(DType::F64), size_t{8});
        QCOMPARE(dtypeSize(DType::U8), size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"

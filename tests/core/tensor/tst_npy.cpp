// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/random.h"
#include "core/tensor/npy.h"

#include <QTest>

#include <cmath>
#include <cstring>

using namespace diptych;
namespace fs = std::filesystem;

namespace {

std::string npy(const std::string& header, const std::string& data, int major = 1) {
    std::string bytes("\x93NUMPY", 6);
    bytes.push_back(static_cast<char>(major));
    bytes.push_back('\0');
    const uint32_t length = static_cast<uint32_t>(header.size());
    std::string lengthBytes(major == 1 ? 2 : 4, '\0');
    std::memcpy(lengthBytes.data(), &length, lengthBytes.size());
    return bytes + lengthBytes + header + data;
}

std::string header(const std::string& descr, const std::string& shape, bool fortran = false) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
           ", 'shape': " + shape + ", }\n";
}

template<class T>
std::string raw(std::initializer_list<T> values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.begin(), bytes.size());
    return bytes;
}

} // namespace

class TestNpy : public QObject {
    Q_OBJECT

    TemporaryDirectory m_dir;
    fs::path file(const std::string& bytes) {
        const fs::path path = m_dir.path() / "x.npy";
        writeFileAtomically(path, bytes);
        return path;
    }
    template<class F>
    std::string refusal(F&& call) {
        try {
            call();
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }

private Q_SLOTS:
    void readsEveryElementType_data() {
        QTest::addColumn<QString>("descr");
        QTest::addColumn<QByteArray>("data");
        const auto row = [](const char* descr, const std::string& data) {
            QTest::newRow(descr) << QString(descr) << QByteArray::fromStdString(data);
        };
        row("<f4", raw<float>({1, 0, 3}));
        row("<f8", raw<double>({1, 0, 3}));
        row("<f2", raw<uint16_t>({0x3c00, 0, 0x4200}));
        row("<i8", raw<int64_t>({1, 0, 3}));
        row("<i4", raw<int32_t>({1, 0, 3}));
        row("<i2", raw<int16_t>({1, 0, 3}));
        row("|i1", raw<int8_t>({1, 0, 3}));
        row("<u8", raw<uint64_t>({1, 0, 3}));
        row("<u4", raw<uint32_t>({1, 0, 3}));
        row("<u2", raw<uint16_t>({1, 0, 3}));
        row("|u1", raw<uint8_t>({1, 0, 3}));
    }
    void readsEveryElementType() {
        QFETCH(QString, descr);
        QFETCH(QByteArray, data);
        for (const int major : {1, 2, 3}) {
            const NpyArray array =
                readNpy(file(npy(header(descr.toStdString(), "(3,)"), data.toStdString(), major)));
            QCOMPARE(array.shape, (std::vector<size_t>{3}));
            QCOMPARE(array.values, (std::vector<double>{1, 0, 3}));
        }
    }

    void signsAndBooleans() {
        QCOMPARE(readNpy(file(npy(header("<i2", "(1,)"), raw<int16_t>({-7})))).values[0], -7.0);
        QCOMPARE(readNpy(file(npy(header("|i1", "(1,)"), raw<int8_t>({-7})))).values[0], -7.0);
        QCOMPARE(readNpy(file(npy(header("|b1", "(3,)"), raw<uint8_t>({0, 1, 2})))).values,
                 (std::vector<double>{0, 1, 1}));
    }

    void fortranOrderIsTurned() {
        const NpyArray array =
            readNpy(file(npy(header("|u1", "(2, 3)", true), raw<uint8_t>({1, 4, 2, 5, 3, 6}))));
        QCOMPARE(array.values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
        // shape (2, 1, 2): element (i, 0, k) lies at i + 2k
        const NpyArray cube =
            readNpy(file(npy(header("|u1", "(2, 1, 2)", true), raw<uint8_t>({1, 2, 3, 4}))));
        QCOMPARE(cube.values, (std::vector<double>{1, 3, 2, 4}));
    }

    void emptyAndScalar() {
        QCOMPARE(readNpy(file(npy(header("<f4", "()"), raw<float>({5})))).values, (std::vector<double>{5}));
        const NpyArray empty = readNpy(file(npy(header("<f4", "(0, 4)"), "")));
        QCOMPARE(empty.shape, (std::vector<size_t>{0, 4}));
        QVERIFY(empty.values.empty());
    }

    void refusesMalformedFiles_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(says);
        };
        const std::string good = npy(header("<f4", "(3,)"), raw<float>({1, 2, 3}));
        row("no bytes", "", "not a .npy file");
        row("another format", "PK\x03\x04 zip archive", "not a .npy file");
        row("ends in its magic", good.substr(0, 8), "not a .npy file");
        row("version 4", std::string("\x93NUMPY\x04\x00\x10\x00\x00\x00", 12), "format 4.0");
        row("ends in its header", good.substr(0, 20), "longer than the file");
        row("version 2 cut in its length", std::string("\x93NUMPY\x02\x00\x10\x00", 10), "truncated");
        row("header of 4 GB", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14), "longer than the file");
        row("data cut", good.substr(0, good.size() - 1), "needs 12 bytes of data, the file has 11");
        row("data too long", good + "x", "the file has 13");
        row("big-endian", npy(header(">f4", "(1,)"), raw<float>({1})), "big-endian");
        row("objects", npy(header("|O", "(1,)"), std::string(8, 'x')), "'|O' is not read");
        row("texts", npy(header("<U3", "(1,)"), std::string(12, 'x')), "is not read");
        row("complex", npy(header("<c8", "(1,)"), std::string(8, 'x')), "is not read");
        row("records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", "1234"),
            "no records");
        row("no shape", npy("{'descr': '<f4', 'fortran_order': False}\n", "1234"), "is missing");
        row("a key twice", npy("{'descr': '<f4', 'descr': '<f4'}\n", ""), "repeated key 'descr'");
        row("another key", npy("{'x': '<f4'}\n", ""), "key 'x'");
        row("negative extent", npy(header("<f4", "(-1,)"), ""), "whole numbers");
        row("extent too large", npy(header("<f4", "(99999999999999999999,)"), ""), "whole numbers");
        row("shape that overflows", npy(header("<f4", "(4294967296, 4294967296, 16)"), ""), "overflows");
        row("size that overflows", npy(header("<f4", "(4611686018427387905,)"), "1234"), "needs");
        row("shape not closed", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, ", "1234"),
            "whole numbers");
        row("text not closed", npy("{'descr", ""), "does not end");
        row("no dictionary", npy("hello", ""), "'{' expected");
        row("more after it", npy(header("<f4", "(1,)") + "x", "1234"), "after the closing brace");
        row("beyond 2^53", npy(header("<i8", "(1,)"), raw<int64_t>({(int64_t{1} << 53) + 2})), "beyond 2^53");
    }
    void refusesMalformedFiles() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const std::string message = refusal([&] { readNpy(file(bytes.toStdString())); });
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find("x.npy") != std::string::npos, message.c_str());
    }

    void mutationsNeverEscape() {
        const std::string good = npy(header("<f4", "(2, 3)", true), raw<float>({1, 2, 3, 4, 5, 6}));
        Random random(11);
        int refused = 0;
        for (int round = 0; round < 2000; ++round) {
            std::string bytes = good;
            for (int i = 0; i < 2; ++i)
                bytes[random.below(bytes.size())] = static_cast<char>(random.below(128));
            const fs::path path = m_dir.path() / "mutated.npy";
            std::remove(path.c_str()); // writing over it would make ext4 sync each time
            FILE* out = std::fopen(path.c_str(), "wb");
            QVERIFY(out && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size());
            std::fclose(out);
            try {
                readNpy(path);
            } catch (const Error&) {
                ++refused;
            }
        }
        QVERIFY(refused > 500 && refused < 2000);
    }

    void matrices() {
        const Matrix matrix =
            readNpyMatrix(file(npy(header("<f8", "(2, 2)"), raw<double>({1, -INFINITY, 3, 4}))));
        QCOMPARE(matrix(1, 0), 3.0f);
        QVERIFY(std::isinf(matrix(0, 1))); // a logit may be
        const std::string nan = npy(header("<f4", "(2, 2)"), raw<float>({1, 2, 3, NAN}));
        QVERIFY(refusal([&] { readNpyMatrix(file(nan)); }).find("row 1, column 1") != std::string::npos);
        const std::string flat = npy(header("<f4", "(2,)"), raw<float>({1, 2}));
        QVERIFY(refusal([&] { readNpyMatrix(file(flat)); }).find("has shape [2]") != std::string::npos);
    }

    void integers() {
        QCOMPARE(readNpyIntegers(file(npy(header("<f4", "(2,)"), raw<float>({-2, 7})))),
                 (std::vector<int64_t>{-2, 7}));
        for (const float bad : {0.5f, NAN, INFINITY, 1e30f})
            QVERIFY(refusal([&] {
                        readNpyIntegers(file(npy(header("<f4", "(1,)"), raw<float>({bad}))));
                    }).find("at position 0 is not a whole number") != std::string::npos);
        QVERIFY(!refusal([&] {
                     readNpyIntegers(file(npy(header("<i4", "(1, 1)"), raw<int32_t>({1}))));
                 }).empty());
    }

    void writesWhatItReads() {
        for (const size_t columns : {1u, 7u, 100u}) {
            Matrix matrix(3, columns);
            for (size_t i = 0; i < matrix.values().size(); ++i)
                matrix.values()[i] = static_cast<float>(i) * 0.1f;
            const fs::path path = m_dir.path() / "w.npy";
            writeNpy(path, matrix);
            const Matrix back = readNpyMatrix(path);
            QCOMPARE(back.cols(), columns);
            QVERIFY(std::equal(back.values().begin(), back.values().end(), matrix.values().begin()));
            QCOMPARE((fs::file_size(path) - 12 * columns) % 64, size_t{0}); // NumPy's alignment
        }
    }
};

QTEST_GUILESS_MAIN(TestNpy)
#include "tst_npy.moc"

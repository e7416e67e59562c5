// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_model.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/tokenizer_fixtures.h"

#include <QTest>

#include <cstring>
#include <fstream>

using namespace diptych;
using namespace diptych::test;
namespace fs = std::filesystem;

namespace {

using Type = SentencePieceFile::PieceType;

std::string varint(uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<char>((value & 0x7Fu) | 0x80u));
    return out + static_cast<char>(value);
}

std::string number(unsigned field, uint64_t value) {
    return varint(field << 3) + varint(value);
}

std::string bytes(unsigned field, std::string_view content) {
    return varint((field << 3) | 2u) + varint(content.size()) + std::string(content);
}

/// Field 1 of a model: a piece.
std::string piece(std::string_view text, float score = 0, Type type = Type::Normal) {
    std::string bits(sizeof(score), '\0');
    std::memcpy(bits.data(), &score, sizeof(score));
    return bytes(1, bytes(1, text) + varint((2u << 3) | 5u) + bits + number(3, static_cast<uint64_t>(type)));
}

std::string trainer(const std::string& fields) {
    return bytes(2, fields);
}

std::string smallModel() {
    return piece("<pad>", 0, Type::Control) + piece("</s>", 0, Type::Control) +
           piece("<unk>", 0, Type::Unknown) + piece("\u2581", -1) + piece("a", -2) + piece("\u2581a", -1.5f) +
           piece("ab", -1.25f) + piece("b", -3);
}

void writeModel(const fs::path& folder, const std::string& content) {
    std::ofstream(folder / "spiece.model", std::ios::binary | std::ios::trunc) << content;
    std::ofstream(folder / "config.json") << R"({"model_type": "siglip"})";
}

/// Whether the model was read; an error has to name the file.
bool loads(const fs::path& folder) {
    try {
        loadTokenizer(folder)->encode("ab c \u732b", 16);
        return true;
    } catch (const Error& error) {
        const std::string message = error.what();
        if (message.find("spiece.model") == std::string::npos)
            qFatal("%s", message.c_str());
        return false;
    }
}

} // namespace

/// Model files that are damaged or ask for what is not read. The ids of sound ones: tst_tokenizer_kinds.
class TestSentencePiece : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void smallModelsAreRead() {
        const TemporaryDirectory dir;
        writeModel(dir.path(), smallModel());
        // A text begins with a space, which no piece joins to "ab".
        QCOMPARE(loadTokenizer(dir.path())->encode("ab", 16), (std::vector<int64_t>{3, 6, 1}));
    }

    /// As the reference does with special tokens that the model lacks.
    void missingSpecialsGoBehindTheVocabulary() {
        const TemporaryDirectory dir;
        writeModel(dir.path(), piece("<unk>", 0, Type::Unknown) + piece("a"));
        QCOMPARE(loadTokenizer(dir.path())->eosId(), int64_t{2});
    }

    void filesAreRefusedWithWords_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char* name, const std::string& content, ErrorCode code, const char* said) {
            QTest::newRow(name) << QByteArray(content.data(), static_cast<int>(content.size()))
                                << static_cast<int>(code) << QByteArray(said);
        };
        const auto corrupt = ErrorCode::Corrupt, unsupported = ErrorCode::Unsupported;
        const std::string model = smallModel();
        row("empty", "", corrupt, "it holds no pieces");
        row("text", "<html>not found</html>", corrupt, "no SentencePiece model");
        row("cut short", model.substr(0, model.size() - 3), corrupt, "a size beyond the end");
        row("endless number", model + std::string(11, '\xFF'), corrupt, "a number of too many bytes");
        row("group", model + "\x0B", corrupt, "a field of an unknown kind");
        row("empty piece", model + piece(""), corrupt, "is empty or not UTF-8");
        row("odd piece", model + piece("\xFF"), corrupt, "is empty or not UTF-8");
        row("unknown type", model + piece("c", 0, static_cast<Type>(9)), corrupt, "the unknown type 9");
        row("twice", model + piece("a"), corrupt, "the piece 'a' is there twice");
        row("no unknown piece", piece("</s>", 0, Type::Control) + piece("a"), corrupt, "no unknown piece");
        row("score", model + piece("c", NAN), corrupt, "the score of 'c' is not a number");
        row("score of a BPE", model + piece("c", NAN) + trainer(number(3, 2)), corrupt,
            "the score of 'c' is not a number");
        row("words", model + trainer(number(3, 3)), unsupported, "words or characters");
        row("spaces behind", model + trainer(number(24, 1)), unsupported, "treat_whitespace_as_suffix");
        row("no byte pieces", model + trainer(number(35, 1)), corrupt, "no byte piece <0x00>");
        row("charsmap", model + bytes(3, bytes(2, "abc")), corrupt, "character replacements is cut short");
    }

    void filesAreRefusedWithWords() {
        QFETCH(QByteArray, content);
        QFETCH(int, code);
        QFETCH(QByteArray, said);
        const TemporaryDirectory dir;
        writeModel(dir.path(), content.toStdString());
        try {
            loadTokenizer(dir.path());
            QFAIL("it was read");
        } catch (const Error& error) {
            const std::string message = error.what();
            QVERIFY2(message.find("spiece.model") != std::string::npos, message.c_str());
            QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
            QVERIFY2(static_cast<int>(error.code()) == code, message.c_str());
        }
    }

    /// Cut at many bytes, and with every 97th byte of a whole model changed: read or refused, never a crash.
    void damageIsNoCrash_data() {
        QTest::addColumn<QString>("kind");
        QTest::newRow("unigram") << "siglip";
        QTest::newRow("bytes") << "siglip_bytes";
        QTest::newRow("bpe") << "siglip_pieces";
    }

    void damageIsNoCrash() {
        QFETCH(QString, kind);
        const TemporaryDirectory dir;
        const std::string model =
            readTextFile(kTokenizerFixtures / "kinds" / kind.toStdString() / "spiece.model");
        size_t read = 0, tried = 0;
        for (size_t at = 0; at < model.size(); at += 97, ++tried) {
            std::string damaged = model;
            damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1u << (at % 8)));
            writeModel(dir.path(), damaged);
            read += loads(dir.path());
            writeModel(dir.path(), model.substr(0, at));
            loads(dir.path());
        }
        QVERIFY(read > 0 && read < tried);
        for (size_t size = 0; size < smallModel().size(); ++size) {
            writeModel(dir.path(), smallModel().substr(0, size));
            loads(dir.path());
        }
    }

    void aFolderWithoutTheModelSaysSo() {
        const TemporaryDirectory dir;
        writeModel(dir.path(), smallModel());
        fs::remove(dir.path() / "spiece.model");
        QVERIFY(!loads(dir.path()));
    }

    void longTextsAreNotQuadratic() {
        // Every neighbour merges, again and again.
        std::string model = piece("<unk>", 0, Type::Unknown) + piece("</s>", 0, Type::Control);
        for (size_t length = 1; length <= 1024; length *= 2)
            model += piece(std::string(length, 'a'), -1.0f / static_cast<float>(length));
        for (const uint64_t type : {1, 2}) {
            const TemporaryDirectory dir;
            writeModel(dir.path(), model + trainer(number(3, type)));
            QCOMPARE(loadTokenizer(dir.path())->encode(std::string(500'000, 'a'), 64).size(), size_t{64});
        }
    }
};

QTEST_GUILESS_MAIN(TestSentencePiece)
#include "tst_sentencepiece.moc"

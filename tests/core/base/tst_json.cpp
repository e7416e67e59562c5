// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/base/json_stream.h"
#include "tests/support/error_code.h"

#include <QtTest>

#include <cmath>

using namespace diptych;

/// JsonStream and what is built on it. What is right of each text is what Python's json.loads() makes of it.
class TestJson : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void values_data();
    void values();
    void faults_data();
    void faults();
    void beyondTheStandard_data();
    void beyondTheStandard();
    void filesInPieces_data();
    void filesInPieces();
    void whatIsPassedOverIsCheckedToo();
    void depth();
    void encodings_data();
    void encodings();
    void stops();

private:
    static std::string errorOf(const std::string& text, JsonDialect dialect, ErrorCode* code = nullptr) {
        try {
            parseJson(text, "x.json", dialect);
        } catch (const Error& error) {
            if (code)
                *code = error.code();
            return error.what();
        }
        return "(no error)";
    }
};

void TestJson::values_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("dumped");
    QTest::newRow("object") << QByteArray(" {\"a\" : 1 ,\t\"b\":[ ] ,\r\n\"c\":{ }}")
                            << QByteArray("{\"a\":1,\"b\":[],\"c\":{}}");
    QTest::newRow("words") << QByteArray("[true,false,null]") << QByteArray("[true,false,null]");
    QTest::newRow("whole numbers")
        << QByteArray("[0,-0,-1,9223372036854775807,18446744073709551615,-9223372036854775808]")
        << QByteArray("[0,0,-1,9223372036854775807,18446744073709551615,-9223372036854775808]");
    QTest::newRow("other numbers") << QByteArray("[1.0,-0.5,1e2,1E+2,1e-2,123456789012345678901]")
                                   << QByteArray("[1.0,-0.5,100.0,100.0,0.01,1.2345678901234568e+20]");
    QTest::newRow("near to 0") << QByteArray("[1e-999,-0.0001e-400,0e999]") << QByteArray("[0.0,-0.0,0.0]");
    QTest::newRow("escapes") << QByteArray(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00")")
                             << QByteArray(
                                    "\"\\\"\\\\/\\b\\f\\n\\r\\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    QTest::newRow("NUL") << QByteArray(R"("a\u0000b")") << QByteArray(R"("a\u0000b")");
    QTest::newRow("UTF-8") << QByteArray("\"\xf0\x9f\x98\x80\x7f\"")
                           << QByteArray("\"\xf0\x9f\x98\x80\x7f\"");
    QTest::newRow("a key twice") << QByteArray("{\"a\":1,\"a\":2}") << QByteArray("{\"a\":2}");
}

void TestJson::values() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, dumped);
    for (const auto dialect : {JsonDialect::Strict, JsonDialect::Python})
        QCOMPARE(QByteArray(parseJson(text.toStdString(), "x.json", dialect).dump().c_str()), dumped);
}

void TestJson::faults_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const QByteArray& text, const char* message) {
        QTest::newRow(name) << text << QByteArray(message);
    };
    row("empty", "", "it ends where a value should be");
    row("blank", " \n", "x.json:2: not valid JSON (it ends");
    row("two values", "{}\n{}", "x.json:2: not valid JSON ('{' where the end should be)");
    row("comma at the end of a list", "[1,]", "']' where a value");
    row("comma at the end of an object", "{\"a\":1,}", "'}' where a name in double quotes");
    row("only a comma", "[,]", "',' where a value");
    row("no comma", "[1 2]", "'2' where ',' or ']'");
    row("no colon", "{\"a\" 1}", "'1' where ':'");
    row("no quotes", "{a:1}", "'a' where a name in double quotes");
    row("single quotes", "{'a':1}", "''' where a name in double quotes");
    row("comment", "[1] // x", "'/' where the end");
    row("cut", "{\"a\":\n[1", "x.json:2: not valid JSON (it ends where ',' or ']'");
    row("cut text", "\"abc", "it ends inside of a text");
    row("wrong bracket", "[1}", "'}' where ',' or ']'");
    row("line end in a text", "\"a\nb\"", "byte 0x0A");
    row("escape", R"("\x")", "'x' where an escape");
    row("hexadecimal", R"("\u12g4")", "'g' where four hexadecimal digits");
    row("not UTF-8", "[\"caf\xe9\"]", "is not UTF-8");
    row("overlong", "\"\xc0\xaf\"", "is not UTF-8");
    row("leading zero", "01", "'01' is no number");
    row("plus", "+1", "'+' where a value");
    row("point", "1.", "'1.' is no number");
    row("no digit", ".5", "'.' where a value");
    row("exponent", "1e", "'1e' is no number");
    row("minus", "-", "'-' is no number");
    row("two minuses", "--1", "'--1' is no number");
    row("word", "nul", "it ends where the word null");
    row("capital", "True", "'T' where a value");
    row("NUL", QByteArray("[\0]", 3), "byte 0x00 where a value");
}

void TestJson::faults() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, message);
    for (const auto dialect : {JsonDialect::Strict, JsonDialect::Python}) {
        ErrorCode code{};
        const auto found = errorOf(text.toStdString(), dialect, &code);
        QVERIFY2(QByteArray(found.c_str()).contains(message), found.c_str());
        QCOMPARE(code, ErrorCode::Corrupt);
    }
}

void TestJson::beyondTheStandard_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("refusal");
    QTest::addColumn<QByteArray>("value"); ///< of a text; else of the number, as printed
    QTest::newRow("NaN") << QByteArray("NaN") << QByteArray("NaN is no number") << QByteArray("nan");
    QTest::newRow("Infinity") << QByteArray("Infinity") << QByteArray("Infinity is no number")
                              << QByteArray("inf");
    QTest::newRow("-Infinity") << QByteArray("-Infinity") << QByteArray("Infinity is no number")
                               << QByteArray("-inf");
    QTest::newRow("too large") << QByteArray("1e999") << QByteArray("1e999 is beyond") << QByteArray("inf");
    QTest::newRow("too small") << QByteArray("-12e99999999999999999999") << QByteArray("is beyond")
                               << QByteArray("-inf");
    QTest::newRow("many digits") << QByteArray(400, '9') << QByteArray("is beyond") << QByteArray("inf");
    QTest::newRow("first half") << QByteArray(R"("a\ud83d")") << QByteArray("\\ud83d is half a character")
                                << QByteArray("a\xef\xbf\xbd");
    QTest::newRow("second half") << QByteArray(R"("\ude00b")") << QByteArray("\\ude00 is half a character")
                                 << QByteArray("\xef\xbf\xbd"
                                               "b");
    QTest::newRow("two first halves")
        << QByteArray(R"("\ud83d\ud83d\ude00")") << QByteArray("half a character")
        << QByteArray("\xef\xbf\xbd\xf0\x9f\x98\x80");
    QTest::newRow("half, then another")
        << QByteArray(R"("\ud83d\n\ud83d\u0041")") << QByteArray("half a character")
        << QByteArray("\xef\xbf\xbd\n\xef\xbf\xbd"
                      "A");
}

void TestJson::beyondTheStandard() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, refusal);
    QFETCH(QByteArray, value);
    const auto strict = errorOf(text.toStdString(), JsonDialect::Strict);
    QVERIFY2(QByteArray(strict.c_str()).contains(refusal), strict.c_str());
    const Json read = parseJson(text.toStdString(), "x.json", JsonDialect::Python);
    if (read.is_string()) {
        QCOMPARE(QByteArray(read.get<std::string>().c_str()), value);
        return;
    }
    const auto number = read.get<double>();
    QCOMPARE(QByteArray(std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"), value);
    QVERIFY(!std::isfinite(number));
}

void TestJson::filesInPieces_data() {
    QTest::addColumn<int>(
        "before"); ///< bytes before the interesting part, about where a piece of a file ends
    for (int shift = -24; shift <= 4; ++shift)
        QTest::addRow("%d", shift) << (1 << 20) + shift;
}

void TestJson::filesInPieces() {
    QFETCH(int, before);
    const std::string rest = "{\"k\\u00e9y\":\"\xf0\x9f\x98\x80\\ud83d\\ude00\",\"n\":-12.5e1,\"t\":true}";
    std::string text = "[";
    text.append(static_cast<size_t>(before) - 1, ' ');
    text += rest + ",\n" + rest + "]";
    const TemporaryDirectory folder;
    writeFileAtomically(folder.path() / "x.json", std::string_view(text));
    TextSource source(folder.path() / "x.json");
    JsonStream in(source, JsonDialect::Python, 8);
    in.enterArray();
    QVERIFY(in.nextItem());
    const Json first = in.value();
    QVERIFY(in.nextItem());
    QCOMPARE(in.kind(), JsonStream::Kind::Object);
    QCOMPARE(in.line(), int64_t{2});
    in.skip();
    QVERIFY(!in.nextItem());
    in.finish();
    QCOMPARE(first.dump(),
             std::string("{\"k\xc3\xa9y\":\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\",\"n\":-125.0,\"t\":true}"));
}

void TestJson::whatIsPassedOverIsCheckedToo() {
    for (const char* text : {R"({"a": {"b": [1, "x, 2]}})", R"({"a": [1 2], "b": 1})",
                             R"({"a": nil, "b": 1})", R"({"a": "\q", "b": 1})", R"({"a": 1, "b": 1} x)"}) {
        JsonStream in(std::string_view(text), "x.json", JsonDialect::Python, 8);
        const auto walk = [&] {
            std::string key;
            in.enterObject();
            while (in.nextMember(key))
                in.skip();
            in.finish();
        };
        QCOMPARE(test::errorCodeOf([&] { (void)walk(); }), ErrorCode::Corrupt);
    }
}

void TestJson::depth() {
    const auto nested = [](int levels) {
        return std::string(size_t(levels), '[') + std::string(size_t(levels), ']');
    };
    const std::string shallow = nested(64);
    JsonStream fits(shallow, "x.json", JsonDialect::Strict, 64);
    fits.value();
    ErrorCode code{};
    QVERIFY(QByteArray(errorOf("\n" + nested(100'000), JsonDialect::Strict, &code).c_str())
                .contains("x.json:2: nested deeper"));
    QCOMPARE(code, ErrorCode::LimitExceeded);
    const std::string deep = nested(65);
    JsonStream skipped(deep, "x.json", JsonDialect::Strict, 64);
    QCOMPARE(test::errorCodeOf([&] { (void)skipped.skip(); }), ErrorCode::LimitExceeded);
}

void TestJson::encodings_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto wide = [](bool big, bool mark) {
        QByteArray bytes;
        for (const QChar c :
             QString(mark ? QStringLiteral("\uFEFF") : QString()) + QStringLiteral("{\"a\": \"\u00e9\"}")) {
            const char high = static_cast<char>(c.unicode() >> 8),
                       low = static_cast<char>(c.unicode() & 0xFF);
            bytes += big ? high : low;
            bytes += big ? low : high;
        }
        return bytes;
    };
    QTest::newRow("UTF-8") << QByteArray("{\"a\": \"\xc3\xa9\"}");
    QTest::newRow("UTF-8 with a mark") << QByteArray("\xef\xbb\xbf{\"a\": \"\xc3\xa9\"}");
    QTest::newRow("UTF-16, little") << wide(false, true);
    QTest::newRow("UTF-16, big") << wide(true, true);
    QTest::newRow("UTF-16, little, no mark") << wide(false, false);
    QTest::newRow("UTF-16, big, no mark") << wide(true, false);
}

void TestJson::encodings() {
    QFETCH(QByteArray, bytes);
    const TemporaryDirectory folder;
    const auto path = folder.path() / "x.json";
    writeFileAtomically(path, std::string_view(bytes.data(), size_t(bytes.size())));
    const Json whole = readJsonFile(path);
    QCOMPARE(whole["a"].get<std::string>(), std::string("\xc3\xa9"));
    TextSource source(path);
    JsonStream in(source, JsonDialect::Strict, 8);
    QVERIFY(in.value() == whole);
    in.finish();
}

void TestJson::stops() {
    const TemporaryDirectory folder;
    writeFileAtomically(folder.path() / "x.json", "[" + std::string(size_t(4) << 20, ' ') + "]");
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    TextSource source(folder.path() / "x.json", context);
    JsonStream in(source, JsonDialect::Strict, 8);
    in.enterArray();
    stop.request_stop();
    QVERIFY_EXCEPTION_THROWN(in.nextItem(), Cancelled);
}

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"

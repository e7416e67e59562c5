// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/text_states.h"

#include <QTest>

#include <vector>

using namespace diptych;

/// A text that is matched with many pictures is encoded once.
class TestTextStates : public QObject {
    Q_OBJECT

    std::vector<std::string> m_encoded;

    /// The length of each text, eight times: 64 bytes and 8 of the mask.
    TextStates::Rows encode(std::span<const std::string> texts) {
        m_encoded.insert(m_encoded.end(), texts.begin(), texts.end());
        const auto count = static_cast<int64_t>(texts.size());
        const at::Tensor states = at::zeros({count, 8, 2}, at::kFloat);
        for (int64_t i = 0; i < count; ++i)
            states[i].fill_(static_cast<float>(texts[static_cast<size_t>(i)].size()));
        return {states, at::ones({count, 8}, at::kBool)};
    }

private Q_SLOTS:
    void init() { m_encoded.clear(); }

    void eachTextIsEncodedOnce() {
        TextStates kept([this](std::span<const std::string> texts) { return encode(texts); }, 1 << 20);
        const std::vector<std::string> texts = {"a", "bcd", "a"}, more = {"ef", "bcd"};
        for (int picture = 0; picture < 3; ++picture) {
            const TextStates::Rows rows = kept.of(texts);
            QCOMPARE(rows.states.size(0), int64_t{3});
            QCOMPARE(rows.mask.size(1), int64_t{8});
            QCOMPARE(rows.states[1][0][0].item<float>(), 3.0F);
            QCOMPARE(rows.states[2][7][1].item<float>(), 1.0F);
        }
        QCOMPARE(kept.of(more).states[0][0][0].item<float>(), 2.0F);
        QCOMPARE(m_encoded, (std::vector<std::string>{"a", "bcd", "ef"}));
    }

    void whatIsNotAskedForAnyMoreMakesRoom() {
        TextStates kept([this](std::span<const std::string> texts) { return encode(texts); }, 200); // two
        const std::vector<std::string> first = {"a", "b"}, second = {"b", "c"};
        kept.of(first);
        kept.of(second); // lets go of a
        QCOMPARE(kept.of(second).states[1][0][0].item<float>(), 1.0F);
        QCOMPARE(m_encoded, (std::vector<std::string>{"a", "b", "c"}));
        kept.of(first);
        QCOMPARE(m_encoded.back(), std::string("a"));
        const std::vector<std::string> many = {"1", "2", "3", "4"}; // more than there is room for
        QCOMPARE(kept.of(many).states.size(0), int64_t{4});
    }
};

QTEST_GUILESS_MAIN(TestTextStates)
#include "tst_text_states.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/outputs.h"

#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace diptych::test {

/// Embeddings with known geometry, so that every metric of a task can be worked out by hand.
class FakeEmbeddings : public Outputs {
public:
    explicit FakeEmbeddings(size_t dim) : m_dim(dim) {}

    std::map<int64_t, std::vector<float>> imageRows;
    std::set<int64_t> unreadable;
    /// What the image file holds, where tests care: equal for equal files.
    std::map<int64_t, std::string> contents;
    /// The embedding of a text; must be set.
    std::function<std::vector<float>(const std::string&)> textRow;
    /// How well a text matches an image; must be set where a task matches.
    std::function<double(int64_t, const std::string&)> pairScore;
    float scale = 10, bias = 0;
    Similarity::Kind kind = Similarity::Kind::Softmax;
    int imageCalls = 0, textCalls = 0, matchCalls = 0;

    ImageEmbeddings images(std::span<const SampleId> samples, ImageFeature, const RunContext&) override {
        ++imageCalls;
        ImageEmbeddings out;
        std::vector<float> values;
        for (size_t i = 0; i < samples.size(); ++i) {
            if (unreadable.contains(samples[i].value)) {
                out.failures.push_back({samples[i], "broken.png: truncated"});
                continue;
            }
            const auto& row = imageRows.at(samples[i].value);
            out.ids.push_back(samples[i]);
            out.positions.push_back(i);
            if (const auto content = contents.find(samples[i].value); content != contents.end())
                out.contents.push_back(hashText(content->second));
            values.insert(values.end(), row.begin(), row.end());
        }
        out.rows = Matrix(out.ids.size(), m_dim, std::move(values));
        for (size_t i = 0; i < out.rows.rows(); ++i) {
            const auto row = out.rows.row(i);
            out.lengths.push_back(std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0F)));
        }
        normalizeRows(out.rows);
        return out;
    }
    Matrix texts(std::span<const std::string> texts, const RunContext&) override {
        ++textCalls;
        Matrix out(texts.size(), m_dim);
        for (size_t i = 0; i < texts.size(); ++i) {
            const auto row = textRow(texts[i]);
            std::copy(row.begin(), row.end(), out.row(i).begin());
        }
        normalizeRows(out);
        return out;
    }
    PairMatches match(std::span<const SampleId> samples, std::span<const std::vector<std::string>> texts,
                      const RunContext&) override {
        ++matchCalls;
        PairMatches out;
        for (size_t i = 0; i < samples.size(); ++i) {
            if (unreadable.contains(samples[i].value)) {
                out.failures.push_back({samples[i], "broken.png: truncated"});
                continue;
            }
            out.ids.push_back(samples[i]);
            out.positions.push_back(i);
            auto& scores = out.scores.emplace_back();
            for (const std::string& text : texts[i])
                scores.push_back(pairScore(samples[i].value, text));
        }
        return out;
    }
    Similarity similarity() override { return {kind, scale, bias}; }

private:
    size_t m_dim;
};

} // namespace diptych::test

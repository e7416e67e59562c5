// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/explanation.h"

#include "core/base/file.h"
#include "core/report/report_writers.h"
#include "core/video/media.h"

#include <fmt/format.h>

namespace diptych {

Explanation PictureExplainer::explain(const ExplainQuery& query, const RunContext& context) {
    const Result<Image> picture = decodeStill(m_workspace.sample(query.sample).path);
    if (!picture)
        throw picture.error();
    const ModelRecord record = m_workspace.model(query.model);
    const Compute compute{Device::Auto, Precision::Auto, 0, query.alpha};
    const auto lease = m_models.leaseUnlessBusy({record.directory, compute}, context.stop);
    if (!lease)
        return {Answer::Busy, {}, {}, {}};
    Model& model = *(*lease)->model;
    const Prepared sample = model.prepare({&*picture, 1});
    Explanation found;
    found.relevance = diptych::explain(model, sample, query.text, query.options, context);
    if (query.curveSteps > 0)
        found.curves =
            coverCurves(*model.embedder(), sample, coverGrid(model.info(), sample), found.relevance.patches,
                        unitText(model, query.text).row(0), query.curveSteps, context);
    context.throwIfCancelled();
    found.seen = Checkpoint::open(record.directory)
                     ->imageProcessor(OutputSizes::Any)
                     .withAlpha(query.alpha)
                     .resized(*picture);
    return found;
}

std::string relevanceCsv(const Relevance& relevance) {
    std::string lines = "part,row,column,token,value\n";
    const auto width = static_cast<size_t>(relevance.gridWidth);
    for (size_t i = 0; i < relevance.patches.size(); ++i)
        lines += fmt::format("patch,{},{},,{}\n", i / width + 1, i % width + 1, relevance.patches[i]);
    for (size_t i = 0; i < relevance.tokens.size(); ++i)
        lines += fmt::format("token,,,{},{}\n", csvField(toValidUtf8(relevance.tokens[i])),
                             relevance.tokenValues[i]);
    return lines;
}

} // namespace diptych

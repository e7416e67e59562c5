// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/run_protocols.h"

#include "core/session/session.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <unordered_map>

namespace diptych {
namespace {

/// A parameter's value for people.
std::string valueText(const Json& value) {
    if (value.is_string())
        return value.get<std::string>().empty() ? "nothing" : "'" + value.get<std::string>() + "'";
    if (value.is_array())
        return fmt::format("{} of your own", value.size());
    return value.dump();
}

std::string titleOf(const TaskInfo& info, const std::string& param) {
    for (const ParamSpec& spec : info.params)
        if (spec.id == param)
            return spec.title;
    return param;
}

std::vector<std::string> changesOf(const TaskInfo& info, const Json& from, const Json& to) {
    std::vector<std::string> changes;
    for (const auto& [name, value] : to.items())
        if (from.value(name, Json()) != value)
            changes.push_back(fmt::format("{}: {} instead of {}", titleOf(info, name), valueText(value),
                                          valueText(from.value(name, Json()))));
    return changes;
}

/// What an example is compared by; nothing where it takes no part.
std::optional<double> worth(const ExampleResult& example) {
    if (example.correct)
        return *example.correct ? 1 : 0;
    return example.score;
}

void compare(ProtocolResult& result, const std::vector<ExampleResult>& then,
             const std::vector<ExampleResult>& now) {
    constexpr double kEqual = 1e-9;
    std::unordered_map<SampleId, double> before;
    for (const ExampleResult& example : then)
        if (const auto value = worth(example))
            before.emplace(example.sample, *value);
    for (const ExampleResult& example : now) {
        const auto found = before.find(example.sample);
        const auto value = worth(example);
        if (!value || found == before.end() || std::abs(*value - found->second) < kEqual)
            continue;
        (*value > found->second ? result.gained : result.lost).push_back(example.sample);
    }
}

} // namespace

RunProtocols runProtocols(Session& session, RunId id, const RunContext& context) {
    RunProtocols out;
    out.run = session.workspace().run(id);
    const Task& task = findTask(out.run.task);
    if (!task.protocols)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("{} is counted by one rule; there is no other protocol to compare run {} with",
                        task.info.title, id.value));
    RunSpec spec = RunSpec::fromJson(out.run.spec, fmt::format("run {}", id.value));
    const Json params = completeParams(task.info, spec.params);
    const ParamSpec* resamples = nullptr; // as few as may be: no interval is shown
    for (const ParamSpec& param : task.info.params)
        if (param.id == "resamples")
            resamples = &param;
    const std::vector<ExampleResult> examples = session.workspace().examples(id);
    const std::vector<Protocol> protocols = task.protocols(out.run.datasetName);
    RunContext quiet = context;
    quiet.progress = nullptr; // the steps are the protocols
    context.begin("Counting by other protocols", static_cast<int64_t>(protocols.size()));
    for (const Protocol& protocol : protocols) {
        context.throwIfCancelled();
        spec.params = params;
        spec.params.update(protocol.params);
        if (resamples)
            spec.params["resamples"] = static_cast<int64_t>(resamples->minimum);
        ProtocolResult result{protocol.id,
                              protocol.title,
                              protocol.source,
                              protocol.remark,
                              changesOf(task.info, params, protocol.params),
                              {},
                              {},
                              {}};
        const Recount recount = session.recount(spec, out.run, quiet);
        result.metrics = recount.output.metrics;
        compare(result, examples, recount.output.examples);
        for (Metric& metric : result.metrics)
            metric.interval.reset();
        out.note = recount.note;
        out.protocols.push_back(std::move(result));
        context.advance();
    }
    context.end();
    return out;
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/weights.h"

#include "core/base/hash.h"
#include "core/base/random.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <set>

namespace diptych {
namespace {

bool isFloatingPoint(DType dtype) {
    return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

const char* precisionOf(DType dtype) {
    switch (dtype) {
    case DType::F16:
        return "fp16";
    case DType::BF16:
        return "bf16";
    case DType::F64:
        return "fp64";
    default:
        return "fp32";
    }
}

const char* precisionOf(at::ScalarType type) {
    return type == at::kHalf ? "fp16" : type == at::kBFloat16 ? "bf16" : "fp32";
}

/// "'a', 'b', 'c' and 12 more"
std::string firstFew(const std::vector<std::string>& names) {
    constexpr size_t kShown = 3;
    std::string text;
    for (size_t i = 0; i < std::min(kShown, names.size()); ++i)
        text += (i > 0 ? ", '" : "'") + toValidUtf8(names[i].substr(0, 120)) + "'";
    if (names.size() > kShown)
        text += fmt::format(" and {} more", names.size() - kShown);
    return text;
}

std::string_view firstPart(std::string_view name) {
    return name.substr(0, name.find('.'));
}

/// Box-Muller on our own generator: the draw depends on seed and name, not on LibTorch's version or threads.
void fillNormal(std::span<float> values, double standardDeviation, uint64_t seed) {
    Random random(seed);
    for (size_t i = 0; i < values.size(); i += 2) {
        const double radius = standardDeviation * std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
        const double angle = 2.0 * std::numbers::pi * random.uniform();
        values[i] = static_cast<float>(radius * std::cos(angle));
        if (i + 1 < values.size())
            values[i + 1] = static_cast<float>(radius * std::sin(angle));
    }
}

uint64_t seedFor(uint64_t seed, const std::string& name) {
    const Hash128 hash = hashText(name);
    uint64_t bits = 0;
    std::memcpy(&bits, hash.bytes.data(), sizeof(bits));
    return Random(seed ^ bits)();
}

} // namespace

/// What all copies of one Weights share.
struct Weights::Ledger {
    const TensorSource* source = nullptr;
    Placement placement;
    std::set<std::string> used;
    std::vector<std::string> missing;
    std::vector<std::pair<std::string, std::string>> misfits; ///< name, what is wrong
    std::set<std::string> precisions;
    Initializer initializer;
    uint64_t seed = 0;
    ParameterMap made;

    [[noreturn]] void throwMissing() const;
    [[noreturn]] void throwMisfits() const;
    /// Names that nobody asked for.
    std::vector<std::string> unused(const std::vector<std::string_view>& mayRemain) const;
};

void Weights::Ledger::throwMissing() const {
    std::string message =
        fmt::format("{}: {} missing: {}", displayPath(source->fileOf(missing.front())),
                    missing.size() == 1 ? "a tensor is" : fmt::format("{} tensors are", missing.size()),
                    firstFew(missing));
    if (const auto extra = unused({}); !extra.empty())
        message +=
            fmt::format(". It has {} instead, which {} not known; is this another kind of model, or were "
                        "tensors renamed?",
                        firstFew(extra), extra.size() == 1 ? "is" : "are");
    else
        message += ". Does config.json belong to these weights?";
    throw Error(ErrorCode::NotFound, message);
}

void Weights::Ledger::throwMisfits() const {
    std::string message =
        fmt::format("{}: {}", displayPath(source->fileOf(misfits.front().first)), misfits.front().second);
    if (misfits.size() > 1)
        message += fmt::format(" ({} more tensors do not fit either)", misfits.size() - 1);
    throw Error(ErrorCode::Corrupt, message);
}

std::vector<std::string> Weights::Ledger::unused(const std::vector<std::string_view>& mayRemain) const {
    std::vector<std::string> names = source->tensorNames();
    std::erase_if(names, [&](const std::string& name) {
        // Older exporters kept these index tables; they are counted up from 0 and need not be read.
        return used.contains(name) || name.ends_with("embeddings.position_ids") ||
               std::any_of(mayRemain.begin(), mayRemain.end(),
                           [&](std::string_view part) { return name.find(part) != std::string::npos; });
    });
    return names;
}

Weights::Weights(Mode mode, std::shared_ptr<Ledger> ledger) : m_mode(mode), m_ledger(std::move(ledger)) {}

Weights Weights::of(const TensorSource& source, const Placement& placement) {
    auto ledger = std::make_shared<Ledger>();
    ledger->source = &source;
    ledger->placement = placement;
    return {Mode::Inference, std::move(ledger)};
}

Weights Weights::plain(const TensorSource& source, const Placement& placement) {
    Weights weights = of(source, placement);
    weights.m_mode = Mode::Plain;
    return weights;
}

Weights Weights::shapesOf(const TensorSource& source) {
    auto ledger = std::make_shared<Ledger>();
    ledger->source = &source;
    ledger->placement.device = at::kMeta;
    return {Mode::Shapes, std::move(ledger)};
}

Weights Weights::random(Initializer initializer, uint64_t seed) {
    auto ledger = std::make_shared<Ledger>();
    ledger->initializer = std::move(initializer);
    ledger->seed = seed;
    return {Mode::Training, std::move(ledger)};
}

std::string Weights::fullName(std::string_view name) const {
    return m_prefix + std::string(name);
}

Weights Weights::at(std::string_view name) const {
    Weights below = *this;
    below.m_prefix += std::string(name) + ".";
    return below;
}

bool Weights::has(std::string_view name) const {
    DIPTYCH_ASSERT(m_ledger->source);
    const std::string full = fullName(name), below = full + ".";
    if (m_ledger->source->find(full))
        return true;
    const auto names = m_ledger->source->tensorNames();
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& other) { return other.starts_with(below); });
}

const Placement& Weights::placement() const {
    return m_ledger->placement;
}

at::Tensor Weights::tensor(std::string_view name, at::IntArrayRef shape) const {
    const std::string full = fullName(name);
    if (m_mode == Mode::Training)
        return drawn(full, shape);
    m_ledger->used.insert(full);
    return checked(full, shape);
}

at::Tensor Weights::checked(const std::string& name, at::IntArrayRef shape) const {
    Ledger& ledger = *m_ledger;
    const TensorView* found = ledger.source->find(name);
    if (!found) {
        ledger.missing.push_back(name);
        if (m_mode != Mode::Shapes)
            ledger.throwMissing();
    } else if (at::IntArrayRef(found->shape) != shape) {
        ledger.misfits.emplace_back(name,
                                    fmt::format("tensor '{}' has shape [{}], config.json needs [{}]", name,
                                                fmt::join(found->shape, ", "), fmt::join(shape.vec(), ", ")));
    } else if (!isFloatingPoint(found->dtype)) {
        ledger.misfits.emplace_back(
            name, fmt::format("tensor '{}' is stored as {}; weights should be F32, F16 or BF16 (quantised "
                              "checkpoints are not read)",
                              name, dtypeName(found->dtype)));
    } else if (!shape.empty()) {
        ledger.precisions.insert(precisionOf(found->dtype));
    }
    if (m_mode == Mode::Shapes)
        return at::empty(shape, at::TensorOptions().device(at::kMeta));
    if (!ledger.misfits.empty())
        ledger.throwMisfits();
    return read(name);
}

at::Tensor Weights::read(const std::string& name) const {
    const Placement& placement = m_ledger->placement;
    const auto file = m_ledger->source->fileOf(name);
    const at::Tensor tensor = readWeight(*m_ledger->source->find(name), file).to(placement.stored);
    if (!allFinite(tensor))
        throw Error(ErrorCode::Unsupported,
                    fmt::format("{}: tensor '{}' has values beyond the range of {}; choose fp32 or bf16",
                                displayPath(file), name, precisionOf(placement.stored)));
    return tensor.to(placement.device, placement.compute);
}

at::Tensor Weights::drawn(const std::string& name, at::IntArrayRef shape) const {
    Ledger& ledger = *m_ledger;
    DIPTYCH_ASSERT(!ledger.made.contains(name));
    const at::Tensor tensor = at::empty(shape, at::kFloat);
    const InitialValues initial = ledger.initializer(name);
    const std::span<float> values(tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel()));
    if (initial.standardDeviation > 0)
        fillNormal(values, initial.standardDeviation, seedFor(ledger.seed, name));
    else
        std::fill(values.begin(), values.end(), static_cast<float>(initial.value));
    return ledger.made[name] = tensor.requires_grad_(true);
}

Linear Weights::linear(std::string_view name, int64_t out, int64_t in, bool bias) const {
    const std::string stem(name);
    return {tensor(stem + ".weight", {out, in}), bias ? tensor(stem + ".bias", {out}) : at::Tensor()};
}

Linear Weights::packedLinear(std::string_view name, int64_t out, int64_t in, bool bias) const {
    Linear layer = linear(name, out, in, bias);
    if (forInference())
        layer.pack();
    return layer;
}

LayerNorm Weights::norm(std::string_view name, int64_t width, double epsilon) const {
    const std::string stem(name);
    return {tensor(stem + ".weight", {width}), tensor(stem + ".bias", {width}), epsilon};
}

float Weights::scalar(std::string_view name, at::IntArrayRef shape) const {
    const size_t misfits = m_ledger->misfits.size();
    tensor(name, shape);
    const std::string full = fullName(name);
    const TensorView* found = m_ledger->source->find(full);
    if (!found || m_ledger->misfits.size() != misfits)
        return 0;
    return readWeight(*found, m_ledger->source->fileOf(full)).to(at::kFloat).item<float>();
}

const ParameterMap& Weights::parameters() const {
    return m_ledger->made;
}

std::string Weights::storedPrecision() const {
    const auto& found = m_ledger->precisions;
    return found.empty() ? std::string() : found.size() > 1 ? "mixed" : *found.begin();
}

void Weights::finish(const std::vector<std::string_view>& mayRemain) const {
    const Ledger& ledger = *m_ledger;
    if (m_mode == Mode::Training)
        return;
    if (!ledger.missing.empty())
        ledger.throwMissing();
    if (!ledger.misfits.empty())
        ledger.throwMisfits();
    // Whole other parts beside this one (another head, an optimiser's state) do no harm.
    std::set<std::string_view> known;
    for (const std::string& name : ledger.used)
        known.insert(firstPart(name));
    std::vector<std::string> extra = ledger.unused(mayRemain);
    std::erase_if(extra, [&](const std::string& name) { return !known.contains(firstPart(name)); });
    if (!extra.empty())
        throw Error(
            ErrorCode::Corrupt,
            fmt::format("{}: has {}, for which config.json leaves no place; it describes a smaller model",
                        displayPath(ledger.source->fileOf(extra.front())), firstFew(extra)));
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/models/nn/linear.h"
#include "core/tensor/tensor_source.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diptych {

/// Tensors by their name in the checkpoint.
using ParameterMap = std::map<std::string, at::Tensor>;

/// Where and in which types a network computes.
struct Placement {
    at::Device device = at::kCPU;
    at::ScalarType stored = at::kFloat;  ///< weights are rounded to this
    at::ScalarType compute = at::kFloat; ///< and computed with in this
};

/// How one parameter starts when a network is trained from scratch: drawn from N(0, standardDeviation²) where
/// that is above 0, else all @p value.
struct InitialValues {
    double standardDeviation = 0, value = 0;
};
using Initializer = std::function<InitialValues(const std::string& name)>;

/// Layer normalisation over the last dimension.
struct LayerNorm {
    at::Tensor weight, bias; ///< [d]
    double epsilon = 1e-5;
    at::Tensor operator()(const at::Tensor& x) const;
};

/// The tensors below one name of a checkpoint. Asking for one checks that it is there in the shape wanted,
/// converts it and marks it as used, so a network is written once: reading its weights, checking a checkpoint
/// without reading them, and starting a training all run its constructor. Cheap to copy; copies share what
/// was marked.
class Weights {
public:
    /// For inference: layers fuse and pack what they get. @param source must outlive the network's
    /// construction, not the network
    static Weights of(const TensorSource& source, const Placement& placement);
    /// For gradients through an inference: the tensors as they are, nothing packed, none requires gradients.
    static Weights plain(const TensorSource& source, const Placement& placement);
    /// Only looks at names, shapes and types; tensors come without values. Faults are collected for finish().
    static Weights shapesOf(const TensorSource& source);
    /// For training: float32 leaves that require gradients; the same for the same seed everywhere.
    static Weights random(Initializer initializer, uint64_t seed);

    /// What lies below @p name: at("text_model").tensor("embeddings.x") is "text_model.embeddings.x".
    Weights at(std::string_view name) const;
    /// Whether the checkpoint has a tensor of that name, or any below it.
    bool has(std::string_view name) const;
    bool forInference() const { return m_mode == Mode::Inference; }
    bool isTraining() const { return m_mode == Mode::Training; }
    const Placement& placement() const;

    /// @throws Error naming file, tensor and both shapes: absent, another shape, quantised, values that are
    /// infinite or no numbers
    at::Tensor tensor(std::string_view name, at::IntArrayRef shape) const;
    Linear linear(std::string_view name, int64_t out, int64_t in, bool bias = true) const;
    /// The same, packed where this is for inference: for layers that are not fused with others.
    Linear packedLinear(std::string_view name, int64_t out, int64_t in, bool bias = true) const;
    LayerNorm norm(std::string_view name, int64_t width, double epsilon) const;
    /// The value of a tensor with one element, in float32 whatever the weights are kept in; read in
    /// shapesOf() too, 0 there if the tensor does not fit. @throws Error as tensor()
    float scalar(std::string_view name, at::IntArrayRef shape) const;

    /// What random() has made so far, by full name; update in place only (the network holds the same
    /// tensors).
    const ParameterMap& parameters() const;
    /// dtype the tensors asked for are stored in: "fp32", "fp16", "bf16", "fp64", or "mixed". Scalars do not
    /// count.
    std::string storedPrecision() const;
    /// To be called when the network is built. A tensor that nobody asked for, below a name whose other
    /// tensors were asked for, belongs to a larger network than config.json describes.
    /// @param mayRemain parts of names that may stay unused
    /// @throws Error that names the file and the first few tensors, and counts the rest
    void finish(const std::vector<std::string_view>& mayRemain = {}) const;

private:
    enum class Mode { Inference, Plain, Shapes, Training };
    struct Ledger;
    Weights(Mode mode, std::shared_ptr<Ledger> ledger);
    std::string fullName(std::string_view name) const;
    at::Tensor checked(const std::string& name, at::IntArrayRef shape) const;
    at::Tensor read(const std::string& name) const;
    at::Tensor drawn(const std::string& name, at::IntArrayRef shape) const;

    Mode m_mode;
    std::string m_prefix; ///< empty, or ends with a dot
    std::shared_ptr<Ledger> m_ledger;
};

/// A stored weight as a tensor of its own (the file may go away), in the dtype it is stored in.
/// @param file for messages. @throws Error that names the tensor: not a floating-point type, or a value that
/// is infinite or not a number
at::Tensor readWeight(const TensorView& view, const std::filesystem::path& file);

/// True if no value is infinite or NaN. float64, float32, float16 and bfloat16, contiguous, on the CPU.
bool allFinite(const at::Tensor& tensor);

/// Writes model.safetensors and config.json as transformers reads them, each atomically, the weights first.
/// The folder is made if need be. @param dtype at::kFloat, at::kHalf or at::kBFloat16. @throws Error
void saveCheckpoint(const std::filesystem::path& directory, const Json& config,
                    const ParameterMap& parameters, at::ScalarType dtype = at::kFloat);

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/model_files.h"
#include "app/cli/commands/shared.h"
#include "app/cli/counted.h"
#include "core/base/file.h"
#include "core/tensor/safetensors.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options {
    std::string model, textsFile, output, workspace, dataset, split;
    std::vector<std::string> images, frames;
    size_t batch = 0;
    bool verify = false;
    ComputeOptions compute;
};

/// What goes into the output file, with its bytes.
struct Outputs {
    std::vector<int64_t> pixelShape; ///< of one image
    std::vector<float> pixels;
    std::vector<int64_t> grids, patchMask; ///< where pictures keep their proportions
    Matrix imageEmbeddings, textEmbeddings;
    TokenBatch tokens;
    Matrix clipLogits; ///< [1, texts], of a clip

    /// Takes in the pixels of one sample.
    void add(const Prepared& sample) {
        pixelShape = sample.shape;
        pixels.insert(pixels.end(), sample.values.begin(), sample.values.end());
        if (sample.gridHeight == 0)
            return;
        grids.insert(grids.end(), {sample.gridHeight, sample.gridWidth});
        for (int64_t i = 0; i < sample.shape.front(); ++i)
            patchMask.push_back(i < int64_t{sample.gridHeight} * sample.gridWidth);
    }
};

void encodeImages(Model& model, std::span<const std::string> images, size_t batch, Outputs& out,
                  const RunContext& context) {
    out.imageEmbeddings = Matrix(images.size(), static_cast<size_t>(model.info().embeddingDim));
    context.begin("Encoding images", static_cast<int64_t>(images.size()));
    for (size_t start = 0; start < images.size(); start += batch) {
        const size_t count = std::min(batch, images.size() - start);
        const auto samples = preparedImages(model, images.subspan(start, count), context);
        const Matrix rows = embedderOf(model).embedImages(samples, ImageFeature::Projected);
        for (size_t i = 0; i < count; ++i) {
            out.add(samples[i]);
            std::ranges::copy(rows.row(i), out.imageEmbeddings.row(start + i).begin());
        }
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    normalizeRows(out.imageEmbeddings);
}

void encodeTexts(Model& model, std::span<const std::string> texts, size_t batch, Outputs& out,
                 const RunContext& context) {
    Embedder& embedder = embedderOf(model);
    out.tokens = embedder.tokenize(texts);
    out.textEmbeddings = Matrix(texts.size(), static_cast<size_t>(model.info().embeddingDim));
    context.begin("Encoding texts", static_cast<int64_t>(texts.size()));
    for (size_t start = 0; start < texts.size(); start += batch) {
        context.throwIfCancelled();
        const size_t count = std::min(batch, texts.size() - start), length = out.tokens.length;
        TokenBatch part{count, length, {}, {}};
        const auto from = static_cast<std::ptrdiff_t>(start * length);
        const auto to = static_cast<std::ptrdiff_t>((start + count) * length);
        part.ids.assign(out.tokens.ids.begin() + from, out.tokens.ids.begin() + to);
        part.attentionMask.assign(out.tokens.attentionMask.begin() + from,
                                  out.tokens.attentionMask.begin() + to);
        const Matrix rows = embedder.embedTokens(part);
        for (size_t i = 0; i < count; ++i)
            std::ranges::copy(rows.row(i), out.textEmbeddings.row(start + i).begin());
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    normalizeRows(out.textEmbeddings);
}

/// One clip, and the texts as that clip makes them.
void encodeClip(Model& model, std::span<const std::string> frames, std::span<const std::string> texts,
                Outputs& out, const RunContext& context) {
    const Prepared clip = preparedClip(model, frames, context);
    out.add(clip);
    out.imageEmbeddings = embedderOf(model).embedImages(std::span(&clip, 1), ImageFeature::Projected);
    normalizeRows(out.imageEmbeddings);
    if (texts.empty())
        return;
    out.tokens = embedderOf(model).tokenize(texts);
    const std::vector<std::string> list(texts.begin(), texts.end());
    TextMatches match = matcherOf(model).match(std::span(&clip, 1), std::span(&list, 1)).front();
    out.textEmbeddings = std::move(match.texts);
    normalizeRows(out.textEmbeddings);
    out.clipLogits = Matrix(1, texts.size());
    std::ranges::copy(match.logits.values(), out.clipLogits.values().begin());
}

/// [images, texts], as the model's own forward pass gives them.
Matrix logitsPerImage(const Outputs& out, const Similarity& similarity, const RunContext& context) {
    Matrix logits = multiplyTransposed(out.imageEmbeddings, out.textEmbeddings, context.threadCount());
    for (float& value : logits.values())
        value = static_cast<float>(similarity.logit(value));
    return logits;
}

template<class T>
TensorView view(const char* name, DType dtype, std::vector<int64_t> shape, std::span<const T> values) {
    return {name, dtype, std::move(shape), std::as_bytes(values)};
}

TensorView view(const char* name, const Matrix& matrix) {
    return view<float>(name, DType::F32,
                       {static_cast<int64_t>(matrix.rows()), static_cast<int64_t>(matrix.cols())},
                       matrix.values());
}

/// The names and shapes that transformers' models and processors give them.
std::vector<TensorView> namedTensors(const Outputs& out, const Matrix& logits) {
    std::vector<TensorView> tensors;
    const auto count = static_cast<int64_t>(out.imageEmbeddings.rows());
    const bool clip = out.pixelShape.size() == 4;
    if (count > 0) {
        std::vector<int64_t> shape = out.pixelShape;
        shape.insert(shape.begin(), count);
        tensors.push_back(view<float>("pixel_values", DType::F32, shape, out.pixels));
        tensors.push_back(view(clip ? "video_embeds" : "image_embeds", out.imageEmbeddings));
    }
    if (!out.grids.empty()) {
        tensors.push_back(view<int64_t>("spatial_shapes", DType::I64, {count, 2}, out.grids));
        tensors.push_back(view<int64_t>("pixel_attention_mask", DType::I64, {count, out.pixelShape.front()},
                                        out.patchMask));
    }
    if (out.tokens.count > 0) {
        const auto texts = static_cast<int64_t>(out.tokens.count);
        std::vector<int64_t> shape = {texts, static_cast<int64_t>(out.textEmbeddings.cols())};
        if (clip)
            shape.insert(shape.begin(), 1); // they belong to the one clip
        tensors.push_back(view<float>("text_embeds", DType::F32, shape, out.textEmbeddings.values()));
        tensors.push_back(view<int64_t>("input_ids", DType::I64,
                                        {texts, static_cast<int64_t>(out.tokens.length)}, out.tokens.ids));
    }
    if (clip && out.clipLogits.rows() > 0)
        tensors.push_back(view("logits_per_video", out.clipLogits));
    else if (logits.rows() > 0)
        tensors.push_back(view("logits_per_image", logits));
    return tensors;
}

/// @return true if they went to standard output
bool writeOutputs(Console& console, const std::string& path, const Outputs& out, const Model& model,
                  const RunContext& context) {
    Matrix logits;
    if (out.imageEmbeddings.rows() > 0 && out.tokens.count > 0 && out.clipLogits.rows() == 0)
        logits = logitsPerImage(out, model.info().similarity, context);
    const std::vector<TensorView> tensors = namedTensors(out, logits);
    const auto bytes =
        safetensorsBytes(tensors, {{"model", model.info().fingerprint},
                                   {"device", std::string(deviceName(model.compute().device))},
                                   {"precision", std::string(precisionName(model.compute().precision))},
                                   {"program", "diptych " + programVersion()}});
    return writeOutput(console, path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

int encodeFiles(const Options& options, CommandContext& context) {
    // Whatever is wrong with the small inputs is said before weights are loaded.
    const auto texts = options.textsFile.empty() ? std::vector<std::string>() : readTexts(options.textsFile);
    const auto model = openModel(Checkpoint::open(options.model), options.compute.compute());
    model->load();
    context.run.threads = options.compute.threads;
    const size_t batch = options.batch ? options.batch : std::max<size_t>(1, model->batchSize());
    Outputs out;
    if (!options.frames.empty())
        encodeClip(*model, options.frames, texts, out, context.run);
    if (!options.images.empty())
        encodeImages(*model, options.images, batch, out, context.run);
    if (!texts.empty() && options.frames.empty())
        encodeTexts(*model, texts, batch, out, context.run);
    if (writeOutputs(context.console, options.output, out, *model, context.run))
        return 0;
    const Compute& compute = model->compute();
    if (context.console.json())
        context.console.printJson({{"output", displayPath(options.output)},
                                   {"images", options.images.size()},
                                   {"frames", options.frames.size()},
                                   {"texts", texts.size()},
                                   {"dimensions", model->info().embeddingDim},
                                   {"device", deviceName(compute.device)},
                                   {"precision", precisionName(compute.precision)}});
    else
        context.console.print(
            fmt::format("Wrote {}: {}, {} texts, {} dimensions ({} on {})", displayPath(options.output),
                        options.frames.empty() ? fmt::format("{} images", options.images.size())
                                               : fmt::format("a clip of {} frames", options.frames.size()),
                        texts.size(), model->info().embeddingDim, precisionName(compute.precision),
                        deviceName(compute.device)));
    return 0;
}

int encodeDataset(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    if (options.verify)
        readImagesAgain(session->workspace(), options.dataset);
    RunSpec spec;
    spec.dataset = options.dataset;
    spec.model = options.model;
    spec.split = options.split;
    spec.device = parseDevice(options.compute.device);
    spec.precision = parsePrecision(options.compute.precision);
    spec.alpha = parseAlpha(options.compute.alpha);
    spec.threads = options.compute.threads;
    context.run.threads = options.compute.threads;
    const auto failures = session->encode(spec, context.run);
    const auto total = datasetByName(session->workspace(), options.dataset).sampleCount;
    if (context.console.json()) {
        OrderedJson object = {{"dataset", options.dataset}, {"samples", total}};
        object["failures"] = OrderedJson::array();
        for (const auto& failure : failures)
            object["failures"].push_back(
                {{"key", session->workspace().sample(failure.sample).key}, {"reason", failure.reason}});
        context.console.printJson(object);
        return 0;
    }
    for (const auto& failure : failures)
        context.console.warn(failure.reason);
    context.console.print(fmt::format(
        "Embeddings of '{}' are in the workspace{}", options.dataset,
        failures.empty() ? "" : fmt::format("; {} could not be read", countedImages(failures.size()))));
    return 0;
}

int runEncode(const Options& options, CommandContext& context) {
    const bool files = !options.images.empty() || !options.frames.empty() || !options.textsFile.empty();
    const bool dataset = !options.dataset.empty();
    if (files == dataset)
        throw UsageError("give either --images or --frames and/or --texts-file with --output, or --workspace "
                         "with --dataset");
    if (!options.images.empty() && !options.frames.empty())
        throw UsageError("give --images or, for a model of clips, --frames");
    if (files && options.output.empty())
        throw UsageError("--output is required with --images or --texts-file");
    if (dataset && options.workspace.empty())
        throw UsageError("--workspace is required with --dataset");
    return files ? encodeFiles(options, context) : encodeDataset(options, context);
}

} // namespace

void defineEncode(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(line.root(), "encode",
                                 "Encode images and texts into a .safetensors file (pixel_values, "
                                 "image_embeds, text_embeds, input_ids, logits_per_image; of a clip "
                                 "video_embeds and logits_per_video; embeddings of length 1), or a dataset "
                                 "into its workspace's cache.",
                                 "encode --model clip/ --images cat.jpg dog.png --output out.safetensors\n"
                                 "encode --model clip/ --texts-file texts.jsonl --device cpu --precision "
                                 "fp32 --output out.safetensors\n"
                                 "encode --workspace work --dataset pets --model clip/",
                                 [options](CommandContext& context) { return runEncode(*options, context); });
    command
        ->add_option("-m,--model", options->model, "Checkpoint folder (with --workspace also a model's name)")
        ->type_name("DIR")
        ->required();
    command->add_option("--images", options->images, "Image files")->type_name("FILE");
    command->add_option("--frames", options->frames, kFramesHelp)->type_name("FILE");
    command->add_option("--texts-file", options->textsFile, "Texts, one JSON string a line")
        ->type_name("FILE");
    command->add_option("-o,--output", options->output, "File to write, '-' for standard output")
        ->type_name("OUT.safetensors");
    addWorkspaceOption(command, options->workspace)->required(false);
    command->add_option("-d,--dataset", options->dataset, "Dataset of the workspace to encode")
        ->type_name("NAME");
    command->add_option("--split", options->split, "Only this split of the dataset")->type_name("NAME");
    addVerifyFlag(command, options->verify);
    command->add_option("--batch", options->batch, "Items a batch; 0 takes what suits the device")
        ->type_name("N")
        ->check(wholeNumber(0, 65536));
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

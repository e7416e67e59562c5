// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/tensor/safetensors.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

struct Options {
    std::string model, textsFile, output, workspace, dataset, split;
    std::vector<std::string> images;
    size_t batch = 0;
    ComputeOptions compute;
};

/// One JSON string a line; blank lines do not count.
std::vector<std::string> readTexts(const std::string& path) {
    const std::string content = readTextFile(path);
    std::vector<std::string> texts;
    size_t number = 0;
    for (size_t start = 0; start < content.size();) {
        const size_t end = std::min(content.find('\n', start), content.size());
        const std::string_view text = std::string_view(content).substr(start, end - start);
        start = end + 1;
        ++number;
        if (text.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        const std::string where = fmt::format("{}:{}", displayPath(path), number);
        const Json value = parseJson(text, where);
        if (!value.is_string())
            throw Error(ErrorCode::Corrupt, where + ": should be a JSON string such as \"a photo of a cat\"");
        texts.push_back(value.get<std::string>());
    }
    if (texts.empty())
        throw Error(ErrorCode::InvalidArgument, displayPath(path) + ": holds no text");
    return texts;
}

/// What goes into the output file, with its bytes.
struct Outputs {
    PixelBatch pixels;
    Matrix imageEmbeddings, textEmbeddings;
    TokenBatch tokens;
};

void decodeBatch(DualEncoder& encoder, const std::vector<std::string>& images, size_t start, size_t count,
                 PixelBatch& pixels, const RunContext& context) {
    const auto& processor = encoder.imageProcessor();
    parallelFor(
        count, context.threadCount(),
        [&](size_t i) {
            const auto done = withDecodedImage(images[start + i], [&](const Image& image) {
                processor.process(image, pixels.image(start + i));
            });
            if (!done)
                throw done.error();
        },
        context.stop);
    context.throwIfCancelled();
}

void encodeImages(DualEncoder& encoder, const std::vector<std::string>& images, size_t batch, Outputs& out,
                  const RunContext& context) {
    const auto& processor = encoder.imageProcessor();
    out.pixels = {images.size(), processor.outputHeight(), processor.outputWidth(), {}};
    out.pixels.values.resize(images.size() * out.pixels.imageSize());
    out.imageEmbeddings = Matrix(images.size(), static_cast<size_t>(encoder.info().embeddingDim));
    context.begin("Encoding images", static_cast<int64_t>(images.size()));
    for (size_t start = 0; start < images.size(); start += batch) {
        const size_t count = std::min(batch, images.size() - start);
        decodeBatch(encoder, images, start, count, out.pixels, context);
        PixelBatch part{count, out.pixels.height, out.pixels.width, {}};
        const auto first = out.pixels.values.begin() + static_cast<std::ptrdiff_t>(start * part.imageSize());
        part.values.assign(first, first + static_cast<std::ptrdiff_t>(count * part.imageSize()));
        const Matrix rows = encoder.encodeImages(part);
        for (size_t i = 0; i < count; ++i)
            std::ranges::copy(rows.row(i), out.imageEmbeddings.row(start + i).begin());
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    normalizeRows(out.imageEmbeddings);
}

void encodeTexts(DualEncoder& encoder, const std::vector<std::string>& texts, size_t batch, Outputs& out,
                 const RunContext& context) {
    out.tokens = encoder.tokenizer().encodeBatch(texts, static_cast<size_t>(encoder.info().contextLength));
    out.textEmbeddings = Matrix(texts.size(), static_cast<size_t>(encoder.info().embeddingDim));
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
        const Matrix rows = encoder.encodeTexts(part);
        for (size_t i = 0; i < count; ++i)
            std::ranges::copy(rows.row(i), out.textEmbeddings.row(start + i).begin());
        context.advance(static_cast<int64_t>(count));
    }
    context.end();
    normalizeRows(out.textEmbeddings);
}

template<class T>
TensorView view(const char* name, DType dtype, std::vector<int64_t> shape, std::span<const T> values) {
    return {name, dtype, std::move(shape), std::as_bytes(values)};
}

void writeOutputs(const std::string& path, const Outputs& out, const DualEncoder& encoder) {
    std::vector<TensorView> tensors;
    const auto size = [](size_t n) { return static_cast<int64_t>(n); };
    if (out.pixels.count > 0) {
        tensors.push_back(view<float>("pixel_values", DType::F32,
                                      {size(out.pixels.count), 3, out.pixels.height, out.pixels.width},
                                      out.pixels.values));
        tensors.push_back(view<float>("image_embeds", DType::F32,
                                      {size(out.imageEmbeddings.rows()), size(out.imageEmbeddings.cols())},
                                      out.imageEmbeddings.values()));
    }
    if (out.tokens.count > 0) {
        tensors.push_back(view<float>("text_embeds", DType::F32,
                                      {size(out.textEmbeddings.rows()), size(out.textEmbeddings.cols())},
                                      out.textEmbeddings.values()));
        tensors.push_back(view<int64_t>("input_ids", DType::I64,
                                        {size(out.tokens.count), size(out.tokens.length)}, out.tokens.ids));
    }
    writeSafetensors(path, tensors,
                     {{"model", encoder.info().fingerprint},
                      {"device", std::string(deviceName(encoder.device()))},
                      {"precision", std::string(precisionName(encoder.precision()))},
                      {"program", "diptych " + programVersion()}});
}

int encodeFiles(const Options& options, CommandContext& context) {
    // Whatever is wrong with the small inputs is said before weights are loaded.
    const auto texts = options.textsFile.empty() ? std::vector<std::string>() : readTexts(options.textsFile);
    const auto encoder = loadDualEncoder(Checkpoint::open(options.model), options.compute.encoderOptions());
    context.run.threads = options.compute.threads;
    const size_t batch = options.batch ? options.batch : std::max<size_t>(1, encoder->preferredBatchSize());
    Outputs out;
    if (!options.images.empty())
        encodeImages(*encoder, options.images, batch, out, context.run);
    if (!texts.empty())
        encodeTexts(*encoder, texts, batch, out, context.run);
    writeOutputs(options.output, out, *encoder);
    if (context.console.json())
        context.console.printJson({{"output", displayPath(options.output)},
                                   {"images", options.images.size()},
                                   {"texts", texts.size()},
                                   {"dimensions", encoder->info().embeddingDim},
                                   {"device", deviceName(encoder->device())},
                                   {"precision", precisionName(encoder->precision())}});
    else
        context.console.print(fmt::format("Wrote {}: {} images, {} texts, {} dimensions ({} on {})",
                                          displayPath(options.output), options.images.size(), texts.size(),
                                          encoder->info().embeddingDim, precisionName(encoder->precision()),
                                          deviceName(encoder->device())));
    return 0;
}

int encodeDataset(const Options& options, CommandContext& context) {
    const auto session = Session::open(options.workspace, WorkspaceMode::ReadWrite);
    RunSpec spec;
    spec.dataset = options.dataset;
    spec.model = options.model;
    spec.split = options.split;
    spec.device = parseDevice(options.compute.device);
    spec.precision = parsePrecision(options.compute.precision);
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
    context.console.print(fmt::format("Embeddings of '{}' are in the workspace{}", options.dataset,
                                      failures.empty()
                                          ? ""
                                          : fmt::format("; {} images could not be read",
                                                        formatCount(static_cast<int64_t>(failures.size())))));
    return 0;
}

int runEncode(const Options& options, CommandContext& context) {
    const bool files = !options.images.empty() || !options.textsFile.empty();
    const bool dataset = !options.dataset.empty();
    if (files == dataset)
        throw UsageError(
            "give either --images and/or --texts-file with --output, or --workspace with --dataset");
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
                                 "image_embeds, text_embeds, input_ids; "
                                 "embeddings of length 1), or a dataset into its workspace's cache.",
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
    command->add_option("--texts-file", options->textsFile, "Texts, one JSON string a line")
        ->type_name("FILE");
    command->add_option("-o,--output", options->output, "File to write")->type_name("OUT.safetensors");
    addWorkspaceOption(command, options->workspace)->required(false);
    command->add_option("-d,--dataset", options->dataset, "Dataset of the workspace to encode")
        ->type_name("NAME");
    command->add_option("--split", options->split, "Only this split of the dataset")->type_name("NAME");
    command->add_option("--batch", options->batch, "Items a batch; 0 takes what suits the device")
        ->type_name("N")
        ->check(CLI::Range(0, 65536));
    addComputeOptions(command, options->compute);
}

} // namespace diptych::cli

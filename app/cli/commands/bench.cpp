// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/shared.h"
#include "core/base/file.h"
#include "core/base/parallel.h"
#include "core/base/random.h"

#include <fmt/format.h>

#include <algorithm>

namespace diptych::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMadeWidth = 640, kMadeHeight = 480, kMadeQuality = 90;

struct Options {
    std::string model, images;
    size_t batch = 0, count = 64, repeats = 5;
    ComputeOptions compute;
};

/// Rates of the repetitions of one measurement, images a second.
struct Rates {
    std::vector<double> values;
    void add(size_t images, double seconds) { values.push_back(static_cast<double>(images) / seconds); }
    OrderedJson json() const {
        return {{"images_per_second", median(values)},
                {"slowest", *std::min_element(values.begin(), values.end())},
                {"fastest", *std::max_element(values.begin(), values.end())}};
    }
};

/// Smooth colours with grain, so that JPEG has something to do, as photographs give it.
Image madeImage(uint64_t seed) {
    Random random(seed);
    Image image{kMadeWidth, kMadeHeight, std::vector<uint8_t>(size_t{3} * kMadeWidth * kMadeHeight), {}};
    const double across = random.uniform(0.2, 1), down = random.uniform(0.2, 1);
    size_t at = 0;
    for (int y = 0; y < kMadeHeight; ++y)
        for (int x = 0; x < kMadeWidth; ++x)
            for (int channel = 0; channel < 3; ++channel)
                image.rgb[at++] =
                    static_cast<uint8_t>(40 + channel * 20 + across * x * 120 / kMadeWidth +
                                         down * y * 60 / kMadeHeight + static_cast<double>(random.below(16)));
    return image;
}

std::vector<fs::path> makeImages(const fs::path& folder, size_t count, const RunContext& context) {
    std::vector<fs::path> paths(count);
    fs::create_directories(folder);
    parallelFor(count, context.threadCount(), [&](size_t i) {
        paths[i] = folder / fmt::format("{:05}.jpg", i);
        writeFileAtomically(paths[i], std::span<const std::byte>(encodeJpeg(madeImage(i), kMadeQuality)));
    });
    return paths;
}

std::vector<fs::path> findImages(const fs::path& folder, size_t count) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->is_regular_file() && hasImageExtension(entry->path()))
            paths.push_back(entry->path());
    if (error)
        throw errnoError(error.value(), "cannot read", displayPath(folder));
    if (paths.empty())
        throw Error(ErrorCode::NotFound, displayPath(folder) + ": holds no images");
    std::sort(paths.begin(), paths.end());
    paths.resize(std::min(paths.size(), count));
    return paths;
}

/// The whole way: import, read, hash, decode, preprocess, encode, store; the model is loaded beforehand.
double endToEndSeconds(const Options& options, const std::vector<fs::path>& images,
                       const RunContext& context) {
    const TemporaryDirectory folder;
    const auto link = [&](const char* name, size_t first, size_t count) {
        fs::create_directories(folder.path() / name);
        for (size_t i = first; i < first + count; ++i)
            fs::copy_file(images[i],
                          folder.path() / name / (std::to_string(i) + images[i].extension().string()));
        return folder.path() / name;
    };
    const auto session = Session::openOrCreate(folder.path() / "workspace");
    RunSpec spec;
    spec.model = options.model;
    spec.device = parseDevice(options.compute.device);
    spec.precision = parsePrecision(options.compute.precision);
    spec.alpha = parseAlpha(options.compute.alpha);
    spec.threads = options.compute.threads;
    const RunContext quiet{context.stop, nullptr, 0, context.threads};
    spec.dataset = "warm-up";
    session->importDataset(link("warm-up", 0, 1), spec.dataset, {}, quiet);
    session->encode(spec, quiet);
    spec.dataset = "images";
    session->importDataset(link("images", 1, images.size() - 1), spec.dataset, {}, quiet);
    return secondsOf([&] { session->encode(spec, quiet); });
}

struct Measured {
    Rates decode, preprocess, encode, endToEnd;
};

class EncodeBench {
public:
    EncodeBench(const Options& options, std::vector<fs::path> images, const RunContext& context)
        : m_options(options), m_paths(std::move(images)), m_context(context) {
        const auto checkpoint = Checkpoint::open(options.model);
        m_model = openModel(checkpoint, options.compute.compute());
        m_model->load();
        if (!m_model->embedder())
            throw Error(ErrorCode::Unsupported,
                        fmt::format("{} has no embeddings of images", m_model->info().name));
        m_batch = options.batch ? options.batch : std::max<size_t>(1, m_model->batchSize());
    }

    size_t batch() const { return m_batch; }
    const Model& model() const { return *m_model; }

    Measured measure() {
        Measured out;
        std::vector<Image> decoded(m_paths.size());
        m_samples.resize(m_batch);
        m_context.begin("Measuring", static_cast<int64_t>(m_options.repeats));
        for (size_t round = 0; round < m_options.repeats; ++round) {
            m_context.throwIfCancelled();
            out.decode.add(m_paths.size(), secondsOf([&] { decode(decoded); }));
            out.preprocess.add(m_batch, secondsOf([&] { preprocess(decoded); }));
            if (round == 0)
                embed(); // the first call allocates and chooses kernels
            out.encode.add(m_batch, secondsOf([&] { embed(); }));
            if (m_paths.size() > 1)
                out.endToEnd.add(m_paths.size() - 1, endToEndSeconds(m_options, m_paths, m_context));
            m_context.advance();
        }
        m_context.end();
        return out;
    }

private:
    void decode(std::vector<Image>& decoded) {
        parallelFor(m_paths.size(), m_context.threadCount(), [&](size_t i) {
            auto image = decodeImage(m_paths[i]);
            if (!image)
                throw image.error();
            decoded[i] = std::move(*image);
        });
    }
    void preprocess(const std::vector<Image>& decoded) {
        parallelFor(m_batch, m_context.threadCount(), [&](size_t i) {
            m_samples[i] = m_model->prepare({&decoded[i % decoded.size()], 1});
        });
    }
    void embed() { m_model->embedder()->embedImages(m_samples, ImageFeature::Projected); }

    const Options& m_options;
    std::vector<fs::path> m_paths;
    const RunContext& m_context;
    std::unique_ptr<Model> m_model;
    size_t m_batch = 1;
    std::vector<Prepared> m_samples;
};

OrderedJson resultObject(const EncodeBench& bench, const Measured& measured, const Options& options,
                         const RunContext& context) {
    OrderedJson object;
    object["model"] = bench.model().info().name;
    object["device"] = deviceName(bench.model().compute().device);
    object["precision"] = precisionName(bench.model().compute().precision);
    object["threads"] = context.threadCount();
    object["batch"] = bench.batch();
    object["images"] =
        options.images.empty() ? fmt::format("made, {}x{} JPEG", kMadeWidth, kMadeHeight) : options.images;
    object["repeats"] = options.repeats;
    object["decode"] = measured.decode.json();
    object["preprocess"] = measured.preprocess.json();
    object["encode"] = measured.encode.json();
    if (!measured.endToEnd.values.empty())
        object["end_to_end"] = measured.endToEnd.json();
    return object;
}

void printResult(Console& console, const OrderedJson& object) {
    console.print(fmt::format("{}, {} on {}, {} threads, batches of {}", object["model"].get<std::string>(),
                              object["precision"].get<std::string>(), object["device"].get<std::string>(),
                              object["threads"].get<int>(), object["batch"].get<int>()));
    using enum Table::Align;
    Table table({{"Step"}, {"Images/s", Right}, {"Slowest", Right}, {"Fastest", Right}});
    for (const auto& [key, title] : {std::pair("decode", "Decode"), std::pair("preprocess", "Preprocess"),
                                     std::pair("encode", "Encode"), std::pair("end_to_end", "End to end")})
        if (object.contains(key))
            table.addRow({title, fmt::format("{:.1f}", object[key]["images_per_second"].get<double>()),
                          fmt::format("{:.1f}", object[key]["slowest"].get<double>()),
                          fmt::format("{:.1f}", object[key]["fastest"].get<double>())});
    console.printRaw(table.text());
}

int runBench(const Options& options, CommandContext& context) {
    context.run.threads = options.compute.threads;
    const TemporaryDirectory folder;
    auto images = options.images.empty() ? makeImages(folder.path() / "images", options.count, context.run)
                                         : findImages(options.images, options.count);
    EncodeBench bench(options, std::move(images), context.run);
    const Measured measured = bench.measure();
    const OrderedJson object = resultObject(bench, measured, options, context.run);
    if (context.console.json())
        context.console.printJson(object);
    else
        printResult(context.console, object);
    return 0;
}

} // namespace

void defineBench(CommandLine& line) {
    const auto options = std::make_shared<Options>();
    CLI::App* group = line.addGroup("bench", "Measure this machine.");
    CLI::App* command = line.add(
        *group, "encode",
        "Measure how many images a second are decoded, preprocessed, encoded, and brought all the way from "
        "file to workspace. Medians.",
        "bench encode --model clip/\nbench encode --model clip/ --images photos/ --precision bf16 --json",
        [options](CommandContext& context) { return runBench(*options, context); });
    command->add_option("-m,--model", options->model, "Checkpoint folder")->type_name("DIR")->required();
    command->add_option("--images", options->images, "Folder of images; made ones where not given")
        ->type_name("DIR");
    command->add_option("--count", options->count, "At most so many images")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 1000000));
    command->add_option("--batch", options->batch, "Images a batch; 0 takes what suits the device")
        ->type_name("N")
        ->check(wholeNumber(0, 65536));
    command->add_option("--repeats", options->repeats, "Repetitions of each measurement")
        ->capture_default_str()
        ->type_name("N")
        ->check(wholeNumber(1, 1000));
    addComputeOptions(command, options->compute);
    defineBenchSearch(line, *group);
    defineBenchMap(line, *group);
    defineBenchProbe(line, *group);
    defineBenchPrompts(line, *group);
}

} // namespace diptych::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/bench_support.h"
#include "app/cli/commands/shared.h"
#include "core/session/prompt_workbench.h"

#include <fmt/format.h>

namespace diptych::cli {
namespace {

struct Options {
    size_t images = 10'000, classes = 100, templates = 80, repetitions = 5;
    EmbeddingOptions made{.clusters = 100};
};

/// Milliseconds of a workbench among made embeddings, without a text tower.
class PromptBench {
public:
    PromptBench(const Options& options, const RunContext& context)
        : m_options(options), m_context(context), m_workbench(makeImages(), [this](auto texts, const auto&) {
              m_encoded += texts.size();
              return madeEmbeddings(texts.size(), m_encoded, m_options.made, m_context);
          }) {
        for (size_t t = 0; t < options.templates; ++t)
            m_prompts.templates.push_back(fmt::format("template {} of {{}}", t));
    }

    struct Times {
        double first = 0, ensemble = 0, templates = 0;
        size_t encoded = 0;
    };
    Times measure() {
        Times times;
        const std::vector<uint8_t> used(m_prompts.templates.size(), 1);
        times.first = 1000 * secondsOf([&] {
                          m_workbench.score(m_prompts, kResamples, m_context);
                          m_workbench.templates(m_prompts, used, m_context);
                      });
        std::vector<double> ensemble, templates;
        for (size_t i = 0; i < m_options.repetitions; ++i) {
            m_prompts.templates[i % m_prompts.templates.size()] = fmt::format("edit {} of {{}}", i);
            ensemble.push_back(1000 * secondsOf([&] {
                                   times.encoded =
                                       m_workbench.score(m_prompts, kResamples, m_context).encoded;
                               }));
            templates.push_back(1000 * secondsOf([&] { m_workbench.templates(m_prompts, used, m_context); }));
        }
        times.ensemble = median(ensemble);
        times.templates = median(templates);
        return times;
    }

private:
    static constexpr size_t kResamples = 1000;

    WorkbenchImages makeImages() const {
        WorkbenchImages images;
        images.rows = madeEmbeddings(m_options.images, 0, m_options.made, m_context);
        for (size_t c = 0; c < m_options.classes; ++c)
            images.classNames.push_back(fmt::format("class {}", c));
        for (size_t i = 0; i < m_options.images; ++i) {
            images.ids.push_back({static_cast<int64_t>(i) + 1});
            images.labels.push_back(static_cast<int>(i % m_options.classes));
        }
        return images;
    }
    const Options& m_options;
    const RunContext& m_context;
    size_t m_encoded = 0;
    PromptSet m_prompts;
    PromptWorkbench m_workbench;
};

int runBench(const Options& options, CommandContext& context) {
    context.run.threads = options.made.threads;
    PromptBench bench(options, context.run);
    const PromptBench::Times times = bench.measure();
    if (context.console.json()) {
        context.console.printJson({{"images", options.images},
                                   {"classes", options.classes},
                                   {"templates", options.templates},
                                   {"dimension", options.made.dimension},
                                   {"threads", context.run.threadCount()},
                                   {"texts_encoded_by_an_edit", times.encoded},
                                   {"first_milliseconds", times.first},
                                   {"ensemble_milliseconds", times.ensemble},
                                   {"templates_milliseconds", times.templates}});
        return 0;
    }
    context.console.print(fmt::format("{} classes x {} templates on {} images of {} dimensions: all at first "
                                      "{:.0f} ms; after an edit of one "
                                      "template ({} new texts, not counted) the ensemble with its interval "
                                      "{:.0f} ms, every template alone and "
                                      "left out {:.0f} ms (medians of {})",
                                      options.classes, options.templates, options.images,
                                      options.made.dimension, times.first, times.encoded, times.ensemble,
                                      times.templates, options.repetitions));
    return 0;
}

} // namespace

void defineBenchPrompts(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = line.add(
        group, "prompts",
        "Measure how long the prompt workbench takes among made embeddings, as the page Prompts and 'diptych "
        "prompts score' do once texts and images are encoded.",
        "bench prompts\nbench prompts --images 50000 --classes 1000 --templates 7 --json",
        [options](CommandContext& context) { return runBench(*options, context); });
    const auto add = [&](const char* name, size_t& value, const char* help, int64_t least, int64_t most) {
        command->add_option(name, value, help)
            ->capture_default_str()
            ->type_name("N")
            ->check(wholeNumber(least, most));
    };
    add("--images", options->images, "Labelled images", 2, 10'000'000);
    add("--classes", options->classes, "Classes", 2, 100'000);
    add("--templates", options->templates, "Templates", 1, 10'000);
    add("--repetitions", options->repetitions, "Edits to measure", 1, 1000);
    addEmbeddingOptions(command, options->made);
}

} // namespace diptych::cli

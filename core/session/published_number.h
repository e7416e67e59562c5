// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metrics/published.h"
#include "core/session/run_protocols.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diptych {

/// A number somebody else has published, as it was written.
struct PublishedNumber {
    double value = 0;    ///< in the metric's unit; of a share in [0, 1]
    double rounding = 0; ///< half of its last digit: 63.2 % may be 63.15 to 63.25
    size_t n = 0;        ///< images it was measured on; 0 = as many as the run
    std::string metric;  ///< name of the run's metric; empty = the first
};

/// "63.2", "63.2 %" and "0.632" are the same of a share, "31.4" of other units is as it stands.
/// @param text as somebody types it @param unit of the metric
/// @throws Error InvalidArgument saying what is taken
PublishedNumber parsePublished(const std::string& text, const Metric& metric);

/// A known cause of differences between two measurements of one model, and what this run says of it.
struct KnownCause {
    enum class State {
        Same,    ///< the run does what is published mostly; not the cause
        Differs, ///< the run does something else, or something has happened to it
        Unknown  ///< nothing the run knows tells; to be compared by hand
    };
    std::string id;    ///< "images", "prompts", "metric", ...
    std::string title; ///< "Images", "Prompts", ...
    State state = State::Unknown;
    std::string finding; ///< a sentence about this run
};

struct PublishedCheck {
    RunRecord run; ///< whole
    Metric metric; ///< of the run, which is compared
    PublishedNumber published;
    double difference = 0; ///< the run's less the published
    std::optional<Interval>
        interval; ///< of the difference by sampling alone, on other images; none if unknown
    double pValue = 1;
    bool withinRounding = false;         ///< the same number, as far as it was printed
    bool withinSampling = false;         ///< 0 lies in the interval
    std::optional<double> flippedImages; ///< of a share on as many images: how many make up the difference
    std::optional<double> smallestApart, smallestPaired, smallestAtAll; ///< of a share; paired at 5 % flips
    std::string verdict;                                                ///< in words
    std::vector<KnownCause> causes;                                     ///< those that differ first
};

/// Whether a run's number is the published one, and if not, why that may be.
/// @param protocols of runProtocols() for the same run, where they were counted; null = not counted
/// @throws Error InvalidArgument (a metric the run has not, a value out of its range)
PublishedCheck checkPublished(const RunRecord& run, const PublishedNumber& published,
                              const RunProtocols* protocols);

/// "The smallest difference this set can show: 4.3 points to a number from other images, ..."; empty where it
/// is not known.
std::string smallestDifferenceText(const PublishedCheck& check);

/// "same", "differs", "unknown"
std::string_view knownCauseStateName(KnownCause::State state);

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/nn/config_section.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace diptych {
namespace {

struct NamedActivation {
    std::string_view name;
    Activation activation;
};
constexpr std::array<NamedActivation, 4> kActivations = {{{"quick_gelu", Activation::QuickGelu},
                                                          {"gelu", Activation::Gelu},
                                                          {"gelu_pytorch_tanh", Activation::GeluTanh},
                                                          {"gelu_new", Activation::GeluTanh}}};

std::optional<Activation> activationFrom(std::string_view name) {
    for (const NamedActivation& entry : kActivations)
        if (entry.name == name)
            return entry.activation;
    return std::nullopt;
}

/// "quick_gelu, gelu, ..."
std::string knownActivations() {
    std::string known;
    for (const NamedActivation& entry : kActivations)
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    return known;
}

} // namespace

std::string_view activationName(Activation activation) {
    for (const NamedActivation& entry : kActivations)
        if (entry.activation == activation)
            return entry.name;
    DIPTYCH_ASSERT(!"every activation has a name");
    return {};
}

ConfigSection::ConfigSection(const Json& object, std::string where)
    : m_object(object), m_where(std::move(where)) {
    if (!object.is_object())
        throw Error(ErrorCode::Corrupt, fmt::format("{}: should be a JSON object", m_where));
}

ConfigSection ConfigSection::section(const char* key) const {
    static const Json kEmpty = Json::object();
    const auto found = m_object.find(key);
    return {found != m_object.end() && !found->is_null() ? *found : kEmpty,
            fmt::format("{}, {}", m_where, key)};
}

bool ConfigSection::has(const char* key) const {
    const auto found = m_object.find(key);
    return found != m_object.end() && !found->is_null();
}

int64_t ConfigSection::integer(const char* key, int64_t fallback) const {
    return jsonInt(m_object, key, fallback, m_where);
}

int64_t ConfigSection::size(const char* key, int64_t fallback, int64_t most) const {
    const int64_t value = integer(key, fallback);
    if (value < 1 || value > most)
        fail(ErrorCode::LimitExceeded, fmt::format("'{}' is {}; 1 to {} is allowed", key, value, most));
    return value;
}

double ConfigSection::number(const char* key, double fallback) const {
    return jsonNumber(m_object, key, fallback, m_where);
}

std::string ConfigSection::text(const char* key, const std::string& fallback) const {
    return jsonString(m_object, key, fallback, m_where);
}

bool ConfigSection::flag(const char* key, bool fallback) const {
    return jsonBool(m_object, key, fallback, m_where);
}

std::vector<int64_t> ConfigSection::integers(const char* key, const std::vector<int64_t>& fallback) const {
    if (!has(key))
        return fallback;
    const Json& list = m_object.at(key);
    std::vector<int64_t> values;
    if (list.is_array())
        for (const Json& value : list)
            if (value.is_number_integer())
                values.push_back(value.get<int64_t>());
    if (!list.is_array() || values.size() != list.size())
        fail(ErrorCode::Corrupt, fmt::format("'{}' should be a list of whole numbers", key));
    return values;
}

Activation ConfigSection::activation(const char* key, Activation fallback) const {
    const std::string name = text(key, std::string(activationName(fallback)));
    const auto found = activationFrom(name);
    if (!found)
        fail(ErrorCode::Unsupported,
             fmt::format("'{}' is '{}'; {} are known", key, toValidUtf8(name), knownActivations()));
    return *found;
}

double ConfigSection::epsilon(const char* key, double fallback) const {
    const double value = number(key, fallback);
    if (!(value > 0 && value < 1))
        fail(ErrorCode::Corrupt, fmt::format("'{}' is {}; between 0 and 1 is allowed", key, value));
    return value;
}

void ConfigSection::fail(ErrorCode code, const std::string& problem) const {
    throw Error(code, fmt::format("{}: {}", m_where, problem));
}

} // namespace diptych

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/render.h"

#include "core/blocks/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace diptych::blocks {

namespace {

/// Colours are written as they look (the root of the light's amount) and squared for computing with light.
Vec light(double r, double g, double b) {
    return {r * r, g * g, b * b};
}

Vec colourOf(Colour colour) {
    switch (colour) {
    case Colour::Red:
        return light(0.86, 0.13, 0.14);
    case Colour::Orange:
        return light(0.97, 0.50, 0.07);
    case Colour::Yellow:
        return light(0.98, 0.86, 0.15);
    case Colour::Green:
        return light(0.16, 0.66, 0.24);
    case Colour::Cyan:
        return light(0.15, 0.78, 0.84);
    case Colour::Blue:
        return light(0.14, 0.31, 0.85);
    case Colour::Purple:
        return light(0.55, 0.22, 0.75);
    case Colour::Grey:
        return light(0.50, 0.50, 0.51);
    }
    return {};
}

Vec floorColour(int index) {
    static const std::array<Vec, kFloorCount> kColours = {
        light(0.86, 0.86, 0.85), light(0.84, 0.79, 0.72), light(0.74, 0.79, 0.84), light(0.77, 0.82, 0.75),
        light(0.83, 0.76, 0.79), light(0.72, 0.66, 0.59), light(0.36, 0.38, 0.42), light(0.92, 0.90, 0.86)};
    return kColours[static_cast<size_t>(index)];
}

/// Rays along one side of a pixel that lies on an edge; odd, so that one goes through its middle.
constexpr int kSamples = 3;
/// Numbers of surfaces that an object may have.
constexpr int kFaces = 8;

/// A well-mixed number in [0, 1) for a whole-numbered place; for speckles.
double grain(int64_t x, int64_t y) {
    uint64_t z =
        static_cast<uint64_t>(x) * 0x9E3779B97F4A7C15ull ^ static_cast<uint64_t>(y) * 0xC2B2AE3D27D4EB4Full;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

int64_t wholeBelow(double v) {
    const auto t = static_cast<int64_t>(v);
    return v < static_cast<double>(t) ? t - 1 : t;
}

/// A square wave of period 2 between -1 and 1 with soft flanks.
double softSide(double v) {
    const int64_t whole = wholeBelow(v);
    const double fraction = v - static_cast<double>(whole);
    const double flank = 2 * smooth(0, 0.06, fraction) - 1;
    const double rise = fraction < 0.06 ? flank : 1;
    return (whole & 1) ? -rise : rise;
}

/// What one ray sees: a colour, and a number that differs between surfaces that meet at an edge.
struct Sample {
    Vec colour;
    int surface = 0;
};

class Renderer {
public:
    explicit Renderer(const Scene& scene);
    /// @param u,v position in the picture, -1..1, v upwards
    Sample sample(double u, double v) const;

private:
    Sample floorSample(const Vec& point) const;
    Vec floorPattern(const Vec& point) const;
    Vec shade(size_t index, const Hit& hit, const Vec& point, const Vec& direction) const;
    /// Light that reaches a point past the solids, 0..1. @param except index of a solid to leave out, or -1
    double lightAt(const Vec& point, int except) const;
    /// What a mirror sees in the direction, roughly: floor below, a bright studio above with two lamps.
    Vec environment(const Vec& direction) const;

    std::vector<Solid> m_solids;
    std::vector<Vec> m_albedo;
    std::vector<bool> m_shiny;
    Surroundings m_around;
    Vec m_camera, m_forward, m_up, m_toLight, m_floor;
    double m_halfWidth = 0, m_strength = 1;
};

Renderer::Renderer(const Scene& scene) : m_around(scene.surroundings) {
    for (const Object& object : scene.objects) {
        m_solids.emplace_back(object);
        m_albedo.push_back(colourOf(object.colour) * (1 + 0.045 * object.shade));
        m_shiny.push_back(object.material == Material::Shiny);
    }
    // tan of half the pitch: 37 degrees give or take 4; cosine and sine follow without libm
    const double t = 0.34 + 0.012 * m_around.pitch;
    const double cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    m_forward = {0, cosine, -sine};
    m_up = {0, sine, cosine};
    const double distance = 11;
    m_camera = Vec{0, -0.02, 0.42} - m_forward * distance;
    m_halfWidth = 2.62 / distance * 100 / m_around.zoom;
    double x = 0, y = 0;
    turnVector(m_around.lightTurn, y, x); // 32 is straight from behind the camera
    m_toLight = normalized({x * 0.75, y * 0.55, 0.95});
    m_strength = 1 + 0.03 * m_around.lightLevel;
    m_floor = floorColour(m_around.floor);
}

Sample Renderer::sample(double u, double v) const {
    const Vec direction = normalized(m_forward + Vec{m_halfWidth * u, 0, 0} + m_up * (m_halfWidth * v));
    Hit nearest;
    size_t index = m_solids.size();
    for (size_t i = 0; i < m_solids.size(); ++i) {
        Hit hit;
        if (m_solids[i].intersect(m_camera, direction, hit) && hit.t < nearest.t) {
            nearest = hit;
            index = i;
        }
    }
    if (index == m_solids.size())
        return floorSample(m_camera + direction * (m_camera.z / -direction.z));
    const Vec point = m_camera + direction * nearest.t;
    return {shade(index, nearest, point, direction), static_cast<int>(index + 1) * kFaces + nearest.face};
}

Vec Renderer::floorPattern(const Vec& point) const {
    switch (m_around.pattern) {
    case 1: { // checks, their borders blurred by about a pixel of a small picture
        const double x = softSide(point.x * 0.9 + 0.5), y = softSide(point.y * 0.9);
        return m_floor * (0.955 + 0.045 * x * y);
    }
    case 2: { // boards, each with its own tone
        const double across = point.x * 1.25 + 0.3;
        const int64_t board = wholeBelow(across);
        const double mix = smooth(0.94, 1.0, across - static_cast<double>(board));
        const double tone = grain(board, m_around.floor) * (1 - mix) + grain(board + 1, m_around.floor) * mix;
        return m_floor * (0.88 + 0.13 * tone);
    }
    case 3: { // speckles, blurred over a cell so that they have no edges
        const int64_t x = wholeBelow(point.x * 6), y = wholeBelow(point.y * 4);
        const double fx = smooth(0, 1, point.x * 6 - static_cast<double>(x));
        const double fy = smooth(0, 1, point.y * 4 - static_cast<double>(y));
        const double low = grain(x, y) * (1 - fx) + grain(x + 1, y) * fx;
        const double high = grain(x, y + 1) * (1 - fx) + grain(x + 1, y + 1) * fx;
        return m_floor * (0.90 + 0.13 * (low * (1 - fy) + high * fy));
    }
    default:
        return m_floor;
    }
}

Sample Renderer::floorSample(const Vec& point) const {
    Sample out;
    const Vec base = floorPattern(point);
    double open = 1; // how much of the sky the point sees: darker close to a solid
    for (const Solid& solid : m_solids) {
        const Vec toSolid = solid.centre() - point;
        const double d2 = dot(toSolid, toSolid);
        const double r = 0.75 * solid.scale();
        open *= 1 - 0.62 * clamp01(toSolid.z / std::sqrt(d2) * (r * r / d2));
    }
    // The light falls off towards the edges of the set.
    const double dx = point.x, dy = point.y * 0.55;
    const double vignette = std::max(0.72, 1 - 0.022 * (dx * dx + dy * dy));
    const double lit = lightAt(point, -1);
    out.colour = base * ((0.42 * open + 0.60 * lit) * vignette * m_strength);
    return out;
}

double Renderer::lightAt(const Vec& point, int except) const {
    double lit = 1;
    for (size_t i = 0; i < m_solids.size(); ++i) {
        if (static_cast<int>(i) == except)
            continue;
        const Solid& solid = m_solids[i];
        const Vec toSolid = solid.centre() - point;
        const double along = dot(toSolid, m_toLight);
        const double margin = solid.reach() * 1.25;
        const double off2 = dot(toSolid, toSolid) - along * along;
        if (along < -margin || off2 > margin * margin)
            continue;
        // March towards the light; the closest pass, seen from the point, says how soft the shadow is.
        double t = std::max(0.02, along - margin), closest = 1;
        for (int step = 0; step < 28 && t < along + margin; ++step) {
            const double gap = solid.distance(point + m_toLight * t);
            closest = std::min(closest, 0.5 + 0.5 * gap / (0.11 * t + 0.02));
            if (closest <= 0)
                break;
            t += std::clamp(gap, 0.03, 0.5);
        }
        closest = clamp01(closest);
        lit *= closest * closest * (3 - 2 * closest);
    }
    return lit;
}

Vec Renderer::environment(const Vec& d) const {
    if (d.z < 0)
        return m_floor * (0.75 + 0.45 * d.z);
    Vec sky = Vec{0.42, 0.44, 0.48} * (0.35 + 0.75 * d.z);
    const double lamp = smooth(0.84, 0.90, dot(d, m_toLight));
    const Vec other = normalized({-m_toLight.x, -0.5, 0.55});
    const double fill = smooth(0.88, 0.93, dot(d, other));
    // A bright band low on the wall, as of windows.
    const double band = smooth(0.04, 0.20, d.z) * (1 - smooth(0.30, 0.52, d.z));
    return sky + Vec{2.2, 2.2, 2.15} * lamp + Vec{0.8, 0.82, 0.9} * fill + Vec{0.55, 0.56, 0.58} * band;
}

Vec Renderer::shade(size_t index, const Hit& hit, const Vec& point, const Vec& direction) const {
    const Vec& n = hit.normal;
    const Vec& albedo = m_albedo[index];
    const double lit = lightAt(point + n * 0.01, static_cast<int>(index));
    const double facing = std::max(0.0, dot(n, m_toLight));
    const double height = clamp01(point.z / (1.2 * m_solids[index].scale()));
    const double open = (0.62 + 0.38 * height) * (0.72 + 0.28 * n.z);
    const Vec bounce = m_floor * (0.16 * (1 - n.z) * (1 - 0.5 * height));
    const Vec ambient = Vec{0.40, 0.41, 0.43} * open + bounce;
    const Vec direct = Vec{0.88, 0.87, 0.84} * (facing * lit);
    const double towards = std::max(0.0, -dot(n, direction));
    const Vec mirror = direction + n * (2 * towards);
    if (!m_shiny[index]) {
        const double rim = (1 - towards) * (1 - towards) * (1 - towards);
        return (albedo * (ambient + direct) + Vec{0.05, 0.05, 0.05} * rim) * m_strength;
    }
    // Lacquered metal: mirrors its surroundings in its own colour, more and whiter at grazing angles.
    const double graze = 1 - towards;
    const double fresnel = graze * graze * graze * graze * graze;
    const Vec tint = albedo * 0.9 + Vec{0.07, 0.07, 0.07};
    // The studio is not infinitely far, so what a flat face mirrors changes across it.
    const Vec offset = (point - m_solids[index].centre()) * (0.75 / m_solids[index].scale());
    const Vec mirrored = environment(normalized(mirror + offset));
    const double glint = smooth(0.955, 0.985, dot(mirror, m_toLight)) * lit;
    return (albedo * (ambient * 0.50 + direct * 0.52) + mirrored * tint * (0.62 + 0.3 * fresnel) +
            mirrored * (0.05 + 0.2 * fresnel) + Vec{0.9, 0.9, 0.88} * glint) *
           m_strength;
}

uint8_t toByte(double amount) {
    return static_cast<uint8_t>(std::sqrt(clamp01(amount)) * 255 + 0.5);
}

void checkSize(int size) {
    if (size < 16 || size > 1024)
        throw Error(
            ErrorCode::InvalidArgument,
            fmt::format("Blocks: a picture of {} pixels a side is asked for; 16 to 1024 can be made", size));
}

} // namespace

std::vector<uint8_t> objectsSeen(const Scene& scene, int size) {
    checkSize(size);
    const Renderer renderer(scene);
    std::vector<uint8_t> seen;
    for (int row = 0; row < size; ++row)
        for (int column = 0; column < size; ++column)
            seen.push_back(static_cast<uint8_t>(
                renderer.sample((2 * column + 1.0) / size - 1, 1 - (2 * row + 1.0) / size).surface / kFaces));
    return seen;
}

Image renderScene(const Scene& scene, int size) {
    checkSize(size);
    const Renderer renderer(scene);
    const auto n = static_cast<size_t>(size);
    // One ray a pixel finds the surfaces, with a border of one pixel; only where they change are more cast.
    std::vector<Sample> first((n + 2) * (n + 2));
    const double step = 2.0 / size;
    const auto across = [&](double column) { return column * step - 1; };
    for (size_t row = 0; row < n + 2; ++row) {
        for (size_t column = 0; column < n + 2; ++column)
            first[row * (n + 2) + column] = renderer.sample(across(static_cast<double>(column) - 0.5),
                                                            -across(static_cast<double>(row) - 0.5));
    }
    Image image;
    image.width = image.height = size;
    image.rgb.resize(n * n * 3);
    for (size_t row = 0; row < n; ++row) {
        for (size_t column = 0; column < n; ++column) {
            const Sample* middle = &first[(row + 1) * (n + 2) + column + 1];
            const auto below = static_cast<std::ptrdiff_t>(n + 2);
            const bool edge = middle[-1].surface != middle->surface || middle[1].surface != middle->surface ||
                              middle[-below].surface != middle->surface ||
                              middle[below].surface != middle->surface;
            Vec colour = middle->colour;
            if (edge) {
                for (int s = 0; s < kSamples * kSamples; ++s) {
                    if (s == kSamples * kSamples / 2)
                        continue; // the middle one is there already
                    const double dx = (s % kSamples + 0.5) / kSamples, dy = (s / kSamples + 0.5) / kSamples;
                    colour = colour + renderer
                                          .sample(across(static_cast<double>(column) + dx),
                                                  -across(static_cast<double>(row) + dy))
                                          .colour;
                }
                colour = colour * (1.0 / (kSamples * kSamples));
            }
            uint8_t* out = &image.rgb[(row * n + column) * 3];
            out[0] = toByte(colour.x);
            out[1] = toByte(colour.y);
            out[2] = toByte(colour.z);
        }
    }
    return image;
}

} // namespace diptych::blocks

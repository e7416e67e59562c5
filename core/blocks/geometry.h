// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/scene.h"

#include <cmath>

/// The solids as a ray meets them. Internal to Blocks' renderer.
namespace diptych::blocks {

struct Vec {
    double x = 0, y = 0, z = 0;
    friend Vec operator+(const Vec& a, const Vec& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
    friend Vec operator-(const Vec& a, const Vec& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
    friend Vec operator*(const Vec& a, double s) { return {a.x * s, a.y * s, a.z * s}; }
    friend Vec operator*(const Vec& a, const Vec& b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
};
inline double dot(const Vec& a, const Vec& b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec normalized(const Vec& a) {
    return a * (1.0 / std::sqrt(dot(a, a)));
}
inline double clamp01(double v) {
    return v < 0 ? 0 : v > 1 ? 1 : v;
}
inline double smooth(double low, double high, double v) {
    const double t = clamp01((v - low) / (high - low));
    return t * t * (3 - 2 * t);
}

/// Where a ray meets a solid: distance along the ray, surface normal, and which face (for finding edges).
struct Hit {
    double t = 1e30;
    Vec normal;
    int face = 0;
};

/// A solid placed in the world. Shapes are defined with radius 1 standing on z = 0.
class Solid {
public:
    explicit Solid(const Object& object);
    /// The nearest hit in front of the ray's origin, if any. @param direction of length 1
    bool intersect(const Vec& origin, const Vec& direction, Hit& hit) const;
    /// At most the distance from a point to the surface, negative inside (a bound, exact for most shapes).
    double distance(const Vec& point) const;
    /// Sphere that holds the solid.
    const Vec& centre() const { return m_centre; }
    double reach() const { return m_reach; }
    double scale() const { return m_scale; }

private:
    Vec toLocal(const Vec& v) const { return {m_cos * v.x + m_sin * v.y, m_cos * v.y - m_sin * v.x, v.z}; }
    Vec toWorld(const Vec& v) const { return {m_cos * v.x - m_sin * v.y, m_sin * v.x + m_cos * v.y, v.z}; }

    Shape m_shape;
    double m_scale, m_cos, m_sin;
    Vec m_base, m_centre;
    double m_reach;
};

/// Cosine and sine of a whole number of 64ths of a turn, by repeated multiplication: no libm, so the same
/// everywhere.
void turnVector(int turn, double& cosine, double& sine);

} // namespace diptych::blocks

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/geometry.h"

#include <algorithm>
#include <array>

namespace diptych::blocks {

namespace {

constexpr double kFar = 1e30;
constexpr double kCubeHalf = 0.78, kCubeHeight = 1.56;
constexpr double kCylinderRadius = 0.76, kCylinderHeight = 1.65;
constexpr double kConeRadius = 1.0, kConeHeight = 1.95;
constexpr double kPyramidHalf = 0.86, kPyramidHeight = 1.7;
constexpr double kRingMajor = 0.72, kRingMinor = 0.27, kRingHeight = kRingMajor + kRingMinor;

/// Half space dot(normal, p) <= offset; a convex solid is an intersection of these.
struct Plane {
    Vec normal;
    double offset;
};

template<size_t N>
bool intersectConvex(const std::array<Plane, N>& planes, const Vec& o, const Vec& d, Hit& hit) {
    double enter = -kFar, leave = kFar;
    size_t face = 0;
    for (size_t i = 0; i < N; ++i) {
        const double slope = dot(planes[i].normal, d);
        const double gap = planes[i].offset - dot(planes[i].normal, o);
        if (slope == 0) {
            if (gap < 0)
                return false;
            continue;
        }
        const double t = gap / slope;
        if (slope < 0 && t > enter) {
            enter = t;
            face = i;
        } else if (slope > 0 && t < leave) {
            leave = t;
        }
    }
    if (enter > leave || enter <= 0)
        return false;
    hit = {enter, planes[face].normal, static_cast<int>(face)};
    return true;
}

template<size_t N>
double distanceConvex(const std::array<Plane, N>& planes, const Vec& p) {
    double d = -kFar;
    for (const Plane& plane : planes)
        d = std::max(d, dot(plane.normal, p) - plane.offset);
    return d;
}

const std::array<Plane, 6>& cubePlanes() {
    static const std::array<Plane, 6> kPlanes = {{{{1, 0, 0}, kCubeHalf},
                                                  {{-1, 0, 0}, kCubeHalf},
                                                  {{0, 1, 0}, kCubeHalf},
                                                  {{0, -1, 0}, kCubeHalf},
                                                  {{0, 0, 1}, kCubeHeight},
                                                  {{0, 0, -1}, 0}}};
    return kPlanes;
}

const std::array<Plane, 5>& pyramidPlanes() {
    static const std::array<Plane, 5> kPlanes = [] {
        const double length = std::sqrt(kPyramidHeight * kPyramidHeight + kPyramidHalf * kPyramidHalf);
        const double side = kPyramidHeight / length, up = kPyramidHalf / length;
        const double offset = side * kPyramidHalf;
        return std::array<Plane, 5>{{{{side, 0, up}, offset},
                                     {{-side, 0, up}, offset},
                                     {{0, side, up}, offset},
                                     {{0, -side, up}, offset},
                                     {{0, 0, -1}, 0}}};
    }();
    return kPlanes;
}

bool intersectSphere(const Vec& o, const Vec& d, Hit& hit) {
    const Vec c = o - Vec{0, 0, 1};
    const double b = dot(c, d), q = b * b - dot(c, c) + 1;
    if (q <= 0)
        return false;
    const double t = -b - std::sqrt(q);
    if (t <= 0)
        return false;
    hit = {t, c + d * t, 0};
    return true;
}

bool intersectCylinder(const Vec& o, const Vec& d, Hit& hit) {
    bool found = false;
    const double a = d.x * d.x + d.y * d.y;
    const double b = o.x * d.x + o.y * d.y;
    const double c = o.x * o.x + o.y * o.y - kCylinderRadius * kCylinderRadius;
    const double q = b * b - a * c;
    if (q > 0 && a > 0) {
        const double t = (-b - std::sqrt(q)) / a;
        const double z = o.z + d.z * t;
        if (t > 0 && z >= 0 && z <= kCylinderHeight) {
            hit = {t, Vec{o.x + d.x * t, o.y + d.y * t, 0} * (1 / kCylinderRadius), 0};
            found = true;
        }
    }
    if (d.z < 0) {
        const double t = (kCylinderHeight - o.z) / d.z;
        const double x = o.x + d.x * t, y = o.y + d.y * t;
        if (t > 0 && x * x + y * y <= kCylinderRadius * kCylinderRadius && (!found || t < hit.t)) {
            hit = {t, {0, 0, 1}, 1};
            found = true;
        }
    }
    return found;
}

bool intersectCone(const Vec& o, const Vec& d, Hit& hit) {
    // x^2 + y^2 = (k (h - z))^2 with k = radius / height
    constexpr double k = kConeRadius / kConeHeight, k2 = k * k;
    const double w = kConeHeight - o.z;
    const double a = d.x * d.x + d.y * d.y - k2 * d.z * d.z;
    const double b = o.x * d.x + o.y * d.y + k2 * w * d.z;
    const double c = o.x * o.x + o.y * o.y - k2 * w * w;
    const double q = b * b - a * c;
    if (q <= 0 || a == 0)
        return false;
    const double root = std::sqrt(q);
    double best = kFar;
    for (const double t : {(-b - root) / a, (-b + root) / a}) {
        const double z = o.z + d.z * t;
        if (t > 0 && t < best && z >= 0 && z <= kConeHeight)
            best = t;
    }
    if (best == kFar)
        return false;
    const Vec p = o + d * best;
    const Vec n{p.x, p.y, k2 * (kConeHeight - p.z)};
    const double length = std::sqrt(dot(n, n));
    hit = {best, length > 0 ? n * (1 / length) : Vec{0, 0, 1}, 0};
    return true;
}

/// The ring stands upright: its axis is y.
double ringDistance(const Vec& p) {
    const double z = p.z - kRingHeight;
    const double along = std::sqrt(p.x * p.x + z * z) - kRingMajor;
    return std::sqrt(along * along + p.y * p.y) - kRingMinor;
}

bool intersectRing(const Vec& o, const Vec& d, Hit& hit) {
    const Vec middle{0, 0, kRingHeight};
    const Vec c = o - middle;
    const double b = dot(c, d), q = b * b - dot(c, c) + 1;
    if (q <= 0)
        return false;
    double t = std::max(0.0, -b - std::sqrt(q));
    const double end = -b + std::sqrt(q);
    for (int step = 0; step < 48 && t < end; ++step) {
        const double gap = ringDistance(o + d * t);
        if (gap < 1e-3) {
            const Vec p = o + d * t;
            const double z = p.z - kRingHeight;
            const double around = std::max(1e-9, std::sqrt(p.x * p.x + z * z));
            const double s = (around - kRingMajor) / around;
            hit = {t, normalized({p.x * s, p.y, z * s}), 0};
            return true;
        }
        t += gap;
    }
    return false;
}

/// Height of the middle and radius of the sphere around it that holds a shape of radius 1.
void boundsOf(Shape shape, double& height, double& reach) {
    height = 0.9;
    reach = 1.36;
    if (shape == Shape::Sphere || shape == Shape::Ring) {
        height = 1;
        reach = 1.001;
    } else if (shape == Shape::Cube) {
        height = 0.78;
    }
}

} // namespace

void turnVector(int turn, double& cosine, double& sine) {
    constexpr double kCos = 0.99518472667219688624, kSin = 0.09801714032956060199; // of one 64th
    cosine = 1;
    sine = 0;
    for (int i = 0; i < turn; ++i) {
        const double c = cosine * kCos - sine * kSin;
        sine = sine * kCos + cosine * kSin;
        cosine = c;
    }
}

Solid::Solid(const Object& object)
    : m_shape(object.shape), m_scale(object.radius / 100.0), m_base{object.x / 100.0, object.y / 100.0, 0} {
    turnVector((object.turn + 64) % 64, m_cos, m_sin);
    double height = 0;
    boundsOf(m_shape, height, m_reach);
    m_reach *= m_scale;
    m_centre = m_base + Vec{0, 0, height * m_scale};
}

bool Solid::intersect(const Vec& origin, const Vec& direction, Hit& hit) const {
    const Vec toCentre = m_centre - origin;
    const double along = dot(toCentre, direction);
    if (dot(toCentre, toCentre) - along * along > m_reach * m_reach)
        return false;
    const Vec o = toLocal(origin - m_base) * (1 / m_scale), d = toLocal(direction);
    Hit local;
    bool found = false;
    switch (m_shape) {
    case Shape::Sphere:
        found = intersectSphere(o, d, local);
        break;
    case Shape::Cube:
        found = intersectConvex(cubePlanes(), o, d, local);
        break;
    case Shape::Cylinder:
        found = intersectCylinder(o, d, local);
        break;
    case Shape::Cone:
        found = intersectCone(o, d, local);
        break;
    case Shape::Pyramid:
        found = intersectConvex(pyramidPlanes(), o, d, local);
        break;
    case Shape::Ring:
        found = intersectRing(o, d, local);
        break;
    }
    if (found)
        hit = {local.t * m_scale, toWorld(local.normal), local.face};
    return found;
}

double Solid::distance(const Vec& point) const {
    const Vec p = toLocal(point - m_base) * (1 / m_scale);
    const double around = std::sqrt(p.x * p.x + p.y * p.y);
    double d = 0;
    switch (m_shape) {
    case Shape::Sphere: {
        const Vec c = p - Vec{0, 0, 1};
        d = std::sqrt(dot(c, c)) - 1;
        break;
    }
    case Shape::Cube:
        d = distanceConvex(cubePlanes(), p);
        break;
    case Shape::Cylinder:
        d = std::max(around - kCylinderRadius, p.z - kCylinderHeight);
        break;
    case Shape::Cone: {
        const double length = std::sqrt(kConeHeight * kConeHeight + kConeRadius * kConeRadius);
        d = (kConeHeight * (around - kConeRadius) + kConeRadius * p.z) / length;
        break;
    }
    case Shape::Pyramid:
        d = distanceConvex(pyramidPlanes(), p);
        break;
    case Shape::Ring:
        d = ringDistance(p);
        break;
    }
    return d * m_scale;
}

} // namespace diptych::blocks

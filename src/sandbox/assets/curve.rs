//! The horseshoe on which a jaw's teeth stand.

use glam::FloatExt;

use super::tooth::Jaw;

/// The line on which the teeth stand: symmetric, with its front at y = 0 or slightly behind.
pub struct Curve {
    /// Points on the positive side, starting at the midline, each with its distance along the curve.
    points: Vec<(f32, f32, f32)>,
}

pub struct Nearest {
    /// The distance from the midline along the curve, with the sign of x.
    pub along: f32,
    /// The distance to the curve, never negative.
    pub distance: f32,
    /// Whether the point is on the tongue's side.
    pub inside: bool,
}

impl Curve {
    /// Creates a curve through the usual places of canines and molars. The lower arch is smaller, so that the upper teeth
    /// overlap it.
    pub fn new(jaw: Jaw, scale: f32) -> Self {
        let (wide, back) = match jaw {
            Jaw::Upper => (1.0, 0.0),
            Jaw::Lower => (0.925, -2.6),
        };
        const STEP: f32 = 0.5;
        let size = wide * scale;
        let (mut x, mut points) = (0.0_f32, Vec::new());
        while x < 26.9 {
            let y = -(0.00475 * x * x + 6.98e-5 * x.powi(4));
            points.push((x * size, y * size + back, points.len() as f32 * STEP));
            let slope = 0.0095 * x + 2.792e-4 * x.powi(3);
            x += STEP / size / (1.0 + slope * slope).sqrt();
        }
        Self { points }
    }

    fn end(&self) -> (f32, f32, f32) {
        self.points.last().copied().unwrap_or_default()
    }

    /// Returns how far back the curve ends.
    pub fn end_y(&self) -> f32 {
        self.end().1
    }

    /// Returns how far to the side the curve ends.
    pub fn half_width(&self) -> f32 {
        self.end().0
    }

    /// Returns the point at a distance along the curve, and the direction of growing x or depth there.
    pub fn at(&self, along: f32) -> ((f32, f32), (f32, f32)) {
        let right = self.points.partition_point(|point| point.2 < along.abs()).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[right - 1], self.points[right]);
        let length = b.2 - a.2;
        let at = (along.abs() - a.2) / length;
        let side = if along < 0.0 { -1.0 } else { 1.0 };
        let tangent = ((b.0 - a.0) / length, (b.1 - a.1) / length * side);
        ((side * f32::lerp(a.0, b.0, at), f32::lerp(a.1, b.1, at)), tangent)
    }

    /// Returns the place where the curve is nearest to a point.
    pub fn nearest(&self, x: f32, y: f32) -> Nearest {
        let side = if x < 0.0 { -1.0 } else { 1.0 };
        let x = x.abs();
        let away = |&(px, py, _): &(f32, f32, f32)| (px - x) * (px - x) + (py - y) * (py - y);
        let (mut closest, mut least) = (0, f32::INFINITY);
        for (at, point) in self.points.iter().enumerate() {
            let away = away(point);
            if away < least {
                (closest, least) = (at, away);
            }
        }
        // The place lies on a segment that ends at the closest point.
        let mut nearest = Nearest { along: 0.0, distance: f32::INFINITY, inside: false };
        for pair in self.points[closest.saturating_sub(1)..].windows(2).take(2) {
            let &[a, b] = pair else { continue };
            let (ex, ey) = (b.0 - a.0, b.1 - a.1);
            let (dx, dy) = (x - a.0, y - a.1);
            let at = ((dx * ex + dy * ey) / (ex * ex + ey * ey)).clamp(0.0, 1.0);
            let (rx, ry) = (dx - ex * at, dy - ey * at);
            let distance = rx * rx + ry * ry;
            if distance < nearest.distance {
                nearest = Nearest { along: f32::lerp(a.2, b.2, at) * side, distance, inside: ex * dy - ey * dx < 0.0 };
            }
        }
        nearest.distance = nearest.distance.sqrt();
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_beside_the_curve_finds_its_place_on_it() {
        let curve = Curve::new(Jaw::Upper, 1.0);
        for along in [-40.0, -3.0, 0.4, 25.0] {
            let ((x, y), (tx, ty)) = curve.at(along);
            for (out, inside) in [(2.0, false), (-2.0, true)] {
                let near = curve.nearest(x - ty * out, y + tx * out);
                assert!((near.along - along).abs() < 0.3, "{along}: {}", near.along);
                assert!((near.distance - 2.0).abs() < 0.1, "{along}: {}", near.distance);
                assert_eq!(near.inside, inside, "{along}");
            }
        }
    }
}

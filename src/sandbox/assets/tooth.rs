//! The shape of a tooth's crown: the sizes of an adult's teeth, and the distance to each crown's surface.

use glam::{FloatExt, Vec3};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jaw {
    Upper,
    Lower,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Incisor,
    Canine,
    Premolar,
    Molar,
}

/// What a dentist did to a tooth before the scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preparation {
    /// Cut down to a stump for a crown.
    Stump,
    /// Extracted, or never grown.
    Missing,
}

/// A crown's measures in millimetres, in its own frame: x points to the distal side, y to the cheek, z up to the bite, and z =
/// 0 is where the gum ends.
#[derive(Clone, Copy, Debug)]
pub struct Crown {
    pub kind: Kind,
    pub width: f32,
    pub depth: f32,
    pub height: f32,
    pub preparation: Option<Preparation>,
    cusps: &'static [Cusp],
}

/// A cusp of the chewing surface, in fractions of the crown's half width, half depth and height.
#[derive(Debug)]
struct Cusp {
    x: f32,
    y: f32,
    rise: f32,
}

const fn cusp(x: f32, y: f32, rise: f32) -> Cusp {
    Cusp { x, y, rise }
}

const UPPER_PREMOLAR: &[Cusp] = &[cusp(0.0, 0.52, 0.46), cusp(-0.05, -0.5, 0.38)];
const LOWER_PREMOLAR: &[Cusp] = &[cusp(0.0, 0.42, 0.46), cusp(-0.2, -0.55, 0.22), cusp(0.25, -0.55, 0.18)];
const UPPER_MOLAR: &[Cusp] =
    &[cusp(-0.45, 0.52, 0.4), cusp(0.42, 0.5, 0.36), cusp(-0.4, -0.5, 0.42), cusp(0.48, -0.52, 0.26)];
const LOWER_MOLAR: &[Cusp] = &[
    cusp(-0.5, 0.5, 0.36),
    cusp(0.08, 0.54, 0.34),
    cusp(0.58, 0.34, 0.22),
    cusp(-0.46, -0.52, 0.42),
    cusp(0.36, -0.52, 0.38),
];

/// Returns how high each tooth stands above the arch's gum line, and its crown, from the midline to the second molar.
pub fn quadrant(jaw: Jaw) -> [(f32, Crown); 7] {
    use Kind::{Canine, Incisor, Molar, Premolar};
    let crown = |kind, width, depth, height, cusps| Crown { kind, width, depth, height, preparation: None, cusps };
    match jaw {
        Jaw::Upper => [
            (0.0, crown(Incisor, 8.7, 7.0, 10.2, &[])),
            (0.5, crown(Incisor, 6.8, 6.2, 9.2, &[])),
            (0.0, crown(Canine, 7.8, 8.0, 10.4, &[])),
            (1.2, crown(Premolar, 7.2, 9.2, 8.4, UPPER_PREMOLAR)),
            (1.6, crown(Premolar, 6.9, 9.2, 7.9, UPPER_PREMOLAR)),
            (2.0, crown(Molar, 10.4, 11.2, 7.4, UPPER_MOLAR)),
            (2.2, crown(Molar, 9.7, 10.9, 7.0, UPPER_MOLAR)),
        ],
        Jaw::Lower => [
            (0.4, crown(Incisor, 5.4, 5.8, 8.8, &[])),
            (0.4, crown(Incisor, 5.9, 6.0, 8.9, &[])),
            (0.0, crown(Canine, 6.9, 7.6, 10.2, &[])),
            (0.9, crown(Premolar, 7.1, 7.8, 8.5, LOWER_PREMOLAR)),
            (1.2, crown(Premolar, 7.2, 8.2, 8.0, LOWER_PREMOLAR)),
            (1.6, crown(Molar, 11.2, 10.4, 7.4, LOWER_MOLAR)),
            (1.8, crown(Molar, 10.6, 10.2, 7.0, LOWER_MOLAR)),
        ],
    }
}

impl Crown {
    /// Returns this crown for a patient whose teeth are larger by `scale`, and in addition wider by `widen` and `taller`
    /// millimetres taller.
    pub fn resized(self, scale: f32, widen: f32, taller: f32) -> Self {
        Self { width: self.width * scale * widen, depth: self.depth * scale, height: self.height + taller, ..self }
    }

    pub fn prepared(self, preparation: Option<Preparation>) -> Self {
        Self { preparation, ..self }
    }

    /// Returns approximately how far `p` is outside the crown, in millimetres; negative inside. The root has no lower end.
    pub fn distance(&self, p: Vec3) -> f32 {
        match (self.preparation, self.kind) {
            (Some(Preparation::Missing), _) => f32::INFINITY,
            (Some(Preparation::Stump), _) => self.stump(p),
            (None, Kind::Incisor | Kind::Canine) => self.front_tooth(p),
            (None, Kind::Premolar | Kind::Molar) => self.back_tooth(p),
        }
    }

    /// A wedge: thick at the gum, an edge at the bite, wider towards the bite, with a bulge on the tongue's side.
    fn front_tooth(&self, p: Vec3) -> f32 {
        let (half_width, half_depth) = (self.width / 2.0, self.depth / 2.0);
        let h = (p.z / self.height).clamp(-0.3, 1.1);
        let canine = self.kind == Kind::Canine;

        let x_radius = half_width * f32::lerp(0.7, 1.0, f32::smoothstep(h, -0.25, 0.72));
        let labial = half_depth * (0.82 + 0.3 * h - 0.42 * h * h);
        let cingulum = 0.16 * f32::smoothstep(h, -0.2, 0.15) * (1.0 - f32::smoothstep(h, 0.15, 0.5));
        let lingual = -half_depth
            * (f32::lerp(0.95, if canine { 0.05 } else { -0.28 }, f32::smoothstep(h, 0.0, 0.95)) + cingulum);
        let y_radius = ((labial - lingual) / 2.0).max(0.5);
        let y = p.y - (labial + lingual) / 2.0;

        let side = superellipse(p.x / x_radius, y / y_radius, if canine { 0.15 } else { 0.45 });
        let side = (side - 1.0) * x_radius.min(y_radius);

        let across = p.x / half_width;
        let top = if canine {
            self.height - 2.1 * ((across * across + 0.03).sqrt() - 0.17) - 0.3 * across
        } else {
            // The distal corner is rounder; three faint lobes run along the edge.
            self.height - 0.35 * across * across - 0.3 * across.max(0.0).powi(3) + 0.05 * (across * 7.0).cos()
        };
        smooth_max(side, (p.z - top) * 0.9, 0.7)
    }

    /// A rounded block whose top is a table with cusps, ridges and fissures between them.
    fn back_tooth(&self, p: Vec3) -> f32 {
        let (half_width, half_depth) = (self.width / 2.0, self.depth / 2.0);
        let h = (p.z / self.height).clamp(-0.3, 1.1);

        let swell = f32::smoothstep(h, -0.3, 0.45);
        let taper = f32::smoothstep(h, 0.5, 1.05);
        let x_radius = half_width * (f32::lerp(0.8, 1.01, swell) - 0.08 * taper);
        let y_radius = half_depth * (f32::lerp(0.84, 1.0, swell) - 0.2 * taper);
        let side = superellipse(p.x / x_radius, p.y / y_radius, 0.5);
        let side = (side - 1.0) * x_radius.min(y_radius);
        if side > 1.5 || h < 0.3 {
            return side;
        }

        let (across, out) = (p.x / half_width, p.y / half_depth);
        // Marginal ridges close the table at both ends.
        let mut top = 0.58 + 0.13 * f32::smoothstep(across.abs(), 0.5, 0.9);
        for cusp in self.cusps {
            // A blunt cone; where two meet, a fissure.
            let (dx, dy) = (across - cusp.x, out - cusp.y);
            let slope = 0.62 * ((dx * dx + dy * dy + 0.02).sqrt() - 0.14);
            top = smooth_max(top, 0.62 + cusp.rise - slope, 0.05);
        }
        smooth_max(side, (p.z - top * self.height) * 0.8, 0.9)
    }

    /// A smooth tapered stump with a flat top, a shoulder all round at the gum.
    fn stump(&self, p: Vec3) -> f32 {
        let h = (p.z / self.height).clamp(-0.3, 1.0);
        let taper = f32::lerp(0.78, 0.62, h.max(0.0)) + 0.16 * (1.0 - f32::smoothstep(h, 0.03, 0.09));
        let (x_radius, y_radius) = (self.width / 2.0 * taper, self.depth / 2.0 * taper);
        let side = superellipse(p.x / x_radius, p.y / y_radius, 0.25);
        let side = (side - 1.0) * x_radius.min(y_radius);
        smooth_max(side, p.z - self.height * 0.62, 0.9)
    }
}

/// Returns the length of `(x, y)` in a norm between that of a circle (`square` 0) and nearly that of a square (1).
fn superellipse(x: f32, y: f32, square: f32) -> f32 {
    let (xx, yy) = (x * x, y * y);
    f32::lerp((xx + yy).sqrt(), (xx * xx + yy * yy).sqrt().sqrt(), square)
}

/// Returns the larger of two distances, rounded over `radius` where they meet.
pub fn smooth_max(a: f32, b: f32, radius: f32) -> f32 {
    let blend = (radius - (a - b).abs()).max(0.0);
    a.max(b) + blend * blend / (4.0 * radius)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::vec3;

    #[test]
    fn every_crown_stands_on_its_root_and_ends_at_its_height() {
        for jaw in [Jaw::Upper, Jaw::Lower] {
            for (_, crown) in quadrant(jaw) {
                assert!(crown.distance(vec3(0.0, 0.0, 0.0)) < 0.0, "{crown:?}");
                assert!(crown.distance(vec3(0.0, 0.0, crown.height * 1.25)) > 0.0, "{crown:?}");
                assert!(crown.distance(vec3(crown.width, 0.0, 2.0)) > 0.0, "{crown:?}");
            }
        }
    }

    #[test]
    fn a_prepared_tooth_is_smaller_and_a_missing_one_is_gone() {
        let (_, molar) = quadrant(Jaw::Lower)[5];
        let high = vec3(0.0, molar.depth * 0.2, molar.height * 0.75);
        assert!(molar.distance(high) < 0.0);
        let stump = Crown { preparation: Some(Preparation::Stump), ..molar };
        assert!(stump.distance(high) > 0.0);
        let missing = Crown { preparation: Some(Preparation::Missing), ..molar };
        assert_eq!(missing.distance(vec3(0.0, 0.0, 0.0)), f32::INFINITY);
    }
}

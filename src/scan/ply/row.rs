//! The values of one row that matter for a mesh.

use super::header::{ElementKind, Property};

/// What a property means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    X,
    Y,
    Z,
    NormalX,
    NormalY,
    NormalZ,
    Red,
    Green,
    Blue,
    Alpha,
    U,
    V,
    /// A list of the numbers of vertices.
    Indices,
    /// A list with a pair of texture coordinates for each vertex of a face.
    TextureCoordinates,
    Ignored,
}

const FIELDS: usize = 12;

impl Role {
    pub fn named(kind: ElementKind, name: &[u8], is_list: bool) -> Self {
        if is_list {
            return match (kind, name) {
                (ElementKind::Face | ElementKind::Strips, b"vertex_indices" | b"vertex_index") => Role::Indices,
                (ElementKind::Face, b"texcoord") => Role::TextureCoordinates,
                _ => Role::Ignored,
            };
        }
        let channel = match name {
            b"red" | b"diffuse_red" | b"r" => Role::Red,
            b"green" | b"diffuse_green" | b"g" => Role::Green,
            b"blue" | b"diffuse_blue" | b"b" => Role::Blue,
            b"alpha" | b"diffuse_alpha" | b"a" => Role::Alpha,
            _ => Role::Ignored,
        };
        match (kind, name) {
            (ElementKind::Vertex, b"x") => Role::X,
            (ElementKind::Vertex, b"y") => Role::Y,
            (ElementKind::Vertex, b"z") => Role::Z,
            (ElementKind::Vertex, b"nx") => Role::NormalX,
            (ElementKind::Vertex, b"ny") => Role::NormalY,
            (ElementKind::Vertex, b"nz") => Role::NormalZ,
            (ElementKind::Vertex, b"s" | b"u" | b"texture_s" | b"texture_u") => Role::U,
            (ElementKind::Vertex, b"t" | b"v" | b"texture_t" | b"texture_v") => Role::V,
            (ElementKind::Vertex | ElementKind::Face, _) => channel,
            _ => Role::Ignored,
        }
    }
}

/// One row.
pub(super) struct Row {
    fields: [f64; FIELDS],
    /// The numbers of the vertices. -1 ends a strip; a value that is not a whole number becomes `NO_INDEX`.
    pub indices: Vec<i64>,
    pub texture_coordinates: Vec<f32>,
}

/// A number that no vertex has and that does not end a strip.
const NO_INDEX: i64 = -2;

impl Row {
    pub fn new() -> Self {
        let mut fields = [0.0; FIELDS];
        fields[Role::Alpha as usize] = 255.0;
        Row { fields, indices: Vec::new(), texture_coordinates: Vec::new() }
    }

    /// Empties the lists. Other values stay, since every row sets the same ones.
    pub fn clear(&mut self) {
        self.indices.clear();
        self.texture_coordinates.clear();
    }

    /// Sets a value of a property: its only one, or the next of a list.
    #[inline]
    pub fn set(&mut self, property: &Property, value: f64) {
        match property.role {
            Role::Ignored => {}
            Role::Indices => self.indices.push(if value.fract() == 0.0 { value as i64 } else { NO_INDEX }),
            Role::TextureCoordinates => self.texture_coordinates.push(finite(value)),
            role @ (Role::Red | Role::Green | Role::Blue | Role::Alpha) => {
                self.put(role, property.scalar.channel(value));
            }
            role => self.put(role, value),
        }
    }

    #[inline]
    fn put(&mut self, role: Role, value: f64) {
        if let Some(field) = self.fields.get_mut(role as usize) {
            *field = value;
        }
    }

    pub fn position(&self) -> [f32; 3] {
        [Role::X, Role::Y, Role::Z].map(|role| self.fields[role as usize] as f32 + 0.0) // + 0.0 turns -0 into 0
    }

    pub fn normal(&self) -> [f32; 3] {
        [Role::NormalX, Role::NormalY, Role::NormalZ].map(|role| self.fields[role as usize] as f32)
    }

    pub fn color(&self) -> u32 {
        u32::from_le_bytes(
            [Role::Red, Role::Green, Role::Blue, Role::Alpha].map(|role| self.fields[role as usize] as u8),
        )
    }

    pub fn uv(&self) -> [f32; 2] {
        [Role::U, Role::V].map(|role| finite(self.fields[role as usize]))
    }
}

fn finite(value: f64) -> f32 {
    Some(value as f32).filter(|value| value.is_finite()).unwrap_or(0.0)
}

//! Makes vertices and triangles from the rows of PLY. Elements may come in any order: triangles that come before the vertices
//! are checked at the end.

use super::corners;
use super::header::{Element, ElementKind, Header};
use super::row::{Role, Row};
use crate::scan::mesh::{Format, Growing, Parts, make_room, push_triangle};
use crate::scan::warnings::{Warning, Warnings};
use crate::scan::{Fault, Kind, Limits, Mesh, normals};

pub(super) struct Body {
    pub elements: Vec<Element>,
    /// The index of the element that is being read, and how many of its rows have been read.
    pub element: usize,
    pub rows: u64,
    pub row: Row,
    pub warnings: Warnings,
    texture: Option<String>,
    limit: u32,
    seed: u64,
    has: Has,
    pub vertices: Vec<[f32; 3]>,
    /// The numbers, in ascending order, of the vertices with a coordinate that is not finite.
    not_finite: Vec<u32>,
    normals: Vec<[f32; 3]>,
    colors: Vec<u32>,
    uv: Vec<[f32; 2]>,
    pub faces: Faces,
    face_rows: u64,
    /// Whether triangles came before the vertices.
    has_unchecked: bool,
}

/// A vertex, with the values that the file has for it.
pub(super) struct Vertex {
    pub position: [f32; 3],
    pub normal: [f32; 3],
    pub color: u32,
    pub uv: [f32; 2],
}

/// Which optional properties the file has.
#[derive(Clone, Copy)]
struct Has {
    normals: bool,
    colors: bool,
    uv: bool,
    face_colors: bool,
    face_uv: bool,
}

/// Triangles, and what belongs to each or to each of its corners.
#[derive(Default)]
pub(super) struct Faces {
    pub index: Vec<u32>,
    pub colors: Vec<u32>,
    pub uv: Vec<[[f32; 2]; 3]>,
}

impl Body {
    pub fn new(header: Header, limits: &Limits, seed: u64) -> Result<Self, Fault> {
        let has = |kind: ElementKind, roles: &[Role]| {
            let element = header.elements.iter().find(|element| element.kind == kind);
            element.is_some_and(|element| {
                roles.iter().all(|role| element.properties.iter().any(|each| each.role == *role))
            })
        };
        if !has(ElementKind::Vertex, &[Role::X, Role::Y, Role::Z]) {
            return Err(Fault::not_a_mesh("The PLY file has no vertices with x, y and z"));
        }
        let channels = [Role::Red, Role::Green, Role::Blue];
        let colors = has(ElementKind::Vertex, &channels);
        let has = Has {
            normals: has(ElementKind::Vertex, &[Role::NormalX, Role::NormalY, Role::NormalZ]),
            colors,
            uv: has(ElementKind::Vertex, &[Role::U, Role::V]),
            face_colors: !colors && has(ElementKind::Face, &channels),
            face_uv: has(ElementKind::Face, &[Role::TextureCoordinates]),
        };
        Ok(Body {
            elements: header.elements,
            element: 0,
            rows: 0,
            row: Row::new(),
            warnings: Warnings::default(),
            texture: header.texture,
            limit: limits.triangles,
            seed,
            has,
            vertices: Vec::new(),
            not_finite: Vec::new(),
            normals: Vec::new(),
            colors: Vec::new(),
            uv: Vec::new(),
            faces: Faces::default(),
            face_rows: 0,
            has_unchecked: false,
        })
    }

    /// Returns the index of the element whose rows come next, if any are left.
    pub fn current(&mut self) -> Option<usize> {
        while let Some(element) = self.elements.get(self.element) {
            if self.rows < element.count && !element.properties.is_empty() {
                return Some(self.element);
            }
            self.element += 1;
            self.rows = 0;
        }
        None
    }

    /// Processes the row whose values have been set.
    pub fn end_row(&mut self, kind: ElementKind) -> Result<(), Fault> {
        match kind {
            ElementKind::Vertex => {
                let row = &self.row;
                let vertex =
                    Vertex { position: row.position(), normal: row.normal(), color: row.color(), uv: row.uv() };
                self.vertex(vertex)?;
            }
            ElementKind::Face => self.face()?,
            ElementKind::Strips => self.strips()?,
            ElementKind::Other => {}
        }
        self.row.clear();
        self.rows += 1;
        Ok(())
    }

    #[inline(always)]
    pub fn vertex(&mut self, Vertex { position, normal, color, uv }: Vertex) -> Result<(), Fault> {
        let number =
            u32::try_from(self.vertices.len()).map_err(|_| Fault::too_large("The mesh has too many vertices"))?;
        if position.iter().all(|each| each.is_finite()) {
            self.vertices.push(position);
        } else {
            self.not_finite.push(number);
            self.vertices.push([0.0; 3]);
        }
        if self.has.normals {
            self.normals.push(normal);
        }
        if self.has.colors {
            self.colors.push(color);
        }
        if self.has.uv {
            self.uv.push(uv);
        }
        Ok(())
    }

    /// Makes room for rows of an element.
    pub fn make_room(&mut self, element: &Element) {
        match element.kind {
            ElementKind::Vertex => make_room(&mut self.vertices, element.count),
            ElementKind::Face => make_room(&mut self.faces.index, element.count.saturating_mul(3)),
            ElementKind::Strips | ElementKind::Other => {}
        }
    }

    /// Adds faces that are triangles, from a file whose faces have no values of their own.
    pub fn triangles(&mut self, triangles: impl Iterator<Item = [u32; 3]>) -> Result<(), Fault> {
        let has_vertices = self.has_vertices();
        let vertices = self.vertices.len();
        for triangle in triangles {
            let is_within = triangle.iter().all(|number| (*number as usize) < vertices);
            if !has_vertices {
                self.has_unchecked = true;
            } else if (!is_within || !self.not_finite.is_empty()) && !self.is_good(triangle) {
                continue;
            }
            push_triangle(&mut self.faces.index, triangle, self.limit)?;
        }
        Ok(())
    }

    /// Counts rows that were not processed by `end_row`.
    pub fn skip_rows(&mut self, kind: ElementKind, rows: u64) {
        self.rows += rows;
        if kind == ElementKind::Face {
            self.face_rows += rows;
        }
    }

    /// Whether faces have values of their own besides their vertices.
    pub fn has_face_values(&self) -> bool {
        self.has.face_colors || self.has.face_uv
    }

    /// Adds a polygon as a fan of triangles.
    fn face(&mut self) -> Result<(), Fault> {
        self.face_rows += 1;
        if self.row.indices.len() < 3 {
            self.warnings.add(Warning::PolygonSkipped, 1);
            return Ok(());
        }
        for at in 1..self.row.indices.len() - 1 {
            self.triangle([0, at, at + 1])?;
        }
        Ok(())
    }

    /// Adds triangle strips: every three successive vertices are a triangle, every other one with reversed orientation; -1
    /// begins a new strip.
    fn strips(&mut self) -> Result<(), Fault> {
        self.face_rows += 1;
        let mut start = 0;
        for at in 0..self.row.indices.len() {
            if self.row.indices[at] == -1 {
                start = at + 1;
            } else if at >= start + 2 {
                let is_turned = (at - start) % 2 == 1;
                self.triangle(if is_turned { [at - 1, at - 2, at] } else { [at - 2, at - 1, at] })?;
            }
        }
        Ok(())
    }

    /// Adds the triangle of three of the row's corners, if it is valid.
    fn triangle(&mut self, corners: [usize; 3]) -> Result<(), Fault> {
        let [Ok(a), Ok(b), Ok(c)] = corners.map(|corner| u32::try_from(self.row.indices[corner])) else {
            self.warnings.add(Warning::BadIndex, 1);
            return Ok(());
        };
        let triangle = [a, b, c];
        if !self.has_vertices() {
            self.has_unchecked = true;
        } else if !self.is_good(triangle) {
            return Ok(());
        }
        push_triangle(&mut self.faces.index, triangle, self.limit)?;
        if self.has.face_colors {
            self.faces.colors.push(self.row.color());
        }
        if self.has.face_uv {
            let texture = &self.row.texture_coordinates;
            let number = |at: usize| texture.get(at).copied().unwrap_or(0.0);
            self.faces.uv.push(corners.map(|corner| [number(corner * 2), number(corner * 2 + 1)]));
        }
        Ok(())
    }

    /// Whether the vertices came before the element that is being read.
    fn has_vertices(&self) -> bool {
        self.elements.iter().take(self.element).any(|element| element.kind == ElementKind::Vertex)
    }

    /// Whether a triangle's vertices exist and are finite. If not, a warning is counted.
    fn is_good(&mut self, triangle: [u32; 3]) -> bool {
        if triangle.iter().any(|number| *number as usize >= self.vertices.len()) {
            self.warnings.add(Warning::BadIndex, 1);
            return false;
        }
        if triangle.iter().any(|number| self.not_finite.binary_search(number).is_ok()) {
            self.warnings.add(Warning::NonFinite, 1);
            return false;
        }
        true
    }

    /// Returns the triangles whose vertices are known already. If faces have colours or texture coordinates, triangles are
    /// available only at the end.
    pub fn growing(&self) -> Growing<'_> {
        let is_early = self.has.face_colors || self.has.face_uv || !self.has_vertices();
        Growing {
            vertices: &self.vertices,
            colors: &self.colors,
            index: if is_early { &[] } else { &self.faces.index },
        }
    }

    pub fn finish(mut self) -> Result<Mesh, Fault> {
        if self.current().is_some() {
            self.warnings.add(Warning::CountMismatch, 1);
            let declares_faces = self
                .elements
                .iter()
                .any(|element| matches!(element.kind, ElementKind::Face | ElementKind::Strips) && element.count > 0);
            if declares_faces && self.face_rows == 0 {
                return Err(Fault::new(Kind::Truncated, "The PLY file ends before its first face"));
            }
        }
        if self.has_unchecked {
            self.drop_bad_triangles();
        }
        let has = self.has;
        let parts = Parts {
            format: Format::Ply,
            vertices: self.vertices,
            normals: has.normals.then_some(self.normals),
            colors: has.colors.then_some(self.colors),
            uv: has.uv.then_some(self.uv),
            texture: self.texture,
            index: Vec::new(),
            groups: Vec::new(),
            warnings: self.warnings,
        };
        let mut parts = corners::split(parts, self.faces, has.face_colors, has.face_uv, self.seed);
        let is_without = |normals: &Vec<[f32; 3]>| normals.iter().all(|normal| normals::packed(*normal) == [0; 4]);
        if parts.normals.as_ref().is_some_and(is_without) {
            parts.normals = None;
        }
        Ok(parts.finish())
    }

    /// Checks the triangles that came before the vertices; the others were checked when they came.
    fn drop_bad_triangles(&mut self) {
        let faces = std::mem::take(&mut self.faces);
        let (triangles, _) = faces.index.as_chunks::<3>();
        if triangles.iter().all(|triangle| self.is_good_now(*triangle)) {
            self.faces = faces;
            return;
        }
        for (at, triangle) in triangles.iter().enumerate() {
            if self.is_good(*triangle) {
                self.faces.index.extend(triangle);
                self.faces.colors.extend(faces.colors.get(at));
                self.faces.uv.extend(faces.uv.get(at));
            }
        }
    }

    fn is_good_now(&self, triangle: [u32; 3]) -> bool {
        let is_good =
            |number: &u32| (*number as usize) < self.vertices.len() && self.not_finite.binary_search(number).is_err();
        triangle.iter().all(is_good)
    }
}

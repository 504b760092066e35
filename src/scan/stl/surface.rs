//! The triangles of an STL file, welded.

use crate::scan::mesh::{Format, Group, Growing, Parts, make_room, push_triangle};
use crate::scan::warnings::{Warning, Warnings};
use crate::scan::weld::Weld;
use crate::scan::{Fault, Limits, Mesh};

pub(super) struct Surface {
    weld: Weld,
    index: Vec<u32>,
    pub groups: Vec<Group>,
    pub warnings: Warnings,
    limit: u32,
}

impl Surface {
    pub fn new(limits: &Limits, seed: u64) -> Self {
        Surface {
            weld: Weld::new(seed),
            index: Vec::new(),
            groups: Vec::new(),
            warnings: Warnings::default(),
            limit: limits.triangles,
        }
    }

    /// Makes room for the declared number of triangles.
    pub fn make_room(&mut self, declared: u64) {
        make_room(&mut self.index, declared.saturating_mul(3));
    }

    /// Adds a triangle, with a colour, or 0 for none. Drops it if one of its coordinates is not finite.
    pub fn triangle(&mut self, corners: [[f32; 3]; 3], color: u32) -> Result<(), Fault> {
        if !corners.as_flattened().iter().all(|each| each.is_finite()) {
            self.warnings.add(Warning::NonFinite, 1);
            return Ok(());
        }
        let numbers = corners.map(|corner| self.weld.insert(corner.map(|each| each + 0.0), color)); // + 0.0 turns -0 into 0
        push_triangle(&mut self.index, numbers, self.limit)
    }

    pub fn indices(&self) -> usize {
        self.index.len()
    }

    pub fn growing(&self) -> Growing<'_> {
        Growing { vertices: self.weld.vertices(), colors: self.weld.tags(), index: &self.index }
    }

    /// `plain` is the colour of triangles without one of their own, used if other triangles have one.
    pub fn finish(self, plain: u32) -> Mesh {
        let (vertices, mut tags) = self.weld.into_parts();
        for tag in &mut tags {
            *tag = if *tag == 0 { plain } else { *tag };
        }
        let parts = Parts {
            format: Format::Stl,
            vertices,
            normals: None,
            colors: (!tags.is_empty()).then_some(tags),
            uv: None,
            texture: None,
            index: self.index,
            groups: self.groups,
            warnings: self.warnings,
        };
        parts.finish()
    }
}

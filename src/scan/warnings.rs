//! What was odd about a mesh that could be read nevertheless, and how often.

/// Something odd, as `ScanMesh.warnings` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The number of triangles, or of an element's rows, is not what the header says.
    CountMismatch,
    /// The file ends within a triangle or a row.
    Truncated,
    /// Bytes after the end of the mesh.
    TrailingBytes,
    /// Triangles dropped because a coordinate is not a finite number.
    NonFinite,
    /// Triangles with two equal vertices; kept.
    Degenerate,
    /// Triangles dropped because no vertex has one of their indices.
    BadIndex,
    /// Faces dropped because they have fewer than three vertices.
    PolygonSkipped,
    /// Numbers with a decimal comma.
    DecimalComma,
    /// No triangle at all.
    Empty,
}

const ALL: [(Warning, &str); 9] = [
    (Warning::CountMismatch, "count-mismatch"),
    (Warning::Truncated, "truncated"),
    (Warning::TrailingBytes, "trailing-bytes"),
    (Warning::NonFinite, "non-finite"),
    (Warning::Degenerate, "degenerate"),
    (Warning::BadIndex, "bad-index"),
    (Warning::PolygonSkipped, "polygon-skipped"),
    (Warning::DecimalComma, "decimal-comma"),
    (Warning::Empty, "empty"),
];

/// How often each warning was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings([u64; ALL.len()]);

impl Warnings {
    /// Returns the warnings that were given, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().zip(ALL).filter(|(count, _)| **count > 0).map(|(count, (_, code))| (code, *count))
    }

    /// Returns how often a warning was given.
    pub fn count(&self, warning: Warning) -> u64 {
        self.0.iter().zip(ALL).find(|(_, (each, _))| *each == warning).map_or(0, |(count, _)| *count)
    }

    pub(super) fn add(&mut self, warning: Warning, count: u64) {
        if let Some(at) = self.0.get_mut(warning as usize) {
            *at = at.saturating_add(count);
        }
    }
}

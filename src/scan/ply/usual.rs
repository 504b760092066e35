//! A fast path for the rows that most binary files have: vertices of floats with colours of bytes, and triangles of whole
//! numbers. Many times faster than reading number by number.

use super::body::{Body, Vertex};
use super::header::{Element, ElementKind};
use super::row::Role;
use super::scalar::{Order, Scalar};
use crate::scan::Fault;

/// Reads rows at the start of the bytes, up to the first unusual one. Returns how many bytes they take.
pub(super) fn rows(body: &mut Body, element: &Element, bytes: &[u8], order: Order) -> Result<usize, Fault> {
    body.make_room(element);
    match element.kind {
        ElementKind::Vertex => {
            Layout::of(element).map_or(Ok(0), |layout| vertices(body, element, &layout, bytes, order))
        }
        ElementKind::Face if is_plain(element) && !body.has_face_values() => triangles(body, element, bytes, order),
        _ => Ok(0),
    }
}

/// The offsets of the values in a vertex.
struct Layout {
    length: usize,
    position: usize,
    normal: Option<usize>,
    color: Option<usize>,
    alpha: Option<usize>,
    uv: Option<usize>,
}

impl Layout {
    /// Returns `None` for a layout that is not usual.
    fn of(element: &Element) -> Option<Self> {
        let mut length = 0;
        let mut places = [None; 12];
        for property in &element.properties {
            if property.length.is_some() {
                return None;
            }
            let usual = match property.role {
                Role::Ignored => property.scalar,
                Role::Red | Role::Green | Role::Blue | Role::Alpha => Scalar::U8,
                _ => Scalar::F32,
            };
            if property.scalar != usual {
                return None;
            }
            if property.role != Role::Ignored {
                // Of several properties with one role the last counts, as in reading number by number.
                *places.get_mut(property.role as usize)? = Some(length);
            }
            length += usual.size();
        }
        let place = |role: Role| places.get(role as usize).copied().flatten();
        // Values that belong together are adjacent, or all of them are missing.
        let group = |roles: &[Role], size: usize| {
            let first = roles.first().and_then(|role| place(*role));
            let together = |(at, role): (usize, &Role)| place(*role) == first.map(|first| first + at * size);
            roles.iter().enumerate().all(together).then_some(first)
        };
        Some(Layout {
            length,
            position: group(&[Role::X, Role::Y, Role::Z], 4)??,
            normal: group(&[Role::NormalX, Role::NormalY, Role::NormalZ], 4)?,
            color: group(&[Role::Red, Role::Green, Role::Blue], 1)?,
            alpha: place(Role::Alpha),
            uv: group(&[Role::U, Role::V], 4)?,
        })
    }
}

fn vertices(body: &mut Body, element: &Element, layout: &Layout, bytes: &[u8], order: Order) -> Result<usize, Fault> {
    let left = usize::try_from(element.count - body.rows).unwrap_or(usize::MAX);
    let mut rows = 0;
    for row in bytes.chunks_exact(layout.length).take(left) {
        let [r, g, b] = layout.color.map_or([0; 3], |at| [row[at], row[at + 1], row[at + 2]]);
        let alpha = layout.alpha.map_or(255, |at| row[at]);
        body.vertex(Vertex {
            position: numbers(row, layout.position, order).map(|each| each + 0.0), // + 0.0 turns -0 into 0
            normal: layout.normal.map_or([0.0; 3], |at| numbers(row, at, order)),
            color: u32::from_le_bytes([r, g, b, alpha]),
            uv: layout.uv.map_or([0.0; 2], |at| numbers(row, at, order).map(finite)),
        })?;
        rows += 1;
    }
    body.skip_rows(ElementKind::Vertex, rows as u64);
    Ok(rows * layout.length)
}

/// Whether a face is only a list of the numbers of vertices, with a length of one byte.
fn is_plain(element: &Element) -> bool {
    matches!(element.properties.as_slice(), [only] if only.role == Role::Indices
        && only.length == Some(Scalar::U8)
        && matches!(only.scalar, Scalar::I32 | Scalar::U32))
}

const TRIANGLE: usize = 13;

fn triangles(body: &mut Body, element: &Element, bytes: &[u8], order: Order) -> Result<usize, Fault> {
    let left = usize::try_from(element.count - body.rows).unwrap_or(usize::MAX);
    let (rows, _) = bytes.as_chunks::<TRIANGLE>();
    let rows = rows.get(..left).unwrap_or(rows);
    let count = rows.iter().position(|row| row[0] != 3).unwrap_or(rows.len());
    body.triangles(rows.iter().take(count).map(|row| {
        [1, 5, 9].map(|at| {
            let number = [row[at], row[at + 1], row[at + 2], row[at + 3]];
            match order {
                Order::Little => u32::from_le_bytes(number),
                Order::Big => u32::from_be_bytes(number),
            }
        })
    }))?;
    body.skip_rows(ElementKind::Face, count as u64);
    Ok(count * TRIANGLE)
}

#[inline]
fn numbers<const N: usize>(row: &[u8], at: usize, order: Order) -> [f32; N] {
    let Some(numbers) = row[at..].as_chunks().0.first_chunk::<N>() else { return [0.0; N] };
    numbers.map(|number| match order {
        Order::Little => f32::from_le_bytes(number),
        Order::Big => f32::from_be_bytes(number),
    })
}

fn finite(number: f32) -> f32 {
    if number.is_finite() { number } else { 0.0 }
}

//! Normals of vertices: the sum of their triangles' normals, each weighted by the triangle's area.

/// Returns x, y and z times 127, and 0, for each vertex; zeros if none of its triangles has an area.
pub(super) fn of_triangles(vertices: &[[f32; 3]], index: &[u32]) -> Vec<i8> {
    let scale = scale(vertices);
    let mut sums = vec![[0.0f32; 3]; vertices.len()];
    for triangle in index.as_chunks::<3>().0 {
        let [Some(a), Some(b), Some(c)] = triangle.map(|number| vertices.get(number as usize)) else { continue };
        let edge = |to: &[f32; 3]| -> [f32; 3] { std::array::from_fn(|axis| to[axis] * scale - a[axis] * scale) };
        let normal = cross(edge(b), edge(c));
        for number in triangle {
            if let Some(sum) = sums.get_mut(*number as usize) {
                *sum = std::array::from_fn(|axis| sum[axis] + normal[axis]);
            }
        }
    }
    all_packed(&sums)
}

/// Returns each vector scaled to length 127, followed by 0.
pub(super) fn all_packed(vectors: &[[f32; 3]]) -> Vec<i8> {
    let mut all = Vec::with_capacity(vectors.len());
    for vector in vectors {
        all.push(packed(*vector));
    }
    all.into_flattened()
}

/// Returns a vector scaled to length 127, followed by 0; zeros for a vector without a direction.
pub(super) fn packed(vector: [f32; 3]) -> [i8; 4] {
    let Some(unit) = unit(vector) else { return [0; 4] };
    // wasm has no instruction for `round`, nor for `as i8`, which saturates; the values here are within its bounds anyway.
    let [x, y, z] = unit.map(|each| (each * 127.0 + 0.5f32.copysign(each)) as i32 as i8);
    [x, y, z, 0]
}

/// Returns a vector scaled to length 1; `None` for a vector without a direction.
#[inline]
fn unit(vector: [f32; 3]) -> Option<[f32; 3]> {
    let [x, y, z] = vector;
    let square = x * x + y * y + z * z;
    if (1e-30..1e30).contains(&square) {
        let length = square.sqrt();
        return Some(vector.map(|each| each / length));
    }
    // The squares are out of the range of an `f32`.
    let vector = vector.map(f64::from);
    let length = vector.iter().map(|each| each * each).sum::<f64>().sqrt();
    (length > 0.0 && length.is_finite()).then(|| vector.map(|each| (each / length) as f32))
}

fn cross([ax, ay, az]: [f32; 3], [bx, by, bz]: [f32; 3]) -> [f32; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Returns a power of two that brings the coordinates near 1, so that no product of two overflows or underflows.
fn scale(vertices: &[[f32; 3]]) -> f32 {
    // The bits of absolute values have the same order as the values.
    let greatest = vertices.as_flattened().iter().fold(0, |greatest, each| each.abs().to_bits().max(greatest));
    let exponent = (greatest >> 23) as i32 - 127;
    2.0f32.powi((-exponent).clamp(-126, 126))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighs_triangles_by_their_area() {
        let vertices = [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 3.0]];
        let normal = of_triangles(&vertices, &[0, 1, 2, 0, 2, 3]);
        assert_eq!(normal[..4], [120, 0, 40, 0]);
        assert_eq!(normal[4..8], [0, 0, 127, 0]);
    }

    #[test]
    fn survive_coordinates_of_any_size() {
        for size in [1e-44, 1e-30, 1.0, 1e30, 3e38] {
            let vertices = [[0.0; 3], [size, 0.0, 0.0], [0.0, size, 0.0]];
            assert_eq!(of_triangles(&vertices, &[0, 1, 2])[..4], [0, 0, 127, 0], "{size}");
        }
    }

    #[test]
    fn are_zero_without_an_area() {
        assert_eq!(of_triangles(&[[1.0; 3]], &[0, 0, 0]), [0; 4]);
        assert_eq!(packed([f32::NAN, 0.0, 0.0]), [0; 4]);
    }

    #[test]
    fn of_a_file_have_any_length() {
        for length in [1e-44, 1e-20, 1.0, 1e20, 3e38] {
            assert_eq!(packed([0.0, -length, 0.0]), [0, -127, 0, 0], "{length}");
            assert_eq!(packed([length; 3]), [73, 73, 73, 0], "{length}");
        }
    }
}

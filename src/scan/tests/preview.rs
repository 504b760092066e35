//! Rules of the preview.

use super::write::binary_stl;
use super::*;
use crate::scan::{Growing, Preview};

/// A bumpy square of `side` × `side` × 2 triangles.
fn terrain(side: u32) -> Vec<[[f32; 3]; 3]> {
    let vertex = |x: u32, y: u32| [x as f32 / side as f32, y as f32 / side as f32, (x as f32 * 0.3).sin() * 0.01];
    let square = |x: u32, y: u32| {
        let [a, b, c, d] = [vertex(x, y), vertex(x + 1, y), vertex(x + 1, y + 1), vertex(x, y + 1)];
        [[a, b, c], [a, c, d]]
    };
    (0..side * side).flat_map(|at| square(at % side, at / side)).collect()
}

fn preview_in(triangles: &[[[f32; 3]; 3]], piece: usize, wanted: u32) -> Mesh {
    let mut reader = MeshReader::new(&Limits::default(), 1);
    let mut preview = Preview::new(wanted, piece as u64);
    for piece in binary_stl(triangles).chunks(piece) {
        reader.feed(piece).expect("a mesh");
        preview.update(reader.growing());
    }
    preview.mesh(Format::Stl)
}

#[test]
fn has_about_as_many_triangles_as_wanted_and_the_same_shape() {
    let preview = preview_in(&terrain(100), usize::MAX, 2_000);
    let triangles = preview.index.len() / 3;
    assert!((400..=2_000).contains(&triangles), "{triangles}");
    for (bound, expected) in [(preview.bounds.min, [0.0, 0.0, -0.01]), (preview.bounds.max, [1.0, 1.0, 0.01])] {
        assert!(bound.iter().zip(expected).all(|(bound, expected)| (bound - expected).abs() < 0.05), "{bound:?}");
    }
    assert!(
        preview.normal.as_chunks::<4>().0.iter().filter(|[_, _, z, _]| *z > 60).count() * 10
            > preview.normal.len() / 4 * 9
    );
}

#[test]
fn does_not_depend_on_how_the_bytes_are_cut() {
    let terrain = terrain(40);
    let whole = preview_in(&terrain, usize::MAX, 300);
    for piece in [50, 997, 10_000] {
        assert_eq!(preview_in(&terrain, piece, 300), whole, "{piece}");
    }
}

#[test]
fn a_small_mesh_is_kept_whole() {
    let preview = preview_in(&terrain(8), usize::MAX, 10_000);
    assert_eq!(preview.index.len(), 8 * 8 * 2 * 3);
}

#[test]
fn is_bounded_for_triangles_of_any_size_and_place() {
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from_bits(state)
    };
    let mut soup: Vec<[[f32; 3]; 3]> = vec![[[0.0; 3], [1e-44, 0.0, 0.0], [0.0, 1e-44, 0.0]]];
    soup.extend((0..3_000).map(|_| std::array::from_fn(|_| std::array::from_fn(|_| random()))));
    for wanted in [0, 1, 100, 200] {
        let preview = preview_in(&soup, usize::MAX, wanted);
        let most = wanted.max(8 * 7 * 6 / 3) as usize; // the most that eight cells allow
        assert!(preview.index.len() / 3 <= most && preview.position.len() / 3 <= most);
        assert!(preview.position.iter().all(|each| each.is_finite()));
    }
}

#[test]
fn has_the_mean_of_the_colours() {
    let vertices = [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let colors = [u32::from_le_bytes([200, 100, 0, 255]); 3];
    let mut preview = Preview::new(10, 1);
    preview.update(Growing { vertices: &vertices, colors: &colors, index: &[0, 1, 2] });
    assert_eq!(preview.mesh(Format::Ply).color, Some([200, 100, 0, 255].repeat(3)));
}

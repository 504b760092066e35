//! Rules of binary STL.

use super::write::{binary_stl, binary_stl_with};
use super::*;

#[test]
fn is_read_as_written() {
    let read = mesh(binary_stl(&SOLID));
    assert_eq!(triangles(&read), SOLID);
    assert_eq!(read.format, Format::Stl);
    assert_eq!(read.position.len(), 4 * 3, "welded");
    assert_eq!(read.index, [0, 1, 2, 0, 2, 3, 0, 3, 1, 2, 1, 3], "numbered by first use");
    assert_eq!((read.bounds.min, read.bounds.max), ([0.0; 3], [1.0; 3]));
    assert_eq!(read.normal[..4], [-73, -73, -73, 0]);
    assert_eq!(warnings(&read), []);
    assert_eq!((read.color, read.uv), (None, None));
}

#[test]
fn the_word_solid_in_the_header_does_not_make_it_ascii() {
    for header in ["solid", "SOLID teeth\nfacet normal 0 0 1\nouter loop\n", "  solid facet"] {
        let bytes = binary_stl_with(header.as_bytes(), 4, &SOLID, |_| 0);
        assert_eq!(triangles(&mesh(bytes)), SOLID, "{header}");
    }
}

#[test]
fn the_weld_takes_minus_zero_for_zero() {
    let triangle = [[0.0, -0.0, 0.0], [1.0, 0.0, -0.0], [0.0, 1.0, 0.0]];
    let read =
        mesh(binary_stl(&[triangle, triangle.map(|vertex| vertex.map(|each| if each == 0.0 { 0.0 } else { each }))]));
    assert_eq!(read.index, [0, 1, 2, 0, 1, 2]);
    assert!(read.position.iter().all(|each| each.to_bits() != (-0.0f32).to_bits()));
}

#[test]
fn triangles_that_are_not_finite_are_dropped_and_counted() {
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut soup = SOLID;
        soup[1][2][0] = wrong;
        let read = mesh(binary_stl(&soup));
        assert_eq!(triangles(&read), [SOLID[0], SOLID[2], SOLID[3]]);
        assert_eq!(warnings(&read), [("non-finite", 1)]);
    }
}

#[test]
fn triangles_without_area_are_kept_and_counted() {
    let read = mesh(binary_stl(&[SOLID[0], [SOLID[0][0]; 3]]));
    assert_eq!(read.index.len(), 6);
    assert_eq!(warnings(&read), [("degenerate", 1)]);
}

#[test]
fn a_count_that_is_too_high_costs_nothing() {
    for count in [5, 1_000_000, 1 << 24, u32::MAX - 1, u32::MAX] {
        let read = mesh(binary_stl_with(b"", count, &SOLID, |_| 0));
        assert_eq!(triangles(&read), SOLID, "{count}");
        assert_eq!(warnings(&read), [("count-mismatch", 1)]);
        assert!(read.index.capacity() < 1000 && read.position.capacity() < 1000);
    }
}

#[test]
fn a_count_that_was_never_filled_in_reads_all() {
    for count in [0, u32::MAX] {
        assert_eq!(triangles(&mesh(binary_stl_with(b"", count, &SOLID, |_| 0))), SOLID);
    }
}

#[test]
fn bytes_after_the_last_triangle_are_counted() {
    let mut bytes = binary_stl(&SOLID);
    bytes.extend([b' '; 77]);
    let read = mesh(&bytes);
    assert_eq!(triangles(&read), SOLID);
    assert_eq!(warnings(&read), [("trailing-bytes", 77)]);
    bytes.extend([b' '; 23]);
    assert_eq!(warnings(&mesh(&bytes)), [("count-mismatch", 1), ("trailing-bytes", 100)], "could be triangles");
}

#[test]
fn a_cut_triangle_is_told_of_by_a_warning() {
    let bytes = binary_stl(&SOLID);
    let read = mesh(&bytes[..bytes.len() - 1]);
    assert_eq!(triangles(&read), SOLID[..3]);
    assert_eq!(warnings(&read), [("count-mismatch", 1), ("truncated", 1)]);
}

#[test]
fn an_empty_one_has_no_triangles() {
    let read = mesh(binary_stl(&[]));
    assert_eq!(warnings(&read), [("empty", 1)]);
    assert_eq!((read.position, read.bounds), (vec![], crate::scan::Bounds::default()));
}

#[test]
fn magics_colours_are_read_and_the_object_has_the_others() {
    let red = 31;
    let header = [&b"COLOR="[..], &[10, 20, 30, 255], b"MATERIAL="].concat();
    let bytes = binary_stl_with(&header, 4, &SOLID, |at| if at == 0 { red } else { 1 << 15 | red });
    let read = mesh(bytes);
    assert_eq!(triangles(&read), SOLID);
    let color = read.color.expect("colours");
    let of = |corner: usize| &color[read.index[corner] as usize * 4..][..4];
    assert_eq!((of(0), of(3)), (&[255, 0, 0, 255][..], &[10, 20, 30, 255][..]));
    assert_eq!(read.position.len(), 7 * 3, "vertices of both colours are split");
}

#[test]
fn viscam_colours_are_read() {
    let bytes = binary_stl_with(b"", 4, &SOLID, |at| if at == 3 { 1 << 15 | 31 << 10 } else { 31 });
    let read = mesh(bytes);
    let color = read.color.expect("colours");
    let of = |corner: usize| &color[read.index[corner] as usize * 4..][..4];
    assert_eq!((of(0), of(9)), (&[255; 4][..], &[255, 0, 0, 255][..]));
}

#[test]
fn more_triangles_than_allowed_are_too_large() {
    let limits = Limits { triangles: 3, ..Limits::default() };
    assert_eq!(kind(read_in(&binary_stl(&SOLID), 10, &limits)), Some(Kind::TooLarge));
    assert!(read_in(&binary_stl(&SOLID[..3]), 10, &limits).is_ok());
}

#[test]
fn what_is_neither_stl_nor_ply_is_not_a_mesh() {
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0, 0, 16][..], b"JFIF\0", &[0x9c; 900]].concat();
    let noise: Vec<u8> = (0..5000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let page = "<!DOCTYPE html><title>Sign in</title><p>solid facet normal vertex 1 2 3".repeat(20);
    let zeros = [0; 300];
    for bytes in
        [&b""[..], b"x", b"ply", b"solid", &jpeg, &noise, page.as_bytes(), &[0xff; 200], &zeros[..83], b"PK\x03\x04"]
    {
        assert_eq!(kind(read(bytes)), Some(Kind::NotAMesh), "{:?}", &bytes[..bytes.len().min(20)]);
    }
}

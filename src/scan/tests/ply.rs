//! Rules of PLY.

use super::write::{ENCODINGS, Encoding, Ply};
use super::*;

const VERTICES: [&str; 5] =
    ["element vertex 4", "property float x", "property float y", "property float z", "element face 4"];
const INDICES: &str = "property list uchar int vertex_indices";
const POINTS: [&str; 4] = ["0 0 0", "0 1 0", "1 0 0", "0 0 1"];
const FACES: [&str; 4] = [
    "uchar:3 int:0 int:1 int:2",
    "uchar:3 int:0 int:2 int:3",
    "uchar:3 int:0 int:3 int:1",
    "uchar:3 int:2 int:1 int:3",
];

fn ply(encoding: Encoding, newline: &'static str, header: &[&str], rows: &[&str]) -> Vec<u8> {
    Ply::new(encoding, newline, header).rows(rows).bytes()
}

/// Reads the file in all encodings, which must give the same mesh.
fn in_all(header: &[&str], rows: &[&str]) -> Mesh {
    let [ascii, little, big] = ENCODINGS.map(|encoding| mesh(ply(encoding, "\n", header, rows)));
    assert_eq!(ascii, little);
    assert_eq!(ascii, big);
    ascii
}

fn is_solid(read: &Mesh) {
    assert_eq!(triangles(read), SOLID);
    assert_eq!(read.position.len(), 12);
    assert_eq!(warnings(read), []);
}

#[test]
fn is_read_as_written_in_every_encoding() {
    let read = in_all(&[&VERTICES[..], &[INDICES]].concat(), &[POINTS, FACES].concat());
    is_solid(&read);
    assert_eq!(read.format, Format::Ply);
    assert_eq!(read.normal[..4], [-73, -73, -73, 0]);
}

#[test]
fn every_type_of_number_is_read_under_both_names() {
    for (old, new) in [
        ("char", "int8"),
        ("uchar", "uint8"),
        ("short", "int16"),
        ("ushort", "uint16"),
        ("int", "int32"),
        ("uint", "uint32"),
        ("float", "float32"),
        ("double", "float64"),
    ] {
        let points = POINTS.map(|point| point.split(' ').map(|number| format!("{old}:{number} ")).collect::<String>());
        let points = points.each_ref().map(String::as_str);
        let faces = FACES.map(|face| face.replace("int", old).replace("uchar", old));
        let faces = faces.each_ref().map(String::as_str);
        for name in [old, new] {
            let header = VERTICES.map(|line| line.replace("float", name));
            let header =
                [&header.each_ref().map(String::as_str)[..], &[&format!("property list {name} {name} vertex_index")]];
            is_solid(&in_all(&header.concat(), &[points, faces].concat()));
        }
    }
}

#[test]
fn line_breaks_of_the_header_do_not_reach_into_the_data() {
    let header = [&VERTICES[..], &[INDICES]].concat();
    for encoding in ENCODINGS {
        for newline in ["\n", "\r\n", "\r"] {
            is_solid(&mesh(ply(encoding, newline, &header, &[POINTS, FACES].concat())));
        }
    }
    let bytes =
        ["element vertex 3", "property uchar x", "property uchar y", "property uchar z", "element face 1", INDICES];
    for newline in ["\n", "\r\n", "\r"] {
        let rows = ["uchar:10 uchar:10 uchar:10", "uchar:13 uchar:10 uchar:0", "uchar:13 uchar:13 uchar:1", FACES[0]];
        let read = mesh(ply(Encoding::Little, newline, &bytes, &rows));
        assert_eq!(triangles(&read), [[[10.0; 3], [13.0, 10.0, 0.0], [13.0, 13.0, 1.0]]]);
    }
}

#[test]
fn comments_may_be_anywhere() {
    let mut header =
        [&["comment made by hand"], &VERTICES[..], &["obj_info none", INDICES, "comment end_header"]].concat();
    header.splice(3..3, ["comment between properties"]);
    is_solid(&in_all(&header, &[POINTS, FACES].concat()));
    let rows =
        ["comment 9 9 9"; 8].iter().zip([POINTS, FACES].as_flattened()).flat_map(|(comment, row)| [*comment, row]);
    let text = String::from_utf8(ply(Encoding::Ascii, "\n", &header, &[])).expect("text");
    let text = rows.fold(text, |text, row| text + &row.replace("uchar:", "").replace("int:", "") + "\n");
    is_solid(&mesh(text));
}

#[test]
fn lists_and_unknown_properties_may_be_anywhere() {
    let header = [
        "element camera 1",
        "property list uchar double matrix",
        "element vertex 4",
        "property list ushort char flags",
        "property float x",
        "property double quality",
        "property float y",
        "property float z",
        "element face 4",
        "property uchar material",
        INDICES,
        "property list char float weights",
        "element edge 1",
        "property int vertex1",
    ];
    let mut rows = vec!["uchar:2 double:1 double:2".to_owned()];
    rows.extend(POINTS.map(|point| {
        let [x, y, z]: [&str; 3] = point.split(' ').collect::<Vec<_>>().try_into().expect("three");
        format!("ushort:2 char:-1 char:5 {x} double:0.5 {y} {z}")
    }));
    rows.extend(FACES.map(|face| format!("uchar:7 {face} char:1 9.5")));
    rows.push("int:3".to_owned());
    is_solid(&in_all(&header, &rows.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn elements_may_come_in_any_order() {
    let header = [&["element face 4", INDICES], &VERTICES[..4]].concat();
    is_solid(&in_all(&header, &[FACES, POINTS].concat()));
}

#[test]
fn indices_are_checked_wherever_the_vertices_are() {
    let bad =
        ["uchar:3 int:0 int:1 int:4", "uchar:3 int:0 int:-1 int:1", "uchar:3 int:2147483647 int:0 int:1", FACES[0]];
    let after = in_all(&[&VERTICES[..], &[INDICES]].concat(), &[POINTS, bad].concat());
    let before = in_all(&[&["element face 4", INDICES], &VERTICES[..4]].concat(), &[bad, POINTS].concat());
    assert_eq!(after, before);
    assert_eq!(triangles(&after), SOLID[..1]);
    assert_eq!(warnings(&after), [("bad-index", 3)]);
}

#[test]
fn vertices_that_are_not_finite_drop_their_triangles() {
    for wrong in ["nan 0 1", "0 inf 1", "0 -inf 1"] {
        let points = [POINTS[0], POINTS[1], POINTS[2], wrong];
        let after = in_all(&[&VERTICES[..], &[INDICES]].concat(), &[points, FACES].concat());
        let before = in_all(&[&["element face 4", INDICES], &VERTICES[..4]].concat(), &[FACES, points].concat());
        assert_eq!(after, before);
        assert_eq!(triangles(&after), SOLID[..1]);
        assert_eq!(warnings(&after), [("non-finite", 3)]);
        assert!(after.position.iter().all(|each| each.is_finite()));
    }
}

#[test]
fn polygons_are_triangulated() {
    let header = [&VERTICES[..4], &["element face 3", INDICES]].concat();
    let faces = ["uchar:4 int:0 int:1 int:2 int:3", "uchar:2 int:0 int:1", "uchar:0"];
    let read = in_all(&header, &[&POINTS[..], &faces].concat());
    assert_eq!(read.index, [0, 1, 2, 0, 2, 3]);
    assert_eq!(warnings(&read), [("polygon-skipped", 2)]);
}

#[test]
fn strips_turn_every_other_triangle_round() {
    let header = [&VERTICES[..4], &["element tristrips 1", "property list int int vertex_indices"]].concat();
    let strip = "int:8 int:0 int:1 int:2 int:3 int:-1 int:3 int:2 int:1";
    let read = in_all(&header, &[&POINTS[..], &[strip]].concat());
    assert_eq!(read.index, [0, 1, 2, 2, 1, 3, 3, 2, 1]);
    assert_eq!(warnings(&read), []);
}

#[test]
fn its_own_normals_are_kept_unless_all_are_zero() {
    let header =
        [&VERTICES[..4], &["property float nx", "property float ny", "property float nz"], &[VERTICES[4], INDICES]]
            .concat();
    let with = |normal: &str| POINTS.map(|point| format!("{point} {normal}"));
    let read = |points: [String; 4]| in_all(&header, &[points.each_ref().map(String::as_str), FACES].concat());
    assert_eq!(read(with("0 0 -2")).normal, [0, 0, -127, 0].repeat(4));
    assert_eq!(read(with("0 0 0")).normal[..4], [-73, -73, -73, 0]);
}

#[test]
fn colours_of_vertices_are_read_from_every_type() {
    for (scalar, full, half) in
        [("uchar", "255", "128"), ("float", "1", "0.5"), ("ushort", "65535", "32896"), ("double", "7", "0.5")]
    {
        let channel = |name: &str| format!("property {scalar} {name}");
        let header = [
            &VERTICES.map(str::to_owned)[..4],
            &["red", "green", "blue", "alpha"].map(channel),
            &[VERTICES[4], INDICES].map(str::to_owned),
        ]
        .concat();
        let points = POINTS.map(|point| format!("{point} {scalar}:{full} {scalar}:{half} {scalar}:0 {scalar}:{full}"));
        let header: Vec<_> = header.iter().map(String::as_str).collect();
        let read = in_all(&header, &[points.each_ref().map(String::as_str), FACES].concat());
        assert_eq!(read.color, Some([255, 128, 0, 255].repeat(4)), "{scalar}");
    }
}

#[test]
fn colours_by_face_split_vertices() {
    let header =
        [&VERTICES[..], &[INDICES, "property uchar red", "property uchar green", "property uchar blue"]].concat();
    let faces = [0, 1, 2, 3].map(|at| format!("{} uchar:{} uchar:0 uchar:9", FACES[at], at / 2));
    let read = in_all(&header, &[POINTS, faces.each_ref().map(String::as_str)].concat());
    assert_eq!(triangles(&read), SOLID);
    assert_eq!(read.position.len(), 8 * 3);
    let color = read.color.expect("colours");
    let reds: Vec<_> = read.index.iter().map(|number| color[*number as usize * 4]).collect();
    assert_eq!(reds, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn texture_coordinates_by_corner_split_vertices_and_those_by_vertex_do_not() {
    let header =
        [&["comment TextureFile arch upper.png"], &VERTICES[..], &[INDICES, "property list uchar float texcoord"]]
            .concat();
    let faces = FACES.map(|face| format!("{face} uchar:6 0 0 1 0 0.5 1"));
    let read = in_all(&header, &[POINTS, faces.each_ref().map(String::as_str)].concat());
    assert_eq!(triangles(&read), SOLID);
    assert_eq!(read.texture.as_deref(), Some("arch upper.png"));
    let uv = read.uv.expect("uv");
    let of = |corner: usize| &uv[read.index[corner] as usize * 2..][..2];
    assert_eq!((of(0), of(10), of(11)), (&[0.0, 0.0][..], &[1.0, 0.0][..], &[0.5, 1.0][..]));

    let header = [&VERTICES[..4], &["property float s", "property float t", VERTICES[4], INDICES]].concat();
    let points = POINTS.map(|point| format!("{point} 0.25 nan"));
    let read = in_all(&header, &[points.each_ref().map(String::as_str), FACES].concat());
    assert_eq!((read.position.len(), read.uv), (12, Some([0.25, 0.0].repeat(4))));
}

#[test]
fn rows_that_are_missing_are_told_of() {
    let header = [&VERTICES[..], &[INDICES]].concat();
    for encoding in ENCODINGS {
        let bytes = ply(encoding, "\n", &header, &[POINTS, FACES].concat());
        let read = mesh(&bytes[..bytes.len() - 3]);
        assert_eq!(triangles(&read), SOLID[..3]);
        assert_eq!(warnings(&read), [("count-mismatch", 1), ("truncated", 1)]);
        let start = ply(encoding, "\n", &header, &POINTS);
        assert_eq!(kind(read_in(&start, 5, &Limits::default())), Some(Kind::Truncated), "no face at all");
    }
    assert_eq!(kind(read(b"ply\nformat ascii 1.0\nelement vertex 3\n")), Some(Kind::Truncated));
}

#[test]
fn what_is_behind_the_last_row_is_counted() {
    let header = [&VERTICES[..], &[INDICES]].concat();
    for encoding in ENCODINGS {
        let bytes = [&ply(encoding, "\n", &header, &[POINTS, FACES].concat())[..], b"xyz"].concat();
        let read = mesh(bytes);
        assert_eq!(triangles(&read), SOLID);
        assert_eq!(warnings(&read), [("trailing-bytes", 3)]);
    }
}

#[test]
fn counts_cost_nothing_before_their_rows_come() {
    let counts = ["element vertex 4294967295", "element vertex 18446744073709551615"];
    for count in counts {
        let header = [&[count], &VERTICES[1..4], &["element face 4294967295", INDICES]].concat();
        for encoding in ENCODINGS {
            let bytes = ply(encoding, "\n", &header, &POINTS);
            assert_eq!(kind(read(&bytes)), Some(Kind::Truncated));
        }
    }
    let empty = [
        "element nothing 18446744073709551615",
        VERTICES[0],
        VERTICES[1],
        VERTICES[2],
        VERTICES[3],
        VERTICES[4],
        INDICES,
    ];
    is_solid(&in_all(&empty, &[POINTS, FACES].concat()));
}

#[test]
fn a_list_that_claims_to_be_long_costs_what_came_of_it() {
    let header = [&VERTICES[..4], &["element face 1", "property list uint int vertex_indices"]].concat();
    for encoding in [Encoding::Little, Encoding::Big] {
        let bytes = ply(encoding, "\n", &header, &[&POINTS[..], &["uint:4294967295 int:0 int:1"]].concat());
        assert_eq!(kind(read(&bytes)), Some(Kind::Truncated));
    }
}

#[test]
fn a_header_that_makes_no_sense_is_corrupt() {
    for header in [
        &["property float x"][..],
        &["element vertex many"],
        &["element vertex -1"],
        &["element vertex 1", "property quaternion x"],
        &["element vertex 1", "property list uchar"],
    ] {
        assert_eq!(kind(read(&ply(Encoding::Ascii, "\n", header, &[]))), Some(Kind::Corrupt), "{header:?}");
    }
    for format in ["", "format\n", "format binary 1.0\n"] {
        assert_eq!(kind(read(format!("ply\n{format}end_header\n").as_bytes())), Some(Kind::Corrupt));
    }
    let endless = [&b"ply\n"[..], &b"comment and so on\n".repeat(100_000)].concat();
    assert_eq!(kind(read_in(&endless, 1000, &Limits::default())), Some(Kind::Corrupt));
}

#[test]
fn a_list_of_negative_length_is_corrupt() {
    let header = [&VERTICES[..4], &["element face 1", "property list char int vertex_indices"]].concat();
    for encoding in ENCODINGS {
        let bytes = ply(encoding, "\n", &header, &[&POINTS[..], &["char:-1 int:0 int:0"]].concat());
        assert_eq!(kind(read(&bytes)), Some(Kind::Corrupt));
    }
}

#[test]
fn a_file_without_vertices_is_not_a_mesh() {
    for header in [
        &[][..],
        &["element point 1", "property float x"],
        &["element vertex 1", "property float x", "property float y"],
    ] {
        assert_eq!(kind(read(&ply(Encoding::Ascii, "\n", header, &["0 0"]))), Some(Kind::NotAMesh));
    }
    assert_eq!(warnings(&in_all(&VERTICES[..4], &POINTS)), [("empty", 1)], "points are a mesh without triangles");
}

#[test]
fn more_triangles_than_allowed_are_too_large() {
    let bytes = ply(Encoding::Little, "\n", &[&VERTICES[..], &[INDICES]].concat(), &[POINTS, FACES].concat());
    let limits = Limits { triangles: 3, ..Limits::default() };
    assert_eq!(kind(read_in(&bytes, 9, &limits)), Some(Kind::TooLarge));
}

//! Rules of ASCII STL.

use super::write::ascii_stl;
use super::*;

const NAMED: &str = "a name";

fn is_solid(read: &Mesh) {
    assert_eq!(triangles(read), SOLID);
    assert_eq!(warnings(read), []);
}

#[test]
fn is_read_as_written() {
    let read = mesh(ascii_stl(&SOLID));
    is_solid(&read);
    assert_eq!(read.index, [0, 1, 2, 0, 2, 3, 0, 3, 1, 2, 1, 3]);
    assert_eq!((read.groups.len(), read.groups[0].name.as_str(), read.groups[0].count), (1, NAMED, 12));
}

#[test]
fn case_line_breaks_and_spaces_do_not_matter() {
    let text = ascii_stl(&SOLID);
    for text in [
        text.to_uppercase(),
        text.replace('\n', "\r"),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\n\n\t"),
        text.replace("  ", ""),
        text.replace(" name", "").replace("\n", " "),
        format!("\u{feff}{text}"),
        format!("\n \n{text}"),
        text.trim_end().to_owned(),
    ] {
        is_solid(&mesh(&text));
    }
}

#[test]
fn a_missing_endsolid_does_not_matter() {
    is_solid(&mesh(ascii_stl(&SOLID).replace("endsolid a name\n", "")));
}

#[test]
fn utf16_is_read_with_and_without_a_byte_order_mark() {
    let text = ascii_stl(&SOLID).replace(NAMED, "größe 歯");
    for mark in ["\u{feff}", ""] {
        let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [little, big] {
            let read = mesh(bytes);
            is_solid(&read);
            assert_eq!(read.groups[0].name, "größe 歯");
        }
    }
}

#[test]
fn names_of_solids_may_be_in_any_encoding() {
    let text = ascii_stl(&SOLID);
    for name in [&b"\xe4\xf6"[..], b"\x8e\x95", b"\x1b$B;u", b"facet", b"a facet b", b"vertex 1 2 3 endloop", b""] {
        let (start, end) = text.split_at(b"solid ".len());
        let bytes = [start.as_bytes(), name, &end.as_bytes()[NAMED.len()..]].concat();
        is_solid(&mesh(bytes));
    }
}

#[test]
fn each_solid_is_a_group() {
    let text = ascii_stl(&SOLID[..1]) + "solid empty\nendsolid\n" + &ascii_stl(&SOLID[1..]).replace(NAMED, "second");
    let read = mesh(text);
    is_solid(&read);
    let groups: Vec<_> = read.groups.iter().map(|group| (group.name.as_str(), group.start, group.count)).collect();
    assert_eq!(groups, [(NAMED, 0, 3), ("second", 3, 9)]);
}

#[test]
fn polygons_become_fans_and_lines_are_skipped() {
    let face = |vertices: &[&str]| {
        format!("facet normal 0 0 1\nouter loop\nvertex {}\nendloop\nendfacet\n", vertices.join("\nvertex "))
    };
    let read = mesh(format!(
        "solid\n{}{}{}endsolid",
        face(&["0 0 0", "1 0 0"]),
        face(&["0 0 0", "1 0 0", "1 1 0", "0 1 0", "0 .5 0"]),
        "facet normal 0 0 1\nouter loop\nendloop\nendfacet\n"
    ));
    assert_eq!(read.index, [0, 1, 2, 0, 2, 3, 0, 3, 4]);
    assert_eq!(warnings(&read), [("polygon-skipped", 1)]);
}

#[test]
fn decimal_commas_are_read_and_told_of() {
    let read = mesh(ascii_stl(&SOLID).replace("1.0", "1,0").replace("0.0", "0,0"));
    assert_eq!(triangles(&read), SOLID);
    assert_eq!(warnings(&read), [("decimal-comma", 12)]);
}

#[test]
fn a_vertex_that_is_no_three_numbers_drops_its_triangle() {
    let text = ascii_stl(&SOLID);
    for wrong in ["vertex nan 0 0", "vertex 1 2", "vertex 1;2;3", "vertex 1e40 0 0", "vertex"] {
        let read = mesh(text.replacen("vertex 0e0 0.0 0", wrong, 1));
        assert_eq!(triangles(&read), SOLID[1..], "{wrong}");
        assert_eq!(warnings(&read), [("non-finite", 1)], "{wrong}");
    }
}

#[test]
fn an_end_within_a_facet_is_told_of() {
    let text = ascii_stl(&SOLID);
    let end = text.rfind("vertex").expect("a vertex");
    let read = mesh(&text[..end]);
    assert_eq!(triangles(&read), SOLID[..3]);
    assert_eq!(warnings(&read), [("truncated", 1)]);
    let last_digit = text.rfind("\n    endloop").expect("an end");
    assert_eq!(warnings(&mesh(&text[..last_digit])), [("truncated", 1)], "the number may be cut");
}

#[test]
fn comments_are_skipped() {
    is_solid(&mesh(format!("# facet\n{}", ascii_stl(&SOLID).replace('\n', " # vertex 9 9 9\n"))));
}

#[test]
fn normals_in_the_file_are_ignored() {
    for normal in ["", " 0 0 0", " nan nan nan", " 1,2,3"] {
        let read = mesh(ascii_stl(&SOLID).replace(" 0 0 1\n    outer", &format!("{normal}\n    outer")));
        is_solid(&read);
        assert_eq!(read.normal[..4], [-73, -73, -73, 0]);
    }
}

#[test]
fn an_empty_solid_is_an_empty_mesh() {
    assert_eq!(warnings(&mesh("solid\nendsolid\n")), [("empty", 1)]);
}

#[test]
fn prose_is_not_a_mesh() {
    assert_eq!(kind(read(b"Solid advice on teeth.\nBrush them.\n")), Some(Kind::NotAMesh));
}

#[test]
fn a_word_without_end_costs_little() {
    let mut reader = MeshReader::new(&Limits::default(), 1);
    reader.feed(b"solid\nfacet normal 0 0 1 outer loop vertex ").expect("text");
    for _ in 0..100 {
        reader.feed(&[b'1'; 10_000]).expect("text");
    }
    reader.feed(b" 0 0 vertex 0 0 0 vertex 0 0 1 endloop").expect("text");
    assert_eq!(warnings(&reader.finish().expect("a mesh")), [("non-finite", 1), ("empty", 1)]);
}

//! Properties: the result is the same however the bytes are cut; whatever is written can be read; any other bytes do no harm.

use proptest::collection::vec;
use proptest::prelude::*;

use super::write::{Encoding, Entry, Ply, Zip, ascii_stl, binary_stl};
use super::zip::open_in;
use super::*;

fn coordinate() -> impl Strategy<Value = f32> {
    let finite = any::<f32>().prop_filter("finite", |each| each.is_finite());
    prop_oneof![(-3i8..3).prop_map(f32::from), finite]
}

fn soup() -> impl Strategy<Value = Vec<[[f32; 3]; 3]>> {
    vec(
        [
            [coordinate(), coordinate(), coordinate()],
            [coordinate(), coordinate(), coordinate()],
            [coordinate(), coordinate(), coordinate()],
        ],
        1..40,
    )
}

/// Returns the triangles with 0 for -0, as the weld does.
fn welded(soup: &[[[f32; 3]; 3]]) -> Vec<[[f32; 3]; 3]> {
    soup.iter().map(|triangle| triangle.map(|vertex| vertex.map(|each| each + 0.0))).collect()
}

/// A mesh in any format.
fn ply(soup: &[[[f32; 3]; 3]], encoding: Encoding) -> Vec<u8> {
    let count = soup.len();
    let header = [
        &format!("element vertex {}", count * 3),
        "property float x",
        "property float y",
        "property float z",
        &format!("element face {count}"),
        "property list uchar uint vertex_indices",
    ];
    let ply = Ply::new(encoding, "\n", &header);
    let ply = soup.as_flattened().iter().fold(ply, |ply, [x, y, z]| ply.row(&format!("{x:e} {y} {z:?}")));
    let faces = (0..count).map(|at| at * 3);
    faces.fold(ply, |ply, at| ply.row(&format!("uchar:3 uint:{at} uint:{} uint:{}", at + 1, at + 2))).bytes()
}

/// A mesh in each format.
fn formats(soup: &[[[f32; 3]; 3]]) -> [Vec<u8>; 5] {
    let [ascii, little, big] = [Encoding::Ascii, Encoding::Little, Encoding::Big].map(|encoding| ply(soup, encoding));
    [binary_stl(soup), ascii_stl(soup).into_bytes(), ascii, little, big]
}

/// Feeds bytes cut at these places, and checks that the growing mesh is only appended to.
fn read_cut(bytes: &[u8], cuts: &[prop::sample::Index]) -> Result<Mesh, Fault> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
    places.sort_unstable();
    let mut reader = MeshReader::new(&Limits::default(), cuts.len() as u64);
    let mut before: (Vec<[f32; 3]>, Vec<u32>) = Default::default();
    for piece in places.windows(2) {
        reader.feed(&bytes[piece[0]..piece[1]])?;
        let growing = reader.growing();
        assert!(growing.vertices.starts_with(&before.0) && growing.index.starts_with(&before.1));
        assert!(growing.index.iter().all(|number| (*number as usize) < growing.vertices.len()));
        before = (growing.vertices.to_vec(), growing.index.to_vec());
    }
    reader.finish()
}

fn is_sound(mesh: &Mesh) {
    let vertices = mesh.position.len() / 3;
    assert!(mesh.position.iter().all(|each| each.is_finite()));
    assert!(mesh.index.iter().all(|number| (*number as usize) < vertices));
    assert_eq!(mesh.index.len() % 3, 0);
    assert_eq!(mesh.normal.len(), vertices * 4);
    assert!(mesh.color.as_ref().is_none_or(|color| color.len() == vertices * 4));
    assert!(mesh.uv.as_ref().is_none_or(|uv| uv.len() == vertices * 2 && uv.iter().all(|each| each.is_finite())));
}

/// Bytes of which a few are changed, and perhaps the end is cut off.
fn damaged(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = bytes.len();
    (vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        move |(changes, end, is_cut)| {
            let mut bytes = bytes.clone();
            for (at, byte) in changes {
                bytes[at.index(length)] = byte;
            }
            bytes.truncate(if is_cut { end.index(length) } else { length });
            bytes
        },
    )
}

proptest! {
    #[test]
    fn meshes_are_read_as_written_however_they_are_cut(soup in soup(), cuts in vec(any::<prop::sample::Index>(), 0..20)) {
        for bytes in formats(&soup) {
            let read = read_cut(&bytes, &cuts).expect("a mesh");
            is_sound(&read);
            prop_assert_eq!(triangles(&read), welded(&soup));
        }
    }

    #[test]
    fn damaged_meshes_do_no_harm_however_they_are_cut(
        bytes in (soup(), 0usize..5).prop_flat_map(|(soup, format)| damaged(formats(&soup)[format].clone())),
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let outcome = read_in(&bytes, bytes.len().max(1), &Limits::default());
        prop_assert_eq!(read_cut(&bytes, &cuts), outcome.clone());
        if let Ok(mesh) = outcome {
            is_sound(&mesh);
        }
    }

    #[test]
    fn archives_are_read_as_written_however_they_are_cut(
        files in vec((".{0,12}", vec(any::<u8>(), 0..300), 0usize..6, any::<bool>()), 0..6),
        prefix in "[a-z]{0,40}",
        comment in "[a-z]{0,40}",
        piece in 1usize..400,
    ) {
        let entries = files.iter().map(|(name, data, form, is_deflated)| {
            let entry = if *is_deflated { Entry::deflated(name, data) } else { Entry::stored(name, data) };
            match form {
                0..4 => entry.with_descriptor(form % 2 == 0, form / 2 == 0),
                4 => Entry { is_zip64: true, ..entry },
                _ => entry,
            }
        });
        let bytes = entries.fold(Zip::after(prefix.as_bytes()), Zip::with).finish_with(comment.as_bytes(), piece % 2 == 0);
        let outcome = open_in(&bytes, piece, &Limits::default()).expect("an archive");
        let contents: Vec<_> = outcome.contents().into_iter().map(|(_, content)| content).collect();
        prop_assert_eq!(contents, files.iter().map(|(_, data, ..)| Ok(data.as_slice())).collect::<Vec<_>>());
    }

    #[test]
    fn damaged_archives_do_no_harm_however_they_are_cut(
        bytes in vec((vec(0u8..4, 0..300), any::<bool>(), any::<bool>()), 1..4).prop_flat_map(|files| {
            let entries = files.iter().map(|(data, is_deflated, has_descriptor)| {
                let entry = if *is_deflated { Entry::deflated("a", data) } else { Entry::stored("a", data) };
                if *has_descriptor { entry.with_descriptor(true, false) } else { entry }
            });
            damaged(entries.fold(Zip::default(), Zip::with).finish())
        }),
        piece in 1usize..100,
    ) {
        let whole = open_in(&bytes, bytes.len().max(1), &Limits::default());
        prop_assert_eq!(open_in(&bytes, piece, &Limits::default()), whole);
    }
}

/// Returns a PLY file of these rows, with or without a list that makes each row unusual.
fn rows(encoding: Encoding, vertices: &[[f32; 8]], faces: &[Vec<i32>], is_unusual: bool, is_late: bool) -> Vec<u8> {
    let unusual = |line: &'static str| if is_unusual { line } else { "comment" };
    let vertex_count = format!("element vertex {}", vertices.len());
    let face_count = format!("element face {}", faces.len());
    let mut vertex = vec![vertex_count.as_str()];
    vertex.extend(["property float x", "property float y", "property float z", "property float nx"]);
    vertex.extend(["property float ny", "property float nz", "property float u", "property float v"]);
    vertex.extend(["property uchar red", "property uchar green", "property uchar blue"]);
    vertex.push(unusual("property list uchar uchar odd"));
    let face = [face_count.as_str(), "property list uchar int vertex_indices", unusual("property uchar odd")];
    let header = if is_late { [&face[..], &vertex].concat() } else { [&vertex[..], &face].concat() };
    let mut ply = Ply::new(encoding, "\n", &header);
    for is_vertex in [!is_late, is_late] {
        if is_vertex {
            for (at, vertex) in vertices.iter().enumerate() {
                let numbers: Vec<_> = vertex.iter().map(|number| format!("{number:e}")).collect();
                let odd = if is_unusual { "uchar:1 uchar:7" } else { "" };
                ply = ply.row(&format!("{} uchar:{} uchar:2 uchar:3 {odd}", numbers.join(" "), at % 256));
            }
            continue;
        }
        for face in faces {
            let numbers: Vec<_> = face.iter().map(|number| format!("int:{number}")).collect();
            let odd = if is_unusual { "uchar:7" } else { "" };
            ply = ply.row(&format!("uchar:{} {} {odd}", face.len(), numbers.join(" ")));
        }
    }
    ply.bytes()
}

proptest! {
    #[test]
    fn usual_rows_of_ply_are_read_as_any_others(
        vertices in vec([(); 8].map(|()| coordinate()).map(|each| prop_oneof![9 => each, 1 => Just(f32::INFINITY)]), 0..20),
        faces in vec(prop_oneof![4 => vec(-1i32..22, 3), 1 => vec(-1i32..22, 0..6)], 0..20),
        is_big: bool,
        is_late: bool,
        piece in 1usize..200,
    ) {
        let encoding = if is_big { Encoding::Big } else { Encoding::Little };
        let [usual, unusual] = [false, true].map(|is_unusual| {
            read_in(&rows(encoding, &vertices, &faces, is_unusual, is_late), piece, &Limits::default())
        });
        prop_assert_eq!(usual, unusual);
    }
}

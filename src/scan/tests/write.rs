//! Functions that write files, for tests only.

mod archive;

pub use self::archive::{Entry, Zip};

/// Returns binary STL with this header and this count.
pub fn binary_stl_with(
    header: &[u8],
    count: u32,
    triangles: &[[[f32; 3]; 3]],
    attribute: impl Fn(usize) -> u16,
) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.resize(80, 0);
    bytes.extend(count.to_le_bytes());
    for (at, triangle) in triangles.iter().enumerate() {
        bytes.extend([0; 12]);
        bytes.extend(triangle.as_flattened().iter().flat_map(|each| each.to_le_bytes()));
        bytes.extend(attribute(at).to_le_bytes());
    }
    bytes
}

pub fn binary_stl(triangles: &[[[f32; 3]; 3]]) -> Vec<u8> {
    binary_stl_with(b"exported by a test", triangles.len() as u32, triangles, |_| 0)
}

pub fn ascii_stl(triangles: &[[[f32; 3]; 3]]) -> String {
    let mut text = String::from("solid a name\n");
    for [a, b, c] in triangles {
        text.push_str("  facet normal 0 0 1\n    outer loop\n");
        for [x, y, z] in [a, b, c] {
            text.push_str(&format!("      vertex {x:e} {y:?} {z}\n"));
        }
        text.push_str("    endloop\n  endfacet\n");
    }
    text + "endsolid a name\n"
}

/// How the numbers of a PLY file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Ascii,
    Little,
    Big,
}

pub const ENCODINGS: [Encoding; 3] = [Encoding::Ascii, Encoding::Little, Encoding::Big];

/// A PLY file: lines of a header, where the first two and the last may be omitted, and rows of numbers, each with its type.
pub struct Ply {
    encoding: Encoding,
    newline: &'static str,
    bytes: Vec<u8>,
}

impl Ply {
    pub fn new(encoding: Encoding, newline: &'static str, header: &[&str]) -> Self {
        let format = match encoding {
            Encoding::Ascii => "ascii",
            Encoding::Little => "binary_little_endian",
            Encoding::Big => "binary_big_endian",
        };
        let mut ply = Ply { encoding, newline, bytes: Vec::new() };
        for line in [&["ply", &format!("format {format} 1.0")], header, &["end_header"]].concat() {
            ply.bytes.extend(line.bytes().chain(newline.bytes()));
        }
        ply
    }

    /// Adds a row of words such as `uchar:3`; a number without a type is a float.
    pub fn row(mut self, row: &str) -> Self {
        for word in row.split_whitespace() {
            let (scalar, number) = word.split_once(':').unwrap_or(("float", word));
            if self.encoding == Encoding::Ascii {
                self.bytes.extend(number.bytes().chain(*b" "));
                continue;
            }
            let number: f64 = number.parse().expect("a number");
            let mut bytes = match scalar {
                "char" => (number as i8).to_le_bytes().to_vec(),
                "uchar" => (number as u8).to_le_bytes().to_vec(),
                "short" => (number as i16).to_le_bytes().to_vec(),
                "ushort" => (number as u16).to_le_bytes().to_vec(),
                "int" => (number as i32).to_le_bytes().to_vec(),
                "uint" => (number as u32).to_le_bytes().to_vec(),
                "float" => (number as f32).to_le_bytes().to_vec(),
                _ => number.to_le_bytes().to_vec(),
            };
            if self.encoding == Encoding::Big {
                bytes.reverse();
            }
            self.bytes.extend(bytes);
        }
        if self.encoding == Encoding::Ascii {
            self.bytes.extend(self.newline.bytes());
        }
        self
    }

    pub fn rows(self, rows: &[&str]) -> Self {
        rows.iter().fold(self, |ply, row| ply.row(row))
    }

    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}

//! The manifest of an archive. It also names the patient, doctor and practice, so only objects and transforms are read.

use super::number;
use super::role::{Arrangement, Role};

/// What a manifest says about the archive's files.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The number in the manifest's file name.
    pub version: Option<u32>,
    /// The files that it names.
    pub objects: Vec<Object>,
    /// How the jaws were moved.
    pub transforms: Vec<Transform>,
}

/// A file that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The file's name.
    pub name: String,
    /// What it holds.
    pub kind: ObjectKind,
    /// For a surface: which jaw it shows.
    pub role: Option<Role>,
    /// For a line: the tooth's number in the American system.
    pub tooth: Option<u32>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A mesh.
    Surface,
    /// A margin.
    Line,
    /// A picture.
    Image,
    /// Anything else.
    Other,
}

/// How a jaw was moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    /// The jaw.
    pub role: Option<Role>,
    /// Four by four numbers, row by row.
    pub matrix: [f64; 16],
}

impl ObjectKind {
    /// The kind as JavaScript gets it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Surface => "surface",
            ObjectKind::Line => "line",
            ObjectKind::Image => "image",
            ObjectKind::Other => "other",
        }
    }
}

/// Whether a file is a manifest, judging by its name.
pub(super) fn is_manifest(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.rsplit('/').next().is_some_and(|name| name.starts_with("itero_export") && name.ends_with(".xml"))
}

impl Manifest {
    /// Reads a manifest; `None` if the file is not one.
    pub(super) fn read(path: &str, bytes: &[u8]) -> Option<Self> {
        let mut manifest = Manifest { version: version(path), objects: Vec::new(), transforms: Vec::new() };
        let mut is_export = false;
        let mut tags = Tags(bytes);
        while let Some(tag) = tags.next() {
            match tag.name {
                b"iTeroExport" => is_export = true,
                b"Object" => manifest.objects.extend(object(&tag)),
                b"Transform" => manifest.transforms.extend(transform(&tag, tags.0)),
                _ => {}
            }
        }
        is_export.then_some(manifest)
    }

    /// Returns which jaw a file shows, according to the manifest.
    pub fn role(&self, path: &str) -> Option<Role> {
        self.objects.iter().find(|object| object.name == path)?.role
    }

    /// Returns the arrangement of all its surfaces, if it is the same for all.
    pub fn arrangement(&self) -> Option<Arrangement> {
        let surfaces = self.objects.iter().filter(|object| object.kind == ObjectKind::Surface);
        let mut arrangements = surfaces.map(|object| Arrangement::named(&object.name));
        let first = arrangements.next()?;
        first.filter(|_| arrangements.all(|each| each == first))
    }
}

/// Returns the number in `…_v<number>.xml`.
fn version(path: &str) -> Option<u32> {
    let (name, _) = path.rsplit_once('.')?;
    name.rsplit_once(['v', 'V'])?.1.parse().ok()
}

fn object(tag: &Tag<'_>) -> Option<Object> {
    let kind = match tag.attribute("ObjectType")?.as_str() {
        "Surface" => ObjectKind::Surface,
        "Line" => ObjectKind::Line,
        "Image" => ObjectKind::Image,
        _ => ObjectKind::Other,
    };
    let jaw = if kind == ObjectKind::Surface { jaw(tag) } else { None };
    let role = match tag.attribute("SubType").as_deref() {
        Some("Jaw") => jaw,
        Some("PreTreatment_Jaw") => jaw.map(Role::before_treatment),
        _ => None,
    };
    let tooth = tag.attribute("AdaId").and_then(|number| number.parse().ok());
    Some(Object { name: tag.attribute("FileName")?, kind, role, tooth })
}

fn jaw(tag: &Tag<'_>) -> Option<Role> {
    match tag.attribute("JawId")?.as_str() {
        "Upper" => Some(Role::Upper),
        "Lower" => Some(Role::Lower),
        _ => None,
    }
}

fn transform(tag: &Tag<'_>, after: &[u8]) -> Option<Transform> {
    let text = after.split(|byte| *byte == b'<').next()?;
    let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let numbers: Vec<_> = words.map_while(|word| Some(number::parse(word)?.value)).take(17).collect();
    Some(Transform { role: jaw(tag), matrix: numbers.try_into().ok()? })
}

/// The rest of an XML text, to read the tags in it.
struct Tags<'a>(&'a [u8]);

/// A tag that begins an element.
struct Tag<'a> {
    name: &'a [u8],
    attributes: &'a [u8],
}

impl<'a> Tags<'a> {
    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let rest = after(self.0, b"<")?;
            if let Some(comment) = rest.strip_prefix(b"!--") {
                self.0 = after(comment, b"-->")?;
                continue;
            }
            if let Some(text) = rest.strip_prefix(b"![CDATA[") {
                self.0 = after(text, b"]]>")?;
                continue;
            }
            let end = tag_end(rest)?;
            let tag = rest.get(..end)?;
            self.0 = rest.get(end + 1..)?;
            if tag.first().is_some_and(u8::is_ascii_alphabetic) {
                let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
                let (name, attributes) = tag.split_at(tag.iter().position(is_end).unwrap_or(tag.len()));
                return Some(Tag { name, attributes });
            }
        }
    }
}

/// Returns what comes after the first `end`.
fn after<'a>(bytes: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(end.len()).position(|window| window == end)?;
    bytes.get(at + end.len()..)
}

/// Returns the position of the `>` that ends the tag. One in an attribute's value does not count.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    tag.iter().position(|byte| {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            _ => {}
        }
        *byte == b'>' && quote.is_none()
    })
}

impl Tag<'_> {
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (name, value) = split_at_byte(rest, b'=')?;
            let (quote, value) = value.trim_ascii_start().split_first()?;
            if !matches!(quote, b'"' | b'\'') {
                return None;
            }
            let (value, after) = split_at_byte(value, *quote)?;
            if name.trim_ascii() == wanted.as_bytes() {
                return Some(unescaped(&String::from_utf8_lossy(value)));
            }
            rest = after;
        }
    }
}

/// Returns what comes before and after the first such byte.
fn split_at_byte(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|each| *each == byte)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

fn unescaped(value: &str) -> String {
    let mut parts = value.split('&');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (char, rest) = match part.split_once(';') {
            Some((name, rest)) => (entity(name), rest),
            None => (None, part),
        };
        match char {
            Some(char) => text.push(char),
            None => return value.to_owned(),
        }
        text.push_str(rest);
    }
    text
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
        <iTeroExport Version="2"><RxInfo><Patient>A <b> &amp; c</Patient></RxInfo>
        <!-- <Object ObjectType="Surface" FileName="no.stl"/> -->
        <ExportedObjects>
          <Object ObjectType="Surface" SubType="Jaw" JawId="Upper" FileName="1_shell_occlusion_u.stl"/>
          <Object FileName='a&#38;b_shell_occlusion_l.stl' JawId = "Lower" SubType="PreTreatment_Jaw" ObjectType="Surface" />
          <Object ObjectType="Line" SubType="Margin" AdaId="14" FileName="m>1.pts"></Object>
          <Object ObjectType="Image" SubType="Gallery" FileName="gallery_#1.jpg"/>
          <Object ObjectType="Surface" SubType="Jaw" JawId="Upper"/>
        </ExportedObjects>
        <ActualUsedTransforms><Transform JawId="Lower">1 0 0 0.5  0 1 0 0  0 0 1 -2e1 0 0 0 1</Transform>
        <Transform JawId="Upper">1 2 3</Transform></ActualUsedTransforms></iTeroExport>"#;

    #[test]
    fn objects_and_transforms_are_read() {
        let manifest = Manifest::read("a/itero_export_#7_v12.xml", XML.as_bytes()).expect("a manifest");
        assert_eq!(manifest.version, Some(12));
        let object = |name: &str, kind, role, tooth| Object { name: name.into(), kind, role, tooth };
        assert_eq!(
            manifest.objects,
            [
                object("1_shell_occlusion_u.stl", ObjectKind::Surface, Some(Role::Upper), None),
                object("a&b_shell_occlusion_l.stl", ObjectKind::Surface, Some(Role::PretreatmentLower), None),
                object("m>1.pts", ObjectKind::Line, None, Some(14)),
                object("gallery_#1.jpg", ObjectKind::Image, None, None),
            ]
        );
        let matrix = [1.0, 0.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, -20.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(manifest.transforms, [Transform { role: Some(Role::Lower), matrix }]);
        assert_eq!(manifest.arrangement(), Some(Arrangement::Occlusion));
        assert_eq!(manifest.role("1_shell_occlusion_u.stl"), Some(Role::Upper));
        assert_eq!(manifest.role("another.stl"), None);
    }

    #[test]
    fn other_and_broken_xml_does_no_harm() {
        assert_eq!(Manifest::read("x.xml", b"<svg><Object ObjectType='Surface' FileName='a'/></svg>"), None);
        for end in 0..XML.len() {
            Manifest::read("x.xml", &XML.as_bytes()[..end]);
        }
        let odd = b"<iTeroExport><Object ObjectType='a' FileName='&x; &#xd800; &' / ><Object a=b><Object a='>";
        let manifest = Manifest::read("v.xml", odd).expect("a manifest");
        assert_eq!(manifest.objects.len(), 1);
        assert_eq!(manifest.version, None);
    }
}

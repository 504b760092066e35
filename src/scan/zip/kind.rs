//! What a file is for, judging by its name.

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// STL or PLY.
    Mesh,
    /// An image.
    Picture,
    /// A document for people.
    Document,
    /// Data for programs.
    Metadata,
    /// Anything else, including files that operating systems leave behind.
    Other,
}

impl FileKind {
    /// The kind as JavaScript gets it.
    pub const fn as_str(self) -> &'static str {
        match self {
            FileKind::Mesh => "mesh",
            FileKind::Picture => "picture",
            FileKind::Document => "document",
            FileKind::Metadata => "metadata",
            FileKind::Other => "other",
        }
    }

    pub(super) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        if path.starts_with("__MACOSX/") || name.starts_with("._") || matches!(name, ".DS_Store" | "Thumbs.db") {
            return FileKind::Other;
        }
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("stl" | "ply") => FileKind::Mesh,
            Some("jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "webp") => FileKind::Picture,
            Some("pdf" | "txt" | "rtf" | "doc" | "docx" | "htm" | "html") => FileKind::Document,
            Some("xml" | "json" | "pts" | "csv" | "iteroxml") => FileKind::Metadata,
            _ => FileKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_operating_systems_leave_behind_is_other() {
        for path in ["__MACOSX/a.stl", "a/._b.stl", ".DS_Store", "x/Thumbs.db", "a", "stl"] {
            assert_eq!(FileKind::of(path), FileKind::Other, "{path}");
        }
        assert_eq!(FileKind::of("a/B.STL"), FileKind::Mesh);
        assert_eq!(FileKind::of("gallery_#1.jpg"), FileKind::Picture);
    }
}

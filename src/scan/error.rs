//! Why a file or an archive is refused. Messages are constants: no name, path or content of a file can get into one.

/// What is wrong, as `ScanError.kind` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The bytes contain no zip.
    NotAZip,
    /// The bytes end too soon.
    Truncated,
    /// The bytes contradict themselves.
    Corrupt,
    /// A file is encrypted.
    Encrypted,
    /// The compression method, or the form of the archive, is not supported.
    Unsupported,
    /// More than a limit allows, or a zip bomb.
    TooLarge,
    /// Neither STL nor PLY.
    NotAMesh,
}

impl Kind {
    /// The kind as JavaScript gets it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::NotAZip => "not-a-zip",
            Kind::Truncated => "truncated",
            Kind::Corrupt => "corrupt",
            Kind::Encrypted => "encrypted",
            Kind::Unsupported => "unsupported",
            Kind::TooLarge => "too-large",
            Kind::NotAMesh => "not-a-mesh",
        }
    }
}

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: Kind,
    /// A description.
    pub message: &'static str,
}

impl Fault {
    pub(super) const fn new(kind: Kind, message: &'static str) -> Self {
        Fault { kind, message }
    }

    pub(super) const fn corrupt(message: &'static str) -> Self {
        Fault::new(Kind::Corrupt, message)
    }

    pub(super) const fn too_large(message: &'static str) -> Self {
        Fault::new(Kind::TooLarge, message)
    }

    pub(super) const fn not_a_mesh(message: &'static str) -> Self {
        Fault::new(Kind::NotAMesh, message)
    }
}

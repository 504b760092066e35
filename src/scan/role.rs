//! What a mesh shows, and how the arches lie to each other.

/// Which jaw a mesh shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The upper jaw.
    Upper,
    /// The lower jaw.
    Lower,
    /// Both jaws, in one file.
    Both,
    /// The upper jaw before treatment.
    PretreatmentUpper,
    /// The lower jaw before treatment.
    PretreatmentLower,
}

/// How the jaws of an archive lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// In occlusion: as they meet in a bite.
    Occlusion,
    /// Each with its teeth up: the jaws have no common coordinate system.
    TeethUp,
}

impl Role {
    /// The role as JavaScript gets it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Upper => "upper",
            Role::Lower => "lower",
            Role::Both => "both",
            Role::PretreatmentUpper => "pretreatment-upper",
            Role::PretreatmentLower => "pretreatment-lower",
        }
    }

    /// Returns the role that a file's name states. A single letter means a jaw only if the name also states an arrangement.
    pub(super) fn named(path: &str) -> Option<Self> {
        let name = stem(path);
        let jaw = match words(&name).last()? {
            "upper" => Role::Upper,
            "lower" => Role::Lower,
            "u" if Arrangement::named(path).is_some() => Role::Upper,
            "l" if Arrangement::named(path).is_some() => Role::Lower,
            "ul" if Arrangement::named(path).is_some() => Role::Both,
            _ => return None,
        };
        let is_before = words(&name).any(|word| word == "pretreatment");
        Some(if is_before { jaw.before_treatment() } else { jaw })
    }

    pub(super) const fn before_treatment(self) -> Self {
        match self {
            Role::Upper => Role::PretreatmentUpper,
            Role::Lower => Role::PretreatmentLower,
            other => other,
        }
    }
}

impl Arrangement {
    /// The arrangement as JavaScript gets it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Arrangement::Occlusion => "occlusion",
            Arrangement::TeethUp => "teeth-up",
        }
    }

    /// Returns the arrangement that a file's name states.
    pub(super) fn named(path: &str) -> Option<Self> {
        words(&stem(path)).find_map(|word| match word {
            "occlusion" | "lockedocclusion" => Some(Arrangement::Occlusion),
            "teethup" => Some(Arrangement::TeethUp),
            _ => None,
        })
    }
}

/// Returns a file's path without its extension, in lower case: it is the same for the STL and the PLY file of one arch.
pub(super) fn stem(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem).to_owned()
}

/// Returns the words of a file's name.
fn words(stem: &str) -> impl Iterator<Item = &str> {
    stem.rsplit('/').next().unwrap_or_default().split(['_', '-', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_jaw_and_arrangement() {
        use Arrangement::{Occlusion, TeethUp};
        for (name, role, arrangement) in [
            ("1_shell_occlusion_u.stl", Some(Role::Upper), Some(Occlusion)),
            ("a/1_SHELL_TeethUp_L.PLY", Some(Role::Lower), Some(TeethUp)),
            ("1_shell_lockedocclusion_ul.stl", Some(Role::Both), Some(Occlusion)),
            ("1_pretreatment_occlusion_u.stl", Some(Role::PretreatmentUpper), Some(Occlusion)),
            ("Smith upper.stl", Some(Role::Upper), None),
            ("model_l.stl", None, None),
            ("upper_u/x.stl", None, None),
        ] {
            assert_eq!((Role::named(name), Arrangement::named(name)), (role, arrangement), "{name}");
        }
    }
}

//! What a portal's session may do. Each endpoint declares the scope that its call needs.

/// A permission of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The practice's configuration.
    PracticeRead,
    /// Orders, and the list of screen captures.
    OrdersRead,
    /// An order's files.
    FilesRead,
    /// Creating and deleting scan requests.
    RxWrite,
    /// Searching and listing patients.
    PatientsRead,
    /// Updating patients.
    PatientsWrite,
    /// The practice's events, which are the edge function's own.
    EventsRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 7] = [
        Self::PracticeRead,
        Self::OrdersRead,
        Self::FilesRead,
        Self::RxWrite,
        Self::PatientsRead,
        Self::PatientsWrite,
        Self::EventsRead,
    ];

    /// Returns its name in tokens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PracticeRead => "practice:read",
            Self::OrdersRead => "orders:read",
            Self::FilesRead => "files:read",
            Self::RxWrite => "rx:write",
            Self::PatientsRead => "patients:read",
            Self::PatientsWrite => "patients:write",
            Self::EventsRead => "events:read",
        }
    }

    /// Returns the scope with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_has_a_name_of_its_own() {
        for scope in Scope::ALL {
            assert_eq!(Scope::named(scope.name()), Some(scope));
        }
        assert_eq!(Scope::named("orders:write"), None);
    }
}

//! The floors of the house, as `docs/decisions/0001-the-tree-is-the-diagram.md` states them.

/// The floor a crate stands on: the first folder below `crates/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Floor {
    /// Pure: no async, no sockets, no clock.
    Core,
    /// One way to the outside each.
    Io,
    /// The products.
    Plane,
    /// Wiring.
    Bin,
    /// Beside the house: what develops and tests it.
    Dev,
}

impl Floor {
    /// The floor of the crate in `folder`, a path from the root of the repository.
    pub(crate) fn of(folder: &str) -> Option<Self> {
        match folder.strip_prefix("crates/")?.split('/').next()? {
            "core" => Some(Self::Core),
            "io" => Some(Self::Io),
            "plane" => Some(Self::Plane),
            "bin" => Some(Self::Bin),
            "dev" => Some(Self::Dev),
            _ => None,
        }
    }

    /// The folder's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Io => "io",
            Self::Plane => "plane",
            Self::Bin => "bin",
            Self::Dev => "dev",
        }
    }
}

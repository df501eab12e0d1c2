//! Kinds of findings about the recordings, as `--deny` names them.

use athena_protocol::Finding;

/// A kind of finding, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FindingKind {
    /// Cases whose model is gone.
    Orphans,
    /// Models without cases.
    Uncovered,
    /// Targets that are not built, and so not replayed.
    Unbuilt,
    /// Models that no program links.
    Unlinked,
    /// Comparisons that can't fail.
    Vacuous,
    /// Recorded variables that the model does not declare: `test` refuses them.
    Undeclared,
    /// Cases that record the same call.
    Duplicates,
    /// Declared variables that no case sets.
    Unset,
    /// Fields, values, variants and errors that occur in no case.
    Unseen,
    /// Named environments that no case is recorded under.
    Unused,
    /// Every kind.
    All,
}

impl FindingKind {
    /// The kind of a finding. `None` for a broken file, which is always an error.
    pub(crate) fn from_finding(finding: &Finding) -> Option<Self> {
        Some(match finding {
            Finding::Broken { .. } => return None,
            Finding::Orphans { .. } => Self::Orphans,
            Finding::Uncovered { .. } => Self::Uncovered,
            Finding::Vacuous { .. } => Self::Vacuous,
            Finding::Undeclared { .. } => Self::Undeclared,
            Finding::Duplicates { .. } => Self::Duplicates,
            Finding::Unset { .. } => Self::Unset,
            Finding::Unseen { .. } => Self::Unseen,
            Finding::Unused { .. } => Self::Unused,
        })
    }

    /// The spelling on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Orphans => "orphans",
            Self::Uncovered => "uncovered",
            Self::Unbuilt => "unbuilt",
            Self::Unlinked => "unlinked",
            Self::Vacuous => "vacuous",
            Self::Undeclared => "undeclared",
            Self::Duplicates => "duplicates",
            Self::Unset => "unset",
            Self::Unseen => "unseen",
            Self::Unused => "unused",
            Self::All => "all",
        }
    }
}

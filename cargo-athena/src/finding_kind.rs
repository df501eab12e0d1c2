//! Kinds of findings about the recordings, as `--deny` names them.

use athena_protocol::Finding;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A kind of finding, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FindingKind {
    /// Cases whose model is gone.
    Orphans,
    /// Models without cases.
    Uncovered,
    /// Recorded variables that the model does not declare: replay ignores them.
    Undeclared,
    /// Cases that record the same call.
    Duplicates,
    /// Declared variables that no case sets.
    Unset,
    /// Fields, values, variants and errors that occur in no case.
    Unseen,
    /// Named environments that no case is recorded under.
    Unused,
}

impl FindingKind {
    /// The kind of a finding. `None` for a broken file, which is always an error.
    pub(crate) fn from_finding(finding: &Finding) -> Option<Self> {
        Some(match finding {
            Finding::Broken { .. } => return None,
            Finding::Orphans { .. } => Self::Orphans,
            Finding::Uncovered { .. } => Self::Uncovered,
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
            Self::Undeclared => "undeclared",
            Self::Duplicates => "duplicates",
            Self::Unset => "unset",
            Self::Unseen => "unseen",
            Self::Unused => "unused",
        }
    }
}

/// Parses the kinds that a replay can check without opening every case.
pub(crate) fn test_parser() -> impl TypedValueParser<Value = FindingKind> {
    PossibleValuesParser::new([FindingKind::Orphans.name(), FindingKind::Uncovered.name()])
        .try_map(|name| FindingKind::from_str(&name, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_typed_as_it_is_shown() {
        for kind in FindingKind::value_variants() {
            assert_eq!(FindingKind::from_str(kind.name(), false).as_ref(), Ok(kind));
        }
    }
}

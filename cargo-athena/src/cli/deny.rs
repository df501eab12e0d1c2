//! `--deny`: kinds of findings.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::finding_kind::FindingKind;

impl ValueEnum for FindingKind {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Orphans,
            Self::Uncovered,
            Self::Unbuilt,
            Self::Unlinked,
            Self::Vacuous,
            Self::Undeclared,
            Self::Duplicates,
            Self::Unset,
            Self::Unseen,
            Self::Unused,
            Self::All,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Orphans => "Cases whose model is gone",
            Self::Uncovered => "Models without cases",
            Self::Unbuilt => "Targets left out by features, which could have models",
            Self::Unlinked => "Models that no program links, and second copies of athena-rt",
            Self::Vacuous => "Comparisons of outcomes that can't fail",
            Self::Undeclared => {
                "Recorded variables that the model does not declare, which replay ignores"
            }
            Self::Duplicates => "Cases that are the same call",
            Self::Unset => "Declared variables that no case sets",
            Self::Unseen => "Fields, values, variants and errors that no case has",
            Self::Unused => "Named environments that no case is recorded under",
            Self::All => "Every kind",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

/// Parses the kinds that a replay can check without opening every case.
pub(super) fn test_parser() -> impl TypedValueParser<Value = FindingKind> {
    let kinds = [
        FindingKind::Orphans,
        FindingKind::Uncovered,
        FindingKind::Unbuilt,
        FindingKind::Unlinked,
        FindingKind::Vacuous,
        FindingKind::All,
    ];
    PossibleValuesParser::new(kinds.map(FindingKind::name))
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

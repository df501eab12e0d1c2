//! The error that a case expects: as recorded, of a kind, or any.

use athena_core::outcome::ErrorOutcome;
use serde::{Deserialize, Deserializer};

/// `{"kind": .., "message": ..}`, `{"kind": ..}` with any message, or `"any"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "write {\"kind\": .., \"message\": ..}, {\"kind\": ..} or \"any\"")]
enum Expected {
    Any(AnyError),
    Kind(ErrorOfKind),
}

#[derive(Deserialize)]
enum AnyError {
    #[serde(rename = "any")]
    Any,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorOfKind {
    kind: String,
    #[serde(default = "any")]
    message: String,
}

fn any() -> String {
    ErrorOutcome::ANY.to_owned()
}

pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ErrorOutcome>, D::Error> {
    Ok(Option::<Expected>::deserialize(deserializer)?.map(|expected| match expected {
        Expected::Any(AnyError::Any) => ErrorOutcome { kind: any(), message: any() },
        Expected::Kind(ErrorOfKind { kind, message }) => ErrorOutcome { kind, message },
    }))
}

#[cfg(test)]
mod tests {
    use crate::case::CaseOutcome;

    fn error(text: &str) -> Option<(String, String)> {
        let outcome = CaseOutcome::from_text(&format!("{{\"error\":{text}}}"), false).ok()?;
        outcome.error.map(|error| (error.kind, error.message))
    }

    #[test]
    fn an_error_is_expected_whole_by_its_kind_or_at_all() {
        let pair = |kind: &str, message: &str| Some((kind.to_owned(), message.to_owned()));
        assert_eq!(error(r#"{"kind":"Refused","message":"no"}"#), pair("Refused", "no"));
        assert_eq!(error(r#"{"kind":"Refused"}"#), pair("Refused", "*"));
        assert_eq!(error(r#""any""#), pair("*", "*"));
        assert_eq!(error(r#""Refused""#), None);
    }
}

//! Recognises a failure in another run.

use athena_protocol::{Difference, Failure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::display::hex;

/// The end of a truncated value.
const CUT: &str = " ..";

/// A hash of what the user sees of a failure. Volatile values are not in it, because they are not
/// differences. Differences that are not shown are covered by the hash of the outcome.
pub(crate) fn failure_fingerprint(failure: &Failure) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{:?}\0{}\0", failure.kind, failure.reason));
    hasher.update(serde_json::to_vec(&failure.differences).unwrap_or_default());
    let shows_all = failure.left_out == 0 && !failure.differences.iter().any(is_truncated);
    if failure.differences.is_empty() || !shows_all {
        hasher.update(&failure.digest);
    }
    hex(&hasher.finalize()[..8])
}

fn is_truncated(difference: &Difference) -> bool {
    let cut = |value: &Option<Value>| {
        value.as_ref().and_then(Value::as_str).is_some_and(|text| text.ends_with(CUT))
    };
    cut(&difference.old) || cut(&difference.new)
}

#[cfg(test)]
mod tests {
    use athena_protocol::FailureKind;
    use serde_json::json;

    use super::*;

    /// A case of `m::f` whose `/value` differs.
    fn differs(name: &str, old: &Value, new: &Value) -> Failure {
        let now = json!({ "output": { "value": new } });
        let difference = Difference {
            pointer: "/value".to_owned(),
            path: "/value".to_owned(),
            old: Some(old.clone()),
            new: Some(new.clone()),
            ..Difference::default()
        };
        Failure {
            name: format!("m::f::{name}"),
            label: None,
            model: "m::f".to_owned(),
            kind: FailureKind::Differs,
            file: "fixtures/m/f/a.json".to_owned(),
            line: 1,
            reason: String::new(),
            differences: vec![difference],
            left_out: 0,
            env: None,
            input: None,
            recorded: Some(json!({ "output": { "value": old } }).into()),
            digest: now.to_string(),
            now: Some(now.into()),
            printed: String::new(),
            micros: 0,
        }
    }

    #[test]
    fn another_value_is_another_mark_and_a_volatile_one_is_not() {
        let one = differs("a", &json!(1), &json!(2));
        let volatile = Failure { digest: "other".to_owned(), now: None, ..one.clone() };
        assert_eq!(failure_fingerprint(&one), failure_fingerprint(&volatile));
        assert_ne!(
            failure_fingerprint(&one),
            failure_fingerprint(&differs("a", &json!(1), &json!(3)))
        );
        assert_ne!(
            failure_fingerprint(&one),
            failure_fingerprint(&differs("a", &json!(0), &json!(2))),
            "another recording"
        );
    }

    #[test]
    fn what_is_not_shown_counts_by_the_hash_of_the_outcome() {
        let cut = differs("a", &json!(1), &json!("long .."));
        let other = Failure { digest: "other".to_owned(), ..cut.clone() };
        assert_ne!(failure_fingerprint(&cut), failure_fingerprint(&other));
        let many = Failure { left_out: 3, ..differs("a", &json!(1), &json!(2)) };
        let other = Failure { digest: "other".to_owned(), ..many.clone() };
        assert_ne!(failure_fingerprint(&many), failure_fingerprint(&other));
    }
}

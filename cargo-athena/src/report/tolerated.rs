//! Hides values that changed without being a difference: volatile values and values within a
//! tolerance. They would distract from the real differences.

use athena_protocol::{Difference, Failure};
use serde_json::Value;

/// The failure with such values as recorded, and their number.
pub(crate) fn hide(mut failure: Failure) -> (Failure, usize) {
    // Pointers are relative to one message only.
    if failure.left_out > 0 || failure.differences.is_empty() {
        return (failure, 0);
    }
    let Failure { recorded: Some(recorded), now: Some(now), differences, .. } = &mut failure else {
        return (failure, 0);
    };
    let (Some(old), Some(new)) = (recorded.get("output"), now.get_mut("output")) else {
        return (failure, 0);
    };
    let hidden = hide_values(old, new, "", differences);
    (failure, hidden)
}

fn hide_values(old: &Value, new: &mut Value, pointer: &str, differences: &[Difference]) -> usize {
    let is_reported = |difference: &Difference| {
        let reported = difference.pointer.as_str();
        pointer.strip_prefix(reported).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if old == new || differences.iter().any(is_reported) {
        return 0;
    }
    if let (Value::Object(old), Value::Object(new)) = (old, &mut *new) {
        let mut hidden = 0;
        // An expectation may leave a volatile value out.
        let is_shown = |key: &String| {
            let key = key.replace('~', "~0").replace('/', "~1");
            let place = format!("{pointer}/{key}");
            differences.iter().any(|difference| {
                let rest = difference.pointer.strip_prefix(&place);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let before = new.len();
        new.retain(|key, _| old.contains_key(key) || is_shown(key));
        hidden += before - new.len();
        for (key, old) in old {
            if let Some(new) = new.get_mut(key) {
                let key = key.replace('~', "~0").replace('/', "~1");
                hidden += hide_values(old, new, &format!("{pointer}/{key}"), differences);
            }
        }
        return hidden;
    }
    // Which elements of the lists correspond is not known here.
    let below = format!("{pointer}/");
    if differences.iter().any(|difference| difference.pointer.starts_with(&below)) {
        return 0;
    }
    old.clone_into(new);
    1
}

#[cfg(test)]
mod tests {
    use athena_protocol::FailureKind;
    use serde_json::json;

    use super::*;

    fn failure(pointers: &[&str], old: &Value, new: &Value) -> Failure {
        let differences = pointers.iter().map(|&pointer| Difference {
            pointer: pointer.to_owned(),
            path: pointer.to_owned(),
            ..Difference::default()
        });
        Failure {
            name: "m::f::a".to_owned(),
            model: "m::f".to_owned(),
            kind: FailureKind::Differs,
            file: String::new(),
            line: 1,
            reason: String::new(),
            differences: differences.collect(),
            left_out: 0,
            env: None,
            input: None,
            recorded: Some(json!({ "output": old })),
            now: Some(json!({ "output": new })),
            digest: "d".to_owned(),
            printed: String::new(),
            micros: 0,
        }
    }

    #[test]
    fn only_what_is_told_to_differ_differs() {
        let old = json!({ "total": 1, "stamp": 5, "inner": { "a/b": 1, "x": 1 } });
        let new = json!({ "total": 2, "stamp": 6, "at": 1, "inner": { "a/b": 2, "x": 2 } });
        let (shown, hidden) = hide(failure(&["/total", "/inner/a~1b"], &old, &new));
        assert_eq!(hidden, 3);
        let kept = json!({ "total": 2, "stamp": 5, "inner": { "a/b": 2, "x": 1 } });
        assert_eq!(shown.now, Some(json!({ "output": kept })));
    }

    #[test]
    fn nothing_is_hidden_where_it_is_not_sure() {
        let old = json!({ "list": [1, 2], "gone": 1 });
        let new = json!({ "list": [2, 3] });
        let one = failure(&["/list/1"], &old, &new);
        assert_eq!(hide(one.clone()), (one, 0));
        let cut = Failure { left_out: 1, ..failure(&["/list/1"], &old, &new) };
        assert_eq!(hide(cut.clone()), (cut, 0));
    }
}

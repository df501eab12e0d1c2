//! The line of a case's file that has a value of its outcome.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use athena_protocol::Failure;
use athena_protocol::json::RawJson;
use athena_protocol::json::pointer::unescaped;
use serde_json::value::RawValue;

/// The keys under which a case has its outcome.
const OUTCOMES: [&str; 3] = ["error", "outputs", "output"];

/// The line of the first difference of a failure: of its value, or of the nearest one around it where the recorded
/// outcome lacks it. The line of the failure if its file tells no more.
pub(super) fn line_of(failure: &Failure, root: &Path) -> u64 {
    let line = failure.line.max(1);
    // A case of a suite is one line.
    let is_file = Path::new(&failure.file).extension().is_some_and(|end| end == "json");
    let Some(first) = failure.differences.first().filter(|_| is_file) else { return line };
    let text = fs::read_to_string(root.join(&failure.file)).ok();
    text.and_then(|text| find(&text, &first.pointer)).unwrap_or(line)
}

fn find(text: &str, pointer: &str) -> Option<u64> {
    let case: &RawValue = serde_json::from_str(text).ok()?;
    let steps: Vec<Cow<'_, str>> = pointer.split('/').skip(1).map(unescaped).collect();
    let outcomes = OUTCOMES.iter().filter_map(|key| step(case, key));
    // A pointer begins in the message of an outcome, or for a part of an error in the case.
    let starts = [case].into_iter().chain(outcomes);
    let (_, value) = starts.map(|start| walk(start, &steps)).max_by_key(|(taken, _)| *taken)?;
    let start = (value.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    Some(text.get(..start)?.matches('\n').count() as u64 + 1)
}

/// The number of steps that lead on, and the value that they lead to.
fn walk<'t>(start: &'t RawValue, steps: &[Cow<'_, str>]) -> (usize, &'t RawValue) {
    let mut at = start;
    for (taken, name) in steps.iter().enumerate() {
        match step(at, name) {
            Some(next) => at = next,
            None => return (taken, at),
        }
    }
    (steps.len(), at)
}

fn step<'t>(value: &'t RawValue, name: &str) -> Option<&'t RawValue> {
    match RawJson::parse(value, 0).ok()? {
        RawJson::Object(members) => {
            members.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        }
        RawJson::List(items) => items.get(name.parse::<usize>().ok()?).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_value_or_of_the_nearest_one_around_it() {
        let case = "{\n  \"output\": {\n    \"a\": 1,\n    \"list\": [\n      {\n        \"x/y\": 2\n      }\n    ]\n  }\n}\n";
        for (pointer, line) in [
            ("/a", 3),
            ("/list", 4),
            ("/list/0/x~1y", 6),
            ("/list/0/new", 5),
            ("/list/1", 4),
            ("/new/deep", 2),
            ("", 2),
        ] {
            assert_eq!(find(case, pointer), Some(line), "{pointer}");
        }
        let many = "{\n  \"outputs\": [\n    1,\n    2\n  ],\n  \"error\": {\n    \"kind\": \"E\",\n    \"message\": \"m\"\n  }\n}";
        assert_eq!(find(many, "/1"), Some(4));
        assert_eq!(find(many, "/error/message"), Some(8));
        assert_eq!(find("not JSON", "/a"), None);
    }
}

//! Checks the command lines of both programs against one table.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Arguments, and what they mean: some fields of the request, or a part of the error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    args: Vec<String>,
    request: Option<Map<String, Value>>,
    error: Option<String>,
}

/// Checks that a command line reads the arguments of each row, a line of JSON, as the row has it.
///
/// # Panics
///
/// If it does not.
#[allow(clippy::panic, reason = "it is part of tests")]
pub fn check(table: &str, request: impl Fn(&[String]) -> Result<Value, String>) {
    for line in table.lines() {
        let row: Row = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        match (request(&row.args), &row.request, &row.error) {
            (Ok(request), Some(wanted), None) => {
                for (field, value) in wanted {
                    assert_eq!(request.get(field), Some(value), "{field} of {:?}", row.args);
                }
            }
            (Err(error), None, Some(wanted)) => {
                assert!(error.contains(wanted), "{:?}: {error}", row.args);
            }
            (read, ..) => panic!("{line}\nis read as {read:?}"),
        }
    }
}

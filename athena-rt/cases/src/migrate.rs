//! Migrates cases of an older format to the current one.
//!
//! A step converts a case from format `n` to `n + 1`. There is only one format so far.

use serde_json::{Map, Value};

use super::case::{Case, FORMAT};
use athena_core::error::{Error, Result};
use athena_protocol::json;
use athena_protocol::json::text;

/// Converts a case from one format to the next.
pub type Step = fn(&mut Map<String, Value>) -> Result<()>;

/// The step from format `n` is at `n - 1`.
const STEPS: &[Step] = &[];

/// The text of a case file in the newest format; `None` if it has that format.
pub fn file(old: &str) -> Result<Option<String>> {
    let Some(case) = up(old, STEPS, u64::from(FORMAT))? else { return Ok(None) };
    let mut laid_out = String::new();
    text::pretty(&case, 0, &mut laid_out);
    laid_out.push('\n');
    Ok(Some(laid_out))
}

/// The text of a suite in the newest format; `None` if it has that format.
pub fn suite(old: &str) -> Result<Option<String>> {
    let mut changed = false;
    let mut out = String::with_capacity(old.len());
    for (at, line) in old.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let new = up(line, STEPS, u64::from(FORMAT))
            .map_err(|error| error.context(format!("line {}", at + 1)))?;
        changed |= new.is_some();
        out.push_str(new.as_deref().unwrap_or(line));
        out.push('\n');
    }
    Ok(changed.then_some(out))
}

fn up(old: &str, steps: &[Step], newest: u64) -> Result<Option<String>> {
    let wrong = |reason: String| Error::usage(reason);
    let case = json::parse(old).map_err(|error| wrong(format!("not a case: {error}")))?;
    let Value::Object(mut case) = case else {
        return Err(wrong("not a case: not an object".to_owned()));
    };
    let Some(format) = case.get("format").and_then(Value::as_u64) else {
        return Err(wrong("the case has no format number".to_owned()));
    };
    if format == newest {
        return Ok(None);
    }
    if format > newest {
        return Err(wrong(format!("the case has format {format}, newer than {newest}"))
            .help("update athena-rt"));
    }
    // A map keeps the last of two equal keys: nothing may be lost on the way.
    Case::check_keys(old).map_err(|(_, reason)| wrong(reason))?;
    for from in format..newest {
        let step = usize::try_from(from).ok().and_then(|from| steps.get(from.checked_sub(1)?));
        let Some(step) = step else {
            return Err(wrong(format!("no migration from format {from} exists")));
        };
        step(&mut case)?;
        case.insert("format".to_owned(), Value::from(from + 1));
    }
    serde_json::to_string(&in_order(&case)).map(Some).map_err(|error| wrong(error.to_string()))
}

/// The keys of a case in the order they are written, whatever order a map keeps.
fn in_order(case: &Map<String, Value>) -> impl serde::Serialize + '_ {
    const FILE: &[&str] =
        &["format", "model", "generated", "env", "input", "output", "outputs", "error"];
    const LINE: &[&str] =
        &["model", "case", "format", "generated", "env", "input", "output", "outputs", "error"];
    struct Ordered<'a>(&'a Map<String, Value>);
    impl serde::Serialize for Ordered<'_> {
        fn serialize<S: serde::Serializer>(
            &self,
            serializer: S,
        ) -> std::result::Result<S::Ok, S::Error> {
            let order = if self.0.contains_key("case") { LINE } else { FILE };
            let known = order.iter().filter_map(|key| Some((*key, self.0.get(*key)?)));
            let rest = self.0.iter().filter(|(key, _)| !order.contains(&key.as_str()));
            serializer.collect_map(known.chain(rest.map(|(key, value)| (key.as_str(), value))))
        }
    }
    Ordered(case)
}

#[cfg(test)]
#[allow(clippy::unnecessary_wraps, reason = "a step may fail")]
mod tests {
    use super::*;

    fn rename_message(case: &mut Map<String, Value>) -> Result<()> {
        let message = case.remove("message").unwrap_or(Value::Null);
        case.insert("input".to_owned(), message);
        Ok(())
    }

    fn add_env(case: &mut Map<String, Value>) -> Result<()> {
        case.insert("env".to_owned(), Value::Object(Map::new()));
        Ok(())
    }

    #[test]
    fn every_step_on_the_way_is_taken() {
        let old = r#"{"format":1,"model":"m::f","message":{"a":1.5},"output":{}}"#;
        let new = up(old, &[rename_message, add_env], 3).expect("two steps");
        assert_eq!(
            new.as_deref(),
            Some(r#"{"format":3,"model":"m::f","env":{},"input":{"a":1.5},"output":{}}"#)
        );
    }

    #[test]
    fn the_newest_format_is_left_alone_and_a_newer_one_refused() {
        assert_eq!(file(r#"{"format":1}"#).expect("newest"), None);
        assert!(file(r#"{"format":9}"#).is_err());
        assert!(file(r#"{"format":0}"#).is_err_and(|e| e.to_string().contains("no migration")));
        assert!(file(r"{}").is_err_and(|e| e.to_string().contains("no format")));
    }
}

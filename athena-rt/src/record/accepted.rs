//! Outcomes that a person has seen and accepted: these are kept and no others.

use std::collections::HashMap;
use std::path::Path;

use athena_protocol::Accepted as Line;

use crate::error::{Error, Result};
use crate::fixture::case::{Case, Recorded};
use crate::fixture::differences::differences;
use crate::harness::digest;
use crate::registry::Entry;
use crate::structure::Shapes;

/// The cases, by name.
pub(super) struct Accepted(HashMap<String, Line>);

impl Accepted {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
        let lines = text.lines().map(|line| {
            let line: Line = serde_json::from_str(line)
                .map_err(|error| Error::failure(format!("not an accepted case: {error}")))?;
            Ok((line.name.clone(), line))
        });
        lines.collect::<Result<_>>().map(Self)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether what the case holds and what its model gives are still what was shown.
    pub(super) fn check(&self, entry: &Entry, name: &str, old: &str, now: &Recorded) -> Result<()> {
        let Some(shown) = self.0.get(name) else { return Ok(()) };
        let refuse = |what: &str| {
            Err(Error::usage(format!("{name}: {what} is no longer what was shown"))
                .help("nothing was changed: see it as it is now by `cargo athena test`"))
        };
        let many = entry.model.source().many;
        let mut shapes = Shapes::default();
        let shape = entry.model.output(&mut shapes);
        let same = |shown: &serde_json::Value, actual: &Recorded| {
            Recorded::from_text(&shown.to_string(), many)
                .is_ok_and(|shown| differences(&shape, &shapes, &shown, actual).is_empty())
        };
        if let Some(recorded) = &shown.recorded {
            let is_same =
                Case::parse(old, &entry.id).is_ok_and(|case| same(recorded, &case.recorded(many)));
            if !is_same {
                return refuse("what is recorded");
            }
        }
        // A volatile field differs from run to run: then the values decide.
        let is_same =
            shown.digest == digest(now) || shown.now.as_ref().is_some_and(|shown| same(shown, now));
        if is_same { Ok(()) } else { refuse("the outcome") }
    }
}

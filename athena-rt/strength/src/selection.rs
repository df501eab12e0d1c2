//! The recorded cases of the models.

use std::path::Path;

use athena_cases::case::Case;
use athena_core::error::Result;
use athena_core::registry::Registry;
use athena_protocol::Test;
use athena_replay::harness::{SelectedCase, selected_cases};

use crate::messages::RecordedCase;

/// The cases that filters select, and those that can't be read, with the reason.
pub(crate) struct Selection {
    pub(crate) cases: Vec<RecordedCase>,
    pub(crate) broken: Vec<(String, String)>,
}

impl Selection {
    /// Reads the selected cases, without those that are known to fail: in a replay they pass for that reason, and they
    /// catch nothing.
    pub(crate) fn read(registry: &Registry, fixtures: &Path, test: &Test) -> Result<Self> {
        let selected = selected_cases(registry, fixtures, test)?;
        let is_known_to_fail = |case: &SelectedCase| {
            case.text.contains("\"known_failure\"")
                && Case::parse(&case.text, &case.model).is_ok_and(|it| it.known_failure.is_some())
        };
        let cases = selected.cases.into_iter().filter(|case| !is_known_to_fail(case));
        let cases =
            cases.map(|case| RecordedCase { model: case.model, name: case.name, text: case.text });
        Ok(Self { cases: cases.collect(), broken: selected.broken })
    }
}

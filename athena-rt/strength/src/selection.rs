//! The recorded cases of the models.

use std::path::Path;

use athena_core::error::Result;
use athena_core::registry::Registry;
use athena_protocol::Test;
use athena_replay::harness::selected_cases;

use crate::messages::RecordedCase;

/// The cases that filters select, and those that can't be read, with the reason.
pub(crate) struct Selection {
    pub(crate) cases: Vec<RecordedCase>,
    pub(crate) broken: Vec<(String, String)>,
}

impl Selection {
    /// Reads the selected cases.
    pub(crate) fn read(registry: &Registry, fixtures: &Path, test: &Test) -> Result<Self> {
        let selected = selected_cases(registry, fixtures, test)?;
        let cases = selected.cases.into_iter().map(|case| RecordedCase {
            model: case.model,
            name: case.name,
            text: case.text,
        });
        Ok(Self { cases: cases.collect(), broken: selected.broken })
    }
}

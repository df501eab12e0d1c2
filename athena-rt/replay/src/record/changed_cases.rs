//! The cases whose outcome has changed, for a report that follows when all are written.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::rerecorded_file::RerecordedCase;
use super::write::report_written;
use athena_cases::store::Written;
use athena_core::context::Context;
use athena_core::error::{Error, Result};

/// The changed cases, in a file: they may be more than memory should hold.
pub(super) struct ChangedCases {
    is_shown: bool,
    file: Option<BufWriter<File>>,
}

#[derive(Serialize, Deserialize)]
struct ChangedCase<'c> {
    name: Cow<'c, str>,
    path: Cow<'c, Path>,
    old: Cow<'c, str>,
    new: Cow<'c, str>,
}

impl ChangedCases {
    /// Without a report none are kept.
    pub(super) fn new(is_shown: bool) -> Self {
        Self { is_shown, file: None }
    }

    pub(super) fn add(&mut self, case: &RerecordedCase<'_>, text: &str) -> Result<()> {
        if !self.is_shown {
            return Ok(());
        }
        let changed = ChangedCase {
            name: case.full_name().into(),
            path: case.file.path.as_path().into(),
            old: case.text.as_str().into(),
            new: text.into(),
        };
        let mut add = || {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(BufWriter::new(tempfile::tempfile()?)),
            };
            serde_json::to_writer(&mut *file, &changed)?;
            file.write_all(b"\n")
        };
        add().map_err(|error| failed(&error))
    }

    /// Shows each with its differences.
    pub(super) fn report(self, context: &Context<'_>) -> Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        let mut file = file.into_inner().map_err(|error| failed(error.error()))?;
        file.rewind().map_err(|error| failed(&error))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| failed(&error))?;
            let ChangedCase { name, path, old, new } =
                serde_json::from_str(&line).map_err(|error| failed(&error.into()))?;
            report_written(context, Written::Updated, &name, &path, Some(&old), &new, "");
        }
        Ok(())
    }
}

fn failed(error: &std::io::Error) -> Error {
    Error::failure(format!("the changed cases can't be kept for the report: {error}"))
}

//! The texts of the cases that filters select.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_protocol::Test;

use super::messages::BatchSource;
use super::plan::Plan;

/// A selected case with its text.
#[derive(Clone, Debug)]
pub struct SelectedCase {
    pub model: String,
    /// Its name: `model id::case`.
    pub name: String,
    pub text: String,
}

/// The cases that filters select, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct SelectedCases {
    pub cases: Vec<SelectedCase>,
    /// The names of cases that can't be read, with the reason.
    pub broken: Vec<(String, String)>,
}

/// Reads the cases that filters select.
///
/// # Errors
///
/// The folder of cases, or a file of it, can't be read.
pub fn selected_cases(registry: &Registry, fixtures: &Path, test: &Test) -> Result<SelectedCases> {
    let plan = Plan::new(fixtures, registry, test)?;
    let mut cases = Vec::new();
    for case in 0..plan.len() {
        let read = match plan.batch_source(case, case + 1) {
            BatchSource::Files { folder, stems } => {
                let path = folder.join(format!("{}.json", stems[0]));
                std::fs::read_to_string(&path).map_err(|error| Error::io("read", &path, &error))?
            }
            BatchSource::Suite { path, offset, length, .. } => {
                line(&path, offset, length).map_err(|error| Error::io("read", &path, &error))?
            }
        };
        cases.push(SelectedCase {
            model: plan.model(case).to_owned(),
            name: plan.name(case),
            text: read,
        });
    }
    let broken = plan.failed.iter().map(|it| (it.name.clone(), it.why.reason.clone()));
    Ok(SelectedCases { cases, broken: broken.collect() })
}

fn line(path: &Path, offset: u64, length: usize) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut text = String::with_capacity(length);
    file.take(length as u64).read_to_string(&mut text)?;
    Ok(text)
}

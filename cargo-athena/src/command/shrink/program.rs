//! A program with the model, and its outcomes for inputs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::json::digits;
use athena_protocol::{Compare, Entry, Failure, Test, Verb};
use serde_json::json;

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::runner_results::read_entries;
use crate::session::Session;
use athena_shrink::{ModelInput, Variant, Variants};

/// The suite that contains the inputs.
const SUITE: &str = "shrink";

/// The model in one program: the working tree's or the base's.
pub(super) struct ModelProgram {
    pub(super) session: Session,
    pub(super) catalog: Catalog,
    /// The model's index in the catalog.
    pub(super) model: usize,
}

/// The effect of an input.
pub(super) enum InputOutcome {
    /// The model has an outcome.
    Outcome,
    /// The model has no outcome.
    Failed(Box<Failure>),
}

/// The effects of inputs, and the file with the runner's results.
pub(super) struct ObservedInputs {
    /// In the order of the inputs.
    pub(super) seen: Vec<InputOutcome>,
    notes: PathBuf,
}

impl ModelProgram {
    pub(super) fn id(&self) -> &str {
        &self.catalog.models[self.model].info.id
    }

    /// Sends a request to the runner, with the cases of a folder.
    pub(super) fn ask(&self, fixtures: &Path, verb: Verb) -> Result<athena_protocol::Reply> {
        let runner = &self.catalog.runners[self.catalog.models[self.model].runner];
        self.session.ask_over(runner, fixtures, verb)
    }

    /// Runs the model on inputs in model processes. `name` is the name of the results file.
    pub(super) fn observe(
        &self,
        inputs: &[ModelInput],
        limits: &Test,
        folder: &Path,
        name: &str,
    ) -> Result<ObservedInputs> {
        let failed = || Error::failure("the inputs can't be passed to the runner");
        let fixtures = folder.join("fixtures");
        let suite = fixtures.join(self.id().replace("::", "/")).join(format!("{SUITE}.jsonl"));
        let lines: Vec<String> = inputs
            .iter()
            .enumerate()
            .map(|(at, input)| {
                let line = json!({
                    "model": self.id(),
                    "case": format!("c{at}"),
                    "format": 1,
                    "env": input.env,
                    "input": input.message,
                    "output": null,
                });
                digits::to_text(&line) + "\n"
            })
            .collect();
        suite.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| failed().cause(error))?;
        fs::write(&suite, lines.concat()).map_err(|error| failed().cause(error))?;
        let notes = folder.join(format!("{name}.jsonl"));
        let request = Test {
            models: Some(vec![self.id().to_owned()]),
            report: Some(notes.clone()),
            ..limits.clone()
        };
        let reply = self.ask(&fixtures, Verb::Observe(request))?;
        if reply.exit != 0 {
            return Err(Error::failure("the runner did not try the inputs"));
        }
        let mut seen: HashMap<String, InputOutcome> = HashMap::new();
        for entry in read_entries(&notes)? {
            if let Entry::Observed(one) = entry? {
                let what = match one.failure {
                    Some(failure) => InputOutcome::Failed(failure),
                    None => InputOutcome::Outcome,
                };
                seen.insert(one.name, what);
            }
        }
        let seen = (0..inputs.len()).map(|at| {
            let name = case(self.id(), at);
            seen.remove(&name)
                .ok_or_else(|| Error::failure(format!("the runner reported nothing for {name}")))
        });
        Ok(ObservedInputs { seen: seen.collect::<Result<_>>()?, notes })
    }

    /// The differences between outcomes by index of the input, compared by this program's types.
    /// Inputs without an outcome in either program are left out.
    pub(super) fn compare(
        &self,
        old: &ObservedInputs,
        new: &ObservedInputs,
        folder: &Path,
    ) -> Result<HashMap<usize, Failure>> {
        let report = folder.join("compared.jsonl");
        let request = Compare {
            old: Some(old.notes.clone()),
            new: new.notes.clone(),
            report: report.clone(),
            ..Compare::default()
        };
        let reply = self.ask(&folder.join("fixtures"), Verb::Compare(request))?;
        if reply.exit != 0 {
            return Err(Error::failure("the runner did not compare the outcomes"));
        }
        let mut differ = HashMap::new();
        for entry in read_entries(&report)? {
            if let Entry::Failed(failure) = entry?
                && let Some(at) =
                    (0..new.seen.len()).find(|&at| failure.name == case(self.id(), at))
            {
                differ.insert(at, failure);
            }
        }
        Ok(differ)
    }

    /// The enums in the model's input.
    pub(super) fn variants(&self) -> Variants {
        let input = &self.catalog.models[self.model].info.input;
        let all = std::iter::once(input).chain(&input.nested);
        // A field has a type. A variant has one only if it carries data.
        let enums = all.filter(|one| one.fields.iter().any(|field| field.kind.is_empty()));
        Variants::new(
            enums
                .map(|one| {
                    let variants = one.fields.iter().map(|field| Variant {
                        name: field.name.clone(),
                        has_data: !field.kind.is_empty(),
                    });
                    variants.collect()
                })
                .collect(),
        )
    }
}

fn case(id: &str, at: usize) -> String {
    format!("{id}::{SUITE}/c{at}")
}

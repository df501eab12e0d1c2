//! What is kept of a message: a case as a suite has it, and nothing of what is secret.
//!
//! A model with a secret, in its environment or its messages, is kept without outcome: its outcome
//! came about under the secret and may have it in any text. `record --from-capture` finds the
//! outcome by running the model under placeholders, as `record` always does.

use std::collections::HashMap;

use athena_protocol::Format;

use athena_cases::case::{CaseOutcome, NewCase};
use athena_cases::text;
use athena_core::environment::{Variable, Variables, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_structure as structure;
use athena_structure::description::TypeDescription;
use athena_structure::has_secrets;

/// A message that was run, on its way to the writer.
pub(super) struct Job {
    pub(super) entry: Entry,
    pub(super) variables: Variables,
    pub(super) message: Vec<u8>,
    pub(super) format: Format,
    pub(super) outcome: Option<Outcome>,
}

/// A case as it stands in the file, with the end of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) model: String,
    /// Its name: a hash of environment and input.
    pub(super) case: String,
    pub(super) text: String,
}

/// What is known of each model, looked up once.
#[derive(Default)]
pub(super) struct Lines(HashMap<String, Known>);

struct Known {
    variables: Vec<Variable>,
    input: TypeDescription,
    has_secrets: bool,
}

impl Job {
    /// The bytes of message and outcome.
    pub(super) fn size(&self) -> usize {
        self.message.len() + self.outcome.as_ref().map_or(0, Outcome::size)
    }
}

impl Lines {
    /// The line of a message.
    ///
    /// # Errors
    ///
    /// It can't be written without what is secret in it.
    pub(super) fn line(&mut self, job: &Job) -> Result<Line> {
        let model = job.entry.model;
        let known = self.0.entry(job.entry.id.clone()).or_insert_with(|| Known::of(&job.entry));
        let wrong = |reason: String| Error::failure(format!("{}: {reason}", job.entry.id));
        let given = match job.format {
            Format::Json => std::str::from_utf8(&job.message)
                .map(str::to_owned)
                .map_err(|error| wrong(error.to_string()))?,
            Format::Protobuf => {
                model.to_json(&job.message).map_err(|error| wrong(error.to_string()))?
            }
        };
        let input = if has_secrets(&known.input) {
            structure::redact(&given, &known.input)
                .ok_or_else(|| wrong("its secrets can't be told from the rest".to_owned()))?
        } else {
            given
        };
        let result =
            if known.has_secrets { CaseOutcome::empty() } else { job.recorded().map_err(wrong)? };
        let recording = NewCase {
            model: job.entry.id.clone(),
            env: strip_secrets(&known.variables, &job.variables),
            input: text::compact(&input),
            result,
        };
        let case = recording.hashed_name()?;
        let mut text = recording.to_line(&case)?;
        text.push('\n');
        Ok(Line { model: recording.model, case, text })
    }
}

impl Job {
    fn recorded(&self) -> Result<CaseOutcome, String> {
        let model = self.entry.model;
        let many = model.source().many;
        let Some(outcome) = &self.outcome else { return Ok(CaseOutcome::empty()) };
        if outcome.format == Format::Json {
            return Ok(CaseOutcome::new(many, outcome));
        }
        let messages = outcome.raw_messages().map(|message| model.output_to_json(message));
        let messages = messages.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(CaseOutcome { many, messages, error: outcome.error.clone() })
    }
}

impl Known {
    fn of(entry: &Entry) -> Self {
        let variables = entry.model.variables();
        let input = entry.model.input_type();
        let has_secrets = !secrets(entry).is_empty();
        Self { variables, input, has_secrets }
    }
}

/// What is to be said of a model with secrets.
pub(super) fn about(entry: &Entry) -> Option<String> {
    let secrets = secrets(entry);
    if secrets.is_empty() {
        return None;
    }
    Some(format!(
        "{} has secrets ({}): its messages are captured with placeholders in their place, and without outcome",
        entry.id,
        secrets.join(", ")
    ))
}

/// Where a model has secrets.
fn secrets(entry: &Entry) -> Vec<&'static str> {
    let variables = entry.model.variables();
    let mut found: Vec<&'static str> =
        variables.iter().filter(|variable| variable.secret).map(|variable| variable.name).collect();
    if has_secrets(&entry.model.input_type()) {
        found.push("fields of its messages");
    }
    if has_secrets(&entry.model.output_type()) {
        found.push("fields of its outcomes");
    }
    found
}

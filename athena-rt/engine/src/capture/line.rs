//! Formats a message as a case of a suite, without secrets.
//!
//! The outcome of a model with secrets, in its environment or its messages, is not kept: any text of it
//! may contain a secret. `record --from-capture` runs the model with placeholders to find the outcome,
//! as `record` always does.

use std::collections::HashMap;

use athena_protocol::Format;

use athena_cases::case::{CaseNotes, CaseOutcome, NewCase};
use athena_core::environment::{Variable, Variables, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_protocol::json::text;
use athena_structure as structure;
use athena_structure::description::TypeDescription;
use athena_structure::has_secrets;

/// A message that was run.
pub(super) struct CapturedMessage {
    pub(super) entry: Entry,
    pub(super) variables: Variables,
    pub(super) message: Vec<u8>,
    pub(super) format: Format,
    pub(super) outcome: Option<Outcome>,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaptureLine {
    pub(super) model: String,
    /// The name of the case: a hash of environment and input.
    pub(super) case: String,
    /// The case with a line end.
    pub(super) text: String,
}

/// Formats lines. Looks up each model once.
#[derive(Default)]
pub(super) struct LineFormatter(HashMap<String, ModelInfo>);

struct ModelInfo {
    variables: Vec<Variable>,
    input: TypeDescription,
    has_secrets: bool,
}

impl CapturedMessage {
    /// The size of message and outcome in bytes.
    pub(super) fn size(&self) -> usize {
        self.message.len() + self.outcome.as_ref().map_or(0, Outcome::size)
    }
}

impl LineFormatter {
    /// Formats the line of a message.
    ///
    /// # Errors
    ///
    /// The message is invalid, or its secrets can't be removed.
    pub(super) fn format(&mut self, captured: &CapturedMessage) -> Result<CaptureLine> {
        let model = captured.entry.model;
        let info = self
            .0
            .entry(captured.entry.id.clone())
            .or_insert_with(|| ModelInfo::new(&captured.entry));
        let invalid = |reason: String| Error::failure(format!("{}: {reason}", captured.entry.id));
        let given = match captured.format {
            Format::Json => std::str::from_utf8(&captured.message)
                .map(str::to_owned)
                .map_err(|error| invalid(error.to_string()))?,
            Format::Protobuf => {
                model.to_json(&captured.message).map_err(|error| invalid(error.to_string()))?
            }
        };
        let input = if has_secrets(&info.input) {
            structure::redact(&given, &info.input)
                .ok_or_else(|| invalid("its secrets can't be found".to_owned()))?
        } else {
            given
        };
        let result = if info.has_secrets {
            CaseOutcome::empty()
        } else {
            captured.recorded().map_err(invalid)?
        };
        let recording = NewCase {
            model: captured.entry.id.clone(),
            env: strip_secrets(&info.variables, &captured.variables),
            input: text::compact(&input),
            result,
            generated: None,
            notes: CaseNotes::default(),
        };
        let case = recording.hashed_name()?;
        let mut text = recording.to_line(&case)?;
        text.push('\n');
        Ok(CaptureLine { model: recording.model, case, text })
    }
}

impl CapturedMessage {
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

impl ModelInfo {
    fn new(entry: &Entry) -> Self {
        let variables = entry.model.variables();
        let input = entry.model.input_type();
        let has_secrets = !secrets(entry).is_empty();
        Self { variables, input, has_secrets }
    }
}

/// Describes a model's secrets, if it has any.
pub(super) fn describe_secrets(entry: &Entry) -> Option<String> {
    let secrets = secrets(entry);
    if secrets.is_empty() {
        return None;
    }
    Some(format!(
        "{} has secrets ({}): its messages are captured with placeholders and without outcomes",
        entry.id,
        secrets.join(", ")
    ))
}

/// The places where a model has secrets.
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

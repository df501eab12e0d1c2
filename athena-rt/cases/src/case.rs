//! A case: the input and the outcome of one call. A file and a line of a suite have the same object.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::collect::insert_all;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::duplicate_keys;
use super::place::place_within;
use athena_core::environment::Variables;
use athena_core::error::{Error, Result};
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_protocol::json::text;
use athena_protocol::text::suggest;
use athena_structure::__private::Json;

/// The format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// A case that is read: input and outcome are borrowed text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case<'a> {
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    /// Its name in a suite; the suite's index has it too.
    #[serde(default, rename = "case")]
    _case: Option<&'a str>,
    pub format: u32,
    /// Why it was generated. `None` if it was recorded by hand.
    #[serde(borrow, default)]
    pub generated: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub env: &'a RawValue,
    #[serde(borrow)]
    pub input: &'a RawValue,
    #[serde(borrow, default)]
    pub output: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub outputs: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "super::expected_error::read")]
    pub error: Option<ErrorOutcome>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    pub known_failure: Option<String>,
}

#[derive(Deserialize)]
struct OutcomeOnly<'a> {
    #[serde(borrow, default)]
    output: Option<&'a RawValue>,
    #[serde(borrow, default)]
    outputs: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "super::expected_error::read")]
    error: Option<ErrorOutcome>,
}

/// What a person or an import says about a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseNotes {
    /// What the case is about.
    pub note: Option<String>,
    /// Where the case comes from.
    pub source: Option<String>,
    /// Why the model does not have this outcome yet. The case fails when it passes.
    pub known_failure: Option<String>,
}

/// Reads only the format, if the rest can't be read.
#[derive(Deserialize)]
struct FormatOnly {
    format: Option<u64>,
}

impl<'a> Case<'a> {
    /// Reads a case and checks that it is one, of this format and of this model, and that no
    /// object has a key twice. The error has the line in this text, from 1.
    pub fn parse(text: &'a str, model: &str) -> std::result::Result<Self, (usize, String)> {
        let case = Self::parse_unchecked(text, model)?;
        Self::check_keys(text)?;
        Ok(case)
    }

    /// Refuses a case that has a key twice, at any depth.
    pub fn check_keys(text: &str) -> std::result::Result<(), (usize, String)> {
        duplicate_keys::find(text).map_or(Ok(()), |found| Err((found.line, found.to_string())))
    }

    /// The same as [`Case::parse`] without [`Case::check_keys`], which takes as long: for replay,
    /// where an outcome that is equal byte by byte has no key twice.
    pub fn parse_unchecked(
        text: &'a str,
        model: &str,
    ) -> std::result::Result<Self, (usize, String)> {
        let case = Self::parse_input(text, model)?;
        let outcomes = usize::from(case.output.is_some())
            + usize::from(case.outputs.is_some() || case.error.is_some());
        if outcomes != 1 {
            return Err((
                1,
                "a case has exactly one of `output`, `outputs` and `error`".to_owned(),
            ));
        }
        if case.known_failure.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            let line =
                text[..text.find("\"known_failure\"").unwrap_or(0)].matches('\n').count() + 1;
            return Err((line, "`known_failure` is empty: write why the case fails".to_owned()));
        }
        Ok(case)
    }

    /// The same for a case whose outcome does not matter, and may be missing.
    pub fn parse_input(text: &'a str, model: &str) -> std::result::Result<Self, (usize, String)> {
        let case: Self = serde_json::from_str(text).map_err(|error| broken(text, &error))?;
        let line_of = |key: &str| {
            let at = text.find(&format!("\"{key}\"")).unwrap_or(0);
            text[..at].matches('\n').count() + 1
        };
        if case.format != FORMAT {
            return Err((line_of("format"), wrong_format(u64::from(case.format))));
        }
        if case.model != model {
            let reason = format!(
                "the case belongs to the model `{}`, but is in the folder of `{model}`",
                case.model
            );
            return Err((line_of("model"), reason));
        }
        Ok(case)
    }

    /// The line of the recorded variables in the text of the case, from 1.
    pub fn line_of_env(&self, text: &str) -> usize {
        place_within(text, self.env.get(), (1, 1)).map_or(1, |(line, _)| line)
    }

    /// The recorded variables.
    pub fn variables(&self) -> std::result::Result<Variables, String> {
        serde_json::from_str::<Json<BTreeMap<String, String>>>(self.env.get())
            .map(|Json(map)| map.into_iter().collect())
            .map_err(|error| {
                // The line number is relative to `env`, not to the file.
                let reason = error.to_string();
                let reason = reason.split(" at line ").next().unwrap_or_default();
                format!("`env` must be an object with string values: {reason}")
            })
    }

    /// The notes of the case when it is recorded again: without the known failure, which is over.
    pub fn notes_of_rerecorded(&self) -> CaseNotes {
        CaseNotes { note: self.note.clone(), source: self.source.clone(), known_failure: None }
    }

    /// Whether it has an outcome; a captured line may have none.
    pub fn has_outcome(&self) -> bool {
        self.output.is_some() || self.outputs.is_some() || self.error.is_some()
    }

    /// The recorded outcome. `many`: the model returns any number of messages.
    pub fn recorded(&self, many: bool) -> CaseOutcome {
        CaseOutcome {
            many: self.outputs.is_some() || (many && self.output.is_none()),
            messages: self
                .output
                .iter()
                .chain(self.outputs.iter().flatten())
                .map(|message| message.get().to_owned())
                .collect(),
            error: self.error.clone(),
        }
    }

    /// Whether the outcome is the recorded one, except for white space between tokens.
    pub fn matches_exactly(&self, outcome: &Outcome) -> bool {
        if let Some(output) = self.output {
            return outcome
                .single()
                .is_some_and(|now| text::eq_ignoring_layout(output.get().as_bytes(), now));
        }
        if self.error != outcome.error {
            return false;
        }
        let recorded = self.outputs.as_deref().unwrap_or_default();
        recorded.len() == outcome.messages().len()
            && (self.outputs.is_some() || outcome.error.is_some())
            && recorded
                .iter()
                .zip(outcome.messages())
                .all(|(old, now)| text::eq_ignoring_layout(old.get().as_bytes(), now.as_bytes()))
    }
}

fn broken(text: &str, error: &serde_json::Error) -> (usize, String) {
    if let Some(line) = conflict(text) {
        return (
            line,
            "the file has conflict markers: resolve the merge, then run again".to_owned(),
        );
    }
    if text.starts_with('\u{feff}') {
        let reason = "the file begins with a byte order mark: save it as UTF-8 without one";
        return (1, reason.to_owned());
    }
    if let Ok(FormatOnly { format: Some(format) }) = serde_json::from_str(text)
        && format != u64::from(FORMAT)
    {
        return (1, wrong_format(format));
    }
    let reason = match error.classify() {
        _ if text.trim_ascii().is_empty() => "the file is empty".to_owned(),
        serde_json::error::Category::Eof => "not a case: it is cut off".to_owned(),
        _ => not_a_case(error),
    };
    (error.line().max(1), reason)
}

/// Why JSON is not a case. The place is shown with its file and line.
pub(crate) fn not_a_case(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = error.to_string();
    let what = if error.is_syntax() { "not JSON" } else { "not a case" };
    let reason = reason.strip_suffix(&place).unwrap_or(&reason);
    let unknown = reason.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    match unknown {
        Some((key, _)) => format!("{what}: unknown field `{key}`{}", suggest(key, &KEYS)),
        None => format!("{what}: {reason}"),
    }
}

/// The keys of a case.
const KEYS: [&str; 12] = [
    "model",
    "case",
    "format",
    "generated",
    "env",
    "input",
    "output",
    "outputs",
    "error",
    "note",
    "source",
    "known_failure",
];

/// The line of the first conflict marker, from 1.
pub fn conflict(text: &str) -> Option<usize> {
    let marks = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    text.lines().position(|line| marks.iter().any(|mark| line.starts_with(mark))).map(|at| at + 1)
}

fn wrong_format(format: u64) -> String {
    if format < u64::from(FORMAT) {
        format!(
            "the case has format {format}, this version reads {FORMAT}: run `cargo athena migrate`"
        )
    } else {
        format!("the case has format {format}, this version reads {FORMAT}: update athena-rt")
    }
}

/// A case that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCase {
    pub model: String,
    /// Declared variables as set, sorted by name.
    pub env: BTreeMap<String, String>,
    /// The message: compact, otherwise unchanged.
    pub input: String,
    pub result: CaseOutcome,
    /// Why it was generated. `None` if it was recorded by hand.
    pub generated: Option<String>,
    pub notes: CaseNotes,
}

/// An outcome, as compact JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOutcome {
    /// Whether the model returns any number of messages.
    pub many: bool,
    pub messages: Vec<String>,
    pub error: Option<ErrorOutcome>,
}

impl CaseOutcome {
    pub fn new(many: bool, outcome: &Outcome) -> Self {
        Self {
            many,
            messages: outcome.messages().map(str::to_owned).collect(),
            error: outcome.error.clone(),
        }
    }

    /// No outcome, as in a captured line.
    pub fn empty() -> Self {
        Self { many: false, messages: Vec::new(), error: None }
    }

    /// The outcome's own keys and values, as compact JSON.
    ///
    /// # Errors
    ///
    /// The error can't be written as JSON.
    pub fn entries(&self) -> Result<Vec<(&'static str, String)>> {
        let mut entries = Vec::new();
        if !self.many {
            entries.extend(self.messages.first().map(|output| ("output", output.clone())));
        } else if self.error.is_none() || !self.messages.is_empty() {
            entries.push(("outputs", format!("[{}]", self.messages.join(","))));
        }
        if let Some(error) = &self.error {
            entries.push(("error", json(error)?));
        }
        Ok(entries)
    }

    /// The outcome as a case has it, compact: an object with `output`, `outputs` or `error`.
    pub fn to_text(&self) -> Result<String> {
        match &self.messages[..] {
            [output] if !self.many && self.error.is_none() => {
                Ok(["{\"output\":", output, "}"].concat())
            }
            _ => Ok(object(&self.entries()?)),
        }
    }

    /// An outcome as [`CaseOutcome::to_text`] writes it.
    pub fn from_text(text: &str, many: bool) -> serde_json::Result<Self> {
        let outcome: OutcomeOnly<'_> = serde_json::from_str(text)?;
        let messages = outcome.output.iter().chain(outcome.outputs.iter().flatten());
        Ok(Self {
            many: outcome.outputs.is_some() || (many && outcome.output.is_none()),
            messages: messages.map(|message| message.get().to_owned()).collect(),
            error: outcome.error,
        })
    }

    /// The outcome as one JSON value, as diffs show it.
    pub fn to_json(&self) -> Result<String> {
        let entries = self.entries()?;
        match &entries[..] {
            [("output" | "outputs", value)] => Ok(value.clone()),
            _ => Ok(object(&entries)),
        }
    }
}

impl NewCase {
    /// The name of a case without a chosen name.
    pub fn hashed_name(&self) -> Result<String> {
        Ok(super::hash::texts(&[&json(&self.env)?, &self.input]))
    }

    /// A case as [`NewCase::to_line`] writes it. `many`: the model returns any number of messages.
    ///
    /// # Errors
    ///
    /// Why it is not one.
    pub fn from_line(line: &str, model: &str, many: bool) -> std::result::Result<Self, String> {
        let case = Case::parse_input(line, model).map_err(|(_, reason)| reason)?;
        Ok(Self {
            env: insert_all(case.variables()?),
            input: case.input.get().to_owned(),
            result: case.recorded(many),
            notes: CaseNotes {
                note: case.note,
                source: case.source,
                known_failure: case.known_failure,
            },
            generated: case.generated.map(Cow::into_owned),
            model: case.model.into_owned(),
        })
    }

    /// Whether the model is called with the same variables and message.
    pub fn is_same_call(&self, other: &Self) -> bool {
        self.env == other.env && self.input == other.input
    }

    /// How the text of a recorded case differs from this one in what the model is called with. `None`
    /// if it does not.
    pub fn call_difference(&self, recorded: &str) -> Option<String> {
        let case = match Case::parse_input(recorded, &self.model) {
            Ok(case) => case,
            Err((_, reason)) => {
                return Some(format!("there is a file that can't be read: {reason}"));
            }
        };
        let env: BTreeMap<String, String> = insert_all(case.variables().ok().into_iter().flatten());
        let names: BTreeSet<&String> = insert_all(env.keys().chain(self.env.keys()));
        let others = names.into_iter().filter(|name| env.get(*name) != self.env.get(*name));
        let others: Vec<&str> = others.map(String::as_str).collect();
        let value = |text: &str| athena_protocol::json::parse(text).ok();
        let is_same = text::compact(case.input.get()) == self.input
            || value(case.input.get()) == value(&self.input);
        let message = if is_same { None } else { Some("message".to_owned()) };
        let environment = match &others[..] {
            [] => None,
            names => Some(format!("environment ({} differs)", names.join(", "))),
        };
        let parts: Vec<String> = message.into_iter().chain(environment).collect();
        (!parts.is_empty()).then(|| format!("there is a case with another {}", parts.join(" and ")))
    }

    /// The text of a case file.
    pub fn to_file(&self) -> Result<String> {
        let mut entries = vec![("format", FORMAT.to_string()), ("model", json(&self.model)?)];
        entries.extend(self.body()?);
        let mut text = String::new();
        text::pretty(&object(&entries), 0, &mut text);
        text.push('\n');
        Ok(text)
    }

    /// The text of a line in a suite, without its end.
    pub fn to_line(&self, name: &str) -> Result<String> {
        let mut entries = vec![
            ("model", json(&self.model)?),
            ("case", json(name)?),
            ("format", FORMAT.to_string()),
        ];
        entries.extend(self.body()?);
        Ok(object(&entries))
    }

    fn body(&self) -> Result<Vec<(&'static str, String)>> {
        let mut entries = Vec::new();
        if let Some(reason) = &self.generated {
            entries.push(("generated", json(reason)?));
        }
        entries.extend([("env", json(&self.env)?), ("input", self.input.clone())]);
        entries.extend(self.result.entries()?);
        let CaseNotes { note, source, known_failure } = &self.notes;
        for (key, value) in [("note", note), ("source", source), ("known_failure", known_failure)] {
            if let Some(value) = value {
                entries.push((key, json(value)?));
            }
        }
        Ok(entries)
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::failure(error.to_string()))
}

fn object(entries: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(
        2 + entries.iter().map(|(key, value)| key.len() + value.len() + 4).sum::<usize>(),
    );
    for (at, (key, value)) in entries.iter().enumerate() {
        text.push_str(if at == 0 { "{\"" } else { ",\"" });
        text.extend([*key, "\":", value.as_str()]);
    }
    text.push_str(if entries.is_empty() { "{}" } else { "}" });
    text
}

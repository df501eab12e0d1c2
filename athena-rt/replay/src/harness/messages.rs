//! What the supervisor and its model processes send each other, in JSON.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub use athena_protocol::FailureKind;
use athena_protocol::{Difference, Failure, JsonText};
use serde::{Deserialize, Serialize};

/// The settings of a model process that replays cases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReplaySettings {
    pub color: bool,
    /// The folder for full diffs.
    pub artifacts: PathBuf,
    /// Whether failures carry their details, for a report.
    pub detailed: bool,
    /// Whether the text of a failure has the case's input.
    #[serde(default)]
    pub show_input: bool,
    /// Whether outcomes are observed, and not compared.
    pub observe: bool,
    /// The directory that displayed paths are relative to, wherever the process itself is.
    pub base_dir: PathBuf,
}

/// Cases to replay, of one model, from one folder or suite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch {
    pub model: String,
    pub source: BatchSource,
}

/// Where the cases of a batch are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum BatchSource {
    /// Case files in a folder, by their names without `.json`.
    Files { folder: PathBuf, stems: Vec<String> },
    /// Lines of a suite: a range of the file, and the numbers of its lines, from 1.
    Suite {
        path: PathBuf,
        stem: String,
        offset: u64,
        length: usize,
        first: usize,
        /// The number of lines.
        count: usize,
        /// The line numbers, if they are not consecutive.
        lines: Option<Vec<usize>>,
    },
}

/// The results of the first cases of a batch; those that are not listed have passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BatchProgress {
    /// The number of completed cases.
    pub completed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<(usize, CaseFailure)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<(usize, String)>,
    /// The time of each case since the last report, in microseconds; only for a report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub micros: Vec<u64>,
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFailure {
    pub kind: FailureKind,
    /// The text for a person: several lines that fit on a screen.
    pub text: String,
    /// A short reason, without location or diff.
    pub reason: String,
    /// The details for a report: the JSON of a [`FailureDetail`], which the supervisor passes on unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<JsonText>,
}

/// The details of a failure, for a report: members of a [`Failure`], by the same names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureDetail {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<JsonText>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub printed: String,
}

impl FailureDetail {
    /// The JSON, for [`CaseFailure::detail`].
    pub fn to_text(&self) -> Option<JsonText> {
        serde_json::to_string(self).ok().and_then(|text| JsonText::new(&text))
    }
}

/// The members of a [`Failure`] that are known without its details.
#[derive(Serialize)]
struct FailureHead<'a> {
    name: &'a str,
    model: &'a str,
    kind: FailureKind,
    file: Cow<'a, str>,
    line: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    micros: u64,
}

impl CaseFailure {
    /// A failure without details.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, reason: text.trim_end().to_owned(), text, detail: None }
    }

    /// A case of a suite that can't be read. A report knows its file and line, so the reason has none.
    pub fn broken_line(place: &str, reason: &str) -> Self {
        let text = format!("{place}: {reason}\n");
        Self { kind: FailureKind::Broken, reason: reason.to_owned(), text, detail: None }
    }

    /// The failure in the form of a report.
    pub fn at(&self, name: String, model: &str, path: &Path, line: usize) -> Failure {
        let detail: FailureDetail = self
            .detail
            .as_ref()
            .and_then(|detail| serde_json::from_str(detail.as_str()).ok())
            .unwrap_or_default();
        Failure {
            name,
            model: model.to_owned(),
            label: detail.label,
            kind: self.kind,
            file: path.to_string_lossy().into_owned(),
            line: line as u64,
            reason: self.reason_beside_details().to_owned(),
            differences: detail.differences,
            left_out: detail.left_out,
            env: detail.env,
            input: detail.input,
            recorded: detail.recorded,
            now: detail.now,
            digest: detail.digest,
            printed: detail.printed,
            micros: 0,
        }
    }

    /// The JSON of the failure in the form of a report: that of [`at`](Self::at), without a look at
    /// the details, of which there may be a hundred thousand.
    pub fn text_at(
        &self,
        name: &str,
        model: &str,
        path: &Path,
        line: usize,
        micros: u64,
    ) -> serde_json::Result<String> {
        let head = FailureHead {
            name,
            model,
            kind: self.kind,
            file: path.to_string_lossy(),
            line: line as u64,
            reason: self.reason_beside_details(),
            micros,
        };
        let mut text = serde_json::to_string(&head)?;
        if let Some(detail) = self.detail.as_ref().filter(|detail| detail.has_members()) {
            text.pop();
            text.push(',');
            text.push_str(&detail.as_str()[1..]);
        }
        Ok(text)
    }

    /// The reason, unless the details have differences, which say more.
    fn reason_beside_details(&self) -> &str {
        let has_differences = self
            .detail
            .as_ref()
            .is_some_and(|detail| detail.as_str().starts_with("{\"differences\":["));
        if has_differences { "" } else { &self.reason }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_failure_is_the_failure() {
        let json = |text: &str| JsonText::new(text);
        let difference = Difference { path: "/a".to_owned(), ..Difference::default() };
        let with_differences = FailureDetail {
            differences: vec![difference],
            left_out: 2,
            input: json(r#"{"b": " ,", "a": 1}"#),
            recorded: json(r#"{"output":1}"#),
            now: json(r#"{"output":2}"#),
            digest: "1234".to_owned(),
            ..FailureDetail::default()
        };
        let printed =
            FailureDetail { printed: "a \"line\"\n".to_owned(), ..FailureDetail::default() };
        for detail in [Some(with_differences), Some(printed), Some(FailureDetail::default()), None]
        {
            let why = CaseFailure {
                kind: FailureKind::Differs,
                text: "for a person".to_owned(),
                reason: "a \"reason\"".to_owned(),
                detail: detail.as_ref().and_then(FailureDetail::to_text),
            };
            let path = Path::new("/fixtures/a \"b\"/c.jsonl");
            let text = why.text_at("m::f::a", "m::f", path, 3, 7).unwrap();
            let failure = Failure { micros: 7, ..why.at("m::f::a".to_owned(), "m::f", path, 3) };
            assert_eq!(serde_json::from_str::<Failure>(&text).unwrap(), failure);
            let has_differences = detail.is_some_and(|detail| !detail.differences.is_empty());
            assert_eq!(failure.reason.is_empty(), has_differences);
            assert_eq!(failure.input.is_some(), has_differences);
        }
    }
}

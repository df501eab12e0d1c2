//! What the supervisor sends its model processes, and the failures that come back. The supervisor passes on their
//! details unread.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub use athena_protocol::FailureKind;
use athena_protocol::{Difference, Failure, JsonText};
use serde::{Deserialize, Serialize};

/// The number of failures that are described to a person; of the rest only the names are shown.
pub const DESCRIBED: usize = 1_000;

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

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFailure {
    pub kind: FailureKind,
    /// The text for a person: several lines that fit on a screen.
    pub text: String,
    /// A short reason, without location or diff.
    pub reason: String,
    /// The details for a report.
    pub detail: Option<DetailText>,
}

/// The JSON of a [`FailureDetail`] with members, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailText(String);

impl DetailText {
    /// `None` if there are no details.
    fn new(text: String) -> Option<Self> {
        let is_text = text.len() > "{}".len() && !text.contains('\n');
        is_text.then_some(Self(text))
    }

    /// The text that [`as_str`](Self::as_str) has returned.
    pub fn from_sent(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn has_differences(&self) -> bool {
        self.0.starts_with("{\"differences\":[")
    }
}

/// The details of a failure, for a report: members of a [`Failure`], by the same names. `cargo athena` looks at
/// those that stand before `env`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureDetail {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
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
    pub printed: String,
}

impl FailureDetail {
    /// The JSON, for [`CaseFailure::detail`].
    pub fn to_text(&self) -> Option<DetailText> {
        serde_json::to_string(self).ok().and_then(DetailText::new)
    }

    /// The JSON with the variables, and with members that stand behind all that it has, as they are in a text: on one
    /// line, and without white space between their parts.
    pub fn to_text_with(&self, env: Option<&str>, members: &[(&str, &str)]) -> Option<DetailText> {
        let mut text = serde_json::to_string(self).ok()?;
        text.pop();
        text.reserve(
            members.iter().map(|(key, value)| key.len() + value.len() + 4).sum::<usize>() + 1,
        );
        for (key, value) in env.map(|env| ("env", env)).iter().chain(members) {
            text.push_str(if text.len() > 1 { ",\"" } else { "\"" });
            text.extend([*key, "\":", *value]);
        }
        text.push('}');
        DetailText::new(text)
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
            .and_then(|detail| serde_json::from_str(&detail.0).ok())
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

    /// Appends the JSON of the failure in the form of a report: that of [`at`](Self::at), without a look at
    /// the details, of which there may be a hundred thousand.
    pub fn append_at(
        &self,
        (name, model): (&str, &str),
        (path, line): (&Path, usize),
        micros: u64,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let head = FailureHead {
            name,
            model,
            kind: self.kind,
            file: path.to_string_lossy(),
            line: line as u64,
            reason: self.reason_beside_details(),
            micros,
        };
        serde_json::to_writer(&mut *out, &head)?;
        if let Some(DetailText(detail)) = &self.detail {
            out.pop();
            out.push(b',');
            out.extend_from_slice(&detail.as_bytes()[1..]);
        }
        Ok(())
    }

    /// The reason, unless the details have differences, which say more.
    fn reason_beside_details(&self) -> &str {
        let has_differences = self.detail.as_ref().is_some_and(DetailText::has_differences);
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
            let mut text = Vec::new();
            why.append_at(("m::f::a", "m::f"), (path, 3), 7, &mut text).unwrap();
            let failure = Failure { micros: 7, ..why.at("m::f::a".to_owned(), "m::f", path, 3) };
            assert_eq!(serde_json::from_slice::<Failure>(&text).unwrap(), failure);
            let has_differences = detail.is_some_and(|detail| !detail.differences.is_empty());
            assert_eq!(failure.reason.is_empty(), has_differences);
            assert_eq!(failure.input.is_some(), has_differences);
        }
    }
}

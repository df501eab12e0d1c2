//! The details of outcomes that differ, from the texts of their lines: a case whose outcome differs at a place or two
//! is not parsed.

use athena_core::outcome::Outcome;
use athena_protocol::json::text::is_compact;
use athena_protocol::{LARGEST_OUTCOME, MOST_DIFFERENCES};
use athena_structure::description::TypeDescription;

use super::failure_detail::digest_of_text;
use super::messages::{DESCRIBED, DetailText, FailureDetail};
use crate::compare_texts::{compare_texts, is_plain};

/// Where the parts of a line of a suite are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineParts {
    pub(super) input: usize,
    pub(super) input_length: usize,
    /// The recorded output, behind which the line ends.
    pub(super) output: usize,
}

/// A line whose recorded output is another text than the outcome.
pub(super) struct DifferingLine<'a> {
    pub(super) text: &'a str,
    pub(super) parts: LineParts,
    /// The recorded variables.
    pub(super) env: &'a str,
    pub(super) now: &'a Outcome,
}

/// The details of an outcome that differs, if they are wanted.
pub(super) struct TextDetail(pub(super) Option<DetailText>);

/// Compares the texts of one model's cases.
#[derive(Default)]
pub(super) struct FailureTexts {
    /// Whether the texts of the model's type can be compared, once that is known.
    is_plain: Option<bool>,
    /// The number of failures so far.
    found: usize,
}

impl FailureTexts {
    /// The details of a line that differs. `None` if the case has to be parsed.
    pub(super) fn compare(
        &mut self,
        output: &TypeDescription,
        line: &DifferingLine<'_>,
        is_detailed: bool,
    ) -> Option<TextDetail> {
        let is_plain = *self.is_plain.get_or_insert_with(|| is_plain(output));
        let LineParts { input, input_length, output: start } = line.parts;
        let (input, env) = (line.text.get(input..input + input_length)?, line.env);
        if !is_plain || line.text.len() > LARGEST_OUTCOME || !is_compact(input) || !is_compact(env)
        {
            return None;
        }
        let now = std::str::from_utf8(line.now.single()?).ok()?;
        let recorded = line.text.get(start..)?.strip_suffix('}')?;
        let found = compare_texts(output, recorded, now)?;
        if found.differences.is_empty() || found.differences.len() > MOST_DIFFERENCES {
            return None;
        }
        self.found += 1;
        if !is_detailed {
            return Some(TextDetail(None));
        }
        let digest = digest_of_text(&output_text(now));
        let detail =
            FailureDetail { differences: found.differences, digest, ..FailureDetail::default() };
        let (recorded, now) = (output_text(&found.recorded), output_text(&found.now));
        let env = Some(env).filter(|env| *env != "{}");
        detail
            .to_text_with(
                env,
                &[("input", input), ("recorded", recorded.as_str()), ("now", now.as_str())],
            )
            .map(|detail| TextDetail(Some(detail)))
    }

    /// Whether a person may read the text of the last failure.
    pub(super) fn is_read(&self) -> bool {
        self.found <= DESCRIBED
    }
}

/// An outcome as a case has it.
fn output_text(output: &str) -> String {
    ["{\"output\":", output, "}"].concat()
}

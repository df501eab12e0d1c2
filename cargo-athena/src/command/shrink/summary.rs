//! The text about a finished search.

use std::fmt::Write as _;
use std::time::Duration;

use athena_protocol::Failure;
use athena_protocol::json::{JsonValue, digits};

use super::criterion::{Criterion, Evaluator, FinalOutcome};
use super::find_case::RecordedCase;
use crate::display::{ellipsize, escape, one_line, plural};
use crate::report::diff;
use crate::style::Style;
use athena_shrink::ShrinkResult;

/// The longest line of a failure, in characters.
const WIDTH: usize = 200;

/// The most lines of a failure.
const LINES: usize = 40;

/// A longer message is passed to `run` as a file.
const LONGEST_ARGUMENT: usize = 500;

/// A finished search.
pub(super) struct ShrinkSummary<'a> {
    pub(super) case: &'a RecordedCase,
    pub(super) target: &'a Criterion,
    pub(super) shrunk: &'a ShrinkResult,
    /// The effect of the smallest input in a final run.
    pub(super) last: &'a FinalOutcome,
    pub(super) took: Duration,
    pub(super) bench: &'a Evaluator,
    pub(super) style: Style,
}

impl ShrinkSummary<'_> {
    /// The sizes, the smallest input, and its effect.
    pub(super) fn text(&self) -> String {
        let style = self.style;
        let mut out = format!(
            "{} {}\n{}\n\n",
            style.strong(&escape(&self.case.name)),
            self.does(),
            self.way()
        );
        let input = &self.shrunk.input;
        let message =
            serde_json::to_string_pretty(&JsonValue(input.message.clone())).unwrap_or_default();
        let _ = writeln!(out, "{}", escape(&message));
        for (name, value) in &input.env {
            let _ = writeln!(out, "{} {}", style.dim("under"), escape(&format!("{name}={value}")));
        }
        let failure = match self.last {
            FinalOutcome::Failed(failure) | FinalOutcome::Differs(failure) => failure,
            FinalOutcome::Same => return out,
        };
        let _ = writeln!(out, "\n{}", self.failure(failure));
        out
    }

    /// How to reproduce the effect: a command line and the saved message.
    pub(super) fn reproduction(&self, saved: &str) -> String {
        let input = &self.shrunk.input;
        let message = digits::to_text(&input.message);
        let is_long = message.len() > LONGEST_ARGUMENT || !message.starts_with('{');
        let mut arguments = vec!["cargo", "athena", "run", &self.case.model, "--message"];
        arguments.push(if is_long { saved } else { &message });
        let settings: Vec<String> =
            input.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        for setting in &settings {
            arguments.extend(["-e", setting]);
        }
        let mut out = String::new();
        // A text with a NUL can't be an argument.
        if let Ok(line) = shlex::try_join(arguments) {
            let _ = writeln!(out, "{}\n  {}", self.style.dim("again:"), escape(&line));
        }
        let _ = writeln!(out, "{} {saved}", self.style.dim("saved:"));
        out
    }

    fn does(&self) -> String {
        if let (Criterion::Differs(_), Some(base)) = (self.target, &self.bench.base) {
            return format!("differs from {}", base.name);
        }
        let reason = self.target.failure().reason.lines().next().unwrap_or_default();
        format!("fails: {}", escape(&ellipsize(reason, WIDTH)))
    }

    fn way(&self) -> String {
        let size = |input: &athena_shrink::ModelInput| {
            let (bytes, values) = (input.bytes(), input.values());
            format!("{}, {}", plural(bytes, "byte"), plural(values, "value"))
        };
        let (from, to) = (&self.case.input, &self.shrunk.input);
        let way = if from == to {
            format!("{}: no smaller input does", size(from))
        } else {
            format!("{} -> {}", size(from), size(to))
        };
        let end = if self.shrunk.is_minimal { "" } else { "; the budget is used up, see --budget" };
        let took = self.took.as_secs_f64();
        format!("{way} ({} tried in {took:.1}s{end})", plural(self.shrunk.evaluations, "input"))
    }

    fn failure(&self, failure: &Failure) -> String {
        let style = self.style;
        let all = diff::failure_lines(failure);
        let mut out = String::new();
        for line in all.iter().take(LINES) {
            let text = format!("{}{}", line.sign, one_line(&line.text, WIDTH));
            let text = match line.sign {
                '-' => style.removed(&text),
                '+' => style.added(&text),
                _ => one_line(&line.text, WIDTH),
            };
            let _ = writeln!(out, "{}", text.trim_end());
        }
        if all.len() > LINES {
            let _ = writeln!(
                out,
                "{}",
                style.dim(&format!(".. {}", plural(all.len() - LINES, "more line")))
            );
        }
        out
    }
}

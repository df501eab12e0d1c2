//! One case: read it, call the model, compare.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::case_location::{CaseLocation, LONGEST, unreadable};
use super::failure_detail;
use super::failure_texts::{DifferingLine, FailureTexts, LineParts, TextDetail};
use super::messages::{CaseFailure, FailureDetail, FailureKind, ReplaySettings};
use crate::align::{OutcomeValues, aligned};
use crate::diff;
use crate::differences::parsed_differences;
use athena_cases::case::{Case, CaseOutcome};
use athena_cases::place::place_within;
use athena_core::display::{self, escape, truncate};
use athena_core::environment::{ErasedEnv, mask_secrets};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_core::style::Style;
use athena_protocol::Difference;
use athena_protocol::json::text;
use athena_protocol::text::suggest_all;
use athena_structure::description::TypeDescription;

/// What stands above a diff.
pub(super) const DIFF: &str = "recorded (-), now (+):";

/// How many lines of a diff are shown on screen.
const LINES: usize = 60;

/// The maximum length of a line of the input, in characters.
const WIDTH: usize = 400;

/// How many failures a worker shows as a diff: nobody reads more, and a diff costs more than the
/// replay. A report has them all.
const DIFFS: usize = 200;

/// How many failures were shown as a diff.
static SHOWN: AtomicUsize = AtomicUsize::new(0);

/// How the outcome of a case that ran is compared with the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// It is the same text.
    Same,
    /// It is another text and may be equal by value, or the case is a known failure.
    NotByteForByte,
}

/// What is known of an outcome without parsing the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quick {
    /// It is the recorded text.
    Same,
    /// It is another text than the recorded one.
    Differs(LineParts),
    /// The case has more than its outcome, or an outcome of another form.
    Unknown,
}

/// Replays cases of one model, one after the other, and keeps what they share.
pub(super) struct Replayer {
    entry: Entry,
    paint: Style,
    artifacts: PathBuf,
    detailed: bool,
    show_input: bool,
    /// The field whose value is shown beside the case's name.
    label: Option<&'static str>,
    outcome: Outcome,
    environment: Option<(String, ErasedEnv)>,
    output: Option<TypeDescription>,
    /// The parts of the line whose outcome is another text, if it was not parsed.
    differing: Option<LineParts>,
    texts: FailureTexts,
}

impl Replayer {
    pub(crate) fn new(entry: Entry, settings: &ReplaySettings) -> Self {
        Self {
            paint: Style(settings.color),
            artifacts: settings.artifacts.clone(),
            detailed: settings.detailed,
            show_input: settings.show_input,
            label: entry.model.input_type().label(),
            entry,
            outcome: Outcome::default(),
            environment: None,
            output: None,
            differing: None,
            texts: FailureTexts::default(),
        }
    }

    /// Runs one case. Only this is the model's time, not the comparison that may follow.
    pub(super) fn run(&mut self, text: &str, place: CaseLocation<'_>) -> Result<Ran, CaseFailure> {
        self.try_run(text, place).map_err(|failure| self.explained(failure, text))
    }

    /// The failure of the case with this text.
    fn explained(&self, failure: CaseFailure, text: &str) -> CaseFailure {
        match Case::parse_input(text, &self.entry.id) {
            Ok(case) => self.of_case(failure, FailureDetail::default(), &case),
            Err(_) => failure,
        }
    }

    /// The failure of a case: expected where the case says so, otherwise with its details and its input
    /// where they are wanted.
    fn of_case(
        &self,
        mut failure: CaseFailure,
        detail: FailureDetail,
        case: &Case<'_>,
    ) -> CaseFailure {
        if failure.kind == FailureKind::Broken {
            return failure;
        }
        if let Some(reason) = &case.known_failure {
            return CaseFailure::new(FailureKind::Known, reason.as_str());
        }
        if self.label.is_some() || self.detailed {
            let FailureDetail { label, env, input, .. } =
                failure_detail::of_input(case, self.label);
            if let (Some(key), Some(label)) = (self.label, &label) {
                let named = format!("  {key}: {}\n", escape(label));
                // Behind the line that says what is wrong with which case.
                let first = failure.text.find('\n').map_or(failure.text.len(), |at| at + 1);
                failure.text.insert_str(first, &named);
            }
            if self.detailed {
                failure.detail = FailureDetail { label, env, input, ..detail }.to_text();
            }
        }
        if self.show_input {
            failure.text.push_str(&input_text(case, self.paint));
        }
        failure
    }

    /// The failure of a case that passes, though it is marked as a known failure.
    fn passes_unexpectedly(case: &Case<'_>, place: CaseLocation<'_>) -> Result<(), CaseFailure> {
        let Some(reason) = &case.known_failure else { return Ok(()) };
        let reason = format!("it passes, though it is marked as a known failure: {reason}");
        let mut failure = Self::failed(place, &reason);
        failure.kind = FailureKind::Differs;
        failure.text.push_str("help: remove `known_failure` from the case\n");
        Err(failure)
    }

    fn try_run(&mut self, text: &str, place: CaseLocation<'_>) -> Result<Ran, CaseFailure> {
        self.differing = None;
        let called = self.quick(text);
        match &called {
            Some(Ok(Quick::Same)) => return Ok(Ran::Same),
            Some(Ok(Quick::Differs(parts))) => {
                self.differing = Some(*parts);
                return Ok(Ran::NotByteForByte);
            }
            Some(Err(failure)) => return Err(Self::failed(place, &failure.to_string())),
            Some(Ok(Quick::Unknown)) | None => {}
        }
        let unreadable = unreadable(place);
        let case = Case::parse_unchecked(text, &self.entry.id).map_err(&unreadable)?;
        if called.is_none() {
            self.check_declared(text, &case, place)?;
            let frozen = self.read_env(text, &case, place)?;
            let message = Message::Json(case.input.get());
            if let Err(failure) = invoke(self.entry.model, &frozen, message, &mut self.outcome) {
                Case::check_keys(text).map_err(&unreadable)?;
                return Err(Self::has_no_outcome(place, text, &case, &failure));
            }
        }
        if !case.matches_exactly(&self.outcome) {
            return Ok(Ran::NotByteForByte);
        }
        Ok(if case.known_failure.is_some() { Ran::NotByteForByte } else { Ran::Same })
    }

    /// Compares the outcome of the case that ran last with the recorded one, by value.
    #[cold]
    pub(super) fn compare(
        &mut self,
        text: &str,
        place: CaseLocation<'_>,
    ) -> Result<(), CaseFailure> {
        let many = self.entry.model.source().many;
        if let (Some(parts), false, false) = (self.differing, many, self.needs_case()) {
            let output = self.output.get_or_insert_with(|| self.entry.model.output_type());
            let env = self.environment.as_ref().map_or("", |(env, _)| env);
            let line = DifferingLine { text, parts, env, now: &self.outcome };
            if let Some(TextDetail(detail)) = self.texts.compare(output, &line, self.detailed) {
                let text =
                    if self.texts.is_read() { outcome_differs(place) } else { String::new() };
                return Err(CaseFailure { detail, ..differs(text) });
            }
        }
        let case = Case::parse(text, &self.entry.id).map_err(unreadable(place))?;
        let old = case.recorded(many);
        let new = CaseOutcome::new(many, &self.outcome);
        let output = self.output.get_or_insert_with(|| self.entry.model.output_type());
        let values = OutcomeValues::parse(&old, &new);
        let differences = parsed_differences(output, (&old, &new), values.as_ref());
        if differences.is_empty() {
            return Self::passes_unexpectedly(&case, place);
        }
        let text = self.describe(place, &differences, &old, &new);
        let output = self.output.as_ref().filter(|_| self.detailed);
        let detail = output
            .map(|output| failure_detail::failure_detail(output, differences, (&old, &new), values))
            .unwrap_or_default();
        Err(self.of_case(differs(text), detail, &case))
    }

    /// Runs one case and gives what comes out, as a case has it.
    pub(super) fn observe(
        &mut self,
        text: &str,
        place: CaseLocation<'_>,
    ) -> Result<String, CaseFailure> {
        let case = Case::parse_input(text, &self.entry.id).map_err(unreadable(place))?;
        let frozen = self.read_env(text, &case, place)?;
        let message = Message::Json(case.input.get());
        invoke(self.entry.model, &frozen, message, &mut self.outcome)
            .map_err(|error| Self::has_no_outcome(place, text, &case, &error))?;
        CaseOutcome::new(self.entry.model.source().many, &self.outcome)
            .to_text()
            .map_err(|error| Self::failed(place, &error.to_string()))
    }

    /// Replays a line of a suite as this version writes it, under the environment of the line
    /// before: its text is read once, straight into what the model takes, and the rest compared as
    /// bytes. `None` if the line has another form, and the model was not called.
    fn quick(&mut self, text: &str) -> Option<Result<Quick, Failure>> {
        let (env, frozen) = self.environment.as_ref()?;
        let (_, rest) = text
            .strip_prefix("{\"model\":\"")?
            .strip_prefix(self.entry.id.as_str())?
            .strip_prefix("\",\"case\":\"")?
            .split_once('"')?;
        let input = rest
            .strip_prefix(",\"format\":1,\"env\":")?
            .strip_prefix(env.as_str())?
            .strip_prefix(",\"input\":")?;
        let length = Cell::new(0);
        let message = Message::JsonPrefix { text: input, length: &length };
        match invoke(self.entry.model, frozen, message, &mut self.outcome) {
            // The usual way tells where the message is wrong.
            Err(Failure::Message(_)) => None,
            Err(failure) => Some(Err(failure)),
            Ok(()) => {
                let recorded = input[length.get()..].strip_prefix(",\"output\":");
                let both = recorded.zip(self.outcome.single());
                let found =
                    |(recorded, now): (&str, &[u8])| match recorded.as_bytes().strip_prefix(now) {
                        Some(b"}") => Quick::Same,
                        None => Quick::Differs(LineParts {
                            input: text.len() - input.len(),
                            input_length: length.get(),
                            output: text.len() - recorded.len(),
                        }),
                        Some(_) => Quick::Unknown,
                    };
                Some(Ok(both.map_or(Quick::Unknown, found)))
            }
        }
    }

    /// The failure of a case without an outcome. That of a message is shown at its place in the file.
    fn has_no_outcome(
        place: CaseLocation<'_>,
        text: &str,
        case: &Case<'_>,
        failure: &Failure,
    ) -> CaseFailure {
        let Failure::Message(error) = failure else {
            return Self::failed(place, &failure.to_string());
        };
        let mut error = error.clone();
        let within = place_within(text, case.input.get(), (error.line, error.column));
        (error.line, error.column) = (0, 0);
        let reason = format!("the recorded message can't be read: {error}");
        Self::failed_at(&place.shown_at(within), &reason)
    }

    /// Refuses a recorded variable that the environment does not declare: the case would not test what it
    /// says. Cases of a suite mostly share their variables.
    fn check_declared(
        &self,
        text: &str,
        case: &Case<'_>,
        place: CaseLocation<'_>,
    ) -> Result<(), CaseFailure> {
        if self.environment.as_ref().is_some_and(|(text, _)| text == case.env.get()) {
            return Ok(());
        }
        let recorded = case
            .variables()
            .map_err(|reason| unreadable(place)((case.line_of_env(text), reason)))?;
        let declared = self.entry.model.variables();
        let known: Vec<&str> = declared.iter().map(|one| one.name).collect();
        match recorded.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let reason = format!(
                    "the case records the variable {name}, which the model's environment does not declare{}",
                    if known.is_empty() { String::new() } else { suggest_all(name, &known) }
                );
                let env = case.env.get();
                let start = env.find(&format!("\"{name}\"")).unwrap_or_default();
                let place = place.shown_at(place_within(text, &env[start..], (1, 1)));
                let mut failure = Self::failed_at(&place, &reason);
                let _ = writeln!(
                    failure.text,
                    "help: correct its name in the case, or remove it: cargo athena record {} --rerecord",
                    self.entry.id
                );
                Err(failure)
            }
        }
    }

    /// The settings of a case. Cases of a suite mostly share them.
    fn read_env(
        &mut self,
        text: &str,
        case: &Case<'_>,
        place: CaseLocation<'_>,
    ) -> Result<ErasedEnv, CaseFailure> {
        if let Some((known, frozen)) = &self.environment
            && known == case.env.get()
        {
            return Ok(frozen.clone());
        }
        let variables = case
            .variables()
            .map_err(|reason| unreadable(place)((case.line_of_env(text), reason)))?;
        let variables = mask_secrets(&self.entry.model.variables(), &variables);
        let frozen = self.entry.model.read_env(variables).map_err(|error| {
            let place = place.shown_at(Some((case.line_of_env(text), 0)));
            Self::failed_at(&place, &format!("the recorded environment can't be read: {error}"))
        })?;
        self.environment = Some((case.env.get().to_owned(), frozen.clone()));
        Ok(frozen)
    }

    fn failed(place: CaseLocation<'_>, reason: &str) -> CaseFailure {
        Self::failed_at(&place.shown_at(None), reason)
    }

    /// The failure of a case that is at this place: `fixtures/m/f/seeded.json:1`.
    fn failed_at(place: &str, reason: &str) -> CaseFailure {
        let reason = truncate(reason, LONGEST);
        let reason = escape(&reason).into_owned();
        let text = format!("{reason}\n  case: {place}\n");
        CaseFailure { kind: FailureKind::Failed, text, reason, detail: None }
    }

    /// Whether a failure says more than a line can: a diff, or something of the input.
    fn needs_case(&self) -> bool {
        self.label.is_some() || self.show_input || SHOWN.load(Ordering::Relaxed) < DIFFS
    }

    /// Describes an outcome that differs, for a person.
    fn describe(
        &self,
        place: CaseLocation<'_>,
        differences: &[Difference],
        old: &CaseOutcome,
        new: &CaseOutcome,
    ) -> String {
        let mut text = outcome_differs(place);
        if SHOWN.fetch_add(1, Ordering::Relaxed) >= DIFFS {
            return text;
        }
        text.push_str(&diff::paths(differences, self.paint));
        let aligned = self.output.as_ref().and_then(|output| aligned(output, old, new));
        let (old, new) = aligned.as_ref().map_or((old, new), |(old, new)| (old, new));
        let (Ok(old), Ok(new)) = (old.to_json(), new.to_json()) else {
            return text;
        };
        let _ = writeln!(text, "{}", self.paint.dim(&format!("  {DIFF}")));
        let shown = diff::json(&old, &new, self.paint);
        let count = shown.text.lines().count();
        for line in shown.text.lines().take(LINES) {
            let _ = writeln!(text, "{line}");
        }
        if count > LINES || shown.is_cut {
            let _ = match count.saturating_sub(LINES) {
                0 => write!(text, "  .. long lines are truncated"),
                more => write!(text, "  .. {more} more lines"),
            };
            let full = diff::whole_json(&old, &new);
            match self.keep(place, &full) {
                Ok(path) => {
                    let _ =
                        writeln!(text, ": the whole diff is in {}", display::display_path(&path));
                }
                Err(error) => {
                    let _ = writeln!(text, " (the whole diff could not be written: {error})");
                }
            }
        }
        text
    }

    /// Writes a whole diff to a file.
    fn keep(&self, place: CaseLocation<'_>, full: &str) -> std::io::Result<PathBuf> {
        let mut path = self.artifacts.join("diffs");
        path.extend(self.entry.id.split("::"));
        path.push(place.stem);
        if let Some(line) = place.line {
            path.push(format!("line-{line}"));
        }
        path.as_mut_os_string().push(".diff");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, full)?;
        Ok(path)
    }
}

/// The first line of the text for a person.
fn outcome_differs(place: CaseLocation<'_>) -> String {
    format!("the outcome differs from {}\n", place.shown_at(None))
}

/// The failure of a case whose outcome differs, without its details.
fn differs(text: String) -> CaseFailure {
    let reason = "the outcome differs".to_owned();
    CaseFailure { kind: FailureKind::Differs, text, reason, detail: None }
}

/// The input of a case, and its environment if it has one.
fn input_text(case: &Case<'_>, paint: Style) -> String {
    let mut out = String::new();
    for (what, value) in [("environment", case.env.get()), ("input", case.input.get())] {
        if value == "{}" && what == "environment" {
            continue;
        }
        let mut pretty = String::new();
        text::pretty(value, 0, &mut pretty);
        let _ = writeln!(out, "{}", paint.dim(&format!("  {what}:")));
        let count = pretty.lines().count();
        for line in pretty.lines().take(LINES) {
            let _ = writeln!(out, "  {}", escape(&truncate(line, WIDTH)));
        }
        if count > LINES {
            let _ = writeln!(out, "  .. {}", display::plural((count - LINES) as u64, "more line"));
        }
    }
    out
}

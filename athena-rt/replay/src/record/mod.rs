//! Records runs as cases. Each model runs once in a model process and once more in a second one, where
//! the order and the environment differ; a case is written only if both outcomes agree.
//!
//! | module | its job |
//! |---|---|
//! | `evaluate` | the model process: calls models on all cores |
//! | `runs` | the two runs, and the call at fault if a process dies |
//! | `verified` | compares the runs of each call |
//! | `failed_calls` | the errors of calls without an outcome, as one |
//! | `rerecord` | records cases again from their own input |
//! | `rerecorded_file` | reads these cases, in batches |
//! | `changed_cases` | those of them that are reported |
//! | `from_capture` | records what was captured in production |
//! | `generated` | records inputs that were generated |
//! | `accepted` | checks that an outcome is still the accepted one |
//! | `schema`, `write` | writes schema locks and cases |

mod accepted;
mod changed_cases;
mod evaluate;
mod failed_calls;
mod from_capture;
mod generated;
mod rejects;
mod reordered;
mod rerecord;
mod rerecorded_file;
mod runs;
mod schema;
mod verified;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;

use athena_protocol::files::Transaction;
use athena_protocol::json::digits;
use athena_protocol::{Format, Messages, Record, RecordSummary};

use self::evaluate::{Call, TextPlace, Unreadable};
pub use self::evaluate::{ROLE, run_record_process};
use self::failed_calls::none_recorded;
pub use self::from_capture::from_capture;
pub use self::generated::record_generated;
pub use self::rerecord::rerecord;
use self::verified::{run_each_verified, run_verified};
use crate::vacuous;
use athena_cases::case::{CaseNotes, CaseOutcome, NewCase};
use athena_cases::environments::{self, ResolvedEnvironment};
use athena_cases::layout::{self, Stem};
use athena_cases::message_input;
use athena_cases::store::{self, Written};
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{is_common, mask_secrets, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_core::style::Style;
use athena_protocol::json::text;
use athena_structure as structure;
use serde_json::Value;

/// Runs a model and records its outcomes.
pub fn record(context: &Context<'_>, request: &Record) -> Result<RecordSummary> {
    refuse_in_ci(request.force)?;
    let entry = context.registry.find(&request.model)?;
    check(request)?;
    let chosen = environments::resolve(entry, context.fixtures, &request.environments)?;
    let messages = match request.input_format {
        Format::Json => {
            message_input::all(entry, context.fixtures, context.package_root, &request.messages)?
        }
        Format::Protobuf => message_input::all_protobuf(entry, &request.messages)?,
    };
    if messages.is_empty() {
        return Err(Error::nothing("no message to record"));
    }
    let calls = calls(entry, &chosen, &messages);
    let package = entry.model.source().package;
    let locks = schema::open(context, [package], &request.schemas, request.accept_breaking)?;
    let recorded: Vec<Option<CaseOutcome>> = match &request.rejects {
        None => run_verified(context, &calls, request.timeout_ms)?
            .map_err(|failed| none_recorded(&failed.errors, calls.len()))?
            .into_iter()
            .map(Some)
            .collect(),
        Some(file) => rejects::keep(
            file,
            &calls,
            run_each_verified(context, &calls, request.timeout_ms, None)?,
        )?,
    };
    let rejected = recorded.iter().filter(|outcome| outcome.is_none()).count();
    let mut recordings = calls.iter().zip(recorded).map(|(call, result)| {
        Some(NewCase {
            model: entry.id.clone(),
            env: strip_secrets(&entry.model.variables(), &call.variables),
            input: text::compact(&call.input),
            result: result?,
            generated: None,
            notes: CaseNotes::default(),
        })
    });
    let mut batch = RecordBatch {
        context,
        entry,
        policy: write::ReplacePolicy {
            output: entry.model.output_type(),
            overwrite: request.overwrite,
            paint: Style(context.color),
        },
        transaction: store::begin(context.fixtures)?,
        summary: RecordSummary { rejected: rejected as u64, ..RecordSummary::default() },
        written: Vec::new(),
    };
    for chosen in &chosen {
        let recordings = recordings.by_ref().take(messages.len());
        let recordings: Vec<(String, NewCase)> = recordings
            .flatten()
            .map(|recording| Ok((case_name(request, &recording)?, recording)))
            .collect::<Result<_>>()?;
        match &request.suite {
            Some(_) if recordings.is_empty() => {}
            Some(suite) => batch.add_suite(chosen, suite, &recordings)?,
            None => batch.add_cases(chosen, &recordings)?,
        }
    }
    let locks = schema::write(&mut batch.transaction, &locks);
    store::commit(batch.transaction)?;
    for written in &batch.written {
        written.report(context);
    }
    schema::report_written(context, &locks);
    if let (1.., Some(file)) = (rejected, &request.rejects) {
        let all = display::plural(calls.len(), "message");
        print_stderr(&format!("{rejected} of {all} not recorded: {} has them", file.display()));
    }
    if !context.quiet {
        vacuous::print_notes([entry]);
        note_platform_variables(entry, request, &chosen);
    }
    Ok(batch.summary)
}

/// Each message under each environment. No recorded run sees a secret, as no case may hold one.
fn calls(
    entry: &Entry,
    chosen: &[ResolvedEnvironment],
    messages: &[message_input::Message],
) -> Vec<Call> {
    let input = entry.model.input_type();
    let mut calls = Vec::new();
    for chosen in chosen {
        for message in messages {
            let hidden = structure::redact(&message.text, &input);
            let given = hidden.as_ref().and_then(|_| {
                entry.model.check(Message::Json(&message.text)).err().map(Unreadable::from)
            });
            calls.push(Call {
                model: entry.id.clone(),
                variables: mask_secrets(&entry.model.variables(), &chosen.variables),
                place: if hidden.is_some() && given.is_none() {
                    TextPlace::Unknown
                } else if message.is_line {
                    TextPlace::Line
                } else {
                    TextPlace::Whole
                },
                input: hidden.unwrap_or_else(|| message.text.clone()),
                origin: message.origin.clone(),
                given,
            });
        }
    }
    calls
}

/// Says that the value of a variable such as USER is this machine's, not the user's choice.
fn note_platform_variables(entry: &Entry, request: &Record, chosen: &[ResolvedEnvironment]) {
    let asked = &request.environments;
    if !asked.named.is_empty() || !asked.files.is_empty() {
        return;
    }
    let recorded = chosen
        .iter()
        .flat_map(|one| strip_secrets(&entry.model.variables(), &one.variables).into_keys());
    for name in recorded {
        if is_common(&name) && asked.set.iter().all(|(set, _)| *set != name) {
            print_stderr(&format!(
                "note: {name} is recorded as this shell has it; -e {name}=.. records a value of your choice"
            ));
        }
    }
}

/// The name of a case: as chosen, from its message, or a hash.
fn case_name(request: &Record, recording: &NewCase) -> Result<String> {
    if let Some(name) = &request.case {
        return Ok(name.clone());
    }
    let Some(pointer) = &request.name_from else { return recording.hashed_name() };
    let message = athena_protocol::json::parse(&recording.input).ok();
    let value = message.as_ref().and_then(|message| message.pointer(pointer));
    match value {
        Some(Value::String(text)) => Ok(layout::name_from(text)),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => {
            Ok(layout::name_from(&value.to_string()))
        }
        Some(value) if digits::of(value).is_some() => {
            Ok(layout::name_from(&digits::to_text(value)))
        }
        _ => {
            let start = athena_protocol::text::ellipsize(&recording.input, 60);
            let what = if value.is_some() { "not a text or a number" } else { "not there" };
            Err(Error::usage(format!("--name-from {pointer}: it is {what} in {start}"))
                .help("name a field that every message has"))
        }
    }
}

fn check(request: &Record) -> Result<()> {
    let many =
        matches!(request.messages, Messages::Lines(_) | Messages::StdinLines | Messages::Cases(_));
    if let Some(name) = &request.case {
        layout::check(name, "case name")?;
        if many {
            return Err(Error::usage("--case names one case, but there are several messages")
                .help("use --suite NAME to write them to one file; otherwise each case is named by a hash"));
        }
        if request.suite.is_some() {
            return Err(Error::usage("--case and --suite can't be combined"));
        }
    }
    if let Some(name) = &request.suite {
        layout::check(name, "suite name")?;
    }
    Ok(())
}

/// Refuses to record in CI: recording is a decision that a person makes.
fn refuse_in_ci(force: bool) -> Result<()> {
    let ci = std::env::var_os("CI")
        .is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
    if ci && !force {
        return Err(Error::usage("the variable CI is set, and CI only replays cases")
            .help("record on your own machine and commit the cases, or use --force"));
    }
    Ok(())
}

/// The files of one recording. They are written together.
struct RecordBatch<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    policy: write::ReplacePolicy,
    transaction: Transaction,
    summary: RecordSummary,
    written: Vec<WrittenCases>,
}

/// What to report of a file when it is written.
enum WrittenCases {
    Case {
        written: Written,
        name: String,
        path: PathBuf,
        old: Option<String>,
        new: String,
        outcome: String,
    },
    Suite(Vec<String>),
}

impl WrittenCases {
    fn report(&self, context: &Context<'_>) {
        match self {
            Self::Case { written, name, path, old, new, outcome } => {
                let old = old.as_deref();
                write::report_written(context, *written, name, path, old, new, outcome);
            }
            Self::Suite(_) if context.quiet => {}
            Self::Suite(lines) => {
                for line in lines {
                    print_stderr(line);
                }
            }
        }
    }
}

impl RecordBatch<'_> {
    fn add_cases(
        &mut self,
        chosen: &ResolvedEnvironment,
        recordings: &[(String, NewCase)],
    ) -> Result<()> {
        let folder = layout::folder(self.context.fixtures, &self.entry.id);
        let mut names: HashMap<&str, &NewCase> = HashMap::new();
        for (name, recording) in recordings {
            let stem = Stem::new(name, chosen.name.as_deref())?;
            let (path, mut new) = (stem.case_file(&folder), recording.to_file()?);
            match names.insert(name, recording) {
                Some(before) if before.is_same_call(recording) => {
                    // The same message was given twice.
                    count(&mut self.summary, Written::Unchanged);
                    continue;
                }
                Some(_) => return Err(write::same_name(name)),
                None => {}
            }
            let old = store::read(&path)?;
            if let Some(old) = old.as_ref().filter(|old| **old != new) {
                match self.policy.check(old, recording)? {
                    write::Replacement::Allowed => {}
                    write::Replacement::Needless => old.clone_into(&mut new),
                    write::Replacement::Refused(reason) => {
                        return Err(write::refusal(&display::display_path(&path), &[reason]));
                    }
                }
            }
            self.transaction.write(&path, old.as_deref(), &new);
            let written = Written::new(old.as_deref(), &new);
            count(&mut self.summary, written);
            let name = format!("{}::{stem}", self.entry.id);
            let outcome = write::outcome_line(&recording.result);
            self.written.push(WrittenCases::Case { written, name, path, old, new, outcome });
        }
        Ok(())
    }

    fn add_suite(
        &mut self,
        chosen: &ResolvedEnvironment,
        suite: &str,
        recordings: &[(String, NewCase)],
    ) -> Result<()> {
        let folder = layout::folder(self.context.fixtures, &self.entry.id);
        let stem = Stem::new_suite(suite, chosen.name.as_deref())?;
        let path = stem.suite_file(&folder);
        let write::MergedSuite { summary, duplicates, outcomes } =
            write::merge(&mut self.transaction, &path, recordings, &self.policy)?;
        let mut lines = vec![format!(
            "{}::{stem}: {} new, {} changed, {} as before ({})",
            self.entry.id,
            summary.created,
            summary.updated,
            summary.unchanged,
            display::display_path(&path)
        )];
        lines.extend(outcomes);
        if duplicates > 0 {
            let messages = display::plural(duplicates, "message");
            lines.push(format!("{messages} occurred more than once; each is recorded once"));
        }
        self.written.push(WrittenCases::Suite(lines));
        self.summary.created += summary.created;
        self.summary.updated += summary.updated;
        self.summary.unchanged += summary.unchanged;
        Ok(())
    }
}

fn count(summary: &mut RecordSummary, written: Written) {
    match written {
        Written::Created => summary.created += 1,
        Written::Updated => summary.updated += 1,
        Written::Unchanged => summary.unchanged += 1,
    }
}

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
//! | `recording` | the files of a recording, together |
//! | `new_lines`, `merge` | the new cases of a suite, and the suite with them |
//! | `rejects` | what can't be recorded, in a file |
//! | `schema`, `write` | schema locks, and when a case may be replaced |

mod accepted;
mod changed_cases;
mod evaluate;
mod failed_calls;
mod from_capture;
mod generated;
mod merge;
mod new_lines;
mod recording;
mod rejects;
mod reordered;
mod rerecord;
mod rerecorded_file;
mod runs;
mod schema;
mod verified;
mod write;

use athena_protocol::json::digits;
use athena_protocol::{Format, Messages, Record, RecordSummary};

use self::evaluate::{Call, TextPlace, Unreadable};
pub use self::evaluate::{ROLE, run_record_process};
use self::failed_calls::none_recorded;
pub use self::from_capture::from_capture;
pub use self::generated::record_generated;
use self::new_lines::NewLines;
use self::recording::{NewCases, Recording};
use self::rejects::Rejects;
pub use self::rerecord::rerecord;
use self::verified::{FailedCalls, run_each_verified, run_verified};
use crate::vacuous;
use athena_cases::case::{CaseNotes, CaseOutcome, NewCase};
use athena_cases::environments::{self, ResolvedEnvironment};
use athena_cases::layout;
use athena_cases::message_input::{self, MessageIter};
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{is_common, mask_secrets, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_protocol::json::text;
use athena_structure as structure;
use serde_json::Value;

/// How many bytes of messages are in memory at once. A batch takes two model processes.
const BATCH: usize = 4 << 20;

/// How many bytes a call takes beside its message.
const CALL: usize = 256;

/// Runs a model and records its outcomes.
pub fn record(context: &Context<'_>, request: &Record) -> Result<RecordSummary> {
    refuse_in_ci(request.force)?;
    let entry = context.registry.find(&request.model)?;
    check(request)?;
    let chosen = environments::resolve(entry, context.fixtures, &request.environments)?;
    let mut messages = match request.input_format {
        Format::Json => {
            message_input::each(entry, context.fixtures, context.package_root, &request.messages)?
        }
        Format::Protobuf => message_input::each_protobuf(entry, &request.messages)?,
    };
    let mut batch = next_batch(&mut messages, chosen.len())?;
    if batch.is_empty() {
        return Err(Error::nothing("no message to record"));
    }
    let package = entry.model.source().package;
    let locks = schema::open(context, [package], &request.schemas, request.accept_breaking)?;
    let folder = temporary_folder()?;
    let mut new: Vec<NewCases> = (0..chosen.len())
        .map(|at| match &request.suite {
            Some(_) => {
                NewLines::create(&folder.path().join(format!("new-{at}"))).map(NewCases::Suite)
            }
            None => Ok(NewCases::Files(Vec::new())),
        })
        .collect::<Result<_>>()?;
    let mut rejects = request.rejects.as_deref().map(Rejects::new);
    let (mut total, mut errors, mut is_over) = (0, Vec::new(), false);
    while !batch.is_empty() {
        let calls = calls(entry, &chosen, &batch);
        total += calls.len();
        // Those that do not run any more are counted.
        if !is_over {
            match outcomes(context, request, &calls, rejects.as_mut())? {
                Ok(outcomes) if errors.is_empty() => {
                    let mut recorded = calls.into_iter().zip(outcomes);
                    for new in &mut new {
                        for (call, outcome) in recorded.by_ref().take(batch.len()) {
                            let Some(result) = outcome else { continue };
                            let case = new_case(entry, &call, result);
                            new.add(case_name(request, &case)?, case)?;
                        }
                    }
                }
                Ok(_) => {}
                Err(failed) => {
                    errors.extend(failed.errors);
                    is_over = failed.is_over;
                }
            }
        }
        batch = next_batch(&mut messages, chosen.len())?;
    }
    if !errors.is_empty() {
        return Err(none_recorded(&errors, total));
    }
    let rejected = rejects.map_or(Ok(0), Rejects::finish)?;
    let mut recording = Recording::begin(context, entry, request.overwrite)?;
    recording.summary.rejected = rejected;
    for (at, (chosen, new)) in chosen.iter().zip(new).enumerate() {
        match (new, &request.suite) {
            (NewCases::Files(cases), _) => recording.add_cases(chosen, &cases)?,
            (NewCases::Suite(lines), Some(suite)) if !lines.is_empty() => {
                let other = folder.path().join(format!("merged-{at}"));
                recording.add_suite(chosen, suite, lines, &other)?;
            }
            (NewCases::Suite(_), _) => {}
        }
    }
    let locks = schema::write(&mut recording.transaction, &locks);
    let (summary, written) = recording.commit()?;
    for written in &written {
        written.report(context);
    }
    schema::report_written(context, &locks);
    if let (1.., Some(file)) = (rejected, &request.rejects) {
        let all = display::plural(total, "message");
        print_stderr(&format!("{rejected} of {all} not recorded: {} has them", file.display()));
    }
    if !context.quiet {
        vacuous::print_notes([entry]);
        note_platform_variables(entry, request, &chosen);
    }
    Ok(summary)
}

/// A folder that goes away with its owner.
fn temporary_folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir()
        .map_err(|error| Error::failure(format!("a temporary folder can't be created: {error}")))
}

/// The next messages, for calls under this number of environments.
fn next_batch(
    messages: &mut MessageIter<'_>,
    environments: usize,
) -> Result<Vec<message_input::Message>> {
    let (mut batch, mut size) = (Vec::new(), 0);
    while size < BATCH
        && let Some(message) = messages.next().transpose()?
    {
        size += (message.text.len() + CALL) * environments.max(1);
        batch.push(message);
    }
    Ok(batch)
}

/// The outcome of each call; with `rejects`, of those that have one.
fn outcomes(
    context: &Context<'_>,
    request: &Record,
    calls: &[Call],
    rejects: Option<&mut Rejects<'_>>,
) -> Result<Result<Vec<Option<CaseOutcome>>, FailedCalls>> {
    let Some(rejects) = rejects else {
        let outcomes = run_verified(context, calls, request.timeout_ms)?;
        return Ok(outcomes.map(|outcomes| outcomes.into_iter().map(Some).collect()));
    };
    let outcomes = run_each_verified(context, calls, request.timeout_ms, None)?;
    rejects.keep(calls, outcomes).map(Ok)
}

/// The case of a call. It has no secret.
fn new_case(entry: &Entry, call: &Call, result: CaseOutcome) -> NewCase {
    NewCase {
        model: entry.id.clone(),
        env: strip_secrets(&entry.model.variables(), &call.variables),
        input: text::compact(&call.input),
        result,
        generated: None,
        notes: CaseNotes::default(),
    }
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

//! The verbs that record and replay cases: the feature `replay`.

use std::path::Path;

use athena_core::context::{Context, Folders};
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_protocol::{
    Answer, Compare, Doctor, Exit, Record, RecordSummary, Reply, Rerecord, Test, TestSummary,
};
use athena_replay::harness;
use athena_replay::record::{
    from_capture, record as record_cases, record_generated, rerecord as rerecord_cases,
};
use libtest_mimic::{Arguments, ColorSetting};

pub(super) use super::libtest;

pub(super) fn record(context: &Context<'_>, request: &Record) -> Result<Reply> {
    if let Some(file) = &request.generated {
        return record_generated(context, request, file)
            .map(|(summary, exit)| Reply { exit: exit.code(), ..record_reply(summary) });
    }
    match &request.from_capture {
        None => record_cases(context, request).map(|summary| {
            let exit = if summary.rejected > 0 { Exit::Failure } else { Exit::Success };
            Reply { exit: exit.code(), ..record_reply(summary) }
        }),
        Some(file) => from_capture(context, request, file)
            .map(|(summary, exit)| Reply { exit: exit.code(), ..record_reply(summary) }),
    }
}

pub(super) fn rerecord(context: &Context<'_>, request: &Rerecord) -> Result<Reply> {
    match rerecord_cases(context, request) {
        // `cargo athena` asks each runner for its models, and says so if none has a case.
        Err(error) if error.exit() == Exit::Nothing && !request.is_whole => {
            Ok(Reply::new(Exit::Nothing.code()))
        }
        recorded => recorded.map(record_reply),
    }
}

pub(super) fn test(context: &Context<'_>, folders: &Folders, test: &Test) -> Result<Reply> {
    let color = if context.color { ColorSetting::Always } else { ColorSetting::Never };
    let arguments = Arguments { color: Some(color), ..Arguments::default() };
    let summary = harness::run(context.registry, folders, test, &arguments, Vec::new())?;
    let exit = harness::exit_code(&summary);
    Ok(Reply { exit: exit.code(), ..test_reply(summary) })
}

pub(super) fn observe(context: &Context<'_>, folders: &Folders, test: &Test) -> Result<Reply> {
    harness::observe(context.registry, folders, test).map(test_reply)
}

pub(super) fn compare(context: &Context<'_>, request: &Compare) -> Result<Reply> {
    harness::compare(context.registry, request).map(|()| Reply::new(0))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "the other verbs can fail, and all can without the feature"
)]
pub(super) fn doctor(context: &Context<'_>, request: &Doctor) -> Result<Reply> {
    let found = athena_replay::doctor::examine(context.registry, context.fixtures, request);
    Ok(Reply { answer: Answer::Doctor(found), ..Reply::new(0) })
}

/// Why a replay ran no case.
pub(super) fn nothing(
    registry: &Registry,
    fixtures: &Path,
    test: &Test,
    summary: &TestSummary,
) -> Error {
    harness::nothing(registry, fixtures, test, summary)
}

/// Names the cases of a package whose models this program does not link.
pub(super) fn note_unlinked(
    registry: &Registry,
    fixtures: &Path,
    package: &str,
    summary: &TestSummary,
) {
    libtest::note_unlinked(registry, fixtures, package, summary);
}

fn record_reply(summary: RecordSummary) -> Reply {
    Reply { answer: Answer::Record(summary), ..Reply::new(0) }
}

fn test_reply(summary: TestSummary) -> Reply {
    Reply { answer: Answer::Test(summary), ..Reply::new(0) }
}

//! Checks the files of a verb before anything is touched: no output destroys an input or a case.

use std::path::{Path, PathBuf};

use athena_cases::layout::{self, Stem};
use athena_core::context::Context;
use athena_core::error::{Result, file_error};
use athena_protocol::files::FilePlan;
use athena_protocol::{Capture, Environments, Messages, Record, Verb};

/// Checks what a verb reads and writes.
///
/// # Errors
///
/// An output is an input, another output, a recorded case or a source file.
pub(super) fn check(context: &Context<'_>, verb: &Verb) -> Result<()> {
    let mut plan = FilePlan::default();
    match verb {
        Verb::Run(run) => {
            add_messages(&mut plan, context, &run.messages);
            add_environments(&mut plan, &run.environments);
            add_output(&mut plan, "--rejects", run.rejects.as_deref());
            plan.prints();
        }
        Verb::Submit(submit) => {
            add_messages(&mut plan, context, &submit.messages);
            add_output(&mut plan, "--rejects", submit.rejects.as_deref());
            plan.prints();
        }
        Verb::Serve(serve) => {
            add_environments(&mut plan, &serve.environments);
            for (flag, path) in [
                ("--tls-cert", &serve.tls_cert),
                ("--tls-key", &serve.tls_key),
                ("--token-file", &serve.token_file),
            ] {
                if let Some(path) = path {
                    plan.reads(flag, path);
                }
            }
            add_capture(&mut plan, serve.capture.as_ref());
        }
        Verb::Work(work) => {
            add_environments(&mut plan, &work.environments);
            if let Some(path) = &work.token_file {
                plan.reads("--token-file", path);
            }
            add_capture(&mut plan, work.capture.as_ref());
        }
        Verb::Record(record) => return check_record(plan, context, record),
        Verb::Collect(_) | Verb::Schema(_) => plan.prints(),
        // The other verbs have no output of their own; a job checks its files on rank 0.
        _ => return Ok(()),
    }
    plan.protects(context.fixtures);
    plan.check().map_err(file_error)
}

/// Checks the file that a test program writes besides standard output.
#[cfg(feature = "replay")]
pub(super) fn check_logfile(fixtures: &Path, logfile: Option<&str>) -> Result<()> {
    let mut plan = FilePlan::default();
    add_output(&mut plan, "--logfile", logfile.map(Path::new));
    plan.protects(fixtures);
    plan.check().map_err(file_error)
}

fn add_messages(plan: &mut FilePlan, context: &Context<'_>, messages: &Messages) {
    match messages {
        Messages::Default => {
            for path in [PathBuf::from("message.json"), context.package_root.join("message.json")] {
                if path.exists() {
                    return plan.reads("the default message", &path);
                }
            }
        }
        Messages::File(path) => plan.reads("--message", path),
        Messages::Lines(path) => plan.reads("--messages", path),
        Messages::Stdin | Messages::StdinLines => plan.reads_stdin(),
        Messages::Text(_) | Messages::Cases(_) => {}
    }
}

fn add_environments(plan: &mut FilePlan, environments: &Environments) {
    for file in &environments.files {
        plan.reads("--env-file", file);
    }
}

fn add_output(plan: &mut FilePlan, flag: &str, path: Option<&Path>) {
    if let Some(path) = path {
        plan.writes(flag, path);
    }
}

fn add_capture(plan: &mut FilePlan, capture: Option<&Capture>) {
    add_output(plan, "--capture", capture.map(|capture| &*capture.file));
}

/// The message of a case is not read from the case that it becomes.
fn check_record(mut plan: FilePlan, context: &Context<'_>, record: &Record) -> Result<()> {
    add_messages(&mut plan, context, &record.messages);
    add_environments(&mut plan, &record.environments);
    add_output(&mut plan, "--rejects", record.rejects.as_deref());
    if let Some(file) = &record.from_capture {
        plan.reads("--from-capture", file);
    }
    let Ok(entry) = context.registry.find(&record.model) else { return Ok(()) };
    let folder = layout::folder(context.fixtures, &entry.id);
    let named = record.environments.named.iter().map(|name| Some(name.as_str()));
    let default = record.environments.named.is_empty().then_some(None);
    for environment in named.chain(default) {
        // An invalid name is reported later.
        let stem = |name: &Option<String>| {
            name.as_deref().and_then(|name| Stem::new(name, environment).ok())
        };
        if let Some(stem) = stem(&record.case) {
            plan.writes("--case", &stem.case_file(&folder));
        }
        if let Some(stem) = stem(&record.suite) {
            plan.writes("--suite", &stem.suite_file(&folder));
        }
    }
    plan.check().map_err(file_error)
}

#[cfg(all(test, feature = "replay"))]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_not_written_over_a_case() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = here.join("src/lib.rs");
        for logfile in ["src/new.log", "./src/runner/x"] {
            let logfile = here.join(logfile).to_string_lossy().into_owned();
            assert!(check_logfile(&here.join("src"), Some(&logfile)).is_err(), "{logfile}");
            assert_eq!(check_logfile(&here.join("tests"), Some(&logfile)), Ok(()));
        }
        assert!(check_logfile(&here.join("tests"), source.to_str()).is_err());
        assert_eq!(check_logfile(here, None), Ok(()));
    }
}

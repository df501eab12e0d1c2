//! The second run: the same calls in a process apart, where all that a model should not depend on
//! is different.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::evaluate::{Call, evaluate_each};
use athena_cases::case::CaseOutcome;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::perturb::elsewhere;

/// The variable that makes a runner the second process. It names the file of calls; the outcomes
/// are written beside it.
pub const SECOND_VARIABLE: &str = "ATHENA_SECOND";

#[derive(Serialize, Deserialize)]
enum Answer {
    /// Of each call its outcome, or why it has none.
    Outcomes(Vec<Result<CaseOutcome, String>>),
    Failed(String),
}

/// Runs the calls in a fresh process. The error of one says why it has no outcome there.
pub(super) fn ask(calls: &[&Call]) -> Result<Vec<Result<CaseOutcome>>> {
    let failed = |error: std::io::Error| {
        Error::failure(format!("can't run the model a second time: {error}"))
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    let path = folder.path().join("calls.json");
    write(&path, calls)?;
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command
        .env(SECOND_VARIABLE, &path)
        .env_remove(athena_protocol::REQUEST_VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _elsewhere = elsewhere(&mut command).map_err(failed)?;
    // A model that reads a declared variable by itself finds it gone.
    for call in calls {
        for (name, _) in &call.variables {
            if !matches!(name.as_str(), "PATH" | "LD_LIBRARY_PATH" | "DYLD_LIBRARY_PATH") {
                command.env_remove(name);
            }
        }
    }
    let status = command.status().map_err(failed)?;
    let reply = reply_of(&path);
    if !reply.is_file() {
        return Err(Error::failure(format!(
            "the model's second run ended without outcomes ({status}): it is not recorded"
        ))
        .help("the second run is in a fresh process with another time zone, locale, working directory and hash seed"));
    }
    match read(&reply)? {
        Answer::Outcomes(outcomes) if outcomes.len() == calls.len() => {
            Ok(outcomes.into_iter().map(|outcome| outcome.map_err(|why| only_here(&why))).collect())
        }
        Answer::Outcomes(_) => Err(Error::failure("the model's second run left calls out")),
        Answer::Failed(reason) => Err(only_here(&reason)),
    }
}

fn only_here(reason: &str) -> Error {
    Error::failure(format!("the model's second run failed, its first did not: {reason}"))
        .help("the second run is in a fresh process with another time zone, locale, working directory and hash seed")
}

/// Does what the first process asks of the second.
pub fn answer(path: &Path, registry: &Registry) -> Result<()> {
    let calls: Vec<Call> = read(path)?;
    let answer = match evaluate_each(registry, &calls) {
        Ok(outcomes) => {
            let told = outcomes.into_iter().map(|outcome| outcome.map_err(|why| why.to_string()));
            Answer::Outcomes(told.collect())
        }
        Err(error) => Answer::Failed(error.to_string()),
    };
    write(&reply_of(path), &answer)
}

fn reply_of(path: &Path) -> PathBuf {
    path.with_extension("reply")
}

fn write<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| Error::failure(error.to_string()))?;
    std::fs::write(path, text).map_err(|error| Error::io("write", path, &error))
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::failure(format!("{}: {error}", path.display())))
}

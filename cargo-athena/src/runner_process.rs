//! Sends a request to a runner in one file and reads the reply from another. Both are temporary.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(unix)]
use athena_protocol::OWNED_REQUEST_PREFIX;
use athena_protocol::{Exit, REQUEST_VARIABLE, Reply, Request, Verb};
use tempfile::TempDir;

use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::signals;

/// How often a folder is tried to be removed, and how long between two tries.
const TRIES: usize = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// Starts the runner in `directory`, by default the working directory, and waits for its reply.
///
/// `prepare` sets what the verb does not contain. `silent` discards the runner's stdout.
pub(crate) fn ask(
    runner: &Executable,
    directory: Option<&Path>,
    silent: bool,
    verb: Verb,
    prepare: impl FnOnce(Request) -> Request,
) -> Result<Reply> {
    let failed = |what: &str| Error::failure(format!("{}: {what}", runner.target.describe()));
    if signals::has_arrived() {
        return Err(failed("it is not started after a signal"));
    }
    let folder = tempfile::Builder::new()
        .prefix("athena-")
        .tempdir()
        .map_err(|error| failed("a temporary folder can't be created").cause(error))?;
    let (asked, answered) = (folder.path().join("request.json"), folder.path().join("reply.json"));
    let listing = matches!(verb, Verb::List);
    let request = counted(prepare(Request::new(&answered, verb)));
    let text = serde_json::to_vec(&request)
        .map_err(|error| failed("the request can't be written").cause(error))?;
    fs::write(&asked, text).map_err(|error| failed("the request can't be written").cause(error))?;

    let mut command = runner.command();
    command.env(REQUEST_VARIABLE, &asked);
    if let Some(directory) = directory {
        command.current_dir(directory);
    }
    if listing {
        // Stdin belongs to the model that runs later.
        command.stdin(Stdio::null());
    }
    if silent {
        command.stdout(Stdio::null());
    }
    let noted = |error: Error| match runner.launch.note() {
        Some(note) => error.cause(note),
        None => error,
    };
    let child =
        command.spawn().map_err(|error| noted(failed("it can't be started").cause(error)))?;
    let status =
        signals::wait(child).map_err(|error| failed("it can't be waited for").cause(error))?;
    if signals::has_arrived() {
        remove(folder);
        return Err(failed("a signal ended it"));
    }
    let reply = read(&answered).map_err(|cause| {
        noted(failed("it ended without a reply").cause(status.to_string()).cause(cause))
            .help("a model, or code that runs before `main`, may have ended the process")
    })?;
    if !status.success() && reply.exit == Exit::Success.code() {
        return Err(failed("it failed after its reply").cause(status.to_string()));
    }
    Ok(reply)
}

/// Replaces this process by the runner, so that signals reach the runner directly. The request is
/// written to `folder` under a unique name; the runner removes it.
#[cfg(unix)]
pub(crate) fn exec_runner(
    runner: &Executable,
    directory: Option<&Path>,
    folder: &Path,
    verb: Verb,
    prepare: impl FnOnce(Request) -> Request,
) -> Result<Exit> {
    use std::os::unix::process::CommandExt as _;
    let failed = |what: &str| Error::failure(format!("{}: {what}", runner.target.describe()));
    let asked = folder.join(format!("{OWNED_REQUEST_PREFIX}{}.json", std::process::id()));
    let request = counted(prepare(Request::new(folder.join("answered.json"), verb)));
    let text = serde_json::to_vec(&request)
        .map_err(|error| failed("the request can't be written").cause(error))?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&asked, text))
        .map_err(|error| failed("the request can't be written").cause(error))?;
    let mut command = runner.command();
    command.env(REQUEST_VARIABLE, &asked);
    if let Some(directory) = directory {
        command.current_dir(directory);
    }
    let error = failed("it can't be started").cause(command.exec());
    Err(match runner.launch.note() {
        Some(note) => error.cause(note),
        None => error,
    })
}

/// Starts the runner and waits for it.
#[cfg(not(unix))]
pub(crate) fn exec_runner(
    runner: &Executable,
    directory: Option<&Path>,
    _: &Path,
    verb: Verb,
    prepare: impl FnOnce(Request) -> Request,
) -> Result<Exit> {
    ask(runner, directory, false, verb, prepare).map(|reply| Exit::of(reply.exit))
}

/// The request, which knows whether it is the first one of this command that is not for the list of models.
fn counted(request: Request) -> Request {
    static HAS_ASKED: AtomicBool = AtomicBool::new(false);
    match request.verb {
        Verb::List => request,
        _ => Request { is_later: HAS_ASKED.swap(true, Ordering::Relaxed), ..request },
    }
}

/// Removes the folder of a runner that a signal has ended. Its model processes may write there until they notice.
fn remove(folder: TempDir) {
    let path = folder.keep();
    for _ in 0..TRIES {
        let _ = fs::remove_dir_all(&path);
        std::thread::sleep(PAUSE);
        if !path.exists() {
            return;
        }
    }
}

fn read(path: &Path) -> std::result::Result<Reply, String> {
    let text = fs::read(path).map_err(|error| format!("no reply: {error}"))?;
    serde_json::from_slice(&text).map_err(|error| format!("its reply can't be read: {error}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::launch::Launch;
    use crate::target::{Target, TargetKind};

    fn ask_script(script: &str) -> Result<Reply> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runner");
        // Another process writes the script: a file that is open for writing in this process, or in
        // a child that a parallel test forks, can't be started ("Text file busy").
        let mut writer = Command::new("sh");
        writer.args(["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\""]);
        assert!(writer.arg(&path).arg(script).status().unwrap().success());
        let target = Target {
            package: "p".into(),
            package_id: "p".into(),
            root: "/p".into(),
            kind: TargetKind::Bin,
            name: "tool".into(),
            is_tested: true,
            runtime: "athena-rt".into(),
        };
        ask(
            &Executable { target, path, features: Vec::new(), launch: Launch::default() },
            None,
            false,
            Verb::List,
            |request| request,
        )
    }

    const REPLY: &str = r#"
        reply=$(sed 's/.*"reply":"\([^"]*\)".*/\1/' "$ATHENA_REQUEST")
        echo '{"version":2,"exit":0,"future":true}' > "$reply""#;

    #[test]
    fn a_reply_is_read_from_the_file_the_request_names() {
        assert_eq!(ask_script(REPLY).unwrap(), Reply::new(0));
    }

    #[test]
    fn a_runner_that_ends_without_a_reply_is_a_failure_even_with_status_0() {
        let text = format!("{:?}", ask_script("exit 0").unwrap_err());
        assert!(text.contains("bin `tool` of package `p`") && text.contains("exit status: 0"));
    }

    #[test]
    fn a_signal_is_named() {
        let error = ask_script("kill -SEGV $$").unwrap_err();
        assert_eq!(error.exit().code(), 1);
        assert!(format!("{error:?}").contains("SIGSEGV"), "{error:?}");
    }

    #[test]
    fn a_crash_after_a_good_reply_is_a_failure() {
        let error = ask_script(&format!("{REPLY}; exit 7")).unwrap_err();
        assert!(format!("{error:?}").contains("exit status: 7"), "{error:?}");
    }
}

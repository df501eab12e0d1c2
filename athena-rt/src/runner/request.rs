//! The request of `cargo athena`, in a file, and the reply to it, in another.

use std::path::Path;

use athena_protocol::{Exit, OWNED_REQUEST_PREFIX, Reply, Request, VERSION, Verb};
use serde::Deserialize;

use super::{print_error, verb};
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Carries a request out and writes the reply. A warning about the variables of the command is printed once for
/// all of its requests.
pub(super) fn answer(path: &Path, warning: Option<&str>) -> Exit {
    let request = match read(path) {
        Ok(request) => request,
        Err(error) => {
            print_error(&error);
            return error.exit();
        }
    };
    if let Some(warning) = warning.filter(|_| !request.is_later && request.verb != Verb::List) {
        print_stderr(warning);
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // `cargo athena` may end before it can remove it, or has become this process. It may contain variables with
    // secrets.
    let _ = std::fs::remove_file(path);
    // The parent of an owned one is a shell, which may end before a service that it started in the background.
    if !name.starts_with(OWNED_REQUEST_PREFIX) {
        end_with_parent();
    }
    let reply = match verb::run(&request) {
        Ok(reply) => reply,
        Err(error) => {
            print_error(&error);
            Reply::new(error.exit().code())
        }
    };
    let exit = reply.exit;
    if let Err(error) = write(&request.reply, &reply) {
        print_error(&error);
        return error.exit();
    }
    Exit::of(exit)
}

/// Replies to a request with an error, whatever was requested.
pub(super) fn refuse(path: &Path, error: &Error) -> Exit {
    print_error(error);
    let exit = error.exit();
    match read(path).and_then(|request| write(&request.reply, &Reply::new(exit.code()))) {
        Ok(()) => exit,
        Err(error) => {
            print_error(&error);
            error.exit()
        }
    }
}

/// Ends this process when its parent is gone: nobody waits for the reply any more.
#[cfg(unix)]
fn end_with_parent() {
    use rustix::process::getppid;
    let parent = getppid();
    std::thread::spawn(move || {
        while getppid() == parent {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        athena_engine::exit_guard::ExitGuard::disarm();
        std::process::exit(1);
    });
}

#[cfg(not(unix))]
fn end_with_parent() {}

fn read(path: &Path) -> Result<Request> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    let unknown = |reason: &dyn std::fmt::Display| {
        Error::usage(format!(
            "this runner, built with athena-rt {}, can't read the request of cargo-athena: {reason}",
            env!("CARGO_PKG_VERSION")
        ))
        .help("use the same version of cargo-athena and athena-rt")
    };
    let VersionOnly { version } = serde_json::from_str(&text).map_err(|error| unknown(&error))?;
    if version != VERSION {
        return Err(unknown(&format!(
            "it speaks version {version} of the protocol, the runner {VERSION}"
        )));
    }
    serde_json::from_str(&text).map_err(|error| unknown(&error))
}

/// A reply is whole or not there.
fn write(path: &Path, reply: &Reply) -> Result<()> {
    let text = serde_json::to_string(reply).map_err(|error| Error::failure(error.to_string()))?;
    let partial = path.with_extension("partial");
    std::fs::write(&partial, text)
        .and_then(|()| std::fs::rename(&partial, path))
        .map_err(|error| Error::io("write", path, &error))
}

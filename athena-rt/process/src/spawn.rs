//! The command that starts this program again as a model process.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use athena_protocol::PROCESS_RUNNER_VARIABLE;
use tempfile::TempDir;

use super::config::{PROCESS_VARIABLE, ProcessConfig};
use super::group::lead_group;
use super::perturb::perturb_environment;

/// How a model process is started.
#[derive(Clone, Debug, Default)]
pub struct SpawnOptions {
    /// Arguments that lead to the entry of a model process.
    pub arguments: Vec<String>,
    /// Variables that are removed.
    pub hidden: Vec<String>,
    /// Variables that have another value than here.
    pub variables: Vec<(String, String)>,
    /// Where standard error goes.
    pub stderr: Stderr,
    /// Another time zone, locale and working directory.
    pub perturbed: bool,
    /// The working directory; the parent's if absent.
    pub directory: Option<PathBuf>,
    /// Pipes of a megabyte if the system allows it: large messages need fewer wake-ups.
    pub large_pipes: bool,
}

/// Where a process's standard error goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stderr {
    /// To the parent's.
    #[default]
    Inherit,
    /// Its beginning and its end are kept.
    Capture,
    Discard,
}

/// The command, and the working directory that must outlive the process.
pub(super) fn command(
    config: &ProcessConfig,
    options: &SpawnOptions,
) -> io::Result<(Command, Option<TempDir>)> {
    let mut command = through_runner(program()?)?;
    command
        .args(&options.arguments)
        .env(PROCESS_VARIABLE, config.to_text())
        .env_remove(athena_protocol::REQUEST_VARIABLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(match options.stderr {
            Stderr::Inherit => Stdio::inherit(),
            Stderr::Capture => Stdio::piped(),
            Stderr::Discard => Stdio::null(),
        });
    command.envs(options.variables.iter().map(|(name, value)| (name, value)));
    if let Some(directory) = &options.directory {
        command.current_dir(directory);
    }
    for name in &options.hidden {
        command.env_remove(name);
    }
    lead_group(&mut command);
    let folder = options.perturbed.then(|| perturb_environment(&mut command)).transpose()?;
    Ok((command, folder))
}

/// The command that starts a program as this one was started: through the runner of cargo's
/// configuration, if `cargo athena` used one. An emulator has to start model processes, too.
fn through_runner(program: PathBuf) -> io::Result<Command> {
    let Some(text) = std::env::var_os(PROCESS_RUNNER_VARIABLE).filter(|text| !text.is_empty())
    else {
        return Ok(Command::new(program));
    };
    let words = runner_words(&text.to_string_lossy()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{PROCESS_RUNNER_VARIABLE} is not a JSON list of words: {}", text.display()),
        )
    })?;
    let Some((first, arguments)) = words.split_first() else { return Ok(Command::new(program)) };
    let mut command = Command::new(first);
    command.args(arguments).arg(program);
    Ok(command)
}

/// The words of a JSON list, or of a text without quotes.
fn runner_words(text: &str) -> Option<Vec<String>> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    Some(text.split_whitespace().map(str::to_owned).collect())
}

/// This program, even if its file was replaced since it was started.
fn program() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    let is_replaced = cfg!(target_os = "linux") && !path.exists();
    Ok(if is_replaced { "/proc/self/exe".into() } else { path })
}

#[cfg(test)]
mod tests {
    use super::runner_words;

    #[test]
    fn the_runner_is_a_list_or_a_text() {
        assert_eq!(runner_words(r#"["qemu", "-L", "/a b"]"#).unwrap(), ["qemu", "-L", "/a b"]);
        assert_eq!(runner_words("qemu -L /a").unwrap(), ["qemu", "-L", "/a"]);
        assert_eq!(runner_words("[1]"), None);
    }
}

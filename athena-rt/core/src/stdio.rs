//! Reserves standard output for outcomes and standard input for messages. What a model prints goes
//! to standard error, and a model that reads standard input finds its end.

use std::fs::File;
use std::io::{self, Write as _};

use crate::secrets::mask;

/// Prints a line to standard error, without secrets. A closed pipe is not an error.
pub fn print_stderr(line: &str) {
    let _ = writeln!(io::stderr(), "{}", mask(line));
}

/// Returns standard output and redirects later prints to standard error.
#[cfg(unix)]
pub fn take_stdout() -> io::Result<File> {
    // Close-on-exec: child processes of a model would keep it open.
    let ours = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(ours))
}

/// Returns standard input; later reads find its end.
#[cfg(unix)]
pub fn take_stdin() -> io::Result<File> {
    let ours = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(File::from(ours))
}

/// Returns a second handle to standard input.
#[cfg(windows)]
pub fn take_stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

/// Returns a second handle to standard output. Windows has no redirection, so outcomes and prints
/// of a model mix.
#[cfg(windows)]
pub fn take_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

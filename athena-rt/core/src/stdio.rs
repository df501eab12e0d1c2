//! Standard output belongs to outcomes: what a model prints goes to standard error. Standard input
//! of a worker has its jobs: a model that reads finds the end.

use std::fs::File;
use std::io::{self, Write as _};

/// Prints a line to standard error. A reader that is gone is no reason to fail.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Takes standard output for outcomes; from now on what is printed goes to standard error.
#[cfg(unix)]
pub fn take_stdout() -> io::Result<File> {
    // Not for the children of a model, who would keep it open.
    let ours = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(ours))
}

/// Takes standard input; from now on who reads it finds the end.
#[cfg(unix)]
pub fn take_stdin() -> io::Result<File> {
    let ours = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(File::from(ours))
}

/// Takes a second handle to standard input.
#[cfg(windows)]
pub fn take_stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

/// Takes a second handle to standard output. Here nothing can move what a model prints out of the
/// way, so the two mix.
#[cfg(windows)]
pub fn take_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

//! Standard output belongs to outcomes: what a model prints goes to standard error.

use std::fs::File;
use std::io;

/// Takes standard output for outcomes; from now on what is printed goes to standard error.
#[cfg(unix)]
pub(crate) fn take_stdout() -> io::Result<File> {
    let ours = rustix::io::dup(io::stdout())?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(ours))
}

/// Takes a second handle to standard output. Here nothing can move what a model prints out of the
/// way, so the two mix.
#[cfg(windows)]
pub(crate) fn take_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

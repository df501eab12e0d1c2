/// How `cargo athena` and a runner end. The numbers are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All well.
    Success = 0,
    /// A model failed or a case differs.
    Failure = 1,
    /// Wrong usage, message, environment or case file.
    Usage = 2,
    /// The build failed.
    Build = 3,
    /// Nothing to run: no runner, no model, no case, or a filter that matches none.
    Nothing = 4,
}

impl Exit {
    /// The process exit code.
    ///
    /// ```
    /// assert_eq!(athena_protocol::Exit::Usage.code(), 2);
    /// ```
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

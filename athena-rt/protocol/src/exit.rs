/// The exit codes of `cargo athena` and of a runner. They are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Success.
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
    /// The meaning of a code; an unknown code is a failure.
    ///
    /// ```
    /// use athena_protocol::Exit;
    ///
    /// assert_eq!(Exit::of(4), Exit::Nothing);
    /// assert_eq!(Exit::of(101), Exit::Failure);
    /// ```
    pub fn of(code: u8) -> Self {
        [Self::Success, Self::Failure, Self::Usage, Self::Build, Self::Nothing]
            .into_iter()
            .find(|exit| exit.code() == code)
            .unwrap_or(Self::Failure)
    }

    /// How several replies together end: a broken file wins over a difference, and a runner with
    /// nothing to do matters only if all have nothing.
    ///
    /// ```
    /// use athena_protocol::Exit;
    ///
    /// assert_eq!(Exit::worst([Exit::Failure, Exit::Usage, Exit::Success]), Exit::Usage);
    /// assert_eq!(Exit::worst([Exit::Success, Exit::Failure]), Exit::Failure);
    /// assert_eq!(Exit::worst([Exit::Nothing, Exit::Success]), Exit::Success);
    /// assert_eq!(Exit::worst([]), Exit::Nothing);
    /// ```
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| match exit {
            Self::Nothing => 0,
            Self::Success => 1,
            Self::Failure => 2,
            Self::Build => 3,
            Self::Usage => 4,
        };
        exits.into_iter().max_by_key(rank).unwrap_or(Self::Nothing)
    }

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

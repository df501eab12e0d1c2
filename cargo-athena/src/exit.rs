//! The exit code of a command that asks several runners.

use athena_protocol::Exit;

/// Combines the exits of several runners into one.
///
/// A broken file wins over a difference. A runner with nothing to do counts only if all runners
/// had nothing to do.
pub(crate) fn combined_exit(exits: impl IntoIterator<Item = Exit>) -> Exit {
    let rank = |exit: &Exit| match exit {
        Exit::Nothing => 0,
        Exit::Success => 1,
        Exit::Failure => 2,
        Exit::Build => 3,
        Exit::Usage => 4,
    };
    exits.into_iter().max_by_key(rank).unwrap_or(Exit::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_wins_over_a_difference_and_nothing_loses_to_all() {
        assert_eq!(combined_exit([Exit::Failure, Exit::Usage, Exit::Success]), Exit::Usage);
        assert_eq!(combined_exit([Exit::Success, Exit::Failure]), Exit::Failure);
        assert_eq!(combined_exit([Exit::Nothing, Exit::Success]), Exit::Success);
        assert_eq!(combined_exit([Exit::Nothing]), Exit::Nothing);
        assert_eq!(combined_exit([]), Exit::Nothing);
    }
}

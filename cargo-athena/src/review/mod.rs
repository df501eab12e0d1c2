//! Decisions in a terminal.
//!
//! [`state`] is the position and the decisions, [`groups`] the clusters, [`content`] the text,
//! [`draw`] the screen; [`screen`] and [`prompt`] show it and read keys. Nothing is written before
//! the end.

mod content;
mod diff_rows;
mod draw;
mod groups;
mod highlight;
mod keys;
mod prompt;
mod rows;
mod screen;
mod shorten;
mod signals;
mod state;

use std::path::Path;

use self::content::ReviewContent;
use self::state::{Decision, ReviewEnd, ReviewState};
use crate::error::Result;
use crate::pending::PendingCases;
use crate::style::Style;

/// The decisions of a review: indices of [`PendingCases::cases`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReviewDecisions {
    pub(crate) accepted: Vec<usize>,
    pub(crate) rejected: Vec<usize>,
}

/// Lets the user look at pending cases and decide. `None` if they quit. `root` is the workspace's
/// folder, to which the cases' files are relative.
pub(crate) fn review(
    pending: &mut PendingCases,
    root: &Path,
    style: Style,
) -> Result<Option<ReviewDecisions>> {
    let groups = groups::group_cases(&pending.cases);
    let mut state = ReviewState::new(&groups, pending.cases.len());
    let mut content = ReviewContent::new(&mut pending.archive, &pending.cases, groups, root);
    // A dumb terminal has no cursor movement.
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let end = if is_dumb {
        prompt::run(&mut state, &mut content, style)?
    } else {
        screen::run(&mut state, &mut content, style)?
    };
    Ok(match end {
        ReviewEnd::Quit => None,
        ReviewEnd::Apply => Some(ReviewDecisions {
            accepted: state.decided(Decision::Accept),
            rejected: state.decided(Decision::Reject),
        }),
    })
}

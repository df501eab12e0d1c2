//! Decisions taken in a terminal. [`state`] is where a person is and what was decided, [`groups`]
//! what belongs together, [`content`] what there is to read, [`draw`] how it fills a screen,
//! [`screen`] and [`prompt`] show it and take keys. Nothing is written before the end.

mod content;
mod draw;
mod groups;
mod keys;
mod prompt;
mod rows;
mod screen;
mod shorten;
mod state;
mod tolerated;

use std::path::Path;

use self::content::ReviewContent;
use self::state::{Decision, ReviewEnd, ReviewState};
use crate::error::Result;
use crate::pending::Pending;
use crate::style::Style;

/// What was decided: indices of [`Pending::cases`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReviewDecisions {
    pub(crate) accepted: Vec<usize>,
    pub(crate) rejected: Vec<usize>,
}

/// Lets a person look at what is pending and decide; none where they quit. `root` is the
/// workspace's, where the cases' files are told from.
pub(crate) fn review(
    pending: &mut Pending,
    root: &Path,
    style: Style,
) -> Result<Option<ReviewDecisions>> {
    let groups = groups::group_cases(&pending.cases, &mut pending.archive)?;
    let mut state = ReviewState::new(&groups, pending.cases.len());
    let mut content = ReviewContent::new(&mut pending.archive, &pending.cases, groups, root);
    // There is no moving about on a terminal that only prints.
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

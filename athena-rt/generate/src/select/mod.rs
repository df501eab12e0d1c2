//! Which of the inputs that were kept become cases: few, small, and together as strong as all.
//!
//! | file | its job |
//! |---|---|
//! | `cover.rs` | the smallest inputs that together have everything |
//! | `selection.rs` | what is selected from, and what was selected |
//! | `judge.rs` | what inputs catch, and smaller inputs that do the same |
//! | `existing.rs` | recorded cases, and whether they fail |
//! | `choose.rs` | existing cases first, then the cover, shrunk, then the cover again |
//! | `tags.rs` | what is special in a case, in words |
//! | `names.rs` | names of cases, from these words |
//! | `reasons.rs` | why a case is there |

mod choose;
mod cover;
mod existing;
mod judge;
mod names;
mod reasons;
mod selection;
mod tags;

#[cfg(test)]
mod tests;

pub(crate) use self::choose::select;
pub(crate) use self::existing::ExistingCase;
pub(crate) use self::names::NameGiver;
pub(crate) use self::reasons::Reasons;
pub(crate) use self::selection::{Choice, Selection, SelectionPlan};

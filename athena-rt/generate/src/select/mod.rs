//! Which of the inputs that were kept become cases: few, small, and together as strong as all.
//!
//! | file | its job |
//! |---|---|
//! | `cover.rs` | the smallest inputs that together have everything |
//! | `choose.rs` | existing cases first, then the cover, shrunk, then the cover again |
//! | `tags.rs` | what is special in a case, in words |
//! | `names.rs` | names of cases, from these words |

mod choose;
mod cover;
mod names;
mod tags;

#[cfg(test)]
mod tests;

pub(crate) use self::choose::{Choice, Selection, SelectionPlan, select};
pub(crate) use self::names::{NameGiver, reason};

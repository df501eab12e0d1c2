//! Replays recorded cases, compares outcomes, records them, and reports gaps in them.
//!
//! | module | its job |
//! |---|---|
//! | [`compare`], [`differences`], [`diff`] | where two outcomes differ, and how a person sees it |
//! | `compare_texts` | the same for texts of which most is equal, without parsing that |
//! | `text_diff` | the lines and words that two texts don't share |
//! | `unordered` | matches the items of lists whose order has no meaning |
//! | [`vacuous`] | comparisons that can't fail |
//! | [`harness`] | replays cases in model processes |
//! | [`record`] | runs a model twice and writes the outcome as a case |
//! | [`hidden`] | what a model process does not find in its environment |
//! | [`doctor`] | reports what the recorded cases do not cover |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

mod align;
pub mod compare;
mod compare_texts;
mod declared;
pub mod diff;
pub mod differences;
pub mod doctor;
pub mod harness;
pub mod hidden;
pub mod record;
mod text_diff;
mod unordered;
pub mod vacuous;

/// An index as it is stored: a plan holds millions.
pub(crate) fn as_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

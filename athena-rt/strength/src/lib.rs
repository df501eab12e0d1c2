//! Replays recorded cases against mutants of the code.
//!
//! `cargo athena` builds all mutants into one runner (see `cargo-athena/src/mutants`). Such a runner
//! has a [`Switch`], which selects the mutant that is active and counts which code runs.
//!
//! | module | its job |
//! |---|---|
//! | `switch` | the switch of a rewritten program |
//! | `threads` | whether threads outlive the call that began them |
//! | [`verdict`] | runs a model on one input, unmutated or under a mutant, and compares the outcomes |
//! | `selection` | the recorded cases of the models |
//! | [`json_process`] | a process that answers requests in JSON |
//! | `launch` | how such a process is started |
//! | `messages` | what the supervisor and its processes send each other |
//! | `model_process` | the process that runs models under mutants |
//! | `worker` | the supervisor's end of such a process |
//! | `schedule` | which mutant runs next, on which cases and in which order |
//! | `examine` | runs every case, then every mutant |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

mod examine;
pub mod json_process;
mod launch;
mod messages;
mod model_process;
mod schedule;
mod selection;
mod switch;
mod threads;
pub mod verdict;
mod worker;

pub use self::examine::examine;
pub use self::launch::Launch;
pub use self::model_process::{ROLE, run_strength_process};
pub use self::switch::Switch;

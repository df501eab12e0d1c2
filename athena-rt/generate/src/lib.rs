//! Generates cases: inputs are made from the types of a model and the literals of its source, the model runs
//! on them in model processes, and the inputs that together catch most mutants and show every kind of outcome
//! become cases.
//!
//! In a program that `cargo athena` has rewritten (see `athena-strength`) mutants guide the search. In any
//! other, the shapes of the outcomes do.
//!
//! | module | its job |
//! |---|---|
//! | `generate` | one model: its existing cases, the search, the selection, names and reasons |
//! | `run`, `worker`, `messages`, `process` | the supervisor, its processes, and what they send each other |
//! | `values` | messages of a type |
//! | `search` | which inputs are kept, and what is tried next |
//! | `select` | which inputs become cases, and their names |
//! | `subject`, `model_subject` | the model, as the search sees it |
//! | `shapes`, `size`, `random` | kinds of outcomes, sizes of inputs, pseudo-random numbers |
//! | `numbers` | maps by number |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

#[cfg(test)]
mod fake;
mod generate;
mod messages;
mod model_subject;
mod numbers;
mod process;
mod random;
mod run;
mod search;
mod select;
mod shapes;
mod size;
mod subject;
mod values;
mod worker;

pub use self::generate::generate;
pub use self::process::{ROLE, run_generate_process};

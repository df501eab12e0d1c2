//! Models, their environments and their registry, and [`invoke`], the only caller of a model.
//!
//! An internal crate: programs depend on `athena-rt`, which re-exports the public items.
//!
//! | module | its job |
//! |---|---|
//! | [`error`] | the one error: a message for the user, help, and an exit code |
//! | [`environment`](mod@environment) | declared variables, read once |
//! | [`state`], [`outcome`] | the parameter of a model, and the outcome of one message |
//! | [`model`](mod@model), [`registry`] | a model with its types erased, and all models of a program |
//! | [`invoke`](mod@invoke) | calls a model, and catches its panics |
//! | [`context`] | the models and folders of a verb |
//! | [`progress`] | a line of progress on a terminal |
//! | [`logging`], [`stdio`], [`display`], [`style`], [`random`] | helpers for the other crates |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

#[doc(hidden)]
pub mod common_fields;
pub mod context;
pub mod display;
pub mod environment;
pub mod error;
pub mod invoke;
pub mod logging;
pub mod model;
pub mod outcome;
pub mod progress;
pub mod random;
pub mod registry;
pub mod secrets;
pub mod state;
pub mod stdio;
pub mod style;

pub use athena_rt_macros::{environment, model, structure};
pub use environment::{Env, Environment};
pub use error::{Error, Result};
pub use state::State;

/// Items for generated code. They change without notice.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use serde;

    pub use crate::__async_model as async_model;
    pub use crate::environment::{Environment, Setting, Settings, Variable};
    #[cfg(feature = "async")]
    pub use crate::model::AsyncFunction;
    pub use crate::model::{Function, Model, Source};
    pub use crate::outcome::Emit;
    pub use crate::state::State;
    pub use athena_structure::__private::*;
}

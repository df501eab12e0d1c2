//! Run typed functions anywhere and remember what they did.
//!
//! A *model* is a plain function from [`State`] to `State`. Its message is declared by
//! [`#[structure]`](macro@structure), its settings by [`#[environment]`](macro@environment), and
//! [`main!`] makes a program of it that `cargo athena` runs, records and replays.
//!
//! ```no_run
//! use athena_rt::prelude::*;
//!
//! /// Settings, from the process environment.
//! #[environment]
//! struct Settings {
//!     /// Added to every test value.
//!     #[default(1)]
//!     seed: i64,
//! }
//!
//! #[structure]
//! struct Sample {
//!     #[default(2)]
//!     test: i64,
//! }
//!
//! #[model]
//! fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
//!     state.data.test += state.env.seed;
//!     state
//! }
//!
//! athena_rt::main!();
//! ```
//!
//! A model is a function like any other, and is tested like one:
//!
//! ```
//! # use athena_rt::prelude::*;
//! # #[environment] struct Settings { #[default(1)] seed: i64 }
//! # #[structure] #[derive(Eq)] struct Sample { #[default(2)] test: i64 }
//! # #[model]
//! # fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
//! #     state.data.test += state.env.seed;
//! #     state
//! # }
//! let state = compute(State::new(Sample { test: 1 }, Settings { seed: 3 }));
//! assert_eq!(state.data.test, 4);
//! ```
//!
//! # Models that wait
//!
//! With the feature `async` a model may be an `async fn`, which runs on tokio: timers, sockets and
//! `tokio::spawn` work in it.
//!
#![cfg_attr(feature = "async", doc = "```")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! # use athena_rt::prelude::*;
//! # #[structure] struct Order { #[default(0.0)] price: f64 }
//! # async fn ask_for_price() -> Result<f64, String> { Ok(1.0) }
//! #[model]
//! async fn quote(mut state: State<Order>) -> Result<State<Order>, String> {
//!     state.data.price = ask_for_price().await?;
//!     Ok(state)
//! }
//! ```
//!
//! - In a service such a model runs beside others, on the threads that move bytes: as many as 1024
//!   messages may wait at once, and take no thread while they do. It must not block, which would
//!   hold up others and knows no time limit: a long computation belongs into a plain model, which
//!   has a thread to itself, or into `tokio::task::spawn_blocking`.
//! - Where it takes too long, or its client is known to have left, it is dropped at the `.await`
//!   where it is. So what it holds over an `.await` must be `Send`, and must bear to be dropped.
//! - Everywhere else, replay included, it has a thread and a runtime to itself until it ends. What
//!   it has spawned and not awaited is dropped then; a service lets it go on.
//! - What it fetches is no part of a case: it is fetched again on replay, and `record` refuses an
//!   outcome that differs from one run to the next.
//!
//! # Fields
//!
//! | in a structure | in JSON |
//! |---|---|
//! | `bool`, integers up to 64 bits, `f32`, `f64`, `String` | as JSON has them; integers are checked for range |
//! | `Vec<u8>`, `[u8; N]` | base64 |
//! | `Option<T>` | left out where it is `None` |
//! | `Vec<T>`, `[T; N]`, tuples | lists |
//! | `BTreeMap<K, V>`, `HashMap<K, V>` | objects, sorted by key |
//! | another structure, `Box<T>` | an object |
//! | an enum without data | the variant's name |
//! | an enum with data | `"Unit"`, or `{"Variant": data}` |
//! | [`Duration`](std::time::Duration), [`Timestamp`] | text, as ProtoJSON writes it |
//!
//! A field is required unless it has a `#[default(expr)]` or is an `Option`, a `Vec` or a map.
//! JSON has no number for NaN and the infinities: a model that gives one fails.
//!
//! # Errors
//!
//! What goes wrong is an [`Error`]: words for the user that name the file, variable or JSON pointer.

mod main_macro;
mod runner;

pub use athena_core::{Env, Environment, Error, Result, State};
pub use athena_protocol::Exit;
pub use athena_rt_macros::{environment, model, structure};
pub use athena_structure::Timestamp;

/// What an environment is made of.
pub mod environment {
    pub use athena_core::environment::{Env, Environment, Setting, Settings, Variable, Variables};
}

/// Typed messages.
pub mod structure {
    pub use athena_structure::{
        MessageError, Part, ProtoJson, Structure, Timestamp, TimestampError, from_proto_json, json,
        to_proto_json, wire,
    };
}

/// What a file with models needs.
pub mod prelude {
    pub use crate::{Env, State, environment, model, structure};
}

/// What generated code uses. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use athena_core::__private::*;
    pub use athena_protocol::MARKER_LENGTH;
    #[cfg(feature = "replay")]
    pub use athena_replay::harness::replay_in_place;
    pub use athena_rt_macros::workspace_root;

    pub use crate::runner::{Start, marker, start, test};
}

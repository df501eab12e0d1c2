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
//! # Running and recording
//!
//! The program that [`main!`] makes is a *runner*. `cargo athena` finds, builds and starts the runners of a workspace:
//!
//! ```text
//! cargo athena run compute                              one message on stdout
//! cargo athena record compute --message '{"test":1}'    a case under fixtures/
//! cargo athena test                                     replays all cases; also plain `cargo test`
//! ```
//!
//! A runner needs no `cargo` where it is deployed: `compute run compute --messages in.jsonl`, `compute serve`,
//! `compute work --from URL`. `--help` of a runner lists what its features give it.
//!
//! # The book
//!
//! `docs/` of the repository is a book with a chapter for each command; `mdbook serve docs` shows it, and
//! `docs/SUMMARY.md` lists its pages. `docs/getting-started.md` takes five minutes, `docs/attributes.md` has every attribute
//! on one page, and `docs/existing-types.md` says how serde's attributes are read.
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
//! - In a service, async models share the threads that serve requests. Up to 1024 messages wait at
//!   once, and none of them uses a thread while it waits. An async model must not block: that would
//!   delay other requests, and no time limit could stop it. A long computation belongs in a plain
//!   model, which has a thread of its own, or in `tokio::task::spawn_blocking`.
//! - If the model takes too long, or its client disconnects, the service drops it at its current
//!   `.await`. So whatever it holds across an `.await` must be `Send` and safe to drop.
//! - Everywhere else, including replay, it has its own thread and runtime until it ends. Tasks that
//!   it spawned and did not await are dropped then; in a service they continue.
//! - What it fetches is not part of a case: replay fetches it again, and `record` refuses an outcome
//!   that differs between two runs.
//!
//! # Inside a program of your own
//!
//! A program that keeps its own `main` finds a model by name and calls it with bytes: [`models`]. With
//! the feature `service` it mounts all models under its own axum server: `athena_rt::service::router`.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `replay` (default) | `record` and `test`; a program that only serves is smaller without it |
//! | `strength`, `generate` | what `cargo athena strength` and `record --generate` need; they turn them on themselves |
//! | `async` | models that are `async fn` |
//! | `service` | `serve`: models answer over HTTP and gRPC |
//! | `sqlite`, `postgres`, `amqp`, `redis`, `nats` | `work`, `submit`, `collect`: models work on the messages of a queue |
//! | `queue` | the same with a broker of your own only |
//! | `otel` | spans and metrics of `serve`, `work` and `submit`, exported by OTLP |
//! | `mpi` | `mpi`: models over the ranks of an Open MPI job |
//! | `bytes`, `chrono`, `jiff`, `rust_decimal`, `semver`, `time`, `url`, `uuid` | fields with types of these crates |
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
//! | a unit-only enum | the variant's name |
//! | an enum with data | `"Unit"`, or `{"Variant": data}` |
//! | [`Duration`](std::time::Duration), [`Timestamp`] | text, as ProtoJSON writes it |
//!
//! A field is required unless it has a `#[default(expr)]` or is an `Option`, a `Vec` or a map.
//! JSON has no number for NaN and the infinities: a model that returns one fails.
//!
//! # Errors
//!
//! Every failure is an [`Error`]: a message for the user that names the file, variable or JSON pointer.

mod main_macro;
mod runner;

pub use self::runner::init;
pub use athena_core::{Env, Environment, Error, Result, State};
pub use athena_protocol::Exit;
pub use athena_rt_macros::{environment, model, structure};
pub use athena_structure::Timestamp;

/// Environments and their settings.
pub mod environment {
    pub use athena_core::environment::{Env, Environment, Setting, Settings, Variable, Variables};
}

/// The models of a program that has a `main` of its own; see [`models`].
pub mod call {
    pub use athena_core::invoke::Failure;
    pub use athena_core::outcome::ErrorOutcome;
    pub use athena_engine::call::{CallOutcome, ModelHandle, Models};
}

/// Every model that is linked into this program, to be found by name and called with bytes.
///
/// # Errors
///
/// Two models have the same id.
pub fn models() -> Result<call::Models> {
    call::Models::collect()
}

/// Models behind a server of your own.
#[cfg(feature = "service")]
pub mod service {
    pub use athena_service::{Settings, router};
}

/// Typed messages.
pub mod structure {
    pub use athena_structure::{
        MessageError, Part, ProtoJson, Structure, Timestamp, TimestampError, from_proto_json, json,
        to_proto_json, wire,
    };
}

// The examples of these pages are tested like those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
mod embedding_page {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/attributes.md")]
mod attributes_page {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/cookbook.md")]
mod cookbook_page {}

/// Queues: the API for brokers. `work`, `submit` and `collect` use every broker that the program registers.
#[cfg(feature = "queue")]
pub mod queue {
    pub use athena_queue::{
        Address, BROKER_API_VERSION, Backlog, Blocking, BlockingQueue, Broker, BrokerFuture,
        Browser, Capabilities, Consumer, ConsumerOptions, DeadLetter, DeadLetters, Delivery,
        DeliveryTag, Envelope, Format, Nack, PayloadKind, Producer, QueueStatus, Registration,
        StoredDeadLetter, UrlForm, Worker, WorkerBuilder, WorkerSummary, broker, queues,
    };

    #[cfg(feature = "queue-testing")]
    pub use athena_queue::testing;
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
    pub use athena_rt_macros::{structure, workspace_root};

    #[cfg(feature = "strength")]
    pub use athena_strength::Switch;

    pub use crate::runner::{Start, marker, start, test};
}

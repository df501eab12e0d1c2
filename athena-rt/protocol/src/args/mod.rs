//! The arguments of the verbs that a runner's own command line and `cargo athena` share.
//!
//! Each struct is three things at once: the flags of a verb (with the feature `args`, by clap), the
//! request that `cargo athena` sends as JSON, and what the runner then does. A flag is declared
//! here and nowhere else. [`value`] has one parser for each kind of value, without clap.

#[cfg(feature = "args")]
mod command;
mod input;
mod production;
mod replay;
#[cfg(feature = "args")]
#[doc(hidden)]
pub mod table;
pub mod value;

#[cfg(feature = "args")]
pub use command::{GenerationArgs, RecordArgs, RecordNames, RunArgs};
pub use input::{Environments, Format, Messages, Record, Rerecord, Run, Schema, SchemaFormat};
pub use production::{Capture, Collect, Letters, Mpi, Serve, Status, Submit, Work};
pub use replay::{Orphans, Partition, Schemas, Test};

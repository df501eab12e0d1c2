//! Run typed functions anywhere and remember what they did.

mod engine;
pub mod environment;
mod error;
mod fixture;
mod harness;
mod invoke;
mod logs;
mod model;
mod printable;
mod record;
mod registry;
mod runner;
mod start;
mod state;
mod stdio;
pub mod structure;

pub use athena_rt_macros::{environment, model, structure};
pub use environment::{Env, Environment};
pub use error::{Error, Result};
pub use state::State;
pub use structure::Timestamp;

/// What a file with models needs.
pub mod prelude {
    pub use crate::{Env, State, environment, model, structure};
}

/// What generated code uses. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use serde;

    pub use crate::environment::{Environment, Setting, Settings, Variable};
    pub use crate::model::{Emit, Function, Model, Source};
    pub use crate::runner::{Start, marker, start, test};
    pub use crate::state::State;
    pub use crate::structure::wire;
    pub use crate::structure::{
        Encoding, EnumShape, Field, Fields, Json, Part, Shape, Shapes, Structure, StructureShape,
        Variant, Variants,
    };
    pub use crate::{
        __wire_enumeration as wire_enumeration, __wire_message as wire_message,
        __wire_newtype as wire_newtype,
    };
    pub use athena_protocol::MARKER_LENGTH;
}

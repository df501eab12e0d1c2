//! Typed parts of messages: what a field may be, its JSON, its Protocol Buffers bytes, and the
//! descriptor that all else is made from.

mod bytes;
mod container;
mod message;
mod object;
mod part;
mod scalar;
mod shape;

pub use message::MessageError;
pub(crate) use message::{parse, write};
pub use object::{Fields, Variants};
pub use part::{Json, Part, Structure};
pub use shape::{Definition, EnumShape, Field, Shape, Shapes, StructureShape, Tolerance, Variant};

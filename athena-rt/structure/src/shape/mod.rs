//! The shapes of types: one source for lists, schemas, comparison and checks.

mod definitions;
mod enumeration;
mod field;
mod structure;
mod value;

pub use self::definitions::{Definition, Shapes};
pub use self::enumeration::{EnumShape, Tagging, Variant};
pub use self::field::{Encoding, Field, Tolerance};
pub use self::structure::StructureShape;
pub use self::value::Shape;

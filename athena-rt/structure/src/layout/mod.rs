//! Layouts of JSON beside the plain one: enums with a tag or without one, and fields that are merged into the
//! object around them.
//!
//! A message is read as it comes where that is possible: of an enum with a tag only what is ahead of the tag
//! is buffered. The layouts are those of serde; the strictness is ours.
//!
//! | file | its job |
//! |---|---|
//! | `buffer.rs`, `buffer_text.rs` | a value that is read before its type is known, and as text |
//! | `tagged.rs` | enums with a tag, and untagged ones |
//! | `flat_read.rs`, `flat_write.rs` | fields whose members are those of the object around them |

mod buffer;
mod buffer_text;
mod flat_read;
mod flat_write;
mod tagged;

pub(crate) use buffer_text::raw_text;
pub use flat_read::Rest;
pub use flat_write::{flatten, internal};
pub(crate) use tagged::NO_VARIANT;
pub use tagged::{
    TaggedEnum, adjacent, adjacent_unit, no_data, read_adjacent, read_internal, read_untagged,
};

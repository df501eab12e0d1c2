//! The trait of the types that a generic structure may be used with.

use std::fmt::Debug;

use super::part::Part;
use super::wire::field::Wire;

/// A type that a message can contain, as the argument of a generic structure: `Item` in `Page<Item>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a generic structure",
    label = "not a part of a message",
    note = "declare it with #[structure], or turn on the feature of athena-rt for its crate (chrono, jiff, rust_decimal, semver, time, url, uuid)"
)]
pub trait Parameter: Part + Wire + Clone + Debug + PartialEq + Send + Sync {}

impl<T: Part + Wire + Clone + Debug + PartialEq + Send + Sync> Parameter for T {}

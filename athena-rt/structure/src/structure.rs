//! The trait of the types that are whole messages.

use std::fmt::Debug;

use super::part::Part;
use super::wire::field::Wire;
use super::wire::message::Message;

/// A type that can be a message as a whole: a struct or an enum under `#[structure]`, a list, a set, a map, or a
/// single value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as a message",
    label = "not a message",
    note = "the data of a state is declared with #[structure], or is a list, a set, a map or a single value of such types"
)]
pub trait Structure: Part + Message + Wire + Clone + Debug + PartialEq + Send + Sync {
    /// Exists if the type is declared: generated code names it.
    #[doc(hidden)]
    fn declared() {}
}

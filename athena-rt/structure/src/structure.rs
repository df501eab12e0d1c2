//! The trait of the types that are whole messages.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::part::Part;
use super::wire::field::Wire;
use super::wire::message::Message;

/// A type that is a message of its own: a struct or an enum with data under `#[structure]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as a message",
    label = "declare it with #[structure]",
    note = "the data of a state is a struct with named fields, or an enum with data, declared with #[structure]"
)]
pub trait Structure:
    Part + Message + Wire + Serialize + DeserializeOwned + Clone + Debug + PartialEq + Send + Sync
{
}

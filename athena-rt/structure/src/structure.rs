//! The trait of the types that are whole messages.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::part::Part;
use super::wire::field::Wire;
use super::wire::message::Message;

/// A type that is a message of its own: a struct or an enum with data under `#[structure]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "declare it by #[structure]",
    note = "the data of a state is a struct with named fields, or an enum with data, under #[structure]"
)]
pub trait Structure:
    Part + Message + Wire + Serialize + DeserializeOwned + Clone + Debug + PartialEq + Send + Sync
{
}

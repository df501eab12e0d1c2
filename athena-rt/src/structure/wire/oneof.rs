//! Enums with data whose variants are fields of the message around them: what `oneof` is in a
//! `.proto` file.

use super::error::WireError;
use super::message::Message;
use super::reader::{Key, Reader};
use super::writer::Writer;

/// The type of a field under `#[oneof]`: an `Option` of an enum with data. The last variant that
/// comes is the one that counts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `oneof`",
    label = "an `Option` of an enum with data stands here",
    note = "`#[oneof] payment: Option<Payment>`, where `Payment` is an enum with data under #[structure]"
)]
pub trait Oneof: Sized {
    /// The enum.
    type Variants: Message;

    /// Writes the variant as a field.
    fn encode(&self, writer: &mut Writer);

    /// Takes in a record if it is of a variant.
    fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<bool, WireError>;
}

impl<E: Message<Slots = Option<E>>> Oneof for Option<E> {
    type Variants = E;

    fn encode(&self, writer: &mut Writer) {
        if let Some(variant) = self {
            variant.encode_fields(writer);
        }
    }
    fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<bool, WireError> {
        let is_ours = E::FIELDS.iter().any(|(number, _)| *number == key.number());
        if is_ours {
            E::merge_field(slot, key, reader)?;
        }
        Ok(is_ours)
    }
}

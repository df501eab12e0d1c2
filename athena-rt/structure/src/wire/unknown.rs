//! The records of unknown fields, kept through a round trip.

use super::key::Key;
use super::varint::write_varint;
use super::writer::Writer;

/// The fields of a message that its structure does not declare, byte for byte.
///
/// A structure with a field of this type marked `#[unknown]` writes back what a newer writer put in:
///
/// ```
/// use athena_rt::structure;
/// use athena_rt::structure::wire::{self, UnknownFields};
///
/// #[structure]
/// struct Order {
///     id: u64,
///     #[unknown]
///     rest: UnknownFields,
/// }
///
/// let bytes = [0x08, 5, 0x10, 7];
/// let order: Order = wire::decode(&bytes).unwrap();
/// assert_eq!(order.rest.as_bytes(), [0x10, 7]);
/// assert_eq!(wire::encode(&order), bytes);
/// ```
///
/// In JSON they do not appear: they have no names there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownFields(Vec<u8>);

/// The type of a field under `#[unknown]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[unknown]` needs a field of type `UnknownFields`",
    label = "expected `UnknownFields`",
    note = "`#[unknown] rest: UnknownFields`, of `athena_rt::structure::wire`"
)]
pub trait KeepsUnknown {
    /// The fields.
    fn unknown(&self) -> &UnknownFields;
    /// The value with the fields.
    fn from_unknown(unknown: UnknownFields) -> Self;
}

impl KeepsUnknown for UnknownFields {
    fn unknown(&self) -> &UnknownFields {
        self
    }
    fn from_unknown(unknown: UnknownFields) -> Self {
        unknown
    }
}

impl UnknownFields {
    /// The records, one after the other, each with its key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes them all.
    pub fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }

    pub(crate) fn push(&mut self, key: Key, body: &[u8]) {
        write_varint(key.0.into(), &mut self.0);
        self.0.extend_from_slice(body);
    }
}

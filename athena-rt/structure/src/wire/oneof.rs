//! Enums with data whose variants are fields of the message around them: what `oneof` is in a
//! `.proto` file.

use super::error::WireError;
use super::key::Key;
use super::message::Message;
use super::reader::Reader;
use super::writer::Writer;

/// The type of a field under `#[oneof]`: an `Option` of an enum with data. The last variant that
/// comes is the one that counts.
///
/// ```
/// use athena_rt::structure;
/// use athena_rt::structure::wire;
///
/// #[structure]
/// struct Order {
///     id: u64,
///     #[oneof]
///     payment: Option<Payment>,
/// }
///
/// #[structure]
/// enum Payment {
///     #[field(2)]
///     Invoice(u64),
///     #[field(3)]
///     Card(String),
/// }
///
/// let order = Order { id: 1, payment: Some(Payment::Invoice(7)) };
/// assert_eq!(wire::encode(&order), [0x08, 1, 0x10, 7]);
/// ```
///
/// A number that another field has too stops the build:
///
/// ```compile_fail,E0080
/// # use athena_rt::structure;
/// #[structure]
/// struct Order {
///     id: u64,
///     #[oneof]
///     payment: Option<Payment>,
/// }
///
/// #[structure]
/// enum Payment {
///     Invoice(u64),
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as a `oneof`",
    label = "expected an `Option` of an enum with data",
    note = "`#[oneof] payment: Option<Payment>`, where `Payment` is an enum with data, declared with #[structure]"
)]
pub trait Oneof: Sized {
    /// The enum.
    type Variants: Message;

    /// The smallest number of a variant: the place among the fields at which it is written.
    const FIRST: u32 = first(<Self::Variants as Message>::FIELDS);

    /// Writes the variant as a field.
    fn encode(&self, writer: &mut Writer);

    /// Takes in a record if it is of a variant.
    fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<bool, WireError>;
}

/// The smallest number of some fields.
const fn first(fields: &[(u32, &'static str)]) -> u32 {
    let (mut first, mut at) = (u32::MAX, 0);
    while at < fields.len() {
        if fields[at].0 < first {
            first = fields[at].0;
        }
        at += 1;
    }
    first
}

/// An enum with data.
///
/// Implemented by `#[structure]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as a `oneof`",
    label = "expected an enum with data, declared with #[structure]",
    note = "`#[oneof] payment: Option<Payment>`, where `Payment` is an enum with data"
)]
pub trait Choice: Message<Slots = Option<Self>> {}

impl<E: Choice> Oneof for Option<E> {
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

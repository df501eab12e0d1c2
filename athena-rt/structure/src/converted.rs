//! Types that are another type in messages: serde's `from`, `try_from` and `into` on an item.

use serde::{Deserializer, de};

use super::part::Part;
use super::wire::error::WireError;
use super::wire::position::ErrorPosition;

/// A type whose messages are those of another.
pub trait Converted: Clone {
    /// The type in messages.
    type Raw: Part;
    /// The value as it is in messages.
    fn to_raw(&self) -> Self::Raw;
    /// The value of a message, or the reason why it is none.
    fn from_raw(raw: Self::Raw) -> Result<Self, String>;
}

/// Reads JSON of the other type.
pub fn read_json<'de, T: Converted, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::from_raw(T::Raw::from_json(deserializer)?).map_err(de::Error::custom)
}

/// Converts what was read from the wire at a place.
pub fn convert<T: Converted>(raw: T::Raw, place: ErrorPosition<'_>) -> Result<T, WireError> {
    T::from_raw(raw).map_err(|reason| place.error(reason))
}

/// Converts a value that stands for an absent one.
pub fn convert_zero<T: Converted>(raw: T::Raw) -> Result<T, WireError> {
    convert(raw, ErrorPosition::NONE)
}

/// `Wire` and `Message` of a type under [`Converted`], as the other type's.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_converted {
    ([$($generic:tt)*] $type:ty, $raw:ty, [$($bound:tt)*]) => {
        const _: () = {
            use $crate::__private::wire;
            use $crate::__private::converted::{Converted, convert, convert_zero};
            use ::core::option::Option;
            use ::core::result::Result;
            use ::std::vec::Vec;
            #[automatically_derived]
            impl<__M, $($generic)*> $crate::__private::MapKey<__M> for $type where
                $raw: $crate::__private::MapKey<__M>,
                $($bound)*
            {
            }
            #[automatically_derived]
            impl<__F: wire::Form, $($generic)*> wire::Wire<__F> for $type
            where
                $raw: wire::Wire<__F>,
                $($bound)*
            {
                type Slot = <$raw as wire::Wire<__F>>::Slot;
                fn encode(&self, number: ::core::primitive::u32, writer: &mut wire::Writer) {
                    <$raw as wire::Wire<__F>>::encode(&self.to_raw(), number, writer);
                }
                fn encode_one(&self, number: ::core::primitive::u32, writer: &mut wire::Writer) {
                    <$raw as wire::Wire<__F>>::encode_one(&self.to_raw(), number, writer);
                }
                fn encode_list(
                    list: &[Self],
                    number: ::core::primitive::u32,
                    writer: &mut wire::Writer,
                ) {
                    let list: Vec<$raw> = list.iter().map(Converted::to_raw).collect();
                    <$raw as wire::Wire<__F>>::encode_numbers(&list, number, writer);
                }
                fn merge(
                    slot: &mut Self::Slot,
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> Result<(), wire::WireError> {
                    <$raw as wire::Wire<__F>>::merge(slot, key, reader)
                }
                fn merge_one(
                    slot: &mut Option<Self>,
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> Result<(), wire::WireError> {
                    let place = reader.place();
                    let mut inner = slot.take().map(|value| value.to_raw());
                    <$raw as wire::Wire<__F>>::merge_one(&mut inner, key, reader)?;
                    if let Option::Some(inner) = inner {
                        *slot = Option::Some(convert(inner, place)?);
                    }
                    Result::Ok(())
                }
                fn merge_list(
                    list: &mut Vec<Self>,
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> Result<(), wire::WireError> {
                    let place = reader.place();
                    let mut more = Vec::new();
                    <$raw as wire::Wire<__F>>::merge_numbers(&mut more, key, reader)?;
                    for raw in more {
                        list.push(convert(raw, place)?);
                    }
                    Result::Ok(())
                }
                fn read(
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> Result<Self, wire::WireError> {
                    let place = reader.place();
                    convert(<$raw as wire::Wire<__F>>::read(key, reader)?, place)
                }
                fn finish(
                    slot: Self::Slot,
                    place: wire::Place<'_>,
                ) -> Result<Option<Self>, wire::WireError> {
                    match <$raw as wire::Wire<__F>>::finish(slot, place)? {
                        Option::Some(raw) => convert(raw, place).map(Option::Some),
                        Option::None => Result::Ok(Option::None),
                    }
                }
                fn resume(self) -> Self::Slot {
                    <$raw as wire::Wire<__F>>::resume(self.to_raw())
                }
                fn zero() -> Result<Self, wire::WireError> {
                    convert_zero(<$raw as wire::Wire<__F>>::zero()?)
                }
            }
            #[automatically_derived]
            impl<$($generic)*> wire::Message for $type where $($bound)* {
                const NAME: &'static ::core::primitive::str = <$raw as wire::Message>::NAME;
                const FIELDS: &'static [(
                    ::core::primitive::u32,
                    &'static ::core::primitive::str,
                )] = <$raw as wire::Message>::FIELDS;
                type Slots = <$raw as wire::Message>::Slots;
                fn encode_fields(&self, writer: &mut wire::Writer) {
                    wire::Message::encode_fields(&self.to_raw(), writer);
                }
                fn merge_field(
                    slots: &mut Self::Slots,
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> Result<(), wire::WireError> {
                    <$raw as wire::Message>::merge_field(slots, key, reader)
                }
                fn finish_fields(
                    slots: Self::Slots,
                    place: wire::Place<'_>,
                ) -> Result<Self, wire::WireError> {
                    convert(<$raw as wire::Message>::finish_fields(slots, place)?, place)
                }
                fn resume_fields(self) -> Self::Slots {
                    wire::Message::resume_fields(self.to_raw())
                }
            }
            #[automatically_derived]
            impl<$($generic)*> $crate::__private::Structure for $type where $($bound)* {}
        };
    };
}

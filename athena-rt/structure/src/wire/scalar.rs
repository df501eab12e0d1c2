//! Numbers and booleans: one varint or a fixed number of bytes, packed in lists.

// The macros write one code for types that are as wide as the wire and types that are not.
#![allow(
    clippy::cast_lossless,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unnecessary_fallible_conversions,
    clippy::useless_conversion,
    trivial_numeric_casts
)]

use std::fmt::Display;

use super::error::WireError;
use super::field::{Fixed, Form, Plain, Sint, Truncating, Wire};
use super::key::{FIXED32, FIXED64, Key, LENGTH, VARINT};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;

/// A value that is one varint or 4 or 8 fixed bytes.
pub trait Scalar<F: Form = Plain>: Sized {
    /// Its wire type: 0, 1 or 5.
    const WIRE: u32;

    /// Writes the value behind a key.
    fn put_field(&self, key: u32, writer: &mut Writer);

    /// Writes the values one behind the other.
    fn put_all(values: &[Self], writer: &mut Writer);

    /// Reads the value.
    fn take(reader: &mut Reader<'_>) -> Result<Self, WireError>;

    /// Reads values up to the end.
    fn take_all(list: &mut Vec<Self>, reader: Reader<'_>) -> Result<(), WireError>;
}

/// A type whose zero proto3 does not write, unless the field is `optional`: numbers, booleans, text, bytes and enums.
#[diagnostic::on_unimplemented(
    message = "`implicit` is for numbers, booleans, text, bytes and unit-only enums, not for `{Self}`",
    note = "an `Option`, a list, a map or a structure is left out where it is empty without it"
)]
pub trait Implicit {
    /// Whether it is what an absent field means.
    fn is_zero(&self) -> bool;
}

macro_rules! implicit {
    ($($type:ty: |$value:ident| $is_zero:expr,)*) => {
        $(impl Implicit for $type {
            #[inline(always)]
            fn is_zero(&self) -> bool {
                let $value = self;
                $is_zero
            }
        })*
    };
}

implicit! {
    bool: |value| !*value,
    i8: |value| *value == 0,
    i16: |value| *value == 0,
    i32: |value| *value == 0,
    i64: |value| *value == 0,
    isize: |value| *value == 0,
    u8: |value| *value == 0,
    u16: |value| *value == 0,
    u32: |value| *value == 0,
    u64: |value| *value == 0,
    usize: |value| *value == 0,
    // The zero below 0 is a value of its own.
    f32: |value| value.to_bits() == 0,
    f64: |value| value.to_bits() == 0,
    String: |value| value.is_empty(),
    Vec<u8>: |value| value.is_empty(),
}

#[inline(always)]
pub fn encode<T: Scalar<F>, F: Form>(value: &T, number: u32, writer: &mut Writer) {
    value.put_field(number << 3 | T::WIRE, writer);
}

#[inline]
pub fn encode_list<T: Scalar<F>, F: Form>(list: &[T], number: u32, writer: &mut Writer) {
    if !list.is_empty() {
        writer.nested(number << 3 | LENGTH, |writer| T::put_all(list, writer));
    }
}

#[inline(always)]
pub fn read<T: Scalar<F>, F: Form>(key: Key, reader: &mut Reader<'_>) -> Result<T, WireError> {
    reader.expect(key, T::WIRE)?;
    T::take(reader)
}

#[inline(always)]
pub fn merge_list<T: Scalar<F>, F: Form>(
    list: &mut Vec<T>,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    let outcome = if key.wire() == LENGTH {
        reader.length().and_then(|bytes| T::take_all(list, reader.over(bytes)))
    } else {
        read(key, reader).map(|value| list.push(value))
    };
    outcome.map_err(|error| error.index(list.len()))
}

// `Wire` for a type that is a `Scalar`.
macro_rules! wire_scalar {
    ($type:ty, $form:ty, $zero:expr) => {
        impl Wire<$form> for $type {
            type Slot = Option<$type>;

            #[inline(always)]
            fn encode(&self, number: u32, writer: &mut Writer) {
                encode::<Self, $form>(self, number, writer);
            }
            #[inline]
            fn encode_list(list: &[Self], number: u32, writer: &mut Writer) {
                encode_list::<Self, $form>(list, number, writer);
            }
            #[inline(always)]
            fn merge(
                slot: &mut Option<Self>,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                *slot = Some(read::<Self, $form>(key, reader)?);
                Ok(())
            }
            #[inline(always)]
            fn merge_list(
                list: &mut Vec<Self>,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                merge_list::<Self, $form>(list, key, reader)
            }
            #[inline(always)]
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                read::<Self, $form>(key, reader)
            }
            #[inline(always)]
            fn finish(slot: Option<Self>, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
                Ok(slot)
            }
            #[inline(always)]
            fn resume(self) -> Option<Self> {
                Some(self)
            }
            fn zero() -> Result<Self, WireError> {
                Ok($zero)
            }
        }
    };
}

/// Each varint ends in a byte without the high bit.
fn count_varints(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte < 0x80).count()
}

// A number as a varint: how it becomes 64 bits, how it comes back from them.
macro_rules! varint {
    ($type:ty, $form:ty, |$value:ident| $to:expr, |$bits:ident| $from:expr) => {
        impl Scalar<$form> for $type {
            const WIRE: u32 = VARINT;

            #[inline(always)]
            fn put_field(&self, key: u32, writer: &mut Writer) {
                let $value = *self;
                writer.record(key, $to);
            }
            #[inline]
            fn put_all(values: &[Self], writer: &mut Writer) {
                for &$value in values.iter().rev() {
                    writer.varint($to);
                }
            }
            #[inline(always)]
            fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let $bits = reader.varint()?;
                let wide = $from;
                <$type>::try_from(wide)
                    .map_err(|_| out_of_range(reader.place(), wide, stringify!($type)))
            }
            #[inline(never)]
            fn take_all(list: &mut Vec<Self>, reader: Reader<'_>) -> Result<(), WireError> {
                list.reserve(count_varints(reader.rest()));
                let mut values = reader;
                while !values.is_empty() {
                    list.push(<Self as Scalar<$form>>::take(&mut values)?);
                }
                Ok(())
            }
        }
    };
}

// A number as little-endian bytes of the width of `$wide`.
macro_rules! fixed {
    ($type:ty, $form:ty, $wire:expr, $wide:ty) => {
        impl Scalar<$form> for $type {
            const WIRE: u32 = $wire;

            #[inline(always)]
            fn put_field(&self, key: u32, writer: &mut Writer) {
                writer.array(<$wide>::from(*self).to_le_bytes());
                writer.key(key);
            }
            #[inline]
            fn put_all(values: &[Self], writer: &mut Writer) {
                let room = writer.room(values.len() * size_of::<$wide>());
                for (chunk, value) in room.chunks_exact_mut(size_of::<$wide>()).zip(values) {
                    chunk.copy_from_slice(&<$wide>::from(*value).to_le_bytes());
                }
            }
            #[inline(always)]
            fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let value = <$wide>::from_le_bytes(reader.fixed()?);
                <$type>::try_from(value)
                    .map_err(|_| out_of_range(reader.place(), value, stringify!($type)))
            }
            #[inline(never)]
            fn take_all(list: &mut Vec<Self>, reader: Reader<'_>) -> Result<(), WireError> {
                let (chunks, odd) = reader.rest().as_chunks::<{ size_of::<$wide>() }>();
                if !odd.is_empty() {
                    return Err(ErrorPosition::new(odd)
                        .error("a packed list ends in the middle of a number"));
                }
                list.reserve(chunks.len());
                for chunk in chunks {
                    let value = <$wide>::from_le_bytes(*chunk);
                    let value = <$type>::try_from(value).map_err(|_| {
                        out_of_range(ErrorPosition::new(chunk), value, stringify!($type))
                    });
                    list.push(value?);
                }
                Ok(())
            }
        }
    };
}

macro_rules! unsigned {
    ($($type:ident $fixed:ident $wire:ident,)*) => {$(
        varint!($type, Plain, |value| value as u64, |bits| bits);
        fixed!($type, Fixed, $wire, $fixed);
        wire_scalar!($type, Fixed, 0);
    )*};
}

macro_rules! signed {
    ($($type:ident $fixed:ident $wire:ident,)*) => {$(
        varint!($type, Plain, |value| value as i64 as u64, |bits| bits.cast_signed());
        varint!($type, Sint, |value| zigzag(value as i64), |bits| unzigzag(bits));
        fixed!($type, Fixed, $wire, $fixed);
        wire_scalar!($type, Plain, 0);
        wire_scalar!($type, Sint, 0);
        wire_scalar!($type, Fixed, 0);
    )*};
}

unsigned! { u8 u32 FIXED32, u16 u32 FIXED32, u32 u32 FIXED32, u64 u64 FIXED64, }
signed! { i8 i32 FIXED32, i16 i32 FIXED32, i32 i32 FIXED32, i64 i64 FIXED64, }
wire_scalar!(u16, Plain, 0);
wire_scalar!(u32, Plain, 0);
wire_scalar!(u64, Plain, 0);

// No fixed form: its width differs between machines.
varint!(usize, Plain, |value| value as u64, |bits| bits);
varint!(isize, Plain, |value| value as i64 as u64, |bits| bits.cast_signed());
varint!(isize, Sint, |value| zigzag(value as i64), |bits| unzigzag(bits));
wire_scalar!(usize, Plain, 0);
wire_scalar!(isize, Plain, 0);
wire_scalar!(isize, Sint, 0);

varint!(u32, Truncating, |value| u64::from(value), |bits| bits as u32);
varint!(i32, Truncating, |value| value as i64 as u64, |bits| bits as i32);
wire_scalar!(u32, Truncating, 0);
wire_scalar!(i32, Truncating, 0);

// Anything but 0 is true, as everywhere.
varint!(bool, Plain, |value| u64::from(value), |bits| bits != 0);
wire_scalar!(bool, Plain, false);

fixed!(f32, Plain, FIXED32, f32);
fixed!(f64, Plain, FIXED64, f64);
wire_scalar!(f32, Plain, 0.0);
wire_scalar!(f64, Plain, 0.0);

#[inline(always)]
fn zigzag(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

#[inline(always)]
fn unzigzag(bits: u64) -> i64 {
    (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()
}

#[cold]
#[inline(never)]
fn out_of_range(place: ErrorPosition<'_>, value: impl Display, kind: &str) -> WireError {
    place.error(format!("{value} is out of range for {kind}"))
}

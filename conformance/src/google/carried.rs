//! Types of the suite's messages that structures don't support by design: integers that are truncated
//! instead of refused, enums open to any number, and times out of the supported range.

use std::fmt::Debug;
use std::marker::PhantomData;

use athena_rt::__private::wire::{
    Form, Key, Place, Plain, Reader, Sint, Truncating, Wire, WireError, Writer,
};
use athena_rt::__private::{EnumShape, Part, Shape, Shapes, Variant};
use athena_rt::structure;

/// Declares a type that is written like another type, in one of its encodings.
macro_rules! carried {
    ([$($bound:tt)*] $type:ty, $as:ty, $inner:ty, $form:ty, $shape:expr, $wrap:expr) => {
        impl<$($bound)*> Part for $type {
            fn shape(shapes: &mut Shapes) -> Shape {
                let shape: fn(&mut Shapes) -> Shape = $shape;
                shape(shapes)
            }
            fn to_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.to_json(serializer)
            }
            fn from_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$inner as Part>::from_json(deserializer).map($wrap)
            }
        }

        impl<$($bound)*> Wire<$as> for $type {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                <$inner as Wire<$form>>::encode(&self.0, number, writer);
            }
            fn encode_list(list: &[Self], number: u32, writer: &mut Writer) {
                let list: Vec<$inner> = list.iter().map(|item| item.0.clone()).collect();
                <$inner as Wire<$form>>::encode_list(&list, number, writer);
            }
            fn merge(slot: &mut Option<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                <Self as Wire<$as>>::merge_one(slot, key, reader)
            }
            fn merge_one(slot: &mut Option<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                let mut inner = slot.take().map(|whole| whole.0);
                <$inner as Wire<$form>>::merge_one(&mut inner, key, reader)?;
                *slot = inner.map($wrap);
                Ok(())
            }
            fn merge_list(list: &mut Vec<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                let mut more = Vec::new();
                <$inner as Wire<$form>>::merge_list(&mut more, key, reader)?;
                list.extend(more.into_iter().map($wrap));
                Ok(())
            }
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                <$inner as Wire<$form>>::read(key, reader).map($wrap)
            }
            fn finish(slot: Option<Self>, _: Place<'_>) -> Result<Option<Self>, WireError> {
                Ok(slot)
            }
            fn resume(self) -> Option<Self> {
                Some(self)
            }
            fn zero() -> Result<Self, WireError> {
                <$inner as Wire<$form>>::zero().map($wrap)
            }
        }
    };
}

/// `int32`, truncated to its lower bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int32(i32);
carried!([] Int32, Plain, i32, Truncating, <i32 as Part>::shape, Self);

/// `uint32`, truncated to its lower bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UInt32(u32);
carried!([] UInt32, Plain, u32, Truncating, <u32 as Part>::shape, Self);

/// `sint32`, truncated before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SInt32(u32);
carried!([] SInt32, Sint, u32, Truncating, <i32 as Part>::shape, Self);

/// `google.protobuf.Duration`, including negative ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Span(Seconds);
carried!([] Span, Plain, Seconds, Plain, |_| Shape::Duration, Self);

/// `google.protobuf.Timestamp`, unchecked.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment(Seconds);
carried!([] Moment, Plain, Seconds, Plain, |_| Shape::Timestamp, Self);

/// The encoding of both.
#[structure]
pub struct Seconds {
    #[default(0)]
    seconds: i64,
    #[default(0)]
    nanos: i32,
}

/// An enum that preserves unknown numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open<E>(i32, PhantomData<E>);
carried!([E: Names] Open<E>, Plain, i32, Truncating, names::<E>, |number| Open(number, PhantomData));

/// The names of the numbers of an enum.
pub trait Names: Clone + Debug + PartialEq + 'static {
    const KEY: &'static str;
    const VALUES: &'static [(&'static str, i32)];
}

fn names<E: Names>(shapes: &mut Shapes) -> Shape {
    shapes.enumeration(E::KEY, |_| EnumShape {
        tagging: athena_rt::__private::Tagging::External,
        name: E::KEY,
        docs: "",
        reserved: &[],
        reserved_names: &[],
        variants: E::VALUES
            .iter()
            .map(|(name, number)| Variant::unit(name, number.cast_unsigned()))
            .collect(),
    })
}

macro_rules! enumeration {
    ($name:ident { $($value:ident = $number:literal)* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;
        impl Names for $name {
            const KEY: &'static str = stringify!($name);
            const VALUES: &'static [(&'static str, i32)] = &[$((stringify!($value), $number)),*];
        }
    };
}

enumeration!(Nested { FOO = 0 BAR = 1 BAZ = 2 NEG = -1 });
enumeration!(Foreign { FOREIGN_FOO = 0 FOREIGN_BAR = 1 FOREIGN_BAZ = 2 });
enumeration!(Aliased { ALIAS_FOO = 0 ALIAS_BAR = 1 ALIAS_BAZ = 2 MOO = 2 moo = 2 bAz = 2 });

/// A field of proto3, which is not written if it is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Implicit<T>(T);

impl<T: Part + Zero> Part for Implicit<T> {
    fn shape(shapes: &mut Shapes) -> Shape {
        T::shape(shapes)
    }
    fn to_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_json(serializer)
    }
    fn from_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::from_json(deserializer).map(Self)
    }
    fn absent() -> Option<Self> {
        Some(Self(T::ZERO))
    }
    fn is_absent(&self) -> bool {
        self.0.is_zero()
    }
}

impl<T: Wire<F> + Zero, F: Form> Wire<F> for Implicit<T> {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        if !self.0.is_zero() {
            self.0.encode_one(number, writer);
        }
    }
    fn merge(slot: &mut Option<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        *slot = Some(T::read(key, reader).map(Self)?);
        Ok(())
    }
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        T::read(key, reader).map(Self)
    }
    fn finish(slot: Option<Self>, _: Place<'_>) -> Result<Option<Self>, WireError> {
        Ok(slot)
    }
    fn resume(self) -> Option<Self> {
        Some(self)
    }
    fn zero() -> Result<Self, WireError> {
        T::zero().map(Self)
    }
}

/// The value of an absent field of proto3.
pub trait Zero {
    const ZERO: Self;
    fn is_zero(&self) -> bool;
}

macro_rules! zero {
    ($([$($bound:tt)*] $type:ty = $zero:expr, $is:expr;)*) => {$(
        impl<$($bound)*> Zero for $type {
            const ZERO: Self = $zero;
            fn is_zero(&self) -> bool {
                let is: fn(&Self) -> bool = $is;
                is(self)
            }
        }
    )*};
}

zero! {
    [] Int32 = Self(0), |value| value.0 == 0;
    [] UInt32 = Self(0), |value| value.0 == 0;
    [] SInt32 = Self(0), |value| value.0 == 0;
    [] i32 = 0, |value| *value == 0;
    [] i64 = 0, |value| *value == 0;
    [] u32 = 0, |value| *value == 0;
    [] u64 = 0, |value| *value == 0;
    // A negative number is another one.
    [] f32 = 0.0, |value| value.to_bits() == 0;
    [] f64 = 0.0, |value| value.to_bits() == 0;
    [] bool = false, |value| !value;
    [] String = Self::new(), Self::is_empty;
    [] Vec<u8> = Self::new(), Self::is_empty;
    [E: Names] Open<E> = Self(0, PhantomData), |value| value.0 == 0;
}

/// A message of the suite.
#[structure]
pub struct ForeignMessage {
    c: Option<Int32>,
}

/// `google.protobuf.Empty`.
#[structure]
pub struct Empty {}

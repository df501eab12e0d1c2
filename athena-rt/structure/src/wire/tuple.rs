//! Tuples: messages with fields 1, 2, and so on.

use std::fmt::Debug;

use super::error::WireError;
use super::field::Wire;
use super::key::Key;
use super::message::{self, Message};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;
use crate::part::Part;
use crate::structure::Structure;

macro_rules! tuple {
    ($($all:ident $number:literal $index:tt $name:literal),* ; $($reverse:ident $reverse_number:literal $reverse_index:tt),*) => {
        impl<$($all: Wire),*> Message for ($($all,)*)
        where
            Self: Part,
        {
            const NAME: &'static str = "tuple";
            const FIELDS: &'static [(u32, &'static str)] = &[$(($number, $name)),*];
            type Slots = ($($all::Slot,)*);

            #[inline]
            fn encode_fields(&self, writer: &mut Writer) {
                $(self.$reverse_index.encode($reverse_number, writer);)*
            }
            #[inline(always)]
            fn merge_field(slots: &mut Self::Slots, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                match key.number() {
                    $($number => $all::merge(&mut slots.$index, key, reader),)*
                    _ => reader.skip(key),
                }
            }
            fn finish_fields(slots: Self::Slots, place: ErrorPosition<'_>) -> Result<Self, WireError> {
                Ok(($(message::finish::<$all, _>(slots.$index, $name, "tuple", place)?,)*))
            }
            fn resume_fields(self) -> Self::Slots {
                ($(self.$index.resume(),)*)
            }
        }

        impl<$($all: Wire),*> Structure for ($($all,)*)
        where
            Self: Part + Clone + Debug + PartialEq + Send + Sync,
        {
        }

        /// A message with fields 1, 2, and so on.
        impl<$($all: Wire),*> Wire for ($($all,)*)
        where
            Self: Part,
        {
            type Slot = Option<Self>;

            #[inline]
            fn encode(&self, number: u32, writer: &mut Writer) {
                message::encode(self, number, writer);
            }
            #[inline(always)]
            fn merge(slot: &mut Option<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                message::merge(slot, key, reader)
            }
            #[inline(always)]
            fn merge_one(slot: &mut Option<Self>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                message::merge(slot, key, reader)
            }
            #[inline(always)]
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                message::read(key, reader)
            }
            fn finish(slot: Option<Self>, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
                Ok(slot)
            }
            fn resume(self) -> Option<Self> {
                Some(self)
            }
            fn zero() -> Result<Self, WireError> {
                message::zero()
            }
        }
    };
}

tuple!(A 1 0 "0"; A 1 0);
tuple!(A 1 0 "0", B 2 1 "1"; B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2"; C 3 2, B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2", D 4 3 "3"; D 4 3, C 3 2, B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2", D 4 3 "3", E 5 4 "4"; E 5 4, D 4 3, C 3 2, B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2", D 4 3 "3", E 5 4 "4", F 6 5 "5"; F 6 5, E 5 4, D 4 3, C 3 2, B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2", D 4 3 "3", E 5 4 "4", F 6 5 "5", G 7 6 "6"; G 7 6, F 6 5, E 5 4, D 4 3, C 3 2, B 2 1, A 1 0);
tuple!(A 1 0 "0", B 2 1 "1", C 3 2 "2", D 4 3 "3", E 5 4 "4", F 6 5 "5", G 7 6 "6", H 8 7 "7"; H 8 7, G 7 6, F 6 5, E 5 4, D 4 3, C 3 2, B 2 1, A 1 0);

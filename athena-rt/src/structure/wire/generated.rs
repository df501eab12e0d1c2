//! What `#[structure]` says of every type alike: how the type delegates to the runtime.

/// `Wire` of a type that is a `Message`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_message {
    ($type:ty) => {
        const _: () = {
            use $crate::structure::wire::{Key, Place, Reader, Wire, WireError, Writer, message};
            #[automatically_derived]
            impl Wire for $type {
                type Slot = ::core::option::Option<Self>;
                #[inline]
                fn encode(&self, number: ::core::primitive::u32, writer: &mut Writer) {
                    message::encode(self, number, writer);
                }
                #[inline(always)]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    message::merge(slot, key, reader)
                }
                #[inline(always)]
                fn read(
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<Self, WireError> {
                    message::read(key, reader)
                }
                fn zero() -> ::core::result::Result<Self, WireError> {
                    message::zero()
                }
                $crate::__wire_one!();
            }
        };
    };
}

/// `Wire` of a type that is an `Enumeration`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_enumeration {
    ($type:ty) => {
        const _: () = {
            use $crate::structure::wire::{
                Key, Place, Reader, Wire, WireError, Writer, enumeration, scalar,
            };
            #[automatically_derived]
            impl Wire for $type {
                type Slot = ::core::option::Option<Self>;
                #[inline]
                fn encode(&self, number: ::core::primitive::u32, writer: &mut Writer) {
                    scalar::encode(self, number, writer);
                }
                fn encode_list(list: &[Self], number: ::core::primitive::u32, writer: &mut Writer) {
                    scalar::encode_list(list, number, writer);
                }
                #[inline(always)]
                fn merge_list(
                    list: &mut ::std::vec::Vec<Self>,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    scalar::merge_list(list, key, reader)
                }
                #[inline(always)]
                fn read(
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<Self, WireError> {
                    scalar::read(key, reader)
                }
                fn zero() -> ::core::result::Result<Self, WireError> {
                    enumeration::zero()
                }
                #[inline(always)]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    *slot = ::core::option::Option::Some(scalar::read(key, reader)?);
                    ::core::result::Result::Ok(())
                }
                $crate::__wire_one!();
            }
        };
    };
}

/// `Wire` of a struct with one field that has no name: as that field.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_newtype {
    ($type:ident, $inner:ty) => {
        const _: () = {
            use $crate::structure::wire::{Form, Key, Place, Reader, Wire, WireError, Writer};
            #[automatically_derived]
            impl<F: Form> Wire<F> for $type
            where
                $inner: Wire<F>,
            {
                type Slot = <$inner as Wire<F>>::Slot;
                const BYTES: ::core::primitive::bool = <$inner as Wire<F>>::BYTES;
                #[inline]
                fn encode(&self, number: ::core::primitive::u32, writer: &mut Writer) {
                    <$inner as Wire<F>>::encode(&self.0, number, writer);
                }
                #[inline]
                fn encode_one(&self, number: ::core::primitive::u32, writer: &mut Writer) {
                    <$inner as Wire<F>>::encode_one(&self.0, number, writer);
                }
                fn encode_list(list: &[Self], number: ::core::primitive::u32, writer: &mut Writer) {
                    let list: ::std::vec::Vec<$inner> =
                        list.iter().map(|item| ::core::clone::Clone::clone(&item.0)).collect();
                    <$inner as Wire<F>>::encode_list(&list, number, writer);
                }
                #[inline]
                fn merge(
                    slot: &mut Self::Slot,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    <$inner as Wire<F>>::merge(slot, key, reader)
                }
                #[inline]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    let mut inner = slot.take().map(|whole| whole.0);
                    <$inner as Wire<F>>::merge_one(&mut inner, key, reader)?;
                    *slot = inner.map($type);
                    ::core::result::Result::Ok(())
                }
                fn merge_list(
                    list: &mut ::std::vec::Vec<Self>,
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<(), WireError> {
                    let mut more = ::std::vec::Vec::new();
                    let before = if Self::BYTES { 0 } else { list.len() };
                    <$inner as Wire<F>>::merge_list(&mut more, key, reader)?;
                    list.truncate(before);
                    list.extend(more.into_iter().map($type));
                    ::core::result::Result::Ok(())
                }
                #[inline]
                fn read(
                    key: Key,
                    reader: &mut Reader<'_>,
                ) -> ::core::result::Result<Self, WireError> {
                    ::core::result::Result::map(<$inner as Wire<F>>::read(key, reader), $type)
                }
                #[inline]
                fn finish(
                    slot: Self::Slot,
                    place: Place<'_>,
                ) -> ::core::result::Result<::core::option::Option<Self>, WireError> {
                    let inner = <$inner as Wire<F>>::finish(slot, place)?;
                    ::core::result::Result::Ok(inner.map($type))
                }
                fn resume(self) -> Self::Slot {
                    <$inner as Wire<F>>::resume(self.0)
                }
                fn zero() -> ::core::result::Result<Self, WireError> {
                    ::core::result::Result::map(<$inner as Wire<F>>::zero(), $type)
                }
            }
        };
    };
}

/// The methods that are the same for all types that are one record; the names are in scope.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_one {
    () => {
        #[inline(always)]
        fn merge(
            slot: &mut ::core::option::Option<Self>,
            key: Key,
            reader: &mut Reader<'_>,
        ) -> ::core::result::Result<(), WireError> {
            <Self as Wire>::merge_one(slot, key, reader)
        }
        #[inline(always)]
        fn finish(
            slot: ::core::option::Option<Self>,
            _: Place<'_>,
        ) -> ::core::result::Result<::core::option::Option<Self>, WireError> {
            ::core::result::Result::Ok(slot)
        }
        #[inline(always)]
        fn resume(self) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(self)
        }
    };
}

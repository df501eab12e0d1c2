//! The implementations of `Wire` that `#[structure]` generates for every type alike.

/// `Wire` of a type that is a `Message`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_message {
    ([$($generic:tt)*] $type:ty, [$($bound:tt)*]) => {
        const _: () = {
            #[automatically_derived]
            impl<$($generic)*> $crate::__private::wire::Wire for $type where $($bound)* {
                type Slot = ::core::option::Option<Self>;
                #[inline]
                fn encode(
                    &self,
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    $crate::__private::wire::message::encode(self, number, writer);
                }
                #[inline(always)]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    $crate::__private::wire::message::merge(slot, key, reader)
                }
                #[inline(always)]
                fn read(
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    $crate::__private::wire::message::read(key, reader)
                }
                fn zero() -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    $crate::__private::wire::message::zero()
                }
                $crate::__wire_one!();
            }
        };
    };
    ($type:ty) => {
        $crate::__wire_message!([] $type, []);
    };
}

/// `Wire` of a type that is an `Enumeration`.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_enumeration {
    ($type:ty) => {
        const _: () = {
            #[automatically_derived]
            impl $crate::__private::wire::Wire for $type {
                type Slot = ::core::option::Option<Self>;
                #[inline]
                fn encode(
                    &self,
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    $crate::__private::wire::scalar::encode(self, number, writer);
                }
                fn encode_list(
                    list: &[Self],
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    $crate::__private::wire::scalar::encode_list(list, number, writer);
                }
                #[inline(always)]
                fn merge_list(
                    list: &mut ::std::vec::Vec<Self>,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    $crate::__private::wire::scalar::merge_list(list, key, reader)
                }
                #[inline(always)]
                fn read(
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    $crate::__private::wire::scalar::read(key, reader)
                }
                fn zero() -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    $crate::__private::wire::enumeration::zero()
                }
                #[inline(always)]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    *slot = ::core::option::Option::Some($crate::__private::wire::scalar::read(
                        key, reader,
                    )?);
                    ::core::result::Result::Ok(())
                }
                $crate::__wire_one!();
            }
            #[automatically_derived]
            impl<M> $crate::__private::MapKey<M> for $type {
                fn read_key<'de, __D: $crate::__private::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    $crate::__private::read_name(deserializer)
                }
            }
        };
    };
}

/// `Wire` and `Message` of a struct that is its one field: those of that field.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_newtype {
    ($type:ident, $inner:ty) => {
        $crate::__wire_newtype!([] $type, $type, $inner, 0, []);
    };
    ([$($generic:tt)*] $type:ty, $name:ident, $inner:ty, $field:tt $({ $($other:tt)* })?, [$($bound:tt)*]) => {
        const _: () = {
            #[automatically_derived]
            impl<__M, $($generic)*> $crate::__private::MapKey<__M> for $type where
                $inner: $crate::__private::MapKey<__M>,
                $($bound)*
            {
            }
            #[automatically_derived]
            impl<__F: $crate::__private::wire::Form, $($generic)*> $crate::__private::wire::Wire<__F> for $type
            where
                $inner: $crate::__private::wire::Wire<__F>,
                $($bound)*
            {
                type Slot = <$inner as $crate::__private::wire::Wire<__F>>::Slot;
                #[inline]
                fn encode(
                    &self,
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    <$inner as $crate::__private::wire::Wire<__F>>::encode(&self.$field, number, writer);
                }
                #[inline]
                fn encode_one(
                    &self,
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    <$inner as $crate::__private::wire::Wire<__F>>::encode_one(
                        &self.$field, number, writer,
                    );
                }
                fn encode_list(
                    list: &[Self],
                    number: ::core::primitive::u32,
                    writer: &mut $crate::__private::wire::Writer,
                ) {
                    let list: ::std::vec::Vec<$inner> =
                        list.iter().map(|item| ::core::clone::Clone::clone(&item.$field)).collect();
                    <$inner as $crate::__private::wire::Wire<__F>>::encode_numbers(
                        &list, number, writer,
                    );
                }
                #[inline]
                fn merge(
                    slot: &mut Self::Slot,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    <$inner as $crate::__private::wire::Wire<__F>>::merge(slot, key, reader)
                }
                #[inline]
                fn merge_one(
                    slot: &mut ::core::option::Option<Self>,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    let mut inner = slot.take().map(|whole| whole.$field);
                    <$inner as $crate::__private::wire::Wire<__F>>::merge_one(
                        &mut inner, key, reader,
                    )?;
                    *slot = inner.map(|value| $name { $field: value, $($($other)*)? });
                    ::core::result::Result::Ok(())
                }
                fn merge_list(
                    list: &mut ::std::vec::Vec<Self>,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    let mut more = ::std::vec::Vec::new();
                    <$inner as $crate::__private::wire::Wire<__F>>::merge_numbers(
                        &mut more, key, reader,
                    )?;
                    list.extend(more.into_iter().map(|value| $name { $field: value, $($($other)*)? }));
                    ::core::result::Result::Ok(())
                }
                #[inline]
                fn read(
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    ::core::result::Result::map(
                        <$inner as $crate::__private::wire::Wire<__F>>::read(key, reader),
                        |value| $name { $field: value, $($($other)*)? },
                    )
                }
                #[inline]
                fn finish(
                    slot: Self::Slot,
                    place: $crate::__private::wire::Place<'_>,
                ) -> ::core::result::Result<
                    ::core::option::Option<Self>,
                    $crate::__private::wire::WireError,
                > {
                    let inner = <$inner as $crate::__private::wire::Wire<__F>>::finish(slot, place)?;
                    ::core::result::Result::Ok(inner.map(|value| $name { $field: value, $($($other)*)? }))
                }
                fn resume(self) -> Self::Slot {
                    <$inner as $crate::__private::wire::Wire<__F>>::resume(self.$field)
                }
                fn zero() -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    ::core::result::Result::map(
                        <$inner as $crate::__private::wire::Wire<__F>>::zero(),
                        |value| $name { $field: value, $($($other)*)? },
                    )
                }
            }
            #[automatically_derived]
            impl<$($generic)*> $crate::__private::wire::Message for $type
            where
                $inner: $crate::__private::wire::Message,
                $($bound)*
            {
                const NAME: &'static ::core::primitive::str =
                    <$inner as $crate::__private::wire::Message>::NAME;
                const FIELDS: &'static [(
                    ::core::primitive::u32,
                    &'static ::core::primitive::str,
                )] = <$inner as $crate::__private::wire::Message>::FIELDS;
                type Slots = <$inner as $crate::__private::wire::Message>::Slots;
                fn encode_fields(&self, writer: &mut $crate::__private::wire::Writer) {
                    <$inner as $crate::__private::wire::Message>::encode_fields(&self.$field, writer);
                }
                fn merge_field(
                    slots: &mut Self::Slots,
                    key: $crate::__private::wire::Key,
                    reader: &mut $crate::__private::wire::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
                    <$inner as $crate::__private::wire::Message>::merge_field(slots, key, reader)
                }
                fn finish_fields(
                    slots: Self::Slots,
                    place: $crate::__private::wire::Place<'_>,
                ) -> ::core::result::Result<Self, $crate::__private::wire::WireError> {
                    ::core::result::Result::map(
                        <$inner as $crate::__private::wire::Message>::finish_fields(slots, place),
                        |value| $name { $field: value, $($($other)*)? },
                    )
                }
                fn resume_fields(self) -> Self::Slots {
                    <$inner as $crate::__private::wire::Message>::resume_fields(self.$field)
                }
            }
            #[automatically_derived]
            impl<$($generic)*> $crate::__private::Structure for $type
            where
                $inner: $crate::__private::wire::Message,
                $($bound)*
            {
            }
        };
    };
}

/// `Message` of a type that is a whole message as its field 1.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_whole {
    ($type:ident, $name:literal) => {
        $crate::__wire_whole!([] $type, $name, []);
    };
    ([$($generic:tt)*] $type:ty, $name:literal, [$($bound:tt)*]) => {
        const _: () = {
            use $crate::__private::wire;
            #[automatically_derived]
            impl<$($generic)*> wire::Message for $type where $($bound)* {
                const NAME: &'static ::core::primitive::str = $name;
                const FIELDS: &'static [(
                    ::core::primitive::u32,
                    &'static ::core::primitive::str,
                )] = &[(1, "value")];
                type Slots = <Self as wire::Wire>::Slot;
                fn encode_fields(&self, writer: &mut wire::Writer) {
                    wire::whole::encode_fields(self, writer);
                }
                fn merge_field(
                    slots: &mut Self::Slots,
                    key: wire::Key,
                    reader: &mut wire::Reader<'_>,
                ) -> ::core::result::Result<(), wire::WireError> {
                    wire::whole::merge_field::<Self>(slots, key, reader)
                }
                fn finish_fields(
                    slots: Self::Slots,
                    place: wire::Place<'_>,
                ) -> ::core::result::Result<Self, wire::WireError> {
                    wire::whole::finish_fields(slots, place)
                }
                fn resume_fields(self) -> Self::Slots {
                    <Self as wire::Wire>::resume(self)
                }
            }
            #[automatically_derived]
            impl<$($generic)*> $crate::__private::Structure for $type where $($bound)* {}
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
            key: $crate::__private::wire::Key,
            reader: &mut $crate::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), $crate::__private::wire::WireError> {
            <Self as $crate::__private::wire::Wire>::merge_one(slot, key, reader)
        }
        #[inline(always)]
        fn finish(
            slot: ::core::option::Option<Self>,
            _: $crate::__private::wire::Place<'_>,
        ) -> ::core::result::Result<::core::option::Option<Self>, $crate::__private::wire::WireError> {
            ::core::result::Result::Ok(slot)
        }
        #[inline(always)]
        fn resume(self) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(self)
        }
    };
}

#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// Transparent.
pub struct Id(pub u64);
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Id {
        const IS_LIST: ::core::primitive::bool = <u64 as ::athena_rt::__private::Part>::IS_LIST;
        const HAS_FLOATS: ::core::primitive::bool = <u64 as ::athena_rt::__private::Part>::HAS_FLOATS;
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <u64 as ::athena_rt::__private::Part>::MEMBERS;
        const SIGNS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <u64 as ::athena_rt::__private::Part>::SIGNS;
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            <u64 as ::athena_rt::__private::Part>::shape(__shapes)
        }
        fn to_json<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            ::athena_rt::__private::serde::Serialize::serialize(self, __serializer)
        }
        fn from_json<'de, __D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::athena_rt::__private::serde::Deserialize::deserialize(__deserializer)
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Id {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            <u64 as ::athena_rt::__private::Part>::to_json(&self.0, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Id {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <u64 as ::athena_rt::__private::Part>::from_json(__deserializer),
                Id,
            )
        }
    }
    ::athena_rt::__private::wire_newtype!(Id, u64);
};
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range(i64, Option<i64>);
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Range {
        const IS_LIST: ::core::primitive::bool = <(
            i64,
            Option<i64>,
        ) as ::athena_rt::__private::Part>::IS_LIST;
        const HAS_FLOATS: ::core::primitive::bool = <(
            i64,
            Option<i64>,
        ) as ::athena_rt::__private::Part>::HAS_FLOATS;
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <(i64, Option<i64>) as ::athena_rt::__private::Part>::MEMBERS;
        const SIGNS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <(i64, Option<i64>) as ::athena_rt::__private::Part>::SIGNS;
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            <(i64, Option<i64>) as ::athena_rt::__private::Part>::shape(__shapes)
        }
        fn to_json<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            ::athena_rt::__private::serde::Serialize::serialize(self, __serializer)
        }
        fn from_json<'de, __D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::athena_rt::__private::serde::Deserialize::deserialize(__deserializer)
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Range {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            let mut __tuple = ::athena_rt::__private::serde::Serializer::serialize_tuple(
                __serializer,
                2usize,
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::serialize_element(
                &mut __tuple,
                &<i64 as ::athena_rt::__private::Part>::json(&self.0),
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::serialize_element(
                &mut __tuple,
                &<Option<i64> as ::athena_rt::__private::Part>::json(&self.1),
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::end(__tuple)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Range {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <(
                    i64,
                    Option<i64>,
                ) as ::athena_rt::__private::Part>::from_json(__deserializer),
                |(__0, __1)| Range(__0, __1),
            )
        }
    }
    #[doc(hidden)]
    #[allow(unreachable_pub)]
    pub struct __Slots {
        __field_0: <i64 as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_1: <Option<
            i64,
        > as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
    }
    #[automatically_derived]
    impl ::core::default::Default for __Slots {
        fn default() -> Self {
            Self {
                __field_0: ::core::default::Default::default(),
                __field_1: ::core::default::Default::default(),
            }
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Message for Range {
        const NAME: &'static ::core::primitive::str = "Range";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[(1u32, "0"), (2u32, "1")];
        type Slots = __Slots;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            <Option<
                i64,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.1, 2u32, __writer);
            <i64 as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.0, 1u32, __writer);
        }
        #[inline(always)]
        fn merge_field(
            __slots: &mut __Slots,
            __key: ::athena_rt::__private::wire::Key,
            __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            match __key.number() {
                1u32 => {
                    <i64 as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_0, __key, __reader)
                }
                2u32 => {
                    <Option<
                        i64,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_1, __key, __reader)
                }
                _ => __reader.skip(__key),
            }
        }
        #[inline(always)]
        fn finish_fields(
            __slots: __Slots,
            __place: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            ::core::result::Result::Ok(Self {
                0: ::athena_rt::__private::wire::message::finish::<
                    i64,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_0, "0", "Range", __place)?,
                1: ::athena_rt::__private::wire::message::finish::<
                    Option<i64>,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_1, "1", "Range", __place)?,
            })
        }
        fn resume_fields(self) -> __Slots {
            __Slots {
                __field_0: <i64 as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.0),
                __field_1: <Option<
                    i64,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.1),
            }
        }
    }
    ::athena_rt::__private::wire_message!(Range);
    #[automatically_derived]
    impl ::athena_rt::__private::Structure for Range {}
};

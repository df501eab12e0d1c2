#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// How it was paid.
enum Payment {
    Cash,
    /// By card.
    Card {
        /// The last digits.
        last4: String,
        holder: Option<String>,
    },
    Invoice(u32),
    Pair(i64, f64),
}
const _: () = {
    const __NAMES: &[&::core::primitive::str] = &["Cash", "Card", "Invoice", "Pair"];
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Payment {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .enumeration(
                    ::athena_rt::__private::type_key::<Payment>(),
                    |__shapes| ::athena_rt::__private::EnumShape {
                        name: "Payment",
                        docs: "How it was paid.",
                        tagging: ::athena_rt::__private::Tagging::External,
                        reserved: &[],
                        reserved_names: &[],
                        variants: ::std::vec![
                            ::athena_rt::__private::Variant::unit("Cash", 1u32),
                            ::athena_rt::__private::Variant::with("Card", 2u32, <
                            __PaymentCard as ::athena_rt::__private::Part >
                            ::shape(__shapes)).docs("By card."),
                            ::athena_rt::__private::Variant::with("Invoice", 3u32, < u32
                            as ::athena_rt::__private::Part > ::shape(__shapes)),
                            ::athena_rt::__private::Variant::with("Pair", 4u32, < (i64,
                            f64) as ::athena_rt::__private::Part > ::shape(__shapes))
                        ],
                    },
                )
        }
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| ::athena_rt::__private::is_one_of(
            &["Cash", "Card", "Invoice", "Pair"],
            __key,
        ));
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
    impl ::athena_rt::__private::serde::Serialize for Payment {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            match self {
                Payment::Cash => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Payment",
                        0u32,
                        "Cash",
                    )
                }
                Payment::Card { last4: __field_last4, holder: __field_holder } => {
                    let __count = 1usize
                        + <::core::primitive::usize as ::core::convert::From<
                            ::core::primitive::bool,
                        >>::from(
                            !<Option<
                                String,
                            > as ::athena_rt::__private::Part>::is_absent(__field_holder),
                        );
                    let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct_variant(
                        __serializer,
                        "Payment",
                        1u32,
                        "Card",
                        __count,
                    )?;
                    ::athena_rt::__private::serde::ser::SerializeStructVariant::serialize_field(
                        &mut __object,
                        "last4",
                        &<String as ::athena_rt::__private::Part>::json(__field_last4),
                    )?;
                    if !<Option<
                        String,
                    > as ::athena_rt::__private::Part>::is_absent(__field_holder) {
                        ::athena_rt::__private::serde::ser::SerializeStructVariant::serialize_field(
                            &mut __object,
                            "holder",
                            &<Option<
                                String,
                            > as ::athena_rt::__private::Part>::json(__field_holder),
                        )?;
                    }
                    ::athena_rt::__private::serde::ser::SerializeStructVariant::end(
                        __object,
                    )
                }
                Payment::Invoice(__value) => {
                    ::athena_rt::__private::serde::Serializer::serialize_newtype_variant(
                        __serializer,
                        "Payment",
                        2u32,
                        "Invoice",
                        &<u32 as ::athena_rt::__private::Part>::json(__value),
                    )
                }
                Payment::Pair(__0, __1) => {
                    let mut __tuple = ::athena_rt::__private::serde::Serializer::serialize_tuple_variant(
                        __serializer,
                        "Payment",
                        3u32,
                        "Pair",
                        2usize,
                    )?;
                    ::athena_rt::__private::serde::ser::SerializeTupleVariant::serialize_field(
                        &mut __tuple,
                        &<i64 as ::athena_rt::__private::Part>::json(__0),
                    )?;
                    ::athena_rt::__private::serde::ser::SerializeTupleVariant::serialize_field(
                        &mut __tuple,
                        &<f64 as ::athena_rt::__private::Part>::json(__1),
                    )?;
                    ::athena_rt::__private::serde::ser::SerializeTupleVariant::end(
                        __tuple,
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Payment {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Payment;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("a variant of `Payment`")
                }
                fn visit_enum<__A>(
                    self,
                    __data: __A,
                ) -> ::core::result::Result<Payment, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::EnumAccess<'de>,
                {
                    let (__index, __access) = ::athena_rt::__private::serde::de::EnumAccess::variant_seed(
                        __data,
                        ::athena_rt::__private::Variants::new(__NAMES),
                    )?;
                    match __index {
                        0usize => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::unit_variant(
                                    __access,
                                ),
                                |()| Payment::Cash,
                            )
                        }
                        1usize => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant_seed(
                                    __access,
                                    <__PaymentCard as ::athena_rt::__private::Part>::seed(),
                                ),
                                |__value: __PaymentCard| Payment::Card {
                                    last4: __value.last4,
                                    holder: __value.holder,
                                },
                            )
                        }
                        2usize => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant_seed(
                                    __access,
                                    <u32 as ::athena_rt::__private::Part>::seed(),
                                ),
                                |__value: u32| Payment::Invoice(__value),
                            )
                        }
                        _ => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant_seed(
                                    __access,
                                    <(i64, f64) as ::athena_rt::__private::Part>::seed(),
                                ),
                                |__value: (i64, f64)| Payment::Pair(__value.0, __value.1),
                            )
                        }
                    }
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_enum(
                __deserializer,
                "Payment",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Message for Payment {
        const NAME: &'static ::core::primitive::str = "Payment";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[(1u32, "Cash"), (2u32, "Card"), (3u32, "Invoice"), (4u32, "Pair")];
        type Slots = ::core::option::Option<Self>;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            match self {
                Payment::Cash => {
                    ::athena_rt::__private::wire::message::nested(1u32, __writer, |_| {})
                }
                Payment::Card { last4: __field_last4, holder: __field_holder } => {
                    ::athena_rt::__private::wire::message::nested(
                        2u32,
                        __writer,
                        |__writer| {
                            <Option<
                                String,
                            > as ::athena_rt::__private::wire::Wire<
                                ::athena_rt::__private::wire::Plain,
                            >>::encode(__field_holder, 2u32, __writer);
                            <String as ::athena_rt::__private::wire::Wire<
                                ::athena_rt::__private::wire::Plain,
                            >>::encode_one(__field_last4, 1u32, __writer);
                        },
                    )
                }
                Payment::Invoice(__value) => {
                    <u32 as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::encode_one(__value, 3u32, __writer)
                }
                Payment::Pair(__field_0, __field_1) => {
                    ::athena_rt::__private::wire::message::nested(
                        4u32,
                        __writer,
                        |__writer| {
                            <f64 as ::athena_rt::__private::wire::Wire<
                                ::athena_rt::__private::wire::Plain,
                            >>::encode(__field_1, 2u32, __writer);
                            <i64 as ::athena_rt::__private::wire::Wire<
                                ::athena_rt::__private::wire::Plain,
                            >>::encode(__field_0, 1u32, __writer);
                        },
                    )
                }
            }
        }
        #[inline]
        fn merge_field(
            __slots: &mut Self::Slots,
            __key: ::athena_rt::__private::wire::Key,
            __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            match __key.number() {
                1u32 => {
                    ::athena_rt::__private::wire::enumeration::merge_unit(
                        __slots,
                        Payment::Cash,
                        __key,
                        __reader,
                    )
                }
                2u32 => {
                    ::athena_rt::__private::wire::enumeration::merge_variant::<
                        Self,
                        __PaymentCard,
                        ::athena_rt::__private::wire::Plain,
                    >(
                        __slots,
                        |__variant| match __variant {
                            Payment::Card { last4, holder } => {
                                ::core::option::Option::Some(__PaymentCard {
                                    last4,
                                    holder,
                                })
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::option::Option::None,
                        },
                        |__value| Payment::Card {
                            last4: __value.last4,
                            holder: __value.holder,
                        },
                        __key,
                        __reader,
                    )
                }
                3u32 => {
                    ::athena_rt::__private::wire::enumeration::merge_variant::<
                        Self,
                        u32,
                        ::athena_rt::__private::wire::Plain,
                    >(
                        __slots,
                        |__variant| match __variant {
                            Payment::Invoice(__value) => {
                                ::core::option::Option::Some(__value)
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::option::Option::None,
                        },
                        |__value| Payment::Invoice(__value),
                        __key,
                        __reader,
                    )
                }
                4u32 => {
                    ::athena_rt::__private::wire::enumeration::merge_variant::<
                        Self,
                        (i64, f64),
                        ::athena_rt::__private::wire::Plain,
                    >(
                        __slots,
                        |__variant| match __variant {
                            Payment::Pair(__0, __1) => {
                                ::core::option::Option::Some((__0, __1))
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::option::Option::None,
                        },
                        |__value| Payment::Pair(__value.0, __value.1),
                        __key,
                        __reader,
                    )
                }
                _ => __reader.skip(__key),
            }
        }
        fn finish_fields(
            __slots: Self::Slots,
            __place: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            ::athena_rt::__private::wire::enumeration::finish(__slots, __place)
        }
        fn resume_fields(self) -> Self::Slots {
            ::core::option::Option::Some(self)
        }
    }
    ::athena_rt::__private::wire_message!(Payment);
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Choice for Payment {}
    #[automatically_derived]
    impl ::athena_rt::__private::Structure for Payment {}
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    struct __PaymentCard {
        last4: String,
        holder: Option<String>,
    }
    const _: () = {
        #[allow(clippy::unnecessary_wraps, non_snake_case)]
        fn __default_Card0() -> String {
            ::core::convert::Into::into("0000")
        }
        #[automatically_derived]
        impl ::athena_rt::__private::Part for __PaymentCard {
            fn shape(
                __shapes: &mut ::athena_rt::__private::Shapes,
            ) -> ::athena_rt::__private::Shape {
                __shapes
                    .structure(
                        ::athena_rt::__private::variant_key(
                            ::athena_rt::__private::type_key::<Payment>(),
                            "Card",
                        ),
                        |__shapes| ::athena_rt::__private::StructureShape {
                            name: "Card",
                            docs: "By card.",
                            open: false,
                            reserved: &[],
                            reserved_names: &[],
                            fields: ::std::vec![
                                ::athena_rt::__private::Field::new("last4", 1u32, < String
                                as ::athena_rt::__private::Part > ::shape(__shapes))
                                .docs("The last digits.").kind("String").one_record()
                                .default(< String as ::athena_rt::__private::Part > ::json(&
                                __default_Card0())),
                                ::athena_rt::__private::Field::new("holder", 2u32, < Option
                                < String > as ::athena_rt::__private::Part >
                                ::shape(__shapes)).kind("Option<String>").required(< Option
                                < String > as ::athena_rt::__private::Part > ::absent()
                                .is_none())
                            ],
                        },
                    )
            }
            const MEMBERS: ::core::option::Option<
                fn(&::core::primitive::str) -> ::core::primitive::bool,
            > = ::core::option::Option::Some(|__key| {
                ::athena_rt::__private::is_one_of(&["last4", "holder"], __key)
            });
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
        impl ::athena_rt::__private::Structure for __PaymentCard {}
        #[automatically_derived]
        impl ::athena_rt::__private::serde::Serialize for __PaymentCard {
            fn serialize<__S>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error>
            where
                __S: ::athena_rt::__private::serde::Serializer,
            {
                let __count = 1usize
                    + <::core::primitive::usize as ::core::convert::From<
                        ::core::primitive::bool,
                    >>::from(
                        !<Option<
                            String,
                        > as ::athena_rt::__private::Part>::is_absent(&self.holder),
                    );
                let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                    __serializer,
                    "Card",
                    __count,
                )?;
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "last4",
                    &<String as ::athena_rt::__private::Part>::json(&self.last4),
                )?;
                if !<Option<
                    String,
                > as ::athena_rt::__private::Part>::is_absent(&self.holder) {
                    ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                        &mut __object,
                        "holder",
                        &<Option<
                            String,
                        > as ::athena_rt::__private::Part>::json(&self.holder),
                    )?;
                }
                ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
            }
        }
        #[automatically_derived]
        impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for __PaymentCard {
            fn deserialize<__D>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error>
            where
                __D: ::athena_rt::__private::serde::Deserializer<'de>,
            {
                const __NAMES: &[&::core::primitive::str] = &["last4", "holder"];
                struct __Visitor;
                impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                    type Value = __PaymentCard;
                    fn expecting(
                        &self,
                        __formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        __formatter.write_str("an object with the fields of `Card`")
                    }
                    fn visit_map<__A>(
                        self,
                        mut __map: __A,
                    ) -> ::core::result::Result<__PaymentCard, __A::Error>
                    where
                        __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                    {
                        let mut __fields = ::athena_rt::__private::Fields::new(
                            __NAMES,
                            false,
                        );
                        let mut __field_last4: ::core::option::Option<String> = ::core::option::Option::None;
                        let mut __field_holder: ::core::option::Option<Option<String>> = ::core::option::Option::None;
                        while let ::core::option::Option::Some(__index) = __fields
                            .next(&mut __map)?
                        {
                            match __index {
                                0usize => {
                                    __fields
                                        .set(
                                            &mut __map,
                                            0usize,
                                            <String as ::athena_rt::__private::Part>::seed(),
                                            &mut __field_last4,
                                        )?
                                }
                                1usize => {
                                    __fields
                                        .set(
                                            &mut __map,
                                            1usize,
                                            <Option<String> as ::athena_rt::__private::Part>::seed(),
                                            &mut __field_holder,
                                        )?
                                }
                                _ => __fields.skip(&mut __map)?,
                            }
                        }
                        ::core::result::Result::Ok(__PaymentCard {
                            last4: match __field_last4 {
                                ::core::option::Option::Some(__value) => __value,
                                ::core::option::Option::None => __default_Card0(),
                            },
                            holder: match __field_holder {
                                ::core::option::Option::Some(__value) => __value,
                                ::core::option::Option::None => {
                                    __fields
                                        .absent::<
                                            Option<String>,
                                            __A::Error,
                                        >(
                                            <Option<String> as ::athena_rt::__private::Part>::absent(),
                                            1usize,
                                        )?
                                }
                            },
                        })
                    }
                }
                ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                    __deserializer,
                    "Card",
                    __NAMES,
                    __Visitor,
                )
            }
        }
        #[doc(hidden)]
        #[allow(unreachable_pub)]
        pub struct __Slots {
            __field_last4: ::core::option::Option<String>,
            __field_holder: <Option<
                String,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::Slot,
        }
        #[automatically_derived]
        impl ::core::default::Default for __Slots {
            fn default() -> Self {
                Self {
                    __field_last4: ::core::default::Default::default(),
                    __field_holder: ::core::default::Default::default(),
                }
            }
        }
        #[automatically_derived]
        impl ::athena_rt::__private::wire::Message for __PaymentCard {
            const NAME: &'static ::core::primitive::str = "Card";
            const FIELDS: &'static [(
                ::core::primitive::u32,
                &'static ::core::primitive::str,
            )] = &[(1u32, "last4"), (2u32, "holder")];
            type Slots = __Slots;
            fn encode_fields(
                &self,
                __writer: &mut ::athena_rt::__private::wire::Writer,
            ) {
                <Option<
                    String,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::encode(&self.holder, 2u32, __writer);
                <String as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::encode_one(&self.last4, 1u32, __writer);
            }
            #[inline(always)]
            fn merge_field(
                __slots: &mut __Slots,
                __key: ::athena_rt::__private::wire::Key,
                __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
            ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
                match __key.number() {
                    1u32 => {
                        <String as ::athena_rt::__private::wire::Wire<
                            ::athena_rt::__private::wire::Plain,
                        >>::merge_one(&mut __slots.__field_last4, __key, __reader)
                    }
                    2u32 => {
                        <Option<
                            String,
                        > as ::athena_rt::__private::wire::Wire<
                            ::athena_rt::__private::wire::Plain,
                        >>::merge(&mut __slots.__field_holder, __key, __reader)
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
                    last4: ::athena_rt::__private::wire::message::finish_one(
                        __slots.__field_last4,
                        __default_Card0,
                    ),
                    holder: ::athena_rt::__private::wire::message::finish::<
                        Option<String>,
                        ::athena_rt::__private::wire::Plain,
                    >(__slots.__field_holder, "holder", "Card", __place)?,
                })
            }
            fn resume_fields(self) -> __Slots {
                __Slots {
                    __field_last4: ::core::option::Option::Some(self.last4),
                    __field_holder: <Option<
                        String,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::resume(self.holder),
                }
            }
        }
        ::athena_rt::__private::wire_message!(__PaymentCard);
    };
};

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
                    ::core::concat!(::core::module_path!(), "::", "Payment"),
                    |__shapes| ::athena_rt::__private::EnumShape {
                        name: "Payment",
                        docs: "How it was paid.",
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
                        + ::core::primitive::usize::from(
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
                        &::athena_rt::__private::Json(__field_last4),
                    )?;
                    if !<Option<
                        String,
                    > as ::athena_rt::__private::Part>::is_absent(__field_holder) {
                        ::athena_rt::__private::serde::ser::SerializeStructVariant::serialize_field(
                            &mut __object,
                            "holder",
                            &::athena_rt::__private::Json(__field_holder),
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
                        &::athena_rt::__private::Json(__value),
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
                        &::athena_rt::__private::Json(__0),
                    )?;
                    ::athena_rt::__private::serde::ser::SerializeTupleVariant::serialize_field(
                        &mut __tuple,
                        &::athena_rt::__private::Json(__1),
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
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant::<
                                    ::athena_rt::__private::Json<__PaymentCard>,
                                >(__access),
                                |::athena_rt::__private::Json(__value)| Payment::Card {
                                    last4: __value.last4,
                                    holder: __value.holder,
                                },
                            )
                        }
                        2usize => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant::<
                                    ::athena_rt::__private::Json<u32>,
                                >(__access),
                                |::athena_rt::__private::Json(__value)| Payment::Invoice(
                                    __value,
                                ),
                            )
                        }
                        _ => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant::<
                                    ::athena_rt::__private::Json<(i64, f64)>,
                                >(__access),
                                |::athena_rt::__private::Json(__value)| Payment::Pair(
                                    __value.0,
                                    __value.1,
                                ),
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
    impl ::athena_rt::__private::Structure for Payment {}
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    struct __PaymentCard {
        last4: String,
        holder: Option<String>,
    }
    const _: () = {
        fn __default_0() -> String {
            ::core::convert::Into::into("0000")
        }
        #[automatically_derived]
        impl ::athena_rt::__private::Part for __PaymentCard {
            fn shape(
                __shapes: &mut ::athena_rt::__private::Shapes,
            ) -> ::athena_rt::__private::Shape {
                __shapes
                    .structure(
                        ::core::concat!(::core::module_path!(), "::", "Payment::Card"),
                        |__shapes| ::athena_rt::__private::StructureShape {
                            name: "Card",
                            docs: "By card.",
                            open: false,
                            reserved: &[],
                            reserved_names: &[],
                            fields: ::std::vec![
                                ::athena_rt::__private::Field::new("last4", 1u32, < String
                                as ::athena_rt::__private::Part > ::shape(__shapes))
                                .docs("The last digits.").kind("String").default(&
                                __default_0()), ::athena_rt::__private::Field::new("holder",
                                2u32, < Option < String > as ::athena_rt::__private::Part >
                                ::shape(__shapes)).kind("Option<String>").required(< Option
                                < String > as ::athena_rt::__private::Part > ::absent()
                                .is_none())
                            ],
                        },
                    )
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
                    + ::core::primitive::usize::from(
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
                    &::athena_rt::__private::Json(&self.last4),
                )?;
                if !<Option<
                    String,
                > as ::athena_rt::__private::Part>::is_absent(&self.holder) {
                    ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                        &mut __object,
                        "holder",
                        &::athena_rt::__private::Json(&self.holder),
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
                                    __fields.set(&mut __map, 0usize, &mut __field_last4)?
                                }
                                1usize => {
                                    __fields.set(&mut __map, 1usize, &mut __field_holder)?
                                }
                                _ => __fields.skip(&mut __map)?,
                            }
                        }
                        ::core::result::Result::Ok(__PaymentCard {
                            last4: match __field_last4 {
                                ::core::option::Option::Some(__value) => __value,
                                ::core::option::Option::None => __default_0(),
                            },
                            holder: match __field_holder {
                                ::core::option::Option::Some(__value) => __value,
                                ::core::option::Option::None => {
                                    __fields.absent::<_, __A::Error>(1usize)?
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
    };
};

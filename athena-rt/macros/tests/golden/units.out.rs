#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// Who buys.
#[derive(Default, Copy)]
enum Kind {
    /// Over the counter.
    #[default]
    Retail,
    Trade,
    r#Self_,
}
const _: () = {
    const __NAMES: &[&::core::primitive::str] = &["Retail", "Trade", "Self_"];
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Kind {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .enumeration(
                    ::athena_rt::__private::type_key::<Kind>(),
                    |__shapes| ::athena_rt::__private::EnumShape {
                        name: "Kind",
                        docs: "Who buys.",
                        tagging: ::athena_rt::__private::Tagging::External,
                        reserved: &[1u32],
                        reserved_names: &[],
                        variants: ::std::vec![
                            ::athena_rt::__private::Variant::unit("Retail", 0u32)
                            .docs("Over the counter."),
                            ::athena_rt::__private::Variant::unit("Trade", 7u32),
                            ::athena_rt::__private::Variant::unit("Self_", 2u32)
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
    impl ::athena_rt::__private::serde::Serialize for Kind {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            match self {
                Kind::Retail => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Kind",
                        0u32,
                        "Retail",
                    )
                }
                Kind::Trade => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Kind",
                        1u32,
                        "Trade",
                    )
                }
                Kind::r#Self_ => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Kind",
                        2u32,
                        "Self_",
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Kind {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Kind;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("a variant of `Kind`")
                }
                fn visit_enum<__A>(
                    self,
                    __data: __A,
                ) -> ::core::result::Result<Kind, __A::Error>
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
                                |()| Kind::Retail,
                            )
                        }
                        1usize => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::unit_variant(
                                    __access,
                                ),
                                |()| Kind::Trade,
                            )
                        }
                        _ => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::unit_variant(
                                    __access,
                                ),
                                |()| Kind::r#Self_,
                            )
                        }
                    }
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_enum(
                __deserializer,
                "Kind",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Enumeration for Kind {
        const NAME: &'static ::core::primitive::str = "Kind";
        fn number(&self) -> ::core::primitive::i32 {
            match self {
                Kind::Retail => 0i32,
                Kind::Trade => 7i32,
                Kind::r#Self_ => 2i32,
            }
        }
        fn from_number(
            __number: ::core::primitive::i32,
        ) -> ::core::option::Option<Self> {
            match __number {
                0i32 => ::core::option::Option::Some(Kind::Retail),
                7i32 => ::core::option::Option::Some(Kind::Trade),
                2i32 => ::core::option::Option::Some(Kind::r#Self_),
                _ => ::core::option::Option::None,
            }
        }
    }
    ::athena_rt::__private::wire_enumeration!(Kind);
    ::athena_rt::__private::wire_whole!(Kind, "Kind");
    #[automatically_derived]
    impl ::athena_rt::__private::Setting for Kind {
        const PLACEHOLDER: &'static ::core::primitive::str = __NAMES[0];
        const VALUES: &'static [&'static ::core::primitive::str] = __NAMES;
        fn parse(
            __text: &::core::primitive::str,
        ) -> ::core::result::Result<Self, ::std::string::String> {
            match ::athena_rt::__private::Variants::new(__NAMES).find(__text)? {
                0usize => ::core::result::Result::Ok(Kind::Retail),
                1usize => ::core::result::Result::Ok(Kind::Trade),
                _ => ::core::result::Result::Ok(Kind::r#Self_),
            }
        }
        fn show(&self) -> ::std::string::String {
            ::std::string::String::from(
                match self {
                    Kind::Retail => "Retail",
                    Kind::Trade => "Trade",
                    Kind::r#Self_ => "Self_",
                },
            )
        }
    }
};
#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
enum Level {
    Low = 5,
    High,
}
const _: () = {
    const __NAMES: &[&::core::primitive::str] = &["Low", "High"];
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Level {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .enumeration(
                    ::athena_rt::__private::type_key::<Level>(),
                    |__shapes| ::athena_rt::__private::EnumShape {
                        name: "Level",
                        docs: "",
                        tagging: ::athena_rt::__private::Tagging::External,
                        reserved: &[],
                        reserved_names: &[],
                        variants: ::std::vec![
                            ::athena_rt::__private::Variant::unit("Low", 5u32),
                            ::athena_rt::__private::Variant::unit("High", 6u32)
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
    impl ::athena_rt::__private::serde::Serialize for Level {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            match self {
                Level::Low => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Level",
                        0u32,
                        "Low",
                    )
                }
                Level::High => {
                    ::athena_rt::__private::serde::Serializer::serialize_unit_variant(
                        __serializer,
                        "Level",
                        1u32,
                        "High",
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Level {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Level;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("a variant of `Level`")
                }
                fn visit_enum<__A>(
                    self,
                    __data: __A,
                ) -> ::core::result::Result<Level, __A::Error>
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
                                |()| Level::Low,
                            )
                        }
                        _ => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::unit_variant(
                                    __access,
                                ),
                                |()| Level::High,
                            )
                        }
                    }
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_enum(
                __deserializer,
                "Level",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Enumeration for Level {
        const NAME: &'static ::core::primitive::str = "Level";
        fn number(&self) -> ::core::primitive::i32 {
            match self {
                Level::Low => 5i32,
                Level::High => 6i32,
            }
        }
        fn from_number(
            __number: ::core::primitive::i32,
        ) -> ::core::option::Option<Self> {
            match __number {
                5i32 => ::core::option::Option::Some(Level::Low),
                6i32 => ::core::option::Option::Some(Level::High),
                _ => ::core::option::Option::None,
            }
        }
    }
    ::athena_rt::__private::wire_enumeration!(Level);
    ::athena_rt::__private::wire_whole!(Level, "Level");
    #[automatically_derived]
    impl ::athena_rt::__private::Setting for Level {
        const PLACEHOLDER: &'static ::core::primitive::str = __NAMES[0];
        const VALUES: &'static [&'static ::core::primitive::str] = __NAMES;
        fn parse(
            __text: &::core::primitive::str,
        ) -> ::core::result::Result<Self, ::std::string::String> {
            match ::athena_rt::__private::Variants::new(__NAMES).find(__text)? {
                0usize => ::core::result::Result::Ok(Level::Low),
                _ => ::core::result::Result::Ok(Level::High),
            }
        }
        fn show(&self) -> ::std::string::String {
            ::std::string::String::from(
                match self {
                    Level::Low => "Low",
                    Level::High => "High",
                },
            )
        }
    }
};

#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// One line of an order.
///
/// Prices are net.
#[derive(Default)]
pub(crate) struct Line {
    /// Unit price in euros.
    pub price: f64,
    quantity: u32,
    unit: String,
    note: Option<String>,
    r#type: Kind,
    tags: Vec<std::string::String>,
}
const _: () = {
    fn __default_1() -> u32 {
        1
    }
    fn __default_2() -> String {
        ::core::convert::Into::into("each")
    }
    fn __default_3() -> Option<String> {
        ::core::option::Option::Some(::core::convert::Into::into("none"))
    }
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Line {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .structure(
                    ::core::concat!(::core::module_path!(), "::", "Line"),
                    |__shapes| ::athena_rt::__private::StructureShape {
                        name: "Line",
                        docs: "One line of an order.\n\nPrices are net.",
                        open: true,
                        reserved: &[2u32],
                        reserved_names: &["old"],
                        fields: ::std::vec![
                            ::athena_rt::__private::Field::new("price", 1u32, < f64 as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .docs("Unit price in euros.").kind("f64").required(< f64 as
                            ::athena_rt::__private::Part > ::absent().is_none())
                            .tolerance(::core::option::Option::Some(0.005f64),
                            ::core::option::Option::None,
                            ::core::option::Option::Some(4u64)),
                            ::athena_rt::__private::Field::new("quantity", 3u32, < u32 as
                            ::athena_rt::__private::Part > ::shape(__shapes)).kind("u32")
                            .default(& __default_1()),
                            ::athena_rt::__private::Field::new("unit", 4u32, < String as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("String").default(& __default_2()),
                            ::athena_rt::__private::Field::new("note", 5u32, < Option <
                            String > as ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("Option<String>").default(& __default_3()),
                            ::athena_rt::__private::Field::new("type", 9u32, < Kind as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("Kind").required(< Kind as ::athena_rt::__private::Part
                            > ::absent().is_none()).volatile(),
                            ::athena_rt::__private::Field::new("tags", 6u32, < Vec <
                            std::string::String > as ::athena_rt::__private::Part >
                            ::shape(__shapes)).kind("Vec<std::string::String>")
                            .required(< Vec < std::string::String > as
                            ::athena_rt::__private::Part > ::absent().is_none())
                            .unordered()
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
    impl ::athena_rt::__private::Structure for Line {}
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Line {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            let __count = 3usize
                + ::core::primitive::usize::from(
                    !<f64 as ::athena_rt::__private::Part>::is_absent(&self.price),
                )
                + ::core::primitive::usize::from(
                    !<Kind as ::athena_rt::__private::Part>::is_absent(&self.r#type),
                )
                + ::core::primitive::usize::from(
                    !<Vec<
                        std::string::String,
                    > as ::athena_rt::__private::Part>::is_absent(&self.tags),
                );
            let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                __serializer,
                "Line",
                __count,
            )?;
            if !<f64 as ::athena_rt::__private::Part>::is_absent(&self.price) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "price",
                    &::athena_rt::__private::Json(&self.price),
                )?;
            }
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "quantity",
                &::athena_rt::__private::Json(&self.quantity),
            )?;
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "unit",
                &::athena_rt::__private::Json(&self.unit),
            )?;
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "note",
                &::athena_rt::__private::Json(&self.note),
            )?;
            if !<Kind as ::athena_rt::__private::Part>::is_absent(&self.r#type) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "type",
                    &::athena_rt::__private::Json(&self.r#type),
                )?;
            }
            if !<Vec<
                std::string::String,
            > as ::athena_rt::__private::Part>::is_absent(&self.tags) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "tags",
                    &::athena_rt::__private::Json(&self.tags),
                )?;
            }
            ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Line {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &[
                "price",
                "quantity",
                "unit",
                "note",
                "type",
                "tags",
            ];
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Line;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("an object with the fields of `Line`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Line, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __fields = ::athena_rt::__private::Fields::new(
                        __NAMES,
                        true,
                    );
                    let mut __field_price: ::core::option::Option<f64> = ::core::option::Option::None;
                    let mut __field_quantity: ::core::option::Option<u32> = ::core::option::Option::None;
                    let mut __field_unit: ::core::option::Option<String> = ::core::option::Option::None;
                    let mut __field_note: ::core::option::Option<Option<String>> = ::core::option::Option::None;
                    let mut __field_type: ::core::option::Option<Kind> = ::core::option::Option::None;
                    let mut __field_tags: ::core::option::Option<
                        Vec<std::string::String>,
                    > = ::core::option::Option::None;
                    while let ::core::option::Option::Some(__index) = __fields
                        .next(&mut __map)?
                    {
                        match __index {
                            0usize => {
                                __fields.set(&mut __map, 0usize, &mut __field_price)?
                            }
                            1usize => {
                                __fields.set(&mut __map, 1usize, &mut __field_quantity)?
                            }
                            2usize => {
                                __fields.set(&mut __map, 2usize, &mut __field_unit)?
                            }
                            3usize => {
                                __fields.set(&mut __map, 3usize, &mut __field_note)?
                            }
                            4usize => {
                                __fields.set(&mut __map, 4usize, &mut __field_type)?
                            }
                            5usize => {
                                __fields.set(&mut __map, 5usize, &mut __field_tags)?
                            }
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Line {
                        price: match __field_price {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields.absent::<_, __A::Error>(0usize)?
                            }
                        },
                        quantity: match __field_quantity {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_1(),
                        },
                        unit: match __field_unit {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_2(),
                        },
                        note: match __field_note {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_3(),
                        },
                        r#type: match __field_type {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields.absent::<_, __A::Error>(4usize)?
                            }
                        },
                        tags: match __field_tags {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields.absent::<_, __A::Error>(5usize)?
                            }
                        },
                    })
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Line",
                __NAMES,
                __Visitor,
            )
        }
    }
};
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Empty {}
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Empty {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .structure(
                    ::core::concat!(::core::module_path!(), "::", "Empty"),
                    |__shapes| ::athena_rt::__private::StructureShape {
                        name: "Empty",
                        docs: "",
                        open: false,
                        reserved: &[],
                        reserved_names: &[],
                        fields: ::std::vec![],
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
    impl ::athena_rt::__private::Structure for Empty {}
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Empty {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            let __count = 0usize;
            let __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                __serializer,
                "Empty",
                __count,
            )?;
            ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Empty {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &[];
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Empty;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("an object with the fields of `Empty`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Empty, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __fields = ::athena_rt::__private::Fields::new(
                        __NAMES,
                        false,
                    );
                    while let ::core::option::Option::Some(__index) = __fields
                        .next(&mut __map)?
                    {
                        match __index {
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Empty {})
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Empty",
                __NAMES,
                __Visitor,
            )
        }
    }
};

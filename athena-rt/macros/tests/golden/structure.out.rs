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
    const __CHECKED: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn(
                &mut ::athena_rt::__private::Shapes,
            ) -> ::athena_rt::__private::Shape = <Kind as ::athena_rt::__private::Part>::shape;
            0
        };
        __CHECK
    };
    type __Checked<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED },
    >>::Type;
    const _: () = ::athena_rt::__private::check_tolerance(
        <f64 as ::athena_rt::__private::Part>::HAS_FLOATS,
    );
    const _: () = ::athena_rt::__private::check_options(
        <__Checked<Kind> as ::athena_rt::__private::Part>::HAS_AMBIGUOUS_OPTION,
    );
    const _: () = ::athena_rt::__private::check_unordered(
        <Vec<std::string::String> as ::athena_rt::__private::Part>::IS_LIST,
    );
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_1() -> u32 {
        1
    }
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_2() -> String {
        ::core::convert::Into::into("each")
    }
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_3() -> Option<String> {
        ::athena_rt::__private::DefaultOf::<Option<String>>::new()
            .literal(::core::convert::Into::into("none"))
    }
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Line {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .structure(
                    ::athena_rt::__private::type_key::<Line>(),
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
                            .one_record().default(< u32 as ::athena_rt::__private::Part >
                            ::json(& __default_1())),
                            ::athena_rt::__private::Field::new("unit", 4u32, < String as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("String").one_record().default(< String as
                            ::athena_rt::__private::Part > ::json(& __default_2())),
                            ::athena_rt::__private::Field::new("note", 5u32, < Option <
                            String > as ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("Option<String>").one_record().default(< Option <
                            String > as ::athena_rt::__private::Part > ::json(&
                            __default_3())), ::athena_rt::__private::Field::new("type",
                            9u32, < __Checked < Kind > as ::athena_rt::__private::Part >
                            ::shape(__shapes)).kind("Kind").required(< __Checked < Kind >
                            as ::athena_rt::__private::Part > ::absent().is_none())
                            .volatile(), ::athena_rt::__private::Field::new("tags", 6u32,
                            < Vec < std::string::String > as ::athena_rt::__private::Part
                            > ::shape(__shapes)).kind("Vec<std::string::String>")
                            .required(< Vec < std::string::String > as
                            ::athena_rt::__private::Part > ::absent().is_none())
                            .unordered()
                        ],
                    },
                )
        }
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| {
            ::athena_rt::__private::is_one_of(
                &["price", "quantity", "unit", "note", "type", "tags"],
                __key,
            )
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
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(!<f64 as ::athena_rt::__private::Part>::is_absent(&self.price))
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
                    !<__Checked<
                        Kind,
                    > as ::athena_rt::__private::Part>::is_absent(&self.r#type),
                )
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
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
                    &<f64 as ::athena_rt::__private::Part>::json(&self.price),
                )?;
            }
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "quantity",
                &<u32 as ::athena_rt::__private::Part>::json(&self.quantity),
            )?;
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "unit",
                &<String as ::athena_rt::__private::Part>::json(&self.unit),
            )?;
            ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                &mut __object,
                "note",
                &<Option<String> as ::athena_rt::__private::Part>::json(&self.note),
            )?;
            if !<__Checked<
                Kind,
            > as ::athena_rt::__private::Part>::is_absent(&self.r#type) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "type",
                    &<__Checked<
                        Kind,
                    > as ::athena_rt::__private::Part>::json(&self.r#type),
                )?;
            }
            if !<Vec<
                std::string::String,
            > as ::athena_rt::__private::Part>::is_absent(&self.tags) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "tags",
                    &<Vec<
                        std::string::String,
                    > as ::athena_rt::__private::Part>::json(&self.tags),
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
                    let mut __field_type: ::core::option::Option<__Checked<Kind>> = ::core::option::Option::None;
                    let mut __field_tags: ::core::option::Option<
                        Vec<std::string::String>,
                    > = ::core::option::Option::None;
                    while let ::core::option::Option::Some(__index) = __fields
                        .next(&mut __map)?
                    {
                        match __index {
                            0usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        0usize,
                                        <f64 as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_price,
                                    )?
                            }
                            1usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        1usize,
                                        <u32 as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_quantity,
                                    )?
                            }
                            2usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        2usize,
                                        <String as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_unit,
                                    )?
                            }
                            3usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        3usize,
                                        <Option<String> as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_note,
                                    )?
                            }
                            4usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        4usize,
                                        <__Checked<Kind> as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_type,
                                    )?
                            }
                            5usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        5usize,
                                        <Vec<
                                            std::string::String,
                                        > as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_tags,
                                    )?
                            }
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Line {
                        price: match __field_price {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        f64,
                                        __A::Error,
                                    >(<f64 as ::athena_rt::__private::Part>::absent(), 0usize)?
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
                                __fields
                                    .absent::<
                                        __Checked<Kind>,
                                        __A::Error,
                                    >(
                                        <__Checked<Kind> as ::athena_rt::__private::Part>::absent(),
                                        4usize,
                                    )?
                            }
                        },
                        tags: match __field_tags {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        Vec<std::string::String>,
                                        __A::Error,
                                    >(
                                        <Vec<
                                            std::string::String,
                                        > as ::athena_rt::__private::Part>::absent(),
                                        5usize,
                                    )?
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
    #[doc(hidden)]
    #[allow(unreachable_pub)]
    pub struct __Slots {
        __field_price: <f64 as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_quantity: ::core::option::Option<u32>,
        __field_unit: ::core::option::Option<String>,
        __field_note: ::core::option::Option<Option<String>>,
        __field_type: <__Checked<
            Kind,
        > as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_tags: <Vec<
            std::string::String,
        > as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
    }
    #[automatically_derived]
    impl ::core::default::Default for __Slots {
        fn default() -> Self {
            Self {
                __field_price: ::core::default::Default::default(),
                __field_quantity: ::core::default::Default::default(),
                __field_unit: ::core::default::Default::default(),
                __field_note: ::core::default::Default::default(),
                __field_type: ::core::default::Default::default(),
                __field_tags: ::core::default::Default::default(),
            }
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Message for Line {
        const NAME: &'static ::core::primitive::str = "Line";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[
            (1u32, "price"),
            (3u32, "quantity"),
            (4u32, "unit"),
            (5u32, "note"),
            (9u32, "type"),
            (6u32, "tags"),
        ];
        type Slots = __Slots;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            <__Checked<
                Kind,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.r#type, 9u32, __writer);
            <Vec<
                std::string::String,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.tags, 6u32, __writer);
            <Option<
                String,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode_one(&self.note, 5u32, __writer);
            <String as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode_one(&self.unit, 4u32, __writer);
            <u32 as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode_one(&self.quantity, 3u32, __writer);
            <f64 as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.price, 1u32, __writer);
        }
        #[inline(always)]
        fn merge_field(
            __slots: &mut __Slots,
            __key: ::athena_rt::__private::wire::Key,
            __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            match __key.number() {
                1u32 => {
                    <f64 as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_price, __key, __reader)
                }
                3u32 => {
                    <u32 as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge_one(&mut __slots.__field_quantity, __key, __reader)
                }
                4u32 => {
                    <String as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge_one(&mut __slots.__field_unit, __key, __reader)
                }
                5u32 => {
                    <Option<
                        String,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge_one(&mut __slots.__field_note, __key, __reader)
                }
                9u32 => {
                    <__Checked<
                        Kind,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_type, __key, __reader)
                }
                6u32 => {
                    <Vec<
                        std::string::String,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_tags, __key, __reader)
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
                price: ::athena_rt::__private::wire::message::finish::<
                    f64,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_price, "price", "Line", __place)?,
                quantity: ::athena_rt::__private::wire::message::finish_one(
                    __slots.__field_quantity,
                    __default_1,
                ),
                unit: ::athena_rt::__private::wire::message::finish_one(
                    __slots.__field_unit,
                    __default_2,
                ),
                note: ::athena_rt::__private::wire::message::finish_one(
                    __slots.__field_note,
                    __default_3,
                ),
                r#type: ::athena_rt::__private::wire::message::finish::<
                    __Checked<Kind>,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_type, "type", "Line", __place)?,
                tags: ::athena_rt::__private::wire::message::finish::<
                    Vec<std::string::String>,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_tags, "tags", "Line", __place)?,
            })
        }
        fn resume_fields(self) -> __Slots {
            __Slots {
                __field_price: <f64 as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.price),
                __field_quantity: ::core::option::Option::Some(self.quantity),
                __field_unit: ::core::option::Option::Some(self.unit),
                __field_note: ::core::option::Option::Some(self.note),
                __field_type: <__Checked<
                    Kind,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.r#type),
                __field_tags: <Vec<
                    std::string::String,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.tags),
            }
        }
    }
    ::athena_rt::__private::wire_message!(Line);
    #[automatically_derived]
    impl ::core::clone::Clone for Line {
        fn clone(&self) -> Self {
            match self {
                Line {
                    price: __0,
                    quantity: __1,
                    unit: __2,
                    note: __3,
                    r#type: __4,
                    tags: __5,
                } => {
                    Line {
                        price: <f64 as ::core::clone::Clone>::clone(__0),
                        quantity: <u32 as ::core::clone::Clone>::clone(__1),
                        unit: <String as ::core::clone::Clone>::clone(__2),
                        note: <Option<String> as ::core::clone::Clone>::clone(__3),
                        r#type: <__Checked<Kind> as ::core::clone::Clone>::clone(__4),
                        tags: <Vec<
                            std::string::String,
                        > as ::core::clone::Clone>::clone(__5),
                    }
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Line {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Line {
                    price: __0,
                    quantity: __1,
                    unit: __2,
                    note: __3,
                    r#type: __4,
                    tags: __5,
                    ..
                } => {
                    __formatter
                        .debug_struct("Line")
                        .field("price", __0)
                        .field("quantity", __1)
                        .field("unit", __2)
                        .field("note", __3)
                        .field(
                            "type",
                            {
                                let __value: &__Checked<Kind> = __4;
                                __value
                            },
                        )
                        .field("tags", __5)
                        .finish()
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for Line {
        fn eq(&self, __other: &Self) -> ::core::primitive::bool {
            match (self, __other) {
                (
                    Line {
                        price: __left_0,
                        quantity: __left_1,
                        unit: __left_2,
                        note: __left_3,
                        r#type: __left_4,
                        tags: __left_5,
                    },
                    Line {
                        price: __right_0,
                        quantity: __right_1,
                        unit: __right_2,
                        note: __right_3,
                        r#type: __right_4,
                        tags: __right_5,
                    },
                ) => {
                    <f64 as ::core::cmp::PartialEq>::eq(__left_0, __right_0)
                        && <u32 as ::core::cmp::PartialEq>::eq(__left_1, __right_1)
                        && <String as ::core::cmp::PartialEq>::eq(__left_2, __right_2)
                        && <Option<
                            String,
                        > as ::core::cmp::PartialEq>::eq(__left_3, __right_3)
                        && <__Checked<
                            Kind,
                        > as ::core::cmp::PartialEq>::eq(__left_4, __right_4)
                        && <Vec<
                            std::string::String,
                        > as ::core::cmp::PartialEq>::eq(__left_5, __right_5)
                }
            }
        }
    }
};
#[allow(clippy::derive_partial_eq_without_eq)]
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
                    ::athena_rt::__private::type_key::<Empty>(),
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
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| {
            ::athena_rt::__private::is_one_of(&[], __key)
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
    #[doc(hidden)]
    #[allow(unreachable_pub)]
    pub struct __Slots {}
    #[automatically_derived]
    impl ::core::default::Default for __Slots {
        fn default() -> Self {
            Self {}
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Message for Empty {
        const NAME: &'static ::core::primitive::str = "Empty";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[];
        type Slots = __Slots;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {}
        #[inline(always)]
        fn merge_field(
            __slots: &mut __Slots,
            __key: ::athena_rt::__private::wire::Key,
            __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            match __key.number() {
                _ => __reader.skip(__key),
            }
        }
        #[inline(always)]
        fn finish_fields(
            __slots: __Slots,
            __place: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            ::core::result::Result::Ok(Self {})
        }
        fn resume_fields(self) -> __Slots {
            __Slots {}
        }
    }
    ::athena_rt::__private::wire_message!(Empty);
};

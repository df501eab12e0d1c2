#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// One page of a list.
#[derive(Default)]
struct Page<T: Copy = u8> {
    items: Vec<T>,
    next: Option<Box<Self>>,
    first: T,
}
const _: () = {
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_2<T: Copy>() -> T
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        ::core::default::Default::default()
    }
    #[automatically_derived]
    impl<T: Copy> ::athena_rt::__private::Part for Page<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            const {
                ::athena_rt::__private::check_options(
                    <Vec<T> as ::athena_rt::__private::Part>::HAS_AMBIGUOUS_OPTION,
                )
            };
            const {
                ::athena_rt::__private::check_options(
                    <T as ::athena_rt::__private::Part>::HAS_AMBIGUOUS_OPTION,
                )
            };
            __shapes
                .structure(
                    ::athena_rt::__private::type_key::<Page<T>>(),
                    |__shapes| ::athena_rt::__private::StructureShape {
                        name: "Page",
                        docs: "One page of a list.",
                        open: false,
                        reserved: &[],
                        reserved_names: &[],
                        fields: ::std::vec![
                            ::athena_rt::__private::Field::new("items", 1u32, < Vec < T >
                            as ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind(::athena_rt::__private::type_label:: < Vec < T > > ())
                            .required(< Vec < T > as ::athena_rt::__private::Part >
                            ::absent().is_none()),
                            ::athena_rt::__private::Field::new("next", 2u32, < Option <
                            Box < Page < T > > > as ::athena_rt::__private::Part >
                            ::shape(__shapes)).kind("Option<Box<Page<T>>>").required(<
                            Option < Box < Page < T > > > as ::athena_rt::__private::Part
                            > ::absent().is_none()),
                            ::athena_rt::__private::Field::new("first", 3u32, < T as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind(::athena_rt::__private::type_label:: < T > ())
                            .one_record_unless(< T as ::athena_rt::__private::Part >
                            ::IS_EMPTY_BY_DEFAULT).default_unless_option(< T as
                            ::athena_rt::__private::Part > ::IS_OPTION, < T as
                            ::athena_rt::__private::Part > ::json(& __default_2:: < T >
                            ()))
                        ],
                    },
                )
        }
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| {
            ::athena_rt::__private::is_one_of(&["items", "next", "first"], __key)
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
    impl<T: Copy> ::athena_rt::__private::Structure for Page<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {}
    #[automatically_derived]
    impl<T: Copy> ::athena_rt::__private::serde::Serialize for Page<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            let __count = 0usize
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
                    !<Vec<T> as ::athena_rt::__private::Part>::is_absent(&self.items),
                )
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
                    !<Option<
                        Box<Page<T>>,
                    > as ::athena_rt::__private::Part>::is_absent(&self.next),
                )
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
                    !(<T as ::athena_rt::__private::Part>::IS_OPTION
                        && <T as ::athena_rt::__private::Part>::is_absent(&self.first)),
                );
            let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                __serializer,
                "Page",
                __count,
            )?;
            if !<Vec<T> as ::athena_rt::__private::Part>::is_absent(&self.items) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "items",
                    &<Vec<T> as ::athena_rt::__private::Part>::json(&self.items),
                )?;
            }
            if !<Option<
                Box<Page<T>>,
            > as ::athena_rt::__private::Part>::is_absent(&self.next) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "next",
                    &<Option<
                        Box<Page<T>>,
                    > as ::athena_rt::__private::Part>::json(&self.next),
                )?;
            }
            if !(<T as ::athena_rt::__private::Part>::IS_OPTION
                && <T as ::athena_rt::__private::Part>::is_absent(&self.first))
            {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "first",
                    &<T as ::athena_rt::__private::Part>::json(&self.first),
                )?;
            }
            ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
        }
    }
    #[automatically_derived]
    impl<'de, T: Copy> ::athena_rt::__private::serde::Deserialize<'de> for Page<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &["items", "next", "first"];
            struct __Visitor<T: Copy>(
                ::core::marker::PhantomData<fn() -> (T,)>,
            )
            where
                T: ::athena_rt::__private::Parameter,
                T: ::core::default::Default;
            impl<'de, T: Copy> ::athena_rt::__private::serde::de::Visitor<'de>
            for __Visitor<T>
            where
                T: ::athena_rt::__private::Parameter,
                T: ::core::default::Default,
            {
                type Value = Page<T>;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("an object with the fields of `Page`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Page<T>, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __fields = ::athena_rt::__private::Fields::new(
                        __NAMES,
                        false,
                    );
                    let mut __field_items: ::core::option::Option<Vec<T>> = ::core::option::Option::None;
                    let mut __field_next: ::core::option::Option<Option<Box<Page<T>>>> = ::core::option::Option::None;
                    let mut __field_first: ::core::option::Option<T> = ::core::option::Option::None;
                    while let ::core::option::Option::Some(__index) = __fields
                        .next(&mut __map)?
                    {
                        match __index {
                            0usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        0usize,
                                        <Vec<T> as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_items,
                                    )?
                            }
                            1usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        1usize,
                                        <Option<
                                            Box<Page<T>>,
                                        > as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_next,
                                    )?
                            }
                            2usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        2usize,
                                        <T as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_first,
                                    )?
                            }
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Page {
                        items: match __field_items {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        Vec<T>,
                                        __A::Error,
                                    >(
                                        <Vec<T> as ::athena_rt::__private::Part>::absent(),
                                        0usize,
                                    )?
                            }
                        },
                        next: match __field_next {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        Option<Box<Page<T>>>,
                                        __A::Error,
                                    >(
                                        <Option<
                                            Box<Page<T>>,
                                        > as ::athena_rt::__private::Part>::absent(),
                                        1usize,
                                    )?
                            }
                        },
                        first: match __field_first {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_2::<T>(),
                        },
                    })
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Page",
                __NAMES,
                __Visitor::<T>(::core::marker::PhantomData),
            )
        }
    }
    #[doc(hidden)]
    #[allow(unreachable_pub)]
    pub struct __Slots<T: Copy>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        __field_items: <Vec<
            T,
        > as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_next: <Option<
            Box<Page<T>>,
        > as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_first: ::athena_rt::__private::wire::DefaultSlot<
            T,
            ::athena_rt::__private::wire::Plain,
        >,
        __marker: ::core::marker::PhantomData<fn() -> (T,)>,
    }
    #[automatically_derived]
    impl<T: Copy> ::core::default::Default for __Slots<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        fn default() -> Self {
            Self {
                __field_items: ::core::default::Default::default(),
                __field_next: ::core::default::Default::default(),
                __field_first: ::core::default::Default::default(),
                __marker: ::core::marker::PhantomData,
            }
        }
    }
    #[automatically_derived]
    impl<T: Copy> ::athena_rt::__private::wire::Message for Page<T>
    where
        T: ::athena_rt::__private::Parameter,
        T: ::core::default::Default,
    {
        const NAME: &'static ::core::primitive::str = "Page";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[(1u32, "items"), (2u32, "next"), (3u32, "first")];
        type Slots = __Slots<T>;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            ::athena_rt::__private::wire::DefaultSlot::<
                T,
                ::athena_rt::__private::wire::Plain,
            >::encode(&self.first, 3u32, __writer);
            <Option<
                Box<Page<T>>,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.next, 2u32, __writer);
            <Vec<
                T,
            > as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.items, 1u32, __writer);
        }
        #[inline(always)]
        fn merge_field(
            __slots: &mut __Slots<T>,
            __key: ::athena_rt::__private::wire::Key,
            __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            match __key.number() {
                1u32 => {
                    <Vec<
                        T,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_items, __key, __reader)
                }
                2u32 => {
                    <Option<
                        Box<Page<T>>,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_next, __key, __reader)
                }
                3u32 => {
                    ::athena_rt::__private::wire::DefaultSlot::<
                        T,
                        ::athena_rt::__private::wire::Plain,
                    >::merge(&mut __slots.__field_first, __key, __reader)
                }
                _ => __reader.skip(__key),
            }
        }
        #[inline(always)]
        fn finish_fields(
            __slots: __Slots<T>,
            __place: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            ::core::result::Result::Ok(Self {
                items: ::athena_rt::__private::wire::message::finish::<
                    Vec<T>,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_items, "items", "Page", __place)?,
                next: ::athena_rt::__private::wire::message::finish::<
                    Option<Box<Page<T>>>,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_next, "next", "Page", __place)?,
                first: ::athena_rt::__private::wire::DefaultSlot::<
                    T,
                    ::athena_rt::__private::wire::Plain,
                >::finish(__slots.__field_first, "first", __default_2::<T>, __place)?,
            })
        }
        fn resume_fields(self) -> __Slots<T> {
            __Slots {
                __field_items: <Vec<
                    T,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.items),
                __field_next: <Option<
                    Box<Page<T>>,
                > as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.next),
                __field_first: ::athena_rt::__private::wire::DefaultSlot::<
                    T,
                    ::athena_rt::__private::wire::Plain,
                >::resume(self.first),
                __marker: ::core::marker::PhantomData,
            }
        }
    }
    ::athena_rt::__private::wire_message!(
        [T : Copy] Page < T >, [T : ::athena_rt::__private::Parameter, T :
        ::core::default::Default,]
    );
};
#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
enum Event<T> {
    Item { item: T },
    Items(Vec<T>),
}
const _: () = {
    const __NAMES: &[&::core::primitive::str] = &["Item", "Items"];
    #[automatically_derived]
    impl<T> ::athena_rt::__private::Part for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .enumeration(
                    ::athena_rt::__private::type_key::<Event<T>>(),
                    |__shapes| ::athena_rt::__private::EnumShape {
                        name: "Event",
                        docs: "",
                        tagging: ::athena_rt::__private::Tagging::External,
                        reserved: &[],
                        reserved_names: &[],
                        variants: ::std::vec![
                            ::athena_rt::__private::Variant::with("Item", 1u32, <
                            __EventItem < T > as ::athena_rt::__private::Part >
                            ::shape(__shapes)),
                            ::athena_rt::__private::Variant::with("Items", 2u32, < Vec <
                            T > as ::athena_rt::__private::Part > ::shape(__shapes))
                        ],
                    },
                )
        }
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| ::athena_rt::__private::is_one_of(
            &["Item", "Items"],
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
    impl<T> ::athena_rt::__private::serde::Serialize for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            match self {
                Event::Item { item: __field_item } => {
                    let __count = 0usize
                        + <::core::primitive::usize as ::core::convert::From<
                            ::core::primitive::bool,
                        >>::from(
                            !<T as ::athena_rt::__private::Part>::is_absent(__field_item),
                        );
                    let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct_variant(
                        __serializer,
                        "Event",
                        0u32,
                        "Item",
                        __count,
                    )?;
                    if !<T as ::athena_rt::__private::Part>::is_absent(__field_item) {
                        ::athena_rt::__private::serde::ser::SerializeStructVariant::serialize_field(
                            &mut __object,
                            "item",
                            &<T as ::athena_rt::__private::Part>::json(__field_item),
                        )?;
                    }
                    ::athena_rt::__private::serde::ser::SerializeStructVariant::end(
                        __object,
                    )
                }
                Event::Items(__value) => {
                    ::athena_rt::__private::serde::Serializer::serialize_newtype_variant(
                        __serializer,
                        "Event",
                        1u32,
                        "Items",
                        &<Vec<T> as ::athena_rt::__private::Part>::json(__value),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de, T> ::athena_rt::__private::serde::Deserialize<'de> for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            struct __Visitor<T>(
                ::core::marker::PhantomData<fn() -> (T,)>,
            )
            where
                T: ::athena_rt::__private::Parameter;
            impl<'de, T> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor<T>
            where
                T: ::athena_rt::__private::Parameter,
            {
                type Value = Event<T>;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("a variant of `Event`")
                }
                fn visit_enum<__A>(
                    self,
                    __data: __A,
                ) -> ::core::result::Result<Event<T>, __A::Error>
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
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant_seed(
                                    __access,
                                    <__EventItem<T> as ::athena_rt::__private::Part>::seed(),
                                ),
                                |__value: __EventItem<T>| Event::Item { item: __value.item },
                            )
                        }
                        _ => {
                            ::core::result::Result::map(
                                ::athena_rt::__private::serde::de::VariantAccess::newtype_variant_seed(
                                    __access,
                                    <Vec<T> as ::athena_rt::__private::Part>::seed(),
                                ),
                                |__value: Vec<T>| Event::Items(__value),
                            )
                        }
                    }
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_enum(
                __deserializer,
                "Event",
                __NAMES,
                __Visitor::<T>(::core::marker::PhantomData),
            )
        }
    }
    #[automatically_derived]
    impl<T> ::athena_rt::__private::wire::Message for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        const NAME: &'static ::core::primitive::str = "Event";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[(1u32, "Item"), (2u32, "Items")];
        type Slots = ::core::option::Option<Self>;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            match self {
                Event::Item { item: __field_item } => {
                    ::athena_rt::__private::wire::message::nested(
                        1u32,
                        __writer,
                        |__writer| {
                            <T as ::athena_rt::__private::wire::Wire<
                                ::athena_rt::__private::wire::Plain,
                            >>::encode(__field_item, 1u32, __writer);
                        },
                    )
                }
                Event::Items(__value) => {
                    <Vec<
                        T,
                    > as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::encode_one(__value, 2u32, __writer)
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
                    ::athena_rt::__private::wire::enumeration::merge_variant::<
                        Self,
                        __EventItem<T>,
                        ::athena_rt::__private::wire::Plain,
                    >(
                        __slots,
                        |__variant| match __variant {
                            Event::Item { item } => {
                                ::core::option::Option::Some(__EventItem {
                                    item,
                                    __marker: ::core::marker::PhantomData,
                                })
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::option::Option::None,
                        },
                        |__value| Event::Item { item: __value.item },
                        __key,
                        __reader,
                    )
                }
                2u32 => {
                    ::athena_rt::__private::wire::enumeration::merge_variant::<
                        Self,
                        Vec<T>,
                        ::athena_rt::__private::wire::Plain,
                    >(
                        __slots,
                        |__variant| match __variant {
                            Event::Items(__value) => {
                                ::core::option::Option::Some(__value)
                            }
                            #[allow(unreachable_patterns)]
                            _ => ::core::option::Option::None,
                        },
                        |__value| Event::Items(__value),
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
    ::athena_rt::__private::wire_message!(
        [T] Event < T >, [T : ::athena_rt::__private::Parameter,]
    );
    #[automatically_derived]
    impl<T> ::athena_rt::__private::wire::Choice for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {}
    #[automatically_derived]
    impl<T> ::athena_rt::__private::Structure for Event<T>
    where
        T: ::athena_rt::__private::Parameter,
    {}
    #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
    struct __EventItem<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        item: T,
        __marker: ::core::marker::PhantomData<fn() -> (T,)>,
    }
    const _: () = {
        #[automatically_derived]
        impl<T> ::athena_rt::__private::Part for __EventItem<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            fn shape(
                __shapes: &mut ::athena_rt::__private::Shapes,
            ) -> ::athena_rt::__private::Shape {
                const {
                    ::athena_rt::__private::check_options(
                        <T as ::athena_rt::__private::Part>::HAS_AMBIGUOUS_OPTION,
                    )
                };
                __shapes
                    .structure(
                        ::athena_rt::__private::variant_key(
                            ::athena_rt::__private::type_key::<Event<T>>(),
                            "Item",
                        ),
                        |__shapes| ::athena_rt::__private::StructureShape {
                            name: "Item",
                            docs: "",
                            open: false,
                            reserved: &[],
                            reserved_names: &[],
                            fields: ::std::vec![
                                ::athena_rt::__private::Field::new("item", 1u32, < T as
                                ::athena_rt::__private::Part > ::shape(__shapes))
                                .kind(::athena_rt::__private::type_label:: < T > ())
                                .required(< T as ::athena_rt::__private::Part > ::absent()
                                .is_none())
                            ],
                        },
                    )
            }
            const MEMBERS: ::core::option::Option<
                fn(&::core::primitive::str) -> ::core::primitive::bool,
            > = ::core::option::Option::Some(|__key| {
                ::athena_rt::__private::is_one_of(&["item"], __key)
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
        impl<T> ::athena_rt::__private::Structure for __EventItem<T>
        where
            T: ::athena_rt::__private::Parameter,
        {}
        #[automatically_derived]
        impl<T> ::athena_rt::__private::serde::Serialize for __EventItem<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            fn serialize<__S>(
                &self,
                __serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error>
            where
                __S: ::athena_rt::__private::serde::Serializer,
            {
                let __count = 0usize
                    + <::core::primitive::usize as ::core::convert::From<
                        ::core::primitive::bool,
                    >>::from(
                        !<T as ::athena_rt::__private::Part>::is_absent(&self.item),
                    );
                let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                    __serializer,
                    "Item",
                    __count,
                )?;
                if !<T as ::athena_rt::__private::Part>::is_absent(&self.item) {
                    ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                        &mut __object,
                        "item",
                        &<T as ::athena_rt::__private::Part>::json(&self.item),
                    )?;
                }
                ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
            }
        }
        #[automatically_derived]
        impl<'de, T> ::athena_rt::__private::serde::Deserialize<'de> for __EventItem<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            fn deserialize<__D>(
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error>
            where
                __D: ::athena_rt::__private::serde::Deserializer<'de>,
            {
                const __NAMES: &[&::core::primitive::str] = &["item"];
                struct __Visitor<T>(
                    ::core::marker::PhantomData<fn() -> (T,)>,
                )
                where
                    T: ::athena_rt::__private::Parameter;
                impl<'de, T> ::athena_rt::__private::serde::de::Visitor<'de>
                for __Visitor<T>
                where
                    T: ::athena_rt::__private::Parameter,
                {
                    type Value = __EventItem<T>;
                    fn expecting(
                        &self,
                        __formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        __formatter.write_str("an object with the fields of `Item`")
                    }
                    fn visit_map<__A>(
                        self,
                        mut __map: __A,
                    ) -> ::core::result::Result<__EventItem<T>, __A::Error>
                    where
                        __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                    {
                        let mut __fields = ::athena_rt::__private::Fields::new(
                            __NAMES,
                            false,
                        );
                        let mut __field_item: ::core::option::Option<T> = ::core::option::Option::None;
                        while let ::core::option::Option::Some(__index) = __fields
                            .next(&mut __map)?
                        {
                            match __index {
                                0usize => {
                                    __fields
                                        .set(
                                            &mut __map,
                                            0usize,
                                            <T as ::athena_rt::__private::Part>::seed(),
                                            &mut __field_item,
                                        )?
                                }
                                _ => __fields.skip(&mut __map)?,
                            }
                        }
                        ::core::result::Result::Ok(__EventItem {
                            item: match __field_item {
                                ::core::option::Option::Some(__value) => __value,
                                ::core::option::Option::None => {
                                    __fields
                                        .absent::<
                                            T,
                                            __A::Error,
                                        >(<T as ::athena_rt::__private::Part>::absent(), 0usize)?
                                }
                            },
                            __marker: ::core::marker::PhantomData,
                        })
                    }
                }
                ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                    __deserializer,
                    "Item",
                    __NAMES,
                    __Visitor::<T>(::core::marker::PhantomData),
                )
            }
        }
        #[doc(hidden)]
        #[allow(unreachable_pub)]
        pub struct __Slots<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            __field_item: <T as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::Slot,
            __marker: ::core::marker::PhantomData<fn() -> (T,)>,
        }
        #[automatically_derived]
        impl<T> ::core::default::Default for __Slots<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            fn default() -> Self {
                Self {
                    __field_item: ::core::default::Default::default(),
                    __marker: ::core::marker::PhantomData,
                }
            }
        }
        #[automatically_derived]
        impl<T> ::athena_rt::__private::wire::Message for __EventItem<T>
        where
            T: ::athena_rt::__private::Parameter,
        {
            const NAME: &'static ::core::primitive::str = "Item";
            const FIELDS: &'static [(
                ::core::primitive::u32,
                &'static ::core::primitive::str,
            )] = &[(1u32, "item")];
            type Slots = __Slots<T>;
            fn encode_fields(
                &self,
                __writer: &mut ::athena_rt::__private::wire::Writer,
            ) {
                <T as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::encode(&self.item, 1u32, __writer);
            }
            #[inline(always)]
            fn merge_field(
                __slots: &mut __Slots<T>,
                __key: ::athena_rt::__private::wire::Key,
                __reader: &mut ::athena_rt::__private::wire::Reader<'_>,
            ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
                match __key.number() {
                    1u32 => {
                        <T as ::athena_rt::__private::wire::Wire<
                            ::athena_rt::__private::wire::Plain,
                        >>::merge(&mut __slots.__field_item, __key, __reader)
                    }
                    _ => __reader.skip(__key),
                }
            }
            #[inline(always)]
            fn finish_fields(
                __slots: __Slots<T>,
                __place: ::athena_rt::__private::wire::Place<'_>,
            ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
                ::core::result::Result::Ok(Self {
                    item: ::athena_rt::__private::wire::message::finish::<
                        T,
                        ::athena_rt::__private::wire::Plain,
                    >(__slots.__field_item, "item", "Item", __place)?,
                    __marker: ::core::marker::PhantomData,
                })
            }
            fn resume_fields(self) -> __Slots<T> {
                __Slots {
                    __field_item: <T as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::resume(self.item),
                    __marker: ::core::marker::PhantomData,
                }
            }
        }
        ::athena_rt::__private::wire_message!(
            [T] __EventItem < T >, [T : ::athena_rt::__private::Parameter,]
        );
    };
};
#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Id<T>(T);
const _: () = {
    #[automatically_derived]
    impl<T> ::athena_rt::__private::Part for Id<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        const IS_LIST: ::core::primitive::bool = <T as ::athena_rt::__private::Part>::IS_LIST;
        const HAS_FLOATS: ::core::primitive::bool = <T as ::athena_rt::__private::Part>::HAS_FLOATS;
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <T as ::athena_rt::__private::Part>::MEMBERS;
        const SIGNS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <T as ::athena_rt::__private::Part>::SIGNS;
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            <T as ::athena_rt::__private::Part>::shape(__shapes)
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
    impl<T> ::athena_rt::__private::serde::Serialize for Id<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            <T as ::athena_rt::__private::Part>::to_json(&self.0, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de, T> ::athena_rt::__private::serde::Deserialize<'de> for Id<T>
    where
        T: ::athena_rt::__private::Parameter,
    {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <T as ::athena_rt::__private::Part>::from_json(__deserializer),
                Id,
            )
        }
    }
    ::athena_rt::__private::wire_newtype!(
        [T] Id < T >, Id, T, 0, [T : ::athena_rt::__private::Parameter,]
    );
};

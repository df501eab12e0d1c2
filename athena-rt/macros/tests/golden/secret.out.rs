#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::cmp::PartialEq)]
struct Login {
    user: String,
    password: String,
}
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Login {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            __shapes
                .structure(
                    ::athena_rt::__private::type_key::<Login>(),
                    |__shapes| ::athena_rt::__private::StructureShape {
                        name: "Login",
                        docs: "",
                        open: false,
                        reserved: &[],
                        reserved_names: &[],
                        fields: ::std::vec![
                            ::athena_rt::__private::Field::new("user", 1u32, < String as
                            ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("String").required(< String as
                            ::athena_rt::__private::Part > ::absent().is_none()),
                            ::athena_rt::__private::Field::new("password", 2u32, < String
                            as ::athena_rt::__private::Part > ::shape(__shapes))
                            .kind("String").required(< String as
                            ::athena_rt::__private::Part > ::absent().is_none()).secret()
                        ],
                    },
                )
        }
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = ::core::option::Option::Some(|__key| {
            ::athena_rt::__private::is_one_of(&["user", "password"], __key)
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
    impl ::athena_rt::__private::Structure for Login {}
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Login {
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
                    !<String as ::athena_rt::__private::Part>::is_absent(&self.user),
                )
                + <::core::primitive::usize as ::core::convert::From<
                    ::core::primitive::bool,
                >>::from(
                    !<String as ::athena_rt::__private::Part>::is_absent(&self.password),
                );
            let mut __object = ::athena_rt::__private::serde::Serializer::serialize_struct(
                __serializer,
                "Login",
                __count,
            )?;
            if !<String as ::athena_rt::__private::Part>::is_absent(&self.user) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "user",
                    &<String as ::athena_rt::__private::Part>::json(&self.user),
                )?;
            }
            if !<String as ::athena_rt::__private::Part>::is_absent(&self.password) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "password",
                    &<String as ::athena_rt::__private::Part>::json(&self.password),
                )?;
            }
            ::athena_rt::__private::serde::ser::SerializeStruct::end(__object)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Login {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &["user", "password"];
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Login;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("an object with the fields of `Login`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Login, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __fields = ::athena_rt::__private::Fields::new(
                        __NAMES,
                        false,
                    );
                    let mut __field_user: ::core::option::Option<String> = ::core::option::Option::None;
                    let mut __field_password: ::core::option::Option<String> = ::core::option::Option::None;
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
                                        &mut __field_user,
                                    )?
                            }
                            1usize => {
                                __fields
                                    .set(
                                        &mut __map,
                                        1usize,
                                        <String as ::athena_rt::__private::Part>::seed(),
                                        &mut __field_password,
                                    )?
                            }
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Login {
                        user: match __field_user {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        String,
                                        __A::Error,
                                    >(
                                        <String as ::athena_rt::__private::Part>::absent(),
                                        0usize,
                                    )?
                            }
                        },
                        password: match __field_password {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields
                                    .absent::<
                                        String,
                                        __A::Error,
                                    >(
                                        <String as ::athena_rt::__private::Part>::absent(),
                                        1usize,
                                    )?
                            }
                        },
                    })
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Login",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[doc(hidden)]
    #[allow(unreachable_pub)]
    pub struct __Slots {
        __field_user: <String as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
        __field_password: <String as ::athena_rt::__private::wire::Wire<
            ::athena_rt::__private::wire::Plain,
        >>::Slot,
    }
    #[automatically_derived]
    impl ::core::default::Default for __Slots {
        fn default() -> Self {
            Self {
                __field_user: ::core::default::Default::default(),
                __field_password: ::core::default::Default::default(),
            }
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::wire::Message for Login {
        const NAME: &'static ::core::primitive::str = "Login";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[(1u32, "user"), (2u32, "password")];
        type Slots = __Slots;
        fn encode_fields(&self, __writer: &mut ::athena_rt::__private::wire::Writer) {
            <String as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.password, 2u32, __writer);
            <String as ::athena_rt::__private::wire::Wire<
                ::athena_rt::__private::wire::Plain,
            >>::encode(&self.user, 1u32, __writer);
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
                    >>::merge(&mut __slots.__field_user, __key, __reader)
                }
                2u32 => {
                    <String as ::athena_rt::__private::wire::Wire<
                        ::athena_rt::__private::wire::Plain,
                    >>::merge(&mut __slots.__field_password, __key, __reader)
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
                user: ::athena_rt::__private::wire::message::finish::<
                    String,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_user, "user", "Login", __place)?,
                password: ::athena_rt::__private::wire::message::finish::<
                    String,
                    ::athena_rt::__private::wire::Plain,
                >(__slots.__field_password, "password", "Login", __place)?,
            })
        }
        fn resume_fields(self) -> __Slots {
            __Slots {
                __field_user: <String as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.user),
                __field_password: <String as ::athena_rt::__private::wire::Wire<
                    ::athena_rt::__private::wire::Plain,
                >>::resume(self.password),
            }
        }
    }
    ::athena_rt::__private::wire_message!(Login);
    #[automatically_derived]
    impl ::core::fmt::Debug for Login {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Login { user: __0, .. } => {
                    __formatter
                        .debug_struct("Login")
                        .field("user", __0)
                        .field("password", &::core::format_args!("***"))
                        .finish()
                }
            }
        }
    }
};

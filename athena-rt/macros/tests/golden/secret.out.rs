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
                    ::core::concat!(::core::module_path!(), "::", "Login"),
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
                + ::core::primitive::usize::from(
                    !<String as ::athena_rt::__private::Part>::is_absent(&self.user),
                )
                + ::core::primitive::usize::from(
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
                    &::athena_rt::__private::Json(&self.user),
                )?;
            }
            if !<String as ::athena_rt::__private::Part>::is_absent(&self.password) {
                ::athena_rt::__private::serde::ser::SerializeStruct::serialize_field(
                    &mut __object,
                    "password",
                    &::athena_rt::__private::Json(&self.password),
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
                                __fields.set(&mut __map, 0usize, &mut __field_user)?
                            }
                            1usize => {
                                __fields.set(&mut __map, 1usize, &mut __field_password)?
                            }
                            _ => __fields.skip(&mut __map)?,
                        }
                    }
                    ::core::result::Result::Ok(Login {
                        user: match __field_user {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __fields.absent::<_, __A::Error>(0usize)?
                            }
                        },
                        password: match __field_password {
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
                "Login",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Login {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter
                .debug_struct("Login")
                .field("user", &self.user)
                .field("password", &::core::format_args!("***"))
                .finish()
        }
    }
};

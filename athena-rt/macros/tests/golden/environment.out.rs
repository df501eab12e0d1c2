/// Settings.
struct Settings {
    /// Added to every test value.
    seed: i64,
    token: String,
    r#type: Option<Kind>,
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn(
                &::core::primitive::str,
            ) -> ::core::result::Result<_, ::std::string::String> = <Option<
                Kind,
            > as ::athena_rt::__private::Setting>::parse;
            0
        };
        __CHECK
    };
    type __Checked<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED },
    >>::Type;
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_0() -> i64 {
        1
    }
    #[allow(clippy::unnecessary_wraps, non_snake_case)]
    fn __default_1() -> String {
        ::core::convert::Into::into("none")
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Settings {
        fn clone(&self) -> Self {
            match self {
                Settings { seed: __0, token: __1, r#type: __2 } => {
                    Settings {
                        seed: <i64 as ::core::clone::Clone>::clone(__0),
                        token: <String as ::core::clone::Clone>::clone(__1),
                        r#type: <__Checked<
                            Option<Kind>,
                        > as ::core::clone::Clone>::clone(__2),
                    }
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Settings {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Settings { seed: __0, r#type: __2, .. } => {
                    __formatter
                        .debug_struct("Settings")
                        .field("seed", __0)
                        .field("token", &::core::format_args!("***"))
                        .field(
                            "type",
                            {
                                let __value: &__Checked<Option<Kind>> = __2;
                                __value
                            },
                        )
                        .finish()
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Settings {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &["seed", "token", "type"];
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Settings;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("the variables of `Settings`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Settings, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __settings = ::athena_rt::__private::Settings::new(__NAMES);
                    let mut __field_seed: ::core::option::Option<i64> = ::core::option::Option::None;
                    let mut __field_token: ::core::option::Option<String> = ::core::option::Option::None;
                    let mut __field_type: ::core::option::Option<
                        __Checked<Option<Kind>>,
                    > = ::core::option::Option::None;
                    while let ::core::option::Option::Some(__index) = __settings
                        .next(&mut __map)?
                    {
                        match __index {
                            0usize => {
                                __settings
                                    .set(
                                        &mut __map,
                                        "APP_SEED",
                                        false,
                                        |__text| <i64 as ::athena_rt::__private::Setting>::parse(
                                            __text,
                                        ),
                                        &mut __field_seed,
                                    )?
                            }
                            1usize => {
                                __settings
                                    .set(
                                        &mut __map,
                                        "APP_TOKEN",
                                        true,
                                        |__text| <String as ::athena_rt::__private::Setting>::parse(
                                            __text,
                                        ),
                                        &mut __field_token,
                                    )?
                            }
                            2usize => {
                                __settings
                                    .set(
                                        &mut __map,
                                        "APP_TYPE",
                                        false,
                                        |__text| <__Checked<
                                            Option<Kind>,
                                        > as ::athena_rt::__private::Setting>::parse(__text),
                                        &mut __field_type,
                                    )?
                            }
                            _ => {}
                        }
                    }
                    ::core::result::Result::Ok(Settings {
                        seed: match __field_seed {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_0(),
                        },
                        token: match __field_token {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => __default_1(),
                        },
                        r#type: match __field_type {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __settings
                                    .absent::<
                                        __Checked<Option<Kind>>,
                                        __A::Error,
                                    >(
                                        <__Checked<
                                            Option<Kind>,
                                        > as ::athena_rt::__private::Setting>::absent(),
                                        2usize,
                                    )?
                            }
                        },
                    })
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Settings",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::Environment for Settings {
        const PREFIX: &'static ::core::primitive::str = "APP_";
        fn variables() -> ::std::vec::Vec<::athena_rt::__private::Variable> {
            ::std::vec![
                ::athena_rt::__private::Variable::new("APP_SEED", "i64")
                .docs("Added to every test value.").values(< i64 as
                ::athena_rt::__private::Setting > ::VALUES).default(< i64 as
                ::athena_rt::__private::Setting > ::show(& __default_0())),
                ::athena_rt::__private::Variable::new("APP_TOKEN", "String").values(<
                String as ::athena_rt::__private::Setting > ::VALUES).secret(< String as
                ::athena_rt::__private::Setting > ::PLACEHOLDER),
                ::athena_rt::__private::Variable::new("APP_TYPE", "Option<Kind>")
                .values(< __Checked < Option < Kind > > as
                ::athena_rt::__private::Setting > ::VALUES).required(< __Checked < Option
                < Kind > > as ::athena_rt::__private::Setting > ::absent().is_none())
            ]
        }
    }
};
#[derive(::core::clone::Clone)]
struct Nothing {}
const _: () = {
    #[automatically_derived]
    impl ::core::fmt::Debug for Nothing {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Nothing { .. } => __formatter.debug_struct("Nothing").finish(),
            }
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Nothing {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &[];
            struct __Visitor;
            impl<'de> ::athena_rt::__private::serde::de::Visitor<'de> for __Visitor {
                type Value = Nothing;
                fn expecting(
                    &self,
                    __formatter: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    __formatter.write_str("the variables of `Nothing`")
                }
                fn visit_map<__A>(
                    self,
                    mut __map: __A,
                ) -> ::core::result::Result<Nothing, __A::Error>
                where
                    __A: ::athena_rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __settings = ::athena_rt::__private::Settings::new(__NAMES);
                    while let ::core::option::Option::Some(__index) = __settings
                        .next(&mut __map)?
                    {
                        match __index {
                            _ => {}
                        }
                    }
                    ::core::result::Result::Ok(Nothing {})
                }
            }
            ::athena_rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Nothing",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::Environment for Nothing {
        const PREFIX: &'static ::core::primitive::str = "";
        fn variables() -> ::std::vec::Vec<::athena_rt::__private::Variable> {
            ::std::vec![]
        }
    }
};

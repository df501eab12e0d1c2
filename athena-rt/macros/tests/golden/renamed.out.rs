#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Id(u64);
const _: () = {
    #[automatically_derived]
    impl renamed::rt::__private::Part for Id {
        const IS_LIST: ::core::primitive::bool = <u64 as renamed::rt::__private::Part>::IS_LIST;
        const HAS_FLOATS: ::core::primitive::bool = <u64 as renamed::rt::__private::Part>::HAS_FLOATS;
        const MEMBERS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <u64 as renamed::rt::__private::Part>::MEMBERS;
        const SIGNS: ::core::option::Option<
            fn(&::core::primitive::str) -> ::core::primitive::bool,
        > = <u64 as renamed::rt::__private::Part>::SIGNS;
        fn shape(
            __shapes: &mut renamed::rt::__private::Shapes,
        ) -> renamed::rt::__private::Shape {
            <u64 as renamed::rt::__private::Part>::shape(__shapes)
        }
        fn to_json<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: renamed::rt::__private::serde::Serializer,
        {
            renamed::rt::__private::serde::Serialize::serialize(self, __serializer)
        }
        fn from_json<'de, __D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: renamed::rt::__private::serde::Deserializer<'de>,
        {
            renamed::rt::__private::serde::Deserialize::deserialize(__deserializer)
        }
    }
    #[automatically_derived]
    impl renamed::rt::__private::serde::Serialize for Id {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: renamed::rt::__private::serde::Serializer,
        {
            <u64 as renamed::rt::__private::Part>::to_json(&self.0, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> renamed::rt::__private::serde::Deserialize<'de> for Id {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: renamed::rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <u64 as renamed::rt::__private::Part>::from_json(__deserializer),
                Id,
            )
        }
    }
    renamed::rt::__private::wire_newtype!(Id, u64);
};
#[derive(::core::clone::Clone)]
struct Settings {
    seed: i64,
}
const _: () = {
    #[automatically_derived]
    impl ::core::fmt::Debug for Settings {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            match self {
                Settings { seed: __0, .. } => {
                    __formatter.debug_struct("Settings").field("seed", __0).finish()
                }
            }
        }
    }
    #[automatically_derived]
    impl<'de> renamed::rt::__private::serde::Deserialize<'de> for Settings {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: renamed::rt::__private::serde::Deserializer<'de>,
        {
            const __NAMES: &[&::core::primitive::str] = &["seed"];
            struct __Visitor;
            impl<'de> renamed::rt::__private::serde::de::Visitor<'de> for __Visitor {
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
                    __A: renamed::rt::__private::serde::de::MapAccess<'de>,
                {
                    let mut __settings = renamed::rt::__private::Settings::new(__NAMES);
                    let mut __field_seed: ::core::option::Option<i64> = ::core::option::Option::None;
                    while let ::core::option::Option::Some(__index) = __settings
                        .next(&mut __map)?
                    {
                        match __index {
                            0usize => {
                                __settings
                                    .set(
                                        &mut __map,
                                        "SEED",
                                        false,
                                        |__text| <i64 as renamed::rt::__private::Setting>::parse(
                                            __text,
                                        ),
                                        &mut __field_seed,
                                    )?
                            }
                            _ => {}
                        }
                    }
                    ::core::result::Result::Ok(Settings {
                        seed: match __field_seed {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => {
                                __settings
                                    .absent::<
                                        i64,
                                        __A::Error,
                                    >(
                                        <i64 as renamed::rt::__private::Setting>::absent(),
                                        0usize,
                                    )?
                            }
                        },
                    })
                }
            }
            renamed::rt::__private::serde::Deserializer::deserialize_struct(
                __deserializer,
                "Settings",
                __NAMES,
                __Visitor,
            )
        }
    }
    #[automatically_derived]
    impl renamed::rt::__private::Environment for Settings {
        const PREFIX: &'static ::core::primitive::str = "";
        fn variables() -> ::std::vec::Vec<renamed::rt::__private::Variable> {
            ::std::vec![
                renamed::rt::__private::Variable::new("SEED", "i64").values(< i64 as
                renamed::rt::__private::Setting > ::VALUES).required(< i64 as
                renamed::rt::__private::Setting > ::absent().is_none())
            ]
        }
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
fn compute(state: State<Sample>) -> State<Sample> {
    state
}
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Sample as renamed::rt::__private::Structure>::declared;
            0
        };
        __CHECK
    };
    type __Message<__T> = <__T as renamed::rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl renamed::rt::__private::Function for __Model {
        type Input = __Message<Sample>;
        type Environment = ();
        type Output = __Message<Sample>;
        fn call(
            state: renamed::rt::__private::State<__Message<Sample>, ()>,
            emit: &mut renamed::rt::__private::Emit<'_, __Message<Sample>>,
        ) {
            emit.state(compute(state));
        }
    }
    renamed::rt::__private::inventory::submit! {
        renamed::rt::__private::Model::for_function:: < __Model >
        (renamed::rt::__private::Source { function : "compute", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned : ::core::option::Option::None, file :
        ::core::file!(), line : ::core::line!(), docs : "", many : false, error :
        ::core::option::Option::None, })
    }
};

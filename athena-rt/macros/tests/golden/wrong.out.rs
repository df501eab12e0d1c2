#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
#[derive(Eq)]
struct Sample {
    a: i64,
    b: i64,
    c: i64,
}
const _: () = {
    impl ::athena_rt::__private::Part for Sample {
        fn shape(
            _: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            loop {}
        }
        fn to_json<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
        fn from_json<'de, __D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
    impl ::athena_rt::__private::Structure for Sample {}
    impl ::athena_rt::__private::wire::Message for Sample {
        const NAME: &'static ::core::primitive::str = "";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[];
        type Slots = ();
        fn encode_fields(&self, _: &mut ::athena_rt::__private::wire::Writer) {
            loop {}
        }
        fn merge_field(
            _: &mut (),
            _: ::athena_rt::__private::wire::Key,
            _: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn finish_fields(
            _: (),
            _: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn resume_fields(self) {
            loop {}
        }
    }
    ::athena_rt::__private::wire_message!(Sample);
    impl ::athena_rt::__private::serde::Serialize for Sample {
        fn serialize<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
    }
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Sample {
        fn deserialize<__D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
};
::core::compile_error! {
    "unknown argument `opne`; did you mean `open`?\n`#[structure]` accepts `open`, `reserved(4, \"old\")`, `label = \"id\"`, `crate = renamed`"
}
::core::compile_error! {
    "`#[default]` needs a value for when the field is absent: `#[default(2)]`"
}
::core::compile_error! {
    "number 1 of `b` is already used by `a`"
}
::core::compile_error! {
    "`a` uses number 1 here"
}
union Bits {
    a: u8,
}
::core::compile_error! {
    "`#[structure]` is only allowed on a struct or an enum: `struct Sample { test: i64 }`"
}
#[derive(::core::clone::Clone)]
struct Settings(u8);
::core::compile_error! {
    "an environment needs named fields, one per variable, or an empty `{}`: `struct Settings { seed: i64 }`"
}
async fn compute<T>(state: &State<T>) -> T {
    state
}
::core::compile_error! {
    "a model can't have type parameters or lifetimes, because it is called by name: `async fn compute(state: State<In>) -> State<Out>`"
}
::core::compile_error! {
    "a model owns its state; take it without `&`: `async fn compute(state: State<In>) -> ..`"
}
::core::compile_error! {
    "a model returns `State<Out>`, `Result<State<Out>, Error>`, or `impl Iterator<Item = ..>` of either"
}
#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
enum Same {
    A,
    B(u8),
}
const _: () = {
    impl ::athena_rt::__private::Part for Same {
        fn shape(
            _: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            loop {}
        }
        fn to_json<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
        fn from_json<'de, __D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
    impl ::athena_rt::__private::Structure for Same {}
    impl ::athena_rt::__private::wire::Message for Same {
        const NAME: &'static ::core::primitive::str = "";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[];
        type Slots = ();
        fn encode_fields(&self, _: &mut ::athena_rt::__private::wire::Writer) {
            loop {}
        }
        fn merge_field(
            _: &mut (),
            _: ::athena_rt::__private::wire::Key,
            _: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn finish_fields(
            _: (),
            _: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn resume_fields(self) {
            loop {}
        }
    }
    ::athena_rt::__private::wire_message!(Same);
    impl ::athena_rt::__private::serde::Serialize for Same {
        fn serialize<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
    }
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Same {
        fn deserialize<__D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
};
::core::compile_error! {
    "`tag` and `content` are two members of one object; rename one"
}
#[allow(clippy::derive_partial_eq_without_eq)]
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
struct Flat {
    number: u8,
    list: Vec<u16>,
}
const _: () = {
    impl ::athena_rt::__private::Part for Flat {
        fn shape(
            _: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            loop {}
        }
        fn to_json<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
        fn from_json<'de, __D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
    impl ::athena_rt::__private::Structure for Flat {}
    impl ::athena_rt::__private::wire::Message for Flat {
        const NAME: &'static ::core::primitive::str = "";
        const FIELDS: &'static [(
            ::core::primitive::u32,
            &'static ::core::primitive::str,
        )] = &[];
        type Slots = ();
        fn encode_fields(&self, _: &mut ::athena_rt::__private::wire::Writer) {
            loop {}
        }
        fn merge_field(
            _: &mut (),
            _: ::athena_rt::__private::wire::Key,
            _: &mut ::athena_rt::__private::wire::Reader<'_>,
        ) -> ::core::result::Result<(), ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn finish_fields(
            _: (),
            _: ::athena_rt::__private::wire::Place<'_>,
        ) -> ::core::result::Result<Self, ::athena_rt::__private::wire::WireError> {
            loop {}
        }
        fn resume_fields(self) {
            loop {}
        }
    }
    ::athena_rt::__private::wire_message!(Flat);
    impl ::athena_rt::__private::serde::Serialize for Flat {
        fn serialize<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            loop {}
        }
    }
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Flat {
        fn deserialize<__D>(_: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            loop {}
        }
    }
};
::core::compile_error! {
    "`flatten` puts the members of a value into the object around it: those of a structure, an enum, a map or any JSON"
}
::core::compile_error! {
    "`flatten` puts the members of a value into the object around it: those of a structure, an enum, a map or any JSON"
}

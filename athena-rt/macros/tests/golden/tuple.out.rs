#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
/// Transparent.
pub struct Id(pub u64);
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Id {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            <u64 as ::athena_rt::__private::Part>::shape(__shapes)
        }
        fn to_json<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            <u64 as ::athena_rt::__private::Part>::to_json(&self.0, __serializer)
        }
        fn from_json<'de, __D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <u64 as ::athena_rt::__private::Part>::from_json(__deserializer),
                Id,
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Id {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            ::athena_rt::__private::Part::to_json(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Id {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::athena_rt::__private::Part::from_json(__deserializer)
        }
    }
};
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range(i64, Option<i64>);
const _: () = {
    #[automatically_derived]
    impl ::athena_rt::__private::Part for Range {
        fn shape(
            __shapes: &mut ::athena_rt::__private::Shapes,
        ) -> ::athena_rt::__private::Shape {
            <(i64, Option<i64>) as ::athena_rt::__private::Part>::shape(__shapes)
        }
        fn to_json<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            let mut __tuple = ::athena_rt::__private::serde::Serializer::serialize_tuple(
                __serializer,
                2usize,
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::serialize_element(
                &mut __tuple,
                &::athena_rt::__private::Json(&self.0),
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::serialize_element(
                &mut __tuple,
                &::athena_rt::__private::Json(&self.1),
            )?;
            ::athena_rt::__private::serde::ser::SerializeTuple::end(__tuple)
        }
        fn from_json<'de, __D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(
                <(
                    i64,
                    Option<i64>,
                ) as ::athena_rt::__private::Part>::from_json(__deserializer),
                |(__0, __1)| Range(__0, __1),
            )
        }
    }
    #[automatically_derived]
    impl ::athena_rt::__private::serde::Serialize for Range {
        fn serialize<__S>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: ::athena_rt::__private::serde::Serializer,
        {
            ::athena_rt::__private::Part::to_json(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::athena_rt::__private::serde::Deserialize<'de> for Range {
        fn deserialize<__D>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error>
        where
            __D: ::athena_rt::__private::serde::Deserializer<'de>,
        {
            ::athena_rt::__private::Part::from_json(__deserializer)
        }
    }
};

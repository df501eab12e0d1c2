//! serde's `transparent`, `from`, `try_from`, `into`, `with` and `skip` mean what they mean to serde: each type has a
//! twin under serde's own derive, which reads and writes the same documents.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls the functions by reference")]

#[allow(dead_code, reason = "not every test uses each form")]
mod forms;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use athena_rt::prelude::*;
use athena_rt::structure::{Structure, json, wire};
use athena_structure::description::TypeDescription;
use athena_structure::schema::proto;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::forms::{comes_back, schema};

/// Declares a type under `#[structure]`, and its twin under serde's derive in a module of its own.
macro_rules! twins {
    ($($item:item)*) => {
        $( #[structure] $item )*
        mod twin {
            #[allow(unused_imports)]
            use super::{BTreeMap, Deserialize, Serialize, RawMail, RawRange, RawShape, five, hex, maybe, one_or_more, sorted};
            $( #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)] #[serde(deny_unknown_fields)] $item )*
            super::conversions!();
        }
        conversions!();
    };
}

/// The conversions of both.
macro_rules! conversions {
    () => {
        impl TryFrom<String> for Mail {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let (user, host) = text.split_once('@').ok_or("an address has an @")?;
                Ok(Self { user: user.to_owned(), host: host.to_owned() })
            }
        }
        impl From<Mail> for String {
            fn from(mail: Mail) -> Self {
                format!("{}@{}", mail.user, mail.host)
            }
        }
        impl TryFrom<RawRange> for Range {
            type Error = std::num::TryFromIntError;
            fn try_from(raw: RawRange) -> Result<Self, Self::Error> {
                Ok(Self(raw.from, u8::try_from(i32::from(raw.to) - i32::from(raw.from))?))
            }
        }
        impl From<Range> for RawRange {
            fn from(range: Range) -> Self {
                Self { from: range.0, to: range.0 + range.1 }
            }
        }
        impl From<RawShape> for Shape {
            fn from(raw: RawShape) -> Self {
                match raw.sides {
                    0 => Self::Circle,
                    sides => Self::Polygon(sides),
                }
            }
        }
        impl From<Shape> for RawShape {
            fn from(shape: Shape) -> Self {
                match shape {
                    Shape::Circle => Self { sides: 0 },
                    Shape::Polygon(sides) => Self { sides },
                }
            }
        }
    };
}
use conversions;

type RawMail = String;

#[structure]
struct RawRange {
    from: u8,
    to: u8,
}

#[structure]
struct RawShape {
    sides: u32,
}

mod hex {
    use super::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

mod maybe {
    use super::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[allow(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|value| value + 1).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u32>, D::Error> {
        Ok(Option::<u32>::deserialize(deserializer)?.map(|value| value - 1))
    }
}

fn sorted<S: Serializer>(list: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = list.to_vec();
    list.sort_unstable();
    list.serialize(serializer)
}

/// Reads a list, or one element without it.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Array(list) => serde_json::from_value(list.into()),
        one => serde_json::from_value(one).map(|one| vec![one]),
    }
    .map_err(serde::de::Error::custom)
}

fn five() -> u8 {
    5
}

twins! {
    #[serde(transparent)]
    pub(crate) struct Id {
        value: u64,
    }

    #[serde(transparent)]
    pub(crate) struct Names<T> {
        all: BTreeMap<String, T>,
    }

    #[serde(try_from = "RawMail", into = "RawMail")]
    pub(crate) struct Mail {
        user: String,
        #[serde(rename = "of no meaning")]
        host: String,
    }

    #[serde(try_from = "RawRange", into = "RawRange")]
    pub(crate) struct Range(u8, u8);

    #[serde(from = "RawShape", into = "RawShape")]
    pub(crate) enum Shape {
        Circle,
        Polygon(u32),
    }

    pub(crate) struct Holds {
        id: Id,
        mails: Vec<Mail>,
        by_name: Names<Id>,
        range: Option<Range>,
        shape: Shape,
        shapes: Vec<Shape>,
        #[serde(with = "hex")]
        color: u32,
        #[serde(default, with = "maybe")]
        next: Option<u32>,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        last: Option<u32>,
        #[serde(serialize_with = "sorted")]
        sorted: Vec<u32>,
        #[serde(deserialize_with = "one_or_more")]
        more: Vec<u32>,
        #[serde(skip)]
        cache: Vec<u8>,
        #[serde(skip, default = "five")]
        five: u8,
    }

    pub(crate) enum Change {
        Color {
            #[serde(with = "hex")]
            to: u32,
        },
        Moved(Range),
    }
}

#[structure]
struct Typed<T> {
    value: u8,
    #[serde(skip)]
    of: PhantomData<T>,
}

#[derive(Clone, Debug, PartialEq)]
struct NoPart;

/// Reads and writes a document as the twin does, and through all other forms of the message.
#[track_caller]
fn as_serde<T: Structure, Twin: Serialize + DeserializeOwned>(text: &str) -> T {
    let value: T = json::decode(text).unwrap();
    let twin: Twin = serde_json::from_str(text).unwrap();
    assert_eq!(json::encode(&value).unwrap(), serde_json::to_string(&twin).unwrap());
    comes_back(&value);
    value
}

const HOLDS: &str = r#"{"id":7,"mails":["a@b"],"by_name":{"x":1},"range":{"from":1,"to":3},"shape":{"sides":4},
    "shapes":[{"sides":0},{"sides":3}],"color":"ff","next":2,"last":3,"sorted":[1,2],"more":[20]}"#;

#[test]
fn documents_are_those_of_serdes_own_derive() {
    let holds: Holds = as_serde::<_, twin::Holds>(HOLDS);
    assert_eq!((holds.color, holds.next, holds.range.as_ref()), (255, Some(1), Some(&Range(1, 2))));
    assert_eq!((holds.cache.len(), holds.five, &holds.more[..]), (0, 5, &[20][..]));
    let short = r#"{"id":7,"mails":[],"by_name":{},"shape":{"sides":0},"shapes":[],"color":"0","sorted":[2,1],"more":1}"#;
    let written = json::encode(&json::decode::<Holds>(short).unwrap()).unwrap();
    assert!(written.contains(r#""next":null"#) && !written.contains("last"), "{written}");
    assert!(written.ends_with(r#""sorted":[1,2],"more":[1]}"#), "{written}");
    as_serde::<Change, twin::Change>(r#"{"Color":{"to":"a0"}}"#);
    as_serde::<Change, twin::Change>(r#"{"Moved":{"from":1,"to":1}}"#);
    as_serde::<Id, twin::Id>("7");
    as_serde::<Mail, twin::Mail>(r#""a@b""#);
    as_serde::<Range, twin::Range>(r#"{"from":1,"to":3}"#);
    as_serde::<Shape, twin::Shape>(r#"{"sides":3}"#);
    as_serde::<Names<Mail>, twin::Names<twin::Mail>>(r#"{"a":"b@c"}"#);
    let typed: Typed<NoPart> = json::decode(r#"{"value":1}"#).unwrap();
    assert_eq!(json::encode(&typed).unwrap(), r#"{"value":1}"#);
    assert_eq!(wire::decode::<Typed<NoPart>>(&wire::encode(&typed)).unwrap(), typed);
}

#[test]
fn errors_of_conversions_have_their_place_and_text() {
    for (old, new, pointer, reason) in [
        ("a@b", "ab", "/mails/0", "an address has an @"),
        (r#""to":3"#, r#""to":0"#, "/range", "out of range integral type conversion attempted"),
        (r#""ff""#, r#""x""#, "/color", "invalid digit found in string"),
    ] {
        let error = json::decode::<Holds>(&HOLDS.replace(old, new)).unwrap_err();
        assert_eq!((error.pointer.as_str(), error.reason.as_str()), (pointer, reason));
    }
    // A skipped field is not part of the message.
    let error = json::decode::<Holds>(&HOLDS.replace(r#""id":7"#, r#""id":7,"five":5"#));
    assert_eq!(error.unwrap_err().pointer, "/five");
    let bytes = wire::encode(&RawRange { from: 3, to: 1 });
    let error = wire::decode::<Range>(&bytes).unwrap_err();
    assert!(error.to_string().contains("out of range integral type"), "{error}");
}

#[test]
fn schemas_are_those_of_what_is_in_messages() {
    let lock = proto(&schema::<Holds>());
    for line in [
        "  optional uint64 id = 1; // u64, required",
        "  repeated string mails = 2; // Vec<String>",
        "message RawRange {",
        "  optional google.protobuf.Value color = 7; // Value, required",
    ] {
        assert!(lock.lines().any(|written| written == line), "{line}\n{lock}");
    }
    assert!(!lock.contains("cache") && !lock.contains("Mail"), "{lock}");
    let described = TypeDescription::for_type::<Mail>();
    assert_eq!(described, TypeDescription::for_type::<String>());
}

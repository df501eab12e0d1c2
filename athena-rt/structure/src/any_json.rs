//! Any JSON as a part of a message: `google.protobuf.Value`.

use athena_protocol::json::digits;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::absent_json::{absent_json, is_absent_json};
use super::by_text;
use super::json_value;
use super::layout::raw_text;
use super::part::Part;
use super::shape::{Shape, Shapes};
use super::strict::Strict;
use super::wire::any::{encode_value, read_value};
use super::wire::error::WireError;
use super::wire::field::{Plain, Wire};
use super::wire::json_node::JsonNode;
use super::wire::key::Key;
use super::wire::one_record::one_record;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::writer::Writer;

macro_rules! any_json {
    (
        [$($generic:tt)*] $type:ty, $strict:expr, $absent:expr, |$checked:ident| $is_absent:expr, $zero:expr,
        encode: |$value:ident, $number:ident, $writer:ident| $encode:expr,
        read: |$key:ident, $reader:ident| $read:expr $(,)?
    ) => {
        impl<$($generic)*> Part for $type {
            // Any JSON may be a list, and may have floats.
            const IS_LIST: bool = true;
            const HAS_FLOATS: bool = true;

            fn shape(_: &mut Shapes) -> Shape {
                Shape::Json
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }

            fn from_json<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                $strict(deserializer)
            }

            fn absent() -> Option<Self> {
                $absent
            }

            fn is_absent(&self) -> bool {
                let $checked = self;
                $is_absent
            }
        }

        impl<$($generic)*> Wire for $type {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                if !self.is_absent() {
                    self.encode_one(number, writer);
                }
            }
            fn encode_one(&self, $number: u32, $writer: &mut Writer) {
                let $value = self;
                $encode;
            }
            one_record!(Plain);
            fn read($key: Key, $reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let place = $reader.place();
                let value: Result<Self, String> = $read;
                value.map_err(|reason| place.error(reason))
            }
            fn zero() -> Result<Self, WireError> {
                $zero
            }
        }
    };
}

any_json!([] Value, json_value::value, None, |_value| false, Ok(Self::Null),
    encode: |value, number, writer| encode_value(value, number, writer),
    read: |key, reader| Ok(read_value(key, reader)?),
);
any_json!([] Number, json_value::number, None, |_value| false, Ok(0.into()),
    encode: |value, number, writer| encode_value(&Value::Number(value.clone()), number, writer),
    read: |key, reader| match read_value(key, reader)? {
        Value::Number(number) => Ok(number),
        _ => Err("expected a number".to_owned()),
    },
);
any_json!([] Map<String, Value>, json_value::object, Some(Self::new()), |_value| false, Ok(Self::new()),
    encode: |value, number, writer| encode_value(&Value::Object(value.clone()), number, writer),
    read: |key, reader| match read_value(key, reader)? {
        Value::Object(map) => Ok(map),
        _ => Err("expected an object".to_owned()),
    },
);

/// Writes what a type's own `Serialize` makes of a value.
fn encode_own<T: Serialize>(value: &T, number: u32, writer: &mut Writer) {
    let encoded = serde_json::to_string(value)
        .and_then(|text| JsonNode::parse(&text).map(|node| node.encode(number, writer)));
    if let Err(error) = encoded {
        writer.fail(&format!("a value of another crate can't be written: {error}"));
    }
}

/// Reads a value by a type's own `Deserialize`.
fn read_own<T: DeserializeOwned>(
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<Result<T, String>, WireError> {
    let node: JsonNode<'_> = read_value(key, reader)?;
    Ok(serde_json::from_str(&node.to_text()).map_err(|error| error.to_string()))
}

/// A type of another crate in the form that serde gives it: what `#[field(json)]` makes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsJson<T>(pub T);

/// What a type must have to be any JSON in messages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be JSON in a message",
    label = "needs `Clone` and serde's `Serialize` and `Deserialize`",
    note = "`#[field(json)]` writes a value by `Serialize` and reads it by `Deserialize`"
)]
pub trait JsonForm: Serialize + DeserializeOwned + Clone + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + 'static> JsonForm for T {}

impl<T: JsonForm> Serialize for AsJson<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: JsonForm> Deserialize<'de> for AsJson<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if digits::by_text() {
            return read_by_text(deserializer);
        }
        T::deserialize(Strict(deserializer)).map(Self)
    }
}

/// Reads a type of another crate by its text, which has an integer beyond 64 bits: what is written again must have it.
#[cold]
fn read_by_text<'de, T: Serialize + DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = raw_text(deserializer)?;
    let value = by_text::read(&raw)?;
    let written = serde_json::to_string(&value).map_err(de::Error::custom)?;
    by_text::refuse_changed(&raw, &written)?;
    Ok(value)
}

// An alias of an `Option` is absent as the `Option` is.
any_json!([T: JsonForm] AsJson<T>, Self::deserialize, absent_json().map(Self), |value| is_absent_json(&value.0), null(),
    encode: |value, number, writer| encode_own(&value.0, number, writer),
    read: |key, reader| read_own(key, reader)?.map(AsJson),
);

/// The functions of serde's `with`, `serialize_with` and `deserialize_with` on a field.
pub trait JsonFunctions: 'static {
    /// The type of the field.
    type Value: Clone + 'static;
    /// Writes the value.
    fn write<S: Serializer>(value: &Self::Value, serializer: S) -> Result<S::Ok, S::Error>;
    /// Reads a value.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Value, D::Error>;
}

/// A value as any JSON by functions.
pub struct WithJson<W: JsonFunctions>(pub W::Value);

impl<W: JsonFunctions> Clone for WithJson<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: JsonFunctions> Serialize for WithJson<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        W::write(&self.0, serializer)
    }
}

impl<'de, W: JsonFunctions> Deserialize<'de> for WithJson<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if digits::by_text() {
            return read_by_text(deserializer);
        }
        W::read(Strict(deserializer)).map(Self)
    }
}

any_json!([W: JsonFunctions] WithJson<W>, Self::deserialize, None, |_value| false, with_null(),
    encode: |value, number, writer| encode_own(value, number, writer),
    read: |key, reader| read_own(key, reader)?,
);

fn with_null<W: JsonFunctions>() -> Result<WithJson<W>, WireError> {
    let value = serde_json::from_value(Value::Null);
    value.map_err(|error: serde_json::Error| ErrorPosition::NONE.error(error.to_string()))
}

fn null<T: JsonForm>() -> Result<AsJson<T>, WireError> {
    let value = serde_json::from_value(Value::Null).map(AsJson);
    value.map_err(|error: serde_json::Error| ErrorPosition::NONE.error(error.to_string()))
}

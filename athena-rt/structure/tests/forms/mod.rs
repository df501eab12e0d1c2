//! The forms of a message, each of which has to give the value back. With the feature `conformance` Python's
//! jsonschema checks the JSON Schema too.

#[cfg(feature = "conformance")]
mod json_schema;

use athena_rt::structure::{MessageError, Structure, from_proto_json, json, to_proto_json, wire};
use athena_structure::schema::{Schema, SchemaBuilder, parse, proto};

#[cfg(feature = "conformance")]
#[allow(unused_imports, reason = "not every test uses each")]
pub(crate) use self::json_schema::{schema_accepts, schema_refuses};

const MODEL: &str = "any::model";

/// The schema of a model that accepts and returns this type.
pub(crate) fn schema<T: Structure>() -> Schema {
    let mut builder = SchemaBuilder::default();
    builder.model(MODEL, T::shape, T::shape);
    builder.build("any")
}

/// A message comes back from JSON, and in every other form.
#[track_caller]
pub(crate) fn gives_back<T: Structure>(text: &str) -> T {
    let value: T = json::decode(text).unwrap();
    assert_eq!(json::encode(&value).unwrap(), text);
    comes_back(&value);
    value
}

/// A value comes back from its bytes and from ProtoJSON; its lock reads back, and it has a JSON Schema.
#[track_caller]
pub(crate) fn comes_back<T: Structure>(value: &T) {
    assert_eq!(wire::decode::<T>(&wire::encode(value)).unwrap(), *value);
    let proto_json = to_proto_json(value).unwrap();
    assert_eq!(from_proto_json::<T>(&proto_json).unwrap(), *value, "{proto_json}");
    let schema = schema::<T>();
    assert_eq!(parse(&proto(&schema)).unwrap(), schema, "{}", proto(&schema));
    assert!(schema.data_of(MODEL, true).is_some());
    assert!(athena_structure::schema::json_schema(&schema, MODEL).get("$ref").is_some());
    #[cfg(feature = "conformance")]
    if let Ok(text) = json::encode(value) {
        schema_accepts::<T>(&text);
    }
}

/// The error of a message that can't be read.
pub(crate) fn refused<T: Structure>(text: &str) -> MessageError {
    json::decode::<T>(text).unwrap_err()
}

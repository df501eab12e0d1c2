//! Documents of formats that exist, each given back as it was by types as a serde user writes them: through
//! JSON, through the wire and through ProtoJSON.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod events;
mod values;
mod webhooks;

use athena_rt::structure::{Structure, from_proto_json, json, to_proto_json, wire};
use athena_structure::schema::{SchemaBuilder, parse, proto};
use serde_json::Value;

#[track_caller]
fn comes_back<T: Structure>(text: &str) {
    let given: Value = serde_json::from_str(text).unwrap();
    let message: T = json::decode(text).unwrap();
    let same = |message: &T| {
        let written = json::encode(message).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), given);
    };
    same(&message);
    same(&wire::decode(&wire::encode(&message)).unwrap());
    same(&from_proto_json(&to_proto_json(&message).unwrap()).unwrap());
    let mut builder = SchemaBuilder::default();
    builder.model("any::model", T::shape, T::shape);
    let schema = builder.build("any");
    assert_eq!(parse(&proto(&schema)).unwrap(), schema);
}

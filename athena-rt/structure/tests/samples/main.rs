//! Documents of formats that exist, each given back as it was by types as a serde user writes them: through
//! JSON, through the wire and through ProtoJSON; their JSON Schema accepts it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::option_option, reason = "absent, or null")]

mod applications;
mod documents;
mod events;
#[allow(dead_code, reason = "not every test uses each form")]
#[path = "../forms/mod.rs"]
mod forms;
mod infrastructure;
mod platforms;
mod values;
mod webhooks;

use athena_rt::structure::{Structure, json};
use serde_json::Value;

#[track_caller]
fn comes_back<T: Structure>(text: &str) {
    let message: T = json::decode(text).unwrap();
    let written = json::encode(&message).unwrap();
    assert_eq!(written.parse::<Value>().unwrap(), text.parse::<Value>().unwrap());
    forms::comes_back(&message);
    #[cfg(feature = "conformance")]
    forms::schema_accepts::<T>(text);
}

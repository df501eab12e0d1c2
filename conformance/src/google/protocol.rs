//! The messages between the suite's runner and the testee, from `conformance.proto`.

use athena_rt::prelude::*;

/// A message in one format, to be converted to another.
#[structure]
pub struct Request {
    #[oneof]
    pub payload: Option<Payload>,
    #[field(3)]
    #[default(Format::Unspecified)]
    pub requested_output_format: Format,
    #[field(4)]
    #[default("")]
    pub message_type: String,
    #[field(5)]
    #[default(0)]
    pub test_category: i32,
}

/// The category of tests in which unknown fields are ignored.
pub const IGNORES_UNKNOWN: i32 = 3;

/// A message in one of the formats.
#[structure]
pub enum Payload {
    #[field(1)]
    Protobuf(Vec<u8>),
    #[field(2)]
    Json(String),
    #[field(7)]
    Jspb(String),
    #[field(8)]
    Text(String),
}

/// The format of the answer.
#[structure]
#[derive(Copy, Eq)]
pub enum Format {
    Unspecified,
    Protobuf,
    Json,
    Jspb,
    Text,
}

/// The answer.
#[structure]
pub struct Response {
    #[oneof]
    pub result: Option<Outcome>,
}

/// The converted message, or the reason why there is none.
#[structure]
pub enum Outcome {
    #[field(1)]
    ParseError(String),
    #[field(6)]
    SerializeError(String),
    #[field(2)]
    RuntimeError(String),
    #[field(3)]
    Protobuf(Vec<u8>),
    #[field(4)]
    Json(String),
    #[field(5)]
    Skipped(String),
}

/// The failures that the testee declares itself, which the runner requests first. There are none.
#[structure]
pub struct FailureSet {}

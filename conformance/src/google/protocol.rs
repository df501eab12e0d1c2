//! What runner and testee say to each other, as `conformance.proto` has it.

use athena_rt::prelude::*;

/// A message in one format, to be answered in another.
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

/// The category in which unknown fields are to be passed over.
pub const IGNORES_UNKNOWN: i32 = 3;

/// A message in its format.
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

/// What to answer in.
#[structure]
#[derive(Copy, Eq)]
pub enum Format {
    Unspecified,
    Protobuf,
    Json,
    Jspb,
    Text,
}

/// What came of it.
#[structure]
pub struct Response {
    #[oneof]
    pub result: Option<Outcome>,
}

/// The message, or why there is none.
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

/// Asked for first: the failures that the testee itself knows of. It knows of none.
#[structure]
pub struct FailureSet {}

//! What engines record.

use std::time::Duration;

use crate::context::SpanContext;

/// A request, before it is answered.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// The pattern of paths that it matches: `/models/{id}`. `None` if nothing is served there.
    pub route: Option<&'a str>,
    /// `http` or `https`.
    pub scheme: &'a str,
    /// The version of HTTP: `1.1` or `2`.
    pub version: &'a str,
    /// The host and the port that the client asked for.
    pub host: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    /// Whether it is a gRPC call.
    pub is_call: bool,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The status of HTTP.
    pub status: u16,
    /// The status of gRPC, if it was a call: `OK`, `INVALID_ARGUMENT`.
    pub call_status: &'a str,
    /// The model that answered.
    pub model: Option<&'a str>,
    pub duration: Duration,
}

/// A message of a stream that a model has run.
#[derive(Clone, Copy, Debug)]
pub struct StreamMessage<'a> {
    pub model: &'a str,
    /// Its line in the stream, from 1.
    pub number: u64,
    pub duration: Duration,
    /// How it failed: `message`, `panic`, `timeout`, or the model's error type.
    pub error: Option<&'a str>,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The scheme of its URL: `redis`.
    pub system: String,
    pub name: String,
}

/// A message that is about to be stored in a queue.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    pub id: &'a str,
    pub model: &'a str,
    /// The size in bytes.
    pub size: usize,
}

/// Messages that were stored in a queue by one request.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub count: usize,
    pub duration: Duration,
    /// Why they were not stored.
    pub error: Option<&'a str>,
}

/// An attempt at a message of a queue.
#[derive(Clone, Copy, Debug)]
pub struct Processed<'a> {
    pub id: &'a str,
    pub model: &'a str,
    /// The size in bytes.
    pub size: usize,
    /// The span that sent it.
    pub parent: Option<&'a SpanContext>,
    /// The time that the model ran.
    pub duration: Duration,
    /// How it failed, and the text of the failure.
    pub error: Option<(&'a str, &'a str)>,
}

//! What can be typed after `submit`.

use std::path::PathBuf;

use athena_protocol::{Format, Submit};
use clap::Args;

use super::by_hand::{format, messages};

#[derive(Debug, Args)]
pub(super) struct TypedSubmit {
    /// The model's id, or its end.
    model: String,
    /// The queue: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    to: String,
    /// The message: a file, - for standard input, or JSON.
    #[arg(short, long, value_name = "FILE|-|JSON", conflicts_with = "messages")]
    message: Option<String>,
    /// Many messages, a line each: a file, or - for standard input.
    #[arg(long, value_name = "FILE|-")]
    messages: Option<PathBuf>,
    /// How messages come in, and go on: json or protobuf.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    input_format: Format,
    /// Where messages go that are none of the model's, with line and reason [default: standard
    /// error].
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl From<TypedSubmit> for Submit {
    fn from(typed: TypedSubmit) -> Self {
        Self {
            messages: messages(typed.message.as_deref(), typed.messages.as_deref()),
            model: typed.model,
            input_format: typed.input_format,
            to: typed.to,
            rejects: typed.rejects,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use athena_protocol::Messages;
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        submit: TypedSubmit,
    }

    fn read(arguments: &str) -> Result<Submit, String> {
        let line = Line::try_parse_from(arguments.split(' '));
        line.map(|line| line.submit.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn messages_are_one_or_many_and_go_somewhere() {
        for (typed, messages) in [
            ("", Messages::Default),
            (" -m {}", Messages::Text("{}".to_owned())),
            (" --message -", Messages::Stdin),
            (" --messages -", Messages::StdinLines),
            (" --messages f", Messages::Lines("f".into())),
        ] {
            let (model, to) = ("m".to_owned(), "redis://h/t".to_owned());
            let wanted = Submit { model, to, messages, ..Submit::default() };
            assert_eq!(read(&format!("submit m --to redis://h/t{typed}")), Ok(wanted));
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (wrong, says) in [
            ("--to redis://h/t", "<MODEL>"),
            ("m", "--to <URL>"),
            ("m --to redis://h/t -m {} --messages f", "cannot be used with"),
            ("m --to redis://h/t --input-format xml", "a format is json or protobuf"),
        ] {
            let error = read(&format!("submit {wrong}")).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}

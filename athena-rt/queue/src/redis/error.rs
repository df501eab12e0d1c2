//! Errors of the broker, with messages for the user.

use std::time::Duration;

use ::redis::{ErrorKind, RedisError};

use crate::tls;
use athena_core::error::Error;

#[derive(Debug)]
pub(super) struct RequestError {
    pub(super) error: Error,
    /// The connection can't be used any more.
    pub(super) breaks_connection: bool,
    /// No answer arrived in time.
    pub(super) is_timeout: bool,
    /// The consumer group, or the whole stream, is gone.
    pub(super) is_missing_group: bool,
    /// The broker has forgotten the script.
    pub(super) is_missing_script: bool,
}

impl RequestError {
    /// The error of a request.
    pub(super) fn from_redis(redacted: &str, error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        let kind = error.kind();
        let is_of_server = matches!(kind, ErrorKind::Server(_) | ErrorKind::Extension);
        Self {
            error: message_for(code, error).context(redacted),
            // READONLY: the master became a replica, and its name may lead to another by now.
            // NOAUTH: the broker now requires a password, which the next connection sends.
            breaks_connection: !is_of_server || code == "READONLY" || code == "NOAUTH",
            is_timeout: false,
            is_missing_group: code == "NOGROUP",
            is_missing_script: code == "NOSCRIPT",
        }
    }

    /// The error of connecting.
    pub(super) fn from_connect(redacted: &str, error: &RedisError) -> Self {
        if error.is_io_error() {
            return Self::from_connection(tls::explain(Error::failure(format!(
                "{redacted}: can't connect: {}",
                server_message(error)
            ))));
        }
        Self::from_redis(redacted, error)
    }

    /// Connecting took too long.
    pub(super) fn connect_timeout(redacted: &str, timeout_after: Duration) -> Self {
        let seconds = timeout_after.as_secs_f32();
        Self::from_connection(Error::failure(format!(
            "{redacted}: can't connect within {seconds}s"
        )))
    }

    /// A URL for TLS names a port where Redis answers in clear text.
    pub(super) fn no_tls(redacted: &str) -> Self {
        let message = format!("{redacted}: the broker does not speak TLS at this port");
        Self::from_connection(
            Error::usage(message).help("use redis:// in place of rediss://, or the port for TLS"),
        )
    }

    /// No answer came in time.
    pub(super) fn response_timeout(redacted: &str, timeout_after: Duration) -> Self {
        let seconds = timeout_after.as_secs_f32();
        let error = Error::failure(format!("{redacted}: no answer within {seconds}s"));
        Self { is_timeout: true, ..Self::from_connection(error) }
    }

    /// The broker's reply can't be parsed.
    pub(super) fn unexpected_reply(redacted: &str) -> Self {
        Self::from_error(
            Error::failure(format!("{redacted}: unexpected reply from the broker"))
                .help("use Redis 7.0 or newer, or Valkey"),
        )
    }

    /// Outcomes go to another broker, so storing and acknowledging are two steps.
    pub(super) fn other_broker(redacted: &str) -> Self {
        Self::from_error(Error::failure(format!("{redacted}: outcomes go to another broker")))
    }

    /// The error for the user.
    pub(super) fn into_error(self) -> Error {
        self.error
    }

    fn from_connection(error: Error) -> Self {
        Self { breaks_connection: true, ..Self::from_error(error) }
    }

    pub(super) fn from_error(error: Error) -> Self {
        Self {
            error,
            breaks_connection: false,
            is_timeout: false,
            is_missing_group: false,
            is_missing_script: false,
        }
    }
}

/// The broker requires authentication; after SELECT the message is a different one.
fn is_unknown(error: &RedisError) -> bool {
    error.code() == Some("NOAUTH") || error.detail() == Some("Authentication required.")
}

/// Whether a script may not run a command: Redis 7.0 has no code for that.
fn is_denied_in_script(message: &str) -> bool {
    message.starts_with("ACL failure") || message.starts_with("The user executing the script")
}

const WHO: &str =
    "redis://USER:PASSWORD@HOST:PORT/KEY, or redis://:PASSWORD@HOST:PORT/KEY for the default user";

fn message_for(code: &str, error: &RedisError) -> Error {
    let message = server_message(error);
    match code {
        // Our scripts name the key.
        "WRONGTYPE" if message.starts_with("key ") => Error::usage(format!("the {message}")),
        "WRONGTYPE" => Error::usage("the key is not a stream"),
        _ if is_unknown(error) => {
            Error::usage("the broker requires a user and a password").help(WHO)
        }
        _ if code == "WRONGPASS" || error.kind() == ErrorKind::AuthenticationFailed => {
            Error::usage("the broker rejects this user and password").help(WHO)
        }
        _ if code == "NOPERM" || is_denied_in_script(&message) => {
            Error::usage(format!("this user has no permission: {message}"))
        }
        "OOM" => Error::failure("the broker is out of memory")
            .help("raise its maxmemory, or remove messages"),
        "READONLY" => Error::failure("the broker is a replica, which can't be written to")
            .help("use the address of the master"),
        "LOADING" => {
            Error::failure("the broker is still loading its data").help("try again in a moment")
        }
        "MASTERDOWN" => Error::failure("the broker is a replica that has lost its master")
            .help("use the address of the master"),
        "NOREPLICAS" => Error::failure(
            "the broker has too few replicas to accept writes (min-replicas-to-write)",
        ),
        "DENIED" => {
            Error::usage("the broker runs in protected mode, and accepts only local clients")
                .help("set a password on the broker, and name it in the URL")
        }
        "MISCONF" => Error::failure(format!("the broker can't save its data: {message}")),
        "MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN" => {
            Error::usage("the broker is a cluster, which is not supported")
        }
        "NOGROUP" => Error::failure("the consumer group is gone"),
        _ if error.is_io_error() => Error::failure(format!("the connection broke: {message}")),
        _ if code.is_empty() => Error::failure(message),
        _ => Error::failure(format!("the broker replied {code}: {message}")),
    }
}

/// The message of the broker or the system, without the position in a script.
fn server_message(error: &RedisError) -> String {
    let message = error.detail().map_or_else(|| error.to_string(), str::to_owned);
    let end = message.find(" script: ").unwrap_or(message.len());
    message[..end].to_owned()
}

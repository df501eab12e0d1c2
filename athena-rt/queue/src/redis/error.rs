//! What a broker's errors mean, in words for the user.

use std::time::Duration;

use ::redis::{ErrorKind, RedisError};

use athena_core::error::Error;

/// Why a request failed.
#[derive(Debug)]
pub(super) struct RequestError {
    pub(super) error: Error,
    /// The connection is of no more use.
    pub(super) breaks_connection: bool,
    /// No answer came in time.
    pub(super) is_timeout: bool,
    /// The consumer group, or the whole stream, is gone.
    pub(super) is_missing_group: bool,
    /// The broker has forgotten the script.
    pub(super) is_missing_script: bool,
}

impl RequestError {
    /// What a request led to.
    pub(super) fn from_redis(redacted: &str, error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        let kind = error.kind();
        let is_of_server = matches!(kind, ErrorKind::Server(_) | ErrorKind::Extension);
        Self {
            error: message_for(code, error).context(redacted),
            // A replica that was the master before: the name may lead to another by now. A broker
            // that has come to want a password gets it with the next connection.
            breaks_connection: !is_of_server || code == "READONLY" || code == "NOAUTH",
            is_timeout: false,
            is_missing_group: code == "NOGROUP",
            is_missing_script: code == "NOSCRIPT",
        }
    }

    /// What an attempt to connect led to.
    pub(super) fn from_connect(redacted: &str, error: &RedisError) -> Self {
        if error.is_io_error() {
            return Self::from_connection(Error::failure(format!(
                "{redacted}: can't connect: {}",
                said(error)
            )));
        }
        Self::from_redis(redacted, error)
    }

    /// An attempt to connect took too long.
    pub(super) fn connect_timeout(redacted: &str, timeout_after: Duration) -> Self {
        let seconds = timeout_after.as_secs_f32();
        Self::from_connection(Error::failure(format!(
            "{redacted}: can't connect within {seconds}s"
        )))
    }

    /// No answer came in time.
    pub(super) fn response_timeout(redacted: &str, timeout_after: Duration) -> Self {
        let seconds = timeout_after.as_secs_f32();
        let error = Error::failure(format!("{redacted}: no answer within {seconds}s"));
        Self { is_timeout: true, ..Self::from_connection(error) }
    }

    /// An answer that makes no sense.
    pub(super) fn unexpected_reply(redacted: &str) -> Self {
        Self::from_error(
            Error::failure(format!("{redacted}: the broker's answer is not understood"))
                .help("it must be Redis 7.0 or newer, or Valkey"),
        )
    }

    /// Outcomes go to another broker, so nothing can be done in one step.
    pub(super) fn other_broker(redacted: &str) -> Self {
        Self::from_error(Error::failure(format!("{redacted}: outcomes go to another broker")))
    }

    /// What the user is told.
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

/// The broker does not know yet who we are; after SELECT it says so in other words.
fn is_unknown(error: &RedisError) -> bool {
    error.code() == Some("NOAUTH") || error.detail() == Some("Authentication required.")
}

const WHO: &str =
    "redis://USER:PASSWORD@HOST:PORT/KEY, or redis://:PASSWORD@HOST:PORT/KEY for the default user";

fn message_for(code: &str, error: &RedisError) -> Error {
    let said = said(error);
    match code {
        // Our own scripts name the key.
        "WRONGTYPE" if said.starts_with("key ") => Error::usage(format!("the {said}")),
        "WRONGTYPE" => Error::usage("the key is there and is no stream"),
        _ if is_unknown(error) => Error::usage("the broker wants a user and a password").help(WHO),
        _ if code == "WRONGPASS" || error.kind() == ErrorKind::AuthenticationFailed => {
            Error::usage("the broker does not take this user and password").help(WHO)
        }
        "NOPERM" => Error::usage(format!("the broker does not let this user do that: {said}")),
        "OOM" => Error::failure("the broker is out of memory")
            .help("raise its maxmemory, or take messages out"),
        "READONLY" => Error::failure("the broker is a replica, which can't be written to")
            .help("name the master"),
        "LOADING" => Error::failure("the broker is still loading its data"),
        "MISCONF" => Error::failure(format!("the broker can't save its data: {said}")),
        "MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN" => {
            Error::usage("the broker is a cluster, which is not supported")
        }
        "NOGROUP" => Error::failure("the consumer group is gone"),
        _ if error.is_io_error() => Error::failure(format!("the connection broke: {said}")),
        _ if code.is_empty() => Error::failure(said),
        _ => Error::failure(format!("the broker says {code}: {said}")),
    }
}

/// What the broker or the system said, without where in a script.
fn said(error: &RedisError) -> String {
    let said = error.detail().map_or_else(|| error.to_string(), str::to_owned);
    let end = said.find(" script: ").unwrap_or(said.len());
    said[..end].to_owned()
}

//! A connection that reconnects by itself, and requests with a time limit.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use percent_encoding::percent_decode_str;
use tokio::sync::watch;
use url::Url;

use crate::address::Address;
use athena_core::error::{Error, Result};

/// How long the broker may take to answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest delay between two attempts to reconnect.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// `JetStream` is disabled, for all or for this user.
const OFF: [ErrorCode; 2] =
    [ErrorCode::JETSTREAM_NOT_ENABLED, ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT];

pub(super) struct NatsConnection {
    pub(super) client: Client,
    pub(super) jetstream: Context,
    /// The URL of the queue, for messages.
    redacted: String,
    /// Counts how often the connection was lost.
    lost: watch::Receiver<u64>,
}

impl NatsConnection {
    /// Connects, and checks that `JetStream` is enabled.
    pub(super) async fn open(address: &Address) -> Result<Self> {
        let (count, lost) = watch::channel(0);
        let options = options(&address.broker).event_callback(move |event| {
            if matches!(event, Event::Disconnected | Event::Closed) {
                count.send_modify(|lost| *lost += 1);
            }
            std::future::ready(())
        });
        let server = server(&address.broker);
        let connected = Box::pin(options.connect(server));
        let client = match tokio::time::timeout(TIMEOUT * 2, connected).await {
            Ok(connected) => connected.map_err(|error| connect_error(&address.redacted, &error))?,
            Err(_) => return Err(request_error(&address.redacted, "connect", "no answer")),
        };
        let jetstream =
            jetstream::context::ContextBuilder::new().timeout(TIMEOUT).build(client.clone());
        let connection = Self { client, jetstream, redacted: address.redacted.clone(), lost };
        connection.check_jetstream().await?;
        Ok(connection)
    }

    /// Waits for an answer with a time limit, and no longer than the connection lasts.
    pub(super) async fn request<T, E: Display>(
        &self,
        action: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        // The client's futures are large.
        let work = Box::pin(work);
        let limited = async {
            match tokio::time::timeout(TIMEOUT, work).await {
                Ok(answer) => answer.map_err(|error| error.to_string()),
                Err(_) => Err("no answer".to_owned()),
            }
        };
        self.while_connected(action, limited).await
    }

    /// Waits for a future that ends by itself as long as the connection lasts.
    pub(super) async fn while_connected<T, E: Display>(
        &self,
        action: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        let mut lost = self.lost.clone();
        lost.mark_unchanged();
        if self.client.connection_state() != State::Connected {
            return Err(self.error(action, "the connection is down"));
        }
        tokio::select! {
            biased;
            answer = work => answer.map_err(|error| self.error(action, error)),
            _ = lost.changed() => Err(self.error(action, "the connection was lost")),
        }
    }

    pub(super) fn error(&self, action: &str, reason: impl Display) -> Error {
        request_error(&self.redacted, action, reason)
    }

    /// Without `JetStream` nobody answers this request. (The client's own method can't parse the
    /// answer of 2.9.)
    async fn check_jetstream(&self) -> Result<()> {
        let asked = self.jetstream.request::<_, _, Response<serde_json::Value>>("INFO", &()).await;
        let (is_off, reason) = match asked {
            Ok(Response::Ok(_)) => return Ok(()),
            Ok(Response::Err { error }) => (OFF.contains(&error.error_code()), error.to_string()),
            Err(error) => (error.kind() == RequestErrorKind::NoResponders, error.to_string()),
        };
        if is_off {
            let message = format!("{}: JetStream is disabled", self.redacted);
            return Err(Error::usage(message)
                .help("start the server with -js, or enable JetStream for this user's account"));
        }
        Err(self.error("check JetStream", reason))
    }
}

fn request_error(redacted: &str, action: &str, reason: impl Display) -> Error {
    Error::failure(format!("{redacted}: can't {action}: {reason}"))
}

fn connect_error(redacted: &str, error: &async_nats::ConnectError) -> Error {
    let kind = error.kind();
    let nacks =
        matches!(kind, ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication);
    let error = request_error(redacted, "connect", error);
    if nacks {
        return error.help("name the user in the URL: nats://USER:PASSWORD@HOST:PORT/SUBJECT");
    }
    error
}

/// The URL of the server without user and password.
fn server(broker: &Url) -> String {
    let mut server = broker.clone();
    // Fails only for a URL without a host.
    let _ = server.set_username("").and_then(|()| server.set_password(None));
    server.into()
}

/// The options to connect: user and password, or a token in place of the user.
fn options(broker: &Url) -> ConnectOptions {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let options = match (broker.username(), broker.password()) {
        ("", None) => ConnectOptions::new(),
        (token, None) => ConnectOptions::with_token(decoded(token)),
        (user, Some(password)) => {
            ConnectOptions::with_user_and_password(decoded(user), decoded(password))
        }
    };
    options
        .name("athena")
        .require_tls(broker.scheme() == "tls")
        .connection_timeout(TIMEOUT)
        .request_timeout(Some(TIMEOUT))
        // Three unanswered pings mean that the connection is dead.
        .ping_interval(TIMEOUT)
        .reconnect_delay_callback(|attempt| {
            let doubled = 1 << attempt.min(10);
            (Duration::from_millis(20) * doubled).min(LONGEST_PAUSE)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_without_user_and_password() {
        let broker = Url::parse("nats://user:word@host:7000").unwrap();
        assert_eq!(server(&broker), "nats://host:7000");
    }
}

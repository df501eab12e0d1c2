//! A connection that reconnects by itself, and requests with a time limit.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerError};
use percent_encoding::percent_decode_str;
use tokio::sync::watch;

use crate::address::Address;
use crate::tls;
use athena_core::error::{Error, Result};

/// How long the broker may take to answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest delay between two attempts to reconnect.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The setting with the file of credentials, and that with further servers of a cluster.
const CREDENTIALS: &str = "creds";
const SERVERS: &str = "servers";

/// The settings of a URL.
pub(super) const SETTINGS: [&str; 2] = [CREDENTIALS, SERVERS];

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
    /// What the server has refused last: nobody answers a request that is refused.
    refused: watch::Receiver<String>,
}

impl NatsConnection {
    /// Connects, and checks that `JetStream` is enabled.
    pub(super) async fn open(address: &Address) -> Result<Self> {
        let (count, lost) = watch::channel(0);
        let (refuse, refused) = watch::channel(String::new());
        let options = options(address).await?.event_callback(move |event| {
            match event {
                Event::Disconnected | Event::Closed => count.send_modify(|lost| *lost += 1),
                Event::ServerError(ServerError::Other(text)) if is_refusal(&text) => {
                    refuse.send_replace(text);
                }
                _ => {}
            }
            std::future::ready(())
        });
        let connected = Box::pin(options.connect(servers(address)));
        let client = match tokio::time::timeout(TIMEOUT * 2, connected).await {
            Ok(connected) => connected.map_err(|error| connect_error(&address.redacted, &error))?,
            Err(_) => return Err(request_error(&address.redacted, "connect", "no answer")),
        };
        let jetstream =
            jetstream::context::ContextBuilder::new().timeout(TIMEOUT).build(client.clone());
        let connection =
            Self { client, jetstream, redacted: address.redacted.clone(), lost, refused };
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
        let (mut lost, mut refused) = (self.lost.clone(), self.refused.clone());
        lost.mark_unchanged();
        refused.mark_unchanged();
        if self.client.connection_state() != State::Connected {
            return Err(self.error(action, "the connection is down"));
        }
        tokio::select! {
            biased;
            answer = work => answer.map_err(|error| self.error(action, error)),
            _ = lost.changed() => Err(self.error(action, "the connection was lost")),
            Ok(()) = refused.changed() => {
                let reason = refused.borrow().clone();
                let message = format!("{}: can't {action}: this user has no permission: {reason}", self.redacted);
                Err(Error::usage(message).help(
                    "allow the user to publish to and subscribe to the subject, $JS.API.>, $JS.ACK.> and _INBOX.>",
                ))
            }
        }
    }

    pub(super) fn error(&self, action: &str, reason: impl Display) -> Error {
        request_error(&self.redacted, action, reason)
    }

    /// Without `JetStream` nobody answers this request. (The client's own method can't parse the
    /// answer of 2.9.)
    async fn check_jetstream(&self) -> Result<()> {
        let asked = async {
            type Info = Response<serde_json::Value>;
            Ok::<_, Error>(self.jetstream.request::<_, _, Info>("INFO", &()).await)
        };
        let (is_off, reason) = match self.while_connected("check JetStream", asked).await? {
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

/// Whether a server's error is about the rights of the user.
fn is_refusal(text: &str) -> bool {
    text.to_ascii_lowercase().contains("permissions violation")
}

fn request_error(redacted: &str, action: &str, reason: impl Display) -> Error {
    Error::failure(format!("{redacted}: can't {action}: {reason}"))
}

fn connect_error(redacted: &str, error: &async_nats::ConnectError) -> Error {
    let kind = error.kind();
    let nacks =
        matches!(kind, ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication);
    let error = tls::explain(request_error(redacted, "connect", error));
    if nacks {
        return error.help(
            "name the user in the URL: nats://USER:PASSWORD@HOST:PORT/SUBJECT, or its file: ?creds=FILE",
        );
    }
    error
}

/// The URLs of the servers without user and password: that of the URL, and those of `servers`. Once
/// connected the client learns of the others of a cluster by itself.
fn servers(address: &Address) -> Vec<String> {
    let mut server = address.broker.clone();
    server.set_query(None);
    // Fails only for a URL without a host.
    let _ = server.set_username("").and_then(|()| server.set_password(None));
    let scheme = server.scheme().to_owned();
    let others = address.setting(SERVERS).unwrap_or_default();
    let others = others.split(',').map(str::trim).filter(|other| !other.is_empty());
    let others = others.map(|other| format!("{scheme}://{other}"));
    [String::from(server)].into_iter().chain(others).collect()
}

/// The options to connect: a file with credentials, user and password, or a token in place of the user.
async fn options(address: &Address) -> Result<ConnectOptions> {
    let broker = &address.broker;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let options = match (address.setting(CREDENTIALS), broker.username(), broker.password()) {
        (Some(file), "", None) => {
            ConnectOptions::with_credentials_file(&file).await.map_err(|error| {
                let reason = format!("can't read credentials from {file}: {error}");
                Error::usage(reason).context(&address.redacted)
            })?
        }
        (Some(_), ..) => {
            let reason = "it names a user and a file with credentials";
            return Err(Error::usage(reason).context(&address.redacted));
        }
        (None, "", None) => ConnectOptions::new(),
        (None, token, None) => ConnectOptions::with_token(decoded(token)),
        (None, user, Some(password)) => {
            ConnectOptions::with_user_and_password(decoded(user), decoded(password))
        }
    };
    Ok(options
        .name("athena")
        .require_tls(broker.scheme() == "tls")
        .connection_timeout(TIMEOUT)
        .request_timeout(Some(TIMEOUT))
        // Three unanswered pings mean that the connection is dead.
        .ping_interval(TIMEOUT)
        .reconnect_delay_callback(|attempt| {
            let doubled = 1 << attempt.min(10);
            (Duration::from_millis(20) * doubled).min(LONGEST_PAUSE)
        }))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::open;
    use crate::retry::block_on;

    #[test]
    fn servers_are_named_without_user_and_password() {
        let parse = |url: &str| open::address(url).unwrap();
        assert_eq!(servers(&parse("nats://user:tulip@host:7000/t")), ["nats://host:7000"]);
        let several = parse("tls://a:1/t?servers=b:2,%20c:3&creds=/f");
        assert_eq!(servers(&several), ["tls://a:1", "tls://b:2", "tls://c:3"]);
    }

    #[test]
    fn settings_that_are_unknown_or_contradict_are_refused() {
        let error = open::address("nats://h/t?cred=/f").unwrap_err().to_string();
        assert!(error.contains("unknown setting \"cred\""), "{error}");
        let error = open::address("nats://a:4222,b:4222/t").unwrap_err().to_string();
        assert!(error.contains("?servers=HOST:PORT"), "{error}");
        for (url, reason) in [
            ("nats://h/t?creds=/not/there", "can't read credentials from /not/there"),
            ("nats://me:x@h/t?creds=/f", "a user and a file with credentials"),
        ] {
            let address = open::address(url).unwrap();
            let error = block_on(async { options(&address).await.map(drop) }).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn credentials_sign_what_the_server_asks_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let info = r#"{"server_id":"x","version":"2.9.0","max_payload":1,"nonce":"n","auth_required":true,"headers":true}"#;
            stream.write_all(format!("INFO {info}\r\n").as_bytes()).unwrap();
            let mut line = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
            stream.write_all(b"-ERR 'Authorization Violation'\r\n").unwrap();
            line
        });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("user.creds");
        // A seed of NATS's documentation.
        let credentials = "-----BEGIN NATS USER JWT-----\neyJ0.x.y\n------END NATS USER JWT------\n\n\
            -----BEGIN USER NKEY SEED-----\nSUAIO3FHUX5PNV2LQIIP7TZ3N4L7TX3W53MQGEIVYFIGA635OZCKEYHFLM\n------END USER NKEY SEED------\n";
        std::fs::write(&file, credentials).unwrap();
        let url = format!("nats://127.0.0.1:{port}/t?creds={}", file.display());
        let address = open::address(&url).unwrap();
        let error = block_on(async { NatsConnection::open(&address).await.map(drop) }).unwrap_err();
        assert!(error.to_string().contains("?creds=FILE"), "{error}");
        let sent = server.join().unwrap();
        assert!(sent.contains(r#""jwt":"eyJ0.x.y""#) && sent.contains(r#""sig":""#), "{sent}");
    }
}

//! The connection to a collector. Exporters wait for it on threads of their own, so that it runs on a
//! runtime of its own, and nothing that answers messages waits for it.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use athena_core::error::{Error, Result};

/// The file with the authorities of a collector behind TLS.
const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";

/// The longest answer of a collector in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// Sends requests to a collector.
pub(super) struct CollectorClient {
    runtime: Handle,
    tls: Arc<ClientConfig>,
    timeout: Duration,
    /// Whether the last request failed, so that only the first failure is logged.
    is_failing: AtomicBool,
}

impl CollectorClient {
    /// # Errors
    ///
    /// The file with the authorities can't be read.
    pub(super) fn new(runtime: Handle, timeout: Duration) -> Result<Self> {
        let tls = Arc::new(tls_settings()?);
        Ok(Self { runtime, tls, timeout, is_failing: AtomicBool::new(false) })
    }

    fn log(&self, collector: &str, result: &std::result::Result<Response<Bytes>, HttpError>) {
        let failure = match result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answered {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_failing = self.is_failing.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(failure) if !was_failing => tracing::warn!(
                "can't export telemetry to {collector}: {failure}; messages are not affected"
            ),
            None if was_failing => tracing::warn!("telemetry is exported to {collector} again"),
            _ => {}
        }
    }
}

impl std::fmt::Debug for CollectorClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CollectorClient").finish_non_exhaustive()
    }
}

impl HttpClient for CollectorClient {
    fn send_bytes<'client, 'future>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<
        Box<dyn Future<Output = std::result::Result<Response<Bytes>, HttpError>> + Send + 'future>,
    >
    where
        'client: 'future,
        Self: 'future,
    {
        let collector = request.uri().authority().map_or_else(String::new, ToString::to_string);
        let (tls, limit) = (Arc::clone(&self.tls), self.timeout);
        let task = self.runtime.spawn(async move {
            let exchange = tokio::time::timeout(limit, exchange(tls, request)).await;
            exchange.unwrap_or_else(|_| Err(format!("no answer within {limit:?}").into()))
        });
        Box::pin(async move {
            let result = match task.await {
                Ok(result) => result,
                Err(error) => Err(error.into()),
            };
            self.log(&collector, &result);
            result
        })
    }
}

/// Sends a request over a connection of its own: there is one every few seconds.
async fn exchange(
    tls: Arc<ClientConfig>,
    request: Request<Bytes>,
) -> std::result::Result<Response<Bytes>, Box<dyn StdError + Send + Sync>> {
    let uri = request.uri().clone();
    let host = uri.host().ok_or("the URL has no host")?.trim_matches(['[', ']']).to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    if is_tls {
        let name = ServerName::try_from(host)?;
        let stream = TlsConnector::from(tls).connect(name, stream).await?;
        send(stream, &uri, request).await
    } else {
        send(stream, &uri, request).await
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    uri: &Uri,
    request: Request<Bytes>,
) -> std::result::Result<Response<Bytes>, Box<dyn StdError + Send + Sync>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let (mut head, body) = request.into_parts();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    // Without a user and a password.
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    head.headers.insert(HOST, HeaderValue::try_from(host)?);
    head.uri = uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let response = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

fn tls_settings() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match std::env::var_os(CERTIFICATE).filter(|path| !path.is_empty()) {
        Some(path) => {
            let wrong = |error: &dyn std::fmt::Display| {
                Error::usage(format!("{CERTIFICATE}={}: {error}", path.display()))
            };
            let certificates = CertificateDer::pem_file_iter(&path)
                .and_then(Iterator::collect::<std::result::Result<Vec<_>, pem::Error>>)
                .map_err(|error| wrong(&error))?;
            for certificate in certificates {
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
        }
        None => {
            // A machine without any still reaches collectors without TLS.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::failure(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

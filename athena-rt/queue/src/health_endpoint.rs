//! The HTTP endpoint for monitoring a worker: `/metrics`, `/healthz`, `/readyz`. Other machines reach it with
//! a token, except health; a loopback address answers to its own names only.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::metrics::Metrics;
use athena_core::error::{Error, Result};
use athena_engine::local_host;
use athena_engine::token::{self, Token};

/// How long a client may take to send its request.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who may read what of a worker.
#[derive(Clone)]
struct Endpoint {
    metrics: Arc<Metrics>,
    token: Option<Arc<Token>>,
    is_loopback: bool,
}

/// Starts serving and returns the address.
///
/// # Errors
///
/// The address is in use, or other machines can reach it without a token.
pub(super) async fn serve(
    address: &str,
    metrics: Arc<Metrics>,
    token: Option<Token>,
    allow_anonymous: bool,
) -> Result<SocketAddr> {
    let failed = |error| Error::usage(format!("can't listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    let is_loopback = local.ip().to_canonical().is_loopback();
    if !is_loopback {
        token::require(address, token.as_ref(), allow_anonymous)?;
    }
    let endpoint = Endpoint { metrics, token: token.map(Arc::new), is_loopback };
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let endpoint = endpoint.clone();
            tokio::spawn(async move {
                let answer = service_fn(move |request: Request<Incoming>| {
                    let response = endpoint.answer(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(PATIENCE)
                    .serve_connection(TokioIo::new(stream), answer);
                // The client may disconnect.
                let _ = connection.await;
            });
        }
    });
    Ok(local)
}

impl Endpoint {
    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let (status, text) = match request.uri().path() {
            _ if self.is_loopback && !names_loopback(request) => {
                (StatusCode::FORBIDDEN, "use localhost: the worker listens there only\n".to_owned())
            }
            "/metrics" if !self.authorizes(request) => {
                (StatusCode::UNAUTHORIZED, "a bearer token is required\n".to_owned())
            }
            "/metrics" => (StatusCode::OK, self.metrics.text()),
            "/healthz" => (StatusCode::OK, "alive\n".to_owned()),
            "/readyz" if self.metrics.is_ready() => (StatusCode::OK, "ready\n".to_owned()),
            "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
            _ => {
                (StatusCode::NOT_FOUND, "not found; try /metrics, /healthz or /readyz\n".to_owned())
            }
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }

    fn authorizes<B>(&self, request: &Request<B>) -> bool {
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        self.token.as_ref().is_none_or(|token| token.authorizes(given))
    }
}

/// Whether a request names the loopback address, or nothing as HTTP/1.0 does.
fn names_loopback<B>(request: &Request<B>) -> bool {
    request.headers().get_all(header::HOST).iter().all(|value| {
        let host = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
        host.is_some_and(|host| local_host::is_allowed(host.host(), &[]))
    })
}

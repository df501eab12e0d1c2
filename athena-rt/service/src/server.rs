//! Accepts connections, and shuts the service down on a signal.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::TcpListener as StdListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use athena_protocol::Exit;
use athena_protocol::text::plural;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use futures_util::TryFutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::app::Stage;
use super::keep_alive::{Activity, HeadTimer, Watched};
use super::opening::{Opening, refuse};
use super::router::{Service, answer, router};
use super::signals::{SignalKind, Signals};
use super::stream_progress::StreamProgress;
use super::tls::{self, Tls};
use athena_core::environment::Setting as _;
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;
use athena_engine::token::Token;

/// The number of open connections; further ones wait.
const CONNECTIONS: usize = 1024;

/// The answer to the PROXY protocol.
const PROXY_PROTOCOL: &str =
    "this port does not speak the PROXY protocol: turn it off at the load balancer";

/// How long the shutdown waits for the first byte of a connection.
const FIRST_BYTE_GRACE: Duration = Duration::from_millis(200);

/// Serves until a signal arrives. Then the service reports that it is not ready, accepts requests for
/// the grace period, closes the address, and answers the requests that it has accepted.
pub(super) async fn run(
    service: Service,
    listeners: Vec<StdListener>,
    tls: Option<Tls>,
    mut signals: Signals,
) -> Result<Exit> {
    let failed = |error: std::io::Error| Error::failure(format!("can't serve: {error}"));
    if let Some(pool) = &service.app.processes {
        pool.start_all().await?;
    }
    service.begin_readiness().await;
    let service = Arc::new(service);
    let app = &service.app;
    let listeners: std::io::Result<Vec<_>> =
        listeners.into_iter().map(TcpListener::from_std).collect();
    let acceptor = Acceptor {
        listeners: listeners.map_err(failed)?,
        tls: tls.map(Arc::new),
        router: router(Arc::clone(&service)),
        connections: Arc::new(Semaphore::new(CONNECTIONS)),
        pressure: Arc::default(),
        graceful: GracefulShutdown::new(),
        service: Arc::clone(&service),
    };
    tokio::select! {
        () = acceptor.accept() => {}
        () = acceptor.reload(&mut signals) => {}
    }
    service.end_readiness().await;
    let limits = app.limits;
    print_stderr(&format!("shutting down: new requests are accepted for {}", limits.grace.show()));
    tokio::select! {
        () = acceptor.accept() => {}
        () = sleep(limits.grace) => {}
        _ = signals.next() => {}
    }
    // Accepts the connections that already wait.
    poll_fn(|context| {
        while let Poll::Ready(Ok(stream)) = acceptor.poll_accept(context) {
            if let Ok(permit) = Arc::clone(&acceptor.connections).try_acquire_owned() {
                acceptor.spawn(stream, permit);
            }
        }
        Poll::Ready(())
    })
    .await;
    let Acceptor { listeners, graceful, .. } = acceptor;
    drop(listeners);
    app.stage.send_replace(Stage::Closing);
    let mut ended = std::pin::pin!(graceful.shutdown());
    // The head of a request may take as long as its message.
    let patience = limits.timeout.saturating_mul(2);
    if timeout(patience, &mut ended).await.is_err() {
        app.stage.send_replace(Stage::Cutting);
        if timeout(FIRST_BYTE_GRACE * 5, &mut ended).await.is_err() {
            let count = plural(app.in_flight(), "request");
            print_stderr(&format!("{count} did not finish within {}", patience.show()));
            return Ok(Exit::Failure);
        }
    }
    Ok(Exit::Success)
}

struct Acceptor {
    listeners: Vec<TcpListener>,
    tls: Option<Arc<Tls>>,
    router: Router,
    connections: Arc<Semaphore>,
    /// Closes an idle connection if another one needs its place.
    pressure: Arc<Notify>,
    graceful: GracefulShutdown,
    service: Arc<Service>,
}

impl Acceptor {
    /// Accepts connections until it is dropped.
    async fn accept(&self) {
        loop {
            if self.connections.available_permits() == 0 {
                self.pressure.notify_one();
            }
            let permit = Arc::clone(&self.connections).acquire_owned().await;
            match (poll_fn(|context| self.poll_accept(context)).await, permit) {
                (Ok(stream), Ok(permit)) => self.spawn(stream, permit),
                (Err(error), _) => {
                    // Mostly there are no free file descriptors.
                    tracing::warn!("can't accept a connection: {error}");
                    self.pressure.notify_one();
                    sleep(Duration::from_millis(50)).await;
                }
                (_, Err(_)) => return,
            }
        }
    }

    /// A connection of any address.
    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<std::io::Result<TcpStream>> {
        let mut accepted = self.listeners.iter().map(|listener| listener.poll_accept(context));
        let ready = accepted.find_map(|accepted| match accepted {
            Poll::Ready(accepted) => Some(accepted.map(|(stream, _)| stream)),
            Poll::Pending => None,
        });
        ready.map_or(Poll::Pending, Poll::Ready)
    }

    /// Waits for a signal that ends the service. SIGHUP reads certificates and the token again, if they
    /// are in files; otherwise it ends the service, too.
    async fn reload(&self, signals: &mut Signals) {
        while signals.next().await == SignalKind::Reload {
            let files = [
                self.tls.as_ref().map(|tls| tls.reload()),
                self.service.token.as_ref().and_then(Token::reload),
            ];
            let mut reloaded = files.into_iter().flatten().peekable();
            if reloaded.peek().is_none() {
                return;
            }
            for result in reloaded {
                match result {
                    Ok(path) => print_stderr(&format!("read {} again", path.display())),
                    Err(error) => tracing::error!("the earlier file stays in use: {error}"),
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let connection = Connection {
            service: Arc::clone(&self.service),
            router: self.router.clone(),
            watcher: self.graceful.watcher(),
            pressure: Arc::clone(&self.pressure),
        };
        let tls = self.tls.as_ref().map(|tls| tls.acceptor());
        tokio::spawn(async move {
            let _permit = permit;
            connection.serve(stream, tls).await;
        });
    }
}

struct Connection {
    service: Arc<Service>,
    router: Router,
    watcher: Watcher,
    pressure: Arc<Notify>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let app = &self.service.app;
        let limit = app.limits.timeout;
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            let mut stage = app.stage.subscribe();
            let ending = async move {
                let _ = stage.wait_for(|&stage| stage > Stage::Open).await;
                sleep(FIRST_BYTE_GRACE).await;
            };
            let detected = tokio::select! {
                // A request that has begun is answered, even if the grace period is over.
                biased;
                detected = timeout(limit, Opening::detect(&stream)) => detected,
                () = ending => return,
            };
            match detected {
                Ok(Ok(Opening::Http2)) => self.h2(stream).await,
                Ok(Ok(Opening::Http1)) => self.h1(stream).await,
                Ok(Ok(Opening::Proxy)) => refuse(stream, PROXY_PROTOCOL).await,
                Ok(Ok(Opening::Tls)) => refuse(stream, "this port speaks HTTP without TLS").await,
                _ => {}
            }
            return;
        };
        match timeout(limit, Opening::detect(&stream)).await {
            Ok(Ok(Opening::Tls)) => {}
            Ok(Ok(Opening::Proxy)) => return refuse(stream, PROXY_PROTOCOL).await,
            Ok(Ok(_)) => return refuse(stream, "this port speaks HTTPS; use https://").await,
            _ => return,
        }
        match timeout(limit, tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => {
                self.h2(stream).await;
            }
            Ok(Ok(stream)) => self.h1(stream).await,
            Ok(Err(error)) => tracing::info!("the TLS handshake failed: {error}"),
            Err(_) => {}
        }
    }

    async fn h1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let Self { service, router, watcher, pressure } = self;
        let limit = service.app.limits.timeout;
        let service =
            service_fn(move |request| respond(Arc::clone(&service), router.clone(), request));
        let activity: Arc<Activity> = Arc::default();
        let stream = Watched::new(stream, Arc::clone(&activity), limit).end_when_client_leaves();
        let timer = HeadTimer::new(activity, limit, pressure);
        let idle_limit = timer.idle_limit();
        let mut connection = http1::Builder::new()
            .timer(timer)
            // Who closes its side is gone, as for most servers, so a message that waits is not begun for nobody:
            // the stream sees to it.
            .half_close(true)
            .header_read_timeout(idle_limit)
            .serve_connection(TokioIo::new(stream), service);
        // On shutdown hyper closes a connection that it has not read from, though a request may be
        // there. So it is polled once before.
        let first = poll_fn(|context| Poll::Ready(Pin::new(&mut connection).poll(context))).await;
        let ended = match first {
            Poll::Ready(ended) => ended,
            Poll::Pending => watcher.watch(connection).await,
        };
        if let Err(error) = ended {
            tracing::info!("a connection ended: {error}");
        }
    }

    async fn h2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let Self { service, router, watcher, pressure } = self;
        let limit = service.app.limits.timeout;
        let stage = service.app.stage.subscribe();
        let stream = Watched::new(stream, Arc::default(), limit);
        let progress = StreamProgress::new();
        let requests = Arc::clone(&progress);
        let service = service_fn(move |request| {
            let begun = requests.begin();
            // hyper makes a task of it, which a box keeps small: memory for tasks of a kilobyte is slow.
            let response = Box::pin(respond(Arc::clone(&service), router.clone(), request));
            response.map_ok(|response| begun.watch(response))
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            // Closes connections of clients that do not respond.
            .keep_alive_interval(Some(limit))
            .serve_connection(TokioIo::new(stream), service);
        // A task of its own, so that no request has to look at the timers of `until_useless`.
        let mut connection = tokio::spawn(watcher.watch(connection));
        tokio::select! {
            ended = &mut connection => if let Ok(Err(error)) = ended {
                tracing::info!("a connection ended: {error}");
            },
            reason = progress.until_useless(limit, &pressure, stage) => {
                tracing::info!("a connection is closed: {reason}");
                connection.abort();
                // Its place is free when it is gone.
                let _ = connection.await;
            }
        }
    }
}

fn respond(
    service: Arc<Service>,
    router: Router,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> {
    let route = async move |request| {
        let Ok(response) = TowerToHyperService::new(router).call(request).await;
        response
    };
    answer(service, request.map(Body::new), route)
}

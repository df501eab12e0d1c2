//! Connections: from the first byte to the signal that ends the service.

use std::future::poll_fn;
use std::net::TcpListener as StdListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use athena_protocol::Exit;
use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::app::{App, Stage};
use super::router::{answer, router};
use super::{time, tls};
use athena_core::error::{Error, Result};
use athena_core::stdio::say;

/// How many connections there may be at once; more wait.
const CONNECTIONS: usize = 1024;

/// What a client that speaks HTTP/2 from the start begins with.
const H2_START: &[u8] = b"PRI";

/// How long a connection without a request is waited for at the end.
const QUIET: Duration = Duration::from_millis(200);

/// Answers until a signal comes: then the service is not ready, takes requests for the time of
/// grace, closes the address, and answers what it has taken.
pub(super) async fn run(
    app: &Arc<App>,
    listener: StdListener,
    tls: Option<TlsAcceptor>,
) -> Result<Exit> {
    let failed = |error: std::io::Error| Error::failure(format!("can't serve: {error}"));
    let mut signals = Signals::new().map_err(failed)?;
    app.grpc.begin_health().await;
    let front = Front {
        listener: TcpListener::from_std(listener).map_err(failed)?,
        tls,
        router: router(Arc::clone(app)),
        connections: Arc::new(Semaphore::new(CONNECTIONS)),
        graceful: GracefulShutdown::new(),
        app: Arc::clone(app),
    };
    tokio::select! {
        () = front.accept() => {}
        () = signals.next() => {}
    }
    app.end_readiness().await;
    let limits = app.limits;
    say(&format!("a signal came: not ready, new requests are taken for {}", time(limits.grace)));
    tokio::select! {
        () = front.accept() => {}
        () = sleep(limits.grace) => {}
        () = signals.next() => {}
    }
    // What waits to be taken is taken.
    poll_fn(|context| {
        while let Poll::Ready(Ok((stream, _))) = front.listener.poll_accept(context) {
            if let Ok(permit) = Arc::clone(&front.connections).try_acquire_owned() {
                front.spawn(stream, permit);
            }
        }
        Poll::Ready(())
    })
    .await;
    let Front { listener, graceful, .. } = front;
    drop(listener);
    app.stage.send_replace(Stage::Closing);
    let mut ended = std::pin::pin!(graceful.shutdown());
    // A message may wait as long as it may run, and its client as long again for its head.
    let patience = limits.timeout.saturating_mul(2);
    if timeout(patience, &mut ended).await.is_err() {
        app.stage.send_replace(Stage::Cutting);
        if timeout(QUIET * 5, &mut ended).await.is_err() {
            let left = app.in_flight();
            say(&format!("{left} requests had no answer after {}", time(patience)));
            return Ok(Exit::Failure);
        }
    }
    Ok(Exit::Success)
}

struct Front {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    connections: Arc<Semaphore>,
    graceful: GracefulShutdown,
    app: Arc<App>,
}

impl Front {
    /// Takes connections until it is dropped.
    async fn accept(&self) {
        loop {
            let permit = Arc::clone(&self.connections).acquire_owned().await;
            match (self.listener.accept().await, permit) {
                (Ok((stream, _)), Ok(permit)) => self.spawn(stream, permit),
                (Err(error), _) => {
                    // Out of file handles, mostly: some will come back.
                    tracing::warn!("can't take a connection: {error}");
                    sleep(Duration::from_millis(50)).await;
                }
                (_, Err(_)) => return,
            }
        }
    }

    fn spawn(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let connection = Connection {
            app: Arc::clone(&self.app),
            router: self.router.clone(),
            watcher: self.graceful.watcher(),
        };
        let tls = self.tls.clone();
        tokio::spawn(async move {
            let _permit = permit;
            connection.serve(stream, tls).await;
        });
    }
}

struct Connection {
    app: Arc<App>,
    router: Router,
    watcher: Watcher,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let limit = self.app.limits.timeout;
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            let mut stage = self.app.stage.subscribe();
            let ending = async move {
                let _ = stage.wait_for(|&stage| stage > Stage::Open).await;
                sleep(QUIET).await;
            };
            let begun = tokio::select! {
                // What has begun is answered, though the time is up as well.
                biased;
                begun = timeout(limit, is_h2(&stream)) => begun,
                () = ending => return,
            };
            match begun {
                Ok(Ok(true)) => self.h2(stream).await,
                Ok(Ok(false)) => self.h1(stream).await,
                _ => {}
            }
            return;
        };
        match timeout(limit, tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => {
                self.h2(stream).await;
            }
            Ok(Ok(stream)) => self.h1(stream).await,
            Ok(Err(error)) => tracing::info!("no TLS: {error}"),
            Err(_) => {}
        }
    }

    async fn h1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let Self { app, router, watcher } = self;
        let limit = app.limits.timeout;
        let service = service_fn(move |request| answer(Arc::clone(&app), router.clone(), request));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // A client may say that it has said all, and listen.
            .half_close(true)
            .header_read_timeout(limit)
            .serve_connection(TokioIo::new(stream), service);
        // hyper closes a connection that it has not read from when the end comes, though a request
        // may be there: it reads first.
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
        let Self { app, router, watcher } = self;
        let limit = app.limits.timeout;
        let service = service_fn(move |request| answer(Arc::clone(&app), router.clone(), request));
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            // One that does not answer is gone.
            .keep_alive_interval(Some(limit))
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::info!("a connection ended: {error}");
        }
    }
}

/// Waits for the first bytes and tells whether they are HTTP/2's.
async fn is_h2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut start = [0; H2_START.len()];
    loop {
        let length = stream.peek(&mut start).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if length == start.len() || !H2_START.starts_with(&start[..length]) {
            return Ok(start == *H2_START);
        }
        // The same bytes would be found again at once.
        sleep(Duration::from_millis(5)).await;
    }
}

/// The signals that end a service.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

//! The service: models answer over HTTP and gRPC. The reactor moves bytes and runs models that are
//! `async fn`; plain ones run on a bounded pool of threads, or on the reactor where they are
//! [quick](pace), so that it never waits for one: see [`places`].
//!
//! [`server`] takes connections, [`router`] knows the addresses, [`call`] answers one message and
//! [`lines`] a stream of them; [`grpc`] answers calls. All messages run as [`job`] has it.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod app;
mod body;
mod call;
mod content;
mod cut;
mod event;
mod grpc;
mod ids;
mod job;
mod lines;
mod metrics;
mod models;
mod openapi;
mod pace;
mod page;
mod places;
mod problem;
mod router;
mod server;
mod tls;
mod token;

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;

use athena_protocol::{Exit, Serve};
use tokio::runtime::Builder;

use self::app::{App, Limits};
use self::grpc::Grpc;
use self::models::Models;
use self::places::Places;
use athena_core::environment::Setting as _;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::say;
use athena_process::STACK_SIZE;

/// Where a service listens unless told otherwise: nobody else reaches it there.
const LISTEN: &str = "127.0.0.1:8080";

/// Answers until a signal ends it.
///
/// # Errors
///
/// Settings that do not read, an address that is taken, or that is open to others without a token.
pub fn serve(registry: &Registry, fixtures: &Path, request: &Serve) -> Result<Exit> {
    let listen = request.listen.as_deref().unwrap_or(LISTEN);
    let addresses = resolve(listen)?;
    let is_loopback = addresses.iter().all(|address| is_local(address.ip()));
    let token = token::read(request.token_file.as_deref())?;
    if !is_loopback && token.is_none() && !request.allow_anonymous {
        return Err(Error::usage(format!(
            "{listen} can be reached from elsewhere, and there is no token"
        ))
        .help(format!(
            "set {}, or give --token-file FILE; --allow-anonymous lets everybody in",
            token::VARIABLE
        )));
    }
    let tls = tls::read(request.tls_cert.as_deref(), request.tls_key.as_deref())?;
    let models = Models::open(&registry.only(&request.models)?, fixtures, request)?;
    let limits = Limits::of(request);
    let document = openapi::document(&models, token.is_some())?;
    let grpc = Grpc::new(&models)?;
    let listener = TcpListener::bind(&addresses[..]).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    let listener =
        listener.map_err(|error| Error::usage(format!("can't listen on {listen}: {error}")))?;
    announce(&listener, tls.is_some(), &models)?;

    let failed = |error: std::io::Error| Error::failure(format!("can't start threads: {error}"));
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("athena")
        .worker_threads(Places::threads())
        .thread_stack_size(STACK_SIZE)
        .build()
        .map_err(failed)?;
    // Of this one only the threads that block are used, for plain models and nothing else: those
    // of the other look up names and wait for files, which must not wait for a model.
    let pool = Builder::new_current_thread()
        .max_blocking_threads(limits.jobs)
        .thread_name("model")
        .thread_stack_size(STACK_SIZE)
        .build()
        .map_err(failed)?;
    let expose_panics = request.expose_panics || is_loopback;
    let app = Arc::new(App::new(
        models,
        grpc,
        limits,
        token,
        document,
        expose_panics,
        pool.handle().clone(),
    ));
    let done = runtime.block_on(server::run(&app, listener, tls));
    // A model that hangs is not waited for.
    runtime.shutdown_background();
    pool.shutdown_background();
    if let Some(capture) = app.models.capture() {
        capture.flush();
    }
    done
}

fn resolve(listen: &str) -> Result<Vec<SocketAddr>> {
    let wrong = |reason: &dyn std::fmt::Display| {
        Error::usage(format!("{listen} is no address to listen on: {reason}"))
            .help("an address is HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    };
    let found: Vec<SocketAddr> = listen.to_socket_addrs().map_err(|error| wrong(&error))?.collect();
    if found.is_empty() { Err(wrong(&"there is no such host")) } else { Ok(found) }
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Says where it listens, what it runs and under which settings, with secrets masked.
fn announce(listener: &TcpListener, is_tls: bool, models: &Models) -> Result<()> {
    let address = listener
        .local_addr()
        .map_err(|error| Error::failure(format!("can't tell the address: {error}")))?;
    let scheme = if is_tls { "https" } else { "http" };
    say(&format!("serving on {scheme}://{address}"));
    let ids: Vec<&str> = models.iter().map(|model| model.id()).collect();
    say(&format!("models: {}", ids.join(", ")));
    let settings = models.settings();
    if !settings.is_empty() {
        say(&format!("environment: {}", settings.join(", ")));
    }
    if let Some(capture) = models.capture() {
        capture.about(models.iter().map(|model| model.entry())).iter().for_each(|line| say(line));
    }
    Ok(())
}

/// A time as the command line has it: `60s`.
fn time(duration: std::time::Duration) -> String {
    duration.show()
}

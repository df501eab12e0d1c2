//! The service: models answer over HTTP and gRPC.
//!
//! The reactor moves bytes and runs models that are `async fn`. Plain models run on a bounded pool of
//! threads, or on the reactor if they are fast. No message is run twice.
//!
//! | module | its job |
//! |---|---|
//! | [`embedded`] | a router for a server of another program |
//! | [`signals`] | the signals of the process |
//! | [`server`] | accepts connections, shuts down on a signal |
//! | [`opening`], [`keep_alive`] | what a client speaks, and how long it may be silent |
//! | [`router`] | routes requests; trace ids, the token, metrics and logs around each |
//! | [`unary`], [`ndjson`] | answer one message, and a stream of messages, one per line |
//! | [`grpc`] | answers gRPC calls, health checks and reflection |
//! | [`execute`] | runs one message on a model, whichever protocol it came by |
//! | [`process_pool`] | model processes, for plain models that may crash; [`model_process`] is one from inside |
//! | [`ipc`] | what goes through the pipes of a model process |
//! | [`late_calls`] | calls that run although they exceeded their limit |
//! | [`scheduler`], [`slots`], [`latency_estimate`], [`timers`] | admit messages, decide where they run and how long |
//! | [`app`], [`models`], [`limits`] | the state that all requests share |
//! | [`content`], [`headers`], [`body`], [`cloudevents`], [`problem`] | how requests are read and errors are written |
//! | [`metrics`], [`exposition`], [`trace_context`], [`request_span`], [`openapi`] | how the service describes itself |
//! | [`token`], [`tls`], [`host`] | who may connect, how, and under which name |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

mod app;
mod body;
mod body_memory;
mod call;
mod cloudevents;
mod content;
mod embedded;
mod execute;
mod exposition;
mod grpc;
mod headers;
mod host;
mod ipc;
mod keep_alive;
mod late_calls;
mod latency_estimate;
mod limits;
mod metrics;
mod model_process;
mod models;
mod ndjson;
mod openapi;
mod opening;
mod problem;
mod process_pool;
mod reactor_tasks;
mod request_span;
mod router;
mod routes;
mod scheduler;
mod server;
mod signals;
mod slots;
mod stream_progress;
mod timers;
mod tls;
mod trace_context;
mod unary;

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;

use athena_protocol::{Exit, Serve};
use tokio::runtime::{Builder, Runtime};

use self::app::App;
pub use self::embedded::{Settings, router};
use self::grpc::Grpc;
use self::host::Hosts;
use self::limits::Limits;
pub use self::model_process::{ROLE, run_model_process};
use self::models::Models;
use self::process_pool::ProcessPool;
use self::router::Service;
use self::scheduler::Threads;
use self::signals::Signals;
use self::slots::ModelSlots;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_engine::exit_guard::ExitGuard;
use athena_engine::token::{self, Token};
use athena_process::STACK_SIZE;
use athena_telemetry::Export;

/// The default address; other machines can't reach it.
const LISTEN: &str = "127.0.0.1:8080";

/// Serves models until a signal ends the service.
///
/// # Errors
///
/// A setting is invalid, the address is in use, or other machines can reach it without a token.
pub fn serve(registry: &Registry, fixtures: &Path, request: &Serve) -> Result<Exit> {
    let listen = request.listen.as_deref().unwrap_or(LISTEN);
    let addresses = resolve(listen)?;
    let is_loopback = addresses.iter().all(|address| is_local(address.ip()));
    let token = token::read(request.token_file.as_deref())?;
    if !is_loopback {
        token::require(listen, token.as_ref(), request.allow_anonymous)?;
    }
    let telemetry = Export::start()?;
    let tls = tls::read(request.tls_cert.as_deref(), request.tls_key.as_deref())?;
    let mut service = build(registry, fixtures, request, token, Threads::PoolAndReactor)?;
    service.hosts =
        Some(if is_loopback { Hosts::local(&request.allow_hosts) } else { Hosts::any() });
    let listeners = bind(&addresses)
        .map_err(|error| Error::usage(format!("can't listen on {listen}: {error}")))?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("athena")
        .worker_threads(ModelSlots::reactor_threads())
        .thread_stack_size(STACK_SIZE)
        .build()
        .map_err(|error| no_threads(&error))?;
    // Who reads the address may send a signal at once.
    let signals = {
        let _context = runtime.enter();
        Signals::new()
            .map_err(|error| Error::failure(format!("can't listen to signals: {error}")))?
    };
    announce(&listeners, tls.is_some(), &service.app.models)?;
    let app = Arc::clone(&service.app);
    let guard = ExitGuard::new();
    let exit = runtime.block_on(server::run(service, listeners, tls, signals));
    drop(guard);
    // Does not wait for a model that hangs.
    runtime.shutdown_background();
    if let Some(capture) = app.models.capture() {
        capture.flush();
    }
    telemetry.finish();
    exit
}

/// Everything that answers requests.
fn build(
    registry: &Registry,
    fixtures: &Path,
    request: &Serve,
    token: Option<Token>,
    threads: Threads,
) -> Result<Service> {
    check_unwinding(cfg!(panic = "abort"), request.processes.is_some())?;
    let models = Models::open(&registry.only(&request.models)?, fixtures, request)?;
    let limits = Limits::from_request(request);
    let openapi = openapi::document(&models, token.is_some())?;
    let grpc = Grpc::new(&models)?;
    let pool = model_threads(limits.jobs)?;
    let processes = request.processes.map(|count| {
        let settings = models.process_settings(request.allow_env_override);
        ProcessPool::new(count, request.memory_limit, settings)
    });
    let processes = processes.transpose()?;
    let mut app = App::new(models, limits, request.expose_panics, pool, threads);
    app.processes = processes;
    if request.tls_cert.is_some() {
        app.scheme = "https";
    }
    Ok(Service { app: Arc::new(app), grpc, token, hosts: None, openapi })
}

/// Only the blocking threads of this runtime are used, for plain models alone. Name lookups and files
/// use those of the other runtime, so they never wait for a model.
fn model_threads(jobs: usize) -> Result<Runtime> {
    Builder::new_current_thread()
        .max_blocking_threads(jobs)
        .thread_name("model")
        .thread_stack_size(STACK_SIZE)
        .build()
        .map_err(|error| no_threads(&error))
}

fn no_threads(error: &std::io::Error) -> Error {
    Error::failure(format!("can't start threads: {error}"))
}

/// Refuses to run models in a process that the first panic would end.
fn check_unwinding(aborts: bool, has_processes: bool) -> Result<()> {
    if !aborts || has_processes {
        return Ok(());
    }
    let message = "the program is built with panic = \"abort\": the first panic of a model would end the service";
    Err(Error::usage(message)
        .help("remove panic = \"abort\" from the profile in Cargo.toml, or use --processes N"))
}

fn resolve(listen: &str) -> Result<Vec<SocketAddr>> {
    let wrong = |reason: &dyn std::fmt::Display| {
        Error::usage(format!("{listen} is not an address to listen on: {reason}"))
            .help("use HOST:PORT, for example 127.0.0.1:8080 or [::1]:8080")
    };
    let mut found: Vec<SocketAddr> =
        listen.to_socket_addrs().map_err(|error| wrong(&error))?.collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Err(wrong(&"the host is unknown")) } else { Ok(found) }
}

/// Listens on every address of a name: `localhost` has one of IPv4 and one
/// of IPv6, and a client may try either.
fn bind(addresses: &[SocketAddr]) -> std::io::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut failed = None;
    for &(mut address) in addresses {
        // A free port is the same on all of them.
        if address.port() == 0
            && let Some(first) = listeners.first()
        {
            address.set_port(first.local_addr()?.port());
        }
        match TcpListener::bind(address) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                listeners.push(listener);
            }
            // A machine without IPv6 may have names with such addresses.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(error),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Prints the address, the models and their settings, with secrets masked.
fn announce(listeners: &[TcpListener], is_tls: bool, models: &Models) -> Result<()> {
    let scheme = if is_tls { "https" } else { "http" };
    for listener in listeners {
        let address = listener
            .local_addr()
            .map_err(|error| Error::failure(format!("can't read the address: {error}")))?;
        print_stderr(&format!("serving on {scheme}://{address}"));
    }
    let ids: Vec<&str> = models.iter().map(|model| model.id()).collect();
    print_stderr(&format!("models: {}", ids.join(", ")));
    let settings = models.describe_settings();
    if !settings.is_empty() {
        print_stderr(&format!("environment: {}", settings.join(", ")));
    }
    if let Some(capture) = models.capture() {
        capture
            .describe(models.iter().map(|model| model.entry()))
            .iter()
            .for_each(|line| print_stderr(line));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};

    use super::{SocketAddr, TcpListener, bind, check_unwinding};

    #[test]
    fn every_address_of_a_name_is_listened_on_at_one_port() {
        let loopbacks: [SocketAddr; 2] =
            [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        let listeners = bind(&loopbacks).unwrap();
        let port = listeners[0].local_addr().unwrap().port();
        for mut address in loopbacks {
            // A machine may have no IPv6.
            let exists = TcpListener::bind(address).is_ok();
            address.set_port(port);
            assert_eq!(TcpStream::connect(address).is_ok(), exists, "{address}");
        }
        // A port that another program has on one of the addresses is refused.
        let taken = listeners[0].local_addr().unwrap();
        assert!(bind(&[taken]).is_err());
    }

    #[test]
    fn a_program_that_aborts_on_a_panic_is_refused_with_the_way_out() {
        assert!(check_unwinding(false, false).is_ok() && check_unwinding(true, true).is_ok());
        let error = check_unwinding(true, false).map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("--processes N")));
    }
}

//! The service inside another program: a router to mount under a server of its own.

use std::future::Future as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use athena_protocol::{Capture, Environments, Serve};
use axum::Router;

use super::router::mounted;
use super::scheduler::Threads;
use athena_core::error::Result;
use athena_core::registry::Registry;

/// How a router answers. Begin with the default, and change what is different:
///
/// ```
/// use std::time::Duration;
///
/// let mut settings = athena_service::Settings::default();
/// settings.timeout = Some(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Model ids, or unique suffixes of them; all models if it is empty.
    pub models: Vec<String>,
    /// Variables of the models, on top of those of this process.
    pub variables: Vec<(String, String)>,
    /// Whether a message may set variables that are not secret: `{"environment": {"K": "V"}}` beside
    /// its fields.
    pub allow_env_override: bool,
    /// The maximum size of a message in bytes; by default 10 MB.
    pub body_limit: Option<u64>,
    /// The number of plain models that run at once; by default one per core.
    pub jobs: Option<usize>,
    /// Runs plain models in this number of model processes instead of threads, so that an abort, an
    /// exit, a hang or the memory of one costs its request only. The program must call
    /// `athena_rt::init()` at the start of its `main`.
    pub processes: Option<usize>,
    /// The maximum memory of a model process in bytes; by default its share of most of the machine's.
    pub memory_limit: Option<u64>,
    /// The number of messages that may wait for a plain model; any more are answered with 503. By
    /// default 64.
    pub queue: Option<usize>,
    /// The maximum time of a message, and of reading it; by default 60 seconds.
    pub timeout: Option<Duration>,
    /// Whether clients see the text of a panic; otherwise they see an id that the log has, too.
    pub expose_panics: bool,
    /// Whether the router answers at `/`, `/healthz`, `/readyz` and `/metrics` and gRPC's health and
    /// reflection, too. By default these paths are left to the program.
    pub operations: bool,
    /// A file for captured messages and their outcomes, as cases.
    pub capture: Option<PathBuf>,
    /// The share of messages that is captured, per million; by default all.
    pub capture_per_million: Option<u32>,
}

impl Settings {
    fn into_request(self) -> Serve {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Serve {
            models: self.models,
            environments: Environments { set: self.variables, ..Environments::default() },
            allow_env_override: self.allow_env_override,
            body_limit: self.body_limit,
            jobs: self.jobs,
            processes: self.processes.filter(|&count| count > 0),
            memory_limit: self.memory_limit,
            queue: self.queue,
            timeout_ms: self.timeout.map(millis),
            expose_panics: self.expose_panics,
            capture: self.capture.map(|file| Capture {
                file,
                per_million: self.capture_per_million,
                ..Capture::default()
            }),
            ..Serve::default()
        }
    }
}

/// A router with a route for each model: `POST /models/ID` and its gRPC method, and the list of models
/// at `/models` and `/openapi.json`. It may be merged or nested, and has no fallback of its own. Who may
/// send requests is for the program to decide: the router asks for no token.
///
/// Plain models run on threads of the router; an `async fn` model runs on the runtime that serves the
/// request. Log lines go to the subscriber of the program.
///
/// ```
/// # use athena_rt::prelude::*;
/// # #[structure] struct Sample { #[default(2)] test: i64 }
/// # #[model] fn double(mut state: State<Sample>) -> State<Sample> { state.data.test *= 2; state }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = axum::Router::new()
///     .route("/own", axum::routing::get(|| async { "mine" }))
///     .merge(athena_rt::service::router(Default::default())?);
/// # let _: axum::Router = app;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A model of the settings does not exist; a variable is missing or invalid; the capture file can't be
/// opened; the program has model processes and does not call `athena_rt::init`, or is built with `panic = "abort"`.
pub fn router(settings: Settings) -> Result<Router> {
    let operations = settings.operations;
    let request = settings.into_request();
    let registry = Registry::collect()?;
    let service = super::build(&registry, Path::new(""), &request, None, Threads::Pool)?;
    // Nobody else has the lock that this waits for, so that it is done at once.
    let _ = pin!(service.begin_readiness()).poll(&mut Context::from_waker(Waker::noop()));
    Ok(mounted(&Arc::new(service), operations))
}

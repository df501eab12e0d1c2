//! The verbs of production, each behind a feature: a runner built without one names it.

use athena_protocol::{Collect, Exit, Mpi, Serve, Status, Submit, Work};

#[cfg(not(feature = "queue"))]
use athena_core::Error;
use athena_core::context::Context;
use athena_core::error::Result;
#[cfg(not(all(feature = "service", feature = "queue", feature = "mpi")))]
use athena_core::error::missing_feature;

/// The features that this program was built with.
pub(super) const FEATURES: &[&str] = &[
    #[cfg(feature = "service")]
    "service",
    #[cfg(feature = "queue")]
    "queue",
    #[cfg(feature = "amqp")]
    "amqp",
    #[cfg(feature = "nats")]
    "nats",
    #[cfg(feature = "redis")]
    "redis",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "otel")]
    "otel",
    #[cfg(feature = "mpi")]
    "mpi",
];

#[cfg(feature = "service")]
pub(super) fn serve(context: &Context<'_>, request: &Serve) -> Result<Exit> {
    athena_service::serve(context.registry, context.fixtures, request)
}

#[cfg(not(feature = "service"))]
pub(super) fn serve(_: &Context<'_>, _: &Serve) -> Result<Exit> {
    Err(missing_feature("service"))
}

#[cfg(feature = "queue")]
pub(super) fn work(context: &Context<'_>, request: &Work) -> Result<Exit> {
    athena_queue::work(context.registry, context.fixtures, request)
}

#[cfg(feature = "queue")]
pub(super) fn submit(context: &Context<'_>, request: &Submit) -> Result<Exit> {
    athena_queue::submit(context.registry, context.package_root, context.quiet, request)
}

#[cfg(feature = "queue")]
pub(super) fn collect(context: &Context<'_>, request: &Collect) -> Result<Exit> {
    athena_queue::collect(context.registry, request)
}

#[cfg(feature = "queue")]
pub(super) fn status(request: &Status) -> Result<Exit> {
    athena_queue::status(request)
}

#[cfg(not(feature = "queue"))]
pub(super) fn status(request: &Status) -> Result<Exit> {
    Err(without_broker(&request.queue))
}

#[cfg(feature = "mpi")]
pub(super) fn mpi(context: &Context<'_>, request: &Mpi) -> Result<Exit> {
    use athena_mpi::{JobContext, run};
    let job_context = JobContext {
        registry: context.registry,
        fixtures: context.fixtures,
        quiet: context.quiet,
        report_error: super::print_error,
    };
    run(&job_context, request)
}

#[cfg(not(feature = "mpi"))]
pub(super) fn mpi(_: &Context<'_>, _: &Mpi) -> Result<Exit> {
    Err(missing_feature("mpi").help(
        "build with --features athena-rt/mpi, or in Cargo.toml: athena-rt = { .., features = [\"mpi\"] }; \
         Debian has Open MPI as openmpi-bin and libopenmpi-dev, and libclang-dev is needed to build",
    ))
}

#[cfg(not(feature = "queue"))]
pub(super) fn work(_: &Context<'_>, request: &Work) -> Result<Exit> {
    Err(without_broker(&request.from))
}

#[cfg(not(feature = "queue"))]
pub(super) fn submit(_: &Context<'_>, request: &Submit) -> Result<Exit> {
    Err(without_broker(&request.to))
}

#[cfg(not(feature = "queue"))]
pub(super) fn collect(_: &Context<'_>, request: &Collect) -> Result<Exit> {
    Err(without_broker(&request.from))
}

/// The error for a queue of a broker that this program was built without.
#[cfg(not(feature = "queue"))]
fn without_broker(url: &str) -> Error {
    match athena_protocol::broker_of(url) {
        Some(known) => missing_feature(known.feature),
        None => Error::usage(format!("{} is not a queue", athena_core::display::mask_url(url)))
            .help(format!("a queue is {}", athena_protocol::known_brokers())),
    }
}

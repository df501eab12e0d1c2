//! The verbs of production, each behind a feature: a runner built without one names it.

use athena_protocol::{Collect, Exit, Mpi, Serve, Submit, Work};

use crate::error::{Error, Result};
use crate::record::Context;

/// The features that this program was built with.
pub(super) const FEATURES: &[&str] = &[
    #[cfg(feature = "service")]
    "service",
    #[cfg(feature = "nats")]
    "nats",
    #[cfg(feature = "redis")]
    "redis",
    #[cfg(feature = "mpi")]
    "mpi",
];

#[cfg(feature = "service")]
pub(super) fn serve(context: &Context<'_>, request: &Serve) -> Result<Exit> {
    crate::engine::service::serve(context.registry, context.fixtures, request)
}

#[cfg(not(feature = "service"))]
pub(super) fn serve(_: &Context<'_>, _: &Serve) -> Result<Exit> {
    Err(without("service"))
}

#[cfg(feature = "queue")]
pub(super) fn work(context: &Context<'_>, request: &Work) -> Result<Exit> {
    crate::engine::queue::work(context.registry, context.fixtures, request)
}

#[cfg(feature = "queue")]
pub(super) fn submit(context: &Context<'_>, request: &Submit) -> Result<Exit> {
    crate::engine::queue::submit(context.registry, context.package_root, context.quiet, request)
}

#[cfg(feature = "queue")]
pub(super) fn collect(context: &Context<'_>, request: &Collect) -> Result<Exit> {
    crate::engine::queue::collect(context.registry, request)
}

#[cfg(feature = "mpi")]
pub(super) fn mpi(context: &Context<'_>, request: &Mpi) -> Result<Exit> {
    use crate::engine::mpi::{Surroundings, run};
    let around = Surroundings {
        registry: context.registry,
        fixtures: context.fixtures,
        quiet: context.quiet,
        report: super::print_error,
    };
    run(&around, request)
}

#[cfg(not(feature = "mpi"))]
pub(super) fn mpi(_: &Context<'_>, _: &Mpi) -> Result<Exit> {
    Err(without("mpi").help(
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

/// The feature that a queue needs; what is no queue needs none.
#[cfg(not(feature = "queue"))]
fn without_broker(url: &str) -> Error {
    match url.split_once("://") {
        Some(("nats" | "tls", _)) => without("nats"),
        Some(("redis" | "rediss", _)) => without("redis"),
        _ => Error::usage(format!("{} is no queue", crate::printable::masked(url)))
            .help("a queue is redis://HOST:PORT/KEY or nats://HOST:PORT/SUBJECT"),
    }
}

/// What to do about a feature that the program was built without.
#[cfg_attr(
    all(feature = "service", feature = "nats", feature = "redis", feature = "mpi"),
    expect(dead_code, reason = "it has them all")
)]
pub(crate) fn without(feature: &str) -> Error {
    Error::usage(format!("this program was built without the feature `{feature}` of athena-rt"))
        .help(format!(
            "in Cargo.toml: athena-rt = {{ .., features = [\"{feature}\"] }}; or build with --features athena-rt/{feature}"
        ))
}

//! `cargo athena serve`

use athena_protocol::{Exit, Serve, Verb};

use super::choose::one_runner;
use super::{captured, environments, millis};
use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Builds the runner that has the models, and hands over to it.
pub(crate) fn run(verb: cli::Serve, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let (runner, models) = one_runner(&catalog, &verb.models, "a service")?;
    let request = Serve {
        models,
        listen: verb.listen,
        environments: environments(verb.environment),
        allow_env_override: verb.allow_env_override,
        tls_cert: verb.tls_cert,
        tls_key: verb.tls_key,
        token_file: verb.token_file,
        allow_anonymous: verb.allow_anonymous,
        body_limit: verb.body_limit,
        jobs: verb.jobs.map(Into::into),
        queue: verb.queue,
        timeout_ms: verb.timeout.map(millis),
        grace_ms: verb.grace.map(millis),
        expose_panics: verb.expose_panics,
        capture: captured(verb.capture),
    };
    session.exec_runner(&catalog.runners[runner], Verb::Serve(request))
}

//! `cargo athena serve`

use std::time::Duration;

use athena_protocol::{Exit, Serve, Verb};

use super::environments;
use crate::catalog::Catalog;
use crate::cli;
use crate::error::{Error, Result};
use crate::session::Session;

/// Builds the runner that has the models, and hands over to it.
pub(crate) fn run(verb: cli::Serve, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let (runner, models) = choose(&catalog, &verb.models)?;
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
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
        capture: None,
    };
    session.hand_over(&catalog.runners[runner], Verb::Serve(request))
}

/// The one runner that has the models, and their ids.
fn choose(catalog: &Catalog, names: &[String]) -> Result<(usize, Vec<String>)> {
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(catalog.find(name)?);
    }
    if names.is_empty() {
        wanted.extend(&catalog.models);
    }
    let runner = wanted.first().map_or(0, |model| model.runner);
    if let Some(other) = wanted.iter().find(|model| model.runner != runner) {
        let place = |runner: usize| catalog.runners[runner].target.describe();
        return Err(Error::usage("a service is one runner, and these models have several")
            .cause(format!("{} is in {}", wanted[0].info.id, place(runner)))
            .cause(format!("{} is in {}", other.info.id, place(other.runner)))
            .help("name models of one runner, or select it: --bin NAME"));
    }
    Ok((runner, wanted.iter().map(|model| model.info.id.clone()).collect()))
}

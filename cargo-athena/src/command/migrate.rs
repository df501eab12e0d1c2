//! `cargo athena migrate`

use athena_protocol::{Exit, Migrate, Verb};

use crate::cli;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has one runner go through all cases.
pub(crate) fn run(verb: cli::Migrate, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let request = Migrate { dry_run: verb.dry_run };
    Ok(Exit::of(session.ask(catalog.any_runner(), Verb::Migrate(request))?.exit))
}

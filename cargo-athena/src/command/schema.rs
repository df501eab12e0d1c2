//! `cargo athena schema`

use athena_protocol::{Exit, Schema, Verb};

use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has the model's runner print the schema of its messages.
pub(crate) fn run(Built { args, build }: Built<Schema>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    session.ask_model(Verb::Schema(args))
}

//! `cargo athena submit`

use athena_protocol::{Exit, Submit, Verb};

use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has the model's runner put messages into a queue.
pub(crate) fn run(Built { args, build }: Built<Submit>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    session.ask_model(Verb::Submit(args))
}

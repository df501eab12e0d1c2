//! `cargo athena mv`

use athena_protocol::{Exit, Move, Verb};

use super::exit;
use crate::cli;
use crate::error::{Result, say};
use crate::session::Session;
use crate::style::Style;

/// Has one runner rename the cases.
pub(crate) fn run(verb: cli::Mv, output: cli::Output) -> Result<Exit> {
    let style = Style::of_stderr(output.color);
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let model = catalog.models.iter().find(|model| model.info.id == verb.new);
    if model.is_none() && !session.is_quiet() {
        say(&format!(
            "{} no model has the id `{}` yet: until one has, its cases fail",
            style.warning("warning:"),
            verb.new
        ));
    }
    let runner = &catalog.runners[model.map_or(0, |model| model.runner)];
    let request = Move { old: verb.old, new: verb.new };
    Ok(exit(session.ask(runner, Verb::Move(request))?.exit))
}

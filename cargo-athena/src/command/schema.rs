//! `cargo athena schema`

use athena_protocol::{Exit, Schema, SchemaFormat, Verb};

use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Prints the schema of a model.
pub(crate) fn run(verb: cli::Schema, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let (catalog, model) = session.find(&verb.model)?;
    let request = Schema {
        model: catalog.models[model].info.id.clone(),
        format: match verb.format {
            cli::SchemaFormat::Proto => SchemaFormat::Proto,
            cli::SchemaFormat::JsonSchema => SchemaFormat::JsonSchema,
            cli::SchemaFormat::Text => SchemaFormat::Text,
        },
    };
    Ok(Exit::of(session.ask_for(&catalog, model, Verb::Schema(request))?.exit))
}

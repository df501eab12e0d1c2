//! `cargo athena schema`

use athena_protocol::{Exit, Schema, Verb};

use crate::cli::{Built, ImportSchema, SchemaVerb};
use crate::console::{print, print_status};
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::proto_import;
use crate::session::Session;

/// Prints the schema of a model, or imports one.
pub(crate) fn run(verb: SchemaVerb, output: OutputOptions) -> Result<Exit> {
    match verb {
        SchemaVerb::Show(verb) => show(*verb, output),
        SchemaVerb::Import(typed) => import(&typed),
    }
}

/// Has the model's runner print the schema of its messages.
fn show(Built { args, build }: Built<Schema>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    session.ask_model(Verb::Schema(args))
}

/// Writes Rust structures for `.proto` files.
fn import(typed: &ImportSchema) -> Result<Exit> {
    let text = proto_import::import(&typed.files, &typed.includes)?;
    let Some(path) = &typed.out else {
        print(&text)?;
        return Ok(Exit::Success);
    };
    // What is there may have been changed by hand.
    let file = std::fs::File::create_new(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::usage(format!("{} exists", path.display()))
            .help("remove it, or import into another file and compare"),
        _ => Error::unwritable(path, error),
    })?;
    std::io::Write::write_all(&mut file, text.as_bytes())
        .map_err(|error| Error::unwritable(path, error))?;
    print_status(&format!("wrote {}", path.display()));
    Ok(Exit::Success)
}

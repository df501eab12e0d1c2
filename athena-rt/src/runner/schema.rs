//! The schema of a model, or of all, printed.

use athena_protocol::{Schema, SchemaFormat};

use super::stdout;
use athena_cases::schema_lock;
use athena_core::error::{Error, Result};
use athena_core::registry::{Entry, Registry};
use athena_structure::DeclaredOrder;
use athena_structure::schema::{json_schema, proto_with, services, text};

/// Prints the messages that a model accepts and returns; those of all models if none is named.
pub(super) fn print(registry: &Registry, Schema { model, format }: &Schema) -> Result<()> {
    let entries = chosen(registry, model, *format)?;
    let Some(first) = entries.first() else { return Err(Error::nothing("no model is linked")) };
    let package = first.model.source().package;
    let schema = schema_lock::schema(package, entries.iter())?;
    let written = match format {
        SchemaFormat::Proto => {
            let called = entries.iter().map(|entry| {
                let source = entry.model.source();
                (source.package, entry.id.as_str(), source.many)
            });
            proto_with(&schema, &services(&schema, called))
        }
        SchemaFormat::Text => text(&schema),
        SchemaFormat::JsonSchema => {
            let value = json_schema(&schema, &first.id);
            let text = serde_json::to_string_pretty(&DeclaredOrder(&value))
                .map_err(|error| Error::failure(error.to_string()))?;
            text + "\n"
        }
    };
    stdout::print(&written)
}

/// The named model, or all of a program. A JSON Schema is that of one message, so it needs one model; a
/// `.proto` file has one package.
fn chosen<'a>(registry: &'a Registry, model: &str, format: SchemaFormat) -> Result<&'a [Entry]> {
    let all = registry.entries();
    if model.is_empty() && format != SchemaFormat::JsonSchema {
        let package = |entry: &Entry| entry.model.source().package;
        return match all.iter().find(|entry| package(entry) != package(&all[0])) {
            None => Ok(all),
            Some(other) => Err(Error::usage(format!(
                "the program has models of `{}` and of `{}`, which are schemas of their own",
                package(&all[0]),
                package(other)
            ))
            .help("name a model")),
        };
    }
    registry.find(model).map(std::slice::from_ref)
}

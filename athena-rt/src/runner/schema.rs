//! The schema of one model, printed.

use std::io::Write as _;

use athena_protocol::{Schema, SchemaFormat};

use athena_cases::schema_lock;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_structure::schema::{json_schema, proto_with, services, text};

/// Prints the messages that a model accepts and returns.
pub(super) fn print(registry: &Registry, Schema { model, format }: &Schema) -> Result<()> {
    let entry = registry.find(model)?;
    let source = entry.model.source();
    let schema = schema_lock::schema(source.package, std::iter::once(entry))?;
    let written = match format {
        SchemaFormat::Proto => {
            let called = std::iter::once((entry.id.as_str(), source.many));
            proto_with(&schema, &services(&schema, source.package, called))
        }
        SchemaFormat::Text => text(&schema),
        SchemaFormat::JsonSchema => {
            let value = json_schema(&schema, &entry.id);
            let text = serde_json::to_string_pretty(&value)
                .map_err(|error| Error::failure(error.to_string()))?;
            text + "\n"
        }
    };
    match std::io::stdout().lock().write_all(written.as_bytes()) {
        // A closed pipe is not an error.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failure(format!("can't write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

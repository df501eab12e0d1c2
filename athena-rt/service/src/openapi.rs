//! The `OpenAPI` 3.1 document, from the schemas of the models.

use serde_json::{Map, Value, json};

use super::content::Content;
use super::models::{Models, ServedModel};
use athena_cases::schema_lock;
use athena_core::error::Result;
use athena_structure::schema::{Schema, json_schema};

/// The path of definitions in JSON Schema.
const JSON_SCHEMA_PATH: &str = "#/$defs/";
/// The path of definitions in `OpenAPI`.
const OPENAPI_PATH: &str = "#/components/schemas/";

/// The document of all models.
pub(super) fn document(models: &Models, needs_token: bool) -> Result<String> {
    let first = models.iter().next().map_or("", |model| model.entry().model.source().package);
    let schema = schema_lock::schema(first, models.iter().map(|model| model.entry()))?;
    let mut definitions = json_schema(&schema, "")["$defs"].take();
    relocate(&mut definitions);
    let paths: Map<String, Value> = models
        .iter()
        .map(|model| (format!("/models/{}", model.id()), json!({ "post": post(model, &schema) })))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": first, "version": "1" },
        "paths": paths,
        "components": { "schemas": definitions, "responses": { "Problem": problem() } },
    });
    if needs_token {
        document["components"]["securitySchemes"] =
            json!({ "token": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "token": [] }]);
    }
    // Whatever order serde_json keeps.
    document.sort_all_objects();
    Ok(document.to_string())
}

fn post(model: &ServedModel, schema: &Schema) -> Value {
    let schema_of = |input: bool| match schema.data_of(model.id(), input) {
        Some(name) => json!({ "$ref": format!("{OPENAPI_PATH}{name}") }),
        None => json!({}),
    };
    let input = schema_of(true);
    let output = if model.is_many() {
        json!({ "type": "array", "items": schema_of(false) })
    } else {
        schema_of(false)
    };
    let bodies = |schema: &Value| {
        json!({
            (Content::Json.name()): { "schema": schema },
            (Content::Protobuf.name()): {},
            // One message per line; OpenAPI has no schema for that before 3.2.
            (Content::NdJson.name()): {},
        })
    };
    let docs = model.entry().model.source().docs;
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut post = json!({
        "operationId": model.id(),
        "summary": docs.lines().next().unwrap_or_default(),
        "requestBody": { "required": true, "content": bodies(&input) },
        "responses": {
            "200": { "description": "The output of the model.", "content": bodies(&output) },
            "422": problem,
            "default": problem,
        },
    });
    if !docs.is_empty() {
        post["description"] = docs.into();
    }
    post
}

fn problem() -> Value {
    json!({
        "description": "The request failed. 422: the message does not match the input of the model, or the model returned an error.",
        "content": { "application/problem+json": { "schema": {
            "type": "object",
            "properties": {
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "detail": { "type": "string" },
                "failure": { "type": "string", "description": "The kind of failure, one word." },
                "pointer": { "type": "string", "description": "The JSON pointer of the invalid value." },
                "line": { "type": "integer" },
                "column": { "type": "integer" },
                "error": {
                    "type": "object",
                    "description": "The error that the model returned.",
                    "properties": { "kind": { "type": "string" }, "message": { "type": "string" } },
                },
                "outputs": { "type": "array", "description": "The outputs of the model before the error." },
            },
            "required": ["title", "status", "detail", "failure"],
        } } },
    })
}

fn relocate(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match value {
                    Value::String(text) if key == "$ref" => {
                        *text = text.replacen(JSON_SCHEMA_PATH, OPENAPI_PATH, 1);
                    }
                    _ => relocate(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(relocate),
        _ => {}
    }
}

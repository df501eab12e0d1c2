//! The `OpenAPI` 3.1 document, from the schemas of the models.

use serde_json::{Map, Value, json};

use super::content::Content;
use super::models::{Models, ServedModel};
use super::routes;
use athena_cases::schema_lock;
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_structure::schema::{Schema, identifiers, json_schema};
use athena_structure::{DeclaredOrder, example};

/// The path of definitions in JSON Schema.
const JSON_SCHEMA_PATH: &str = "#/$defs/";
/// The path of definitions in `OpenAPI`.
const OPENAPI_PATH: &str = "#/components/schemas/";
/// The schema of a failed request. No type of Rust has such a name.
const PROBLEM: &str = "athena.Problem";

/// The document of all models.
pub(super) fn document(models: &Models, needs_token: bool) -> Result<String> {
    let first = models.iter().next().map(|model| model.entry().model.source());
    let (package, version) = first.map_or(("", ""), |source| (source.package, source.version));
    let schema = schema_lock::schema(package, models.iter().map(|model| model.entry()))?;
    let mut definitions = json_schema(&schema, "")["$defs"].take();
    relocate(&mut definitions);
    definitions[PROBLEM] = problem();
    let operations = identifiers(models.iter().map(|model| model.id()));
    let paths: Map<String, Value> = models
        .iter()
        .map(|model| {
            let operation = operations.get(model.id()).map(String::as_str).unwrap_or_default();
            let post = post(model, operation, &schema);
            (routes::of_model(model.id()), json!({ "post": post }))
        })
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": package, "version": version },
        "paths": paths,
        "components": { "schemas": definitions, "responses": { "Problem": {
            "description": "The request failed. 422: the message does not match the input of the model, or the model returned an error.",
            "content": { "application/problem+json": { "schema": {
                "$ref": format!("{OPENAPI_PATH}{PROBLEM}"),
            } } },
        } } },
    });
    if needs_token {
        document["components"]["securitySchemes"] =
            json!({ "token": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "token": [] }]);
    }
    serde_json::to_string(&DeclaredOrder(&document))
        .map_err(|error| Error::failure(error.to_string()))
}

fn post(model: &ServedModel, operation: &str, schema: &Schema) -> Value {
    let schema_of = |input: bool| match schema.data_of(model.id(), input) {
        Some(name) => json!({ "$ref": format!("{OPENAPI_PATH}{name}") }),
        None => json!({}),
    };
    let output = if model.is_many() {
        json!({ "type": "array", "items": schema_of(false) })
    } else {
        schema_of(false)
    };
    let bodies = |schema: &Value| {
        json!({
            (Content::Json.name()): { "schema": schema },
            (Content::Protobuf.name()): { "schema": { "type": "string", "format": "binary" } },
            (Content::NdJson.name()): { "schema": {
                "type": "string",
                "description": "One message of application/json per line.",
            } },
        })
    };
    let mut request = bodies(&schema_of(true));
    // Which text a type of another crate reads is known to that type only.
    let example = example(&model.entry().model.input_type());
    let text = serde_json::to_string(&DeclaredOrder(&example)).unwrap_or_default();
    if model.entry().model.check(Message::Json(&text)).is_ok() {
        request[Content::Json.name()]["example"] = example;
    }
    let source = model.entry().model.source();
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut post = json!({
        "operationId": operation,
        "summary": source.docs.lines().next().unwrap_or_default(),
        "requestBody": { "required": true, "content": request },
        "responses": {
            "200": { "description": "The output of the model.", "content": bodies(&output) },
            "422": problem,
            "default": problem,
        },
    });
    // A summary says it all where there is only one line.
    if source.docs.lines().count() > 1 {
        post["description"] = source.docs.into();
    }
    post
}

fn problem() -> Value {
    let text = || json!({ "type": "string" });
    let about = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "properties": {
            "title": text(),
            "status": { "type": "integer" },
            "detail": text(),
            "failure": about("The kind of failure, one word."),
            "pointer": about("The JSON pointer of the invalid value."),
            "line": { "type": "integer" },
            "column": { "type": "integer" },
            "id": about("The id of the request in the service's log."),
            "error": {
                "type": "object",
                "description": "The error that the model returned.",
                "properties": { "kind": text(), "message": text() },
                "required": ["kind", "message"],
            },
            "outputs": {
                "type": "array",
                "items": {},
                "description": "The outputs of the model before the error.",
            },
        },
        "required": ["title", "status", "detail", "failure"],
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

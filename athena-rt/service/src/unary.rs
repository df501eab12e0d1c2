//! One message: `POST /models/{id}`.

use std::sync::Arc;

use athena_protocol::{Format, json};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::app::App;
use super::cloudevents::CloudEvent;
use super::content::Content;
use super::execute::Execution;
use super::models::ServedModel;
use super::problem::Problem;
use super::trace_context::TraceContext;
use super::{body, ndjson};
use athena_core::outcome::Outcome;

/// Answers a message, or a stream of messages; also returns the model, if it exists.
pub(super) async fn answer(
    app: &Arc<App>,
    id: &str,
    trace: &TraceContext,
    request: &mut Request,
) -> (Response, Option<Arc<ServedModel>>) {
    let model = match app.models.find(id) {
        Ok(model) => Arc::clone(model),
        Err(error) => {
            Box::pin(body::drain(request)).await;
            return (Problem::no_model(&error).into_response(), None);
        }
    };
    let response = respond(app, &model, trace, request).await;
    (response.unwrap_or_else(IntoResponse::into_response), Some(model))
}

async fn respond(
    app: &Arc<App>,
    model: &Arc<ServedModel>,
    trace: &TraceContext,
    request: &mut Request,
) -> Result<Response, Problem> {
    let (given, wanted) = match contents(request.headers()) {
        Ok(contents) => contents,
        Err(problem) => {
            Box::pin(body::drain(request)).await;
            return Err(problem);
        }
    };
    let mut body = std::mem::take(request.body_mut());
    if given == Content::NdJson {
        return ndjson::answer(app, model, trace, body);
    }
    let headers = request.headers();
    let memory = app.body_memory.hold();
    let body = body::read(headers, &mut body, &app.limits, app.scheduler.timers(), &memory).await?;
    let (event, message, format) = if given == Content::CloudEvent {
        let (event, message, format) = CloudEvent::from_body(&body)?;
        (Some(event), message, format)
    } else {
        (CloudEvent::from_headers(headers)?, body, given.format())
    };
    let execution = Execution {
        model: Arc::clone(model),
        message,
        format,
        output_format: wanted.format(),
        time_limit: app.limits.timeout,
    };
    let is_many = model.is_many();
    let finish = move |outcome| to_body(outcome, wanted, is_many);
    let result = execution.run(app, trace, finish).await.flatten();
    let outcome = match (result, given) {
        (Err(problem), Content::CloudEvent) => return Err(problem.prefix_pointer("/data")),
        (result, _) => result?,
    };
    let body = match (&event, wanted) {
        (Some(event), Content::CloudEvent) => event.wrap(model.id(), trace, &outcome),
        _ => outcome,
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, wanted.header_value());
    if let Some(event) = event.filter(|_| wanted != Content::CloudEvent) {
        event.add_headers(model.id(), response.headers_mut());
    }
    Ok(response)
}

/// What a request has, and what its response is to have.
fn contents(headers: &HeaderMap) -> Result<(Content, Content), Problem> {
    Content::check_encoding(headers)?;
    let given = Content::from_headers(headers)?;
    Ok((given, Content::negotiate(headers, given)?))
}

/// The body of a response, as the client asked for it.
fn to_body(mut outcome: Outcome, wanted: Content, is_many: bool) -> Result<Vec<u8>, Problem> {
    if let Some(error) = outcome.error.take() {
        let outputs = match outcome.format {
            Format::Json => outcome.messages().flat_map(json::parse).collect(),
            Format::Protobuf => Vec::<Value>::new(),
        };
        return Err(Problem::from_model_error(&error, outputs));
    }
    if outcome.single().is_some() && !is_many && wanted != Content::NdJson {
        return Ok(outcome.into_parts().0);
    }
    let mut out = Vec::new();
    match wanted {
        Content::NdJson | Content::Protobuf => outcome.write_stream(&mut out),
        Content::Json | Content::CloudEvent => outcome.write_array(&mut out),
    }
    Ok(out)
}

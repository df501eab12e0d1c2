//! One message: `POST /models/{id}`.

use std::sync::Arc;

use athena_protocol::Format;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::app::App;
use super::content::Content;
use super::event::Event;
use super::ids::Ids;
use super::job::Job;
use super::models::Served;
use super::problem::Problem;
use super::{body, lines};
use athena_core::outcome::Outcome;

/// Answers a message, or a stream of them; and says which model it was for.
pub(super) async fn call(
    app: &Arc<App>,
    id: &str,
    ids: &Ids,
    request: Request,
) -> (Response, Option<Arc<Served>>) {
    let model = match app.models.find(id) {
        Ok(model) => Arc::clone(model),
        Err(error) => return (Problem::no_model(&error).into_response(), None),
    };
    let answer = answer(app, &model, ids, request).await;
    (answer.unwrap_or_else(IntoResponse::into_response), Some(model))
}

async fn answer(
    app: &Arc<App>,
    model: &Arc<Served>,
    ids: &Ids,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let given = Content::of(&head.headers)?;
    let wanted = Content::wanted(&head.headers, given)?;
    if given == Content::Lines {
        return lines::answer(app, model, ids, body);
    }
    let body = body::read(&head.headers, body, &app.limits).await?;
    let (event, message, format) = if given == Content::Event {
        let (event, message, format) = Event::structured(&body)?;
        (Some(event), message, format)
    } else {
        (Event::binary(&head.headers)?, body, given.format())
    };
    let job = Job {
        model: Arc::clone(model),
        message,
        format,
        wanted: wanted.format(),
        limit: app.limits.timeout,
    };
    let is_many = model.is_many();
    let ran = job.run(app, ids, move |outcome| written(outcome, wanted, is_many)).await;
    let ran = ran.and_then(|written| written);
    let outcome = match (ran, given) {
        (Err(problem), Content::Event) => return Err(problem.below("/data")),
        (ran, _) => ran?,
    };
    let body = match (&event, wanted) {
        (Some(event), Content::Event) => event.wrap(model.id(), ids, &outcome),
        _ => outcome,
    };
    let mut response = Response::new(Body::from(body));
    let kind = HeaderValue::from_static(wanted.name());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Some(event) = event.filter(|_| wanted != Content::Event) {
        event.headers(model.id(), response.headers_mut());
    }
    Ok(response)
}

/// What a model gave, as it was asked for.
fn written(mut outcome: Outcome, wanted: Content, is_many: bool) -> Result<Vec<u8>, Problem> {
    if let Some(error) = outcome.error.take() {
        let outputs = match outcome.format {
            Format::Json => outcome.messages().flat_map(serde_json::from_str).collect(),
            Format::Protobuf => Vec::<Value>::new(),
        };
        return Err(Problem::returned(&error, outputs));
    }
    if outcome.single().is_some() && !is_many && wanted != Content::Lines {
        return Ok(outcome.into_parts().0);
    }
    let mut out = Vec::new();
    match wanted {
        Content::Lines | Content::Protobuf => outcome.write_stream(&mut out),
        Content::Json | Content::Event => outcome.write_array(&mut out),
    }
    Ok(out)
}

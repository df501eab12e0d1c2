//! One message: `POST /models/{id}`.

use std::sync::Arc;

use athena_protocol::Format;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tracing::Instrument as _;

use super::app::App;
use super::content::Content;
use super::event::Event;
use super::ids::Ids;
use super::metrics::Fate;
use super::models::Served;
use super::problem::Problem;
use super::{body, lines};
use crate::invoke::Failure;
use crate::outcome::Outcome;

/// Answers a message, or a stream of them.
pub(super) async fn call(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(ids): Extension<Ids>,
    request: Request,
) -> Response {
    let model = match app.models.find(&id) {
        Ok(model) => Arc::clone(model),
        Err(error) => return Problem::no_model(&error).into_response(),
    };
    let answer = answer(&app, &model, &ids, request).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    // For the counts.
    response.extensions_mut().insert(model);
    response
}

/// A message on its way to the model.
struct Job {
    model: Arc<Served>,
    message: axum::body::Bytes,
    format: Format,
    wanted: Content,
    expose_panics: bool,
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
    let expose_panics = app.expose_panics;
    let job = Job { model: Arc::clone(model), message, format, wanted, expose_panics };
    let span = ids.span(model.id());
    let ran = if model.is_async() {
        app.run_async(job.run_async().instrument(span)).await
    } else {
        app.run(move || span.in_scope(|| job.run())).await
    };
    let (fate, ran) = match ran {
        Ok(done) => done,
        Err(problem) => {
            if problem.is_late() {
                model.meter.message(Fate::Late);
            }
            return Err(problem);
        }
    };
    model.meter.message(fate);
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

impl Job {
    /// Runs on the pool.
    fn run(self) -> (Fate, Result<Vec<u8>, Problem>) {
        let mut outcome = Outcome::of(self.wanted.format());
        let handled = self.model.handle(&self.message, self.format, &mut outcome);
        self.tell(outcome, handled)
    }

    /// Runs on the reactor.
    async fn run_async(self) -> (Fate, Result<Vec<u8>, Problem>) {
        let outcome = Outcome::of(self.wanted.format());
        let (outcome, handled) = self.model.handle_async(&self.message, self.format, outcome).await;
        self.tell(outcome, handled)
    }

    fn tell(
        &self,
        mut outcome: Outcome,
        handled: Result<(), Failure>,
    ) -> (Fate, Result<Vec<u8>, Problem>) {
        if let Err(failure) = handled {
            note(&failure);
            let problem = Problem::failed(&failure, &self.message, self.format, self.expose_panics);
            return (Fate::Failed, Err(problem));
        }
        match outcome.error.take() {
            None => (Fate::Given, Ok(self.write(&outcome))),
            Some(error) => {
                tracing::info!(kind = error.kind, "{}", error.message);
                let outputs = match outcome.format {
                    Format::Json => outcome.messages().flat_map(serde_json::from_str).collect(),
                    Format::Protobuf => Vec::<Value>::new(),
                };
                (Fate::Returned, Err(Problem::returned(&error, outputs)))
            }
        }
    }

    fn write(&self, outcome: &Outcome) -> Vec<u8> {
        let mut out = Vec::new();
        match (self.wanted, outcome.single()) {
            (Content::Lines, _) => outcome.write_stream(&mut out),
            (_, Some(single)) if !self.model.is_many() => out.extend_from_slice(single),
            (Content::Protobuf, _) => outcome.write_stream(&mut out),
            _ => outcome.write_array(&mut out),
        }
        out
    }
}

/// What is wrong with a model is for its keepers, what is wrong with a message for its sender.
pub(super) fn note(failure: &Failure) {
    match failure {
        Failure::Message(error) => tracing::info!("{error}"),
        Failure::Panic(_) | Failure::Outcome(_) => tracing::error!("{failure}"),
    }
}

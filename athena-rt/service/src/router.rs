//! The addresses of a service, and what happens around every request: ids, the token, counts, logs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use super::app::{App, Stage};
use super::call::call;
use super::grpc::{self, Counted};
use super::ids::{Ids, REQUEST_ID, TRACEPARENT};
use super::metrics;
use super::models::Served;
use super::page::page;
use super::problem::Problem;

/// What can be asked without a token: whether the service is well, and a page without secrets.
const OPEN: [&str; 5] = ["/", "/healthz", "/readyz", grpc::HEALTH_CHECK, grpc::HEALTH_WATCH];

/// Every address.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(counts))
        .route("/openapi.json", get(document))
        .route("/models", get(list))
        .route("/models/{id}", post(routed))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// Answers a request.
pub(super) async fn answer(
    app: Arc<App>,
    router: Router,
    request: axum::http::Request<Incoming>,
) -> Result<Response, Infallible> {
    let began = Instant::now();
    let _in_flight = app.enter();
    let mut request = request.map(Body::new);
    let ids = Ids::of(request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let is_old = request.version() < Version::HTTP_2;
    let is_grpc = !is_old && grpc::is_asked(request.headers());
    let token = app.token.as_ref().filter(|_| !OPEN.contains(&uri.path()));
    let (mut response, model) = if token.is_some_and(|token| !token.is_borne(request.headers())) {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "token", "it takes a bearer token")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        (if is_grpc { grpc::refused(&problem) } else { problem.into_response() }, None)
    } else if is_grpc {
        counted(Box::pin(grpc::answer(&app, &ids, request)).await)
    } else if let Some(id) = called(&method, uri.path()) {
        call(&app, id, &ids, request).await
    } else {
        request.extensions_mut().insert(ids.clone());
        let Ok(response) = Box::pin(TowerToHyperService::new(router).call(request)).await;
        counted(response)
    };
    let is_counted_as = response.extensions_mut().remove::<Counted>();
    let status = is_counted_as.map_or(response.status(), |Counted(status)| status).as_u16();
    let took = began.elapsed();
    match &model {
        Some(model) => model.meter.request(status, took),
        None => app.others.request(status, took),
    }
    let (id, trace, path) = (&ids.request, ids.trace(), uri.path());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::warn!(%method, path, status, micros, id, trace);
    } else {
        tracing::info!(%method, path, status, micros, id, trace);
    }
    let headers = response.headers_mut();
    for (name, value) in [(REQUEST_ID, ids.request), (TRACEPARENT, ids.traceparent)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    // Clients look for another instance before this one is gone.
    if is_old && (!app.is_ready() || *app.stage.borrow() > Stage::Open) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// The model that is called, where the router has nothing to decide: nearly every request, and the
/// router takes longer than a small model.
fn called<'a>(method: &Method, path: &'a str) -> Option<&'a str> {
    let id = path.strip_prefix("/models/").filter(|_| method == Method::POST)?;
    (!id.is_empty() && !id.contains(['/', '%'])).then_some(id)
}

/// An answer, and the model that it counts for.
fn counted(mut response: Response) -> (Response, Option<Arc<Served>>) {
    let model = response.extensions_mut().remove::<Arc<Served>>();
    (response, model)
}

async fn routed(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(ids): Extension<Ids>,
    request: Request,
) -> Response {
    let (mut response, model) = call(&app, &id, &ids, request).await;
    if let Some(model) = model {
        // For the counts.
        response.extensions_mut().insert(model);
    }
    response
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.is_ready() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response()
}

async fn counts(State(app): State<Arc<App>>) -> Response {
    let kind = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    ([kind], metrics::text(&app)).into_response()
}

async fn document(State(app): State<Arc<App>>) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], app.document.clone()).into_response()
}

async fn list(State(app): State<Arc<App>>) -> Response {
    let models: Vec<Value> = app.models.iter().map(|model| described(&app, model)).collect();
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], json!({ "models": models }).to_string()).into_response()
}

fn described(app: &App, model: &Served) -> Value {
    let source = model.entry().model.source();
    let variables = model.variables().iter().map(|variable| {
        json!({
            "name": variable.name,
            "kind": variable.kind,
            "docs": variable.docs,
            "required": variable.required,
            "secret": variable.secret,
        })
    });
    json!({
        "id": model.id(),
        "path": format!("/models/{}", model.id()),
        "grpc": app.grpc.path(model),
        "docs": source.docs,
        "many": source.many,
        "error": source.error,
        "environment": variables.collect::<Vec<_>>(),
    })
}

async fn nothing_here(uri: Uri) -> Problem {
    let detail = format!("there is nothing at {}: see /models and /openapi.json", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}

async fn wrong_method(method: Method) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", format!("{method} is not for here"))
}

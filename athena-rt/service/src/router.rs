//! The routes of a service, and what happens around every request: trace ids, the token, metrics and
//! the access log.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use serde_json::{Value, json};

use super::app::App;
use super::body;
use super::exposition::exposition;
use super::grpc::{self, CountedStatus, Grpc};
use super::host::Hosts;
use super::models::ServedModel;
use super::problem::Problem;
use super::request_span;
use super::routes;
use super::trace_context::{REQUEST_ID, TRACEPARENT, TraceContext};
use super::unary;
use athena_engine::token::Token;

/// Paths that need no token: health, and a page without secrets.
const PUBLIC: [&str; 5] =
    [routes::PAGE, routes::HEALTH, routes::READY, grpc::HEALTH_CHECK, grpc::HEALTH_WATCH];

/// Everything that answers requests.
pub(super) struct Service {
    pub(super) app: Arc<App>,
    pub(super) grpc: Grpc,
    pub(super) token: Option<Token>,
    /// The hosts that requests may name; `None` leaves that to the program around.
    pub(super) hosts: Option<Hosts>,
    /// The `OpenAPI` document.
    pub(super) openapi: String,
}

impl Service {
    /// Reports the service as healthy.
    pub(super) async fn begin_readiness(&self) {
        self.grpc.begin_health().await;
    }

    /// Reports the service as not ready.
    pub(super) async fn end_readiness(&self) {
        self.app.end_readiness();
        self.grpc.end_health().await;
    }
}

/// All routes of HTTP.
pub(super) fn router(service: Arc<Service>) -> Router {
    model_routes()
        .merge(operation_routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(service)
}

/// The routes of models, for a server of another program. Nothing else is answered, unless `operations`
/// asks for health, metrics and the page.
pub(super) fn mounted(service: &Arc<Service>, operations: bool) -> Router {
    let mut router = model_routes();
    for path in service.grpc.paths(operations) {
        router = router.route(path, any(not_grpc));
    }
    if operations {
        router = router.merge(operation_routes());
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(Arc::clone(service), around))
        .with_state(Arc::clone(service))
}

fn model_routes() -> Router<Arc<Service>> {
    Router::new()
        .route(routes::OPENAPI, get(openapi))
        .route(routes::PROTO, get(proto))
        .route(routes::MODELS, get(list))
        .route(routes::MODEL, post(run_model))
}

fn operation_routes() -> Router<Arc<Service>> {
    Router::new()
        .route(routes::PAGE, get(page))
        .route(routes::HEALTH, get(health))
        .route(routes::READY, get(ready))
        .route(routes::METRICS, get(metrics))
}

fn authorization(request: &Request) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()
}

async fn around(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let Ok(response) = answer(service, request, |request| next.run(request)).await;
    response
}

/// Answers a request; `route` answers what needs the router.
///
/// Each connection or stream holds this future, and moves it for each request, so that it should be small:
/// what few requests need is in a box.
#[allow(clippy::manual_async_fn, reason = "the future of an `async fn` holds its arguments twice")]
pub(super) fn answer<F: Future<Output = Response>>(
    service: Arc<Service>,
    mut request: Request,
    route: impl FnOnce(Request) -> F,
) -> impl Future<Output = Result<Response, Infallible>> {
    async move {
        let app = &service.app;
        let began = Instant::now();
        let _in_flight = app.enter();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let is_http1 = request.version() < Version::HTTP_2;
        let is_grpc = !is_http1 && grpc::is_call(request.headers());
        let span = request_span::begin(app, &service.grpc, &request, is_grpc);
        let trace = TraceContext::new(request.headers(), span.context().clone());
        let token = service.token.as_ref().filter(|_| !PUBLIC.contains(&uri.path()));
        let denied = service.hosts.as_ref().and_then(|hosts| hosts.check(&request).err());
        let denied = denied.or_else(|| {
            token.is_some_and(|token| !token.authorizes(authorization(&request))).then(|| {
                let detail = "a bearer token is required";
                Problem::new(StatusCode::UNAUTHORIZED, "token", detail)
                    .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            })
        });
        let (mut response, model) = if let Some(problem) = denied {
            Box::pin(body::drain(&mut request)).await;
            (if is_grpc { grpc::error(&problem) } else { problem.into_response() }, None)
        } else if is_grpc {
            Box::pin(grpc::answer(&service.grpc, app, &trace, &mut request)).await
        } else if let Some(id) = model_id(&method, uri.path()) {
            Box::pin(unary::answer(app, id, &trace, &mut request)).await
        } else {
            request.extensions_mut().insert(trace.clone());
            take_model(Box::pin(route(request)).await)
        };
        let counted = response.extensions_mut().remove::<CountedStatus>();
        let status = counted.map_or(response.status(), |counted| counted.status).as_u16();
        let duration = began.elapsed();
        let metrics = model.as_ref().map_or(&app.unmatched, |model| &model.metrics);
        metrics.count_request(status, duration);
        request_span::end(span, is_grpc, &response, counted, status, model.as_deref(), duration);
        log_access(&method, uri.path(), status, duration, &trace);
        let headers = response.headers_mut();
        let ids = [(REQUEST_ID, trace.request_id()), (TRACEPARENT, trace.span.traceparent())];
        for (name, value) in ids {
            if let Ok(mut value) = HeaderValue::try_from(value) {
                // Used once: HTTP/2 would keep it in the table of this connection's headers.
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        // Clients look for another instance before this one is gone.
        if is_http1 && !app.is_ready() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

fn log_access(method: &Method, path: &str, status: u16, duration: Duration, trace: &TraceContext) {
    // The fields are computed only for a line that is written.
    macro_rules! log {
        ($level:ident) => {
            tracing::$level!(
                %method,
                path,
                status,
                micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
                id = trace.request_id(),
                trace = trace.trace_id()
            )
        };
    }
    if status >= 500 {
        log!(warn);
    } else {
        log!(info);
    }
}

/// The model of a request that needs no router: nearly every request, and the router takes longer
/// than a small model.
fn model_id<'a>(method: &Method, path: &'a str) -> Option<&'a str> {
    routes::model(path).filter(|id| method == Method::POST && !id.contains('%'))
}

/// Takes the model out of a response that it is counted for.
fn take_model(mut response: Response) -> (Response, Option<Arc<ServedModel>>) {
    let model = response.extensions_mut().remove::<Arc<ServedModel>>();
    (response, model)
}

async fn run_model(
    State(service): State<Arc<Service>>,
    id: Result<Path<String>, PathRejection>,
    Extension(trace): Extension<TraceContext>,
    mut request: Request,
) -> Response {
    let id = match id {
        Ok(Path(id)) => id,
        Err(error) => return Problem::malformed(error.body_text()).into_response(),
    };
    let (mut response, model) = unary::answer(&service.app, &id, &trace, &mut request).await;
    if let Some(model) = model {
        // For `take_model`.
        response.extensions_mut().insert(model);
    }
    response
}

/// A page to try the models on. It loads nothing but the list of models and the `OpenAPI` document.
async fn page() -> Response {
    let policy = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; \
                  script-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(include_str!("page.html"))).into_response()
}

/// Fails once models have hung on every thread for another time limit: only a restart helps.
async fn health(State(service): State<Arc<Service>>) -> Response {
    let limit = service.app.limits.timeout;
    if service.app.scheduler.hang().is_some_and(|hang| hang >= limit) {
        return (StatusCode::SERVICE_UNAVAILABLE, ALL_HANG).into_response();
    }
    "ok\n".into_response()
}

/// No plain model can be answered.
const ALL_HANG: &str = "models that exceed the time limit occupy every thread\n";

async fn ready(State(service): State<Arc<Service>>) -> Response {
    let reason = if service.app.scheduler.hang().is_some() {
        ALL_HANG
    } else if service.app.is_ready() {
        return "ready\n".into_response();
    } else {
        "shutting down\n"
    };
    (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let content_type = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    ([content_type], exposition(&service.app)).into_response()
}

async fn openapi(State(service): State<Arc<Service>>) -> Response {
    let content_type = (header::CONTENT_TYPE, "application/json");
    ([content_type], service.openapi.clone()).into_response()
}

/// The `.proto` file of a package, as `cargo athena schema` prints it.
async fn proto(
    State(service): State<Arc<Service>>,
    file: Result<Path<String>, PathRejection>,
) -> Response {
    let file = match file {
        Ok(Path(file)) => file,
        Err(error) => return Problem::malformed(error.body_text()).into_response(),
    };
    let Some(text) = service.grpc.proto(&file) else {
        let detail = format!("{file} is not a file of the models; see `proto` in /models");
        return Problem::new(StatusCode::NOT_FOUND, "path", detail).into_response();
    };
    let content_type = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    ([content_type], text.to_owned()).into_response()
}

async fn list(State(service): State<Arc<Service>>) -> Response {
    let models = service.app.models.iter();
    let models: Vec<Value> = models.map(|model| describe(&service.grpc, model)).collect();
    let content_type = (header::CONTENT_TYPE, "application/json");
    let mut listed = json!({ "models": models });
    // Whatever order serde_json keeps.
    listed.sort_all_objects();
    ([content_type], listed.to_string()).into_response()
}

fn describe(grpc: &Grpc, model: &ServedModel) -> Value {
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
        "path": routes::of_model(model.id()),
        "grpc": grpc.path(model),
        "proto": routes::of_proto(&grpc::proto_file(source.package)),
        "docs": source.docs,
        "many": source.many,
        "error": source.error,
        "environment": variables.collect::<Vec<_>>(),
    })
}

/// The path of a gRPC method, in a request that is not a call.
async fn not_grpc() -> Response {
    let detail = "this is a method of gRPC: send application/grpc over HTTP/2";
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content", detail).into_response()
}

async fn not_found(method: Method, uri: Uri, mut request: Request) -> Response {
    body::drain(&mut request).await;
    // `OPTIONS *` is about the server as a whole.
    if method == Method::OPTIONS && uri.path() == "*" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let detail = format!("nothing is served at {}; see /models and /openapi.json", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "path", detail).into_response()
}

async fn method_not_allowed(method: Method, uri: Uri, mut request: Request) -> Response {
    body::drain(&mut request).await;
    // Only models have another method than GET.
    let (used, allowed) =
        if routes::model(uri.path()).is_some() { ("POST", "POST") } else { ("GET", "GET, HEAD") };
    let allow = (header::ALLOW, HeaderValue::from_static(allowed));
    if method == Method::OPTIONS {
        // Without the headers of CORS: a page of another site may still send nothing.
        return (StatusCode::NO_CONTENT, [allow]).into_response();
    }
    let detail = format!("{method} is not allowed here; use {used}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
    problem.header(allow.0, allow.1).into_response()
}

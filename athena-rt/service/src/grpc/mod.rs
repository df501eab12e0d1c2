//! gRPC on the port of the service: each model is a service with one method, described at run time by
//! its schema. No message is parsed here: models read and write bytes.
//!
//! [`description`] has the names, [`method`] answers the method of a model by a [`reply_body`], [`builtin_services`] health
//! and reflection; [`status`] maps errors, [`deadline`] reads the client's timeout.

mod builtin_services;
mod deadline;
mod description;
mod method;
mod reply_body;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

pub(super) use self::builtin_services::{HEALTH_CHECK, HEALTH_WATCH};
use self::description::Description;
pub(super) use self::description::proto_file;
pub(super) use self::status::{CountedStatus, error};
use super::app::App;
use super::models::{Models, ServedModel};
use super::problem::Problem;
use super::trace_context::TraceContext;
use athena_core::error::Result;
use athena_protocol::text::suggest;

/// Answers gRPC calls.
pub(super) struct Grpc {
    /// Models by the path of their method.
    methods: BTreeMap<String, Arc<ServedModel>>,
    /// The names of the models' services.
    services: Vec<String>,
    /// The `.proto` files by name.
    protos: BTreeMap<String, String>,
    /// Health and reflection.
    builtin: Router,
    health: HealthReporter,
}

impl Grpc {
    /// Describes the models.
    ///
    /// # Errors
    ///
    /// A default of one of their types panics.
    pub(super) fn new(models: &Models) -> Result<Self> {
        let Description { files, methods, services, protos } = description::describe(models)?;
        let health = HealthReporter::new();
        let builtin = builtin_services::router(&files, &health)?;
        Ok(Self { methods, services, protos, builtin, health })
    }

    /// The text of a `.proto` file.
    pub(super) fn proto(&self, file: &str) -> Option<&str> {
        self.protos.get(file).map(String::as_str)
    }

    /// Reports every service as serving.
    pub(super) async fn begin_health(&self) {
        for service in &self.services {
            self.health.set_service_status(service, ServingStatus::Serving).await;
        }
    }

    /// Reports every service, and the server as a whole, as not serving.
    pub(super) async fn end_health(&self) {
        for service in self.services.iter().map(String::as_str).chain([""]) {
            self.health.set_service_status(service, ServingStatus::NotServing).await;
        }
    }

    /// The paths of the models' methods, and of health and reflection.
    pub(super) fn paths(&self, builtin: bool) -> impl Iterator<Item = &str> {
        let builtin = if builtin { &builtin_services::PATHS[..] } else { &[] };
        self.methods.keys().map(String::as_str).chain(builtin.iter().copied())
    }

    /// Whether a path is one of the methods, or of health and reflection.
    pub(super) fn is_method(&self, path: &str) -> bool {
        self.methods.contains_key(path) || builtin_services::is_builtin(path)
    }

    /// The path of a model's method.
    pub(super) fn path(&self, model: &ServedModel) -> Option<&str> {
        let found = self.methods.iter().find(|(_, known)| known.id() == model.id());
        found.map(|(path, _)| path.as_str())
    }
}

/// Whether a request is a gRPC call.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    let rest = kind.strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Answers a call; also returns the model, if it exists.
pub(super) async fn answer(
    grpc: &Grpc,
    app: &Arc<App>,
    trace: &TraceContext,
    request: &mut Request,
) -> (Response, Option<Arc<ServedModel>>) {
    let path = request.uri().path();
    if builtin_services::is_builtin(path) {
        let request = std::mem::take(request);
        let answered = builtin_services::answer(grpc.builtin.clone(), app, request);
        return (Box::pin(answered).await, None);
    }
    if request.method() != Method::POST {
        let detail = format!("{} is not allowed for a gRPC call; use POST", request.method());
        return (error(&Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)), None);
    }
    let Some(model) = grpc.methods.get(path) else {
        return (error(&unknown_method(grpc, path)), None);
    };
    let called = method::call(app, model, trace, request).await;
    (called.unwrap_or_else(|problem| error(&problem)), Some(Arc::clone(model)))
}

fn unknown_method(grpc: &Grpc, path: &str) -> Problem {
    let known: Vec<&str> = grpc.methods.keys().map(String::as_str).collect();
    let detail = format!("unknown method {path}{}", suggest(path, &known));
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}
